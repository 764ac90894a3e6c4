"""Scenarios: tests of a form without code, as YAML beside it. Answers that are given, and what must follow from them.

A scenario's file ends in ``.scenario.yaml``. What it gives is read as if somebody had just typed it.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from formengine.form.actions.drafts import Answers, with_answer
from formengine.form.actions.import_answers import import_answers
from formengine.form.analysis.explain import explain_path, paths
from formengine.form.plan import Field, Form
from formengine.form.plan.forward_pass import reach
from formengine.form.state import FieldError, State, evaluate
from formengine.language.diagnostics import Diagnostic, Findings, near
from formengine.language.fields.stored_files import KEYS, MEDIA_TYPES
from formengine.language.json_types import Json
from formengine.language.reader import Mapping, Scalar, Sequence, YamlNode, read
from formengine.language.source import Source
from formengine.language.words import words

ENDING: Final = ".scenario.yaml"
_YES: Final = {"yes": True, "true": True, "no": False, "false": False}
_KEYS: Final = ("scenario", "title", "form", "on", "given", "then")


@dataclass(frozen=True, slots=True)
class Failure:
    """What is not as the scenario says: a sentence, and the line that says it."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class ScenarioRun:
    """A scenario that was run. state: what the form is for its answers; None where the file cannot be read."""

    name: str
    title: str
    state: State | None
    failures: tuple[Failure, ...]
    findings: tuple[Diagnostic, ...] = ()


def run_scenario(form: Form, source: Source, *, on: date) -> ScenarioRun:
    """The scenario in `source`, run on this form; on the day `on` where it names none."""
    findings = Findings()
    root = read(source, findings)
    stem = source.name.rpartition("/")[2].removesuffix(ENDING)
    if root is None or findings.has_errors:
        return ScenarioRun(stem, "", None, (), findings.in_file_order())
    run = _Scenario(form, root, on)
    state = run.state()
    run.check(state)
    failures = tuple(sorted(run.failures, key=lambda each: each.line))
    return ScenarioRun(run.text("scenario") or stem, run.text("title"), state, failures)


class _Scenario:
    def __init__(self, form: Form, root: Mapping, on: date) -> None:
        self.form, self.root, self.day = form, root, on
        self.failures: list[Failure] = []
        for entry in root:
            if entry.key.text not in _KEYS:
                self.fail(entry.key, f"A scenario has no `{entry.key.text}`{_similar(entry.key.text, _KEYS)}")
        said = root.get("form")
        if isinstance(said, Scalar) and said.text.strip() != form.id:
            self.fail(said, f"It is a scenario of the form `{said.text.strip()}`, and this is `{form.id}`")

    def fail(self, node: YamlNode, sentence: str) -> None:
        self.failures.append(Failure(node.span.line, f"{sentence}."))

    def text(self, key: str) -> str:
        found = self.root.get(key)
        return found.text.strip() if isinstance(found, Scalar) else ""

    def state(self) -> State:
        on = self.root.get("on")
        if isinstance(on, Scalar):
            try:
                self.day = date.fromisoformat(on.text.strip())
            except ValueError:
                self.fail(on, f"`{on.text}` is no day such as 2026-11-30")
        given = self.root.get("given")
        if given is not None and not isinstance(given, Mapping):
            self.fail(given, "`given` has an answer in each line, such as `urgency: urgent`")
        answers = _plain(given) if isinstance(given, Mapping) else {}
        taken = import_answers(self.form, answers, new_item=_counted())
        draft = _with_files(self.form, answers, taken.draft)
        for leftover in taken.leftovers:
            if leftover.why == "no_question":
                node = _at(given, leftover.question.split(".")) or self.root
                similar = _similar(leftover.question, paths(self.form))
                self.fail(node, f"The form does not ask `{leftover.question}`{similar}")
        return evaluate(self.form, draft, on=self.day)

    def check(self, state: State) -> None:
        then = self.root.get("then")
        if not isinstance(then, Mapping):
            self.fail(then or self.root, "`then` says what must follow, such as `complete: yes`")
            return
        checks: dict[str, Callable[[State, YamlNode], None]] = {
            "asked": lambda state, node: self.asked(state, node, wanted=True),
            "not_asked": lambda state, node: self.asked(state, node, wanted=False),
            "pages": lambda state, node: self.pages(state, node, wanted=True),
            "not_pages": lambda state, node: self.pages(state, node, wanted=False),
            "errors": lambda state, node: self.messages(state.errors, node, "error"),
            "warnings": lambda state, node: self.messages(state.warnings, node, "warning"),
            "no_error_at": self.no_error,
            "urgent": lambda state, node: self.truth(state.urgent, node, "urgent"),
            "complete": lambda state, node: self.truth(state.complete, node, "complete", state),
        }
        for entry in then:
            check = checks.get(entry.key.text)
            if check is None:
                self.fail(entry.key, f"`then` has no `{entry.key.text}`{_similar(entry.key.text, checks)}")
            else:
                check(state, entry.value)

    # --- what must follow --------------------------------------------------------------------------------------------

    def asked(self, state: State, node: YamlNode, *, wanted: bool) -> None:
        for scalar in _scalars(node):
            path = scalar.text.strip()
            found = explain_path(state, path)
            if found is None:
                self.fail(scalar, f"The form has no question `{path}`{_similar(path, paths(self.form))}")
            elif (found.asked is True) != wanted:
                self.fail(scalar, f"`{path}` is {'not ' if wanted else ''}asked")

    def pages(self, state: State, node: YamlNode, *, wanted: bool) -> None:
        known, shown = {page.id for page in self.form.every_page}, {page.page.id for page in state.page_names}
        for scalar in _scalars(node):
            page = scalar.text.strip()
            if page not in known:
                self.fail(scalar, f"The form has no page `{page}`{_similar(page, known)}")
            elif (page in shown) != wanted:
                self.fail(scalar, f"The page `{page}` is {'not ' if wanted else ''}shown")

    def messages(self, errors: abc.Mapping[str, FieldError], node: YamlNode, what: str) -> None:
        """The messages at questions: their words below the question, or only that there is one."""
        if isinstance(node, Mapping):
            wanted = [
                (entry.key, entry.value.text if isinstance(entry.value, Scalar) else "") for entry in node
            ]
        else:
            wanted = [(scalar, "") for scalar in _scalars(node)]
        for key, text in wanted:
            path = key.text.strip()
            error = errors.get(path)
            said = words(error, self.form.definition.language) if error is not None else ""
            if error is None:
                others = f"; there is one at {', '.join(f'`{each}`' for each in errors)}" if errors else ""
                self.fail(key, f"There is no {what} at `{path}`{others}")
            elif text.strip() and " ".join(text.split()) != " ".join(said.split()):
                self.fail(key, f"At `{path}` the {what} is “{said}”")

    def no_error(self, state: State, node: YamlNode) -> None:
        for scalar in _scalars(node):
            error = state.errors.get(scalar.text.strip())
            if error is not None:
                said = words(error, self.form.definition.language)
                self.fail(scalar, f"At `{scalar.text.strip()}` there is the error “{said}”")

    def truth(self, found: bool, node: YamlNode, what: str, state: State | None = None) -> None:
        wanted = _YES.get(node.text.strip().lower()) if isinstance(node, Scalar) else None
        if wanted is None:
            self.fail(node, f"`{what}` is yes or no")
        elif wanted != found:
            first = next(iter(state.errors.values()), None) if state is not None else None
            why = (
                f": at `{first.path}`, “{words(first, self.form.definition.language)}”"
                if first and wanted
                else ""
            )
            self.fail(node, f"What was answered is {'' if found else 'not '}{what}{why}")


# --- reading answers -------------------------------------------------------------------------------------------------


def _plain(node: YamlNode) -> Json:
    if isinstance(node, Mapping):
        return {entry.key.text: _plain(entry.value) for entry in node}
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    return None if node.is_null else node.text


def _with_files(form: Form, given: Json, draft: Answers) -> Answers:
    """The draft with files of the names that are given where files are asked."""
    for field in form.fields.values():
        draft = _with_file(draft, field, given)
    for key, fields in form.item_fields.items():
        items, entries = reach(draft, key.split(".")), reach(given, key.split("."))  # type: ignore[arg-type]
        if isinstance(items, list) and isinstance(entries, list):
            filled: list[Json] = list(items)
            for number, (item, entry) in enumerate(zip(items, entries, strict=False)):
                if isinstance(item, dict) and isinstance(entry, dict):
                    for field in fields.values():
                        item = _with_file(item, field, entry)
                    filled[number] = dict(item)
            draft = with_answer(draft, key.split("."), filled)
    return draft


def _with_file(draft: Answers, field: Field, given: Json) -> Answers:
    if KEYS[0] not in field.spec.type.keys or not isinstance(given, dict):
        return draft
    value = reach(given, field.path)
    given_names = value if isinstance(value, list) else [value]
    names = [each for each in given_names if isinstance(each, str)]
    if not names:
        return draft
    files: list[Json] = [
        {
            "id": f"file{number}",
            "name": name,
            "type": MEDIA_TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream"),
            "size": 1000,
        }
        for number, name in enumerate(names, 1)
    ]
    kept: Json = files if field.spec.type.name == "files" else files[0]
    return with_answer(draft, field.path, kept)


def _counted() -> Callable[[], str]:
    """Ids for items in order: i1, i2 and so on, for each list anew from where it stands."""
    numbers = iter(range(1, 10_000))
    return lambda: f"i{next(numbers)}"


def _at(node: YamlNode | None, path: list[str]) -> YamlNode | None:
    """The key of what stands at this path, as far as it is there."""
    for number, name in enumerate(path):
        if isinstance(node, Sequence) and name.isdecimal():
            node = node.items[int(name) - 1] if 0 < int(name) <= len(node.items) else None
            continue
        entry = (
            next((each for each in node if each.key.text == name), None)
            if isinstance(node, Mapping)
            else None
        )
        if entry is None:
            return None
        if number == len(path) - 1:
            return entry.key
        node = entry.value
    return node


def _scalars(node: YamlNode) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Sequence):
        yield from (item for item in node.items if isinstance(item, Scalar))


def _similar(name: str, known: Iterable[str]) -> str:
    close = near(name, known)
    return f"; there is a similar name: `{close}`" if close else ""
