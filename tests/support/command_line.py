"""The command line in this process, with streams of bytes as a shell gives it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from unittest.mock import patch

from formengine.cli import main


@dataclass(frozen=True)
class Run:
    """How a command ended: exit code, standard output and standard error."""

    code: int
    out: str
    err: str
    raw: bytes


def run(*args: str, stdin: bytes = b"", encoding: str = "utf-8") -> Run:
    """A run of ``formengine ARGS``; an exception other than its end is the test's failure."""
    out, err = io.BytesIO(), io.BytesIO()
    texts = (io.TextIOWrapper(out, encoding=encoding), io.TextIOWrapper(err, encoding=encoding))
    code = 0
    with (
        patch("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding=encoding)),
        patch("sys.stdout", texts[0]),
        patch("sys.stderr", texts[1]),
    ):
        try:
            main(list(args))
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(bool(end.code))
        for text in texts:
            text.flush()
    said, errors = out.getvalue(), err.getvalue()
    return Run(code, said.decode(encoding, "replace"), errors.decode(encoding, "replace"), said)
