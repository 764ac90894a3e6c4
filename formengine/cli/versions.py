"""Commands about a form as it changes: what differs, what it does to drafts, where a name is used, another name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape
from pathlib import Path

import click

from formengine.cli.answers_file import open_answers
from formengine.cli.inputs import FORM, day_of, engine_of, folder_option, on_option, open_form, print_json
from formengine.form.analysis.form_diff import CONSEQUENCES, HEADINGS, Difference, form_diff
from formengine.form.analysis.line_diff import changed_lines
from formengine.form.analysis.references import used_by
from formengine.form.analysis.rename import RenameRefusal, RenameRefusedError
from formengine.form.analysis.rename import rename as renamed
from formengine.form.analysis.verdict import Verdict, judge_drafts, lines_of
from formengine.form.plan import Form
from formengine.language.json_types import as_object
from formengine.language.loader import pack

_REFUSED: dict[RenameRefusal, str] = {
    "unknown": "The form has no answer, group or list {path}; `formengine outline` lists them",
    "not_an_id": "{new} cannot be a name: small letters, figures and underscores, a letter first, and no word of the "
    "language",
    "taken": "{new} is there already, beside {path}",
    "shared": "{path} does not stand in the form's own file: it is a part of a type, or of a fragment that other forms "
    "may use",
    "unclear": "With the name {new} something in the form would mean another thing, or nothing",
}


@click.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--format", "format_", type=click.Choice(["text", "json", "html"]), default="text", show_default=True
)
@folder_option
def diff(old: str, new: str, format_: str, folders: tuple[Path, ...]) -> None:
    r"""Say in sentences what differs between two versions of a form: what matters most first, layout never.

    OLD and NEW are forms as FORM is: a path, a folder with form.yaml or an id. Exit code 0, whether or not they differ.

    \b
    Example:
      formengine diff early-help-notification request-for-support
      formengine diff request-for-support request-for-support --format json
    """
    engine = engine_of(folders)
    found = form_diff(open_form(engine, old), open_form(engine, new))
    if format_ == "json":
        print_json([each.to_json() for each in found])
    else:
        click.echo((_as_html if format_ == "html" else _as_text)(found), nl=False)


def _as_text(found: Sequence[Difference]) -> str:
    lines = []
    for consequence in CONSEQUENCES:
        sentences = [each.sentence for each in found if each.consequence == consequence]
        if sentences:
            lines += [f"{HEADINGS[consequence]}:", *(f"  {sentence}" for sentence in sentences), ""]
    return "\n".join(lines[:-1]) + "\n" if lines else "Nothing differs in meaning.\n"


def _as_html(found: Sequence[Difference]) -> str:
    """A piece of HTML to put into a page: a heading and a list for each consequence."""
    lines = []
    for consequence in CONSEQUENCES:
        items = [f"<li>{escape(each.sentence)}</li>" for each in found if each.consequence == consequence]
        if items:
            lines += [f"<h2>{escape(HEADINGS[consequence])}</h2>", "<ul>", *items, "</ul>"]
    return "\n".join(lines or ["<p>Nothing differs in meaning.</p>"]) + "\n"


@click.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--drafts",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with drafts as JSON files.",
)
@click.option("--store", is_flag=True, help="The drafts that are open in the service's database.")
@on_option
@folder_option
def verdict(
    old: str, new: str, drafts: Path | None, store: bool, on: date | None, folders: tuple[Path, ...]
) -> None:
    r"""Say what a new version does to drafts that people have begun: what they lose, and what they must answer again.

    Nothing is changed. Drafts of a folder count as begun with OLD; those of the database with the version that each
    was begun with, and are opened in memory alone. Exit code 0: all carry over as they are, 1: not all.

    \b
    Example:
      formengine verdict request-for-support our-forms/request-for-support --drafts examples
    """
    if (drafts is None) is not store:
        raise click.UsageError("name either --drafts with a folder, or --store")
    engine = engine_of(folders)
    before, after = open_form(engine, old), open_form(engine, new)
    if drafts is not None:
        given = (open_answers(str(path), old, of_any_shape=True) for path in sorted(drafts.rglob("*.json")))
        found = judge_drafts(((before, as_object(answers)) for answers in given), after, on=day_of(on))
    else:
        found = _judged_in_store(after)
    for line in lines_of(found):
        click.echo(line)
    raise SystemExit(0 if found.outcome == "safe" else 1)


def _judged_in_store(after: Form) -> Verdict:
    """The verdict on the drafts of the service. The service is imported where its database is wanted."""
    from formengine.cli.operating import opened, service_engine, settings_here
    from formengine.service.context import ServiceContext
    from formengine.service.drafts.drafts import Drafts
    from formengine.service.studio.draft_verdicts import judge_open_drafts

    settings = settings_here(None, None)
    engine = service_engine(settings)
    with opened(settings) as (store, keys):
        context = ServiceContext(store, keys, words=engine.words)
        return judge_open_drafts(context, Drafts(context, engine), after)


@click.command()
@FORM
@click.argument("path", metavar="PATH")
@folder_option
def references(form: str, path: str, folders: tuple[Path, ...]) -> None:
    r"""Say where an answer, group or list is named: in conditions, checks, texts, first values and choices of people.

    PATH is what stands in conditions, such as child.due_date; of a list's entries children_same_address.school.

    \b
    Example:
      formengine references request-for-support child.date_of_birth
    """
    compiled = open_form(engine_of(folders), form)
    found = used_by(compiled.definition, path)
    for each in found:
        span = each.span
        line = span.source.line(span.line).strip()
        click.echo(f"{span.source.name}:{span.line}:{span.column}\t{each.role}\t{each.holder}\t{line}")
    click.echo(f"{len(found)} place{'' if len(found) == 1 else 's'}", err=True)


@click.command()
@FORM
@click.argument("path", metavar="PATH")
@click.argument("new", metavar="NEW")
@click.option("--write", is_flag=True, help="Change the form's file; without it the changed lines are shown.")
@folder_option
def rename(form: str, path: str, new: str, write: bool, folders: tuple[Path, ...]) -> None:
    r"""Give an answer, group or list another name, wherever it is named; saved answers follow.

    Comments, blank lines and everything else stay as they are. PATH is what stands in conditions, NEW the last part
    alone.

    \b
    Example:
      formengine rename request-for-support child.due_date expected_on
    """
    engine = engine_of(folders)
    compiled = open_form(engine, form)
    before = pack(compiled.definition)
    try:
        after = renamed(
            compiled.definition,
            path,
            new,
            field_types=engine.field_types,
            composite_types=engine.composite_types,
        )
    except RenameRefusedError as refused:
        raise click.UsageError(_REFUSED[refused.why].format(path=path, new=new)) from None
    changed = [name for name, text in after.items() if text != before[name]]
    for name in changed:
        _change(name, before[name], after[name])
    if not write:
        return
    main, *included = after
    others = [name for name in included if name in changed]
    if others:
        raise click.UsageError(f"{', '.join(others)} would change too, which other forms may use")
    file = _file_of(form, compiled.id, engine.path_of(compiled.id))
    file.write_bytes(after[main].encode())
    click.echo(f"Wrote {file}", err=True)


def _file_of(form: str, form_id: str, known: Path | None) -> Path:
    path = Path(form)
    if path.is_dir():
        return path / "form.yaml"
    if path.is_file():
        return path
    if known is None or form != form_id:
        raise click.UsageError("name the form by its path to change its file")
    return known


def _change(name: str, before: str, after: str) -> None:
    """Print the lines that came and went, with their numbers."""
    for line in changed_lines(before, after):
        if line.kind in {"added", "removed"}:
            click.echo(f"{name}:{line.number}\t{'+' if line.kind == 'added' else '-'} {line.text}")
