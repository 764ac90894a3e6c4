"""The preview: any page of a form as people will see it, from the text in the box, saved or not.

It is drawn by the renderer that draws the form itself, into a frame, and answers posts as the form would. What is
entered travels with its pages and is kept nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from formengine.form.actions import Outcome, action_of, item_of, post_item, post_page, remove_item
from formengine.form.actions.drafts import Answers
from formengine.form.actions.items import add_item
from formengine.form.analysis.samples import NoSampleFoundError, sample_answers
from formengine.form.plan import Form
from formengine.form.state import State, evaluate
from formengine.language.json_types import JsonObject
from formengine.language.reader import AnswersError, read_answers
from formengine.output.html import HtmlRenderer
from formengine.output.html.frame import Site
from formengine.output.html.menu import pages_to_fill_in
from formengine.service.drafts.navigation import must_stay, next_step
from formengine.service.drafts.page_posts import new_item_id
from formengine.service.drafts.step import Step, step_of
from formengine.web.browser_session import csrf_of, root_of
from formengine.web.context import AppContext
from formengine.web.http.headers import MAY_BE_FRAMED
from formengine.web.http.methods import is_post
from formengine.web.http.posts import Post, read_post
from formengine.web.http.threads import in_turn_of
from formengine.web.journey.links import DraftLinks
from formengine.web.studio.authors import author_of
from formengine.web.studio.studio_screens import StudioForm, form_of
from formengine.web.studio.text_editor import FILE, PAGE, file_asked, posted_text

# What a drawn page brings back; no question is called so, since an id begins with a letter.
DRAFT, STEP, SHOWN_TEXT, SHOWN_FILE, NEW_ITEM = "-draft", "-step", "-text", "-file", "-new"
START, CHECK, SENT = "start", "check answers", "sent"
_SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class PreviewLinks(DraftLinks):
    """The links of previewed pages: all lead back to the preview, which is posted to."""

    def page(self, page_id: str) -> str:
        """``preview?page=child``."""
        return f"preview?{PAGE}={page_id}"


@dataclass(frozen=True, slots=True)
class Previewed:
    """A form that is tried out: its text, what was entered so far, and the day."""

    form: Form
    file: str
    text: str
    answers: Answers
    on: date

    @property
    def state(self) -> State:
        """The state of what was entered so far."""
        return evaluate(self.form, self.answers, on=self.on)

    def carried(self, step: str, csrf: str, new_item: str = "") -> dict[str, str]:
        """What a drawn page brings back."""
        return {
            "csrf": csrf,
            SHOWN_FILE: self.file,
            SHOWN_TEXT: self.text,
            DRAFT: json.dumps(self.answers, ensure_ascii=False),
            STEP: step,
            NEW_ITEM: new_item,
        }


class PreviewPage:
    """Handles requests for the preview."""

    def __init__(self, context: AppContext) -> None:
        self._context = context

    async def preview(self, request: Request) -> Response:
        """A page of the form; looked at, of the text that is saved, and posted, of the text that is sent along."""
        if not is_post(request):
            await author_of(self._context, request)
            opened = await form_of(self._context, request)
            file = file_asked(opened, "")
            step = request.query_params.get(PAGE, "")
            return await self._in_turn(partial(self._begun, request, opened, file, step, sample=False))
        post = await read_post(request)
        await author_of(self._context, request)
        opened = await form_of(self._context, request, check=False)
        if STEP not in post.texts:
            file = file_asked(opened, post.text(FILE))
            opened = await form_of(self._context, request, posted_text(post, opened, file), check=False)
            sample = bool(post.text(_SAMPLE))
            page = post.text(PAGE)
            return await self._in_turn(partial(self._begun, request, opened, file, page, sample=sample))
        file = file_asked(opened, post.text(SHOWN_FILE))
        opened = await form_of(self._context, request, {file: post.text(SHOWN_TEXT)}, check=False)
        return await self._in_turn(partial(self._gone_on, request, opened, file, post))

    async def _in_turn(self, draw: Callable[[], Response]) -> Response:
        """The page drawn, one at a time: nobody outside the studio waits for how large a form somebody writes."""
        return await in_turn_of(self._context.texts_checked_at_once, draw)

    def _begun(self, request: Request, opened: StudioForm, file: str, step: str, *, sample: bool) -> Response:
        """The page that was asked for, of a form in which nothing was entered yet, or samples were."""
        form = opened.checked.form
        if form is None:
            return self._broken(opened)
        tried = Previewed(form, file, opened.checked_texts.get(file, ""), {}, self._context.service.today())
        first = START if form.start is not None else form.pages[0].id
        wanted = step if step in {CHECK, *(page.id for page in form.every_page)} else first
        if sample or not _is_there(tried.state, wanted):
            tried = _with_samples(tried)
        if not _is_there(tried.state, wanted):
            wanted = first
        return self._draw(request, tried, wanted)

    def _gone_on(self, request: Request, opened: StudioForm, file: str, post: Post) -> Response:
        """What the button of a previewed page leads to, with what was entered on it."""
        form = opened.checked.form
        if form is None:
            return self._broken(opened)
        tried = Previewed(
            form, file, post.text(SHOWN_TEXT), _answers_in(post.text(DRAFT)), self._context.service.today()
        )
        name, action = post.text(STEP), action_of(post.texts)
        if name in {CHECK, SENT}:
            return self._draw(request, tried, _from_the_end(tried, action), errors=action == "submit")
        step = step_of(form, name, post.text(NEW_ITEM))
        if step is None:
            return self._draw(request, tried, form.pages[0].id)
        try:
            outcome = _posted(tried, step, post.texts)
        except KeyError:
            return self._draw(request, tried, CHECK)
        after = Previewed(form, file, tried.text, outcome.draft, tried.on)
        if must_stay(outcome, action):
            kept = step.new and item_of(outcome.draft, step.repeat, step.item) is not None
            return self._draw(request, after, step.name if kept or not step.new else name, errors=True)
        if action == "submit":
            return self._draw(request, after, SENT if after.state.complete else CHECK, errors=True)
        verb, _, about = action.partition(":")
        if verb == "remove":
            repeat, _, item = about.rpartition(".")
            left = remove_item(after.answers, repeat, item) if repeat in form.repeats else after.answers
            return self._draw(request, Previewed(form, file, tried.text, left, tried.on), step.page)
        to = next_step(action, step, outcome.state)
        return self._draw(request, after, CHECK if to is None else to.name)

    def _draw(self, request: Request, tried: Previewed, name: str, *, errors: bool = False) -> Response:
        """The page of this name, with what was entered; the first page where it does not count."""
        html, state, csrf = self._renderer(request, tried.form), tried.state, csrf_of(request)
        if name == SENT:
            text = html.confirmation(state)
        elif name == CHECK:
            text = html.check_answers(state, show_errors=errors, hidden=tried.carried(CHECK, csrf))
        else:
            text = _step_drawn(html, state, tried, name, csrf, errors=errors)
        return HTMLResponse(text, headers=MAY_BE_FRAMED)

    def _renderer(self, request: Request, form: Form) -> HtmlRenderer:
        context = self._context
        words = context.words
        return HtmlRenderer(
            form,
            themes=context.engine.themes,
            links=PreviewLinks(f"{root_of(request)}{context.assets.path}"),
            site=Site(name=context.portal.title, banner=words.text("screens.studio.preview.banner")),
            cached_pages=0,
        )

    def _broken(self, opened: StudioForm) -> Response:
        return opened.page(
            "unpreviewed.html", "preview", status=422, headers=MAY_BE_FRAMED, findings=opened.findings()
        )


def _step_drawn(
    html: HtmlRenderer, state: State, tried: Previewed, name: str, csrf: str, *, errors: bool
) -> str:
    if tried.form.start is not None and name == tried.form.start.id:
        return html.start(state, show_errors=errors, hidden=tried.carried(name, csrf))
    step = step_of(tried.form, name, new_item_id())
    if step is None or not _is_there(state, step.page):
        first = tried.form.pages[0].id
        step = Step(first)
    if not step.repeat:
        return html.page(state, step.page, show_errors=errors, hidden=tried.carried(step.page, csrf))
    new = step.item if step.new else ""
    if new:
        state = evaluate(tried.form, add_item(tried.answers, step.repeat, new), on=tried.on)
    at = f"{step.repeat}.{'new' if new else step.item}" + (f".{step.item_page}" if step.item_page else "")
    return html.item(
        state,
        step.repeat,
        step.item,
        step.item_page,
        new=step.new,
        show_errors=errors,
        hidden=tried.carried(at, csrf, new),
    )


def _posted(tried: Previewed, step: Step, texts: Mapping[str, Sequence[str]]) -> Outcome:
    if step.repeat:
        return post_item(
            tried.form, tried.answers, step.repeat, step.item, texts, on=tried.on, page_id=step.item_page
        )
    return post_page(tried.form, tried.answers, step.page, texts, on=tried.on)


def _from_the_end(tried: Previewed, action: str) -> str:
    """Where the buttons of checking all answers lead."""
    verb = action.partition(":")[0]
    if verb in {"page", "add", "change"}:
        to = next_step(action, Step(tried.form.pages[0].id), tried.state)
        return CHECK if to is None else to.name
    if verb == "next" and tried.form.submit is not None:
        return tried.form.submit.id
    return SENT if verb == "submit" and tried.state.complete else CHECK


def _is_there(state: State, name: str) -> bool:
    """Whether the page counts with these answers."""
    return name == CHECK or any(each.page.id == name for each in pages_to_fill_in(state))


def _with_samples(tried: Previewed) -> Previewed:
    """The form with sample answers in it; as it was where none are found."""
    try:
        answers = sample_answers(tried.form, on=tried.on)
    except NoSampleFoundError:
        return tried
    return Previewed(tried.form, tried.file, tried.text, answers, tried.on)


def _answers_in(text: str) -> JsonObject:
    """The answers that a page brought back; none where it is not what we gave it."""
    try:
        found = read_answers(text)
    except AnswersError:
        return {}
    return found if isinstance(found, dict) else {}
