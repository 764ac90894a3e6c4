"""Commands about answers: their schema, their errors, samples of them."""

from __future__ import annotations

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
from formengine.form.analysis.samples import NoSampleFoundError, sample_answers
from formengine.form.state import FieldError, State
from formengine.language.words import words


@click.command()
@FORM
@on_option
@folder_option
def schema(form: str, on: date | None, folders: tuple[Path, ...]) -> None:
    r"""Print the JSON Schema 2020-12 of the form's answers, exact for the day given with --on.

    Without a day it refuses nothing that some day would accept.

    \b
    Example:
      formengine schema request-for-support --on 2026-11-22
    """
    engine = engine_of(folders)
    print_json(engine.schema(open_form(engine, form), on))


@click.command()
@FORM
@click.argument("answers", metavar="ANSWERS")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Lines to read, or JSON.",
)
@click.option("--page", metavar="ID", help="Only the errors of this page.")
@on_option
@folder_option
def validate(
    form: str, answers: str, format_: str, page: str | None, on: date | None, folders: tuple[Path, ...]
) -> None:
    r"""Say everything that is wrong with answers: field, page and message.

    ANSWERS is a JSON file, a submission or a draft, or - for standard input. Exit code 0: they can be sent, 1: errors.

    \b
    Example:
      formengine validate request-for-support answers.json
    """
    engine = engine_of(folders)
    compiled = open_form(engine, form)
    if page is not None and compiled.page(page) is None:
        known = ", ".join(found.id for found in compiled.every_page)
        raise click.UsageError(f"the form has no page {page}; it has {known}")
    state = engine.evaluate(compiled, open_answers(answers, form, of_any_shape=True), on=day_of(on))
    errors = [error for error in state.errors.values() if page in {None, error.page}]
    warnings = [warning for warning in state.warnings.values() if page in {None, warning.page}]
    if format_ == "json":
        print_json(
            {"valid": not errors, **_listed("errors", errors, state), **_listed("warnings", warnings, state)}
        )
    else:
        for problem in (*errors, *warnings):
            note = "" if problem.level == "error" else " (advice)"
            where = f"  [{problem.page}]" if problem.page else ""
            click.echo(f"{problem.path or 'answers'}{where}  {_message(problem, state)}{note}")
        if not errors:
            click.echo("The answers can be sent." if page is None else "Nothing is wrong on this page.")
    raise SystemExit(1 if errors else 0)


def _listed(name: str, problems: list[FieldError], state: State) -> dict[str, list[dict[str, str]]]:
    listed = [
        {
            "field": problem.path,
            "page": problem.page,
            "rule": problem.rule,
            "message": _message(problem, state),
        }
        for problem in problems
    ]
    return {name: listed}


def _message(problem: FieldError, state: State) -> str:
    return words(problem, state.form.definition.language)


@click.command()
@FORM
@click.option(
    "--seed", metavar="N", type=int, default=0, show_default=True, help="Another number, other answers."
)
@click.option("--minimal", is_flag=True, help="Only what is mandatory.")
@on_option
@folder_option
def fill(form: str, seed: int, minimal: bool, on: date | None, folders: tuple[Path, ...]) -> None:
    r"""Make sample answers that are right, as JSON.

    \b
    Example:
      formengine fill request-for-support --seed 7 > answers.json
    """
    compiled = open_form(engine_of(folders), form)
    try:
        print_json(sample_answers(compiled, on=day_of(on), seed=seed, minimal=minimal))
    except NoSampleFoundError as error:
        click.echo("No right answers were found for this form; the last try was wrong in:", err=True)
        for problem in error.errors.values():
            click.echo(f"  {problem.path}: {words(problem, compiled.definition.language)}", err=True)
        raise SystemExit(1) from None
