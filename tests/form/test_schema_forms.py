"""The published schema accepts exactly what the engine accepts, apart from what it lists under ``x-check``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from formengine.form.compiler import compile_form
from formengine.form.plan import Form
from formengine.form.schema.export import schema
from formengine.form.schema.rules import Rules
from formengine.form.schema.validators import fast_judge, portable_judge
from formengine.form.schema.x_check import x_checks
from formengine.form.state import evaluate
from formengine.language.fields import COMPOSITE_TYPES, FIELD_TYPES
from formengine.language.json_types import Json
from formengine.language.loader import load
from tests.support.generators.drafts import Answerer
from tests.support.generators.forms import definition_text, generated_form
from tests.support.tiers import cases
from tests.tools.ajv import validate

# How many random forms there are.
FORMS = cases(60, long=160)
DAYS = (date(2026, 11, 22), date(2024, 2, 29), date(2026, 3, 31))


def seeded(seed: str) -> Random:
    return Random(seed)


class Oracle:
    """The engine's verdict on the answers of a submission of one form on one day."""

    def __init__(self, form: Form, on: date | None, day: date) -> None:
        self.form = form
        self.day = day
        self.listed = {(entry["path"], entry["rule"]) for entry in x_checks(form, on)}

    def verdict(self, answers: dict[str, Json]) -> bool | None:
        """Whether the engine takes exactly these answers; None where only a rule under ``x-check`` refuses them."""
        state = evaluate(self.form, answers, on=self.day)
        refused = [
            error for error in state.errors.values() if not self._is_listed(error.path, error.rule, answers)
        ]
        if refused:
            return False
        unlisted = self._without_calculated(state.answers) == self._without_calculated(answers)
        if state.errors:
            return None
        if state.answers == answers:
            return True
        return None if unlisted else False

    def _is_listed(self, path: str, rule: str, answers: dict[str, Json]) -> bool:
        if rule == "item_without_id":
            return has_twins(answers, path.split("."))
        for key in self.form.repeats:
            path = re.sub(rf"^{re.escape(key)}\.[^.]+\.", f"{key}[].", path)
        return (path, rule) in self.listed

    def _without_calculated(self, answers: Any) -> Any:
        changed = deepcopy(dict(answers))
        for path, rule in self.listed:
            if rule == "calculated":
                for holder in _holders(changed, path.split(".")[:-1]):
                    holder.pop(path.rpartition(".")[2], None)
        return changed


def has_twins(answers: Json, path: list[str]) -> bool:
    """Whether all items at `path` have well-formed ids, some of them the same: what only ``x-check`` refuses."""
    for part in path:
        answers = answers.get(part) if isinstance(answers, dict) else None
    if not isinstance(answers, list) or not all(isinstance(item, dict) for item in answers):
        return False
    ids = [item.get("id") for item in answers]
    well_formed = all(isinstance(each, str) and re.fullmatch("[A-Za-z0-9_-]{1,64}", each) for each in ids)
    return well_formed and len(set(ids)) < len(ids)


def _holders(value: Json, path: list[str]) -> Iterator[dict[str, Json]]:
    if not path:
        if isinstance(value, dict):
            yield value
        return
    inner = value.get(path[0].removesuffix("[]")) if isinstance(value, dict) else None
    for part in inner if isinstance(inner, list) else [inner]:
        yield from _holders(part, path[1:])


def documents(form: Form, day: date, random: Random, number: int) -> Iterator[dict[str, Json]]:
    """Answers as submissions hold them: of drafts, complete and not, and with something changed in them."""
    answerer = Answerer(form, day, random)
    for turn in range(number):
        draft = answerer.draft() if turn % 3 == 0 else answerer.complete()
        counted = dict(evaluate(form, draft, on=day).answers)
        yield counted
        for _ in range(3):
            yield answerer.mutated(counted)


def case_of(seed: int) -> tuple[Form, date, Random]:
    random = seeded(f"form {seed}")
    return generated_form(str(seed)), random.choice(DAYS), random


def test_engine_and_schema_agree_on_random_forms_and_submissions() -> None:
    judged = accepted = refused = unsaid = 0
    wrong = []
    for seed in range(FORMS):
        form, day, random = case_of(seed)
        oracle, judge = Oracle(form, day, day), fast_judge(schema(form, day))
        for answers in documents(form, day, random, 24):
            expected, found = oracle.verdict(answers), judge(answers)
            judged += 1
            accepted += expected is True
            refused += expected is False
            unsaid += expected is None
            if expected is not None and expected is not found:
                wrong.append((seed, day, expected, answers))
    assert wrong == []
    assert judged >= 95 * FORMS
    assert min(accepted, refused) > 18 * FORMS
    assert unsaid < judged / 20


@pytest.mark.parametrize("form_id", ["request-for-support", "early-help-notification"])
def test_engine_and_schema_agree_on_the_shipped_forms(form_id: str) -> None:
    form, day = compile_form(load(form_id)), DAYS[0]
    document = schema(form, day)
    oracle, judge = Oracle(form, day, day), fast_judge(document)
    answers = list(documents(form, day, seeded(form_id), 150))
    verdicts = [(oracle.verdict(each), judge(each), each) for each in answers]
    assert [verdict for verdict in verdicts if verdict[0] not in {None, verdict[1]}] == []
    assert sum(expected is True for expected, _, _ in verdicts) > 20
    assert sum(expected is False for expected, _, _ in verdicts) > 60
    assert validate(document, answers) == [judged for _, judged, _ in verdicts]


OFFERED = """\
form: offered
title: Offered
version: 1
access: anyone
pages:
  - id: all
    title: All
    fields:
      - id: colour
        type: choice
        label: Colour
        options: {red: Red, blue: Blue}
      - id: shade
        type: choice
        label: Shade
        options:
          light: Light
          crimson: {label: Crimson, show_if: colour is red}
"""


def test_a_rule_left_out_of_the_schema_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "form.yaml").write_text(OFFERED, encoding="utf-8")
    form = compile_form(load(tmp_path))
    not_offered: dict[str, Json] = {"colour": "blue", "shade": "crimson"}
    assert Oracle(form, DAYS[0], DAYS[0]).verdict(not_offered) is False
    assert not fast_judge(schema(form, DAYS[0]))(not_offered)
    monkeypatch.setattr(Rules, "_bans", lambda *_: iter(()))
    assert fast_judge(schema(form, DAYS[0]))(not_offered)


def test_three_validators_give_the_same_verdicts() -> None:
    for seed in range(300, 300 + cases(8, long=20)):
        form, day, random = case_of(seed)
        document = schema(form, day)
        answers = list(documents(form, day, random, 10))
        fast, portable = fast_judge(document), portable_judge(document)
        verdicts = [fast(each) for each in answers]
        assert [portable(each) for each in answers] == verdicts
        assert validate(document, answers) == verdicts


def test_a_schema_without_a_day_refuses_nothing_that_is_right_on_some_day() -> None:
    accepted = refused = 0
    number = cases(16, long=40)
    for seed in range(400, 400 + number):
        form, day, random = case_of(seed)
        oracle, judge = Oracle(form, None, day), fast_judge(schema(form))
        for answers in documents(form, day, random, 12):
            expected = oracle.verdict(answers)
            found = judge(answers)
            refused += not found
            if expected:
                accepted += 1
                assert found, (seed, day, answers)
    assert accepted > 10 * number
    assert refused > 10 * number


def test_every_schema_is_valid_and_keeps_to_the_dialect() -> None:
    for seed in range(500, 500 + cases(8, long=15)):
        form, day, _ = case_of(seed)
        for document in (schema(form, day), schema(form)):
            Draft202012Validator.check_schema(document)
            assert list(breaches(document)) == []


def test_random_forms_hold_every_field_type_and_structure_many_times() -> None:
    found: Counter[str] = Counter()
    for seed in range(FORMS):
        found.update(_pieces(yaml.safe_load(definition_text(str(seed)))))
    wanted = {
        *(FIELD_TYPES.keys() - {"signature"}),
        *COMPOSITE_TYPES,
        *("section", "group", "repeat", "note", "stop", "paper_only", "conditions", "submit"),
        *("show_if", "required_if", "required", "check", "warn", "options_from", "exclusive", "parts"),
        *("in an item", "in an item's pages", "option show_if", "minimum", "min_items", "max_items"),
    }
    assert {name: found[name] for name in sorted(wanted) if found[name] < FORMS // 20} == {}


def _pieces(written: Any, around: str = "") -> Iterator[str]:
    """The keys and types in a definition; what stands in an item, or is an option's, is told apart."""
    if isinstance(written, list):
        for inner in written:
            yield from _pieces(inner, around)
    if not isinstance(written, dict):
        return
    yield from map(str, written)
    yield str(written.get("type", ""))
    if "show_if" in written and around:
        yield around
    for key, inner in written.items():
        inside = "in an item" if written.get("type") == "repeat" and key == "fields" else around
        inside = "in an item's pages" if written.get("type") == "repeat" and key == "pages" else inside
        yield from _pieces(inner, "option show_if" if key == "options" else inside)


def test_the_same_seed_writes_the_same_form() -> None:
    assert definition_text("7") == definition_text("7")
    assert schema(generated_form("7"), DAYS[0]) == schema(generated_form("7"), DAYS[0])


KEYWORDS = {
    *("$schema", "$id", "$ref", "$defs", "title", "description"),
    *("type", "const", "enum", "not", "allOf", "anyOf", "if", "then", "else"),
    *("properties", "required", "additionalProperties", "minProperties"),
    *("items", "contains", "minContains", "maxContains", "minItems", "maxItems", "uniqueItems"),
    *("pattern", "minLength", "maxLength"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("x-check", "x-form", "x-on", "x-options"),
}
NOT_SAFE = re.compile(r"\(\?[=!<P]|\\[dDwWsSbBpP]|(?<!\\)\.")


def breaches(document: Json) -> Iterator[str]:
    """What in a schema validators may read differently."""
    if not isinstance(document, dict):
        return
    yield from document.keys() - KEYWORDS
    if NOT_SAFE.search(re.sub(r"\[[^\]]*\]", "", document.get("pattern", ""))):
        yield document["pattern"]
    for key, value in document.items():
        if key in {"properties", "$defs"}:
            for inner in value.values():
                yield from breaches(inner)
        elif key in {"allOf", "anyOf"}:
            for inner in value:
                yield from breaches(inner)
        elif key in {"not", "if", "then", "else", "items", "contains"}:
            yield from breaches(value)
