"""The path below which a service of its own is reached, as `FORMENGINE_BASE_URL` names it."""

from __future__ import annotations

from typing import Final

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

# Programs on this machine ask for these by no proxy, and need not know of the prefix.
FOR_MACHINES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
# No page has this address, so that what is asked for elsewhere gets the page that says so, with its links right.
_NOWHERE: Final = "/outside-the-prefix"


class Prefixed:
    """The app as it answers below `prefix`, such as ``/forms``; "" for the whole host.

    A proxy passes addresses on as they are, with the prefix. What is asked for outside is not found.
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self.app = app
        self.prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request; see `Prefixed`."""
        if scope["type"] != "http" or not self.prefix or scope["path"] in FOR_MACHINES:
            await self.app(scope, receive, send)
            return
        path: str = scope["path"]
        if path == self.prefix:
            await RedirectResponse(f"{self.prefix}/", 308)(scope, receive, send)
            return
        if not path.startswith(f"{self.prefix}/"):
            path = self.prefix + _NOWHERE
        await self.app({**scope, "path": path, "root_path": self.prefix}, receive, send)
