"""What is wrong with the answers, for the person filling in: field errors and warnings, in reading order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from formengine.form import plan as compiled
from formengine.form.plan import Check, Field, Form, Group, Node, Page, Repeat, Run, Section, scope_name
from formengine.form.plan.check_places import check_places
from formengine.form.plan.forward_pass import reach, usable_items
from formengine.form.state.counted import is_offered, is_required
from formengine.language.fields.base import Problem, is_blank
from formengine.language.json_types import Json
from formengine.language.words import Wording

FillText = Callable[[str, str, Run], str]  # a label, its scope, the level's run


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing to put right: the rule and its facts; words come later (`formengine.language.words.words`).

    path: the answer's path with item ids, such as ``household.h2.agrees``; ``page:`` and an id for a whole page.
    type: the field type's name, or "repeat", "group", "page", "form". name: what to call the field in a message.
    message: the author's own words, or "" for the theme's. page: the id of the page that asks. wording: the words of
    the error's form, None for an error that is no form's.
    """

    path: str
    page: str
    type: str
    rule: str
    name: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""
    level: Literal["error", "warn"] = "error"
    wording: Wording | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True)
class Problems:
    """The errors and warnings found, each path's first one; `order` is the turn at which a path was reached."""

    form: Form
    text: FillText
    errors: dict[str, FieldError] = field(default_factory=dict)
    warnings: dict[str, FieldError] = field(default_factory=dict)
    order: dict[str, int] = field(default_factory=dict)

    @property
    def wording(self) -> Wording:
        """What formengine itself says in the form."""
        return self.form.wording

    def visit(self, path: str) -> None:
        """Record that `path` was reached now, which decides the order."""
        self.order.setdefault(path, len(self.order))

    def add(self, error: FieldError) -> None:
        """Record the error, unless its path has one already."""
        found = self.errors if error.level == "error" else self.warnings
        found.setdefault(error.path, error)

    def in_reading_order(self, found: dict[str, FieldError]) -> dict[str, FieldError]:
        """The same errors in the order their paths had their turn; those without a turn last."""
        last = len(self.order)
        return dict(sorted(found.items(), key=lambda entry: self.order.get(entry[0], last)))


def find_problems(
    form: Form, answers: Json, run: Run, text: FillText, *, only: Page | None = None
) -> Problems:
    """Every error and warning in `answers`, of all relevant pages or of one, which must be relevant.

    Answers that no question asks for are reported for the whole form alone.
    """
    problems = Problems(form, text)
    if not isinstance(answers, Mapping):
        problems.add(FieldError("", "", "form", "not_an_object", wording=form.wording))
        return problems
    for page in form.every_page if only is None else (only,):
        if run.relevance[page.gate] and not page.spec.paper_only:
            _page(page, run, "", problems)
            if page.spec.stop:
                title = text(page.title, "", run)
                problems.add(
                    FieldError(page_path(page), page.id, "page", "stopped", title, wording=problems.wording)
                )
    if only is None:
        _unknown(form, answers, problems)
    return problems


def page_path(page: Page) -> str:
    """The path of what concerns a whole page; no answer's path has a colon."""
    return f"page:{page.id}"


def _page(page: Page, run: Run, prefix: str, problems: Problems) -> None:
    path = page_path(page)
    problems.visit(path)
    _nodes(page.nodes, run, prefix, problems)
    _checks(page.checks, run, prefix, path, "page", page=page.id, problems=problems)


def _nodes(nodes: tuple[Node, ...], run: Run, prefix: str, problems: Problems) -> None:
    for node in nodes:
        if not run.relevance[node.gate] or node.spec.paper_only:
            continue
        if isinstance(node, Field):
            _field(node, run, prefix, problems)
        elif isinstance(node, Section):
            _nodes(node.nodes, run, prefix, problems)
        elif isinstance(node, Group):
            path = prefix + node.key
            problems.visit(path)
            raw = reach(run.answers, node.key.split("."))
            if raw is not None and not isinstance(raw, Mapping):
                name = problems.text(node.spec.label, scope_name(node.repeat, node.key), run)
                problems.add(
                    FieldError(path, node.page, "group", "not_an_object", name, wording=problems.wording)
                )
                continue
            _nodes(node.nodes, run, prefix, problems)
            _checks(node.checks, run, prefix, path, "group", page=node.page, problems=problems)
        elif isinstance(node, Repeat):
            _repeat(node, run, problems)


def _field(node: Field, run: Run, prefix: str, problems: Problems) -> None:
    path = prefix + node.key
    problems.visit(path)
    if not node.holds_answer:
        return
    if node.calculation is None:
        _judge_answer(node, run, path, problems)
    _checks(node.checks, run, prefix, path, node.spec.type.name, page=node.page, problems=problems)


def _judge_answer(node: Field, run: Run, path: str, problems: Problems) -> None:
    """What is wrong with the answer of `node` alone, whatever the other answers."""
    value = reach(run.answers, node.path)
    if is_blank(value):
        if is_required(node, run):
            problems.add(_error(node, path, Problem("required"), run, problems))
        return
    for problem in judge_value(node, value, run):
        problems.add(_error(node, path, problem, run, problems))


def judge_value(node: Field, value: Json, run: Run) -> tuple[Problem, ...]:
    """What is wrong with a value that is given: shape, else its codes, else its limits and the type's `validate`."""
    spec = node.spec
    valid = node.valid(value)
    if not valid and not node.readable(value):
        return (spec.type.type_error(value, spec.settings),)
    if not is_offered(node, value, run):
        return (Problem("not_offered"),)
    found = spec.type.validate(value, spec.settings)
    if valid and node.rules_on is None:
        return found
    rules = node.rules if node.rules_on is None else node.rules_on(run.today.on)
    return (*(rule.problem for rule, keeps in rules if not keeps(value)), *found)


def _error(node: Field, path: str, problem: Problem, run: Run, problems: Problems) -> FieldError:
    spec = node.spec
    name = problems.text(spec.settings.name, node.scope, run)
    message = spec.messages.get(problem.rule, "")
    return FieldError(
        path,
        node.page,
        spec.type.name,
        problem.rule,
        name,
        problem.facts,
        message,
        problem.level,
        problems.form.wording,
    )


def _repeat(node: Repeat, run: Run, problems: Problems) -> None:
    spec, path = node.spec, node.key
    problems.visit(path)
    raw = reach(run.answers, node.key.split("."))
    facts = {"item_name": spec.item_name, "min_items": spec.min_items, "max_items": spec.max_items}

    def report(rule: str) -> None:
        message = spec.messages.get(rule, "")
        name = problems.text(spec.label, scope_name(None, node.key.rpartition(".")[0]), run)
        problems.add(
            FieldError(path, node.page, "repeat", rule, name, facts, message, wording=problems.wording)
        )

    if raw is not None and not isinstance(raw, list):
        report("not_a_list")
        return
    usable = usable_items(raw) or []
    if len(usable) != len(raw or ()):
        report("item_without_id")
    if len(usable) < spec.min_items:
        report("too_few_items")
    elif raw is None and node.decides_stop:
        report("required")
    if spec.max_items is not None and len(usable) > spec.max_items:
        report("too_many_items")
    for item_run in run.items.get(node.key, ()):
        prefix = f"{node.key}.{item_run.answers['id']}."
        if node.pages:
            for page in node.pages:
                if item_run.relevance[page.gate]:
                    _nodes(page.nodes, item_run, prefix, problems)
                    _checks(
                        page.checks, item_run, prefix, prefix[:-1], "page", page=node.page, problems=problems
                    )
        else:
            _nodes(node.nodes, item_run, prefix, problems)
    _checks(node.checks, run, "", path, "repeat", page=node.page, problems=problems)


def _checks(
    checks: tuple[Check, ...], run: Run, prefix: str, path: str, type_: str, *, page: str, problems: Problems
) -> None:
    for check in checks:
        if check.condition.test(run.values, run.item, run.today) is False:
            at = _place_of(check, run, prefix, problems.form)
            level = check.spec.level
            problems.add(
                FieldError(
                    prefix + at if at else path,
                    page,
                    type_,
                    "check",
                    message=check.spec.message,
                    level=level,
                    wording=problems.wording,
                )
            )


def _place_of(check: Check, run: Run, prefix: str, form: Form) -> str:
    """The key of the field where a check is reported, "" for its node: never at a question that is not asked now."""
    inside = prefix[:-1].rpartition(".")[0]  # the repeat's key; item ids have no dots
    places = check_places(check, form, inside if run.item is not None else None)
    return next((place.key for place in places if run.relevance[place.gate]), "")


def _unknown(form: Form, answers: Mapping[str, Json], problems: Problems) -> None:
    """Answers no field of the form asks for: a renamed or misspelt key must not vanish unseen.

    Rule: docs/language.md, Drafts.
    """
    nodes = [node for page in form.every_page if not page.spec.paper_only for node in page.nodes]
    _unknown_in(nodes, answers, "", problems, also=())


def _unknown_in(
    nodes: list[Node], answers: Mapping[str, Json], prefix: str, problems: Problems, also: tuple[str, ...]
) -> None:
    known = {node.spec.id: node for node in _named(nodes)}
    for key, value in answers.items():
        node = known.get(key)
        if node is None or (isinstance(node, Field) and not node.holds_answer):
            if key not in also:
                problems.add(
                    FieldError(
                        f"{prefix}{key}",
                        "",
                        "form",
                        "unknown_answer",
                        str(key),
                        wording=problems.wording,
                    )
                )
        elif isinstance(node, Group) and isinstance(value, Mapping):
            _unknown_in(list(node.nodes), value, f"{prefix}{key}.", problems, also=())
        elif isinstance(node, Repeat):
            for item in usable_items(value) or ():
                _unknown_in(list(node.nodes), item, f"{node.key}.{item['id']}.", problems, also=("id",))


def _named(nodes: list[Node]) -> list[Field | Group | Repeat]:
    """The nodes with an id among `nodes` and within their sections."""
    found: list[Field | Group | Repeat] = []
    for node in nodes:
        if node.spec.paper_only:
            continue
        if isinstance(node, Section):
            found.extend(_named(list(node.nodes)))
        elif not isinstance(node, compiled.Note):
            found.append(node)
    return found
