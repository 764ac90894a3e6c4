"""veraPDF's verdict on what the tagged layer writes, and on files with a fault planted."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest

from formengine.output.paper.tagged.blocks import (
    Answer,
    AnswerTable,
    PaperBlock,
    PaperHeading,
    PaperParagraph,
    StyledRun,
)
from formengine.output.paper.tagged.document import Attachment, DocumentInfo, Furniture, write
from formengine.output.paper.tagged.fonts import find_fonts
from tests.output.test_paper_tagged import every_block
from tests.tools import verapdf

pytestmark = pytest.mark.slow

ABOUT = DocumentInfo(
    "Request <for> & Support", "Exampleshire Council", "en-GB", datetime(2026, 11, 22, tzinfo=UTC)
)
FURNITURE = Furniture("Request", "RS-4K7P", "Council", "Page {page} of {pages}", "continued")
WORDS = (
    "Łukasz 名前 👩\u200d👧 مرحبا بالعالم abc שלום नमस्ते ọ̀rọ̀ "
    "\ue000 \ud800 e\u0301\u0301 a\x00b\ufeff\u202e gnirts"
)


def pdf(blocks: list[PaperBlock]) -> bytes:
    file = Attachment("answers.json", b"{}", "application/json", "The answers")
    return write(blocks, ABOUT, find_fonts(), furniture=FURNITURE, attachments=[file]).content


def samples() -> dict[str, list[PaperBlock]]:
    long = "She enjoys football with two friends. " * 400
    return {
        "every_block": every_block(),
        "long": [
            PaperHeading("A", 1),
            AnswerTable([Answer("All", long), Answer(long[:900], "b")], ("Asked", "Told")),
        ],
        "hostile": [
            PaperHeading(WORDS, 1),
            PaperParagraph(WORDS),
            PaperParagraph([StyledRun(WORDS, link="https://example.org")]),
            AnswerTable([Answer(WORDS, WORDS), Answer("", "")], (WORDS, WORDS)),
            *[PaperParagraph(char * 3) for char in WORDS],
        ],
        "empty": [],
        "controls": [
            PaperHeading("\x00", 1),
            PaperParagraph("\u200b"),
            PaperParagraph("".join(map(chr, range(0x250)))),
        ],
    }


@pytest.mark.java
def test_every_sample_is_pdf_ua_1_and_pdf_a_3a(tmp_path: Path) -> None:
    files = []
    for name, blocks in samples().items():
        files.append(tmp_path / f"{name}.pdf")
        files[-1].write_bytes(pdf(blocks))
    verdicts = verapdf.check(files)
    assert [(v.path.stem, v.flavour, v.broken) for v in verdicts if not v.passed] == []
    assert len(verdicts) == 10


def without_scope(file: pikepdf.Pdf) -> None:
    for thing in file.objects:
        if isinstance(thing, pikepdf.Dictionary) and thing.get("/S") == "/TH":
            del thing["/A"]


def without_language(file: pikepdf.Pdf) -> None:
    del file.Root["/Lang"]


def without_link_contents(file: pikepdf.Pdf) -> None:
    for page in file.pages:
        for note in page.get("/Annots", []):
            del note["/Contents"]


def with_untagged_text(file: pikepdf.Pdf) -> None:
    content = file.pages[0].Contents
    content.write(content.read_bytes() + b"\n0 0 10 10 re f")


def without_output_intent(file: pikepdf.Pdf) -> None:
    del file.Root["/OutputIntents"]


def without_title_display(file: pikepdf.Pdf) -> None:
    del file.Root["/ViewerPreferences"]


FAULTS: dict[Callable[[pikepdf.Pdf], None], tuple[str, str]] = {
    without_scope: ("ua1", "7.5"),
    without_language: ("ua1", "7.2"),
    without_link_contents: ("ua1", "7.18.1"),
    with_untagged_text: ("ua1", "7.1"),
    without_output_intent: ("3a", "6.2.4.3"),
    without_title_display: ("ua1", "7.1"),
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[tuple[str, str]]]:
    """The flavour and clause of every rule that each fault breaks."""
    folder = tmp_path_factory.mktemp("faults")
    files = []
    for fault in FAULTS:
        with pikepdf.open(io.BytesIO(pdf(every_block()))) as file:
            fault(file)
            files.append(folder / f"{fault.__name__}.pdf")
            file.save(files[-1])
    out: dict[str, set[tuple[str, str]]] = {}
    for verdict in verapdf.check(files):
        rules = {(verdict.flavour, rule.clause) for rule in verdict.broken}
        out.setdefault(verdict.path.stem, set()).update(rules)
    return out


@pytest.mark.java
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_planted_fault_is_found(
    fault: Callable[[pikepdf.Pdf], None], broken: dict[str, set[tuple[str, str]]]
) -> None:
    assert FAULTS[fault] in broken[fault.__name__]
