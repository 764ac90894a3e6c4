"""Draws a state as accessible HTML pages."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import escape

from formengine.form.plan import Form, Node, Repeat, scope_name
from formengine.form.state import FieldError, ItemState, NodeState, PageName, PageState, State
from formengine.form.state.views import fields_in, leaf_of, repeats_in
from formengine.language.content import Block
from formengine.language.fields.base import NOTHING
from formengine.language.model import Notice
from formengine.output.html.answers import Reading
from formengine.output.html.body import NEW, Body
from formengine.output.html.check_answers import CheckAnswers
from formengine.output.html.environment import environment
from formengine.output.html.error_summary import ErrorLine, ErrorLines
from formengine.output.html.frame import Site
from formengine.output.html.journey import Begun, Journey
from formengine.output.html.links import Links, StaticLinks, address_after
from formengine.output.html.menu import neighbours, pages_to_fill_in, tasks
from formengine.output.html.page_cache import CachedPage, PageHoles, prepare_page
from formengine.output.html.page_extras import NO_EXTRAS, PageExtras
from formengine.output.html.page_shape import PageShape
from formengine.output.html.partial_cache import PartialCache, joined
from formengine.output.themes import with_themes

CACHED_PAGES = 256


@dataclass(frozen=True, slots=True)
class DrawnQuestions:
    """The questions of one page without anything around them. problems: the lines of the error summary."""

    html: str
    problems: Sequence[ErrorLine]


# What a page has unless it says otherwise.
_NOTHING_MORE: Mapping[str, object] = {
    "caption": "",
    "intro": "",
    "problems": (),
    "advice": (),
    "advice_first": False,
    "marks": False,
    "last_of_item": True,
    "returns": False,
    "notice": ("", ""),
    "adds_another": False,
}


class HtmlRenderer:
    """Draws the pages of one form; shared by threads.

    themes: folders in front of the bundled theme; without, those of the form's own wording. links: where links
    lead. cached_pages: how many pages to keep in the page cache; 0 for no cache. journey: the toolbar and the times
    of a service; None for none. Raises `formengine.output.themes.ThemeError` for a folder that is no theme.

    Every page is a whole document. `hidden` are names and values that a posted page brings back, such as the draft's
    revision. With `show_errors`, what is wrong is shown at the top of the page and beside each question.
    """

    def __init__(
        self,
        form: Form,
        *,
        themes: Iterable[Path] = (),
        links: Links | None = None,
        site: Site | None = None,
        cached_pages: int = CACHED_PAGES,
        journey: Journey | None = None,
    ) -> None:
        self.form = form
        self.links: Links = links or StaticLinks()
        self.site = site or Site()
        self.journey = journey
        self._words = with_themes(form.wording, themes)
        self._partials = PartialCache(environment(self._words), keeps=cached_pages > 0)
        self._outlines = {page.id: PageShape(page.nodes, page.intro) for page in form.every_page}
        self._reading = Reading(form, self._words)
        self._problems = ErrorLines(self._words, self.links)
        self._cached_pages: dict[Hashable, CachedPage] = {}
        self._most_cached_pages = cached_pages

    def page(
        self,
        state: State,
        page_id: str,
        *,
        show_errors: bool = False,
        hidden: Mapping[str, str] = NOTHING,
        extras: PageExtras = NO_EXTRAS,
    ) -> str:
        """The page `page_id` to fill in. Raises `LookupError` where it does not count or stands on paper alone.

        extras: page extras, such as that a file was refused.
        """
        pages = pages_to_fill_in(state)
        if page_id not in [page.page.id for page in pages]:
            raise LookupError(page_id)
        before = self._hidden(hidden)
        cached = None
        if not extras.differ and not (show_errors and self._is_wrong(state, page_id)):
            cached = self._sheet(state, pages, page_id)
        if cached is None:
            body = self._body(state, show_errors=show_errors, extras=extras)
            return self._page(body, pages, page_id, before)

        def draw(node: Node) -> str:
            view = leaf_of(_page(state, page_id).nodes, node)
            return self._body(state, show_errors=show_errors, extras=extras).by_itself(view)

        return cached.fill(state.run(), before, draw, self._words)

    def _is_wrong(self, state: State, page_id: str) -> bool:
        """Whether anything on the page is to be put right, or looked at again."""
        page = _page(state, page_id)
        return bool(page.errors or page.warnings)

    def _sheet(self, state: State, pages: tuple[PageName, ...], page_id: str) -> CachedPage | None:
        """The cached page for this state; None where the page's own texts differ between people."""
        outline = self._outlines[page_id]
        if not (outline.prepares and self._most_cached_pages and state.form is self.form) or state.audience:
            return None
        if any(page.title is not page.page.title for page in pages):
            return None
        ids = tuple(page.page.id for page in pages)
        key = (page_id, state.on, state.stopped_at is None, ids, outline.shape(state.run()))
        cached = self._cached_pages.get(key)
        if cached is None:
            holes = PageHoles()
            body = self._body(state, show_errors=False, holes=holes)
            cached = prepare_page(self._page(body, pages, page_id, holes.hidden()), holes)
            if len(self._cached_pages) >= self._most_cached_pages:
                self._cached_pages.clear()
            self._cached_pages[key] = cached
        return cached

    def _page(self, body: Body, pages: tuple[PageName, ...], page_id: str, before: str) -> str:
        """The page, its nodes drawn by `body`, with the HTML `before` in front of them."""
        state, page = body.state, _page(body.state, page_id)
        drawn = body.draw(page.nodes, self._outlines[page_id].level(state.run()))
        errors = page.errors if body.show_errors else ()
        problems = self._problems.on_page(errors, page.nodes, state, body.extras)
        advice = self._problems.advice(page) if body.show_errors else ()
        if body.extras.advice:
            advice = tuple(self._problems.on_page(body.extras.advice, page.nodes, state))
        facts: dict[str, Any] = {
            "current": page.id,
            "title": page.title,
            "submits": page.page is self.form.submit,
            "stops": page.page.spec.stop,
            "marks": any(field.required for field in page.fields),
            "returns": body.extras.returns,
            "notice": body.extras.notice,
            "advice_first": bool(body.extras.advice),
            **self._way(pages, page),
        }
        html = self._around(drawn, body, before)
        same_for_all = page.intro is page.page.intro and all(each.title is each.page.title for each in pages)
        if same_for_all and not problems and not advice and not body.extras.notice[0]:
            ids = tuple(each.id for each in pages)
            key = ("page", page.id, facts["marks"], facts["returns"], state.stopped_at is None, ids)
            context = self._context(state, pages, **facts, intro=self._intro(page))
            return self._partials.frame(key, "page.html", "", html, context)
        return self._draw(
            "page.html",
            state,
            pages,
            **facts,
            intro=self._intro(page),
            problems=problems,
            advice=advice,
            body=joined([html]),
        )

    def start(
        self,
        state: State,
        *,
        show_errors: bool = False,
        hidden: Mapping[str, str] = NOTHING,
        drafts: Sequence[Begun] = (),
        continue_from: str = "",
    ) -> str:
        """What is asked before the first page, with the notices; a form that asks nothing has its description.

        drafts: those of this form that the person has begun, to go on with. continue_from: where to go on from a PDF,
        "" for nowhere. Here the only way is on: no menu, no tools.
        """
        start = self.form.start
        page = state.page(start.id) if start is not None else None
        drawn = ""
        problems: Sequence[ErrorLine] = ()
        advice: Sequence[ErrorLine] = ()
        if start is not None and page is not None:
            body = self._body(state, show_errors=show_errors)
            drawn = body.draw(page.nodes, self._outlines[start.id].level(state.run()))
            drawn = self._around(drawn, body, "")
            problems = self._problems.on_page(page.errors, page.nodes, state) if show_errors else ()
            advice = self._problems.advice(page) if show_errors else ()
        return self._draw(
            "start.html",
            state,
            (),
            current="",
            title=page.title if page is not None else self.form.title,
            intro=self._intro(page) if page is not None else "",
            body=joined([self._hidden(hidden), drawn]),
            problems=problems,
            advice=advice,
            marks=page is not None and any(field.required for field in page.fields),
            notices=self._notices(),
            drafts=drafts,
            continue_from=continue_from,
            journey=None,
        )

    def item(
        self,
        state: State,
        repeat: str,
        item_id: str,
        page_id: str = "",
        *,
        new: bool = False,
        show_errors: bool = False,
        hidden: Mapping[str, str] = NOTHING,
        extras: PageExtras = NO_EXTRAS,
    ) -> str:
        """The page of one item of the list `repeat`; `item_id` "new" is one to add. `page_id`: for items with pages.

        new: the item is in `state`, yet for the person it is one to add. Raises `LookupError` where there is no such
        list, item or page.
        """
        node, item = self._entry(state, repeat, item_id, judged=show_errors or bool(extras.advice))
        title = self._words.text("lists.new_item", item_name=node.spec.item_name)
        if item is not None and not new:
            title = item.title
        nodes = item.nodes if item is not None else self._blank_item(state, node)
        last = True
        intro: tuple[Block, ...] = ()
        back = self.links.page(node.page)
        if item is not None and item.pages:
            own = next((page for page in item.pages if page.id == page_id), None)
            if own is None:
                raise LookupError(page_id)
            nodes, intro, title = own.nodes, own.intro, own.title
            last = own is item.pages[-1]
        body = self._body(state, show_errors=show_errors, extras=extras)
        drawn = body.draw(nodes, body.item_level(node, item_id, nodes))
        errors = [field.error for field in fields_in(nodes) if field.error and show_errors]
        return self._draw(
            "page.html",
            state,
            pages_to_fill_in(state),
            current=node.page,
            title=title,
            caption=self._label(state, node),
            intro=joined([self._partials.draw("nodes/intro.html", blocks=intro)]) if intro else "",
            body=joined([self._around(drawn, body, self._hidden(hidden))]),
            problems=self._problems.on_page(errors, nodes, state, extras),
            advice=self._problems.on_page(extras.advice, nodes, state),
            advice_first=bool(extras.advice),
            back=back,
            back_action=f"page:{node.page}",
            next=back,
            last_of_item=last,
            returns=extras.returns,
            notice=extras.notice,
            adds_another=last and self.journey is not None and not _is_full(state, node),
            submits=False,
            stops=False,
            marks=any(field.required for field in fields_in(nodes)),
        )

    def remove(self, state: State, repeat: str, item_id: str, *, hidden: Mapping[str, str] = NOTHING) -> str:
        """The question whether to remove an item. Raises `LookupError` where there is none."""
        node, item = self._entry(state, repeat, item_id, judged=False)
        if item is None:
            raise LookupError(item_id)
        return self._draw(
            "remove.html",
            state,
            pages_to_fill_in(state),
            current=node.page,
            title=self._words.text("lists.remove_title", item_title=item.title),
            caption=self._label(state, node),
            item=item,
            back=self.links.page(node.page),
            back_action=f"page:{node.page}",
            body=joined([self._hidden(hidden)]),
        )

    def index(self, state: State, *, go_on: str = "") -> str:
        """The first page: what the form is, and its pages or tasks.

        go_on: where somebody who has begun goes on; "" for somebody who has not.
        """
        pages = pages_to_fill_in(state)
        return self._draw(
            "index.html",
            state,
            pages,
            current="",
            title=self.form.title,
            tasks=tasks(state),
            notices=self._notices(),
            first=go_on or (self.links.page(pages[0].id) if pages else self.links.check_answers),
            begun=bool(go_on),
        )

    def questions(self, state: State, page_id: str, *, show_errors: bool = False) -> DrawnQuestions:
        """The questions of one page alone, for a page of somebody else's. Raises `LookupError` where it does not count.

        What opens and closes is known to the whole document, so a document can hold the questions of one page.
        """
        page = _page(state, page_id)
        body = self._body(state, show_errors=show_errors)
        drawn = body.draw(page.nodes, self._outlines[page_id].level(state.run()))
        problems = self._problems.on_page(page.errors, page.nodes, state) if show_errors else ()
        return DrawnQuestions(joined([self._around(drawn, body, "")]), problems)

    def answers(self, state: State, *, name: str = "answers") -> str:
        """All answers that count, to be read: no links to change them, nothing around them.

        name: what ids begin with, for documents that hold answers several times.
        """
        read = self._reading_of(state).pages(state)
        drawn = CheckAnswers(self._partials, self.links, show_errors=False, changes=False, name=name)
        return joined([drawn.pages(read)])

    def check_answers(
        self,
        state: State,
        *,
        show_errors: bool = False,
        more: Iterable[FieldError] = (),
        hidden: Mapping[str, str] = NOTHING,
        change_query: str = "",
    ) -> str:
        """All answers that count, each with a link to change it. more: further errors, shown first.

        change_query: what these links add to the address of a page, such as ``?from=answers``.
        """
        pages = pages_to_fill_in(state)
        asked = [page for page in pages if page.page is not self.form.submit]
        errors = [*more, *(state.errors.values() if show_errors else ())]
        answers = self._reading_of(state).pages(state)
        checked = CheckAnswers(self._partials, self.links, show_errors, change_query=change_query).pages(
            answers
        )
        before = self._hidden(hidden)
        facts: dict[str, Any] = {
            "current": "check_answers",
            "title": self._words.text("pages.check_answers"),
            "problems": [self._problems.elsewhere(error, state) for error in errors],
            # Shown whether or not anything is wrong: nobody who got every page right has seen them.
            "advice": [self._problems.elsewhere(warning, state) for warning in state.warnings.values()],
            "back": self.links.page(asked[-1].id) if asked else self.links.index,
            "back_action": f"page:{asked[-1].id}" if asked else "index",
            "next": self.links.page("submit") if self.form.submit else self.links.confirmation,
            "submits": self.form.submit is None,
            "stopped": state.stopped_at is not None,
        }
        context = self._context(state, pages, **facts)

        def draw(html: Mapping[str, str]) -> str:
            shown = [html["answers"]] if checked else []
            return self._partials.draw("check_answers.html", **context, body=html["body"], answers=shown)

        if facts["problems"] or facts["advice"] or any(page.title is not page.page.title for page in pages):
            return draw({"body": joined([before]), "answers": joined([checked])})
        ids = tuple(page.id for page in pages)
        key = ("check_answers", facts["stopped"], bool(checked), ids)
        return self._partials.filled(key, {"body": before, "answers": checked}, draw)

    def after(
        self, move: str, state: State, page_id: str = "", *, item: tuple[str, str] | None = None
    ) -> str:
        """The address that a page's button leads to: `move` is what it sends under this name, "next" without one.

        state: after the post. page_id: the page that was posted, "start" for the start page, "" for Check your answers.
        item: the list and the id of the item whose page it was. A move that names nothing in the form leads to the
        first page, so that what is posted never decides an address of elsewhere.
        """
        return address_after(self.links, move, state, page_id, item=item)

    def confirmation(self, state: State, *, reference: str = "") -> str:
        """The page after sending, with the reference when it is known."""
        return self._draw(
            "confirmation.html",
            state,
            (),
            current="",
            title=self.form.definition.confirmation.title or self._words.text("pages.sent"),
            text=self.form.definition.confirmation.text,
            reference=reference,
        )

    def _notices(self) -> list[Notice]:
        return [notice for notice in self.form.definition.notices if notice.audience == "notifier"]

    # --- parts of pages ----------------------------------------------------------------------------------------------

    def _draw(self, template: str, state: State, pages: tuple[PageName, ...], **context: object) -> str:
        return self._partials.draw(template, **self._context(state, pages, **context))

    def _context(self, state: State, pages: tuple[PageName, ...], **context: object) -> dict[str, object]:
        """The variables that every page's template gets, and `context`."""
        return {
            **_NOTHING_MORE,
            "journey": self.journey,
            **context,
            "form": self.form,
            "site": self.site,
            "links": self.links,
            "presentation": self.form.definition.presentation,
            "menu": [(page.id, page.title, page.page.number) for page in pages if page.page.number],
            "submit": self.form.submit if state.stopped_at is None else None,
        }

    def _around(self, drawn: str, body: Body, before: str) -> str:
        """The questions with the HTML `before` in front of them, and with what opens and closes."""
        conditions = body.conditions.to_json()
        after = self._partials.draw("conditions.html", conditions=conditions) if conditions else ""
        return before + drawn + after

    def _hidden(self, hidden: Mapping[str, str]) -> str:
        if not hidden or not self.links.posts:
            return ""
        return self._partials.filled(
            ("hidden", *hidden),
            {name: escape(text) for name, text in hidden.items()},
            lambda html: self._partials.draw("hidden.html", hidden=html),
        )

    def _way(self, pages: tuple[PageName, ...], page: PageState) -> dict[str, str]:
        """Where a page's buttons lead: back, as link and as action, and on."""
        before, after = neighbours(pages, page.id)
        on = self.links.check_answers if after in {None, "submit"} else self.links.page(str(after))
        if page.page is self.form.submit:
            return {
                "back": self.links.check_answers,
                "back_action": "check_answers",
                "next": self.links.confirmation,
            }
        if before is None:
            return {"back": self.links.index, "back_action": "index", "next": on}
        return {"back": self.links.page(before), "back_action": f"page:{before}", "next": on}

    def _body(
        self,
        state: State,
        *,
        show_errors: bool,
        holes: PageHoles | None = None,
        extras: PageExtras = NO_EXTRAS,
    ) -> Body:
        return Body(
            self._partials,
            self._words,
            self.links,
            self._reading_of(state),
            state,
            show_errors=show_errors,
            holes=holes,
            journey=self.journey,
            extras=extras,
        )

    def _reading_of(self, state: State) -> Reading:
        """How the answers of `state` are read; a copy for one audience has a form of its own."""
        return self._reading if state.form is self.form else Reading(state.form, self._words)

    def _intro(self, page: PageState) -> str:
        if not page.intro:
            return ""
        if page.intro is page.page.intro:
            return joined(
                [self._partials.text(("intro", page.id), "nodes/intro.html", {"blocks": page.intro})]
            )
        return joined([self._partials.draw("nodes/intro.html", blocks=page.intro)])

    def _entry(
        self, state: State, repeat: str, item_id: str, *, judged: bool
    ) -> tuple[Repeat, ItemState | None]:
        """A list and one item of it, None for one to add."""
        node = state.form.repeats.get(repeat)
        if node is None:
            raise LookupError(repeat)
        if item_id == NEW:
            return node, None
        item = state.item(repeat, item_id, judged=judged)
        if item is None:
            raise LookupError(item_id)
        return node, item

    @staticmethod
    def _blank_item(state: State, node: Repeat) -> tuple[NodeState, ...]:
        """What is asked of an item that nobody has filled in."""
        for view in repeats_in(_page(state, node.page).nodes):
            if view.repeat is node:
                return view.blank_item
        raise LookupError(node.key)

    @staticmethod
    def _label(state: State, node: Repeat) -> str:
        return state.texts.label(node.spec.label, scope_name(None, node.key.rpartition(".")[0]), state.run())


def _is_full(state: State, node: Repeat) -> bool:
    """Whether the list takes no entry besides those it has and the one that is shown."""
    most, there = node.spec.max_items, len(state.run().items.get(node.key, ()))
    return most is not None and there >= most


def _page(state: State, page_id: str) -> PageState:
    page = state.page(page_id)
    if page is None:
        raise LookupError(page_id)
    return page
