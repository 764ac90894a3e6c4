"""Commands that turn a form and its answers into pages, text and PDF."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from formengine.cli.answers_file import open_answers
from formengine.cli.inputs import (
    FORM,
    audience_option,
    day_of,
    engine_of,
    folder_option,
    on_option,
    open_form,
    theme_option,
    write_bytes,
)
from formengine.cli.paper import blank_options
from formengine.engine import HOME, STANDARD_INPUT, Engine
from formengine.form.state import State, UnknownAudienceError, copy_for
from formengine.output.themes import ThemeError

if TYPE_CHECKING:
    from formengine.output.paper.record.attachments import AttachedFile


@click.command()
@FORM
@click.argument("answers", metavar="[ANSWERS]", required=False)
@click.option("--to", "kind", type=click.Choice(["html", "text"]), default="html", show_default=True)
@click.option("--page", metavar="ID", help="Only this page, on standard output unless -o names a file.")
@click.option("-o", "--output", metavar="DIR", help="The folder for pages, or the file for text.")
@click.option("--errors", is_flag=True, help="Show what is wrong with the answers.")
@click.option(
    "--numbers", is_flag=True, help="Number the questions as on paper, to key in what was written there."
)
@audience_option
@theme_option
@on_option
@folder_option
def render(
    form: str,
    answers: str | None,
    kind: str,
    page: str | None,
    output: str | None,
    errors: bool,
    numbers: bool,
    audience: str,
    theme: Path | None,
    on: date | None,
    folders: tuple[Path, ...],
) -> None:
    r"""Write a form as finished HTML pages, filled in with ANSWERS, or the answers as plain text.

    \b
    Examples:
      formengine render request-for-support --to html -o site
      formengine render request-for-support answers.json --to text
      formengine render request-for-support --numbers -o keying
    """
    engine = engine_of(folders, theme)
    compiled = open_form(engine, form)
    if numbers:
        compiled = engine.numbered(compiled)
    state = _for_audience(engine.evaluate(compiled, open_answers(answers, form), on=day_of(on)), audience)
    if kind == "text":
        if page is not None:
            raise click.UsageError("--page is for HTML; the text has all pages")
        write_bytes(engine.text(state).encode("utf-8"), output)
    elif page is not None:
        if output not in {None, STANDARD_INPUT} and os.path.isdir(str(output)):  # noqa: PTH112 - never raises
            raise click.UsageError(f"{output} is a folder; one page goes into a file")
        write_bytes(_page(engine, state, page, show_errors=errors).encode("utf-8"), output)
    elif output is None or output == STANDARD_INPUT:
        raise click.UsageError("say with -o in which folder the pages are to be written")
    else:
        _write_site(engine, state, Path(output), show_errors=errors)


def _page(engine: Engine, state: State, page: str, *, show_errors: bool) -> str:
    """The HTML of one page; ends the command where these answers have no page of this name on screen."""
    known = [found.id for found in state.page_names if not found.page.spec.paper_only]
    if page not in known:
        raise click.UsageError(f"there is no page {page} for these answers; there is {', '.join(known)}")
    with _template_errors():
        return engine.html(state.form).page(state, page, show_errors=show_errors)


def _write_site(engine: Engine, state: State, folder: Path, *, show_errors: bool) -> None:
    try:
        with _template_errors():
            engine.site(state, folder, show_errors=show_errors)
    except FileExistsError:
        raise click.UsageError(f"{folder} is a file; the pages go into a folder") from None
    except OSError as error:
        raise click.UsageError(f"{folder} cannot be written: {error.strerror}") from None


@contextmanager
def _template_errors() -> Iterator[None]:
    """End the command with one line where a template of a theme cannot be used."""
    # Jinja2 is imported when pages are drawn.
    from formengine.output.html.environment import template_errors

    try:
        with template_errors():
            yield
    except ThemeError as error:
        raise click.UsageError(str(error)) from None


def _for_audience(state: State, audience: str) -> State:
    try:
        return copy_for(state, audience)
    except UnknownAudienceError as error:
        raise click.UsageError(str(error)) from None


@click.command()
@FORM
@click.argument("answers", metavar="[ANSWERS]", required=False)
@click.option(
    "-o", "--output", metavar="FILE", required=True, help="The file to write, or - for standard output."
)
@click.option(
    "--author", default="formengine", show_default=True, help="Who issues the document, such as the council."
)
@click.option("--reference", default="", help="The reference of what was sent; without it, it is a draft.")
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S"]),
    help="The moment it is made, or was sent; the same gives the same bytes.",
)
@audience_option
@click.option(
    "--embed-attachments",
    "uploads",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Put the uploaded files into the PDF. DIR holds them, each named by its id in the answers.",
)
@theme_option
@on_option
@folder_option
@blank_options
def pdf(
    form: str,
    answers: str | None,
    output: str,
    author: str,
    reference: str,
    at: datetime | None,
    audience: str,
    uploads: Path | None,
    theme: Path | None,
    on: date | None,
    folders: tuple[Path, ...],
) -> None:
    r"""Write the answers as an accessible PDF (PDF/UA-1 and PDF/A-3A) that carries them as data too.

    \b
    Examples:
      formengine pdf request-for-support answers.json -o draft.pdf
      formengine pdf request-for-support answers.json --audience family -o family.pdf
      formengine pdf request-for-support --blank -o to-print.pdf
      formengine pdf request-for-support --fillable -o to-type-into.pdf
    """
    engine = engine_of(folders, theme)
    compiled = open_form(engine, form)
    moment = at.replace(tzinfo=HOME) if at is not None else datetime.now(tz=HOME).replace(microsecond=0)
    state = engine.evaluate(compiled, open_answers(answers, form), on=day_of(on or moment.date()))
    state = _for_audience(state, audience)
    with _pdf_errors():
        attachments = _uploaded(state, uploads) if uploads is not None else ()
        written = engine.pdf(state, author=author, at=moment, reference=reference, attachments=attachments)
    if written.substituted:
        click.echo(f"No font has these characters: {' '.join(written.substituted)}", err=True)
    write_bytes(written.content, output)


@contextmanager
def _pdf_errors() -> Iterator[None]:
    """End the command with one line where PDFs cannot be made here, or not with this style."""
    try:
        yield
    except ThemeError as error:
        raise click.UsageError(str(error)) from None
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"fpdf", "fontTools", "uharfbuzz"}:
            raise
        click.echo("PDFs need the pdf extra: pip install 'formengine[pdf]'", err=True)
        raise SystemExit(1) from None


def _uploaded(state: State, folder: Path) -> tuple[AttachedFile, ...]:
    """The files among the answers with their contents; prints a note for each that is not in `folder`."""
    from formengine.output.paper.record.attachments import AttachedFile, listed_files

    found = []
    for file in listed_files(state):
        # An id has only letters, figures, _ and -, so that it cannot lead out of the folder.
        path = folder / file.file_id
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            click.echo(f"{folder} has no file {file.file_id} ({file.name}); the PDF only lists it", err=True)
        except OSError as error:
            raise click.UsageError(f"{path} cannot be opened: {error.strerror}") from None
        else:
            found.append(AttachedFile(file.path, file.name, file.media_type, content))
    return tuple(found)
