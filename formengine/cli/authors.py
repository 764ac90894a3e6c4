"""Commands for the author of a form: check it, outline it, explain why a question is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import click

from formengine.cli.inputs import (
    FORM,
    day_of,
    engine_of,
    folder_option,
    is_there,
    on_option,
    open_answers,
    open_form,
    print_json,
    standard_input,
)
from formengine.cli.program import program_version
from formengine.engine import STANDARD_INPUT, definition_files
from formengine.form.analysis import outline as outline_of
from formengine.form.analysis.explain import Explanation, explain_path, paths
from formengine.form.analysis.outline import outline_text
from formengine.form.plan import Form
from formengine.language.diagnostics import Diagnostic, near
from formengine.language.diagnostics.github import render_github
from formengine.language.diagnostics.json_output import render_json
from formengine.language.diagnostics.sarif import render_sarif
from formengine.language.diagnostics.terminal import render_text
from formengine.language.expressions import sentence
from formengine.language.expressions.ast import Operand


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
    r"""Check forms, lists, fragments and portals; folders are searched for .yaml files.

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
        render: dict[str, Callable[[list[Diagnostic]], str]] = {
            "json": render_json,
            "github": render_github,
            "sarif": partial(render_sarif, version=program_version()),
        }
        click.echo(render[format_](found), nl=False)
    raise SystemExit(1 if any(finding.severity != "info" for finding in found) else 0)


@click.command()
@FORM
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Lines to read, or JSON with everything.",
)
@folder_option
def outline(form: str, format_: str, folders: tuple[Path, ...]) -> None:
    r"""Show what a form asks: its pages, fields, types, what is mandatory and on what condition.

    \b
    Example:
      formengine outline request-for-support
    """
    compiled = open_form(engine_of(folders), form)
    if format_ == "json":
        print_json(outline_of(compiled))
    else:
        click.echo(outline_text(compiled), nl=False)


@click.command()
@FORM
@click.argument("answers", metavar="ANSWERS")
@click.argument("field", metavar="FIELD")
@on_option
@folder_option
def explain(form: str, answers: str, field: str, on: date | None, folders: tuple[Path, ...]) -> None:
    r"""Say why a question is asked, or not, for these answers.

    FIELD is the answer's path, such as child.due_date or children_same_address.i1.school.

    \b
    Example:
      formengine explain request-for-support answers.json child.due_date
    """
    engine = engine_of(folders)
    compiled = open_form(engine, form)
    state = engine.evaluate(compiled, open_answers(answers, form), on=day_of(on))
    explanation = explain_path(state, field)
    if explanation is None:
        close = near(field, paths(compiled))
        similar = f"; there is a similar one: {close}" if close else ""
        raise click.UsageError(f"the form has no field {field}{similar}")
    click.echo(_explained(explanation, compiled))


def _explained(explanation: Explanation, form: Form) -> str:
    asked = {True: "is asked", False: "is not asked", None: "is not asked yet"}[explanation.asked]
    lines = [f"“{explanation.label}” ({explanation.path}) {asked}."]
    if explanation.stopped_at:
        lines.append(f"  The journey ends before it, on the page “{explanation.stopped_at}”.")
    if explanation.nobody:
        lines.append("  Nobody has been entered yet whom it could be about.")
    elif not explanation.reasons:
        lines.append("  No condition decides about it.")
    for reason in explanation.reasons:
        holds = {True: "holds", False: "does not hold", None: "is open, because an answer is missing"}[
            reason.holds
        ]
        condition = sentence(reason.condition.expr, option_label=_labels(form))
        lines.append(f"  “{reason.carrier}” is shown if {condition}: this {holds}.")
    return "\n".join(lines)


def _labels(form: Form) -> Callable[[Operand, str], str]:
    def label(operand: Operand, code: str) -> str:
        owner = form.fields if operand.repeat is None else form.item_fields[operand.repeat]
        options = owner[operand.key].spec.settings.options
        return next((option.label for option in options if option.code == code), code)

    return label
