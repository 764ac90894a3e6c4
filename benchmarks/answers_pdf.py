"""The PDF of full answers against stock fpdf2 for the same text in the same fonts.

Ours starts from stored answers: evaluated, judged, drawn, tagged, the data attached. Stock means fpdf2's own
`table()` and `multi_cell()`, untagged, its text ready made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any
from unittest.mock import patch

from fpdf import FPDF
from fpdf.fonts import FontFace

from benchmarks._answers import ON, example_answers, long_answers, number_of_values, request_for_support
from benchmarks._rounds import Figure, median_times_s, report
from formengine.form.state import evaluate
from formengine.output.paper.record import answers_pdf as paper
from formengine.output.paper.tagged.blocks import (
    AnswerTable,
    Bullets,
    Content,
    DataTable,
    Numbered,
    PaperBlock,
    PaperCallout,
    PaperHeading,
    PaperParagraph,
    flow_blocks,
    runs,
)
from formengine.output.paper.tagged.document import Written, write
from formengine.output.paper.tagged.fonts import Fonts, find_fonts

AIM = 0.4
COPY = paper.Copy("Exampleshire Council", datetime(2026, 11, 22, tzinfo=UTC))

# A heading or a paragraph; or a table: rows of cells.
Piece = str | list[tuple[str, ...]]


def ours(answers: dict[str, Any], fonts: Fonts) -> Written:
    """The whole way from stored answers to a PDF."""
    return paper.answers_pdf(evaluate(request_for_support(), answers, on=ON), COPY, fonts=fonts)


def words(content: Content) -> str:
    """The text of a cell or an item."""
    lines = []
    for block in flow_blocks(content):
        if isinstance(block, PaperParagraph):
            lines.append("".join(run.text for run in runs(block.text)))
        else:
            lines += [words(item) for item in block.items]
    return "\n".join(lines)


def pieces(blocks: Sequence[PaperBlock]) -> Iterator[Piece]:
    """What our document says, for fpdf2 to say."""
    for block in blocks:
        if isinstance(block, AnswerTable):
            yield [(words(row.label), words(row.value)) for row in block.rows]
        elif isinstance(block, DataTable):
            yield [tuple(map(words, block.columns)), *(tuple(map(words, row)) for row in block.rows)]
        elif isinstance(block, Bullets | Numbered):
            yield "\n".join(map(words, block.items))
        elif isinstance(block, PaperCallout):
            yield words(block.content)
        elif isinstance(block, PaperHeading | PaperParagraph):
            yield words(block.text)


def stock(pieces_of_text: Sequence[Piece], fonts: Fonts) -> bytes:
    """The document as fpdf2 writes it by itself."""
    pdf = FPDF(format="A4")
    pdf.add_font("base", fname=fonts.regular[0].path)
    pdf.add_font("base", style="B", fname=fonts.bold[0].path)
    pdf.set_creation_date(COPY.at)
    pdf.add_page()
    pdf.set_font("base", "", 10.5)
    for piece in pieces_of_text:
        if isinstance(piece, str):
            pdf.multi_cell(0, 5, piece, new_x="LMARGIN", new_y="NEXT")
            continue
        with pdf.table(first_row_as_headings=False, line_height=5, headings_style=FontFace()) as table:
            for cells in piece:
                row = table.row()
                row.cell(cells[0], style=FontFace(emphasis="BOLD"))
                for cell in cells[1:]:
                    row.cell(cell)
    return bytes(pdf.output())


def figures(rounds: int) -> Iterator[Figure]:
    """The example's answers, then long lists."""
    fonts = find_fonts()
    for label, answers in (("example", example_answers()), ("long lists", long_answers())):
        with patch.object(paper, "write", wraps=write) as writing:
            ours(answers, fonts)
        pieces_of_text = list(pieces(writing.call_args.args[0]))
        sides: list[Callable[[], object]] = [
            partial(ours, answers, fonts),
            partial(stock, pieces_of_text, fonts),
        ]
        taken, theirs = median_times_s(sides, rounds)
        yield Figure(
            f"PDF of answers ({label}, {number_of_values(answers)} values)", taken, theirs, at_most=AIM
        )


def main(rounds: int = 7) -> None:
    """Print the figures."""
    report(figures(rounds))


if __name__ == "__main__":
    main()
