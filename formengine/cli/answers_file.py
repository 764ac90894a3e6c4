"""The answers that a command is given as a file of JSON."""

from __future__ import annotations

from pathlib import Path

import click

from formengine.cli.inputs import standard_input
from formengine.engine import STANDARD_INPUT
from formengine.form.state import FieldError
from formengine.language.json_types import Json
from formengine.language.reader import AnswersError, read_answers
from formengine.language.words import words


def open_answers(path: str | None, form: str = "", *, of_any_shape: bool = False) -> Json:
    """The answers in the JSON file `path`, ``-`` for standard input, {} without one.

    A submission's envelope gives its answers. Ends the command with one sentence when they cannot be read, and where
    they are no JSON object: pages and PDFs made of them would show that nothing was answered. of_any_shape: return any
    JSON value, for a command that reports errors in answers itself.
    """
    if path is None:
        return {}
    if path == STANDARD_INPUT:
        if form == STANDARD_INPUT:
            raise click.UsageError("standard input cannot be both the form and the answers")
        raw = standard_input()
    else:
        try:
            raw = Path(path).read_bytes()
        except OSError as error:
            raise click.UsageError(f"the answers {path} cannot be opened: {error.strerror}") from None
    try:
        answers = read_answers(raw)
    except AnswersError as error:
        click.echo(f"{path}: {error}", err=True)
        raise SystemExit(1) from None
    if isinstance(answers, dict) and answers.get("format") == "submission/1":
        answers = answers.get("answers")
    if not isinstance(answers, dict) and not of_any_shape:
        click.echo(f"{path}: {words(FieldError('', '', 'form', 'not_an_object'))}", err=True)
        raise SystemExit(1)
    return answers
