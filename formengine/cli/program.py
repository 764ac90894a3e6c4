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
    "docx": "paper",
    "read": "paper",
    "serve": "serving",
    "keys": "operating",
    "audit": "operating",
    "doctor": "doctoring",
    "submissions": "submissions",
    "users": "users",
}

# The modules that stand on the service; without the web extra their commands say what they need.
_SERVICE = frozenset({"serving", "operating", "doctoring", "submissions", "users"})


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
        try:
            found = import_module(f"formengine.cli.{module}")
        except ModuleNotFoundError as error:
            if module not in _SERVICE or (error.name or "").startswith("formengine"):
                raise
            return _needs_web(cmd_name)
        command: click.Command = getattr(found, cmd_name)
        # Click keeps the lines after this character as they are; in a raw docstring it is two characters.
        command.help = (command.help or "").replace("\\b\n", "\b\n")
        return command


def _needs_web(name: str) -> click.Command:
    """A command in place of one whose extra is not installed: it says so, whatever it is given."""
    line = f"`formengine {name}` needs the web extra: pip install 'formengine[web]'"

    def say() -> None:
        click.echo(line, err=True)
        raise SystemExit(1)

    return click.Command(
        name,
        callback=say,
        short_help="Needs the web extra.",
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )


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
