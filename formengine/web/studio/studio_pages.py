"""The addresses of the studio."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from formengine.web.context import AppContext
from formengine.web.studio.changes import ChangesPage
from formengine.web.studio.form_list import FormList
from formengine.web.studio.history import HistoryPage
from formengine.web.studio.names import NamesPage
from formengine.web.studio.outline import OutlinePage
from formengine.web.studio.preview import PreviewPage
from formengine.web.studio.reviews import ReviewPage
from formengine.web.studio.text_editor import TextEditor

_BOTH = ["GET", "POST"]


def routes(context: AppContext) -> list[BaseRoute]:
    """The list of forms, and the pages about one."""
    editor = TextEditor(context)
    return [
        Route("/studio", FormList(context).show),
        Route("/studio/forms/{form}", _to_text(context)),
        Route("/studio/forms/{form}/outline", OutlinePage(context).outline, methods=_BOTH),
        Route("/studio/forms/{form}/text", editor.edit, methods=_BOTH),
        Route("/studio/forms/{form}/check", editor.check, methods=["POST"]),
        Route("/studio/forms/{form}/preview", PreviewPage(context).preview, methods=_BOTH),
        Route("/studio/forms/{form}/changes", ChangesPage(context).changes, methods=_BOTH),
        Route("/studio/forms/{form}/review", ReviewPage(context).review, methods=_BOTH),
        Route("/studio/forms/{form}/names", NamesPage(context).names, methods=_BOTH),
        Route("/studio/forms/{form}/history", HistoryPage(context).history, methods=_BOTH),
    ]


def _to_text(context: AppContext) -> Callable[[Request], Awaitable[Response]]:
    """A form's own address leads to its text."""

    async def to_text(request: Request) -> Response:
        return context.go(request, f"/studio/forms/{request.path_params['form']}/text")

    return to_text
