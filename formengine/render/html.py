"""Draws a state as accessible HTML pages."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from formengine.content import Block
from formengine.expressions import Expr
from formengine.fields.base import NOTHING
from formengine.form import Form
from formengine.model import Notice
from formengine.packs import Wording
from formengine.render.answers import answers_to_read
from formengine.render.asides import NO_ASIDES, Asides
from formengine.render.body import NEW, Body
from formengine.render.conditions import Level, OpenKeys, asked_anyway, open_keys, settled_conditions
from formengine.render.environment import environment
from formengine.render.fragments import Fragments, joined
from formengine.render.frame import Site
from formengine.render.journey import Begun, Journey
from formengine.render.links import Links, StaticLinks
from formengine.render.menu import neighbours, pages_to_fill_in, tasks
from formengine.render.questions import first_control
from formengine.render.sheets import Leaf, Shape, Sheet, SheetHoles, prepare_sheet
from formengine.state import FieldError, FieldState, ItemState, PageName, PageState, RepeatState, State
from formengine.state.views import NodeState, fields_in


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of an error summary."""

    text: str
    href: str


SHEETS = 256


class _Asked(NamedTuple):
    """A page that is to be drawn: among which pages, and with which answers."""

    state: State
    pages: tuple[PageName, ...]
    page: PageState
    level: Level


# What a page has unless it says otherwise.
_NOTHING_MORE: Mapping[str, Any] = {
    "caption": "",
    "intro": "",
    "problems": (),
    "advice": (),
    "marks": False,
    "last_of_item": True,
}


class Html:
    """Draws the pages of one form; shared by threads.

    packs: folders in front of the bundled pack. links: where links lead. Raises
    `formengine.packs.folders.PackError` for a folder that is no pack. sheets: how many pages to keep prepared, holes in
    place of answers; 0 draws each afresh. journey: the toolbar and the times of a service; None for none.

    Every page is a whole document. `hidden` are names and values that a posted page brings back, such as the draft's
    revision. With `show_errors`, what is wrong on the page is said at its top and beside each question.
    """

    def __init__(
        self,
        form: Form,
        *,
        packs: Iterable[Path] = (),
        links: Links | None = None,
        site: Site | None = None,
        sheets: int = SHEETS,
        journey: Journey | None = None,
    ) -> None:
        self.form = form
        self.links: Links = links or StaticLinks()
        self.site = site or Site()
        self.journey = journey
        language = form.definition.language or "en"
        self._words = Wording(language)
        self._fragments = Fragments(environment(language, tuple(packs)))
        self._open: dict[str, tuple[OpenKeys, Mapping[int, Expr | None], Mapping[int, bool]]] = {}
        for page in form.every_page:
            keys = open_keys(page.nodes)
            settled = settled_conditions(page.nodes, keys)
            self._open[page.id] = (keys, settled, asked_anyway(page.nodes, settled))
        self._sheets: dict[Hashable, Sheet] = {}
        self._sheets_at_most = sheets

    def page(
        self,
        state: State,
        page_id: str,
        *,
        show_errors: bool = False,
        hidden: Mapping[str, str] = NOTHING,
        asides: Asides = NO_ASIDES,
    ) -> str:
        """The page `page_id` to fill in. Raises `LookupError` where it does not count or stands on paper alone.

        asides: what is said beside questions, such as that a file was not taken.
        """
        pages = pages_to_fill_in(state)
        page = state.page(page_id) if page_id in [each.page.id for each in pages] else None
        if page is None:
            raise LookupError(page_id)
        asked = _Asked(state, pages, page, Level(state.run(), "", *self._open[page_id]))
        before = self._hidden(hidden)
        shape = self._shape(asked, show_errors=show_errors) if not asides.differ else None
        if shape is None:
            return self._page(asked, self._body(state, show_errors=show_errors, asides=asides), before)
        key = tuple(shape.key)
        sheet = self._sheets.get(key)
        if sheet is None:
            sheet = self._keep(key, shape, asked)

        def draw(leaf: Leaf) -> str:
            return self._body(state, show_errors=show_errors, asides=asides).by_itself(leaf)

        return sheet.fill(shape, before, draw, self._words)

    def _shape(self, asked: _Asked, *, show_errors: bool) -> Shape | None:
        """What the page is but for its answers; None where its own texts differ between people."""
        state, pages, page = asked.state, asked.pages, asked.page
        if not self._sheets_at_most or state.form is not self.form or page.intro is not page.page.intro:
            return None
        if show_errors and (page.errors or page.warnings):
            return None
        key: list[Hashable] = [page.page.id, state.on, state.stopped_at is None, len(pages)]
        for each in pages:
            of_form = each.page
            if each.title is not of_form.title:
                return None
            key.append(of_form.id)
        shape = Shape(show_errors, key)
        return shape if shape.look(page.nodes, asked.level) else None

    def _keep(self, key: Hashable, shape: Shape, asked: _Asked) -> Sheet:
        """A new sheet for pages of this shape; when there are too many the kept ones are let go."""
        holes = SheetHoles(shape)
        body = self._body(asked.state, show_errors=shape.show_errors, holes=holes)
        sheet = prepare_sheet(self._page(asked, body, holes.hidden()), holes, shape)
        if len(self._sheets) >= self._sheets_at_most:
            self._sheets.clear()
        self._sheets[key] = sheet
        return sheet

    def _page(self, asked: _Asked, body: Body, before: str) -> str:
        """The page, its nodes drawn by `body`, with the HTML `before` in front of them."""
        state, pages, page = asked.state, asked.pages, asked.page
        drawn = body.draw(page.nodes, asked.level)
        errors = page.errors if body.show_errors else ()
        problems = self._problems(errors, page.nodes, state, body.asides)
        advice = self._advice(page) if body.show_errors else ()
        facts: dict[str, Any] = {
            "current": page.id,
            "title": page.title,
            "submits": page.page is self.form.submit,
            "stops": page.page.spec.stop,
            "marks": any(field.required for field in page.fields),
            **self._way(pages, page),
        }
        html = self._around(drawn, body, before)
        same_for_all = page.intro is page.page.intro and all(each.title is each.page.title for each in pages)
        if same_for_all and not problems and not advice:
            ids = tuple(each.id for each in pages)
            key = ("page", page.id, facts["marks"], state.stopped_at is None, ids)
            context = self._context(state, pages, **facts, intro=self._intro(page))
            return self._fragments.frame(key, "page.html", "", html, context)
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
        problems: Sequence[Problem] = ()
        advice: Sequence[str] = ()
        if start is not None and page is not None:
            body = self._body(state, show_errors=show_errors)
            drawn = body.draw(page.nodes, Level(state.run(), "", *self._open[start.id]))
            drawn = self._around(drawn, body, "")
            problems = self._problems(page.errors, page.nodes, state) if show_errors else ()
            advice = self._advice(page) if show_errors else ()
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
        asides: Asides = NO_ASIDES,
    ) -> str:
        """The page of one item of the list `repeat`; `item_id` "new" is one to add. `page_id`: for items with pages.

        new: the item is in `state`, yet for the person it is one to add. Raises `LookupError` where there is no such
        list, item or page.
        """
        owner, node = self._repeat(state, repeat)
        item = self._item(node, item_id)
        spec = node.repeat.spec
        title = self._words.text("lists.new_item", item_name=spec.item_name)
        if item is not None and not new:
            title = item.title
        nodes = item.nodes if item is not None else node.blank_item
        last = True
        intro: tuple[Block, ...] = ()
        back = self.links.page(owner.id)
        if item is not None and item.pages:
            own = next((page for page in item.pages if page.id == page_id), None)
            if own is None:
                raise LookupError(page_id)
            nodes, intro, title = own.nodes, own.intro, own.title
            last = own is item.pages[-1]
        body = self._body(state, show_errors=show_errors, asides=asides)
        drawn = body.draw(nodes, body.item_level(node.repeat, item_id, nodes))
        errors = [field.error for field in fields_in(nodes) if field.error and show_errors]
        return self._draw(
            "page.html",
            state,
            pages_to_fill_in(state),
            current=owner.id,
            title=title,
            caption=node.label,
            intro=joined([self._fragments.draw("nodes/intro.html", blocks=intro)]) if intro else "",
            body=joined([self._around(drawn, body, self._hidden(hidden))]),
            problems=self._problems(errors, nodes, state, asides),
            advice=(),
            back=back,
            back_move=f"page:{owner.id}",
            next=back,
            last_of_item=last,
            submits=False,
            stops=False,
            marks=any(field.required for field in fields_in(nodes)),
        )

    def remove(self, state: State, repeat: str, item_id: str, *, hidden: Mapping[str, str] = NOTHING) -> str:
        """The question whether to remove an item. Raises `LookupError` where there is none."""
        owner, node = self._repeat(state, repeat)
        item = self._item(node, item_id)
        if item is None:
            raise LookupError(item_id)
        return self._draw(
            "remove.html",
            state,
            pages_to_fill_in(state),
            current=owner.id,
            title=self._words.text("lists.remove_title", item_title=item.title),
            caption=node.label,
            item=item,
            back=self.links.page(owner.id),
            back_move=f"page:{owner.id}",
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
            first=go_on or self.links.page(pages[0].id),
            begun=bool(go_on),
        )

    def check_answers(
        self,
        state: State,
        *,
        show_errors: bool = False,
        more: Iterable[FieldError] = (),
        hidden: Mapping[str, str] = NOTHING,
    ) -> str:
        """All answers that count, each with a link to change it. more: what else is wrong, told first."""
        pages = pages_to_fill_in(state)
        asked = [page for page in pages if page.page is not self.form.submit]
        errors = [*more, *(state.errors.values() if show_errors else ())]
        return self._draw(
            "check_answers.html",
            state,
            pages,
            current="check_answers",
            title=self._words.text("pages.check_answers"),
            answers=answers_to_read(state, self._words),
            problems=[self._problem_elsewhere(error, state) for error in errors],
            advice=tuple(self._words.words(each) for each in state.warnings.values()) if show_errors else (),
            show_errors=show_errors,
            back=self.links.page(asked[-1].id) if asked else self.links.index,
            back_move=f"page:{asked[-1].id}" if asked else "index",
            next=self.links.page("submit") if self.form.submit else self.links.confirmation,
            submits=self.form.submit is None,
            stopped=state.stopped_at is not None,
            body=joined([self._hidden(hidden)]),
        )

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

    def _draw(self, template: str, state: State, pages: tuple[PageName, ...], **context: Any) -> str:
        return self._fragments.draw(template, **self._context(state, pages, **context))

    def _context(self, state: State, pages: tuple[PageName, ...], **context: Any) -> dict[str, Any]:
        """What every page's template is told."""
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
        after = self._fragments.draw("conditions.html", conditions=conditions) if conditions else ""
        return before + drawn + after

    def _hidden(self, hidden: Mapping[str, str]) -> str:
        return self._fragments.draw("hidden.html", hidden=hidden) if hidden and self.links.posts else ""

    def _way(self, pages: tuple[PageName, ...], page: PageState) -> dict[str, str]:
        """Where a page's buttons lead: back, as link and as move, and on."""
        before, after = neighbours(pages, page.id)
        on = self.links.check_answers if after in {None, "submit"} else self.links.page(str(after))
        if page.page is self.form.submit:
            return {
                "back": self.links.check_answers,
                "back_move": "check_answers",
                "next": self.links.confirmation,
            }
        if before is None:
            return {"back": self.links.index, "back_move": "index", "next": on}
        return {"back": self.links.page(before), "back_move": f"page:{before}", "next": on}

    def _body(
        self,
        state: State,
        *,
        show_errors: bool,
        holes: SheetHoles | None = None,
        asides: Asides = NO_ASIDES,
    ) -> Body:
        return Body(
            self._fragments,
            self._words,
            self.links,
            state,
            show_errors=show_errors,
            holes=holes,
            journey=self.journey,
            asides=asides,
        )

    def _intro(self, page: PageState) -> Any:
        if not page.intro:
            return ""
        if page.intro is page.page.intro:
            return joined(
                [self._fragments.text(("intro", page.id), "nodes/intro.html", {"blocks": page.intro})]
            )
        return joined([self._fragments.draw("nodes/intro.html", blocks=page.intro)])

    def _advice(self, page: PageState) -> tuple[str, ...]:
        """Warnings that stand at no question of the page."""
        shown = {field.path for field in page.fields}
        return tuple(self._words.words(each) for each in page.warnings if each.path not in shown)

    def _problems(
        self,
        errors: Iterable[FieldError],
        shown: tuple[NodeState, ...],
        state: State,
        asides: Asides = NO_ASIDES,
    ) -> list[Problem]:
        """The lines of a page's error summary, each leading to what is wrong, on this page or an item's."""
        here = {field.path: first_control(field) for field in fields_in(shown)}
        here |= {node.path: node.path for node in repeats_in(shown)}
        problems = [Problem(text, f"#{path}") for path, texts in asides.errors.items() for text in texts]
        for error in errors:
            if error.path in asides.errors:
                continue
            if error.path in here:
                problems.append(Problem(self._words.words(error), f"#{here[error.path]}"))
            else:
                problems.append(self._problem_elsewhere(error, state))
        return problems

    def _problem_elsewhere(self, error: FieldError, state: State) -> Problem:
        """An error with a link to the page that asks, an item's among them."""
        text = self._words.words(error)
        for page in state.pages:
            for node in repeats_in(page.nodes):
                for item in node.items:
                    if error.path.startswith(f"{item.path}."):
                        text = self._words.text("lists.problem", item_title=item.title, problem=text)
                        return Problem(text, self._item_control(page, node, item, error.path))
            if page.id == error.page:
                for field in page.fields:
                    if field.path == error.path:
                        return Problem(text, f"{self.links.page(page.id)}#{first_control(field)}")
        return Problem(text, f"{self.links.page(error.page)}#main-content" if error.page else "#main-content")

    def _item_control(self, page: PageState, node: RepeatState, item: ItemState, path: str) -> str:
        if node.repeat.spec.layout == "table":
            address = self.links.page(page.id)
        else:
            own = next((p.id for p in item.pages if any(f.path == path for f in p.fields)), "")
            address = self.links.item(node.path, item.id, own)
        nodes = tuple(n for p in item.pages for n in p.nodes) if item.pages else item.nodes
        field = next((f for f in fields_in(nodes) if f.path == path), None)
        return f"{address}#{first_control(field) if field is not None else 'main-content'}"

    def _repeat(self, state: State, repeat: str) -> tuple[PageState, RepeatState]:
        owner = self.form.repeats.get(repeat)
        page = state.page(owner.page) if owner is not None else None
        for node in repeats_in(page.nodes) if page is not None else []:
            if page is not None and node.path == repeat:
                return page, node
        raise LookupError(repeat)

    @staticmethod
    def _item(node: RepeatState, item_id: str) -> ItemState | None:
        if item_id == NEW:
            return None
        found = next((item for item in node.items if item.id == item_id), None)
        if found is None:
            raise LookupError(item_id)
        return found


def repeats_in(nodes: tuple[NodeState, ...]) -> list[RepeatState]:
    """The lists among `nodes` and within their sections and groups."""
    found: list[RepeatState] = []
    for node in nodes:
        if isinstance(node, RepeatState):
            found.append(node)
        elif not isinstance(node, FieldState) and hasattr(node, "nodes"):
            found.extend(repeats_in(node.nodes))
    return found
