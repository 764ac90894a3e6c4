"""A form in a Starlette program. Run it in this folder with ``uvicorn embed_starlette:app``.

It needs ``starlette``, ``python-multipart`` and ``uvicorn``. It is an example: drafts live in memory, nobody signs in,
and what is sent ends in a list. A service adds accounts, storage, protection of posts and limits.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from formengine import (
    HOME,
    Engine,
    State,
    action_of,
    post_item,
    post_page,
    remove_item,
    today,
)

Answers = dict[str, Any]


class Links:
    """Where each page of the form is."""

    posts = True
    index = "/"
    check_answers = "/check-answers"
    confirmation = "/sent"

    def page(self, page_id: str) -> str:
        """``/helpers``."""
        return f"/{page_id}"

    def item(self, repeat: str, item_id: str, page_id: str = "") -> str:
        """``/helpers/i1``, or ``/helpers/i1/school`` where an item has pages; those of this form have none."""
        return f"/{repeat}/{item_id}/{page_id}".rstrip("/")

    def remove(self, repeat: str, item_id: str) -> str:
        """``/helpers/i1/remove``."""
        return f"/{repeat}/{item_id}/remove"

    def asset(self, name: str) -> str:
        """``/static/council.css``."""
        return f"/static/{name}"


ENGINE = Engine(folders=(Path(__file__).parent,))
FORM = ENGINE.form("allotment-waiting-list")
LINKS = Links()
HTML = ENGINE.html(FORM, links=LINKS)
DRAFTS: dict[str, Answers] = {}
SENT: list[dict[str, Any]] = []


def draft_of(request: Request) -> tuple[str, Answers]:
    """The visitor's draft and the key it lies under."""
    key = request.cookies.get("draft", "")
    if key not in DRAFTS:
        key = secrets.token_urlsafe()
    return key, DRAFTS.setdefault(key, {})


def state_of(answers: Answers) -> State:
    """The state of the form today."""
    return ENGINE.evaluate(FORM, answers)


def keep(key: str, answers: Mapping[str, Any], response: Response) -> Response:
    """The response, with the draft kept for the visitor's next request."""
    DRAFTS[key] = dict(answers)
    response.set_cookie("draft", key, httponly=True, samesite="lax")
    return response


async def posted(request: Request) -> dict[str, list[str]]:
    """What the browser sent: each input's texts by its name."""
    data: dict[str, list[str]] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, str):
            data.setdefault(name, []).append(value)
    return data


async def index(request: Request) -> Response:
    """The first page."""
    key, draft = draft_of(request)
    return keep(key, draft, HTMLResponse(HTML.index(state_of(draft))))


async def page(request: Request) -> Response:
    """A page of questions, and what happens when it is posted."""
    page_id = request.path_params["page_id"]
    key, draft = draft_of(request)
    state = state_of(draft)
    if state.page(page_id) is None:
        raise HTTPException(404)
    if request.method == "GET":
        return keep(key, draft, HTMLResponse(HTML.page(state, page_id)))
    data = await posted(request)
    outcome = post_page(FORM, draft, page_id, data, on=today())
    action = action_of(data)
    if action == "next" and not outcome.may_go_on:
        shown = HTML.page(outcome.state, page_id, show_errors=bool(outcome.errors))
        return keep(key, outcome.draft, HTMLResponse(shown, status_code=422))
    return keep(
        key, outcome.draft, RedirectResponse(HTML.after(action, outcome.state, page_id), status_code=303)
    )


async def item(request: Request) -> Response:
    """One entry of a list."""
    repeat, item_id = request.path_params["repeat"], request.path_params["item_id"]
    key, draft = draft_of(request)
    if repeat not in FORM.repeats:
        raise HTTPException(404)
    back = LINKS.page(FORM.repeats[repeat].page)
    if request.method == "GET":
        return keep(key, draft, HTMLResponse(HTML.item(state_of(draft), repeat, item_id)))
    data = await posted(request)
    if item_id == "new":
        # The inputs of a new entry are called after "new"; from now on it has an id of its own.
        item_id = f"i{secrets.token_hex(4)}"
        data = {name.replace(f"{repeat}.new.", f"{repeat}.{item_id}."): texts for name, texts in data.items()}
    outcome = post_item(FORM, draft, repeat, item_id, data, on=today())
    if action_of(data) == "save_item" and not outcome.may_go_on:
        shown = HTML.item(outcome.state, repeat, item_id, show_errors=bool(outcome.errors))
        return keep(key, outcome.draft, HTMLResponse(shown, status_code=422))
    return keep(key, outcome.draft, RedirectResponse(back, status_code=303))


async def remove(request: Request) -> Response:
    """The question whether to remove an entry."""
    repeat, item_id = request.path_params["repeat"], request.path_params["item_id"]
    key, draft = draft_of(request)
    if repeat not in FORM.repeats:
        raise HTTPException(404)
    if request.method == "GET":
        return keep(key, draft, HTMLResponse(HTML.remove(state_of(draft), repeat, item_id)))
    back = LINKS.page(FORM.repeats[repeat].page)
    return keep(key, remove_item(draft, repeat, item_id), RedirectResponse(back, status_code=303))


async def check_answers(request: Request) -> Response:
    """All answers, and sending them."""
    key, draft = draft_of(request)
    state = state_of(draft)
    if request.method == "GET":
        return keep(key, draft, HTMLResponse(HTML.check_answers(state)))
    action = action_of(await posted(request), "submit")
    if action != "submit":
        return keep(key, draft, RedirectResponse(HTML.after(action, state), status_code=303))
    if not state.complete:
        return keep(key, draft, HTMLResponse(HTML.check_answers(state, show_errors=True), status_code=422))
    at = datetime.now(tz=HOME).isoformat(timespec="seconds")
    SENT.append(state.submission(at=at, reference=f"A-{len(SENT) + 1:04}"))
    return keep(key, {}, RedirectResponse(LINKS.confirmation, status_code=303))


async def sent(_: Request) -> Response:
    """The receipt."""
    reference = SENT[-1]["reference"] if SENT else ""
    return HTMLResponse(HTML.confirmation(state_of({}), reference=reference))


app = Starlette(
    routes=[
        Route("/", index),
        *(Mount("/static", StaticFiles(directory=folder)) for folder in ENGINE.static_folders()),
        Route("/check-answers", check_answers, methods=["GET", "POST"]),
        Route("/sent", sent),
        Route("/{page_id}", page, methods=["GET", "POST"]),
        Route("/{repeat}/{item_id}", item, methods=["GET", "POST"]),
        Route("/{repeat}/{item_id}/remove", remove, methods=["GET", "POST"]),
    ]
)
