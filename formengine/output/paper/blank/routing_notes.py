"""Where a pen goes next: every condition of a form as a note in plain words that names questions by number.

Two kinds of notes come out of the same trees that decide on screen. A jump stands beside an option, "No – go to
question 14": with that answer alone known, every question passed over is definitely not asked. Where a jump cannot say
it all, a note stands above the question: "Answer questions 8 and 9 only if …".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from formengine.form.plan import Condition, Field, Form, Group, Node, Note, Page, Repeat, Section
from formengine.form.plan.question_numbers import NumberedPlace, question_numbers
from formengine.language.expressions import ENGLISH, fold, sentence
from formengine.language.expressions.ast import Expr, Kind, ListOperand, Operand
from formengine.language.expressions.operands import operands
from formengine.language.expressions.today import Today

# One answer alone decides here, and never a date: any day will do.
_ANY_DAY = Today(date(2000, 1, 1))
_FACTS = ("question", "values", "value", "list", "where", "number")

TICKED, NOT_TICKED = "yes", ""


@dataclass(frozen=True, slots=True)
class Stop:
    """One thing that a person filling in comes to: a question with its number, or a page where the journey ends.

    `conditions` are its own and those of all that it stands in, as trees.
    """

    place: NumberedPlace
    number: str
    conditions: tuple[Expr, ...]
    ends_at: Page | None = None


class Routing:
    """The notes of one form, in its own language."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.wording = form.wording
        self.numbers = question_numbers(form.definition)
        self.stops = tuple(self._stops())
        self._at = {stop.place: number for number, stop in enumerate(self.stops)}
        self._words = {key: self._clause(key, english) for key, english in ENGLISH.items()}

    def _clause(self, key: str, english: str) -> str:
        own = f"routing.clauses.{key}"
        return (
            self.wording.text(own, **{fact: f"{{{fact}}}" for fact in _FACTS})
            if self.wording.has(own)
            else english
        )

    # --- the stops, in order -----------------------------------------------------------------------------

    def _stops(self) -> Iterator[Stop]:
        for page in self.form.every_page:
            yield from self._of_page(page, None, ())

    def _of_page(self, page: Page, repeat: str | None, around: tuple[Expr, ...]) -> Iterator[Stop]:
        inside = _with(around, page.show_if)
        if page.spec.stop:
            yield Stop((repeat, f"page {page.id}"), "", inside, page)
        yield from self._of_nodes(page.nodes, repeat, inside)

    def _of_nodes(
        self, nodes: Sequence[Node], repeat: str | None, around: tuple[Expr, ...]
    ) -> Iterator[Stop]:
        for node in nodes:
            inside = _with(around, node.show_if)
            match node:
                case Field():
                    number = self.numbers.get((node.repeat, node.key))
                    if number is not None:
                        yield Stop((node.repeat, node.key), number, inside)
                case Section() | Group():
                    yield from self._of_nodes(node.nodes, repeat, inside)
                case Repeat(pages=()):
                    yield from self._of_nodes(node.nodes, node.key, inside)
                case Repeat():
                    for page in node.pages:
                        yield from self._of_page(page, node.key, inside)

    # --- conditions in words -----------------------------------------------------------------------------

    def clause(self, condition: Expr) -> str:
        """The condition as a clause that follows "if", questions by number."""
        return sentence(condition, self._words, self.option_label, self._question)

    def option_label(self, operand: Operand, code: str) -> str:
        """What paper calls the option of a code."""
        fields = self.form.fields if operand.repeat is None else self.form.item_fields[operand.repeat]
        found = fields.get(operand.key)
        options = found.spec.settings.options if found is not None else ()
        label = next((option.label for option in options if option.code == code), "")
        if label:
            return label
        return self.wording.text(f"values.{code}") if self.wording.has(f"values.{code}") else code

    def _question(self, operand: Operand | ListOperand) -> str:
        if isinstance(operand, Operand):
            number = self.numbers.get((operand.repeat, operand.key))
            if number is not None:
                return self.wording.text("routing.question", number=number)
        return self.wording.text("routing.list", label=operand.label or operand.key)

    def only_if(self, condition: Condition, nodes: Sequence[Node]) -> str:
        """The note above `nodes`, which all hang on `condition`: "Answer questions 8 and 9 only if …"."""
        numbers = list(numbers_in(nodes, self.numbers))
        clause = self.clause(condition.expr)
        if not numbers:
            return self.wording.text("routing.sign", condition=clause)
        first, last = numbers[0], numbers[-1]
        key = "one" if len(numbers) == 1 else "two" if len(numbers) == 2 else "many"
        return self.wording.text(f"routing.answer_{key}", first=first, last=last, condition=clause)

    # --- jumps -------------------------------------------------------------------------------------------

    def jumps(self, field: Field) -> Mapping[str, str]:
        """Where to go after each answer that passes over questions, by code: "go to question 14".

        The codes of a tick are `TICKED` and `NOT_TICKED`. Empty for a field whose answer decides nothing alone.
        """
        at = self._at.get((field.repeat, field.key))
        if at is None:
            return {}
        found = {code: self._jump(at, code) for code in _codes(field)}
        return {code: go for code, go in found.items() if go}

    def _jump(self, at: int, code: str) -> str:
        """The words for what comes after the stop `at` when its answer is `code`; "" for the very next question."""
        repeat, key = self.stops[at].place
        following = self.stops[at + 1 :]
        inside = [stop for stop in following if stop.place[0] == repeat] if repeat is not None else following
        # A question that is passed over has no answer, and what hangs on that is not asked either.
        known: dict[NumberedPlace, str] = {(repeat, key): code}
        passed_over = False
        for stop in inside:
            truths = [_truth(condition, stop.place[0], known) for condition in stop.conditions]
            if stop.ends_at is not None:
                if truths and all(truth is True for truth in truths):
                    return self.wording.text("routing.go_to_stop", title=stop.ends_at.title)
            elif any(truth is False or truth is None for truth in truths):
                passed_over = True
                known[stop.place] = ""
            else:
                return self.wording.text("routing.go_to", number=whole(stop.number)) if passed_over else ""
        if not passed_over:
            return ""
        if repeat is not None:
            item_name = self.form.repeats[repeat].spec.item_name
            return self.wording.text("routing.go_on", item_name=item_name)
        return self.wording.text("routing.go_to_end")

    def said_by_jump(self, condition: Condition, nodes: Sequence[Node]) -> bool:
        """Whether the jumps of the question just before `nodes` say all of `condition`, so that no note is needed.

        So it is where that question's answer alone decides, whatever it is, and the two stand in the same piece.
        """
        places = [place for node in nodes for place in _places_in(node, self.numbers)]
        if not places or not self._at[places[0]]:
            return False
        before = self.stops[self._at[places[0]] - 1]
        repeat, key = before.place
        own_repeat = next((node.repeat for node in nodes if isinstance(node, Field | Group)), None)
        if repeat != own_repeat or before.ends_at is not None:
            return False
        field = (self.form.fields if repeat is None else self.form.item_fields[repeat]).get(key)
        codes = _codes(field) if field is not None else ()
        if TICKED in codes and NOT_TICKED in codes:
            return False
        truths = [_truth(condition.expr, repeat, {(repeat, key): code}) for code in codes]
        return bool(truths) and all(truth is True or truth is False for truth in truths)


def numbers_in(nodes: Sequence[Node], numbers: Mapping[NumberedPlace, str]) -> Iterator[str]:
    """The numbers of the questions in `nodes`, those in the items of lists among them; a composite counts once."""
    for node in nodes:
        places = list(_places_in(node, numbers))
        if isinstance(node, Group) and (node.repeat, node.key) in numbers:
            yield numbers[node.repeat, node.key]
        else:
            yield from dict.fromkeys(whole(numbers[place]) for place in places)


def whole(number: str) -> str:
    """The number of the question that a part belongs to: "12" for "12a"."""
    return number.rstrip("abcdefghijklmnopqrstuvwxyz")


def _places_in(node: Node, numbers: Mapping[NumberedPlace, str]) -> Iterator[NumberedPlace]:
    match node:
        case Field():
            if (node.repeat, node.key) in numbers:
                yield node.repeat, node.key
        case Section() | Group() | Repeat():
            for inner in node.nodes:
                yield from _places_in(inner, numbers)
        case Note():
            return


def _with(around: tuple[Expr, ...], condition: Condition | None) -> tuple[Expr, ...]:
    return around if condition is None else (*around, condition.expr)


def _codes(field: Field) -> tuple[str, ...]:
    """The answers that alone may decide what comes next: one of a few, or a tick and its absence."""
    settings = field.spec.settings
    kind = field.spec.type.kind(settings)
    if kind is Kind.TICK:
        return TICKED, NOT_TICKED
    return field.spec.type.codes(settings) if kind is Kind.CHOICE else ()


def _truth(
    condition: Expr, repeat: str | None, known: Mapping[NumberedPlace, str]
) -> bool | Literal["open"] | None:
    """The truth of `condition` in an item of `repeat` when only these answers are known, "" for none.

    None: it is unknown, and no other answer will change that. "open": another answer decides.
    """
    everything = {
        (None, read.key) if isinstance(read, ListOperand) else (read.repeat, read.key)
        for read in operands(condition)
    }
    values = {key: code for (own, key), code in known.items() if own is None and code}
    item = {key: code for (own, key), code in known.items() if own == repeat and code}
    left = fold(condition, values, item if repeat is not None else None, _ANY_DAY, everything - known.keys())
    return left if left is None or isinstance(left, bool) else "open"


def same_condition(nodes: Sequence[Node]) -> Iterator[tuple[Condition | None, list[Node]]]:
    """`nodes` in runs of neighbours with the same condition, notes between questions apart."""
    run: list[Node] = []
    for node in nodes:
        alike = run and _alike(run[-1], node)
        if run and not alike:
            yield run[0].show_if, run
            run = []
        run.append(node)
    if run:
        yield run[0].show_if, run


def _alike(one: Node, other: Node) -> bool:
    if not isinstance(one, Field) or not isinstance(other, Field):
        return False
    conditions = one.show_if, other.show_if
    return (conditions[0] is None) is (conditions[1] is None) and (
        conditions[0] is None or (conditions[1] is not None and conditions[0].expr == conditions[1].expr)
    )
