"""The record of the full Request for Support beside other makers of PDF, for the same text: time and size.

Ours starts from stored answers; the others get the text ready made, in the same fonts. WeasyPrint and typst make tagged
PDF/UA-1 too; fpdf2's own `table()` does not. Neither is needed by formengine: with ``pip install weasyprint typst``
beside it they are measured, without it they are named as missing. Only ours carries the answers as data.
"""

from __future__ import annotations

import html
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from typing import Any
from unittest.mock import patch

from benchmarks._answers import example_answers, long_answers, number_of_values
from benchmarks._rounds import Figure, median_times_s, report
from benchmarks.answers_pdf import COPY, Piece, ours, pieces, stock
from formengine.output.paper.record import answers_pdf as paper
from formengine.output.paper.tagged.document import write
from formengine.output.paper.tagged.fonts import Fonts, find_fonts

MOST_BYTES = 120_000
Maker = Callable[[], bytes]

# typst remembers what it has set; a number that changes makes each document a new one.
_TYPST = """
#set document(title: "Request for Support", date: none)
#set page(paper: "a4", margin: (x: 22mm, y: 26mm), numbering: "1")
#set text(font: "Source Sans Pro", size: 10.5pt, lang: "en", region: "GB")
#let pieces = json(bytes(sys.inputs.pieces))
#sys.inputs.number
#for piece in pieces {
  if type(piece) == str [ #par[#piece] ] else {
    table(columns: piece.at(0).len(), ..piece.map(row => (strong(row.at(0)), ..row.slice(1))).flatten())
  }
}
"""


def weasyprint_maker(pieces_of_text: Sequence[Piece], fonts: Fonts) -> Maker:
    """WeasyPrint over HTML."""
    from weasyprint import HTML  # type: ignore[import-not-found]

    faces = "".join(
        f"@font-face {{ font-family: Base; font-weight: {weight}; src: url({face.path.as_uri()}) }}"
        for weight, face in ((400, fonts.regular[0]), (700, fonts.bold[0]))
    )
    style = f"{faces} @page {{ size: A4; margin: 26mm 22mm }} body {{ font: 10.5pt Base }} th {{ text-align: left }}"
    body = "".join(
        f"<p>{html.escape(piece)}</p>" if isinstance(piece, str) else _table(piece)
        for piece in pieces_of_text
    )
    page = f"<html lang=en-GB><title>Request for Support</title><style>{style}</style>{body}</html>"
    return lambda: bytes(HTML(string=page).write_pdf(pdf_variant="pdf/ua-1"))


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    lines = (
        f"<tr><th scope=row>{html.escape(row[0])}</th>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in row[1:])
        for row in rows
    )
    return f"<table>{''.join(lines)}</table>"


def typst_maker(pieces_of_text: Sequence[Piece], fonts: Fonts) -> Maker:
    """The typst compiler over the same pieces as JSON."""
    import typst  # type: ignore[import-not-found]

    data = json.dumps(list(pieces_of_text))
    folders = [str(fonts.regular[0].path.parent)]
    turns = itertools.count()

    def make() -> bytes:
        return bytes(
            typst.compile(
                _TYPST.encode(),
                format="pdf",
                sys_inputs={"pieces": data, "number": str(next(turns))},
                pdf_standards=["ua-1"],
                font_paths=folders,
                ignore_system_fonts=True,
            )
        )

    return make


PEERS: dict[str, Callable[[Sequence[Piece], Fonts], Maker]] = {
    "weasyprint": weasyprint_maker,
    "typst": typst_maker,
}


def makers(answers: dict[str, Any], fonts: Fonts) -> dict[str, Maker]:
    """Ours, fpdf2's own way, and every peer that is installed."""
    with patch.object(paper, "write", wraps=write) as writing:
        ours(answers, fonts)
    pieces_of_text = list(pieces(writing.call_args.args[0]))
    found: dict[str, Maker] = {
        "ours": lambda: ours(answers, fonts).content,
        "fpdf2 table()": partial(stock, pieces_of_text, fonts),
    }
    return found | {
        name: make(pieces_of_text, fonts) for name, make in PEERS.items() if find_spec(name) is not None
    }


def figures(rounds: int) -> Iterator[Figure]:
    """A line for each maker, for the example and for lists of twenty."""
    fonts = find_fonts()
    for label, answers in (("example", example_answers()), ("long lists", long_answers())):
        made = makers(answers, fonts)
        sizes = {name: len(make()) for name, make in made.items()}
        taken = dict(zip(made, median_times_s(list(made.values()), rounds), strict=True))
        what = f"record ({label}, {number_of_values(answers)} values)"
        aim = f", aim at most {MOST_BYTES / 1000:.0f} kB" if label == "example" else ""
        print(f"{what}: {sizes['ours'] / 1000:.1f} kB{aim}")
        for name in list(made)[1:]:
            at_most = None if name == "typst" else 1.0
            yield Figure(
                f"{what} to {name}, {sizes[name] / 1000:.0f} kB", taken["ours"], taken[name], at_most=at_most
            )
    for name in PEERS:
        if find_spec(name) is None:
            print(f"{name}: not installed")


def main(rounds: int = 5) -> None:
    """Print the figures."""
    print(f"made on {COPY.at:%Y-%m-%d} for {COPY.author}")
    report(figures(rounds))


if __name__ == "__main__":
    main()
