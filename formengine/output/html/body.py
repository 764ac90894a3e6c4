"""What stands on a page between its heading and its buttons: questions, groups, notes, lists."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

from formengine.form.plan import Form, Note, Repeat
from formengine.form.plan.forward_pass import reach, usable_items
from formengine.form.state import (
    FieldState,
    GroupState,
    ItemState,
    NodeState,
    NoteState,
    RepeatState,
    SectionState,
    State,
)
from formengine.form.state.views import LeafState, node_of
from formengine.language.expressions import Expr
from formengine.language.fields.base import Control
from formengine.language.words import Wording
from formengine.output.html.answers import Reading, Rows
from formengine.output.html.conditions import (
    DrawnList,
    PageConditions,
    QuestionLevel,
    condition_in_words,
    open_keys,
    shown_when,
)
from formengine.output.html.journey import Journey
from formengine.output.html.links import Links
from formengine.output.html.page_cache import PageHoles
from formengine.output.html.page_extras import NO_EXTRAS, PageExtras
from formengine.output.html.page_shape import says_the_same
from formengine.output.html.partial_cache import Holes, PartialCache, joined
from formengine.output.html.questions import Question, TypedAnswer, control_of, question_of, typed_of

NEW = "new"


@dataclass(frozen=True, slots=True)
class Card:
    """An item on the page of its list. `problems` counts what is wrong in it."""

    item: ItemState
    rows: Rows
    problems: int


class Body:
    """Draws the nodes of one page. `conditions` fills while it does.

    With `holes`, what differs between people is left open for a cached page. journey: of a service, None elsewhere.
    extras: page extras, shown on the page besides the state.
    """

    def __init__(
        self,
        fragments: PartialCache,
        words: Wording,
        links: Links,
        reading: Reading,
        state: State,
        *,
        show_errors: bool,
        holes: PageHoles | None = None,
        journey: Journey | None = None,
        extras: PageExtras = NO_EXTRAS,
    ) -> None:
        self.fragments = fragments
        self.words = words
        self.links = links
        self.reading = reading
        self.state = state
        self.form: Form = state.form
        self.show_errors = show_errors
        self.holes = holes
        self.journey = journey
        self.extras = extras
        self.shows_advice = show_errors or bool(extras.advice)
        self.conditions = PageConditions(state.form, state.on.isoformat())
        self._mark = state.form.definition.presentation.required_mark

    def draw(self, nodes: tuple[NodeState, ...], level: QuestionLevel, *, inside_open: bool = False) -> str:
        """The HTML of `nodes`, those included that answers on the page may open."""
        shown = ((shown_when(node_of(state), level, inside_open=inside_open), state) for state in nodes)
        pieces = []
        for condition, together in groupby(shown, key=itemgetter(0)):
            states = [state for _, state in together]
            if condition is True:
                pieces += [self._drawn(state, level, inside_open=inside_open) for state in states]
            elif condition is not False:
                pieces.append(self._asked(states, condition, level))
        return "".join(pieces)

    def _asked(self, states: list[NodeState], condition: Expr, level: QuestionLevel) -> str:
        """Nodes that an answer on this page opens, with the note that says when."""
        element = f"{_name_of(states[0], level)}-asked"
        self.conditions.add(element, condition, level)
        clause = condition_in_words(condition, self.form, self.words)
        if all(isinstance(state, NoteState) for state in states):
            kind = "text"
        else:
            kind = "question" if len(states) == 1 and isinstance(states[0], FieldState) else "part"
        note = self.words.text(f"asked.{kind}", condition=clause)
        body = "".join(self._drawn(state, level, inside_open=True) for state in states)
        return self.fragments.frame(("asked", note), "nodes/asked.html", element, body, {"note": note})

    def _drawn(self, state: NodeState, level: QuestionLevel, *, inside_open: bool) -> str:
        if isinstance(state, SectionState | GroupState):
            return self._container(state, level, inside_open=inside_open)
        if self.holes is not None:
            return self._left_open(state, self.holes)
        return self.by_itself(state, level)

    def by_itself(self, state: LeafState, level: QuestionLevel | None = None) -> str:
        """A question, a note or a list, with what this person answered."""
        match state:
            case FieldState():
                return self.field(state, level)
            case NoteState():
                return self._note(state)
            case RepeatState():
                return self._repeat(state)

    def _left_open(self, state: LeafState, holes_of_page: PageHoles) -> str:
        """The HTML of a node for a cached page: with holes where the answer goes, or one hole for all of it."""
        if self._is_plain(state):
            if isinstance(state, NoteState):
                return self._note(state)
            if isinstance(state, FieldState):
                holes = holes_of_page.question(state.field)
                html = self._prepared(state, holes, state.path)
                if not holes.sees_answer:
                    return html
        return holes_of_page.redrawn(node_of(state))

    def _is_plain(self, state: NodeState) -> bool:
        """Whether the node reads the same for everybody, apart from answers and the nodes within it."""
        if isinstance(state, FieldState):
            wrong = self.show_errors and state.error
            if wrong or (self.shows_advice and state.warning) or state.path in self.extras.errors:
                return False
        if isinstance(state, GroupState) and (
            (self.show_errors and state.error) or state.path in self.extras.addresses
        ):
            return False
        return says_the_same(node_of(state))

    # --- questions ---------------------------------------------------------------------------------------------------

    def field(self, state: FieldState, level: QuestionLevel | None = None) -> str:
        """One question; `level` where it stands among others, whose answers may decide what it offers."""
        if self._is_plain(state):
            prepared = self.fragments.question(
                ("field", id(state.field), state.required),
                lambda holes: self._prepared(state, holes, holes.path()),
            )
            if prepared is not None:
                return prepared.fill(typed_of(state, self.words), state.path)
        control = control_of(state.field, replace(state.settings, options=state.options_on_page))
        question = question_of(
            state,
            control,
            self.words,
            path=state.path,
            show_errors=self.show_errors,
            option_notes=self._option_notes(state, level),
        )
        if self.shows_advice and state.warning and not question.warning:
            question = replace(question, warning=self.words.words(state.warning))
        extra_error = self.extras.error(state.path)
        if extra_error:
            question = replace(question, error=extra_error, bad_parts=())
        return self._draw_question(control, question, typed_of(state, self.words), self.extras)

    def _option_notes(self, state: FieldState, level: QuestionLevel | None) -> dict[str, str]:
        """By code, when the options are offered that answers on this page decide, which the browser is told of."""
        if level is None:
            return {}
        for code, condition in state.live_options.items():
            self.conditions.add(f"{state.path}-offers-{code}", condition, level)
        return {
            code: self.words.text(
                "asked.option", condition=condition_in_words(condition, self.form, self.words)
            )
            for code, condition in state.live_options.items()
        }

    def _prepared(self, state: FieldState, holes: Holes, path: str) -> str:
        """The question as it is for everybody: holes for the answer, nothing wrong."""
        control = control_of(state.field, state.settings)
        question = question_of(state, control, self.words, path=path, show_errors=False)
        return self._draw_question(control, question, holes)

    def _draw_question(
        self,
        control: Control,
        question: Question,
        answer: TypedAnswer | Holes,
        extras: PageExtras = NO_EXTRAS,
    ) -> str:
        return self.fragments.draw(
            f"controls/{control.template}.html",
            q=question,
            answer=answer,
            mark=self._mark,
            journey=self.journey,
            extras=extras,
        )

    # --- what holds and stands between questions ---------------------------------------------------------------------

    def _container(self, state: SectionState | GroupState, level: QuestionLevel, *, inside_open: bool) -> str:
        node = node_of(state)
        body = self.draw(state.nodes, level, inside_open=inside_open)
        error = state.error if isinstance(state, GroupState) and self.show_errors else None
        if isinstance(state, SectionState):
            template = "nodes/section.html"
        else:
            composite = state.group.spec.composite
            template = f"controls/{composite.control().template}.html" if composite else "nodes/group.html"
        context: dict[str, object] = {
            "label": state.label,
            "intro": state.intro,
            "error": self.words.words(error) if error else "",
            "journey": self.journey,
        }
        name = _name_of(state, level)
        if self._is_plain(state):
            context["extras"] = NO_EXTRAS
            return self.fragments.frame(("container", id(node)), template, name, body, context)
        return self.fragments.draw(template, **context, extras=self.extras, id=name, body=joined([body]))

    def _note(self, state: NoteState) -> str:
        spec = state.note.spec
        if not self._is_plain(state):
            return self.fragments.draw("nodes/note.html", blocks=state.text, style=spec.style)
        return self.fragments.text(
            ("note", id(state.note)), "nodes/note.html", {"blocks": spec.text, "style": spec.style}
        )

    # --- lists -------------------------------------------------------------------------------------------------------

    def _repeat(self, state: RepeatState) -> str:
        spec = state.repeat.spec
        error = state.error if self.show_errors else None
        context = {
            "id": state.path,
            "label": state.label,
            "intro": state.intro,
            "item_name": spec.item_name,
            "error": self.words.words(error) if error else "",
            "full": spec.max_items is not None and len(state.items) >= spec.max_items,
            "max_items": spec.max_items,
            "links": self.links,
        }
        if spec.layout == "table":
            return self.fragments.draw("nodes/table.html", **context, **self._table(state))
        cards = [
            Card(item, self.reading.item_rows(self.state, state.path, run), len(item.errors))
            for item, run in zip(state.items, self.state.run().items.get(state.path, ()), strict=True)
        ]
        return self.fragments.draw("nodes/repeat.html", **context, cards=cards, show_errors=self.show_errors)

    def _table(self, state: RepeatState) -> dict[str, object]:
        """The rows of a list that is filled in on its own page, an empty one at the end."""
        repeat = state.repeat
        rows = [(item.id, item.title, item.nodes) for item in state.items]
        if repeat.spec.max_items is None or len(rows) < repeat.spec.max_items:
            title = self.words.text("lists.new_item", item_name=repeat.spec.item_name)
            rows.append((NEW, title, state.blank_item))
        # The conditions of rows read the list as well, so it is told of before they are drawn.
        self.conditions.lists[repeat.key] = DrawnList(
            state.path,
            tuple(f"{state.path}.{item_id}" for item_id, _, _ in rows),
            answered=usable_items(reach(self.state.run().answers, repeat.key.split("."))) is not None,
        )
        return {
            "rows": [
                {
                    "id": f"{state.path}.{item_id}",
                    "item_id": item_id,
                    "title": title,
                    "body": joined([self.draw(nodes, self.item_level(repeat, item_id, nodes))]),
                }
                for item_id, title, nodes in rows
            ],
            "new": NEW,
        }

    def item_level(self, repeat: Repeat, item_id: str, nodes: tuple[NodeState, ...]) -> QuestionLevel:
        """The level of one item's questions."""
        keys = open_keys(tuple(node_of(node) for node in nodes))
        if repeat.spec.layout == "table":  # asked among the other questions of its page
            keys |= open_keys(self.form.page_nodes(repeat.page))
        return QuestionLevel(self.state.run(repeat.key, item_id), f"{repeat.key}.{item_id}.", keys)


def _name_of(state: NodeState, level: QuestionLevel) -> str:
    """What ids of the node's elements begin with: its path, or for what has none its place on the page."""
    match state:
        case FieldState() | GroupState() | RepeatState():
            return state.path
        case NoteState():
            note: Note = state.note
            return f"{level.prefix}note-{note.spec.id or note.gate}"
        case SectionState():
            return f"{level.prefix}section-{state.section.gate}"
