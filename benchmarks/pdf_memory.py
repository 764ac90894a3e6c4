"""Whether a process that makes PDFs one after the other keeps its size: memory after 100 and after 1,000 of them."""

from __future__ import annotations

import argparse
import gc
import time
from pathlib import Path

from benchmarks._answers import ON, example_answers, request_for_support
from benchmarks.answers_pdf import COPY
from formengine.form.state import evaluate
from formengine.output.paper.record.answers_pdf import answers_pdf
from formengine.output.paper.tagged.fonts import find_fonts

# What the allocator and a cache of words of another length move by chance.
MOST_GROWTH_MB = 8.0


def resident_mb() -> float:
    """The memory that this process holds now, from the kernel's account of it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (line,) = (line for line in lines if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def main() -> None:
    """Print the memory at the start, after 100 and at the end."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--number", type=int, default=1000)
    number = parser.parse_args().number
    form, fonts = request_for_support(), find_fonts()
    answers = example_answers()
    held: dict[int, float] = {}
    start = time.perf_counter()
    for turn in range(1, number + 1):
        # No two documents hold the same words, so that what one leaves behind is not what the next needs.
        varied = answers | {"concerns": " ".join(f"word{turn}x{number}" for number in range(100))}
        answers_pdf(evaluate(form, varied, on=ON), COPY, fonts=fonts)
        if turn in {1, 100, number}:
            gc.collect()
            held[turn] = resident_mb()
            print(
                f"after {turn:5} PDFs   {held[turn]:6.1f} MB   {time.perf_counter() - start:6.1f} s",
                flush=True,
            )
    if 100 in held:
        print(f"growth          {held[number] - held[100]:+7.1f} MB   (aim: at most {MOST_GROWTH_MB:g})")


if __name__ == "__main__":
    main()
