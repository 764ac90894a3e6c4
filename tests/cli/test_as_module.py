"""`python -m formengine` is the command line."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest


@pytest.mark.parametrize(
    ("arguments", "code", "first_line"),
    [
        (["--version"], 0, f"formengine, version {version('formengine')}"),
        (["--help"], 0, "Usage: formengine [OPTIONS] COMMAND [ARGS]..."),
        (["schema", "no-such-form"], 1, "error[unknown-form]: There is no form `no-such-form`"),
        (["no-such-command"], 2, "Usage: formengine [OPTIONS] COMMAND [ARGS]..."),
    ],
)
def test_the_command_line_is_the_package_run_as_a_module(
    arguments: list[str], code: int, first_line: str
) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "formengine", *arguments], capture_output=True, text=True, check=False
    )
    assert run.returncode == code
    assert (run.stdout or run.stderr).splitlines()[0] == first_line
