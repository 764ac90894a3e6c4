"""Sample answers: right, the same for the same seed, and over many seeds everything a form can be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest

from formengine import Form, State, compile_form, evaluate, load
from formengine.form.actions.items import items_of
from formengine.form.analysis.samples import NoSampleFoundError, sample_answers
from formengine.form.plan import Field, Group, Node, Page, Repeat, Run, Section
from formengine.form.plan.forward_pass import reach
from formengine.form.schema.export import schema
from formengine.form.schema.validators import fast_judge, plain, plain_object
from formengine.language.expressions import operands
from formengine.language.json_types import Json
from tests.form.features import features, form_of
from tests.support.loading import form_text, loaded

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 22)
SEEDS = range(200)
REAL_FORMS = ("request-for-support", "early-help-notification")

each_form = pytest.mark.parametrize("name", REAL_FORMS)


@cache
def real_form(name: str) -> Form:
    return compile_form(load(name))


@cache
def states(name: str) -> list[State]:
    """The states of the samples of all seeds."""
    form = real_form(name)
    return [evaluate(form, sample_answers(form, on=DAY, seed=seed), on=DAY) for seed in SEEDS]


def runs_of(state: State, repeat: str | None) -> list[Run]:
    return [state.run()] if repeat is None else state.run().items.get(repeat, [])


def every_field(form: Form) -> Iterator[tuple[str | None, Field]]:
    yield from ((None, field) for field in form.fields.values() if field.is_asked)
    for repeat, fields in form.item_fields.items():
        yield from ((repeat, field) for field in fields.values() if field.is_asked)


def conditional(form: Form) -> Iterator[tuple[str | None, Page | Node]]:
    """Every page and node with a condition, by the repeat in whose items it stands."""

    def within(node: Page | Node, repeat: str | None) -> Iterator[tuple[str | None, Page | Node]]:
        if node.show_if is not None:
            yield repeat, node
        inside = node.key if isinstance(node, Repeat) else repeat
        if isinstance(node, Repeat) and node.pages:
            children: tuple[Page | Node, ...] = node.pages
        else:
            children = node.nodes if isinstance(node, Page | Section | Group | Repeat) else ()
        for child in children:
            yield from within(child, inside)

    for page in form.every_page:
        yield from within(page, None)


def answered(name: str, repeat: str | None, field: Field) -> list[Json]:
    """Every answer to the field in all samples."""
    found: list[Json] = []
    for state in states(name):
        holders = [state.answers] if repeat is None else items_of(state.answers, repeat)
        found += [value for holder in holders if (value := reach(holder, field.path)) is not None]
    return found


@each_form
def test_every_sample_can_be_sent_and_is_valid_under_the_schema(name: str) -> None:
    judge = fast_judge(plain_object(schema(real_form(name), DAY)))
    for seed, state in zip(SEEDS, states(name), strict=True):
        assert dict(state.errors) == {}, seed
        assert state.answers == state.draft, seed
        assert judge(plain(state.answers)), seed


@each_form
def test_every_question_is_answered_in_some_sample(name: str) -> None:
    unanswered = [
        (repeat, field.key)
        for repeat, field in every_field(real_form(name))
        if not answered(name, repeat, field)
    ]
    assert unanswered == []


@each_form
def test_every_option_is_chosen_in_some_sample(name: str) -> None:
    never: list[tuple[str, str]] = []
    for repeat, field in every_field(real_form(name)):
        codes = {option.code for option in field.spec.settings.options}
        if not codes:
            continue
        chosen: set[Any] = set()
        for value in answered(name, repeat, field):
            chosen.update(value if isinstance(value, list) else [value])
        never.extend((field.key, code) for code in codes - chosen)
    assert sorted(never) == []


@each_form
def test_every_condition_holds_in_some_sample_and_fails_in_another(name: str) -> None:
    one_sided = []
    form = real_form(name)
    stops = [page.show_if for page in form.pages if page.spec.stop and page.show_if]
    # What a stop page asks has one answer in whatever can be sent.
    settled = {read for stop in stops for read in operands(stop.expr)}
    for repeat, node in conditional(form):
        assert node.show_if is not None
        truths = {
            node.show_if.test(run.values, run.item, run.today)
            for state in states(name)
            for run in runs_of(state, repeat)
        }
        if not {True, False} <= truths and not set(operands(node.show_if.expr)) <= settled:
            one_sided.append((repeat, node.show_if.text, truths))
    assert one_sided == []


@each_form
def test_lists_have_no_item_one_item_and_the_most_allowed_in_some_sample(name: str) -> None:
    form = real_form(name)
    for key, repeat in form.repeats.items():
        numbers = {len(items) for state in states(name) if (items := state.run().items.get(key)) is not None}
        least, most = repeat.spec.min_items, repeat.spec.max_items
        wanted = {least, max(least, 1), most if most is not None else max(least, 4)}
        assert wanted <= numbers, key


@each_form
def test_the_least_is_what_is_mandatory_and_nothing_else(name: str) -> None:
    form = real_form(name)
    for seed in range(10):
        state = evaluate(form, sample_answers(form, on=DAY, seed=seed, minimal=True), on=DAY)
        assert dict(state.errors) == {}
        for page in state.pages:
            for field in page.fields:
                assert field.answer is None or field.required or field.field.calculation is not None, (
                    field.path
                )
        for key, items in state.run().items.items():
            assert len(items) == form.repeats[key].spec.min_items


@each_form
def test_the_same_seed_gives_the_same_sample_and_another_another(name: str) -> None:
    form = real_form(name)
    told = [json.dumps(sample_answers(form, on=DAY, seed=seed)) for seed in (7, 7, 8)]
    assert told[0] == told[1]
    assert told[0] != told[2]


@pytest.mark.parametrize("feature", features())
def test_every_feature_form_has_samples_that_can_be_sent(feature: str) -> None:
    form = form_of(feature)
    judge = fast_judge(plain_object(schema(form, DAY)))
    for seed in range(10):
        answers = sample_answers(form, on=DAY, seed=seed)
        assert dict(evaluate(form, answers, on=DAY).errors) == {}
        assert judge(plain(answers))


def test_a_form_nobody_can_complete_is_told_with_what_is_wrong() -> None:
    fields = """
        - id: number
          type: number
          label: Number
          required: true
          check:
            - that: number is more than 5 and number is less than 6
              else: Impossible
    """
    form = compile_form(loaded(form_text(fields))[0])
    with pytest.raises(NoSampleFoundError, match="no valid answers found: number"):
        sample_answers(form, on=DAY)


def test_two_answers_that_must_fit_each_other_are_found() -> None:
    fields = """
        - id: start
          type: date
          label: Start
          required: true
          minimum: 2026-01-01
          maximum: 2026-01-02
        - id: end
          type: date
          label: End
          required: true
          check:
            - that: end is at least 2 days after start
              else: Too early
            - that: end is at most 4 days after start
              else: Too late
    """
    form = compile_form(loaded(form_text(fields))[0])
    for seed in range(30):
        assert str(sample_answers(form, on=DAY, seed=seed)["end"]).startswith("2026-01-0")


@pytest.mark.parametrize(
    "rule",
    [
        "during is not ticked or ended is on or after begun",
        "ended is on or after begun",
        "seen is on or after begun and seen is on or before ended",
        "seen is on or after begun or (during is ticked and ended is after begun)",
    ],
)
def test_checks_of_items_that_read_answers_outside_are_kept(rule: str) -> None:
    fields = f"""
        - id: begun
          type: date
          label: Begun
          required: true
        - id: ended
          type: date
          label: Ended
          required: true
        - id: visits
          type: repeat
          label: Visits
          item_name: visit
          item_title: Visit
          min_items: 1
          fields:
            - id: during
              type: tick
              label: During the plan
            - id: seen
              type: date
              label: Seen
              required: true
            - id: place
              type: text
              label: Place
              check:
                - that: {rule}
                  else: The dates do not fit.
    """
    form = compile_form(loaded(form_text(fields))[0])
    for seed in range(25):
        try:
            answers = sample_answers(form, on=DAY, seed=seed)
        except NoSampleFoundError as error:
            pytest.fail(f"seed {seed}: {error}")
        assert evaluate(form, answers, on=DAY).complete
