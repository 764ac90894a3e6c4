"""Import of `formengine` and the time to a command's first output, against the imports no form can do without.

Each side is a Python of its own; the figure is that process's CPU, its start among it. Reading a form needs yaml and
lark, judging answers jsonschema_rs, commands click.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence

from benchmarks._rounds import Figure, report

NEEDED = "import yaml, lark, jsonschema_rs"
PROGRAM = ("-c", "from formengine.cli import main; main()")
FORM = "request-for-support"


def process_s(arguments: Sequence[str]) -> float:
    """The CPU seconds of a Python with these arguments, from its start to its end."""
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"python {' '.join(arguments)} ended with {process.returncode}")
    return used.ru_utime + used.ru_stime


def figures(rounds: int) -> Iterator[Figure]:
    """The library's import, then commands."""
    for what, ours, theirs in (
        ("import formengine, against yaml, lark and jsonschema_rs", ("-c", "import formengine"), NEEDED),
        ("formengine --help, against click alone", (*PROGRAM, "--help"), "import click"),
        (f"formengine check {FORM}, against all four", (*PROGRAM, "check", form_file()), f"{NEEDED}, click"),
        (f"formengine outline {FORM}, against all four", (*PROGRAM, "outline", FORM), f"{NEEDED}, click"),
    ):
        pairs = [(process_s(ours), process_s(("-c", theirs))) for _ in range(rounds + 1)][1:]
        taken, needed = (statistics.median(side) for side in zip(*pairs, strict=True))
        yield Figure(what, taken, needed)


def form_file() -> str:
    """The path of the form that is checked."""
    from formengine.bundled import bundled_folder

    return str(bundled_folder("definitions") / FORM / "form.yaml")


def main(rounds: int = 9) -> None:
    """Print the figures."""
    report(figures(rounds))


if __name__ == "__main__":
    main()
