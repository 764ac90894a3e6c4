"""The pages of a draft: questions, items, the menu, check answers. Each post is saved and answered with a redirect."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from formengine.form.actions import Outcome
from formengine.form.state import FieldError
from formengine.output.html.page_extras import NO_ASIDES, PageExtras
from formengine.service.drafts.page_posts import GOING_ON, Saved, Unsaved, new_item_id
from formengine.service.drafts.step import Step, step_of
from formengine.service.submissions.submissions import FilesMissingError, NotCompleteError
from formengine.store.protocol import StaleRevisionError
from formengine.web.http.posts import read_post
from formengine.web.http.threads import in_thread
from formengine.web.journey.access import DraftAccess, DraftRequest
from formengine.web.journey.address_lookup import address_lists, with_address
from formengine.web.journey.links import address_of, page_id_of
from formengine.web.journey.navigation import kept_place, leads_to
from formengine.web.journey.page_posts import BASE, NEW_ITEM, REV, page_post
from formengine.web.journey.submit import submit_draft
from formengine.web.journey.uploads import file_asides, take_files

CHECK = "check"
# What asks for a page with what is wrong on it, from its summary on: below the menu, where a small screen would show
# the menu alone, and in place of the spot that the browser would carry over from the address before.
_WRONG = f"?{CHECK}=1#main-content"
CHANGED = "changed"
_CHANGED_ELSEWHERE = FieldError("", "", "form", "changed_elsewhere")
_UNKNOWN = "unknown_answer"


class DraftPages:
    """Answers for the pages of drafts."""

    def __init__(self, doors: DraftAccess) -> None:
        self._doors = doors

    # --- pages and items ---------------------------------------------------------------------------------------------

    async def place(self, request: Request) -> Response:
        """A page to fill in, and what happens when it is posted."""
        name = request.path_params["name"]
        stand = await self._doors.open(request, name)
        if isinstance(stand, Response):
            return stand
        if name.endswith(".remove"):
            return await _remove(stand, name.removesuffix(".remove"))
        place = step_of(stand.form, page_id_of(name))
        if place is None:
            raise HTTPException(404)
        if request.method == "GET":
            return await self._shown(stand, replace(place, item=new_item_id()) if place.new else place)
        return await self._posted(stand, place, name)

    async def _shown(self, stand: DraftRequest, place: Step) -> Response:
        show_errors = CHECK in stand.request.query_params
        asides = file_asides(stand.shell, stand.draft, place)
        addresses = await address_lists(stand.shell, stand.request, stand.draft)
        if addresses:
            asides = replace(asides, addresses=addresses)
        try:
            return draw_place(stand, place, show_errors=show_errors, asides=asides)
        except KeyError:
            # Not asked any more, or removed meanwhile: the list if there is one, else the menu, says what there is.
            page = stand.shell.drafts.state(stand.draft).page(place.page)
            return stand.go(stand.html.links.page(place.page) if place.repeat and page is not None else "")

    async def _posted(self, stand: DraftRequest, place: Step, name: str) -> Response:
        post = await read_post(stand.request)
        got = await take_files(stand.shell, stand.draft, post)
        posted = page_post(replace(post, texts=with_address(post.texts)), name, got.files)
        move = posted.move

        def lands(outcome: Outcome, place: Step) -> str:
            if _must_stay(outcome, move):
                return address_of(place)
            return kept_place(leads_to(move, place, outcome.state, stand.html.links)) or address_of(place)

        def save() -> Saved | Unsaved | None:
            saved = stand.posts.save(stand.draft, posted, stand.account, lands=lands)
            if isinstance(saved, Saved) and stand.shell.uploads.asked_on(stand.form, place.page):
                stand.shell.uploads.forget(saved.draft, stand.draft.answers)
            return saved

        saved = await in_thread(save)
        if saved is None:
            return stand.go("")
        if isinstance(saved, Unsaved):
            held = await in_thread(stand.shell.drafts.hold, stand.draft.id, posted.to_json())
            return stand.go(f"conflict?post={held}")
        if got.refusals:
            # The page again: why a file was not taken is kept nowhere, so that only this answer can say it.
            now = replace(stand, draft=saved.draft)
            return draw_place(now, saved.place, asides=got.asides(stand.draft), status=422)
        return await on_from(stand, saved, move)

    # --- the menu and check answers ----------------------------------------------------------------------------------

    async def index(self, request: Request) -> Response:
        """The form's menu or task list."""
        stand = await self._doors.open(request, "")
        if isinstance(stand, Response):
            return stand
        state = stand.shell.drafts.state(stand.draft)
        return HTMLResponse(stand.html.index(state, go_on=stand.last_place))

    async def check_answers(self, request: Request) -> Response:
        """All answers, with the way to change each, and the way on to sending them."""
        stand = await self._doors.open(request, "check-answers")
        if isinstance(stand, Response):
            return stand
        state = stand.shell.drafts.state(stand.draft)
        if request.method == "POST":
            post = await read_post(request)
            move = post.text("move") or "next"
            last = stand.form.submit.id if stand.form.submit is not None else None
            if move in GOING_ON and any(error.page != last for error in state.errors.values()):
                return stand.go(f"check-answers{_WRONG}")
            if move == "submit":
                return await send(stand, int(post.text(REV) or 0) if post.text(REV).isdecimal() else None)
            if move == "next":
                return stand.go(stand.html.links.page("submit") if stand.form.submit else "check-answers")
            at = Step(stand.form.pages[-1].id)
            return stand.go(leads_to(move, at, state, stand.html.links))
        # What no question asks for is told at once: nothing on any page would ever say it.
        show_errors = CHECK in request.query_params or any(
            error.rule == _UNKNOWN for error in state.errors.values()
        )
        more = stand.shell.submissions.missing_files(stand.draft.id, state)
        if CHANGED in request.query_params:
            more = (_CHANGED_ELSEWHERE, *more)
        hidden = {"csrf": stand.visit.csrf, REV: str(stand.draft.rev)}
        return HTMLResponse(
            stand.html.check_answers(state, show_errors=show_errors, more=more, hidden=hidden)
        )


def draw_place(
    stand: DraftRequest,
    place: Step,
    *,
    show_errors: bool = False,
    asides: PageExtras = NO_ASIDES,
    status: int = 200,
) -> HTMLResponse:
    """The page at a place, with the values that are filled in at first. Raises KeyError where it does not count."""
    state = stand.posts.shown(stand.draft, place, stand.account)
    hidden = {
        "csrf": stand.visit.csrf,
        REV: str(stand.draft.rev),
        BASE: stand.posts.base(stand.draft, place),
        NEW_ITEM: place.item if place.new else new_item_id(),
    }
    drawn: dict[str, Any] = {"show_errors": show_errors, "hidden": hidden, "asides": asides}
    try:
        if place.repeat:
            text = stand.html.item(state, place.repeat, place.item, place.item_page, new=place.new, **drawn)
        else:
            text = stand.html.page(state, place.page, **drawn)
    except LookupError as error:
        raise KeyError(place.name) from error
    return HTMLResponse(text, status)


async def on_from(stand: DraftRequest, saved: Saved, move: str) -> Response:
    """Where the person goes after their post was saved: what is wrong first, then where the button leads."""
    outcome = saved.outcome
    if _must_stay(outcome, move):
        here = address_of(saved.place)
        return stand.go(f"{here}{_WRONG}" if outcome.errors else f"{here}#{outcome.opened[0]}")
    if move == "submit":
        return await send(replace(stand, draft=saved.draft), None)
    return stand.go(leads_to(move, saved.place, outcome.state, stand.html.links))


async def send(stand: DraftRequest, rev: int | None) -> Response:
    """On to the receipt; or to check answers, where the form cannot be sent as it is."""
    try:
        return await submit_draft(stand.shell, stand.request, stand.draft, rev=rev)
    except (NotCompleteError, FilesMissingError):
        return stand.go(f"check-answers{_WRONG}")
    except StaleRevisionError:
        return stand.go(f"check-answers?{CHANGED}=1")


def _must_stay(outcome: Outcome, move: str) -> bool:
    return move in GOING_ON and not outcome.may_go_on


async def _remove(stand: DraftRequest, about: str) -> Response:
    """The question whether to remove an item, and removing it."""
    repeat, _, item_id = about.rpartition(".")
    state = stand.shell.drafts.state(stand.draft)
    if repeat not in stand.form.repeats:
        raise HTTPException(404)
    back = f"{stand.html.links.page(stand.form.repeats[repeat].page)}#{repeat}"
    hidden = {"csrf": stand.visit.csrf, BASE: stand.posts.item_base(stand.draft, repeat, item_id)}
    if stand.request.method == "GET":
        try:
            return HTMLResponse(stand.html.remove(state, repeat, item_id, hidden=hidden))
        except LookupError:
            return stand.go(back)
    post = await read_post(stand.request)
    move = post.text("move")
    if not move.startswith("remove:"):
        at = Step(stand.form.repeats[repeat].page)
        return stand.go(leads_to(move or "index", at, state, stand.html.links))
    left = await in_thread(stand.posts.remove, stand.draft, repeat, item_id, post.text(BASE))
    if left is None:
        # The item was changed after the question was asked: it is asked again, about what is there now.
        return stand.go(f"{about}.remove")
    await in_thread(stand.shell.uploads.forget, left, stand.draft.answers)
    return stand.go(back)
