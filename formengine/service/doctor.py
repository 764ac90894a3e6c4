"""Everything that `formengine doctor` checks; much of it reads all rows, and nothing is created or changed."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from formengine.language.bundled import bundled_folder
from formengine.language.diagnostics import DefinitionError
from formengine.language.extensions import ExtensionError
from formengine.output.html.environment import check_templates
from formengine.portal import load_portal
from formengine.service.audit import entries, verify
from formengine.service.audit_heads import HeadFileError, last_head
from formengine.service.crypto.keyring import Keyring, KeyringError, SealError
from formengine.service.delivery.alarms import check_deliveries
from formengine.service.drafts.drafts import unsealed_answers
from formengine.service.forms import engine_of, texts_in
from formengine.service.health import (
    Finding,
    bad,
    check_clamd,
    check_clock,
    check_disk,
    check_keys,
    check_mail,
    check_outbox,
    check_store,
)
from formengine.service.row_seals import altered_rows
from formengine.service.settings import LOOPBACK_HOSTS, Settings, is_network, split_host
from formengine.store.protocol import Store, StoreError

if TYPE_CHECKING:
    from formengine.engine import Engine
    from formengine.form.plan import Form
    from formengine.store.sqlite import SqliteStore

# So many drafts are opened, and so many that do not open are named.
DRAFTS_OPENED: Final = 10_000
NAMED: Final = 5
_ROWS_A_LOOK: Final = 200


def check_all(settings: Settings, now: datetime) -> list[Finding]:
    """All findings at the moment `now`, in the order to print them. Takes seconds; creates and changes nothing."""
    findings = [
        *check_program(),
        *check_settings(settings),
        *check_definitions(settings),
        check_disk(settings.data),
        *_check_database(settings, now),
    ]
    return [*findings, *asyncio.run(_check_neighbours(settings))]


def _check_database(settings: Settings, now: datetime) -> Iterator[Finding]:
    # SQLite is imported where a database is checked.
    from formengine.store.sqlite import SqliteStore

    if not settings.database.exists():
        yield Finding("store", True, f"There is no database at {settings.database} yet")
        return
    try:
        store = SqliteStore(settings.database, to_read=True)
    except StoreError as error:
        yield bad("store", str(error))
        return
    try:
        yield from _check_rows(settings, store, now)
    except StoreError as error:
        yield bad("store", str(error))
    finally:
        store.close()


def _check_rows(settings: Settings, store: SqliteStore, now: datetime) -> Iterator[Finding]:
    yield from check_store(store)
    yield from (bad("store", line) for line in store.check())
    missing = store.missing_steps
    if missing:
        line = f"The next start of the service brings it to step {missing[-1]}; until then not all of it is checked"
        yield Finding("store", False, line, False)
    try:
        keys = Keyring.of_file(settings.keys_path)
    except KeyringError as error:
        yield bad("keys", str(error))
        return
    yield from check_keys(store, keys)
    if missing:
        return
    audit = check_audit(store, keys, settings)
    yield audit
    if audit.sound:
        yield from check_rows(store, keys)
    yield from check_publications(settings, store, now)
    yield from check_drafts(store, keys)
    yield check_clock(store, now)
    yield check_outbox(store, settings, now)
    yield check_deliveries(store, now)


def check_audit(store: Store, keys: Keyring, settings: Settings) -> Finding:
    """Whether an entry was altered, inserted or removed.

    A cut-off end shows only against a head kept elsewhere: the last one in FORMENGINE_AUDIT_HEAD_FILE.
    """
    path = settings.audit_head_file
    try:
        expected = last_head(path) if path is not None and path.exists() else None
    except HeadFileError as error:
        return bad("audit", str(error))
    verdict = verify(entries(store), keys, expected=expected)
    if verdict.problem:
        return bad("audit", f"The audit is broken. {verdict.problem}. Sound up to entry {verdict.head.seq}")
    return Finding("audit", True, f"The audit is unbroken: {verdict.head.seq:,} entries")


def check_rows(store: Store, keys: Keyring) -> Iterator[Finding]:
    """Whether each draft, submission, role of staff and publication is as the audit has it."""
    altered = list(altered_rows(store, keys))
    yield from (bad("rows", line) for line in altered[:NAMED])
    if altered:
        yield bad("rows", f"{len(altered):,} rows are not as the audit says")
    else:
        yield Finding(
            "rows", True, "Every draft, submission, role of staff and publication is as the audit says"
        )


def check_drafts(store: Store, keys: Keyring) -> Iterator[Finding]:
    """Whether the answers of open drafts open, as they were sealed: of all, or of the first `DRAFTS_OPENED`."""
    opened, broken = 0, []
    after = ""
    while opened < DRAFTS_OPENED:
        with store.read() as tx:
            rows = tx.sealed.wrapped_by_others("drafts", "", _ROWS_A_LOOK, after)
            drafts = [
                row for draft, _ in rows if (row := tx.drafts.get(draft)) is not None and row.status == "open"
            ]
        for row in drafts:
            opened += 1
            try:
                unsealed_answers(keys, row)
            except (SealError, KeyringError) as error:
                broken.append(f"Draft {row.id} does not open: {error}")
        if not rows:
            break
        after = rows[-1][0]
    yield from (bad("drafts", line) for line in broken[:NAMED])
    if broken:
        yield bad("drafts", f"{len(broken):,} of {opened:,} open drafts do not open")
    else:
        yield Finding("drafts", True, f"{opened:,} open {'draft opens' if opened == 1 else 'drafts open'}")


def check_publications(settings: Settings, store: Store, now: datetime) -> Iterator[Finding]:
    """Findings on what is published: that it compiles, and where a form's file says otherwise."""
    try:
        engine = engine_of(settings)
    except ExtensionError:
        return  # named with the settings already
    with store.read() as tx:
        rows = tx.publications.current("form", now)
        kept = {name: tx.definitions.get(row.digest) for name, row in rows.items()}
    for name, row in rows.items():
        definition = kept[name]
        shown = f"Publication {row.number} of {name}, version {row.version}"
        if definition is None:
            yield bad("forms", f"{shown}, has lost its text")
            continue
        texts = texts_in(definition)
        if engine.check_texts(texts).form is None:
            yield bad(
                "forms", f"{shown}, has errors; `formengine publications export {name}` writes its text"
            )
            continue
        file = engine.texts_of(name)
        yield Finding("forms", True, f"{shown}, is filled in")
        if file and file != texts:
            yield Finding(
                "forms",
                False,
                f"{name}: the file differs from publication {row.number}, which is filled in. "
                f"`formengine publish {name}` publishes the file",
                False,
            )


async def _check_neighbours(settings: Settings) -> list[Finding]:
    return list(await asyncio.gather(check_mail(settings), check_clamd(settings)))


def check_settings(settings: Settings) -> Iterator[Finding]:
    """Findings on settings that contradict one another, or that are not safe for real people."""
    own = split_host(urlsplit(settings.base_url).netloc)
    if own not in LOOPBACK_HOSTS and not settings.base_url.startswith("https://"):
        yield bad(
            "address", f"FORMENGINE_BASE_URL is {settings.base_url}: beyond this machine it must be https://"
        )
    else:
        yield Finding("address", True, f"People reach it at {settings.base_url}")
    if settings.keys_path.resolve().is_relative_to(settings.data.resolve()):
        yield bad(
            "keys",
            f"FORMENGINE_KEYS_FILE is {settings.keys_path}, in the folder of the database: who copies one has both. "
            "Put it elsewhere",
        )
    if settings.smtp_host and not settings.mail_from:
        yield bad("mail", "FORMENGINE_MAIL_FROM is not set, so that no e-mail can be sent")
    yield from _check_places(settings)
    yield from (
        bad(
            "address",
            f"FORMENGINE_TRUSTED_PROXIES has {proxy}, which is no address: no proxy is trusted by it",
        )
        for proxy in settings.trusted_proxies
        if not is_network(proxy)
    )
    yield from check_proxies(settings)
    if settings.demo:
        yield Finding(
            "demo", False, "FORMENGINE_DEMO is set: e-mails are shown, not sent. Never for real people", False
        )


def check_proxies(settings: Settings) -> Iterator[Finding]:
    """A finding where TLS ends before the service and no proxy is named: everybody has the proxy's address."""
    if settings.base_url.startswith("https://") and not settings.trusted_proxies and not settings.demo:
        yield Finding(
            "address",
            False,
            "FORMENGINE_TRUSTED_PROXIES is not set: behind a reverse proxy everybody has the proxy's address, and "
            "shares one budget with everybody else. Set it to the proxy's address, such as 127.0.0.1",
            False,
        )


def _check_places(settings: Settings) -> Iterator[Finding]:
    """Findings on files and folders that are not there, or are not what they must be."""
    for variable, path, folder in (
        ("FORMENGINE_DATA", settings.data, True),
        ("FORMENGINE_KEYS_FILE", settings.keys_path, False),
        ("FORMENGINE_SMTP_CA_FILE", settings.smtp_ca_file, False),
        ("FORMENGINE_WEBHOOK_CA_FILE", settings.webhook_ca_file, False),
        ("FORMENGINE_PORTAL", settings.portal, False),
        *(("FORMENGINE_DEFINITIONS", folder, True) for folder in settings.definitions),
        *(("FORMENGINE_THEMES", folder, True) for folder in settings.themes),
    ):
        if path is None:
            continue
        if not path.exists():
            # These two are made at the first start.
            if variable not in {"FORMENGINE_DATA", "FORMENGINE_KEYS_FILE"}:
                yield bad("settings", f"{variable} names {path}, which is not there")
        elif folder and not path.is_dir():
            yield bad("settings", f"{variable} names {path}, which is a file and no folder")
        elif not folder and not path.is_file():
            yield bad("settings", f"{variable} names {path}, which is no file")
    heads = settings.audit_head_file
    if heads is not None and (heads.is_dir() or not heads.parent.is_dir()):
        yield bad(
            "settings",
            f"FORMENGINE_AUDIT_HEAD_FILE names {heads}, which is no file in a folder that is there",
        )
    if settings.audit_head_mail and not settings.smtp_host and not settings.demo:
        yield bad(
            "audit",
            "FORMENGINE_AUDIT_HEAD_MAIL is set, and FORMENGINE_SMTP_HOST is not: no head leaves by e-mail",
        )
    if heads is None and not settings.audit_head_mail and not settings.demo:
        yield Finding(
            "audit",
            False,
            "Neither FORMENGINE_AUDIT_HEAD_FILE nor FORMENGINE_AUDIT_HEAD_MAIL is set: nothing shows whether the end "
            "of the audit was cut off",
            False,
        )
    for path in (settings.data, settings.database):
        if path.exists() and not os.access(path, os.W_OK):
            yield bad("settings", f"{path} must not be written to by the user who asks: nothing can be kept")


def check_definitions(settings: Settings) -> Iterator[Finding]:
    """Findings on the portal and every form that can be opened."""
    try:
        engine = engine_of(settings)
        check_templates(engine.words)
    except ExtensionError as error:
        # A folder that is not there is named with its variable already.
        if all(folder.is_dir() for folder in settings.themes):
            yield bad("settings", str(error))
        return
    try:
        portal = load_portal(settings.portal, roots=settings.definitions)
    except DefinitionError as error:
        yield bad("portal", f"The portal has {_findings(error)}; run `formengine check` on it")
        return
    mailboxes = {each.mailbox for each in portal.contacts if each.mailbox}
    for form_id in engine.form_ids():
        try:
            form = engine.form(form_id)
        except DefinitionError as error:
            yield bad("forms", f"{form_id} has {_findings(error)}; run `formengine check` on it")

        else:
            yield Finding("forms", True, f"{form_id}, version {form.version}, compiles")
            yield from _check_process(engine, form, mailboxes)
    yield from _check_mailboxes(mailboxes, settings)


def _check_process(engine: Engine, form: Form, mailboxes: set[str]) -> Iterator[Finding]:
    """Whether the form's process can be used; the names of its mailboxes are added."""
    try:
        process = engine.process(form)
    except DefinitionError as error:
        yield bad("forms", f"The process of {form.id} has {_findings(error)}; run `formengine check` on it")
        return
    if process is None:
        yield Finding("forms", False, f"{form.id} has no process: nobody is told of what is sent", False)
        return
    mailboxes.update(each.id for each in process.definition.mailboxes)
    yield Finding("forms", True, f"The process of {form.id}, version {process.definition.version}, is proved")


def _check_mailboxes(names: set[str], settings: Settings) -> Iterator[Finding]:
    for name in sorted(settings.webhooks):
        webhook, variable = settings.webhooks[name], f"FORMENGINE_WEBHOOK_URL_{name.upper()}"
        if name not in names:
            yield Finding("webhooks", False, f"{variable}: no form has a mailbox of this name", False)
        else:
            rest = "with the answers" if webhook.full else "without the answers"
            yield Finding("webhooks", True, f"The mailbox {name} has a webhook, {rest}", False)
        if len(webhook.secrets) > 1:
            line = f"The mailbox {name} has two secrets; take the old one away once the other side has the new one"
            yield Finding("webhooks", False, line, False)
    for name, folder in sorted(settings.folders.items()):
        variable = f"FORMENGINE_FOLDER_{name.upper()}"
        if name not in names:
            yield Finding("folders", False, f"{variable}: no form has a mailbox of this name", False)
        elif not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            yield bad("folders", f"{variable} names {folder}, which is no folder that can be written to")
        else:
            yield Finding("folders", True, f"What is sent to {name} is written into {folder}", False)
    for name in sorted(names):
        variable = f"FORMENGINE_MAILBOX_{name.upper()}"
        found = name in settings.mailboxes
        missing = f"{variable} is not set"
        if name in settings.webhooks or name in settings.folders:
            missing += ": the mailbox is told by its webhook or folder alone, and of no alarm"
        yield Finding(
            "mail",
            found,
            f"The mailbox {name} is {settings.mailboxes[name]}" if found else missing,
            False,
        )


def check_program() -> Iterator[Finding]:
    """Findings on the installed program and its extras."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("program", sys.version_info >= (3, 11), f"Python {version}")
    if find_spec("fpdf") is None:
        yield Finding("program", False, "PDFs need the pdf extra: pip install 'formengine[pdf]'", False)
    frontend = bundled_folder("renderers") / "html/static/vendor/govuk-frontend.min.css"
    if not frontend.is_file():
        yield Finding(
            "program", False, "govuk-frontend is not there: pages use a plain style of their own", False
        )


def _findings(error: DefinitionError) -> str:
    count = len(error.diagnostics)
    return f"{count} {'finding' if count == 1 else 'findings'}"
