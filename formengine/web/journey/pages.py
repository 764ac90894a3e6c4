"""The pages of a draft: questions, items, the menu, check answers. Each post is saved and answered with a redirect."""

from __future__ import annotations

from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from formengine.form.state import FieldError, State
from formengine.output.html.page_extras import NO_EXTRAS, PageExtras
from formengine.service.drafts.navigation import GOING_ON, must_stay
from formengine.service.drafts.page_posts import PagePost, Saved, Unsaved, new_item_id
from formengine.service.drafts.returning import Return, return_of
from formengine.service.drafts.step import NEW, Step, step_of
from formengine.service.submissions.submissions import FilesMissingError, NotCompleteError
from formengine.store.protocol import StaleRevisionError
from formengine.web.addresses import REMOVE_ENDING, TAKEN, address_of, page_id_of, page_name
from formengine.web.browser_session import client_of
from formengine.web.http.methods import is_post
from formengine.web.http.posts import Post, read_post
from formengine.web.http.threads import in_thread
from formengine.web.journey.access import DraftAccess
from formengine.web.journey.address_lookup import address_lists, with_address
from formengine.web.journey.draft_request import DraftRequest
from formengine.web.journey.navigation import (
    ADDED,
    CHANGE_QUERY,
    FROM,
    SAVED,
    leads_back_to,
    leads_to,
    with_notice,
    with_way_back,
)
from formengine.web.journey.page_posts import ADVICE_SEEN, BASE, NEW_ITEM, OWN, REV, WAY_BACK, page_post
from formengine.web.journey.submit import submit_draft
from formengine.web.journey.uploads import file_extras, take_files

CHECK = "check"
# What asks for a page with what is wrong on it, from its summary on: below the menu, where a small screen would show
# the menu alone, and in place of the spot that the browser would carry over from the address before.
_WRONG = f"?{CHECK}=1#main-content"
CHANGED = "changed"
_CHANGED_ELSEWHERE = FieldError("", "", "form", "changed_elsewhere")
_UNKNOWN = "unknown_answer"


class DraftPages:
    """Handles requests for the pages of drafts."""

    def __init__(self, access: DraftAccess) -> None:
        self._access = access

    # --- pages and items ---------------------------------------------------------------------------------------------

    async def step(self, request: Request) -> Response:
        """A page to fill in; posted, it is saved."""
        name = request.path_params["name"]
        draft_request = await self._access.open(request, name)
        if name.endswith(REMOVE_ENDING):
            return await _remove(draft_request, name.removesuffix(REMOVE_ENDING))
        step = step_of(draft_request.form, page_id_of(name))
        # A post to a name that only a GET answers to, such as "close", comes here: a page of that id has another name.
        if step is None or name in TAKEN:
            raise HTTPException(404)
        if not is_post(request):
            return await self._shown(draft_request, replace(step, item=new_item_id()) if step.new else step)
        return await self._posted(draft_request, step, name)

    async def _shown(self, draft_request: DraftRequest, step: Step) -> Response:
        show_errors = CHECK in draft_request.request.query_params
        way = return_of(draft_request.request.query_params.get(FROM, ""))
        extras = file_extras(draft_request.context, draft_request.draft, step)
        addresses = await address_lists(draft_request.context, draft_request.request, draft_request.draft)
        if addresses:
            extras = replace(extras, addresses=addresses)
        try:
            return await draft_request.drawn(
                lambda: draw_step(draft_request, step, show_errors=show_errors, extras=extras, way=way)
            )
        except KeyError:
            # Not asked any more, or removed meanwhile: on to the list if there is one, else to the menu.
            page = draft_request.context.drafts.state(draft_request.draft).page(step.page)
            return draft_request.go(page_name(step.page) if step.repeat and page is not None else "")

    async def _posted(self, draft_request: DraftRequest, step: Step, name: str) -> Response:
        post = await read_post(draft_request.request)
        got = await take_files(
            draft_request.context, draft_request.draft, post, client_of(draft_request.request)
        )
        posted = page_post(replace(post, texts=with_address(post.texts)), name, got.files)

        def save() -> Saved | Unsaved | None:
            saved = draft_request.posts.save(
                draft_request.draft, posted, draft_request.account, moves_on=True
            )
            if isinstance(saved, Saved) and draft_request.context.uploads.asked_on(
                draft_request.form, step.page
            ):
                draft_request.context.uploads.forget(saved.draft, draft_request.draft.answers)
            return saved

        saved = await in_thread(save)
        if saved is None:
            return draft_request.go("")
        if isinstance(saved, Unsaved):
            held = await draft_request.hold(posted.to_json())
            return draft_request.go(f"conflict?post={held}")
        if got.refusals and address_of(saved.step) != name:
            # The entry is there now and has an address of its own: drawn again under that of a new one, its next post
            # would begin another, and the file chosen then would be lost. Why this one was refused is stored.
            return draft_request.go(with_way_back(address_of(saved.step), return_of(posted.way_back)))
        if got.refusals:
            now = replace(draft_request, draft=saved.draft)
            extras = got.extras(draft_request.draft)
            return await now.drawn(
                lambda: draw_step(now, saved.step, extras=extras, status=422, way=return_of(posted.way_back))
            )
        return await on_from(draft_request, saved, posted)

    # --- the menu and check answers ----------------------------------------------------------------------------------

    async def index(self, request: Request) -> Response:
        """The form's menu or task list."""
        draft_request = await self._access.open(request, "")

        def drawn() -> HTMLResponse:
            state = draft_request.context.drafts.state(draft_request.draft)
            return HTMLResponse(draft_request.html.index(state, go_on=draft_request.last_step))

        return await draft_request.drawn(drawn)

    async def check_answers(self, request: Request) -> Response:
        """All answers, with the way to change each, and the way on to sending them."""
        draft_request = await self._access.open(request, "check-answers")
        if not is_post(request):
            return await draft_request.drawn(lambda: _answers_to_check(draft_request))
        post = await read_post(request)
        return await self._checked(draft_request, post)

    async def _checked(self, draft_request: DraftRequest, post: Post) -> Response:
        """Redirect to what is wrong, to sending, or to where the button leads."""
        action = post.action or "next"
        last = draft_request.form.submit.id if draft_request.form.submit is not None else None

        def judged() -> tuple[State, bool]:
            state = draft_request.context.drafts.state(draft_request.draft)
            return state, any(error.page != last for error in state.errors.values())

        state, wrong = await draft_request.drawn(judged)
        if action in GOING_ON and wrong:
            return draft_request.go(f"check-answers{_WRONG}")
        if action == "submit":
            return await send(draft_request, post.whole_number(REV))
        if action == "next":
            return draft_request.go(page_name("submit") if draft_request.form.submit else "check-answers")
        return draft_request.go(leads_to(action, Step(draft_request.form.pages[-1].id), state))


def _answers_to_check(draft_request: DraftRequest) -> HTMLResponse:
    """The page with all answers."""
    state, asked = draft_request.context.drafts.state(draft_request.draft), draft_request.request.query_params
    # An answer that no question asks for is reported at once: no page would ever show it.
    show_errors = CHECK in asked or any(error.rule == _UNKNOWN for error in state.errors.values())
    more = draft_request.context.submissions.missing_files(draft_request.draft.id, state)
    if CHANGED in asked:
        more = (_CHANGED_ELSEWHERE, *more)
    hidden = {"csrf": draft_request.browser_session.csrf, REV: str(draft_request.draft.rev)}
    return HTMLResponse(
        draft_request.html.check_answers(
            state, show_errors=show_errors, more=more, hidden=hidden, change_query=CHANGE_QUERY
        )
    )


def draw_step(
    draft_request: DraftRequest,
    step: Step,
    *,
    show_errors: bool = False,
    extras: PageExtras = NO_EXTRAS,
    status: int = 200,
    way: Return | None = None,
) -> HTMLResponse:
    """The page at a step, with the values that are filled in at first. Raises KeyError where it does not count.

    way: the way back to check answers of somebody who changes an answer there.
    """
    state = draft_request.posts.shown(draft_request.draft, step, draft_request.account)
    hidden = {
        "csrf": draft_request.browser_session.csrf,
        REV: str(draft_request.draft.rev),
        BASE: draft_request.posts.base(draft_request.draft, step),
        NEW_ITEM: step.item if step.new else new_item_id(),
        OWN: draft_request.context.drafts.page_key(draft_request.draft.row),
    }
    if way is not None:
        hidden[WAY_BACK] = way.drawn_from(draft_request.context.drafts.state(draft_request.draft)).text
        extras = replace(extras, returns=True)
    advice = draft_request.posts.advice(state, step)
    if advice:
        hidden[ADVICE_SEEN] = draft_request.posts.signs(draft_request.draft, state, advice)
        extras = replace(extras, advice=advice)
    extras = replace(extras, notice=_notice(draft_request, step, state))
    html = draft_request.html
    try:
        if step.repeat:
            text = html.item(
                state,
                step.repeat,
                step.item,
                step.item_page,
                new=step.new,
                show_errors=show_errors,
                hidden=hidden,
                extras=extras,
            )
        else:
            text = html.page(state, step.page, show_errors=show_errors, hidden=hidden, extras=extras)
    except LookupError as error:
        raise KeyError(step.name) from error
    return HTMLResponse(text, status)


def _notice(draft_request: DraftRequest, step: Step, state: State) -> tuple[str, str]:
    """What became of an entry just now, ``added`` or ``saved``, and its title; two empty texts for nothing."""
    for what in (ADDED, SAVED):
        item_id = draft_request.request.query_params.get(what, "")
        lists = [key for key, repeat in state.form.repeats.items() if repeat.page == step.page and item_id]
        for item in (state.item(key, item_id, judged=False) for key in lists):
            if item is not None:
                return what, item.title
    return "", ""


async def on_from(draft_request: DraftRequest, saved: Saved, post: PagePost) -> Response:
    """Redirect after a post was saved: to what is wrong, once to what is advised, else where the button leads."""
    outcome, action, way = saved.outcome, post.action, return_of(post.way_back)
    if must_stay(outcome, action, advised=saved.advised):
        here = address_of(saved.step)
        if outcome.errors:
            here += _WRONG
        else:
            here += "#main-content" if saved.advised else f"#{outcome.opened[0]}"
        return draft_request.go(with_way_back(here, way))
    if action == "submit":
        return await send(replace(draft_request, draft=saved.draft), None)
    if way is not None:
        address = leads_back_to(action, saved.step, outcome.state, way)
    else:
        address = leads_to(action, saved.step, outcome.state)
    if saved.step.repeat and action in GOING_ON:
        address = with_notice(address, saved.step, added=post.step.endswith(f".{NEW}"))
    return draft_request.go(address)


async def send(draft_request: DraftRequest, rev: int | None) -> Response:
    """Redirect to the receipt; or to check answers, where the form cannot be sent as it is."""
    try:
        return await submit_draft(draft_request.context, draft_request.request, draft_request.draft, rev=rev)
    except (NotCompleteError, FilesMissingError):
        return draft_request.go(f"check-answers{_WRONG}")
    except StaleRevisionError:
        return draft_request.go(f"check-answers?{CHANGED}=1")


async def _remove(draft_request: DraftRequest, about: str) -> Response:
    """The question whether to remove an item, and removing it."""
    repeat, _, item_id = about.rpartition(".")
    state = await draft_request.drawn(lambda: draft_request.context.drafts.state(draft_request.draft))
    if repeat not in draft_request.form.repeats:
        raise HTTPException(404)
    way = return_of(draft_request.request.query_params.get(FROM, ""))
    back = with_way_back(f"{page_name(draft_request.form.repeats[repeat].page)}#{repeat}", way)
    hidden = {
        "csrf": draft_request.browser_session.csrf,
        BASE: draft_request.posts.item_base(draft_request.draft, repeat, item_id),
    }
    if not is_post(draft_request.request):
        try:
            return HTMLResponse(draft_request.html.remove(state, repeat, item_id, hidden=hidden))
        except LookupError:
            return draft_request.go(back)
    post = await read_post(draft_request.request)
    action = post.action
    if not action.startswith("remove:"):
        at = Step(draft_request.form.repeats[repeat].page)
        return draft_request.go(with_way_back(leads_to(action or "index", at, state), way))
    left = await in_thread(draft_request.posts.remove, draft_request.draft, repeat, item_id, post.text(BASE))
    if left is None:
        # The item was changed after the question was asked: it is asked again, about what is there now.
        return draft_request.go(f"{about}{REMOVE_ENDING}")
    await in_thread(draft_request.context.uploads.forget, left, draft_request.draft.answers)
    return draft_request.go(back)
