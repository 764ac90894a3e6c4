"""A browser without JavaScript that speaks to a service over the network, as people's do.

It sees what a page holds and nothing else: what it posts are the page's own hidden values, its token included.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
# Longer than the service takes to say that it is busy.
_TIMEOUT_S = 60.0


class OutsideBrowser:
    """Somebody at a browser of their own. host: the name that people know the service by, None for the address's own.

    certificate: what it trusts. It follows no redirect by itself, and sends its cookies whatever they are bound to:
    where a host is given and no certificate, the service is asked as by a proxy that ends TLS.
    """

    def __init__(
        self,
        address: str,
        *,
        host: str | None = None,
        certificate: Path | None = None,
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        headers = {"accept": "text/html", "sec-fetch-site": "same-origin"}
        if host is not None:
            headers["host"] = host
        if host is not None and certificate is None:
            headers["x-forwarded-proto"] = "https"
        self._client = httpx2.Client(
            base_url=address,
            headers=headers,
            timeout=timeout_s,
            trust_env=False,
            verify=ssl.create_default_context(cafile=certificate),
        )
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> httpx2.Response:
        """The answer to a look at the page."""
        return self._asked("GET", path, None)

    def post(self, path: str, texts: Mapping[str, str]) -> httpx2.Response:
        """The answer to these texts, with nothing added."""
        return self._asked("POST", path, texts)

    def submit(self, path: str, action: str = "next", **typed: str) -> httpx2.Response:
        """The answer to the page at `path`, opened and then posted with what was typed by the button `action`."""
        return self.post(path, {**self.hidden(self.get(path)), "-action": action, **typed})

    def hidden(self, answer: httpx2.Response) -> dict[str, str]:
        """What a page that was shown sends back unseen, its token included."""
        assert answer.status_code == 200, (
            answer.status_code,
            answer.headers.get("location"),
            answer.text[:2000],
        )
        return {name: unescape(value) for name, value in _HIDDEN.findall(answer.text)}

    def begin(self, form: str, *, below: str = "", **typed: str) -> str:
        """The way into a new draft: ``/drafts/{id}/``, `below` the prefix where there is one."""
        answer = self.submit(f"{below}/forms/{form}", "start", **typed)
        assert answer.status_code == 303, (answer.status_code, answer.text[:2000])
        found = re.match(r".*/drafts/[^/]+/", answer.headers["location"])
        assert found is not None
        return found[0]

    def _asked(self, method: str, path: str, texts: Mapping[str, str] | None) -> httpx2.Response:
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        answer = self._client.request(method, path, data=texts, headers=headers if self.cookies else None)
        for name, value in answer.cookies.items():
            self.cookies[name] = value
        self._client.cookies.clear()
        return answer

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
