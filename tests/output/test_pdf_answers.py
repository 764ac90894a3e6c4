"""What stands in a copy of a form's answers: all that counts, nothing else, in an order people can follow."""

import io
import itertools
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formengine.engine import Engine
from formengine.form.state import FieldState, GroupState, NodeState, RepeatState, SectionState, State
from formengine.form.state.views import relevant
from formengine.language.words import Wording
from formengine.output.paper.tagged import scripts
from tests.support.generators.drafts import Answerer
from tests.support.paper_reading import (
    Node,
    artifacts,
    elements_in,
    instructions,
    kids_of,
    mark_of,
    object_id,
    page_texts,
    read,
)
from tests.support.pdf_samples import (
    FORMS,
    LONG_ANSWER,
    ON,
    REFERENCE,
    SAMPLES,
    Sample,
    content_of,
    filled,
    form_of,
    pdf_of,
    small_form,
    with_texts,
)
from tests.support.tiers import cases

pytestmark = pytest.mark.slow

WORDING = Wording("en")

each_sample = pytest.mark.parametrize("name", SAMPLES)
each_form = pytest.mark.parametrize("form", FORMS)


def visible(text: str) -> str:
    """What of a text must be readable: all but white space, and the characters that draw nothing."""
    kept = (char for char in scripts.clean(text) if not char.isspace() and not scripts.is_invisible(char))
    return "".join(kept)


def counted_texts(nodes: tuple[NodeState, ...]) -> Iterator[str]:
    """The texts of every answer that counts, those of items among them."""
    for node in relevant(nodes):
        if isinstance(node, FieldState) and node.display is not None:
            yield from (WORDING.word(text) for text in node.display.texts)
        elif isinstance(node, SectionState | GroupState):
            yield from counted_texts(node.nodes)
        elif isinstance(node, RepeatState):
            for item in node.items:
                yield from counted_texts(item.nodes)


def headings(root: Node) -> list[tuple[int, str]]:
    """The level and text of each heading, in reading order."""
    levels = {f"H{level}": level for level in range(1, 7)}
    return [
        (levels[part.tag], part.text) for part in root.parts if isinstance(part, Node) and part.tag in levels
    ]


def rows(root: Node) -> dict[str, str]:
    """The answer beside each label."""
    found = {}
    for row in root.find("TR"):
        label, value = [part for part in row.parts if isinstance(part, Node)][:2]
        found[label.text] = value.text
    return found


@cache
def read_copy(name: str) -> Node:
    return read(content_of(name))


def read_state(state: State) -> Node:
    return read(pdf_of(state))


def state_of(form: str | Path, answers: Any) -> State:
    return Sample(form, answers).state


# Nothing is lost


@each_sample
def test_every_word_of_every_answer_that_counts_stands_in_the_text(name: str) -> None:
    text = visible(read_copy(name).text)
    lost = [
        answer
        for page in SAMPLES[name].state.pages
        for answer in counted_texts(page.nodes)
        if visible(answer) not in text
    ]
    assert lost == []


@each_form
@settings(max_examples=cases(6, long=120))
@given(text=st.text(st.characters(exclude_categories=()), min_size=1, max_size=300), seed=st.integers(0, 3))
def test_no_text_breaks_a_copy_and_all_of_it_can_be_read(form: str, text: str, seed: int) -> None:
    answers = with_texts(filled(form, seed), form_of(form), text)
    state = state_of(form, answers)
    said = visible(read_state(state).text)
    lost = [text for page in state.pages for text in counted_texts(page.nodes) if visible(text) not in said]
    assert lost == []


def test_an_answer_of_thousands_of_words_flows_over_pages_and_each_says_what_it_answers() -> None:
    content = content_of("request-for-support-long")
    cells = [cell.text for cell in read(content).find("TD")]
    assert LONG_ANSWER.split() in [cell.split() for cell in cells]
    pdf_import = [
        page for page in artifacts(content) if "What is working well?" in page and "(continued)" in page
    ]
    assert len(pdf_import) > 5


def test_an_answer_that_cannot_be_read_stands_in_a_draft_as_typed_with_what_is_wrong() -> None:
    child = {"first_name": "Ann", "date_of_birth": "31 Feb 2020", "ni_number": "XX 12"}
    said = rows(read_state(state_of("request-for-support", {"child": child})))
    assert said["Date of birth"] == "31 Feb 2020To put right: Date of birth must be a real date"
    assert said["NI number"].startswith("XX 12To put right: ")


@each_form
@pytest.mark.parametrize("seed", range(12))
def test_a_draft_of_anything_whatever_gets_its_copy(form: str, seed: int) -> None:
    answers = Answerer(form_of(form), ON, Random(seed)).draft(rubbish=0.4)
    root = read_state(state_of(form, answers))
    assert headings(root)[0] == (1, form_of(form).title)
    assert "Draft, not yet submitted" in root.text


# Nothing is there that does not count


def test_answers_that_do_not_count_stand_neither_on_the_pages_nor_in_the_data_of_what_was_sent() -> None:
    answers = {
        **filled("request-for-support", 1),
        "has_children_same_address": "no",
        "children_same_address": [{"id": "x1", "first_name": "Hiddenchild", "last_name": "Example"}],
        "agreement": "yes",
        "no_agreement_reason": "Hiddenreason",
    }
    content = pdf_of(state_of("request-for-support", answers), REFERENCE)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        streams = b"".join(file.get_file().read_bytes() for file in pdf.attachments.values())
    assert "Hiddenchild" not in read(content).text + "".join(artifacts(content))
    assert "Hiddenreason" not in read(content).text
    assert b"Hidden" not in streams


def test_an_address_somebody_gave_is_text_and_no_link(tmp_path: Path) -> None:
    form = small_form(tmp_path, "- id: site\n  type: url\n  label: Web site")
    root = read_state(Engine().evaluate(form, {"site": "https://evil.example.com/x"}, on=ON))
    assert rows(root)["Web site"] == "https://evil.example.com/x"
    assert root.find("Link") == []


def test_hints_intros_and_notes_beside_questions_are_left_out_and_statements_stay() -> None:
    answers = {**filled("request-for-support", 1), "agreement": "not_sought", "no_agreement_reason": "Risk"}
    text = read_state(state_of("request-for-support", answers)).text
    assert "How does this form work?" not in text
    assert "for the key (main) child" not in text
    assert "If the child has no fixed address" not in text
    assert "If known" not in text
    assert "do not give them a copy of this form" in text
    assert "The information you provide will be shared between practitioners" in text


@pytest.mark.parametrize("name", ["request-for-support-2", "request-for-support-hostile", "stopped"])
def test_the_same_input_gives_the_same_bytes(name: str) -> None:
    assert SAMPLES[name].pdf() == SAMPLES[name].pdf()


# Structure


@each_sample
def test_headings_begin_with_the_title_and_skip_no_level(name: str) -> None:
    found = headings(read_copy(name))
    assert found[0] == (1, SAMPLES[name].compiled.title)
    assert [level for level, _ in found].count(1) == 1
    levels = [level for level, _ in found]
    assert [b - a for a, b in itertools.pairwise(levels) if b > a + 1] == []


@each_sample
def test_no_heading_says_again_what_the_one_above_it_says(name: str) -> None:
    found = [text.strip().casefold() for _, text in headings(read_copy(name))]
    assert [a for a, b in itertools.pairwise(found) if a == b] == []


def test_every_page_that_asks_has_its_bookmark() -> None:
    content = content_of("request-for-support-2")
    with pikepdf.open(io.BytesIO(content)) as pdf, pdf.open_outline() as outline:
        (document,) = outline.root
        marked = [item.title for item in document.children]
    assert document.title == "Request for Support (Professionals)"
    assert marked == [
        "Start of the form",
        "Child/Young Person's Details",
        "Additional details for Child/Young Person",
        "Additional Family Details - Children at Same Address",
        "Additional Family Details - Other People at the Same Address",
        "Additional Family Details - People at a different address",
        "Family agreement to engage with services",
        "Reasons for Support",
        "Request Details",
        "Referrer Details",
        "Supporting Documentation",
        "Uploaded files",
    ]


def test_a_copy_says_its_language_title_and_author() -> None:
    with pikepdf.open(io.BytesIO(content_of("request-for-support-1"))) as pdf:
        assert pdf.Root.Lang == "en-GB"
        metadata = pdf.open_metadata()
        assert metadata["dc:title"] == "Request for Support (Professionals)"
        assert metadata["dc:creator"] == ["Exampleshire Council"]


def test_a_page_titled_like_the_form_says_its_title_once(tmp_path: Path) -> None:
    form = small_form(tmp_path, "- id: a\n  type: text\n  label: A", title="Small form")
    assert headings(read_state(Engine().evaluate(form, {}, on=ON))) == [(1, "Small form"), (2, "Answers")]


def test_rows_after_a_group_or_list_get_a_heading_of_their_own(tmp_path: Path) -> None:
    fields = """
- id: person
  type: group
  label: Person
  fields:
    - id: name
      type: text
      label: Name
- id: plan
  type: text
  label: Plan
"""
    root = read_state(Engine().evaluate(small_form(tmp_path, fields), {}, on=ON))
    assert headings(root)[1:] == [(2, "Everything"), (3, "Person"), (3, "Everything: further details")]


def test_items_are_numbered_headings_and_an_empty_list_says_so() -> None:
    people = [{"id": "a", "first_name": "Ann", "last_name": "Lee"}, {"id": "b"}]
    answers = {"has_people_same_address": "yes", "people_same_address": people}
    root = read_state(state_of("request-for-support", answers))
    assert (4, "1. Ann Lee") in headings(root)
    assert (4, "2. Person 2") in headings(root)
    assert root.text.count("None entered") == 1  # the documents


TABLE = """
- id: people
  type: repeat
  label: People
  item_name: person
  item_title: ((name))
  layout: table
  fields:
    - id: name
      type: text
      label: Name
    - id: email
      type: email
      label: Email address
      short_label: Email
"""


def test_a_list_of_few_columns_is_one_table_with_heads_and_row_heads(tmp_path: Path) -> None:
    people = [{"id": "a", "name": "Ann", "email": "ann@example.org"}, {"id": "b", "name": "Bo"}]
    root = read_state(Engine().evaluate(small_form(tmp_path, TABLE), {"people": people}, on=ON))
    table = root.find("Table")[1]
    assert [(cell.text, cell.scope) for cell in table.find("TH")] == [
        ("Name", "Column"),
        ("Email", "Column"),
        ("Ann", "Row"),
        ("Bo", "Row"),
    ]
    assert [cell.text for cell in table.find("TD")] == ["ann@example.org", "Not provided"]


def test_a_list_of_many_columns_is_a_table_an_item() -> None:
    agencies = [{"id": "a", "practitioner": "Sam Example"}]
    root = read_state(state_of("request-for-support", {"has_agencies": "yes", "agencies": agencies}))
    assert (4, "1. Sam Example") in headings(root)


# What people see


def test_a_further_page_says_whom_its_answers_are_about() -> None:
    content = content_of("request-for-support-3")
    told = [page for page in artifacts(content)[1:] if "(continued)" in page]
    assert len(told) >= 5


def test_no_answer_stands_alone_at_the_top_of_a_page() -> None:
    for seed in (1, 2, 3):
        for form in FORMS:
            with pikepdf.open(io.BytesIO(content_of(f"{form}-{seed}"))) as pdf:
                root = pdf.Root.StructTreeRoot
                assert [count for count in rows_at_tops(root.K[0], list(pdf.pages)) if count == 1] == []


def rows_at_tops(document: pikepdf.Object, pages: list[pikepdf.Page]) -> Iterator[int]:
    """How many rows of a table stand on each further page that it goes on to."""
    numbers = {object_id(page): number for number, page in enumerate(pages)}
    for table in (kid for kid in elements_in(document) if kid.S == "/Table"):
        first = [min(numbers[page] for page in _pages_of(row)) for row in _find(table, "/TR")]
        for page in sorted(set(first))[1:]:
            yield first.count(page)


def _find(element: pikepdf.Object, tag: str) -> Iterator[pikepdf.Object]:
    for kid in elements_in(element):
        if tag == kid.S:
            yield kid
        else:
            yield from _find(kid, tag)


def _pages_of(element: pikepdf.Object) -> Iterator[int]:
    """The page, by its object's number, of each piece of what `element` holds."""
    for kid in kids_of(element):
        mark = mark_of(kid, element)
        if mark is not None:
            yield mark[0]
    for inner in elements_in(element):
        yield from _pages_of(inner)


def test_a_draft_says_so_on_every_page_and_what_is_to_be_put_right_beside_each_question() -> None:
    state = state_of("early-help-notification", {})
    content = pdf_of(state)
    root = read(content)
    assert "Draft, not yet submitted" in root.text
    assert f"There are {len(state.errors)} things to put right before it can be sent." in root.text
    assert all("Draft, not sent" in page for page in artifacts(content)[1:])
    assert root.text.count("To put right:") == len(state.errors)


def test_what_is_wrong_nowhere_in_particular_stands_at_the_front() -> None:
    answers = {**filled("request-for-support", 1), "no_such_question": "x"}
    root = read_state(state_of("request-for-support", answers))
    assert [item.text for item in root.find("L")[0].find("LBody")] == [
        "This form asks no question for the answer “no_such_question”"
    ]


def test_a_stopped_draft_ends_with_what_the_form_said() -> None:
    root = read_copy("stopped")
    assert headings(root)[-1] == (2, "You cannot send this notification without consent")
    assert "Talk to the family again" in root.text
    assert "so the form cannot be sent" in root.text


def test_an_urgent_request_says_so_first_and_on_every_page() -> None:
    answers = {**filled("request-for-support", 1), "urgency": "urgent"}
    content = pdf_of(state_of("request-for-support", answers), "RS-4K7P")
    assert "Treat this request as urgent." in read(content).text
    assert all("RS-4K7P · Urgent" in page for page in artifacts(content)[1:])


@pytest.mark.parametrize("answers", [{}, {"urgency": "standard"}])
def test_nothing_is_called_urgent_that_does_not_say_so_yet(answers: dict[str, str]) -> None:
    assert "Treat this request as urgent." not in read_state(state_of("request-for-support", answers)).text


def test_an_empty_box_is_not_ticked_and_a_skipped_question_not_provided() -> None:
    said = rows(read_state(state_of("early-help-notification", {})))
    assert said["I have shared a copy of this notification with the family, or will do so"] == "Not ticked"
    assert said["Best time to contact you"] == "Not provided"


def test_what_is_given_on_paper_has_room_for_a_pen() -> None:
    said = rows(read_state(state_of("early-help-notification", {})))
    assert [said[who] for who in ("Parent or carer", "Young person", "Notifier")] == [
        "Signature and date"
    ] * 3


def test_the_room_for_a_pen_is_left_free_on_the_page() -> None:
    with pikepdf.open(io.BytesIO(content_of("early-help-notification-2"))) as pdf:
        for page in pdf.pages:
            said = page_texts(page)[0]
            places = baselines(page)
            found = [places[mcid] for mcid, text in said.items() if text == "Signature and date"]
            gaps_mm = [(a - b) * 25.4 / 72 for a, b in itertools.pairwise(found)]
            assert all(gap > 16 for gap in gaps_mm)
            if found:
                assert len(gaps_mm) == 2
                return
    pytest.fail("no page has the signatures")


def baselines(page: pikepdf.Page) -> dict[int, float]:
    """How far up the page each stretch of marked content begins, in points."""
    found: dict[int, float] = {}
    mcid = None
    for operands, name in instructions(page):
        if name == "BDC":
            mcid = int(operands[1].MCID) if "/MCID" in operands[1] else None
        elif name == "Td" and mcid is not None:
            found.setdefault(mcid, float(operands[1]))
    return found


def test_a_million_characters_get_their_copy_whole() -> None:
    answers = with_texts(filled("request-for-support", 6), form_of("request-for-support"), "")
    answers["concerns"] = "She said so again. " * 52_632
    cells = [cell.text.split() for cell in read_state(state_of("request-for-support", answers)).find("TD")]
    assert answers["concerns"].split() in cells
