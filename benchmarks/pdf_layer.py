"""The tagged layer against stock fpdf2 for the same text: `python -m benchmarks.pdf_layer`.

Stock means fpdf2's own `table()` with the same two fonts, untagged: ten sections of a heading, a paragraph, a
list and thirteen questions with answers. Each side is timed in turn, best of several; the ratio is what
counts.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime

from fpdf import FPDF
from fpdf.fonts import FontFace

from formengine.output.paper.tagged.blocks import (
    Answer,
    AnswerTable,
    Bullets,
    PaperBlock,
    PaperHeading,
    PaperParagraph,
)
from formengine.output.paper.tagged.document import DocumentInfo, write
from formengine.output.paper.tagged.fonts import Fonts, find_fonts

ABOUT = DocumentInfo(
    "Request for Support", "Exampleshire Council", "en-GB", datetime(2026, 11, 22, tzinfo=UTC)
)
INTRODUCTION = (
    "Tell us about the people at home, what is going well and what worries you. Answer what you know and "
    "leave out what you do not know. Somebody may telephone you before deciding what happens next."
)
ITEMS = (
    "a parent or carer",
    "a brother or sister at the same address",
    "a professional who knows the family",
)
SENTENCES = (
    "Zoë settles quickly in the morning and enjoys working with two friends.",
    "Her mother, Ms Łukasiewicz, has asked for help with routines at home.",
    "Attendance was 87.5 % in the autumn term and has been better since.",
    "The family moved in March and is still waiting for a place at the nursery.",
)


def answers(section: int) -> list[tuple[str, str]]:
    """Thirteen questions and answers, short and long ones mixed."""
    rows = []
    for number in range(13):
        sentences = [SENTENCES[(section + number + k) % len(SENTENCES)] for k in range(1 + number % 4)]
        rows.append((f"Question {section}.{number}: what do you know about this?", " ".join(sentences)))
    return rows


def tagged(fonts: Fonts) -> bytes:
    """The document as the tagged layer writes it."""
    blocks: list[PaperBlock] = [PaperHeading(ABOUT.title, 1)]
    for section in range(10):
        rows = [Answer(label, value) for label, value in answers(section)]
        blocks += [
            PaperHeading(f"Section {section}", 2),
            PaperParagraph(INTRODUCTION),
            Bullets(ITEMS),
            AnswerTable(rows),
        ]
    return write(blocks, ABOUT, fonts).content


def stock(fonts: Fonts) -> bytes:
    """The document as fpdf2 writes it by itself."""
    pdf = FPDF(format="A4")
    pdf.add_font("base", fname=fonts.regular[0].path)
    pdf.add_font("base", style="B", fname=fonts.bold[0].path)
    pdf.set_creation_date(ABOUT.at)
    pdf.add_page()
    for section in range(10):
        pdf.set_font("base", "B", 16)
        pdf.multi_cell(0, 8, f"Section {section}", new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("base", "", 10.5)
        pdf.multi_cell(0, 5, INTRODUCTION, new_x="LMARGIN", new_y="NEXT")
        for item in ITEMS:
            pdf.multi_cell(0, 5, f"•  {item}", new_x="LMARGIN", new_y="NEXT")
        with pdf.table(
            col_widths=(36, 64), first_row_as_headings=False, line_height=5, headings_style=FontFace()
        ) as table:
            for label, value in answers(section):
                row = table.row()
                row.cell(label, style=FontFace(emphasis="BOLD"))
                row.cell(value)
    return bytes(pdf.output())


def duration_s(make: Callable[[Fonts], bytes], fonts: Fonts) -> float:
    """The seconds one run of `make` takes."""
    start = time.perf_counter()
    make(fonts)
    return time.perf_counter() - start


def main() -> None:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    fonts = find_fonts()
    tagged(fonts)
    stock(fonts)
    ours, theirs = zip(
        *((duration_s(tagged, fonts), duration_s(stock, fonts)) for _ in range(runs)), strict=True
    )
    print(f"tagged layer   {min(ours) * 1000:7.1f} ms")
    print(f"fpdf2 table()  {min(theirs) * 1000:7.1f} ms")
    print(f"ratio          {min(ours) / min(theirs):7.3f}   (aim: at most 0.4)")


if __name__ == "__main__":
    main()
