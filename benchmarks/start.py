"""Import of `formengine` and the time to a command's first output, against the imports that nothing can do without.

Each side is a Python of its own; the figure is that process's CPU, its start among it. Reading a form needs yaml and
lark, judging answers jsonschema_rs, commands click.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from tempfile import TemporaryDirectory

from benchmarks._rounds import Figure, report

PROGRAM = ("-c", "from formengine.cli import main; main()")
CORE = "from formengine import compile_form, evaluate, load"
FORM = "request-for-support"
HELP_AIM = 2.5


def process_s(arguments: Sequence[str], cache: str) -> float:
    """The CPU seconds of a Python with these arguments, from its start to its end; `cache` holds its bytecode."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL, env=environment)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"python {' '.join(arguments)} ended with {process.returncode}")
    return used.ru_utime + used.ru_stime


def figures(rounds: int) -> Iterator[Figure]:
    """The library's import, then commands."""
    needed = "import yaml, lark, jsonschema_rs"
    all_four = f"{needed}, click"
    sides = (
        ("import formengine, against a bare Python", ("-c", "import formengine"), "pass", None),
        ("load, compile, evaluate; against yaml, lark, jsonschema_rs", ("-c", CORE), needed, None),
        ("formengine --help, against click alone", (*PROGRAM, "--help"), "import click", HELP_AIM),
        (f"formengine check {FORM}, against all four", (*PROGRAM, "check", form_file()), all_four, None),
        (f"formengine outline {FORM}, against all four", (*PROGRAM, "outline", FORM), all_four, None),
    )
    with TemporaryDirectory() as cache:  # both sides start from bytecode, as when installed
        for what, ours, theirs, aim in sides:
            pairs = [(process_s(ours, cache), process_s(("-c", theirs), cache)) for _ in range(rounds + 1)][
                1:
            ]
            taken, least = (statistics.median(side) for side in zip(*pairs, strict=True))
            yield Figure(what, taken, least, at_most=aim)


def form_file() -> str:
    """The path of the form that is checked."""
    from formengine.language.bundled import bundled_folder

    return str(bundled_folder("definitions") / FORM / "form.yaml")


def main(rounds: int = 9) -> None:
    """Print the figures."""
    report(figures(rounds))


if __name__ == "__main__":
    main()
