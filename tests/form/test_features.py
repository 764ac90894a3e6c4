"""Each feature of the language and each field type, in a tiny form of its own, goes the whole way."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html import unescape
from html.parser import HTMLParser
from random import Random

import pytest

from formengine.engine import Engine
from formengine.form.schema.export import schema
from formengine.form.schema.validators import fast_judge, plain, plain_object, portable_judge
from formengine.form.state import State, evaluate
from formengine.form.state.views import (
    FieldState,
    GroupState,
    NodeState,
    NoteState,
    RepeatState,
    SectionState,
    relevant,
)
from formengine.language.content import plain_text
from formengine.language.fields import COMPOSITE_TYPES, FIELD_TYPES
from formengine.language.words import Wording, words
from tests.form.features import Case, advice, cases, every_case, features, form_of, path_of
from tests.language.test_fields_posts import BAD, CONTEXT, GOOD
from tests.support.generators.drafts import Answerer

DAY = date(2026, 11, 22)

each_feature = pytest.mark.parametrize("feature", features())
each_case = pytest.mark.parametrize("case", every_case(), ids=str)


def state_of(case: Case) -> State:
    return evaluate(case.form, case.answers, on=case.on)


def fields_shown(nodes: tuple[NodeState, ...]) -> Iterator[FieldState]:
    """The questions that count, those of items among them."""
    for node in relevant(nodes):
        if isinstance(node, FieldState):
            yield node
        elif isinstance(node, SectionState | GroupState):
            yield from fields_shown(node.nodes)
        elif isinstance(node, RepeatState):
            for item in node.items:
                yield from fields_shown(item.nodes)


def texts_shown(nodes: tuple[NodeState, ...]) -> Iterator[str]:
    """Every text that people read among `nodes`, answers left out."""
    for node in relevant(nodes):
        if isinstance(node, NoteState):
            yield plain_text(node.text)
            continue
        yield node.label
        if isinstance(node, FieldState):
            yield plain_text(node.hint)
            yield from (option.label for option in node.options)
            continue
        yield plain_text(node.intro)
        if isinstance(node, RepeatState):
            for item in node.items:
                yield item.title
                yield from (page.title for page in item.pages)
                yield from texts_shown(item.nodes)
        else:
            yield from texts_shown(node.nodes)


def text_of(state: State) -> str:
    """All that stands on the pages, answers left out."""
    parts: list[str] = []
    for page in state.pages:
        parts += [page.title, plain_text(page.intro), *texts_shown(page.nodes)]
    return "\n".join(parts)


def together(text: str) -> str:
    """The text without blanks: paper breaks lines where it likes."""
    return re.sub(r"\s+", "", text)


def text_of_pdf(content: bytes) -> str:
    """The text of a PDF, as poppler reads it."""
    run = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True)
    return run.stdout.decode("utf-8")


@each_feature
def test_a_feature_s_form_has_no_finding_but_the_advice_it_shows(feature: str) -> None:
    found = Engine().check(path_of(feature))
    assert [finding.message for finding in found if finding.severity == "error"] == []
    assert sorted({finding.code for finding in found}) == advice(feature)


@each_feature
def test_a_feature_is_shown_by_answers_that_can_be_sent_or_by_what_stops_them(feature: str) -> None:
    assert any(not case.errors for case in cases(feature))


@each_case
def test_the_pages_shown_are_those_expected(case: Case) -> None:
    assert [page.id for page in state_of(case).pages] == case.pages


@each_case
def test_what_is_wrong_is_said_in_words_in_reading_order(case: Case) -> None:
    state = state_of(case)
    assert {path: words(error) for path, error in state.errors.items()} == case.errors
    assert list(state.errors) == list(case.errors)
    assert state.complete == (not case.errors)


@each_case
def test_what_is_advised_is_said_and_blocks_nothing(case: Case) -> None:
    assert {path: words(found) for path, found in state_of(case).warnings.items()} == case.warnings


@each_case
def test_exactly_the_answers_expected_count(case: Case) -> None:
    assert state_of(case).answers == case.counted


@each_case
def test_texts_say_what_the_answers_make_of_them(case: Case) -> None:
    text = text_of(state_of(case))
    assert [said for said in case.said.get("texts", ()) if said not in text] == []
    assert [said for said in case.said.get("absent", ()) if said in text] == []


@each_case
def test_urgency_route_and_others_codes_are_those_expected(case: Case) -> None:
    state = state_of(case)
    said = case.said
    assert state.urgent == said.get("urgent", False)
    assert state.route == said.get("route")
    if state.complete:
        submission = state.submission(at="2026-11-22T09:00:00Z")
        assert submission["codes"] == said.get("codes", {})
        assert submission["urgency"] == ("urgent" if state.urgent else "standard")


@each_feature
def test_the_schema_accepts_exactly_the_answers_that_can_be_sent(feature: str) -> None:
    for case in cases(feature):
        document = plain_object(schema(form_of(feature), case.on))
        state = state_of(case)
        sent = case.answers if case.errors else state.answers
        for judge in (fast_judge, portable_judge):
            assert judge(document)(plain(sent)) == case.schema_accepts, case.claim


@each_case
def test_what_the_schema_lets_pass_is_listed_in_it(case: Case) -> None:
    if not case.errors or not case.schema_accepts:
        return
    listed = {(entry["path"], entry["rule"]) for entry in schema(case.form, case.on)["x-check"]}
    assert {(error.path, error.rule) for error in state_of(case).errors.values()} <= listed


@each_feature
def test_the_schema_refuses_answers_that_do_not_count(feature: str) -> None:
    for case in cases(feature):
        given = case.answers
        if case.errors or case.counted == given or not _left_out(given, case.counted):
            continue
        assert not fast_judge(plain_object(schema(form_of(feature), case.on)))(plain(given)), case.claim


def _left_out(given: object, counted: object) -> bool:
    """Whether something given does not count, apart from what was only added."""
    if isinstance(given, dict) and isinstance(counted, dict):
        return any(key not in counted or _left_out(value, counted[key]) for key, value in given.items())
    if isinstance(given, list) and isinstance(counted, list):
        return any(_left_out(one, other) for one, other in zip(given, counted, strict=True))
    return given != counted


@pytest.mark.slow
@each_feature
def test_paper_shows_every_answer_that_counts(feature: str) -> None:
    wording = Wording("en")
    for case in cases(feature):
        state = state_of(case)
        if case.errors:
            continue
        pdf = Engine().pdf(state, author="Example Council", at=datetime(2026, 11, 22, 9, tzinfo=UTC))
        paper = together(text_of_pdf(pdf.content))
        answers = [
            field for page in state.pages for field in fields_shown(page.nodes) if field.display is not None
        ]
        shown = [wording.word(text) for field in answers if field.display for text in field.display.texts]
        assert [text for text in shown if together(text) not in paper] == [], case.claim


def type_feature(type_name: str) -> str:
    """The feature that shows a field type."""
    return f"types/{type_name.replace('_', '-')}"


@pytest.mark.parametrize("type_name", [*FIELD_TYPES, *COMPOSITE_TYPES])
def test_every_type_has_a_feature_form(type_name: str) -> None:
    form = form_of(type_feature(type_name))
    fields = (
        [*form.fields.values(), *form.item_fields["items"].values()] if form.repeats else form.fields.values()
    )
    named = {field.spec.type.name for field in fields} | {
        group.spec.composite.name for group in form.groups.values() if group.spec.composite
    }
    assert type_name in named


@pytest.mark.parametrize("type_name", GOOD)
def test_what_a_good_post_becomes_is_taken_by_form_and_schema(type_name: str) -> None:
    form = form_of(type_feature(type_name))
    judge = fast_judge(plain_object(schema(form, DAY)))
    values = [value for _, value in GOOD[type_name] if value is not None]
    for value in values:
        state = evaluate(form, {"answer": value}, on=DAY)
        assert (value, dict(state.errors)) == (value, {})
        assert state.answers == {"answer": value}
        assert judge({"answer": value})


@pytest.mark.parametrize("type_name", BAD)
def test_what_a_bad_post_becomes_is_refused_by_the_form_in_the_same_words(type_name: str) -> None:
    form = form_of(type_feature(type_name))
    settings, told = form.fields["answer"].spec.settings, CONTEXT[type_name]
    assert (settings.name, settings.limits) == (told.name, told.limits)
    assert [(o.code, o.label) for o in settings.options] == [(o.code, o.label) for o in told.options]
    judge = fast_judge(plain_object(schema(form, DAY)))
    listed = {entry["rule"] for entry in schema(form, DAY)["x-check"] if entry["path"] == "answer"}
    for posted, rule, message in BAD[type_name]:
        value = FIELD_TYPES[type_name].decode(posted, settings).value
        error = evaluate(form, {"answer": value}, on=DAY).errors["answer"]
        assert (error.rule, words(error)) == (rule, message), value
        assert judge({"answer": value}) == (rule in listed), value


class _Names(HTMLParser):
    """The names of a page's controls and the ids of its elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.ids: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in {"input", "select", "textarea"} and given.get("name"):
            self.names.add(str(given["name"]))
        if given.get("id"):
            self.ids.append(str(given["id"]))


def is_asked_by(path: str, names: set[str]) -> bool:
    """Whether a control asks for the answer at `path`: one of its own, or one for each part of it."""
    return any(name == path or name.startswith(f"{path}-") for name in names)


@each_feature
def test_every_page_asks_every_question_that_counts(feature: str) -> None:
    html = Engine().html(form_of(feature))
    for case in cases(feature):
        state = state_of(case)
        for page in state.pages:
            if page.page.spec.paper_only:
                continue
            found = _Names(html.page(state, page.id, show_errors=True))
            assert len(found.ids) == len(set(found.ids)), (case.claim, page.id)
            unasked = [
                field.path
                for field in page.fields
                if field.relevance
                and field.field.is_asked
                and not field.field.spec.read_only
                and not is_asked_by(field.path, found.names)
            ]
            assert unasked == [], (case.claim, page.id)


@each_feature
def test_every_answer_that_counts_stands_on_the_page_of_all_answers(feature: str) -> None:
    wording = Wording("en")
    html = Engine().html(form_of(feature))
    for case in cases(feature):
        state = state_of(case)
        page = together(unescape(html.check_answers(state)))
        answers = [field for shown in state.pages for field in fields_shown(shown.nodes)]
        texts = [wording.word(text) for field in answers if field.display for text in field.display.texts]
        assert [text for text in texts if together(text) not in page] == [], case.claim


@each_feature
def test_what_is_wrong_stands_on_the_page_that_asks(feature: str) -> None:
    html = Engine().html(form_of(feature))
    for case in cases(feature):
        state = state_of(case)
        for error in state.errors.values():
            if not error.page:
                continue
            page = unescape(html.page(state, error.page, show_errors=True))
            assert words(error) in page, (case.claim, error.path)


@pytest.mark.slow
@each_feature
def test_whatever_was_stored_every_page_can_be_drawn_with_its_errors(feature: str) -> None:
    form = form_of(feature)
    html = Engine().html(form)
    answerer = Answerer(form, DAY, Random(feature))
    for _ in range(6):
        state = evaluate(form, answerer.draft(rubbish=0.5), on=DAY)
        for page in state.pages:
            if not page.page.spec.paper_only:
                assert "<h1" in html.page(state, page.id, show_errors=True)
        assert "<h1" in html.check_answers(state)
        assert Engine().text(state)


def test_a_month_that_is_none_is_shown_as_it_was_typed() -> None:
    form = form_of("types/month")
    state = evaluate(form, {"answer": "2016-13"}, on=DAY)
    assert "2016-13" in Engine().html(form).check_answers(state)
