"""Sample answers that are valid: for trying a form out, for tests, for documentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random

from formengine.form.analysis.candidates import beside, candidates, checks_by_place
from formengine.form.plan import Condition, Field, Form, Group, Node, Repeat, Run, Section
from formengine.form.plan.forward_pass import people_of, reach, run_item, usable_items
from formengine.form.state import FieldError, State, evaluate
from formengine.form.state.counted import is_offered
from formengine.form.state.field_errors import judge_value
from formengine.language.expressions import Today, operands
from formengine.language.expressions.ast import Operand
from formengine.language.fields.dates import settled
from formengine.language.json_types import Json

ROUNDS = 60
# How often an optional question is answered, and a value is taken from the constants of the conditions that read it.
ANSWERED = 0.8
FROM_CONDITIONS = 0.6

SampleAnswers = dict[str, Json]


class NoSampleFoundError(Exception):
    """No valid answers were found; `errors` are those of the last attempt, by answer path."""

    def __init__(self, errors: dict[str, FieldError]) -> None:
        super().__init__(errors)
        self.errors = errors

    def __str__(self) -> str:
        return f"no valid answers found: {', '.join(self.errors)}"


def sample_answers(form: Form, *, on: date, seed: int = 0, minimal: bool = False) -> SampleAnswers:
    """Answers to `form` that are complete on the day `on`; the same seed gives the same answers.

    minimal: only what is mandatory, with as few items as allowed. Else most questions are answered, and over many
    seeds every field, option and branch comes up, and repeats of no item, one item and the most allowed.
    Raises `NoSampleFoundError` where chance finds none, as in a form that nobody can complete.
    """
    filler = _Filler(form, on, Random(seed), minimal)
    for page in form.every_page:
        filler.fill(page.nodes)
    return filler.repair()


@dataclass
class _Filler:
    form: Form
    on: date
    random: Random
    minimal: bool
    answers: SampleAnswers = field(default_factory=dict)
    known: State | None = None  # the state of `answers`, until they change

    def __post_init__(self) -> None:
        self.candidates = candidates(self.form, self.on)
        self.checks = checks_by_place(self.form)

    def state(self) -> State:
        if self.known is None:
            self.known = evaluate(self.form, self.answers, on=self.on)
        return self.known

    def fill(self, nodes: tuple[Node, ...]) -> None:
        """Answer the questions among `nodes` that count when their turn comes."""
        for node in nodes:
            if isinstance(node, Section | Group):
                self.fill(node.nodes)
            elif isinstance(node, Field) and node.is_asked:
                run = self.state().run() if _depends(node) else _nothing_known(self.form, self.on)
                if run.relevance[node.gate] and self._wanted(node, run):
                    self._put(node, "", self._value(node, run))
            elif isinstance(node, Repeat) and self.state().is_relevant(node):
                self._items(node)

    def repair(self) -> SampleAnswers:
        """The answers once nothing is wrong with them: what is wrong is answered again, or left out."""
        for _ in range(ROUNDS):
            state = self.state()
            if state.complete:
                return dict(state.answers)
            for path, error in state.errors.items():
                self._mend(path, error)
        raise NoSampleFoundError(dict(self.state().errors))

    def _items(self, node: Repeat) -> None:
        least, most = node.spec.min_items, node.spec.max_items
        if self.minimal:
            number = least
        else:
            usual = [least, max(least, 1), max(least, self.random.randint(1, 3))]
            number = self.random.choice([*usual, most if most is not None else max(least, 4)])
            number = min(number, most) if most is not None else number
        # What an item can read is before the list or in the item itself, so the form is judged once for all.
        form = self.state().run()
        items: list[SampleAnswers] = [{"id": f"i{count}"} for count in range(1, number + 1)]
        for item in items:
            self._fill_item(node, node.nodes, form, item)
        _set(self.answers, node.key.split("."), items)
        self.known = None

    def _fill_item(self, repeat: Repeat, nodes: tuple[Node, ...], form: Run, item: SampleAnswers) -> None:
        for node in nodes:
            if isinstance(node, Section | Group):
                self._fill_item(repeat, node.nodes, form, item)
            elif isinstance(node, Field) and node.is_asked:
                run = run_item(repeat.plan, form, item)
                if run.relevance[node.gate] and self._wanted(node, run):
                    _set(item, list(node.path), self._value(node, run))

    def _wanted(self, node: Field, run: Run) -> bool:
        needed = node.spec.required or (
            node.required_if is not None and node.required_if.test(run.values, run.item, run.today) is True
        )
        return needed or (not self.minimal and self.random.random() < ANSWERED)

    def _value(self, node: Field, run: Run) -> Json:
        spec = node.spec
        settings = settled(spec.settings, self.on)
        if node.sources:
            people = people_of(run.values, [source.people for source in node.sources])
            if not people:
                return None
            chosen = self.random.sample(people, self.random.randint(1, min(2, len(people))))
            return chosen if spec.type.name == "choices" else chosen[0]
        if node.offers:
            offered = [option for option in settings.options if is_offered(node, option.code, run)]
            if not offered:
                return None
            settings = replace(settings, options=tuple(offered))
        known = self.candidates.get((node.repeat, node.key), [])
        usable = [value for value in known if node.readable(value)]
        if usable and self.random.random() < FROM_CONDITIONS:
            return self.random.choice(usable)
        return spec.type.sample(settings, self.random)

    def _put(self, node: Field, item_id: str, value: Json) -> None:
        self.known = None
        path = list(node.path)
        if node.repeat is None:
            _set(self.answers, path, value)
            return
        items = reach(self.answers, node.repeat.split("."))
        assert isinstance(items, list)
        item = next(item for item in items if isinstance(item, dict) and item["id"] == item_id)
        _set(item, path, value)

    def _mend(self, path: str, error: FieldError) -> None:
        """Another answer for what is wrong at `path`, or none where none is needed."""
        if error.rule == "stopped":
            page = self.form.page(error.page)
            assert page is not None
            assert page.show_if is not None
            for read in operands(page.show_if.expr):
                if isinstance(read, Operand) and read.repeat is None:
                    self._again(self.form.fields[read.key], "")
            return
        found = self._find(path)
        if isinstance(found, Repeat):
            self._items(found)
        elif found is not None:
            node, item_id = found
            if error.rule == "check":
                self._mend_check(node, item_id)
            else:
                self._again(node, item_id)

    def _mend_check(self, node: Field, item_id: str) -> None:
        """Other answers for a rule across answers: any of those it reads may be the one to change."""
        conditions = self.checks.get((node.repeat, node.key), [])
        for condition in conditions:
            for read in dict.fromkeys(operands(condition.expr)):
                if not isinstance(read, Operand) or self.random.random() < 0.5:
                    continue
                inside = read.repeat is not None
                if inside and read.repeat != node.repeat:
                    continue
                owner = self.form.item_fields[read.repeat] if read.repeat is not None else self.form.fields
                self._again(owner[read.key], item_id if inside else "", conditions, (node.repeat, item_id))
        self._again(node, item_id, conditions, (node.repeat, item_id))

    def _again(
        self,
        node: Field,
        item_id: str,
        conditions: Sequence[Condition] = (),
        checked_at: tuple[str | None, str] = (None, ""),
    ) -> None:
        """A new answer to `node`; `conditions` are the checks it may be brought to keep.

        checked_at: the list and the id of the item that the checks are of, which may read answers outside it.
        """
        run = self.state().run(node.repeat, item_id)
        if not run.relevance[node.gate] or not node.is_asked:
            return
        if not self._wanted(node, run):
            self._put(node, item_id, None)
            return
        checked = self.state().run(*checked_at)
        close = [value for condition in conditions for value in beside(condition, node, checked)]
        fitting = [value for value in close if _fits(node, value, run, checked, conditions)]
        if fitting and self.random.random() < FROM_CONDITIONS:
            self._put(node, item_id, self.random.choice(fitting))
        else:
            self._put(node, item_id, self._value(node, run))

    def _find(self, path: str) -> tuple[Field, str] | Repeat | None:
        if path in self.form.fields:
            return self.form.fields[path], ""
        if path in self.form.repeats:
            return self.form.repeats[path]
        for key, fields in self.form.item_fields.items():
            item_id, _, inner = path.removeprefix(f"{key}.").partition(".")
            items = usable_items(reach(self.answers, key.split("."))) or ()
            # The list may have been made again, with fewer items, since the error was found.
            if path.startswith(f"{key}.") and inner in fields and any(i["id"] == item_id for i in items):
                return fields[inner], item_id
        return None


def _depends(node: Field) -> bool:
    """Whether other answers decide about a field or what can be answered."""
    return bool(node.gate or node.required_if is not None or node.offers or node.sources)


def _fits(node: Field, value: Json, run: Run, checked: Run, conditions: Sequence[Condition]) -> bool:
    """Whether a value keeps its own limits and, beside the answers there are, these checks.

    run: the level of `node`. checked: the level of the checks: `node`'s own, or an item that it stands outside.
    """
    if any(problem.level == "error" for problem in judge_value(node, value, run)):
        return False
    values = checked.values if node.repeat else {**checked.values, node.key: value}
    item = {**(checked.item or {}), node.key: value} if node.repeat else checked.item
    return all(condition.test(values, item, checked.today) is not False for condition in conditions)


def _nothing_known(form: Form, on: date) -> Run:
    """The run for a question that no other answer decides about."""
    return Run({}, {}, None, Today(on), [True] * form.plan.gates)


def _set(answers: SampleAnswers, path: list[str], value: Json) -> None:
    """Put `value` at `path`, making the groups on the way; None removes what is there."""
    *groups, last = path
    for group in groups:
        inner = answers.setdefault(group, {})
        assert isinstance(inner, dict)
        answers = inner
    if value is None:
        answers.pop(last, None)
    else:
        answers[last] = value
