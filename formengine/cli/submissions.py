"""Commands that read submissions. Each may run while the service does, and the audit records that answers were read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from formengine.cli.inputs import print_json
from formengine.cli.operating import (
    Verbs,
    acting_options,
    end,
    opened_context,
    place_options,
    service_engine,
    settings_here,
)
from formengine.language.diagnostics import DefinitionError
from formengine.portal import load_portal
from formengine.service.audit import OPERATOR
from formengine.service.context import ServiceContext
from formengine.service.drafts.drafts import Drafts
from formengine.service.files.uploads import Uploads
from formengine.service.rate_limits import RateLimits
from formengine.service.submissions.exports import Exports
from formengine.service.submissions.submissions import Sent, Submissions, SubmissionStage
from formengine.store.rows import SubmissionLine

OWNER_ONLY = 0o600
OWNER_ONLY_FOLDER = 0o700
# The reader's name in the audit: whoever may run commands where the database and the keys are.


@dataclass(frozen=True)
class _Desk:
    """What the commands read with: settings, store and keys."""

    context: ServiceContext
    submissions: Submissions
    exports: Exports

    def opened(self, reference: str) -> Sent:
        """The submission with this reference; ends the command where there is none."""
        sent = self.submissions.export(reference, actor=OPERATOR)
        if sent is None:
            end(f"There is no submission {reference}")
        return sent


@contextmanager
def _desk(data: Path | None, keys_file: Path | None) -> Iterator[_Desk]:
    settings = settings_here(data, keys_file)
    engine = service_engine(settings)
    with opened_context(settings, engine.words) as context:
        try:
            council = load_portal(settings.portal, roots=engine.folders).council
        except DefinitionError as error:
            end(f"The portal cannot be used; `formengine check` says why: {error}")
        uploads = Uploads(context, RateLimits(context), scans=settings.clamd is not None)
        submissions = Submissions(context, Drafts(context, engine))
        yield _Desk(context, submissions, Exports(context, engine, uploads, author=council))


@click.group(cls=Verbs)
def submissions() -> None:
    r"""List, read and export what people have sent.

    \b
    Example:
      formengine submissions list
      formengine submissions export --all -o received
    """


@submissions.command("list", short_help="List what came in, the newest first.")
@place_options
@click.option("--urgent", is_flag=True, help="Only urgent ones.")
@click.option("--form", metavar="ID", default="", help="Only of this form.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="Only those sent then or later."
)
@click.option("--limit", type=click.IntRange(1), help="At most so many, the newest; without it all.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def submissions_list(
    data: Path | None,
    keys_file: Path | None,
    form: str,
    since: datetime | None,
    limit: int | None,
    format_: str,
    *,
    urgent: bool,
) -> None:
    r"""List what came in, the newest first: reference, urgency, when, state, form.

    The state is "received", "delivered", or "undelivered" where every try has failed. No answer is read.

    \b
    Examples:
      formengine submissions list --urgent --since 2026-11-01
      formengine submissions list --form request-for-support --limit 20 --format json
    """
    with _desk(data, keys_file) as desk:
        zone = desk.context.zone
        since_here = since.replace(tzinfo=zone) if since is not None else None
        found = desk.submissions.listed(form=form, urgent=urgent, since=since_here, limit=limit)
        rows = (_row(line, stage, zone) for line, stage in found)
        if format_ == "json":
            print_json(list(rows))
            return
        none = True
        for row in rows:
            none = False
            at = row["at"][:16].replace("T", " ")
            click.echo(f"{row['reference']:18}  {row['urgency']:8}  {at}  {row['state']:11}  {row['form']}")
    if none:
        click.echo(
            "Nothing was sent yet." if not (form or urgent or since) else "Nothing of that kind was sent."
        )


def _row(line: SubmissionLine, stage: SubmissionStage, zone: ZoneInfo) -> dict[str, str]:
    return {
        "reference": line.reference,
        "urgency": line.urgency,
        "at": line.submitted_at.astimezone(zone).isoformat(timespec="seconds"),
        "state": stage,
        "form": line.form,
    }


@submissions.command("show", short_help="Print a submission.")
@acting_options
@click.argument("reference")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Text to read, or the envelope submission/1.",
)
def submissions_show(data: Path | None, keys_file: Path | None, reference: str, format_: str) -> None:
    r"""Print the answers of a submission. REFERENCE may be written as it was read out, without hyphens.

    \b
    Example:
      formengine submissions show RFS-7K3M-9XQ4-T
    """
    with _desk(data, keys_file) as desk:
        sent = desk.opened(reference)
        if format_ == "json":
            print_json(dict(sent.envelope))
        else:
            click.echo(desk.exports.text(sent))


@submissions.command("export", short_help="Write submissions as files.")
@acting_options
@click.argument("references", metavar="[REFERENCE]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All there are.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The folder; each submission gets one of its own in it, for the owner's eyes alone (mode 700).",
)
def submissions_export(
    data: Path | None, keys_file: Path | None, references: tuple[str, ...], output: Path, *, every: bool
) -> None:
    r"""Write submissions as files: submission.json, the record as a PDF, and what was uploaded.

    Each is checked. Exit code 0: all are whole, 1: one is not, or there is none of that reference.

    \b
    Examples:
      formengine submissions export RFS-7K3M-9XQ4-T -o received
      formengine submissions export --all -o received
    """
    if every == bool(references):
        raise click.UsageError("name references, or --all")
    whole = True
    with _desk(data, keys_file) as desk:
        wanted = (line.reference for line, _ in desk.submissions.listed()) if every else references
        for reference in wanted:
            export = desk.exports.of(desk.opened(reference))
            folder = output / export.reference
            try:
                for name, content in export.files.items():
                    _write(folder / name, content)
            except OSError as error:
                end(f"{folder} cannot be written: {error.strerror}")
            click.echo(f"{export.reference}: {len(export.files)} files in {folder}")
            for problem in export.problems:
                whole = False
                click.echo(f"{export.reference}: {problem}", err=True)
    raise SystemExit(0 if whole else 1)


def _write(path: Path, content: bytes) -> None:
    """Write the content to a file that its owner alone can read."""
    path.parent.mkdir(mode=OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    path.parent.chmod(OWNER_ONLY_FOLDER)
    path.touch(mode=OWNER_ONLY, exist_ok=True)
    path.chmod(OWNER_ONLY)
    path.write_bytes(content)
