"""Looking after what is to be sent. Each command may run while the service does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from formengine.cli.operating import Verbs, acting_options, end, opened_context, place_options, settings_here
from formengine.service.context import ServiceContext
from formengine.service.delivery import upkeep
from formengine.service.delivery.upkeep import UnsentLine


@contextmanager
def _context(data: Path | None, keys_file: Path | None) -> Iterator[ServiceContext]:
    with opened_context(settings_here(data, keys_file)) as context:
        yield context


@click.group(cls=Verbs)
def outbox() -> None:
    r"""List what was not sent, and have it sent again.

    A delivery tells a mailbox of a form that was sent; the rest are e-mails. What fails is tried again for three days,
    and then given up: it stays in the outbox until it is sent.

    \b
    Example:
      formengine outbox list
      formengine outbox requeue --all
    """


@outbox.command("list", short_help="List what was not sent.")
@place_options
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="At most so many."
)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def outbox_list(data: Path | None, keys_file: Path | None, limit: int, format_: str) -> None:
    r"""List what was not sent, deliveries first, of them urgent ones first, then the oldest.

    A line has the id, the channel, waiting or dead, urgent or standard, since when (UTC), how often it was tried, the
    code of the last failure and the reference. No address and no text is opened.

    \b
    Example:
      formengine outbox list
    """
    with _context(data, keys_file) as context:
        found = upkeep.unsent(context, limit)
    if format_ == "json":
        click.echo(json.dumps([_facts(line) for line in found], indent=2))
        return
    for line in found:
        click.echo("\t".join(str(fact) for fact in _facts(line).values()))
    click.echo(f"{len(found):,} not sent", err=True)


@outbox.command("show", short_help="Show one row.")
@place_options
@click.argument("row", metavar="ID")
def outbox_show(data: Path | None, keys_file: Path | None, row: str) -> None:
    r"""Show what is known of one row, sent or not, without its text and without its address.

    \b
    Example:
      formengine outbox show 4h5z4be67100c5jk51gj93
    """
    with _context(data, keys_file) as context:
        found = upkeep.one(context, row)
    if found is None:
        end(f"There is no row {row} in the outbox")
    for name, fact in _facts(found).items():
        click.echo(f"{name}: {fact}")


@outbox.command("requeue", short_help="Try again what was given up.")
@acting_options
@click.option("--all", "all_", is_flag=True, help="Everything that was not sent.")
@click.argument("rows", metavar="ID...", nargs=-1)
def outbox_requeue(data: Path | None, keys_file: Path | None, all_: bool, rows: tuple[str, ...]) -> None:
    r"""Let what was given up, or waits for its next attempt, be sent now.

    \b
    Example:
      formengine outbox requeue --all
    """
    if all_ == bool(rows):
        raise click.UsageError("name rows by their ids, or give --all")
    with _context(data, keys_file) as context:
        wanted = [line.row.id for line in upkeep.unsent(context, 10_000)] if all_ else list(rows)
        done = upkeep.requeue(context, wanted)
    missing = [row for row in wanted if row not in done]
    click.echo(f"{len(done):,} {'is' if len(done) == 1 else 'are'} due now.")
    if missing:
        end(f"Not in the outbox, or sent already: {', '.join(missing)}")


@outbox.command("resend", short_help="Tell a mailbox again of a form.")
@acting_options
@click.argument("reference")
def outbox_resend(data: Path | None, keys_file: Path | None, reference: str) -> None:
    r"""Tell the mailbox of a form again, also where it was told: for an e-mail that was lost on its way.

    \b
    Example:
      formengine outbox resend RFS-73G4-9G76-D
    """
    with _context(data, keys_file) as context:
        if not upkeep.resend(context, reference):
            end(f"There is no delivery of {reference}")
    click.echo(f"The mailbox of {reference} is told again.")


def _facts(line: UnsentLine) -> dict[str, str | int]:
    row = line.row
    return {
        "id": row.id,
        "channel": row.channel,
        "status": row.status,
        "urgency": "urgent" if row.urgent else "standard",
        "since": f"{row.created_at:%Y-%m-%d %H:%M}",
        "attempts": row.attempts,
        "fault": row.fault or "-",
        "reference": line.reference or "-",
    }
