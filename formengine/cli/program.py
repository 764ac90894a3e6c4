"""The program and its list of commands. A command's module is imported when it is called, so that each starts fast."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple, TypeVar

import click

from formengine.version import installed_version

# What an option is added to: a command's function, whatever it takes.
Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class Command(NamedTuple):
    """Where a command is, and its line in the list of commands: the list must import none."""

    module: str
    summary: str


# In the order help shows them.
COMMANDS = {
    "check": Command("check", "Say what is wrong in forms, portals and processes."),
    "outline": Command("authors", "Show what a form asks, and on what condition."),
    "explain": Command("authors", "Say why a question is asked, or not."),
    "diff": Command("versions", "Say what differs between two versions of a form."),
    "verdict": Command("versions", "Say what a new version does to drafts that are open."),
    "references": Command("versions", "Say where an answer is named."),
    "rename": Command("versions", "Give an answer another name, wherever it is named."),
    "test": Command("scenarios", "Test a form by its scenarios, and say what they reach."),
    "schema": Command("answers", "Print the JSON Schema of a form's answers."),
    "validate": Command("answers", "Say everything that is wrong with answers."),
    "fill": Command("answers", "Make sample answers that are right."),
    "render": Command("outputs", "Write a form as HTML pages or as text."),
    "pdf": Command("outputs", "Write answers, or the blank form, as an accessible PDF."),
    "docx": Command("paper", "Write the blank form as a Word document."),
    "read": Command("paper", "Read the answers out of a PDF."),
    "serve": Command("serve", "Run the service; --demo to try it out."),
    "keys": Command("operating", "Look after the keys that everything is sealed with."),
    "audit": Command("operating", "Read and check the record of who did what, when."),
    "doctor": Command("doctor", "Say whether a service is set up well."),
    "submissions": Command("submissions", "List, read and export what people have sent."),
    "drafts": Command("drafts", "List drafts that are to be destroyed, and keep some."),
    "outbox": Command("outbox", "List what was not sent, and have it sent again."),
    "users": Command("users", "List, add and close accounts."),
    "publish": Command("publications", "Publish a form's file, without a restart."),
    "publications": Command("publications", "List, export and bring back what was published."),
}

# The modules that import the service; without the web extra their commands print what they need.
_SERVICE = frozenset(
    {"serve", "operating", "doctor", "submissions", "drafts", "outbox", "users", "publications"}
)


def _show_version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    """Print the version and end the program where it is asked for."""
    if wanted and not context.resilient_parsing:
        click.echo(f"formengine, version {installed_version()}")
        context.exit()


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = COMMANDS[cmd_name].module
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

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.summary) for name, command in COMMANDS.items()])


def _needs_web(name: str) -> click.Command:
    """A stand-in for a command whose extra is not installed: it prints so, whatever its arguments."""
    line = f"`formengine {name}` needs the web extra: pip install 'formengine[web]'"

    def say() -> None:
        click.echo(line, err=True)
        raise SystemExit(1)

    return click.Command(
        name,
        callback=say,
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )


@click.command(
    cls=_Commands,
    name="formengine",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_show_version,
    help="Show the version and exit.",
)
def program() -> None:
    """Forms written as YAML: check them, fill them in, and turn answers into pages, JSON and PDF.

    FORM is the path of a form, a folder with form.yaml, the id of a form that comes with formengine
    (request-for-support, early-help-notification), or - for standard input.
    """


def main(args: list[str] | None = None) -> None:
    """Run the command line; exit code 0: done, 1: findings or errors in what was given, 2: wrong usage."""
    # Most of what a command makes lives to its end: looking for circles at every 700 objects takes 7 % of a `check`.
    gc.set_threshold(20_000)
    # A form's texts may be in any script; a terminal that cannot show a letter must not end the command.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    program.main(args=args, prog_name="formengine")
