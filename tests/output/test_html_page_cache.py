"""Pages from kept sheets and pieces are the pages drawn afresh, and what is kept holds nobody's answers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formengine import Form, State, compile_form, evaluate, load
from formengine.output.html import HtmlRenderer, partial_cache
from formengine.output.html.menu import pages_to_fill_in
from tests.output.test_html_render import ServiceLinks
from tests.support.generators.drafts import Answerer
from tests.support.generators.forms import generated_form
from tests.support.html_sites import ON, SEEDS, answers_of, form, hostile_answers
from tests.support.tiers import cases

pytestmark = pytest.mark.slow

SECRET = "Zyxwvut"


@cache
def shared(name: str) -> HtmlRenderer:
    """One for all examples, so that each reads sheets that others' answers made."""
    return HtmlRenderer(form(name), links=ServiceLinks())


def assert_same_pages(html: HtmlRenderer, state: State, random: Random) -> None:
    afresh = HtmlRenderer(html.form, links=html.links, cached_pages=0)
    asked = [(page.id, errors) for page in pages_to_fill_in(state) for errors in (False, True)]
    random.shuffle(asked)
    for page_id, errors in asked:
        hidden = {"revision": str(random.random())}
        found = html.page(state, page_id, show_errors=errors, hidden=hidden)
        assert found == afresh.page(state, page_id, show_errors=errors, hidden=hidden)
    errors, hidden = random.choice((False, True)), {"revision": str(random.random())}
    found = html.check_answers(state, show_errors=errors, hidden=hidden)
    assert found == afresh.check_answers(state, show_errors=errors, hidden=hidden)


def drafts(of: Form, random: Random) -> list[dict[str, Any]]:
    """Answers of every sort: none, random ones with rubbish, complete ones, and those a little changed."""
    answerer = Answerer(of, ON, random)
    complete = answerer.complete()
    found = [{}, answerer.draft(), answerer.draft(rubbish=0.5), complete, answerer.mutated(complete)]
    random.shuffle(found)
    return found


@pytest.mark.parametrize("name", SEEDS)
def test_samples_and_hostile_answers_look_the_same_on_a_sheet(name: str) -> None:
    answers = [{}, *(answers_of(name, seed) for seed in SEEDS[name]), hostile_answers(name)]
    html = HtmlRenderer(form(name), links=ServiceLinks())
    for given_answers in answers * 2:
        assert_same_pages(html, evaluate(html.form, given_answers, on=ON), Random(1))


@pytest.mark.parametrize("name", SEEDS)
@given(seed=st.integers(0, 10**6))
@settings(max_examples=cases(8, long=200), deadline=None)
def test_random_drafts_look_the_same_on_a_sheet(name: str, seed: int) -> None:
    random = Random(seed)
    for answers in drafts(form(name), random):
        assert_same_pages(shared(name), evaluate(form(name), answers, on=ON), random)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=cases(15, long=400), deadline=None)
def test_random_forms_look_the_same_on_a_sheet(seed: int) -> None:
    random = Random(seed)
    html = HtmlRenderer(generated_form(str(seed)))
    for answers in drafts(html.form, random):
        assert_same_pages(html, evaluate(html.form, answers, on=ON), random)


def test_sheets_that_are_let_go_are_drawn_again() -> None:
    html = HtmlRenderer(form("request-for-support"), cached_pages=2)
    for seed in (1, 5, 1):
        assert_same_pages(
            html, evaluate(html.form, answers_of("request-for-support", seed), on=ON), Random(seed)
        )
    assert len(html._cached_pages) <= 2


def test_an_option_called_none_is_not_chosen_by_no_answer(tmp_path: Path) -> None:
    text = (
        "form: f\ntitle: F\nversion: 2026.1\naccess: anyone\npages:\n  - id: one\n    title: One\n    fields:\n"
        "      - id: which\n        type: choice\n        label: Which\n        options:\n"
        "          None: Neither\n          both: Both\n"
    )
    (tmp_path / "form.yaml").write_text(text, encoding="utf-8")
    html = HtmlRenderer(compile_form(load(tmp_path)))
    assert "checked" not in html.page(evaluate(html.form, {}, on=ON), "one")
    assert html.page(evaluate(html.form, {"which": "None"}, on=ON), "one").count(" checked") == 1


def secretive(value: Any) -> Any:
    """Answers with `SECRET` in every text that is not an id, a code or a date's shape apart."""
    if isinstance(value, Mapping):
        return {key: inner if key == "id" else secretive(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [secretive(inner) for inner in value]
    return SECRET + value if isinstance(value, str) else value


@pytest.mark.parametrize("name", SEEDS)
def test_no_sheet_holds_an_answer(name: str) -> None:
    html = HtmlRenderer(form(name))
    seen = ""
    for spoilt in (False, True):
        for seed in SEEDS[name]:
            answers = texts_secret(name, seed)
            state = evaluate(html.form, secretive(answers) if spoilt else answers, on=ON)
            for page in pages_to_fill_in(state):
                seen += html.page(state, page.id, hidden={"rev": SECRET})
            seen += html.check_answers(state, hidden={"rev": SECRET})
    assert SECRET in seen
    assert html._cached_pages
    assert html._partials._cuts
    assert SECRET not in repr((html._cached_pages, vars(html._partials)))


def test_pieces_that_are_let_go_are_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partial_cache, "CUTS", 3)
    html = HtmlRenderer(form("request-for-support"))
    assert_same_pages(html, evaluate(html.form, answers_of("request-for-support", 1), on=ON), Random(1))
    assert len(html._partials._cuts) <= 3


def texts_secret(name: str, seed: int) -> Mapping[str, Any]:
    """Answers that count, so that whatever they open is shown, with `SECRET` where people write freely."""
    found: Mapping[str, Any] = _replaced(hostile_answers(name), answers_of(name, seed))
    return found


def _replaced(hostile: Any, answers: Any) -> Any:
    """`answers`, with `SECRET` where free text was made hostile."""
    if isinstance(answers, Mapping):
        return {
            key: _replaced(hostile.get(key) if isinstance(hostile, Mapping) else None, inner)
            for key, inner in answers.items()
        }
    if isinstance(answers, list):
        others = hostile if isinstance(hostile, list) else []
        return [_replaced(others[n] if n < len(others) else None, each) for n, each in enumerate(answers)]
    return SECRET if isinstance(hostile, str) and hostile != answers and "<script>" in hostile else answers
