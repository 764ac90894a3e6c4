"""The blank form on paper: numbers, routing notes, room by type, and pages that hold together."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formengine.engine import Engine
from formengine.form.plan import Form
from formengine.form.plan.question_numbers import question_numbers
from formengine.language.json_types import Json
from formengine.language.words import Wording
from formengine.output.paper.blank.content import blank_pieces
from formengine.output.paper.blank.form_pieces import BlankForm
from formengine.output.paper.blank.issuer import Issuer
from formengine.output.paper.blank.pieces import (
    Cells,
    FromList,
    Lines,
    PaperQuestion,
    Parts,
    SignatureSpace,
    Ticks,
    questions,
)
from formengine.output.paper.blank.routing_notes import Routing
from formengine.output.paper.tagged.blocks import PaperCallout, PaperHeading, PaperParagraph, runs
from formengine.output.paper.tagged.flow import plain
from tests.output.test_pdf_verapdf import ACTIONS, names_in
from tests.support.command_line import run
from tests.support.generators.forms import generated_form
from tests.support.paper_boxes import Box, boxes_of, overlapping
from tests.support.paper_filling import AT, SENDING
from tests.support.paper_reading import instructions, read
from tests.support.pdf_samples import FORMS, ON, attached, form_of, pdf_of, small_form
from tests.support.shipped import EXAMPLES, EXPECTED
from tests.support.tiers import cases
from tests.tools import verapdf

pytestmark = pytest.mark.slow

PAGE_MM = (210.0, 297.0)
MARGIN_MM = 22.0
PT_PER_MM = 72 / 25.4


def blank(form: Form, sending: Issuer = SENDING) -> bytes:
    return Engine().blank_pdf(form, sending).content


def asked(form: Form) -> dict[str, PaperQuestion]:
    """The questions by number, those of the first block of a list."""
    found: dict[str, PaperQuestion] = {}
    for question in questions(tuple(BlankForm(form, Wording()).pages())):
        found.setdefault(question.number, question)
    return found


def notes(form: Form) -> list[str]:
    """Every note of where to go that stands above questions, in order."""
    pieces = BlankForm(form, Wording()).pages()
    return [plain(piece.text) for piece in pieces if isinstance(piece, PaperParagraph) and _is_note(piece)]


def _is_note(piece: PaperParagraph) -> bool:
    return all(run.bold and run.emphasis for run in runs(piece.text))


# --- numbers ---------------------------------------------------------------------------------------------


NUMBERED = """
- id: first
  type: text
  label: First
- id: home
  type: address
  label: Home
- id: pets
  type: repeat
  label: Pets
  item_name: pet
  item_title: ((name))
  fields:
    - id: name
      type: text
      label: Name
- id: worked_out
  type: calculated
  label: Worked out
  value: count of pets
- id: last
  type: text
  label: Last
"""


def test_each_question_has_one_number_parts_have_letters_and_what_is_worked_out_has_none(
    tmp_path: Path,
) -> None:
    form = small_form(tmp_path, NUMBERED)
    assert dict(question_numbers(form.definition)) == {
        (None, "first"): "1",
        (None, "home"): "2",
        (None, "home.house"): "2a",
        (None, "home.street"): "2b",
        (None, "home.town"): "2c",
        (None, "home.postcode"): "2d",
        ("pets", "name"): "3",
        (None, "last"): "4",
    }


@pytest.mark.parametrize("form_id", FORMS)
def test_paper_and_screen_ask_in_one_order_under_the_same_numbers(form_id: str) -> None:
    form = form_of(form_id)
    asked_there = questions(tuple(BlankForm(form, Wording(), blocks=1).pages()))
    # A table has its questions again in each row.
    on_paper = list(dict.fromkeys(question.number for question in asked_there if question.number))
    keyed = Engine().numbered(form)
    labels = [
        *(one.spec.settings.label for one in keyed.fields.values()),
        *(one.spec.settings.label for fields in keyed.item_fields.values() for one in fields.values()),
        *(group.spec.label for group in keyed.groups.values() if group.spec.composite is not None),
    ]
    on_screen = {label.partition(". ")[0] for label in labels}
    numbers = [number for number in on_paper if number]
    in_items = {
        numbered
        for (repeat, _), numbered in question_numbers(form.definition).items()
        if repeat is not None and numbered not in on_screen
    }
    assert set(numbers) == on_screen | in_items
    assert numbers == sorted(numbers, key=lambda number: (int(re.sub("[a-z]", "", number)), number))


@pytest.mark.parametrize("form_id", FORMS)
def test_a_form_with_numbers_is_the_same_form_and_calls_questions_by_their_names(form_id: str) -> None:
    form = form_of(form_id)
    keyed = Engine().numbered(form)
    assert keyed.digest == form.digest
    plain_errors = Engine().evaluate(form, {}, on=AT.date()).errors
    keyed_errors = Engine().evaluate(keyed, {}, on=AT.date()).errors
    said = Wording()
    assert {path: said.words(error) for path, error in keyed_errors.items()} == {
        path: said.words(error) for path, error in plain_errors.items()
    }


def test_render_numbers_the_questions_for_keying_in() -> None:
    made = run(
        "render",
        "request-for-support",
        "--numbers",
        "--to",
        "text",
        "examples/request-for-support/answers.json",
    )
    assert made.code == 0
    assert "9. First name: " in made.out


# --- routing ---------------------------------------------------------------------------------------------


ROUTED = """
- id: pet
  type: yes_no
  label: Do you have a pet?
- id: kind
  type: choice
  label: What kind?
  show_if: pet is yes
  options:
    cat: Cat
    dog: Dog
    other: Another
- id: walks
  type: text
  label: Where do you walk it?
  show_if: kind is dog
- id: which
  type: text
  label: Which animal?
  show_if: kind is other
- id: born
  type: date
  label: When was it born?
  show_if: pet is yes
- id: chip
  type: text
  label: Number of its chip
  show_if: born is on or after 2016-04-06 and kind is dog
- id: end
  type: text
  label: Anything else?
"""


def test_a_jump_stands_beside_the_option_that_passes_questions_over(tmp_path: Path) -> None:
    found = asked(small_form(tmp_path, ROUTED))
    pet, kind = found["1"].space, found["2"].space
    assert isinstance(pet, Ticks)
    assert [option.go for option in pet.options] == ["", "go to question 7"]
    assert isinstance(kind, Ticks)
    assert [option.go for option in kind.options] == ["go to question 5", "", "go to question 4"]


def test_a_note_says_what_no_jump_can(tmp_path: Path) -> None:
    clause = "the date in question 5 is on or after 6 April 2016"
    assert notes(small_form(tmp_path, ROUTED)) == [
        "Answer question 4 only if your answer to question 2 is “Another”.",
        "Answer question 5 only if your answer to question 1 is “Yes”.",
        f"Answer question 6 only if {clause} and your answer to question 2 is “Dog”.",
    ]


def test_the_shipped_forms_route_by_numbers() -> None:
    request = form_of("request-for-support")
    assert notes(request)[:6] == [
        "If you did not tick question 11:",
        "Answer questions 12 and 13 only if you did not tick question 11.",
        "Answer question 14 only if you ticked question 11.",
        "Answer questions 29 and 30 only if you did not tick question 28.",
        "Answer question 31 only if you ticked question 28.",
        "Answer questions 35 to 37 only if you did not tick question 28.",
    ]
    lists = asked(request)["25"].space
    assert isinstance(lists, Ticks)
    assert [(option.label, option.go) for option in lists.options] == [
        ("Yes", ""),
        ("No", "go to question 40"),
    ]
    notification = asked(form_of("early-help-notification"))
    consent, home = notification["82"].space, notification["34"].space
    assert isinstance(consent, Ticks)
    assert isinstance(home, Ticks)
    assert (
        consent.options[1].go == "read “You cannot send this notification without consent” and do not go on"
    )
    assert home.options[0].go == "leave out the rest of this child"


def test_a_page_that_ends_the_journey_is_a_warning_with_its_condition() -> None:
    pieces = list(BlankForm(form_of("early-help-notification"), Wording()).pages())
    titles = [
        plain(piece.title) for piece in pieces if isinstance(piece, PaperCallout) and piece.title is not None
    ]
    assert "Stop here if your answer to question 82 is “No”" in titles


@settings(max_examples=cases(12, long=250))
@given(st.integers(0, 10_000))
def test_a_jump_passes_over_nothing_that_may_count(seed: int) -> None:
    form = generated_form(f"jump{seed}")
    routing = Routing(form)
    order = routing.stops
    for at, stop in enumerate(order):
        field = form.fields.get(stop.place[1])
        if field is None or stop.place[0] is not None:
            continue
        for code, go in routing.jumps(field).items():
            target = re.fullmatch("go to question ([0-9]+)", go)
            until = next(
                (
                    number
                    for number, later in enumerate(order)
                    if target is not None and re.sub("[a-z]", "", later.number) == target[1]
                ),
                len(order),
            )
            answers = _with(field.path, code) if code else {}
            state = Engine().evaluate(form, answers, on=AT.date())
            passed = {passed.place[1] for passed in order[at + 1 : until] if passed.place[0] is None}
            shown = {key for key in passed if _counts(state.run(), form, key)}
            assert shown == set(), (stop.number, code, go)


def _with(path: tuple[str, ...], value: str) -> dict[str, Json]:
    first, *rest = path
    return {first: _with(tuple(rest), value) if rest else value}


def _counts(run_: object, form: Form, key: str) -> bool:
    field = form.fields.get(key)
    relevance: list[bool | None] = run_.relevance  # type: ignore[attr-defined]
    return field is not None and relevance[field.gate] is True


# --- room ------------------------------------------------------------------------------------------------


ROOM = """
- id: short
  type: text
  label: Short
  max_length: 8
- id: long
  type: long_text
  label: Long
  max_length: 600
- id: born
  type: date
  label: Born
- id: postcode
  type: postcode
  label: Postcode
- id: nhs
  type: nhs_number
  label: NHS number
- id: either
  type: choice
  label: One
  options:
    a: A
    b: B
- id: many
  type: choices
  label: Many
  options:
    a: A
    b: B
    c: C
- id: language
  type: choice
  label: Language
  options: lists/languages
- type: signature
  label: Signed
  paper_only: true
"""


SCREEN_ONLY = """
- type: note
  style: warning
  screen_only: true
  text: Press Save for later.
- type: section
  label: Buttons
  screen_only: true
  fields:
    - type: note
      style: inset
      text: Press Print.
- type: note
  style: inset
  text: Tell the family.
- id: worry
  type: text
  label: Worry
"""


def test_what_helps_on_screen_alone_stands_on_no_paper(tmp_path: Path) -> None:
    form = small_form(tmp_path, SCREEN_ONLY)
    said = str(tuple(BlankForm(form, Wording()).pages()))
    state = Engine().evaluate(form, {"worry": "Bruises"}, on=ON)
    record, text = read(pdf_of(state)).text, Engine().text(state)
    for paper in (said, record, text):
        assert "Tell the family" in paper
        assert "Press" not in paper
        assert "Buttons" not in paper


@pytest.mark.parametrize(
    ("form_id", "words"),
    [
        ("request-for-support", ("Save for later", "numbered menu", "create a PDF", "file types")),
        ("early-help-notification", ("keep a copy as a PDF",)),
    ],
)
def test_the_shipped_forms_say_nothing_of_buttons_on_paper(form_id: str, words: tuple[str, ...]) -> None:
    said = str(tuple(BlankForm(form_of(form_id), Wording()).pages()))
    assert [part for part in words if part in said] == []


def test_room_follows_type_and_length(tmp_path: Path) -> None:
    found = asked(small_form(tmp_path, ROOM))
    assert found["1"].space == Cells((8,))
    assert found["2"].space == Lines(10)
    born = found["3"].space
    assert isinstance(born, Parts)
    assert [(part.label, part.cells) for part in born.parts] == [("Day", 2), ("Month", 2), ("Year", 4)]
    assert found["4"].space == Cells((4, 3))
    assert found["5"].space == Cells((3, 3, 4))
    one, many, language = (found[number].space for number in ("6", "7", "8"))
    assert isinstance(one, Ticks)
    assert not one.several
    assert isinstance(many, Ticks)
    assert many.several
    assert isinstance(language, FromList)
    assert language.words == "Write one entry of list A at the end of this form."
    assert isinstance(found["9"].space, SignatureSpace)


def test_a_list_has_some_blocks_and_says_how_to_go_on() -> None:
    form = form_of("request-for-support")
    pieces = list(BlankForm(form, Wording(), blocks=2).pages())
    headings = [plain(piece.text) for piece in pieces if isinstance(piece, PaperHeading)]
    assert [words for words in headings if words.startswith("Child ")] == ["Child 1", "Child 2"]
    texts = [plain(piece.text) for piece in pieces if isinstance(piece, PaperParagraph)]
    assert any(
        text.startswith("If there are more than 2, go on under “More room”") and "“Child 3”" in text
        for text in texts
    )


def test_a_list_of_at_most_two_has_no_third_block(tmp_path: Path) -> None:
    form = small_form(tmp_path, NUMBERED)
    few = small_form(tmp_path, NUMBERED.replace("  item_name: pet", "  item_name: pet\n  max_items: 2"))
    assert [BlankForm(one, Wording()).blocks_of(one.repeats["pets"]) for one in (form, few)] == [3, 2]


def test_people_already_entered_are_ticked_by_their_blocks() -> None:
    supports = asked(form_of("request-for-support"))["87"].space
    assert isinstance(supports, Ticks)
    assert [option.code for option in supports.options[:4]] == [
        "child",
        "children_same_address/1",
        "children_same_address/2",
        "children_same_address/3",
    ]
    assert supports.options[1].label == "Child 1 (questions 26 to 39)"


def test_the_front_says_whom_to_call_and_the_back_where_to_send_it() -> None:
    form = form_of("request-for-support")
    text = read(blank(form)).text
    assert "A child is in immediate danger: call Emergency services, 999" in text
    assert "frontdoor@example.org" in text
    assert "For office use" in text
    told = replace(SENDING, send_to=("Front Door", "1 Example Street"))
    assert "1 Example Street" in read(blank(form, told)).text


def test_every_question_note_option_and_notice_of_both_forms_stands_on_paper() -> None:
    for form_id in FORMS:
        form = form_of(form_id)
        text = read(blank(form)).text
        for question in questions(blank_pieces(form, SENDING)):
            assert question.label in text
            assert all(note in text for note in question.notes)
            options = question.space.options if isinstance(question.space, Ticks | FromList) else ()
            assert [option.label for option in options if option.label not in text] == []
        assert all(notice.link in text for notice in form.definition.notices)


# --- the file --------------------------------------------------------------------------------------------


@pytest.mark.java
def test_blank_forms_are_pdf_ua_1_and_pdf_a_3a(tmp_path: Path) -> None:
    files = []
    for number, form in enumerate(
        [*map(form_of, FORMS), everything(), *map(generated_form, ("blank1", "blank2"))]
    ):
        files.append(tmp_path / f"{number}.pdf")
        files[-1].write_bytes(blank(form))
    verdicts = verapdf.check(files)
    assert [(v.path.stem, v.flavour, v.broken) for v in verdicts if not v.passed] == []
    assert len(verdicts) == 2 * len(files)


def everything() -> Form:
    """The form of the tests' features with one question of every type."""
    return form_of(str(EXAMPLES / "allotment-waiting-list" / "form.yaml"))


@pytest.mark.parametrize("form_id", FORMS)
def test_the_same_input_gives_the_same_bytes_well_formed_and_without_actions(
    form_id: str, tmp_path: Path
) -> None:
    content = blank(form_of(form_id))
    assert blank(form_of(form_id)) == content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert names_in(pdf) & ACTIONS == set()
    file = tmp_path / "blank.pdf"
    file.write_bytes(content)
    checked = subprocess.run(["qpdf", "--check", str(file)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_a_blank_form_says_which_form_it_is() -> None:
    form = form_of("request-for-support")
    assert attached(blank(form)) == {
        "form.json": {
            "format": "blank/1",
            "form": "request-for-support",
            "version": form.version,
            "digest": form.digest,
            "at": AT.isoformat(),
        }
    }


def test_the_reading_order_is_the_order_of_the_form(tmp_path: Path) -> None:
    file = tmp_path / "blank.pdf"
    file.write_bytes(
        blank(small_form(tmp_path, ROUTED + ROOM.replace("- id: ", "- id: room_"), title="All of it"))
    )
    struct = subprocess.run(
        ["pdfinfo", "-struct-text", str(file)], capture_output=True, text=True, check=True
    ).stdout
    assert struct == (EXPECTED / "blank.structure.txt").read_text(encoding="utf-8")


def test_the_command_writes_a_blank_form(tmp_path: Path) -> None:
    file = tmp_path / "blank.pdf"
    made = run("pdf", "request-for-support", "--blank", "--at", "2026-11-22T10:30:00", "-o", str(file))
    assert (made.code, made.err) == (0, "")
    assert "Kent County Council" in read(file.read_bytes()).text
    refused = run("pdf", "request-for-support", "answers.json", "--blank", "-o", str(file))
    assert refused.code == 2
    assert "a blank form takes no answers" in refused.err


# --- pages -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """A thin line drawn on a page (from 0), in points from its bottom left."""

    page: int
    left: float
    bottom: float
    right: float
    top: float

    def crosses(self, text: Box) -> bool:
        low, high = text.baseline, text.baseline + 0.4 * text.size
        across = min(self.right, text.right) - max(self.left, text.left)
        return text.page == self.page and across > 0.5 and self.bottom < high and low < self.top


def rules_of(content: bytes) -> Iterator[Rule]:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for number, page in enumerate(pdf.pages):
            for operands, operator in instructions(page):
                if operator == "re":
                    x, y, width, height = (float(part) for part in operands)
                    if min(width, height) < 1.5:
                        yield Rule(number, x, y, x + width, y + height)


def misplaced(content: bytes) -> list[object]:
    """What leaves the page's text area, stands on other text, or is crossed by a rule."""
    boxes = boxes_of(content)
    found: list[object] = list(overlapping(boxes))
    left, right = MARGIN_MM * PT_PER_MM, (PAGE_MM[0] - MARGIN_MM) * PT_PER_MM
    top = (PAGE_MM[1] - 10) * PT_PER_MM
    found += [
        box
        for box in boxes
        if box.left < left - 0.5 or box.right > right + 0.5 or not 10 * PT_PER_MM < box.baseline < top
    ]
    by_page: dict[int, list[Box]] = {}
    for box in boxes:
        by_page.setdefault(box.page, []).append(box)
    found += [
        (rule, box) for rule in rules_of(content) for box in by_page.get(rule.page, ()) if rule.crosses(box)
    ]
    return found


@pytest.mark.parametrize("form_id", FORMS)
def test_nothing_of_the_shipped_forms_overlaps_or_leaves_the_page(form_id: str) -> None:
    assert misplaced(blank(form_of(form_id))) == []


LABELS = st.one_of(
    st.text(st.sampled_from("abc def WMW ghij. "), min_size=1, max_size=400),
    st.text(st.sampled_from("ab éŁ مرحبا שלום 名前 -/. "), min_size=1, max_size=200),
    st.builds(lambda word, times: word * times, st.sampled_from(["W", "long ", "i"]), st.integers(1, 300)),
)


@settings(max_examples=cases(8, long=200))
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["text", "choice", "choices", "tick", "date", "long_text", "phone"]),
            LABELS,
            LABELS,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_no_label_option_or_hint_overlaps_or_leaves_the_page(
    tmp_path_factory: pytest.TempPathFactory, asked_for: list[tuple[str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("labels")
    lines = []
    for number, (kind, label, other) in enumerate(asked_for):
        lines += [
            f"- id: q{number}",
            f"  type: {kind}",
            f"  label: {quoted(label)}",
            f"  hint: {quoted(other)}",
        ]
        if kind in {"choice", "choices"}:
            lines += ["  options:", f"    a: {quoted(other)}", f"    b: {quoted(label)}", "    c: Short"]
    form = small_form(folder, "\n".join(lines))
    content = blank(form, Issuer("Council", AT))
    assert misplaced(content) == []


def quoted(text: str) -> str:
    return f'"{" ".join(text.split()) or "x"}"'


@settings(max_examples=cases(8, long=200))
@given(st.integers(0, 10_000))
def test_generated_forms_lie_on_their_pages(seed: int) -> None:
    assert misplaced(blank(generated_form(f"paper{seed}"), Issuer("Council", AT))) == []
