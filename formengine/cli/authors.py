"""Commands for the author of a form: check it, outline it, explain why a question is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import click

from formengine.cli.answers_file import open_answers
from formengine.cli.inputs import (
    FORM,
    day_of,
    engine_of,
    folder_option,
    on_option,
    open_form,
    print_json,
)
from formengine.form.analysis.explain import Explanation, explain_path, paths
from formengine.form.analysis.outline import outline as outline_of
from formengine.form.analysis.outline import outline_text
from formengine.form.plan import Form
from formengine.language.diagnostics import near
from formengine.language.expressions import sentence
from formengine.language.expressions.ast import Operand


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
