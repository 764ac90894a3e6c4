"""What is wrong in definitions of every kind: the command that authors give most imports the least."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from formengine.cli.inputs import engine_of, folder_option, is_there, standard_input
from formengine.engine import STANDARD_INPUT, definition_files
from formengine.language.diagnostics import Diagnostic
from formengine.language.diagnostics.github import render_github
from formengine.language.diagnostics.json_output import render_json
from formengine.language.diagnostics.terminal import render_text
from formengine.version import installed_version


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
    help="How findings are written.",
)
@folder_option
def check(paths: tuple[str, ...], format_: str, folders: tuple[Path, ...]) -> None:
    r"""Check forms, lists, fragments, portals and processes; folders are searched for .yaml files.

    Exit code 0: nothing to mend, remarks at most, 1: errors or warnings, 2: wrong usage.

    \b
    Example:
      formengine check definitions/
    """
    engine = engine_of(folders)
    found: list[Diagnostic] = []
    files = []
    for path in paths:
        if path == STANDARD_INPUT:
            found.extend(engine.check_text(standard_input()))
        elif is_there(path):
            files.append(Path(path))
        elif (file := engine.path_of(path)) is not None:
            files.append(file)
        else:
            raise click.UsageError(f"there is no file or folder {path}")
    checked = definition_files(files)
    number = len(checked) + (STANDARD_INPUT in paths)
    if not number:
        raise click.UsageError(f"there is no .yaml file in {', '.join(paths)}")
    for file in checked:
        found.extend(engine.check(file))
    found = list(dict.fromkeys(found))
    if format_ == "text":
        click.echo(render_text(found), nl=False, err=False)
        if not found:
            click.echo(f"{number} file{'' if number == 1 else 's'} checked, nothing found")
    else:
        # It brings the titles and explanations of every code along.
        from formengine.language.diagnostics.sarif import render_sarif

        render: dict[str, Callable[[list[Diagnostic]], str]] = {
            "json": render_json,
            "github": render_github,
            "sarif": partial(render_sarif, version=installed_version()),
        }
        click.echo(render[format_](found), nl=False)
    raise SystemExit(1 if any(finding.severity != "info" for finding in found) else 0)
