"""Deliveries to programs: signed, to the configured address alone, tried again, and an alarm where none takes them."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from formengine.service.delivery.alarms import late_deliveries
from formengine.service.delivery.upkeep import requeue, resend, unsent
from formengine.service.delivery.webhooks import Webhooks, signed_headers
from formengine.service.delivery_settings import Webhook, webhook_secrets
from formengine.service.settings import SettingError, settings_of
from formengine.store.protocol import StoreError
from formengine.store.rows import OutboxRow
from tests.support.desk_people import sent_by
from tests.support.service_app import Service, make_service, running
from tests.support.smtp_server import make_certificate

pytestmark = pytest.mark.slow

ADDRESSES = {"front_door": "door@council.example.org", "duty_manager": "duty@council.example.org"}
OLD, NEW = b"o" * 24, b"n" * 32
URL = "FORMENGINE_WEBHOOK_URL_FRONT_DOOR"
SECRET = "FORMENGINE_WEBHOOK_SECRET_FRONT_DOOR"
A_SECRET = f"whsec_{base64.b64encode(OLD).decode()}"
ANOTHER = f"whsec_{base64.b64encode(NEW).decode()}"


class Receiver:
    """A program that is told: what it got, and what it answers."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        self.headers: dict[str, str] = {}
        self.app = Starlette(
            routes=[Route("/hook", self.hook, methods=["POST"]), Route("/else", self.hook, methods=["POST"])]
        )

    async def hook(self, request: Request) -> Response:
        """Take a message."""
        self.got.append((dict(request.headers), await request.body()))
        return Response(status_code=self.status, headers=self.headers)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Receiver, str]]:
    receiver = Receiver()
    with running(receiver.app) as address:
        yield receiver, f"{address}/hook"


@pytest.fixture
def receiver(served: tuple[Receiver, str]) -> Receiver:
    receiver, _ = served
    receiver.got, receiver.status, receiver.headers = [], 204, {}
    return receiver


@contextmanager
def service_with(
    folder: Path, url: str, secrets: tuple[bytes, ...] = (OLD,), *, full: bool = False, **settings: Any
) -> Iterator[Service]:
    hook = Webhook(url, secrets, full)
    given: dict[str, Any] = {
        "mailboxes": ADDRESSES,
        "webhooks": {"front_door": hook},
        "webhook_private": True,
    } | settings
    made = make_service(folder, demo=False, **given)
    yield made
    made.store.close()


@pytest.fixture
def service(tmp_path: Path, served: tuple[Receiver, str], receiver: Receiver) -> Iterator[Service]:
    with service_with(tmp_path, served[1]) as made:
        yield made


def tell(service: Service) -> int:
    assert service.context.webhooks is not None
    return asyncio.run(service.context.webhooks.deliver_due())


def webhook_row(service: Service, submission: str) -> OutboxRow:
    with service.store.read() as tx:
        return next(row for row in tx.outbox.of_submission(submission) if row.channel == "webhook")


def kinds(service: Service, submission: str) -> list[str]:
    with service.store.read() as tx:
        return [event.kind for event in tx.cases.events(submission)]


def test_a_message_is_signed_as_the_specification_has_it() -> None:
    # The example of the specification's own libraries.
    (secret,) = webhook_secrets("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signed_headers(
        Webhook("https://example.org", (secret,)),
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
    )
    assert signed == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_program_is_told_once_with_the_reference_and_without_answers(
    service: Service, receiver: Receiver
) -> None:
    receipt = sent_by(service, None, urgency="standard")
    assert [tell(service), tell(service)] == [1, 0]
    ((headers, body),) = receiver.got
    row = webhook_row(service, receipt.submission)
    assert json.loads(body) == {
        "type": "submission.sent",
        "timestamp": row.created_at.isoformat(),
        "data": {
            "reference": receipt.reference,
            "form": "request-for-support",
            "urgent": False,
            "mailbox": "front_door",
            "link": f"{service.settings.base_url}/desk/cases/{receipt.reference}",
        },
    }
    hook = Webhook("", (OLD,))
    assert {name: text for name, text in headers.items() if name.startswith("webhook-")} == signed_headers(
        hook, row.id, service.clock(), body
    )
    assert (row.status, "." in row.id) == ("sent", False)
    assert kinds(service, receipt.submission) == ["begun", "delivered"]
    with service.store.read() as tx:
        (entry,) = [each for each in tx.audit.every() if each.action == "case.delivered"]
    assert entry.fields == ("webhook", "front_door")


def test_a_full_message_has_the_envelope_and_both_signatures_while_secrets_change(
    tmp_path: Path, served: tuple[Receiver, str], receiver: Receiver
) -> None:
    with service_with(tmp_path, served[1], (NEW, OLD), full=True) as service:
        receipt = sent_by(service, None, urgency="standard")
        assert tell(service) == 1
        sent = service.context.submissions.of_case(receipt.submission)
    ((headers, body),) = receiver.got
    assert sent is not None
    assert json.loads(body)["data"]["submission"] == json.loads(json.dumps(dict(sent.envelope)))
    both = headers["webhook-signature"].split(" ")
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    for secret, signature in zip((NEW, OLD), both, strict=True):
        alone = signed_headers(Webhook("", (secret,)), headers["webhook-id"], at, body)
        assert alone["webhook-signature"] == signature


def test_a_mailbox_is_told_by_every_channel_it_has_and_by_no_other(service: Service) -> None:
    urgent = sent_by(service, None, urgency="urgent")
    standard = sent_by(service, None, urgency="standard")
    with service.store.read() as tx:
        by_case = [
            {row.channel for row in tx.outbox.of_submission(each.submission)} - {"email"}
            for each in (urgent, standard)
        ]
    assert by_case == [{"delivery"}, {"delivery", "webhook"}]


def test_a_mailbox_with_a_webhook_alone_waits_for_no_e_mail(
    tmp_path: Path, served: tuple[Receiver, str], receiver: Receiver
) -> None:
    with service_with(tmp_path, served[1], mailboxes={}) as service:
        receipt = sent_by(service, None, urgency="standard")
        assert tell(service) == 1
        service.clock.move(hours=1)
        assert late_deliveries(service.store, service.clock()) == []
        assert [stage for _, stage in service.context.submissions.listed()] == ["delivered"]
        missing = service.context.mailboxes.missing(service.context.cases.processes.read_every())
        assert kinds(service, receipt.submission) == ["begun", "delivered"]
    assert "front_door" not in missing
    assert {"front_door_urgent", "duty_manager"} <= set(missing)


@pytest.mark.parametrize(
    ("status", "headers", "fault", "waits_s"),
    [
        (500, {}, "http_500", (48, 72)),
        (400, {}, "http_400", (48, 72)),
        (302, {"location": "/else"}, "redirected", (48, 72)),
        (429, {"retry-after": "600"}, "http_429", (600, 600)),
        (503, {"retry-after": "999999999"}, "http_503", (3600, 3600)),
        (503, {"retry-after": "soon"}, "http_503", (48, 72)),
        (500, {"retry-after": "600"}, "http_500", (48, 72)),
    ],
)
def test_what_is_not_taken_is_tried_again_when_the_program_asks_for_it(
    service: Service,
    receiver: Receiver,
    status: int,
    headers: dict[str, str],
    fault: str,
    waits_s: tuple[int, int],
) -> None:
    receipt = sent_by(service, None, urgency="standard")
    receiver.status, receiver.headers = status, headers
    assert tell(service) == 0
    row = webhook_row(service, receipt.submission)
    assert (row.status, row.fault, len(receiver.got)) == ("waiting", fault, 1)
    least, most = waits_s
    assert timedelta(seconds=least) <= row.due_at - service.clock() <= timedelta(seconds=most)
    receiver.status = 200
    service.clock.move(seconds=most)
    assert tell(service) == 1
    first, second = (each["webhook-id"] for each, _ in receiver.got)
    assert first == second


def test_a_retry_after_may_be_a_date(service: Service, receiver: Receiver) -> None:
    receipt = sent_by(service, None, urgency="standard")
    until = service.clock() + timedelta(minutes=20)
    receiver.status = 503
    receiver.headers = {"retry-after": until.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")}
    assert tell(service) == 0
    assert abs(webhook_row(service, receipt.submission).due_at - until) <= timedelta(seconds=1)


def test_a_program_that_is_gone_is_asked_no_more_and_raises_the_alarm(
    tmp_path: Path, served: tuple[Receiver, str], receiver: Receiver
) -> None:
    alone = {"duty_manager": ADDRESSES["duty_manager"]}
    with service_with(tmp_path, served[1], mailboxes=alone) as service:
        _gone_program(service, receiver)


def _gone_program(service: Service, receiver: Receiver) -> None:
    first, second = (sent_by(service, None, urgency="standard") for _ in range(2))
    receiver.status = 410
    assert tell(service) == 0
    assert tell(service) == 0
    rows = [webhook_row(service, each.submission) for each in (first, second)]
    assert {(row.status, row.fault) for row in rows} == {("dead", "gone")}
    # Several are on their way at once; of those that follow none is sent.
    asked = len(receiver.got)
    third = sent_by(service, None, urgency="standard")
    assert tell(service) == 0
    assert len(receiver.got) == asked
    service.clock.move(minutes=31)
    assert service.context.alarms.raise_due() == 3
    assert "alarm" in kinds(service, third.submission)
    letters = service.mail("duty@council.example.org")
    assert any(
        "The program that is to be told of it did not take the message" in each.email.text for each in letters
    )


def test_operators_see_what_was_given_up_and_have_it_sent_again(service: Service, receiver: Receiver) -> None:
    receipt = sent_by(service, None, urgency="standard")
    receiver.status = 500
    tell(service)
    row = webhook_row(service, receipt.submission)
    listed = [(line.row.channel, line.reference) for line in unsent(service.service, 9)]
    assert ("webhook", receipt.reference) in listed
    receiver.status = 200
    assert requeue(service.service, [row.id]) == [row.id]
    assert tell(service) == 1
    assert resend(service.service, receipt.reference)
    assert tell(service) == 1
    assert {headers["webhook-id"] for headers, _ in receiver.got} == {row.id}


def test_a_private_address_is_not_called_unless_allowed(service: Service, receiver: Receiver) -> None:
    receipt = sent_by(service, None, urgency="standard")
    tried = ""

    async def resolve(host: str, port: int) -> list[str]:
        # One that is public beside it changes nothing.
        return ["93.184.215.14", tried]

    parts = service.context
    careful = Webhooks(
        service.service,
        parts.cases,
        parts.submissions,
        parts.mailboxes,
        base_url="https://forms.example.org",
        resolve=resolve,
    )
    for tried in (
        *("127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.9", "100.64.0.1", "0.0.0.0"),  # noqa: S104 - refused
        *(
            "::1",
            "fe80::1%eth0",
            "fd00::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "224.0.0.1",
        ),
    ):
        assert asyncio.run(careful.deliver_due()) == 0
        row = webhook_row(service, receipt.submission)
        assert (tried, row.fault, receiver.got) == (tried, "private_address", [])
        requeue(service.service, [row.id])


@pytest.mark.parametrize(
    ("named", "fault"), [("hooks.example.org", ""), ("other.example.org", "unreachable")]
)
def test_the_certificate_is_checked_against_the_name_and_the_address_that_was_judged_is_called(
    tmp_path: Path, receiver: Receiver, named: str, fault: str
) -> None:
    certificate, key = make_certificate(tmp_path, host="hooks.example.org")
    with running(receiver.app, ssl_certfile=str(certificate), ssl_keyfile=str(key)) as address:
        port = address.rpartition(":")[2]

        async def resolve(host: str, port: int) -> list[str]:
            return ["127.0.0.1"]

        with service_with(tmp_path, f"https://{named}:{port}/hook") as service:
            parts = service.context
            worker = Webhooks(
                service.service,
                parts.cases,
                parts.submissions,
                parts.mailboxes,
                base_url="https://forms.example.org",
                private=True,
                ca_file=certificate,
                resolve=resolve,
            )
            receipt = sent_by(service, None, urgency="standard")
            assert asyncio.run(worker.deliver_due()) == (0 if fault else 1)
            assert webhook_row(service, receipt.submission).fault == fault
    assert [headers["host"] for headers, _ in receiver.got] == ([] if fault else [f"{named}:{port}"])


def test_a_certificate_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("none")
    with (
        pytest.raises(ssl.SSLError),
        service_with(tmp_path, "https://hooks.example.org", webhook_ca_file=broken),
    ):
        pass


def test_a_program_that_hangs_is_left_and_one_that_is_not_there_is_tried_again(service: Service) -> None:
    receipt = sent_by(service, None, urgency="standard")

    async def hanging(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    async def nowhere(host: str, port: int) -> list[str]:
        raise OSError("no such host")

    parts, faults = service.context, []
    for resolve in (hanging, nowhere):
        worker = Webhooks(
            service.service,
            parts.cases,
            parts.submissions,
            parts.mailboxes,
            base_url="",
            timeout_s=0.01,
            resolve=resolve,
        )
        assert asyncio.run(worker.deliver_due()) == 0
        faults.append(webhook_row(service, receipt.submission).fault)
        service.clock.move(minutes=2)
    assert faults == ["timeout", "unreachable"]


def test_a_store_that_fails_gives_no_delivery_up(
    service: Service, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = sent_by(service, None, urgency="standard")
    assert service.context.webhooks is not None

    def fail(row: OutboxRow) -> None:
        raise StoreError("The disk is full", "full")

    with monkeypatch.context() as patched:
        patched.setattr(service.context.webhooks, "prepare", fail)
        with pytest.raises(StoreError):
            tell(service)
    assert webhook_row(service, receipt.submission).status == "waiting"
    service.clock.move(seconds=11)
    assert tell(service) == 1


# --- configuration ---------------------------------------------------------------------------------------------------


def test_a_webhook_is_read_from_the_environment_its_secrets_also_from_a_file(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.write_text(f"{ANOTHER}\n{A_SECRET}\n")
    settings = settings_of(
        {
            URL: "https://cases.example.org/hooks?from=forms",
            f"{SECRET}_FILE": str(secrets),
            "FORMENGINE_WEBHOOK_FULL_FRONT_DOOR": "yes",
        }
    )
    assert settings.webhooks == {
        "front_door": Webhook("https://cases.example.org/hooks?from=forms", (NEW, OLD), full=True)
    }
    assert A_SECRET not in repr(settings)
    assert "ooooo" not in repr(settings)


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({URL: "https://x.example.org"}, f"{SECRET} is not set, though {URL} is"),
        ({SECRET: A_SECRET}, f"{URL} is not set, though {SECRET} is"),
        (
            {URL: "http://x.example.org", SECRET: A_SECRET},
            f"{URL} must begin with https:// unless FORMENGINE_WEBHOOK_PRIVATE is set",
        ),
        *(
            (
                {URL: url, SECRET: A_SECRET},
                f"{URL} must be an address such as https://cases.example.org/hooks/forms",
            )
            for url in (
                "x.example.org",
                "https://a:b@x.example.org",
                "https://x:port",
                "ftp://x",
                "https://x/#a",
            )
        ),
        *(
            (
                {URL: "https://x.example.org", SECRET: text},
                f"{SECRET} must be whsec_ and then 24 to 64 random bytes in base64",
            )
            for text in ("secret", "whsec_c2hvcnQ=", A_SECRET.removeprefix("whsec_"), "whsec_ä")
        ),
        (
            {URL: "https://x.example.org", SECRET: f"{A_SECRET} {A_SECRET} {A_SECRET}"},
            f"{SECRET} must be one secret, or the new and the old one with a space between",
        ),
    ],
)
def test_a_webhook_that_cannot_be_used_stops_the_start_by_its_variable(
    given: dict[str, str], line: str
) -> None:
    with pytest.raises(SettingError) as caught:
        settings_of(given)
    assert str(caught.value) == line
