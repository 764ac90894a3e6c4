"""Commands that publish forms, and say what was published. Each may run while the service does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from formengine.cli.operating import Verbs, end, opened, place_options, service_engine, settings_here
from formengine.engine import Engine
from formengine.language.diagnostics.terminal import render_text
from formengine.service.context import ServiceContext
from formengine.service.forms import Forms
from formengine.service.studio.publishing import OPERATOR, PublicationRefusedError, Publishing
from formengine.store.rows import PublicationRow

_REFUSED = {
    "other_form": "The file calls itself by another name than its folder",
    "unchanged": "{name} is published like that already",
    "changed": "Somebody published {name} meanwhile; look at `formengine publications list {name}`",
}


@contextmanager
def _publishing(data: Path | None, keys_file: Path | None) -> Iterator[tuple[Publishing, Engine]]:
    settings = settings_here(data, keys_file)
    engine = service_engine(settings)
    with opened(settings) as (store, keys):
        context = ServiceContext(store, keys, words=engine.words)
        yield Publishing(context, engine, Forms(context, engine)), engine


def _end_refused(name: str, refused: PublicationRefusedError) -> None:
    if refused.why == "findings":
        end(render_text(refused.findings).rstrip())
    end(_REFUSED[refused.why].format(name=name))


def _newest(publishing: Publishing, name: str) -> int:
    lines = publishing.history(name)
    return lines[0].row.number if lines else 0


@click.command()
@place_options
@click.argument("form")
@click.option("--reason", required=True, help="Why, for whoever reads the history.")
def publish(data: Path | None, keys_file: Path | None, form: str, reason: str) -> None:
    r"""Publish the file of a form, checked, with all it includes. The running service takes it up within a second.

    FORM is the id of a form in the folders of definitions (FORMENGINE_DEFINITIONS). Who has begun the form goes on with
    the version they began. From the first publication on the file is filled in no more until it is published again.

    Exit code 0: published, 1: it has errors, or is published already.

    \b
    Example:
      formengine publish request-for-support --reason "A new question about the school"
    """
    with _publishing(data, keys_file) as (publishing, engine):
        texts = engine.texts_of(form)
        if not texts:
            end(f"There is no form {form} in the folders of definitions")
        try:
            row = publishing.publish(
                form, texts, account=OPERATOR, reason=reason, after=_newest(publishing, form)
            )
        except PublicationRefusedError as refused:
            _end_refused(form, refused)
        else:
            click.echo(_published(row))


@click.group(cls=Verbs)
def publications() -> None:
    r"""List, export and bring back what was published of a form.

    \b
    Example:
      formengine publications list request-for-support
      formengine publications back request-for-support 2 --reason "The new question confused people"
    """


@publications.command("list", short_help="List what was published of a form.")
@place_options
@click.argument("form")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def publications_list(data: Path | None, keys_file: Path | None, form: str, format_: str) -> None:
    r"""List what was published of a form, the newest first: number, version, when (UTC), who, why.

    A star marks what is filled in now.

    \b
    Example:
      formengine publications list request-for-support
    """
    with _publishing(data, keys_file) as (publishing, _):
        lines = publishing.history(form)
    if format_ == "json":
        kept = [
            {
                "number": line.row.number,
                "version": line.row.version,
                "digest": line.row.digest,
                "at": line.row.published_at.isoformat(),
                "account": line.row.account,
                "who": line.who,
                "reason": line.row.reason,
                "brings_back": line.row.origin or None,
                "current": line.is_current,
            }
            for line in lines
        ]
        click.echo(json.dumps(kept, indent=2, ensure_ascii=False))
        return
    for line in lines:
        row = line.row
        reason = f"{f'(brings back {row.origin}) ' if row.origin else ''}{row.reason}"
        click.echo(
            f"{'*' if line.is_current else ' '}{row.number:>4}\t{row.version}\t{row.published_at:%Y-%m-%d %H:%M}\t"
            f"{line.who or row.account}\t{reason}"
        )
    click.echo(f"{len(lines)} publication{'' if len(lines) == 1 else 's'}", err=True)


@publications.command("export", short_help="Write the texts of a publication into a folder.")
@place_options
@click.argument("form")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--number", type=click.IntRange(1), help="Which publication; without it the newest.")
def publications_export(
    data: Path | None, keys_file: Path | None, form: str, folder: Path, number: int | None
) -> None:
    r"""Write the form and all it includes into a folder of definitions, byte for byte as they were published.

    A file that is there and differs is written over, as in a work tree of git.

    \b
    Example:
      formengine publications export request-for-support our-forms
    """
    with _publishing(data, keys_file) as (publishing, _):
        wanted = number or _newest(publishing, form)
        try:
            texts = publishing.texts(form, wanted)
        except KeyError:
            end(f"There is no publication {wanted} of {form}" if wanted else f"{form} was never published")
    for name, text in texts.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        except OSError as error:
            end(f"{path} cannot be written: {error.strerror}")
        click.echo(f"Wrote {path}")


@publications.command("back", short_help="Publish an earlier publication again.")
@place_options
@click.argument("form")
@click.argument("number", type=click.IntRange(1))
@click.option("--reason", required=True, help="Why, for whoever reads the history.")
def publications_back(data: Path | None, keys_file: Path | None, form: str, number: int, reason: str) -> None:
    r"""Publish again what an earlier publication was, under a new number.

    \b
    Example:
      formengine publications back request-for-support 2 --reason "The new question confused people"
    """
    with _publishing(data, keys_file) as (publishing, _):
        try:
            row = publishing.roll_back(
                form, number, account=OPERATOR, reason=reason, after=_newest(publishing, form)
            )
        except KeyError:
            end(f"There is no publication {number} of {form}")
        except PublicationRefusedError as refused:
            _end_refused(form, refused)
        else:
            click.echo(_published(row))


def _published(row: PublicationRow) -> str:
    return f"{row.name}, version {row.version}, is published as number {row.number}."
