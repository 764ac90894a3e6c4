"""The browser session: the session behind a request's cookie, and the CSRF token of its posts.

A browser that has done nothing yet has a cookie and no session: the first page gives it a random token, and
`ensure_session` makes the session at its first change. The CSRF token is a keyed hash of the cookie's, so that it
need not be stored.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import cast
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from formengine.service.accounts.destinations import PageTarget
from formengine.service.accounts.known_browsers import KNOWN_FOR, Asker
from formengine.service.accounts.sessions import Sessions
from formengine.service.crypto.keyring import Keyring
from formengine.service.rate_limits import RateLimits
from formengine.service.settings import LOOPBACK_HOSTS, split_host
from formengine.store.rows import SessionRow
from formengine.web.http.methods import only_looks
from formengine.web.http.threads import in_thread

COOKIE = "__Host-sid"
# Over plain HTTP, which is for this machine alone: a browser takes no `__Host-` cookie without TLS.
PLAIN_COOKIE = "sid"
# By which a browser is known in which somebody has signed in before (`service.accounts.known_browsers`).
KNOWN_COOKIE = "__Host-known"
PLAIN_KNOWN_COOKIE = "known"
CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"

# The browser session of a request is cached in its scope, so that it is looked up once.
_BROWSER_SESSION = "formengine.browser_session"
_TOKEN = "formengine.token"  # noqa: S105 - the name of a key, not a secret
_NEW_TOKEN = "formengine.new_token"  # noqa: S105 - as above
_CSRF = "formengine.csrf"
_TOKEN_BYTES = 32
# The form of a token: longer or stranger ones are nobody's and are not looked up.
_TOKEN_SIGNS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
_TOKEN_LENGTHS = range(32, 65)


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """The browser behind a request. session: None for one that has done nothing yet, or whose session has ended."""

    session: SessionRow | None
    token: str
    csrf: str

    @property
    def account(self) -> str | None:
        """The account that is signed in; None before the code was entered."""
        if self.session is None or self.session.stage != "signed_in":
            return None
        return self.session.account

    @property
    def holder(self) -> str | None:
        """The session that drafts without account belong to, by its hash."""
        return self.session.token_hash if self.session is not None else None

    def fact(self, name: str) -> str:
        """The session's fact `name`, "" for none."""
        return self.session.facts.get(name, "") if self.session is not None else ""

    def destination(self, name: str = "next") -> PageTarget | None:
        """Where the person was going, None where the session remembers nothing of it; see `PageTarget.facts`."""
        return PageTarget.of_facts(self.session.facts, name) if self.session is not None else None


@dataclass(frozen=True)
class SessionLookup:
    """How sessions are looked up; an app has one, as `state.session_lookup`."""

    sessions: Sessions
    keys: Keyring
    limits: RateLimits


def _lookup_of(request: Request) -> SessionLookup:
    return cast(SessionLookup, request.app.state.session_lookup)


def root_of(request: Request) -> str:
    """The mount prefix, "" normally, fit for an address."""
    return quote(request.scope.get("root_path", "").rstrip("/"))


def browser_session_of(request: Request) -> BrowserSession:
    """The browser session of a request; looked up once a request. Raises `StoreError`."""
    browser_session = request.scope.get(_BROWSER_SESSION)
    if browser_session is None:
        token = token_of(request)
        # A token made a moment ago has no session: the store need not be read.
        session = None if has_new_token(request) else _lookup_of(request).sessions.find(token)
        browser_session = BrowserSession(session, token, csrf_of(request))
        request.scope[_BROWSER_SESSION] = browser_session
    return cast(BrowserSession, browser_session)


def known_browser_session(request: Request) -> BrowserSession | None:
    """The browser session of a request, None where it was not looked up."""
    return cast("BrowserSession | None", request.scope.get(_BROWSER_SESSION))


def token_of(request: Request) -> str:
    """The cookie's token; for a browser without one a new token, which the response gives it."""
    token: str | None = request.scope.get(_TOKEN)
    if token is None:
        token = request.cookies.get(cookie_name(request), "")
        if len(token) not in _TOKEN_LENGTHS or not _TOKEN_SIGNS.issuperset(token):
            token = secrets.token_urlsafe(_TOKEN_BYTES)
            request.scope[_NEW_TOKEN] = True
        request.scope[_TOKEN] = token
    return token


def csrf_of(request: Request) -> str:
    """The CSRF token that a post of this browser needs, as input `csrf` or header `X-CSRF-Token`."""
    csrf: str | None = request.scope.get(_CSRF)
    if csrf is None:
        csrf = request.scope[_CSRF] = _lookup_of(request).keys.index("csrf", token_of(request))
    return csrf


async def ensure_session(request: Request) -> BrowserSession:
    """The browser session, with a new session where there was none. The response sets the cookie by itself.

    A request that only looks begins none: its session may be None.
    """
    browser_session = browser_session_of(request)
    if browser_session.session is None and not only_looks(request.scope):
        await _count_session(request)
        browser_session = await _begin_session(request)
    return browser_session


async def _count_session(request: Request) -> bool:
    """Count a session that is begun; whether the address has begun few of late."""
    return await in_thread(_lookup_of(request).limits.allow, "session_ip", client_of(request))


async def _begin_session(request: Request) -> BrowserSession:
    token, session = await in_thread(_lookup_of(request).sessions.renew, browser_session_of(request).token)
    return _hold(request, token, session)


async def remember(request: Request, **facts: str) -> None:
    """Keep these facts of who is asking, in a new session where there is none; one given as "" is dropped.

    Nothing is kept of a request that only looks, or where there is no session and the address has begun many.
    """
    if only_looks(request.scope):
        return
    browser_session = browser_session_of(request)
    if browser_session.session is None and await _count_session(request):
        browser_session = await _begin_session(request)
    if browser_session.session is not None:
        await in_thread(_lookup_of(request).sessions.set_facts, browser_session.session, **facts)
        look_again(request)


def look_again(request: Request) -> BrowserSession:
    """The browser session as it is stored now, for the rest of the request too. Raises `StoreError`."""
    token = token_of(request)
    browser_session = BrowserSession(_lookup_of(request).sessions.find(token), token, csrf_of(request))
    request.scope[_BROWSER_SESSION] = browser_session
    return browser_session


def hold_session(request: Request, token: str) -> BrowserSession:
    """This token's browser session, from now on the request's; the response sets the cookie. Raises `StoreError`."""
    return _hold(request, token, _lookup_of(request).sessions.find(token))


def with_session(request: Request, response: Response, token: str) -> Response:
    """The response, which gives the browser this session's token. Raises `StoreError`."""
    hold_session(request, token)
    set_cookie(request, response)
    return response


def without_session(request: Request, response: Response) -> Response:
    """The response, which deletes the browser's cookie and what it has stored of our pages."""
    request.scope.pop(_NEW_TOKEN, None)
    request.scope[_BROWSER_SESSION] = BrowserSession(None, "", "")
    name = cookie_name(request)
    response.delete_cookie(name, path="/", secure=name == COOKIE, httponly=True, samesite="lax")
    # Not "cookies": that would sign the person out of everything else on the council's domain.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _hold(request: Request, token: str, session: SessionRow | None) -> BrowserSession:
    request.scope[_TOKEN] = token
    request.scope[_NEW_TOKEN] = True
    request.scope.pop(_CSRF, None)
    browser_session = request.scope[_BROWSER_SESSION] = BrowserSession(session, token, csrf_of(request))
    return browser_session


def has_new_token(request: Request) -> bool:
    """Whether the browser has not been given its token yet."""
    return _NEW_TOKEN in request.scope


def set_cookie(request: Request, response: Response) -> None:
    """Add the cookie with a new token, if there is one, to the response. Its path is always the whole host."""
    if request.scope.pop(_NEW_TOKEN, False):
        name, token = cookie_name(request), token_of(request)
        response.set_cookie(name, token, path="/", secure=name == COOKIE, httponly=True, samesite="lax")


def cookie_name(request: Request) -> str:
    """``__Host-sid``, or ``sid`` where this machine is asked over plain HTTP."""
    loopback = split_host(request.headers.get("host", "")) in LOOPBACK_HOSTS
    return PLAIN_COOKIE if request.scope["scheme"] == "http" and loopback else COOKIE


def asker_of(request: Request) -> Asker:
    """Who asks, as far as that can be known of a browser in which nobody has signed in."""
    name = PLAIN_KNOWN_COOKIE if cookie_name(request) == PLAIN_COOKIE else KNOWN_COOKIE
    return Asker(client_of(request), request.cookies.get(name, ""))


def know_browser(request: Request, response: Response, cookie: str) -> None:
    """Add the cookie for known browsers to the response."""
    secure = cookie_name(request) == COOKIE
    name, age_s = KNOWN_COOKIE if secure else PLAIN_KNOWN_COOKIE, int(KNOWN_FOR.total_seconds())
    response.set_cookie(name, cookie, max_age=age_s, path="/", secure=secure, httponly=True, samesite="lax")


def client_of(request: Request) -> str:
    """The client's IP address, "" where it is not known; a trusted proxy's header counts."""
    return request.client.host if request.client is not None else ""
