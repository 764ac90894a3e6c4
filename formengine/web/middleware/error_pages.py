"""Error pages: each has the telephone numbers, and keeps what was typed."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from contextlib import suppress
from html import escape
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from formengine.form.actions.input_names import ACTION
from formengine.language.words import Wording
from formengine.service.drafts.drafts import DraftBusyError, DraftFullError
from formengine.service.logging import log_failure
from formengine.store.protocol import StoreError
from formengine.web.browser_session import (
    CSRF_FIELD,
    browser_session_of,
    csrf_of,
    known_browser_session,
    root_of,
)
from formengine.web.context import context_of
from formengine.web.http.methods import is_post
from formengine.web.http.posts import NoRoomError, Post, post_read, read_post
from formengine.web.http.threads import NoThreadError, in_thread
from formengine.web.middleware.csrf import ForeignPostError, from_elsewhere

# A page of words each (renderers/words: screens.errors); any other status has the words of 500, or of 400.
_KNOWN = frozenset({400, 403, 404, 405, 408, 413, 422, 423, 429, 500, 503})
_RETRY_AFTER_S = "10"
# No file descriptor is left, of this process or of the machine.
_ALL_TAKEN = frozenset({errno.EMFILE, errno.ENFILE})
# Inputs that are neither shown nor sent again: secrets. A password may be called `password` or `new_password`. A form's
# questions may be called anything, and their answers are never left out.
_SECRET = frozenset({"code", "totp", "token"})
_FORMS = ("/drafts/", "/forms/", "/desk/cases/")
# Inputs that our pages add themselves: sent again, and not shown.
_OURS = frozenset({ACTION, "move", "rev", "base", "new", "own", "-place", "-ends"})


class TypedText(NamedTuple):
    """A text that was posted: the input's name, and what was typed into it."""

    name: str
    text: str
    shown: bool


class ErrorPages:
    """Answers exceptions with pages."""

    def __init__(self, words: Wording | None = None) -> None:
        self._words = words or Wording()

    async def answer(self, request: Request, error: Exception) -> Response:
        """The page for an exception; whatever else fails meanwhile, an answer with the telephone numbers."""
        status = error.status_code if isinstance(error, HTTPException) else _status(error)
        headers = dict(getattr(error, "headers", None) or {})
        if status < 400:
            return Response(status_code=status, headers=headers)
        if status == 503:
            headers.setdefault("Retry-After", _RETRY_AFTER_S)
        try:
            return await self._page(request, error, status, headers)
        except Exception as second:  # noqa: BLE001 - without this page there is no other
            log_failure("error_page_failed", second)
            return HTMLResponse(self._bare(request), status, headers)

    async def _page(
        self, request: Request, error: Exception, status: int, headers: Mapping[str, str]
    ) -> Response:
        if not wants_page(request):
            return PlainTextResponse(
                self._words.text(f"screens.errors.{_known(status)}.title"), status, headers
            )
        if is_post(request):
            with suppress(HTTPException, ClientDisconnect):
                await read_post(request)
        return await in_thread(self._drawn, request, error, status, headers)

    def _drawn(self, request: Request, error: Exception, status: int, headers: Mapping[str, str]) -> Response:
        """The page with what was posted, as far as it was read."""
        post = post_read(request)
        context = context_of(request)
        root = root_of(request)
        foreign = isinstance(error, ForeignPostError)
        about = _about(error, status, post)
        path = request.scope["path"].removeprefix(request.scope.get("root_path", "").rstrip("/"))
        typed = _typed(post, of_form=path.startswith(_FORMS))
        text = context.screens.draw(
            "error.html",
            site=context.site(root, signed_in=_signed_in(request, error)),
            root=root,
            title=self._words.text(f"screens.errors.{about}.title"),
            text=self._words.text(f"screens.errors.{about}.text"),
            csrf=csrf_of(request),
            typed=typed,
            files=len(post.files),
            # What another site made the browser send is shown, but cannot be sent again.
            again=bool(typed) and not (foreign and from_elsewhere(request)),
            portal=context.portal,
        )
        return HTMLResponse(text, status, headers)

    def _bare(self, request: Request) -> str:
        """A page that needs nothing: no template, no store, no style."""
        calls = "".join(
            f"<li>{escape(each.situation)}: {escape(each.label)}, {escape(each.telephone)}</li>"
            for each in context_of(request).portal.danger
        )
        title, text = (escape(self._words.text(f"screens.errors.500.{part}")) for part in ("title", "text"))
        return (
            f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
            f"<body><main><h1>{title}</h1><p>{text}</p><ul>{calls}</ul></main></body></html>"
        )


def _signed_in(request: Request, error: Exception) -> bool:
    """Whether somebody is signed in; True where that cannot be read, and where asking would be waiting once more."""
    known = known_browser_session(request)
    if known is not None:
        return known.account is not None
    if _is_busy(error):
        return True
    try:
        return browser_session_of(request).account is not None
    except StoreError:
        return True


def wants_page(request: Request) -> bool:
    """Whether the response is for a person: scripts of ours ask for JSON."""
    accepted = request.headers.get("accept", "")
    return "json" not in accepted or "text/html" in accepted


def _status(error: Exception) -> int:
    if isinstance(error, DraftFullError):
        return 413
    if isinstance(error, DraftBusyError):
        return 429
    return 503 if isinstance(error, StoreError) or _is_busy(error) else 500


def _about(error: Exception, status: int, post: Post) -> str:
    """The words of the page, by their name below screens.errors."""
    if isinstance(error, ForeignPostError):
        return "foreign"
    if isinstance(error, DraftFullError):
        return "draft_full"
    if isinstance(error, NoRoomError):
        return "no_room"
    if _is_busy(error):
        return "busy_post" if post.texts else "busy"
    return str(_known(status))


def _is_busy(error: Exception) -> bool:
    """Whether the service can do it as soon as something else has ended."""
    if isinstance(error, OSError):
        return error.errno in _ALL_TAKEN
    return isinstance(error, NoThreadError) or (isinstance(error, StoreError) and error.fault == "locked")


def _known(status: int) -> int:
    if status in _KNOWN:
        return status
    return 500 if status >= 500 else 400


def _typed(post: Post, *, of_form: bool) -> list[TypedText]:
    """What was typed, in the order it came. Secrets are left out; a page of a form asks for none."""
    return [
        TypedText(name, text, shown=bool(text.strip()) and name not in _OURS)
        for name, texts in post.texts.items()
        if name != CSRF_FIELD and (of_form or not (name in _SECRET or "password" in name))
        for text in texts
    ]
