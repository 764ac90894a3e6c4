"""Commands for the operator of a service: its keys and its audit. Each may run while the service does."""

from __future__ import annotations

import getpass
import json
import os
import re
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, NoReturn

import click

from formengine.cli.program import Decorated
from formengine.engine import Engine
from formengine.language.extensions import ExtensionError
from formengine.language.words import Wording
from formengine.service.audit import OPERATOR, Head, entries, note, verify
from formengine.service.audit_heads import HeadFileError, last_head
from formengine.service.context import ServiceContext
from formengine.service.crypto import rotation
from formengine.service.crypto.keyring import Keyring, KeyringError
from formengine.service.forms import engine_of
from formengine.service.row_seals import altered_rows, seal_older_rows
from formengine.service.settings import SettingError, Settings, settings_of
from formengine.store.protocol import Store, StoreError
from formengine.store.rows import AuditRow
from formengine.store.sqlite import SqliteStore

# How long a running service may still be busy with what it began before the key file was replaced.
SETTLED_S: Final = 3600
_OPERATOR_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_OPERATOR_KEY: Final = "formengine.operator"
# How many broken rows are named before the rest is only counted.
NAMED: Final = 20


class Verbs(click.Group):
    """A group of commands, listed in the order in which they are written."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in order."""
        return list(self.commands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, None where there is none."""
        command = super().get_command(ctx, cmd_name)
        if command is not None:
            # Click keeps the lines after this character as they are; in a raw docstring it is two characters.
            command.help = (command.help or "").replace("\\b\n", "\b\n")
        return command


def place_options(command: Decorated) -> Decorated:
    """Add ``--data`` and ``--keys-file``, which override the variables that a service reads."""
    for name, what in (
        ("--keys-file", "The file with the keys"),
        ("--data", "The folder that holds the database"),
    ):
        variable = f"FORMENGINE_{name.removeprefix('--').replace('-', '_').upper()}"
        command = click.option(
            name, type=click.Path(path_type=Path), help=f"{what}; without it {variable}, or its default."
        )(command)
    return command


def _keep_operator(ctx: click.Context, _: click.Parameter, name: str | None) -> None:
    """Keep who acts for `opened_context`; ends the command where the name cannot stand in the audit."""
    if name is not None and not _OPERATOR_NAME.fullmatch(name):
        raise click.BadParameter("is no name of letters, digits, dots, hyphens and underscores", ctx)
    ctx.meta[_OPERATOR_KEY] = f"{OPERATOR}:{name or _user_here()}"


def _user_here() -> str:
    """The user of this machine who acts: before sudo, where that tells."""
    try:
        name = os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError, ImportError):
        # A container often has no name for its user.
        name = f"uid-{os.getuid()}"
    return name if _OPERATOR_NAME.fullmatch(name) else "unnamed"


def operator_here() -> str:
    """Who acts by the command that runs, for the audit: ``operator:robin``."""
    found: str = click.get_current_context().meta.get(_OPERATOR_KEY, f"{OPERATOR}:{_user_here()}")
    return found


def acting_options(command: Decorated) -> Decorated:
    """Add the options of `place_options`, and ``--as`` to a command that the audit has an entry of."""
    return place_options(
        click.option(
            "--as",
            metavar="NAME",
            expose_value=False,
            callback=_keep_operator,
            help="Who acts, for the audit; without it the user of this machine.",
        )(command)
    )


def settings_here(data: Path | None, keys_file: Path | None) -> Settings:
    """The settings from the environment, with the paths from the options; ends the command where they are wrong."""
    try:
        settings = settings_of(os.environ)
    except SettingError as error:
        end(str(error))
    return replace(settings, data=data or settings.data, keys_file=keys_file or settings.keys_file)


def end(problem: str) -> NoReturn:
    """End the command with exit code 1 and `problem` on one line."""
    click.echo(problem, err=True)
    raise SystemExit(1)


def service_engine(settings: Settings) -> Engine:
    """The engine of the service; end the command where a theme or a field type cannot be used."""
    try:
        return engine_of(settings)
    except ExtensionError as error:
        end(str(error))


@contextmanager
def opened(settings: Settings) -> Iterator[tuple[Store, Keyring]]:
    """Open the service's store and keys, checked to belong together; ends the command where one cannot be used."""
    if not settings.database.exists():
        end(f"There is no database at {settings.database}")
    try:
        keys = Keyring.of_file(settings.keys_path)
        store = SqliteStore(settings.database)
    except (KeyringError, StoreError) as error:
        end(str(error))
    try:
        rotation.recognise(store, keys)
        yield store, keys
    except (KeyringError, StoreError) as error:
        end(str(error))
    finally:
        store.close()


@contextmanager
def opened_context(settings: Settings, words: Wording | None = None) -> Iterator[ServiceContext]:
    """Open the service's store and keys as `opened` does, for commands that open or change rows.

    Rows from before rows had seals get theirs first.
    """
    with opened(settings) as (store, keys):
        context = ServiceContext(store, keys, words=words or Wording(), operator=operator_here())
        seal_older_rows(context)
        yield context


# --- keys ------------------------------------------------------------------------------------------------------------


@click.group(cls=Verbs)
def keys() -> None:
    r"""Make, check and change the keys that answers, names and files are sealed with.

    \b
    Example:
      formengine keys new
      formengine keys check
    """


@keys.command("new", short_help="Make a key file.")
@place_options
def keys_new(data: Path | None, keys_file: Path | None) -> None:
    r"""Make a key file, for the first start. One that is there is never written over.

    \b
    Example:
      formengine keys new --keys-file /etc/formengine/keys
    """
    path = settings_here(data, keys_file).keys_path
    made = Keyring.new()
    try:
        made.write_new(path)
    except KeyringError as error:
        end(str(error))
    click.echo(f"Made {path} with the key {made.current}. Only you can read it.")
    click.echo(
        "Copy it to a safe place, apart from the database: without it nothing that was sealed opens again."
    )


@keys.command("check", short_help="Say whether the key file is the database's own.")
@place_options
def keys_check(data: Path | None, keys_file: Path | None) -> None:
    r"""Say whether the key file is the database's own, and open the data key of every row with it.

    \b
    Example:
      formengine keys check
    """
    settings = settings_here(data, keys_file)
    if not settings.database.exists():
        try:
            click.echo(f"{settings.keys_path} is sound: {_listed(Keyring.of_file(settings.keys_path))}")
        except KeyringError as error:
            end(str(error))
        click.echo(f"There is no database at {settings.database} yet.")
        return
    with opened(settings) as (store, found):
        rows = rotation.needs(store)
        click.echo(f"{settings.keys_path} belongs to {settings.database}: {_listed(found)}")
        for key_id, count in sorted(rows.items()):
            click.echo(
                f"  {key_id}  {_rows(count)}{', in use for new ones' if key_id == found.current else ''}"
            )
        _name_broken(list(rotation.unopened(store, found)))
        click.echo(f"Every data key opens: {_rows(sum(rows.values()))}.")


@keys.command("rotate", short_help="Add a new key, and wrap every row with it.")
@acting_options
@click.option(
    "--batch",
    type=click.IntRange(1, 10_000),
    default=rotation.BATCH_ROWS,
    show_default=True,
    help="Rows at a time.",
)
def keys_rotate(data: Path | None, keys_file: Path | None, batch: int) -> None:
    r"""Add a new key, and wrap the data key of every row with it; the service may go on running.

    Ended half-way, by you or by a power cut, nothing is lost: the next run goes on. The old key stays in the file
    until `keys retire`.

    \b
    Example:
      formengine keys rotate
    """
    settings = settings_here(data, keys_file)
    with opened(settings) as (store, found):
        if set(rotation.needs(store)) - {found.current}:
            click.echo(f"Going on with the key {found.current}.")
        else:
            found.with_new_current().replace(settings.keys_path)
            found = Keyring.of_file(settings.keys_path)
            click.echo(
                f"Added the key {found.current} to {settings.keys_path}. Copy the file to its safe place again."
            )
        rotation.recognise(store, found)
        _note_keys(store, found, "keys.rotated", [found.current])
        rows = 0
        broken: list[str] = []
        for done in rotation.rewrap(store, found, batch_rows=batch):
            rows += done.rows
            broken += done.faults
        click.echo(f"Wrapped anew: {_rows(rows)}.")
        _name_broken(broken)


@keys.command("retire", short_help="Remove old keys from the key file.")
@acting_options
def keys_retire(data: Path | None, keys_file: Path | None) -> None:
    r"""Remove from the key file what no row needs any more, an hour or more after `keys rotate`.

    Backups made before the rotation need the old key: keep the old file's copy as long as you keep them.

    \b
    Example:
      formengine keys retire
    """
    settings = settings_here(data, keys_file)
    with opened(settings) as (store, found):
        old = [key_id for key_id in found.ids if key_id != found.current]
        if not old:
            click.echo(f"There is nothing to remove: {_listed(found)}")
            return
        needed = {key_id: count for key_id, count in rotation.needs(store).items() if key_id != found.current}
        if needed:
            rows = _rows(sum(needed.values()))
            end(f"{', '.join(sorted(needed))}: still needed by {rows}; run `formengine keys rotate`")
        if time.time() - settings.keys_path.stat().st_mtime < SETTLED_S:
            end(
                "The key file was changed less than an hour ago; what was under way then may still need the old key"
            )
        found.with_current_alone().replace(settings.keys_path)
        _note_keys(store, found, "keys.retired", old)
        click.echo(f"Removed {', '.join(old)} from {settings.keys_path}.")


def _note_keys(store: Store, found: Keyring, action: str, key_ids: Sequence[str]) -> None:
    context = ServiceContext(store, found, operator=operator_here())
    with store.write() as tx:
        for key_id in key_ids:
            note(tx, context, actor=OPERATOR, action=action, subject=key_id)


def _name_broken(broken: list[str]) -> None:
    """End the command where rows do not open, naming the first of them."""
    for line in broken[:NAMED]:
        click.echo(line, err=True)
    if broken:
        end(f"Data keys that do not open: {len(broken):,}.")


def _listed(found: Keyring) -> str:
    return f"{len(found.ids)} {'key' if len(found.ids) == 1 else 'keys'}, {found.current} in use"


def _rows(count: int) -> str:
    return f"{count:,} {'row' if count == 1 else 'rows'}"


# --- audit -----------------------------------------------------------------------------------------------------------


class _HeadText(click.ParamType[Head]):
    name = "SEQ:HASH"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Head:
        if isinstance(value, Head):
            return value
        try:
            return Head.of_text(str(value))
        except ValueError:
            self.fail("is not a head such as `audit verify` shows", param, ctx)


@click.group(cls=Verbs)
def audit() -> None:
    r"""Read and check the record of who did what, when. It holds ids and names of fields, never an answer.

    \b
    Example:
      formengine audit verify
      formengine audit show --last 20
    """


@audit.command("verify", short_help="Say whether an entry was altered, and which.")
@place_options
@click.option(
    "--head", type=_HeadText(), help="What an earlier run showed; shows whether the end was cut off since."
)
@click.option(
    "--head-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file of heads that the service wrote, or a copy of it; the last one is asked for.",
)
def audit_verify(
    data: Path | None, keys_file: Path | None, head: Head | None, head_file: Path | None
) -> None:
    r"""Say whether an entry was altered, put in or removed, and which.

    Then say which drafts and submissions are not as their newest entry left them: altered, put back as they were
    before, or gone.

    The head it shows belongs outside this machine: with --head a later run shows whether the end was cut off. The
    service sends it every day to FORMENGINE_AUDIT_HEAD_MAIL and writes it to FORMENGINE_AUDIT_HEAD_FILE. With
    neither option the last head in that file is asked for, if there is one.

    Exit code 0: unbroken, 1: broken, or the database cannot be read.

    \b
    Examples:
      formengine audit verify
      formengine audit verify --head-file /media/elsewhere/heads
    """
    settings = settings_here(data, keys_file)
    expected = head
    if expected is None and (head_file or settings.audit_head_file) is not None:
        expected = _kept_head(head_file, settings.audit_head_file)
    with opened(settings) as (store, found):
        verdict = verify(entries(store), found, expected=expected)
        if verdict.problem:
            end(f"The audit is broken. {verdict.problem}. Sound up to entry {verdict.head.seq}.")
        altered = list(altered_rows(store, found))
    for line in altered[:NAMED]:
        click.echo(line, err=True)
    if altered:
        end(f"The audit is unbroken; rows that are not as it says: {len(altered):,}.")
    click.echo(f"The audit is unbroken: {verdict.head.seq:,} entries.")
    if expected is not None:
        click.echo(f"It still holds entry {expected.seq}, as it was kept outside.")
    click.echo(f"Head: {verdict.head}")


def _kept_head(named: Path | None, usual: Path | None) -> Head | None:
    """The last head in the file that was named, or else in the usual one, which may not be there yet."""
    try:
        if named is not None:
            return last_head(named)
        return last_head(usual) if usual is not None and usual.exists() else None
    except HeadFileError as error:
        end(str(error))


@audit.command("show", short_help="Show entries, the newest last.")
@place_options
@click.option(
    "--last", type=click.IntRange(1), default=50, show_default=True, help="How many entries, the newest."
)
@click.option(
    "--subject", help="Only what was done to this account, draft, file or submission; or by this account."
)
@click.option(
    "--after",
    type=click.IntRange(0),
    help="All that follow the entry with this number, in place of the newest.",
)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def audit_show(
    data: Path | None,
    keys_file: Path | None,
    last: int,
    subject: str | None,
    after: int | None,
    format_: str,
) -> None:
    r"""Show entries, the newest last: moment (UTC), who, what, to what, which fields.

    As JSON it is an object a line, for programs that collect them.

    \b
    Examples:
      formengine audit show --last 20
      formengine audit show --format json --after 182
    """
    with opened(settings_here(data, keys_file)) as (store, _):
        about = (
            each for each in entries(store, after=after or 0) if subject in {None, each.subject, each.actor}
        )
        shown = deque(about, maxlen=last if after is None else None)
    for entry in shown:
        click.echo(_line(entry) if format_ == "text" else _object(entry))


def _object(entry: AuditRow) -> str:
    return json.dumps(
        {
            "seq": entry.seq,
            "at": entry.at.isoformat(),
            "actor": entry.actor,
            "action": entry.action,
            "subject": entry.subject,
            "fields": list(entry.fields),
        },
        ensure_ascii=False,
    )


def _line(entry: AuditRow) -> str:
    fields = f" [{', '.join(entry.fields)}]" if entry.fields else ""
    return f"{entry.seq:>7}  {entry.at:%Y-%m-%d %H:%M:%S}  {entry.actor}  {entry.action}  {entry.subject}{fields}"
