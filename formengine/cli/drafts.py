"""Looking after drafts that are to be destroyed. Each command may run while the service does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import click

from formengine.cli.operating import Verbs, acting_options, end, opened_context, place_options, settings_here
from formengine.engine import Engine
from formengine.service.audit import OPERATOR
from formengine.service.drafts.drafts import Drafts
from formengine.service.drafts.expiry import DraftExpiry


@contextmanager
def _expiry(data: Path | None, keys_file: Path | None) -> Iterator[DraftExpiry]:
    with opened_context(settings_here(data, keys_file)) as context:
        yield DraftExpiry(context, Drafts(context, Engine()))


@click.group(cls=Verbs)
def drafts() -> None:
    r"""List drafts that are to be destroyed because nobody saves them, and keep some.

    A draft is marked five days before its time is over, and destroyed when the service has run for five days since.
    Where the clock was wrong, `drafts restore` keeps what it has marked.

    \b
    Example:
      formengine drafts marked
      formengine drafts restore --all
    """


@drafts.command("marked", short_help="List the drafts that are marked.")
@place_options
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def drafts_marked(data: Path | None, keys_file: Path | None, format_: str) -> None:
    r"""List the drafts that are marked, the first to go first.

    A line has the draft's id, its form, whose it is, when it was saved last and marked (UTC), and how many hours the
    service must still run before it is destroyed. No answer is opened.

    \b
    Example:
      formengine drafts marked
    """
    with _expiry(data, keys_file) as expiry:
        found = expiry.marked()
    if format_ == "json":
        kept = [
            {
                "draft": each.id,
                "form": each.form,
                "owner": _owner(account=each.account),
                "saved": each.saved_at.isoformat(),
                "marked": each.marked_at.isoformat(),
                "ends_in_hours": _hours(each.ends_in),
            }
            for each in found
        ]
        click.echo(json.dumps(kept, indent=2))
        return
    for each in found:
        click.echo(
            f"{each.id}\t{each.form}\t{_owner(account=each.account)}\t{each.saved_at:%Y-%m-%d %H:%M}\t"
            f"{each.marked_at:%Y-%m-%d %H:%M}\t{_hours(each.ends_in)}"
        )
    click.echo(f"{len(found):,} draft{'' if len(found) == 1 else 's'} marked", err=True)


@drafts.command("restore", short_help="Keep drafts that are marked.")
@acting_options
@click.option("--all", "all_", is_flag=True, help="Every draft that is marked.")
@click.argument("ids", metavar="DRAFT...", nargs=-1)
def drafts_restore(data: Path | None, keys_file: Path | None, all_: bool, ids: tuple[str, ...]) -> None:
    r"""Keep drafts that are marked for another four weeks, as if they were saved now. It stands in the audit.

    Set the clock right first, if it was wrong. Exit code 0: each is kept, 1: one was not marked.

    \b
    Example:
      formengine drafts restore --all
    """
    if all_ == bool(ids):
        raise click.UsageError("Name drafts, or --all.")
    with _expiry(data, keys_file) as expiry:
        wanted = [each.id for each in expiry.marked()] if all_ else list(dict.fromkeys(ids))
        kept = expiry.restore(wanted, actor=OPERATOR)
    click.echo(f"{len(kept):,} draft{'' if len(kept) == 1 else 's'} kept.")
    missing = [each for each in wanted if each not in kept]
    if missing:
        end(f"Not marked: {', '.join(missing)}")


def _owner(*, account: bool) -> str:
    return "account" if account else "visitor"


def _hours(span: timedelta) -> int:
    return -(-span // timedelta(hours=1))
