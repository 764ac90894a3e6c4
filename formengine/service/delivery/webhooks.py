"""Deliveries to programs: a message of the specification "Standard Webhooks" for each submission.

A message is signed with each secret of its mailbox, so that a new one takes over without a gap. It goes to the
configured address alone: no redirect is followed, no proxy is asked, and the name is looked up once, so that the
address that was judged is the one that is called. It may come more than once, under the same `webhook-id`.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import json
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Final

import httpx

from formengine.language.json_types import Json, JsonObject
from formengine.service.cases.cases import WEBHOOK, Cases
from formengine.service.context import ServiceContext
from formengine.service.delivery.deliveries import Mailboxes, case_of_delivery, record_delivered
from formengine.service.delivery_settings import Webhook
from formengine.service.logging import log
from formengine.service.mail.outbox import Attempt, Dispatcher, UndeliveredError
from formengine.service.submissions.submissions import Submissions
from formengine.store.rows import CaseRow, OutboxRow

TIMEOUT_S: Final = 15.0
_GONE: Final = 410
# Of these a Retry-After tells when to come again.
_BUSY: Final = frozenset({429, 502, 503, 504})

# The addresses of a host and port.
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class Webhooks(Dispatcher):
    """Tells the programs of mailboxes.

    private: whether private addresses may be called. ca_file: certificates to trust beside the system's own. Raises
    OSError where it cannot be read.
    """

    def __init__(
        self,
        context: ServiceContext,
        cases: Cases,
        submissions: Submissions,
        mailboxes: Mailboxes,
        *,
        base_url: str,
        private: bool = False,
        ca_file: Path | None = None,
        timeout_s: float = TIMEOUT_S,
        resolve: Resolve | None = None,
    ) -> None:
        super().__init__(context, channel=WEBHOOK, on_sent=partial(record_delivered, context, cases))
        self._submissions = submissions
        self._mailboxes = mailboxes
        self._base_url = base_url
        self._private = private
        self._tls = ssl.create_default_context()
        if ca_file is not None:
            self._tls.load_verify_locations(ca_file)
        self._timeout_s = timeout_s
        self._resolve = resolve or _addresses
        # Addresses that said that they take no more (410), until the next start.
        self._gone: set[str] = set()

    def prepare(self, row: OutboxRow) -> Attempt:
        """Return the message of a delivery.

        Raises `UndeliveredError`: for a mailbox without a webhook, for one that takes no more, and for a submission
        without a case.
        """
        case = case_of_delivery(self._context, row)
        webhook = self._mailboxes.webhook(case.mailbox)
        if webhook is None:
            raise UndeliveredError("no_address")
        if webhook.url in self._gone:
            raise UndeliveredError("gone", for_good=True)
        body = json.dumps(self._message(case, row, full=webhook.full)).encode("ascii")
        return Attempt(lambda: self._post(webhook, row, body))

    def _message(self, case: CaseRow, row: OutboxRow, *, full: bool) -> JsonObject:
        data: dict[str, Json] = {
            "reference": case.reference,
            "form": case.form,
            "urgent": case.urgent,
            "mailbox": case.mailbox,
            "link": f"{self._base_url}/desk/cases/{case.reference}",
        }
        if full:
            sent = self._submissions.of_case(case.submission)
            if sent is None:
                raise UndeliveredError("no_submission")
            data["submission"] = dict(sent.envelope)
        return {"type": "submission.sent", "timestamp": row.created_at.isoformat(), "data": data}

    async def _post(self, webhook: Webhook, row: OutboxRow, body: bytes) -> None:
        """Send the message. Raises `UndeliveredError`."""
        now = self._context.clock()
        headers = {"content-type": "application/json", **signed_headers(webhook, row.id, now, body)}
        try:
            async with asyncio.timeout(self._timeout_s):
                status, after = await self._answer(httpx.URL(webhook.url), headers, body)
        except (TimeoutError, httpx.TimeoutException):
            raise UndeliveredError("timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError):
            raise UndeliveredError("unreachable") from None
        if httpx.codes.is_success(status):
            return
        if status == _GONE:
            self._gone.add(webhook.url)
            log.error("webhook_gone", outbox=row.id, urgent=row.urgent)
            raise UndeliveredError("gone", for_good=True)
        if httpx.codes.is_redirect(status):
            raise UndeliveredError("redirected")
        raise UndeliveredError(f"http_{status}", after=_pause(after, now) if status in _BUSY else None)

    async def _answer(self, url: httpx.URL, headers: dict[str, str], body: bytes) -> tuple[int, str]:
        """The status of the answer and its Retry-After, "" for none. What else the answer says is not read."""
        address = await self._judged(url)
        async with (
            httpx.AsyncClient(
                verify=self._tls, follow_redirects=False, trust_env=False, timeout=self._timeout_s
            ) as client,
            client.stream(
                "POST",
                url.copy_with(host=address),
                content=body,
                headers={**headers, "host": url.netloc.decode("ascii")},
                # The certificate is checked against the name, not against the address.
                extensions={"sni_hostname": url.host},
            ) as response,
        ):
            return response.status_code, response.headers.get("retry-after", "")

    async def _judged(self, url: httpx.URL) -> str:
        """The address to call. Raises `UndeliveredError` where one of the host's is private and may not be called."""
        port = url.port or (443 if url.scheme == "https" else 80)
        found = await self._resolve(url.host, port)
        if not found:
            raise UndeliveredError("unreachable")
        if not self._private and not all(map(_is_public, found)):
            raise UndeliveredError("private_address")
        return found[0]


def signed_headers(webhook: Webhook, message: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of "Standard Webhooks" for a message with this id, sent at this moment."""
    timestamp = str(int(at.timestamp()))
    content = b".".join((message.encode("ascii"), timestamp.encode("ascii"), body))
    signatures = (
        base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode("ascii")
        for secret in webhook.secrets
    )
    return {
        "webhook-id": message,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{each}" for each in signatures),
    }


def _pause(text: str, now: datetime) -> timedelta | None:
    """How long a Retry-After asks to wait: seconds or a date; None for none that can be read."""
    if text.isascii() and text.isdecimal() and len(text) <= 9:
        return timedelta(seconds=int(text))
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
    return max(until - now, timedelta())


def _is_public(address: str) -> bool:
    """Whether an address is one of the public network, whatever it is written as or wrapped in."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is not None:
            return inner.is_global and not inner.is_multicast
        # 64:ff9b::/96 leads to whatever IPv4 address its end is.
        if found in ipaddress.ip_network("64:ff9b::/96"):
            return _is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
    return found.is_global and not found.is_multicast


async def _addresses(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]
