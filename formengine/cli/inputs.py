"""Options and arguments that commands share: forms, answers, days; and how a command ends when one cannot be used."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import NoReturn

import click

from formengine.cli.program import Decorated
from formengine.engine import STANDARD_INPUT, Engine, engine_with, today
from formengine.form.plan import Form
from formengine.language.diagnostics import DefinitionError, Diagnostic
from formengine.language.diagnostics.terminal import render_text
from formengine.language.extensions import ExtensionError
from formengine.output.themes import theme_named

_FIELD_TYPES = "formengine.field_types"
FORM = click.argument("form", metavar="FORM")


class _Day(click.ParamType[date]):
    name = "YYYY-MM-DD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a day such as 2026-11-22", param, ctx)


def on_option(command: Decorated) -> Decorated:
    """Add ``--on``: the day for which relative dates are worked out."""
    return click.option("--on", type=_Day(), help="The day to work dates out for; today without it.")(command)


def folder_option(command: Decorated) -> Decorated:
    """Add ``--definitions``, further folders with forms, lists and fragments, and ``--field-types``."""
    command = click.option(
        "--field-types",
        multiple=True,
        metavar="MODULE:OBJECT",
        expose_value=False,
        callback=_remember_types,
        help="Field types of an installed package, such as council_types:FIELD_TYPES; may be repeated.",
    )(command)
    return click.option(
        "--definitions",
        "folders",
        multiple=True,
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="A folder with forms, lists and fragments; may be repeated.",
    )(command)


def _remember_types(context: click.Context, _option: click.Parameter, names: tuple[str, ...]) -> None:
    context.meta[_FIELD_TYPES] = names


def field_types_given() -> tuple[str, ...]:
    """What ``--field-types`` of the running command names."""
    names: tuple[str, ...] = click.get_current_context().meta.get(_FIELD_TYPES, ())
    return names


class _Theme(click.ParamType[Path]):
    name = "FOLDER or MODULE:OBJECT"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        try:
            path = theme_named(str(value))
        except ExtensionError as error:
            self.fail(str(error), param, ctx)
        folder = click.Path(exists=True, file_okay=False, path_type=Path)
        return Path(folder.convert(path, param, ctx))


def theme_option(command: Decorated) -> Decorated:
    """Add ``--theme``: a folder of own templates, words and style."""
    with_old_name = click.option(
        "--pack", hidden=True, expose_value=False, callback=_renamed, is_eager=True, metavar="FOLDER"
    )(command)
    return click.option(
        "--theme",
        type=_Theme(),
        help="A folder of own templates (html/templates), words (words/en.yaml) and style (pdf/style.yaml).",
    )(with_old_name)


def _renamed(_context: click.Context, _option: click.Parameter, value: str | None) -> None:
    """End the command where an option of an earlier version is given."""
    if value is not None:
        raise click.UsageError("--pack is called --theme now")


def audience_option(command: Decorated) -> Decorated:
    """Add ``--audience``: whose copy it is."""
    return click.option(
        "--audience",
        metavar="NAME",
        default="",
        help="Only what this audience may see: one of the form's `audiences`, such as family.",
    )(command)


def engine_of(folders: tuple[Path, ...], theme: Path | None = None) -> Engine:
    """The engine over the folders given; ends the command where its theme or a field type cannot be used."""
    themes = (theme,) if theme is not None else ()
    try:
        return engine_with(field_types_given(), folders=folders, themes=themes)
    except ExtensionError as error:
        raise click.UsageError(str(error)) from None


def open_form(engine: Engine, form: str) -> Form:
    """The compiled form; ends the command with its findings and exit code 1 when it has errors."""
    try:
        if form == STANDARD_INPUT:
            return engine.form_of_text(standard_input(), "standard input")
        return engine.form(form)
    except DefinitionError as error:
        end_with(error.diagnostics)


def end_with(diagnostics: tuple[Diagnostic, ...]) -> NoReturn:
    """Print the findings and end the command with exit code 1."""
    click.echo(render_text(diagnostics), err=True, nl=False)
    raise SystemExit(1)


def is_there(path: str) -> bool:
    """Whether there is a file or folder at `path`; ends the command where the system refuses to look."""
    try:
        return Path(path).exists()
    except OSError as error:
        raise click.UsageError(f"{path} cannot be opened: {error.strerror}") from None


def day_of(on: date | None) -> date:
    """The day given, else today."""
    return on or today()


def print_json(value: object) -> None:
    """Print the value to standard output as indented JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def write_bytes(content: bytes, output: str | None) -> None:
    """Write the content to the file `output`, or to standard output for None and ``-``."""
    if output in {None, STANDARD_INPUT}:
        sys.stdout.buffer.write(content)
        return
    try:
        Path(str(output)).write_bytes(content)
    except OSError as error:
        raise click.UsageError(f"{output} cannot be written: {error.strerror}") from None


def standard_input() -> bytes:
    """All of standard input."""
    return sys.stdin.buffer.read()
