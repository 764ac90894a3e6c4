"""Documents that act by themselves are refused, one for each way of doing so; their look-alikes are taken."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pikepdf
import pytest

from formengine.engine import Engine
from formengine.form.state import FieldError
from formengine.language.words import Wording
from formengine.output.paper.blank.issuer import Issuer
from formengine.output.paper.reading.contents import UnreadablePdfError
from formengine.output.paper.reading.sandbox import RefusedError, objection
from formengine.output.paper.record.attachments import Signature
from formengine.service.files import pdf_documents
from formengine.service.files.field_codes import code_refusal, link_refusal
from formengine.service.files.file_types import CheckedFile, check_file
from formengine.service.files.refusals import STARTS_PROGRAMS, Refusal
from tests.support import active_files

pytestmark = pytest.mark.slow

ACTIVE = active_files.active()
HARMLESS = active_files.harmless()


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """PDFs are taken apart here: starting a process for each would be most of the time."""

    def objection_here(content: bytes) -> str:
        try:
            return objection(content)
        except RefusedError as error:
            raise UnreadablePdfError(error.reason) from None

    monkeypatch.setattr(pdf_documents, "objection_to", objection_here)


@pytest.mark.parametrize("about", ACTIVE)
@pytest.mark.usefixtures("in_this_process")
def test_a_document_that_acts_by_itself_is_refused(about: str) -> None:
    name, content, rule = ACTIVE[about]
    refusal = check_file(name, content)
    assert isinstance(refusal, Refusal)
    assert refusal.rule == rule


@pytest.mark.parametrize("about", HARMLESS)
@pytest.mark.usefixtures("in_this_process")
def test_a_document_that_only_looks_so_is_kept_byte_for_byte(about: str) -> None:
    name, content = HARMLESS[about]
    checked = check_file(name, content)
    assert isinstance(checked, CheckedFile), checked
    assert checked.content == content


@pytest.mark.parametrize(
    ("about", "said"),
    [
        (
            "macros by their type",
            (
                "“letter.docx” holds macros, which are programs. "
                "Open it, choose “Print”, then “Save as PDF”, and choose that PDF here"
            ),
        ),
        (
            "DDE in a field",
            (
                "“letter.docx” can start something by itself on a computer that opens it. "
                "Open it, choose “Print”, then “Save as PDF”, and choose that PDF here"
            ),
        ),
        (
            "old: a picture from elsewhere",
            (
                "“letter.doc” fetches parts of itself from another place. "
                "Open it, choose “Print”, then “Save as PDF”, and choose that PDF here"
            ),
        ),
        (
            "an object by its type",
            (
                "“letter.docx” has other files inside it. Choose those by themselves. "
                "Of this one, choose “Print”, then “Save as PDF”, and choose that PDF here"
            ),
        ),
        (
            "PDF: a form in XML",
            (
                "“letter.pdf” is a form that most programs cannot show. "
                "Open it in Adobe Reader, choose “Print”, then “Save as PDF”, and choose that PDF here"
            ),
        ),
        (
            "old: a document of before Word 97",
            (
                "“letter.doc” cannot be checked for what it would do. "
                "Open it, choose “Print”, then “Save as PDF”, and choose that PDF here"
            ),
        ),
        ("PDF: no pages", "“letter.pdf” is empty. Save it again and choose that, or choose another file"),
        ("PDF: a password", "“letter.pdf” is protected with a password. Choose a copy that is not"),
    ],
)
@pytest.mark.usefixtures("in_this_process")
def test_why_is_said_in_a_plain_sentence_with_what_to_do(about: str, said: str) -> None:
    name, content, _ = ACTIVE[about]
    refusal = check_file(name, content)
    assert isinstance(refusal, Refusal)
    assert Wording().words(FieldError("a", "p", "file", refusal.rule, "Letter", refusal.facts)) == said


# --- in a process of its own ------------------------------------------------------------------------------------------


def test_a_pdf_is_taken_apart_in_a_process_of_its_own() -> None:
    name, content, _ = ACTIVE["PDF: a script in an object stream"]
    assert check_file(name, content) == Refusal("starts_programs", {"file": "letter.pdf", "ending": "PDF"})


def test_a_pdf_that_takes_too_much_to_look_into_is_refused_as_one_that_cannot_be_checked() -> None:
    deep = active_files.pdf_with(lambda made: setattr(made.Root, "Deep", active_files.nested(40)))
    assert check_file("letter.pdf", deep) == Refusal("not_checkable", {"file": "letter.pdf", "ending": "PDF"})


# --- our own ----------------------------------------------------------------------------------------------------------


AT = datetime(2026, 11, 30, 10, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def own() -> dict[str, bytes]:
    """What the service itself hands out, by a name to upload it under."""
    engine = Engine()
    form = engine.form("early-help-notification")
    state, issuer = engine.evaluate(form, {}, on=AT.date()), Issuer("Example Council", AT)
    signed = engine.pdf(state, author="Example Council", at=AT, sign=lambda _: Signature("k1", b"x" * 64))
    return {
        "record.pdf": signed.content,
        "blank.pdf": engine.blank_pdf(form, issuer).content,
        "fillable.pdf": engine.blank_pdf(form, issuer, fillable=True).content,
        "blank.docx": engine.blank_docx(form, issuer),
    }


@pytest.mark.parametrize("name", ["record.pdf", "blank.pdf", "fillable.pdf", "blank.docx"])
def test_our_own_documents_are_taken_with_the_data_they_carry(name: str, own: dict[str, bytes]) -> None:
    assert isinstance(check_file(name, own[name]), CheckedFile)


def test_our_own_record_with_uploaded_files_inside_is_refused_like_any_other(own: dict[str, bytes]) -> None:
    with pikepdf.open(io.BytesIO(own["record.pdf"])) as record:
        active_files.attached("file-1-letter.pdf", own["blank.pdf"])(record)
        target = io.BytesIO()
        record.save(target)
    refusal = check_file("record.pdf", target.getvalue())
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "embedded_files"


# --- fields and links of Word -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "https://example.org",
        "#bookmark",
        "letter.docx",
        "C:\\a.docx",
        "D:/a",
        "example.org:80/a",
        "tel:+44",
        "",
    ],
)
def test_a_link_to_a_page_a_file_or_a_telephone_is_harmless(target: str) -> None:
    assert link_refusal(target) is None


@pytest.mark.parametrize(
    "target", ["ms-msdt:/id", "MS-WORD:ofe|u|x", " javascript:x", "vbscript:x", "data:text/html,x"]
)
def test_a_link_that_hands_something_to_a_program_is_refused(target: str) -> None:
    assert link_refusal(target) == STARTS_PROGRAMS


@pytest.mark.parametrize(
    "code", ["PAGE", " DATE \\@ d", "= 1 + 1", "REF DDE", "QUOTE DDE", "", "  ", "MERGEFIELD a"]
)
def test_a_field_that_prints_something_is_harmless(code: str) -> None:
    assert code_refusal(code) is None
