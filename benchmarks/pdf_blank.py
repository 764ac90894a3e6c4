"""The blank form on paper against stock fpdf2 for the same text: time and size.

Ours starts from the compiled form: numbered, routed, laid out with its boxes, tagged. Stock means fpdf2's own `table()`
with a row for each line that ours prints and room beside it, untagged, the text ready made. `pdftotext` reads it off.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

from benchmarks._answers import request_for_support
from benchmarks._rounds import Figure, median_times_s, report
from benchmarks.answers_pdf import stock
from formengine.engine import Engine
from formengine.output.paper.blank.issuer import Issuer
from formengine.output.paper.tagged.fonts import find_fonts

MOST_BYTES = 120_000
SENDING = Issuer("Exampleshire Council", datetime(2026, 11, 22, tzinfo=UTC))


def lines_of(content: bytes) -> list[tuple[str, ...]]:
    """A row for each line that the PDF shows, with room beside it."""
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return [(line.strip(), "") for line in read.stdout.decode().splitlines() if line.strip()]


def figures(rounds: int) -> Iterator[Figure]:
    """A line for the form to fill in by pen and one for the form to type into."""
    form, fonts, engine = request_for_support(), find_fonts(), Engine()
    for what, fillable in (("blank", False), ("fillable", True)):
        make = partial(engine.blank_pdf, form, SENDING, fillable=fillable)
        content = make().content
        theirs = partial(stock, [lines_of(content)], fonts)
        ours_s, theirs_s = median_times_s([make, theirs], rounds)
        sizes = f"{len(content) / 1000:.0f} kB (aim at most {MOST_BYTES // 1000}), fpdf2 {len(theirs()) / 1000:.0f} kB"
        yield Figure(f"{what} Request for Support, {sizes}", ours_s, theirs_s, at_most=1.0)


def main(rounds: int = 5) -> None:
    """Print the figures."""
    report(figures(rounds))


if __name__ == "__main__":
    main()
