"""The program and its list of commands. A command's module is imported when it is called, so that each starts fast."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

import click

# Each command with the module that holds it, in the order help shows them.
COMMANDS = {
    "check": "authors",
    "outline": "authors",
    "explain": "authors",
    "schema": "answers",
    "validate": "answers",
    "fill": "answers",
    "render": "outputs",
    "pdf": "outputs",
    "serve": "serving",
    "keys": "operating",
    "audit": "operating",
    "submissions": "submissions",
}


def program_version() -> str:
    """The installed version of formengine, "0" in a checkout that is not installed."""
    try:
        return version("formengine")
    except PackageNotFoundError:
        return "0"


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = getattr(import_module(f"formengine.cli.{module}"), cmd_name)
        # Click keeps the lines after this character as they are; in a raw docstring it is two characters.
        command.help = (command.help or "").replace("\\b\n", "\b\n")
        return command


@click.command(
    cls=_Commands,
    name="formengine",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(program_version(), "--version", prog_name="formengine")
def program() -> None:
    """Forms written as YAML: check them, fill them in, and turn answers into pages, JSON and PDF.

    FORM is the path of a form, a folder with form.yaml, the id of a form that comes with formengine
    (request-for-support, early-help-notification), or - for standard input.
    """


def main(args: list[str] | None = None) -> None:
    """Runs the command line; exit code 0: done, 1: findings or errors in what was given, 2: wrong usage."""
    # What a form says may be in any script; a terminal that cannot show a letter must not end the command.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    program.main(args=args, prog_name="formengine")
