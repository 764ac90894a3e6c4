"""The command that runs the service."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import click

from formengine.cli.inputs import field_types_given, folder_option
from formengine.cli.operating import end, place_options, settings_here
from formengine.form.process import Process
from formengine.language.diagnostics import DefinitionError
from formengine.language.diagnostics.terminal import render_text
from formengine.language.extensions import ExtensionError
from formengine.service.accounts.demo_account import DemoAccount
from formengine.service.crypto import rotation
from formengine.service.crypto.keyring import Keyring, KeyringError
from formengine.service.doctor import check_proxies, check_settings
from formengine.service.forms import engine_of
from formengine.service.logging import say_only_problems
from formengine.service.settings import Settings
from formengine.store.protocol import Store, StoreError
from formengine.store.sqlite import SqliteStore
from formengine.web.app import create_app
from formengine.web.context import AppContext
from formengine.web.demo import begin_demo
from formengine.web.http.server import listen

LOOPBACK = "127.0.0.1"
DEMO_FOLDER = Path("formengine-demo")


@click.command()
@click.option("--demo", is_flag=True, help="Try it out: an account and a mailbox are there; nothing is sent.")
@place_options
@click.option("--host", default=LOOPBACK, show_default=True, help="The address to listen at.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: any free one."
)
@folder_option
@click.option(
    "--demo-open-to-all",
    is_flag=True,
    help="Let --demo listen beyond this machine, where everybody who reaches it sees its mailbox and every code.",
)
def serve(
    *,
    demo: bool,
    data: Path | None,
    keys_file: Path | None,
    host: str,
    port: int,
    folders: tuple[Path, ...],
    demo_open_to_all: bool,
) -> None:
    r"""Run the service: the portal, accounts, drafts, uploads and submissions, on this machine.

    It is configured by variables of the environment called FORMENGINE_…; options win over them. The first start makes
    the database and the key file. With --demo everything lies in a folder, ./formengine-demo or the one that --data
    names, and e-mails are shown in place of being sent; it listens to this machine alone. Ctrl+C ends it.

    \b
    Example:
      formengine serve --demo
      formengine serve --demo --definitions our-forms --port 8080
    """
    settings = settings_here(data, keys_file)
    settings = replace(
        settings,
        definitions=(*folders, *settings.definitions),
        field_types=(*field_types_given(), *settings.field_types),
    )
    demo = demo or settings.demo
    _refuse_open_demo(host, demo=demo, open_to_all=demo_open_to_all)
    with _listen(host, port) as listener:
        own_port = listener.getsockname()[1]
        if demo:
            say_only_problems()
            for line in _not_used(open_to_all=demo_open_to_all):
                click.echo(line)
            folder = data or DEMO_FOLDER
            settings = _for_trying(settings, folder, keys_file, own_port, open_to_all=demo_open_to_all)
        elif "FORMENGINE_BASE_URL" not in os.environ:
            settings = replace(settings, base_url=f"http://{LOOPBACK}:{own_port}")
        _refuse_grave(settings)
        store, keys = _open(settings)
        try:
            # An interrupt may have ended the server before it is raised here: then it has returned.
            with suppress(KeyboardInterrupt):
                _run(settings, store, keys, listener)
            click.echo("\nEnded.")
        finally:
            store.close()


def _refuse_open_demo(host: str, *, demo: bool, open_to_all: bool) -> None:
    """End the command where a demonstration would be open to others unasked, or the option that asks has no use."""
    here = _is_loopback(host)
    if demo and not here and not open_to_all:
        end(
            f"A demonstration shows every e-mail with its codes to whoever reaches it, and {host} is not this machine "
            "alone. Leave --host away, or say it twice with --demo-open-to-all"
        )
    if open_to_all and not demo:
        raise click.UsageError("--demo-open-to-all is only for --demo")
    if open_to_all and here:
        raise click.UsageError(f"--demo-open-to-all opens nothing while --host is {host}")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _for_trying(
    settings: Settings, folder: Path, keys_file: Path | None, port: int, *, open_to_all: bool
) -> Settings:
    """The settings of a demonstration in `folder`, with nothing sent anywhere.

    It is on this machine alone, unless it is open to all and the environment has another address for it.
    """
    elsewhere = open_to_all and "FORMENGINE_BASE_URL" in os.environ
    return replace(
        settings,
        demo=True,
        data=folder / "data",
        keys_file=keys_file or folder / "data.keys",
        base_url=settings.base_url if elsewhere else f"http://{LOOPBACK}:{port}",
        smtp_host="",
    )


def _not_used(*, open_to_all: bool) -> Iterable[str]:
    """A line that names the variables that are set and that a demonstration does not use; none where none is."""
    own = ["FORMENGINE_DATA", "FORMENGINE_KEYS_FILE", "FORMENGINE_SMTP_HOST"]
    if not open_to_all:
        own.append("FORMENGINE_BASE_URL")
    found = [name for name in own if os.environ.get(name, "").strip()]
    if found:
        yield f"Not used by a demonstration: {', '.join(found)}."


def _refuse_grave(settings: Settings) -> None:
    """End the command with the first setting that is not safe to start with."""
    for finding in check_settings(settings):
        if finding.grave and not finding.sound:
            end(finding.line)


def _listen(host: str, port: int) -> socket.socket:
    """A socket at the address, so that a port in use is reported before anything is made."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # A client that connects before the server runs waits for it and is not refused.
        listener.listen()
    except OSError as error:
        listener.close()
        end(f"Port {port} of {host} cannot be used: {error.strerror}. Name another with --port")
    return listener


def _open(settings: Settings) -> tuple[Store, Keyring]:
    """The store and its keys, both made at the first start; ends the command where one cannot be used."""
    first = not settings.database.exists()
    if not first and not settings.keys_path.exists():
        end(
            f"There is a database at {settings.database}, and no key file at {settings.keys_path}: without it nothing "
            "opens. Put it back, or name it with FORMENGINE_KEYS_FILE"
        )
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if first and not settings.keys_path.exists():
            Keyring.new().write_new(settings.keys_path)
            click.echo(f"Made the key file {settings.keys_path}, readable by you alone (mode 600).")
            click.echo(
                "Keep a copy of it apart from the database: without it nothing that is kept opens again."
            )
        keys = Keyring.of_file(settings.keys_path)
        store = SqliteStore(settings.database)
    except OSError as error:
        end(f"The folder {settings.data} cannot be used: {error.strerror}")
    except (KeyringError, StoreError) as error:
        end(str(error))
    try:
        rotation.recognise(store, keys)
    except (KeyringError, StoreError) as error:
        store.close()
        end(str(error))
    return store, keys


def _run(settings: Settings, store: Store, keys: Keyring, listener: socket.socket) -> None:
    """Run the service until it is ended."""
    try:
        engine = engine_of(settings)
        app = create_app(engine, store, keys, settings=settings)
        context: AppContext = app.state.context
        # A form with a mistake in it must stop the start, not meet the first person who opens it.
        context.drafts.forms.read_every()
        processes = context.cases.processes.read_every()
    except DefinitionError as error:
        end(render_text(error.diagnostics).rstrip())
    except ExtensionError as error:
        end(str(error))
    accounts = begin_demo(context) if settings.demo else ()
    for line in (*_start_lines(context, accounts), *_missing_lines(context, processes)):
        click.echo(line)
    listen(app, listener, trusted_proxies=settings.trusted_proxies, prefix=settings.prefix)


def _missing_lines(context: AppContext, processes: Iterable[Process]) -> Iterable[str]:
    """A line for each mailbox that a process names and that has no address: nobody is told at it."""
    for name in context.mailboxes.missing(processes):
        yield f"  FORMENGINE_MAILBOX_{name.upper()} is not set: nobody is told of what is sent to it."


def _start_lines(context: AppContext, accounts: Sequence[DemoAccount]) -> Iterable[str]:
    """The lines for whoever started it: addresses, accounts and where everything is."""
    settings, facts = context.settings, context.service.store.report().facts
    yield f"The service is at {settings.base_url}/ (Ctrl+C ends it)"
    yield (
        f"  Database: {settings.database}, SQLite {facts['sqlite']}, journal {facts['journal']}, "
        f"synchronous {facts['synchronous']}"
    )
    if not accounts:
        if not settings.smtp_host:
            yield "  No mail server is set (FORMENGINE_SMTP_HOST): nobody can register or sign in."
        yield from (f"  {finding.line}." for finding in check_proxies(settings))
        yield "  `formengine doctor` says whether all is well."
        return
    yield f"  Where to begin: {settings.base_url}/demo"
    yield f"  E-mails that would have been sent, with the codes: {settings.base_url}/demo/mailbox"
    for account in accounts:
        who = "An account" if account.role == "applicant" else f"An account of the role {account.role}"
        if account.password is not None:
            yield f"  {who}: {account.email}, password {account.password} (shown this once)"
        else:
            yield f"  {who}: {account.email}; its password was shown at the first start"
    yield f"  The form studio, for the author: {settings.base_url}/studio"
    yield f"  The desk, for staff: {settings.base_url}/desk"
    for form_id in context.drafts.forms.ids():
        yield f"  A form: {settings.base_url}/forms/{form_id}"
