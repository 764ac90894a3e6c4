"""Commands for paper: blank forms as PDF and Word, and filled-in PDFs as answers."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from formengine.cli.inputs import (
    FORM,
    day_of,
    end_with,
    engine_of,
    folder_option,
    on_option,
    open_form,
    standard_input,
    write_bytes,
)
from formengine.engine import HOME, STANDARD_INPUT, Engine
from formengine.form.plan import Form
from formengine.form.state import FieldError
from formengine.language.diagnostics import DefinitionError
from formengine.language.json_types import Json
from formengine.language.words import Wording, words
from formengine.output.themes import ThemeError
from formengine.portal import Portal, load_portal

if TYPE_CHECKING:
    from formengine.output.paper.blank.issuer import Issuer
    from formengine.output.paper.reading.pdf_answers import PdfDraft
    from formengine.output.paper.reading.signatures import Verify

NO_AUTHOR = "formengine"
# Which extra installs a module that is missing, and what cannot be done without it.
_EXTRAS = {
    "pikepdf": ("PDF forms to type into", "fillable"),
    "docx": ("Word documents", "docx"),
    "cryptography": ("Signatures", "web"),
}
_EXTRAS |= dict.fromkeys(("fpdf", "fontTools", "uharfbuzz"), ("PDFs", "pdf"))

_SENDING = (
    click.option(
        "--send-to",
        multiple=True,
        metavar="LINE",
        help="A line of where to send the blank form; may be repeated. The portal's contacts without it.",
    ),
    click.option(
        "--portal",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="The portal with whom to call and write to; the portal.yaml beside the form without it.",
    ),
    click.option(
        "--blocks",
        type=click.IntRange(1, 50),
        default=3,
        show_default=True,
        help="For how many entries of a list the blank form has room.",
    ),
)


def blank_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add ``--blank`` and ``--fillable`` to the command that writes PDFs, and the options of a blank form."""

    @functools.wraps(command)
    def choose(
        *,
        blank: bool,
        fillable: bool,
        send_to: tuple[str, ...],
        portal: Path | None,
        blocks: int,
        **rest: Any,  # noqa: ANN401 - the other options, each of a type of its own
    ) -> None:
        if not blank and not fillable:
            command(**rest)
            return
        if rest["answers"] is not None:
            raise click.UsageError("a blank form takes no answers")
        engine = engine_of(rest["folders"], rest["theme"])
        form = open_form(engine, rest["form"])
        sending = _sending(engine, form, rest["form"], rest["author"], rest["at"], send_to, portal, blocks)
        with _errors():
            written = engine.blank_pdf(form, sending, fillable=fillable)
        if written.substituted:
            click.echo(f"No font has these characters: {' '.join(written.substituted)}", err=True)
        write_bytes(written.content, rest["output"])

    for option in reversed(_SENDING):
        choose = option(choose)
    choose = click.option(
        "--fillable", is_flag=True, help="The blank form with fields to type into, instead of answers."
    )(choose)
    return click.option("--blank", is_flag=True, help="The blank form to print, instead of answers.")(choose)


@click.command()
@FORM
@click.option(
    "-o", "--output", metavar="FILE", required=True, help="The file to write, or - for standard output."
)
@click.option(
    "--author", default=NO_AUTHOR, show_default=True, help="Who issues the form, such as the council."
)
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S"]),
    help="The moment it is made; the same gives the same bytes.",
)
@_SENDING[0]
@_SENDING[1]
@_SENDING[2]
@folder_option
def docx(
    form: str,
    output: str,
    author: str,
    at: datetime | None,
    send_to: tuple[str, ...],
    portal: Path | None,
    blocks: int,
    folders: tuple[Path, ...],
) -> None:
    r"""Write the blank form as a Word document, with the numbers and notes of the printed one.

    \b
    Example:
      formengine docx request-for-support -o request-for-support.docx
    """
    engine = engine_of(folders)
    compiled = open_form(engine, form)
    sending = _sending(engine, compiled, form, author, at, send_to, portal, blocks)
    with _errors():
        content = engine.blank_docx(compiled, sending)
    write_bytes(content, output)


def _sending(
    engine: Engine,
    form: Form,
    given: str,
    author: str,
    at: datetime | None,
    send_to: tuple[str, ...],
    portal: Path | None,
    blocks: int,
) -> Issuer:
    from formengine.output.paper.blank.issuer import Issuer

    moment = at.replace(tzinfo=HOME) if at is not None else datetime.now(tz=HOME).replace(microsecond=0)
    found = _portal(engine, form, given, portal)
    if author == NO_AUTHOR and found is not None:
        author = found.council
    return Issuer(author, moment, send_to, found, blocks)


def _portal(engine: Engine, form: Form, given: str, portal: Path | None) -> Portal | None:
    """The portal given, else the one in the parent of the form's own folder, else None."""
    if portal is None:
        here = Path(given)
        file = (here / "form.yaml" if here.is_dir() else here) if here.exists() else engine.path_of(form.id)
        beside = file.resolve().parent.parent / "portal.yaml" if file is not None else None
        if beside is None or not beside.is_file():
            return None
        portal = beside
    try:
        return load_portal(portal, roots=engine.folders)
    except DefinitionError as error:
        end_with(error.diagnostics)


@contextmanager
def _errors() -> Iterator[None]:
    """End the command with one line where something is not installed, or the style cannot be used."""
    try:
        yield
    except ThemeError as error:
        raise click.UsageError(str(error)) from None
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _EXTRAS:
            raise
        what, extra = _EXTRAS[missing]
        click.echo(f"{what} need the {extra} extra: pip install 'formengine[{extra}]'", err=True)
        raise SystemExit(1) from None


@click.command()
@click.argument("file", metavar="FILE.pdf")
@click.option(
    "--form", metavar="FORM", help="The form it is filled in for; without it, the one the PDF names."
)
@click.option(
    "--answers", "answers_alone", is_flag=True, help="Print the answers alone, as validate takes them."
)
@click.option("-o", "--output", metavar="FILE", help="The file to write instead of standard output.")
@click.option(
    "--keys-file",
    envvar="FORMENGINE_KEYS_FILE",
    type=click.Path(path_type=Path),
    help="The service's keys, to check its signature; without it those that FORMENGINE_KEYS_FILE names.",
)
@on_option
@folder_option
def read(
    file: str,
    form: str | None,
    answers_alone: bool,
    output: str | None,
    keys_file: Path | None,
    on: date | None,
    folders: tuple[Path, ...],
) -> None:
    r"""Read the answers out of a PDF: a fillable form that was filled in, or a copy that carries its data.

    Prints JSON with the answers, everything that is wrong with them, and under `signature` whether they are as the
    service signed them. Exit code 0: it was read, 1: it cannot be, or it was altered since it was signed.

    \b
    Examples:
      formengine pdf request-for-support --fillable -o form.pdf
      formengine read form.pdf
      formengine read form.pdf --answers > answers.json
    """
    from formengine.output.paper.reading.contents import UnreadablePdfError

    engine = engine_of(folders)
    compiled = open_form(engine, form) if form is not None else None
    verify = _verify(keys_file) if keys_file is not None else None
    try:
        with _errors():
            found = engine.read_pdf(_content(file), compiled, verify=verify)
    except UnreadablePdfError as error:
        click.echo(f"{file}: {error}", err=True)
        raise SystemExit(1) from None
    except DefinitionError as error:
        end_with(error.diagnostics)
    printed = found.draft if answers_alone else _report(engine, found, day_of(on))
    text = json.dumps(printed, indent=2, ensure_ascii=False) + "\n"
    write_bytes(text.encode("utf-8", "backslashreplace"), output)
    if found.standing == "altered":
        click.echo(f"{file}: {_standing(found)}", err=True)
        raise SystemExit(1)


def _verify(keys_file: Path) -> Verify:
    """A check of signatures by the keys in the file; ends the command where they cannot be used."""
    # Who reads forms that nobody signed needs no cryptography.
    with _errors():
        from formengine.service.crypto.keyring import Keyring, KeyringError
    try:
        return Keyring.of_file(keys_file).signer.check
    except KeyringError as error:
        raise click.UsageError(str(error)) from None


def _standing(found: PdfDraft) -> str:
    """Whether the data is as it was signed, as a sentence."""
    return Wording().text(f"reading.standing.{found.standing}")


def _content(file: str) -> bytes:
    if file == STANDARD_INPUT:
        return standard_input()
    from formengine.output.paper.reading.contents import MAX_BYTES

    try:
        with Path(file).open("rb") as opened:
            # One byte more than may be read is enough to be refused.
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise click.UsageError(f"{file} cannot be opened: {error.strerror}") from None


def _report(engine: Engine, found: PdfDraft, on: date) -> dict[str, Json]:
    """The draft as JSON, with its errors and the fields of the PDF that the form has no question for."""
    form = found.form
    state = engine.evaluate(form, found.draft, on=on)
    return {
        "form": form.id,
        "version": form.version,
        "digest": form.digest,
        "made_from_this_definition": found.is_current,
        "audience": found.audience,
        "signature": {"standing": found.standing, "message": _standing(found)},
        "answers": found.draft,
        "complete": state.complete,
        "errors": [_problem(error, form) for error in state.errors.values()],
        "warnings": [_problem(warning, form) for warning in state.warnings.values()],
        "unread": [{"field": one.name, "entered": list(one.texts)} for one in found.unread],
    }


def _problem(problem: FieldError, form: Form) -> dict[str, str]:
    message = words(problem, form.definition.language)
    return {"field": problem.path, "page": problem.page, "rule": problem.rule, "message": message}
