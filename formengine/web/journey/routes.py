"""The way through a form, from its start page to sending it: every address of the journey."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from formengine.web.context import AppContext
from formengine.web.http.routing import PageRoute
from formengine.web.journey.access import DraftAccess
from formengine.web.journey.address_lookup import AddressPages
from formengine.web.journey.conflicts import Conflicts
from formengine.web.journey.file_pages import FilePages
from formengine.web.journey.held_posts import HeldPosts
from formengine.web.journey.pages import DraftPages
from formengine.web.journey.saving import Saving
from formengine.web.journey.start import Starts
from formengine.web.journey.toolbar import Tools

_BOTH = ["GET", "POST"]


def routes(context: AppContext) -> list[BaseRoute]:
    """The start pages of forms, and everything within a draft that no other part answers for."""
    access = DraftAccess(context)
    pages, starts, tools = DraftPages(access), Starts(context, access), Tools(access)
    saving, conflicts = Saving(context, access), Conflicts(access, HeldPosts(context, access))
    return [
        Route("/forms/{form}", starts.start, methods=_BOTH),
        Route("/drafts/{draft}", _with_slash(context)),
        Route("/drafts/{draft}/", pages.index),
        Route("/drafts/{draft}/call-first", starts.call_first),
        Route("/drafts/{draft}/check-answers", pages.check_answers, methods=_BOTH),
        Route("/drafts/{draft}/save-for-later", tools.save_for_later, methods=_BOTH),
        Route("/drafts/{draft}/close", tools.close),
        Route("/drafts/{draft}/cancel", tools.cancel, methods=_BOTH),
        Route("/drafts/{draft}/print", tools.print),
        Route("/drafts/{draft}/exit", tools.exit),
        Route("/drafts/{draft}/conflict", conflicts.conflict, methods=_BOTH),
        Route("/drafts/{draft}/autosave", saving.autosave, methods=["POST"]),
        Route("/drafts/{draft}/keep-alive", saving.keep_alive, methods=["POST"]),
        Route("/drafts/{draft}/timed-out", saving.timed_out),
        *FilePages(context, access).routes(),
        *AddressPages(context, access).routes(),
        PageRoute("/drafts/{draft}/{name}", pages.step, methods=_BOTH),
    ]


def _with_slash(context: AppContext) -> Callable[[Request], Awaitable[Response]]:
    """A draft's folder, whose pages are named within it."""

    async def with_slash(request: Request) -> Response:
        return context.go(request, f"/drafts/{request.path_params['draft']}/")

    return with_slash
