"""The headers that every response has.

What each of them prevents is tested by its effect in Chromium (tests/browser/test_headers.py).
"""

from __future__ import annotations

from functools import lru_cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CSP_REPORTS = "/csp-reports"

# Nothing but our own files; no inline script or style, no nonce; texts become HTML by one policy alone (policy.js).
_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types default",
    "report-to csp",
)
_FEATURES = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "publickey-credentials-get",
    "screen-wake-lock",
    "usb",
    "xr-spatial-tracking",
)
HEADERS = {
    "Content-Security-Policy": "; ".join(_POLICY),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _FEATURES),
    "X-Robots-Tag": "noindex, nofollow",
    # Static files override this themselves.
    "Cache-Control": "no-store",
}
# A page that shows another of ours in a frame, and a page that may be shown in one: by ours alone.
SHOWS_FRAMES = {"Content-Security-Policy": "; ".join((*_POLICY, "frame-src 'self'"))}
MAY_BE_FRAMED = {
    "Content-Security-Policy": "; ".join(
        "frame-ancestors 'self'" if part.startswith("frame-ancestors") else part for part in _POLICY
    ),
    "X-Frame-Options": "SAMEORIGIN",
}
# Two years; only ever sent over TLS, where it means something.
TRANSPORT_SECURITY = "max-age=63072000; includeSubDomains"


class SecurityHeaders:
    """Adds the headers to each response, without touching one that a page has set itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request; see `SecurityHeaders`."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        ours = _encoded(scope.get("root_path", "").rstrip("/"), over_tls=scope["scheme"] == "https")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [each for each in message["headers"] if each[0] != b"server"]
                set_already = {name for name, _ in own}
                message["headers"] = [*own, *(each for each in ours if each[0] not in set_already)]
            await send(message)

        await self.app(scope, receive, send_with_headers)


@lru_cache(maxsize=64)
def _encoded(root: str, *, over_tls: bool) -> tuple[tuple[bytes, bytes], ...]:
    """The headers as a server sends them, names in small letters: the same for every answer below a mount prefix."""
    headers = {**HEADERS, "Reporting-Endpoints": f'csp="{root}{CSP_REPORTS}"'}
    if over_tls:
        headers["Strict-Transport-Security"] = TRANSPORT_SECURITY
    return tuple((name.lower().encode(), value.encode("latin-1")) for name, value in headers.items())
