"""Deliveries by e-mail: each submission's mailbox is told, with the reference, the urgency and a link, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Final

from formengine.form.process import Process
from formengine.output.email import draw_email
from formengine.service.audit import note
from formengine.service.cases.cases import DELIVERY, FOLDER, SYSTEM, WEBHOOK, Cases
from formengine.service.context import ServiceContext
from formengine.service.delivery_settings import Webhook
from formengine.service.mail.outbox import Letter, Postman, Transport, UndeliveredError
from formengine.service.settings import Settings
from formengine.store.protocol import Transaction
from formengine.store.rows import CaseRow, OutboxRow

# The domain of the mailboxes of a demonstration, where nobody has set any.
_DEMO_DOMAIN: Final = "council.example.org"


class Mailboxes:
    """How mailboxes are told, by name, as configured; a demonstration has an address for every name."""

    def __init__(self, settings: Settings) -> None:
        self._addresses = settings.mailboxes
        self._webhooks = settings.webhooks
        self._folders = settings.folders
        self._demo = settings.demo

    def address(self, name: str) -> str | None:
        """The mailbox's address, None where none is set."""
        found = self._addresses.get(name)
        if found is None and self._demo:
            return f"{name.replace('_', '.')}@{_DEMO_DOMAIN}"
        return found

    def webhook(self, name: str) -> Webhook | None:
        """The mailbox's webhook, None where none is set."""
        return self._webhooks.get(name)

    def folder(self, name: str) -> Path | None:
        """The mailbox's folder, None where none is set."""
        return self._folders.get(name)

    def folders(self) -> tuple[Path, ...]:
        """Every folder, each once."""
        return tuple(dict.fromkeys(self._folders.values()))

    def channels(self, name: str) -> tuple[str, ...]:
        """By which the mailbox is told: by e-mail where it has an address or nothing else, and by all else it has."""
        further = ((WEBHOOK, self._webhooks), (FOLDER, self._folders))
        others = tuple(channel for channel, named in further if name in named)
        return (DELIVERY, *others) if self.address(name) is not None or not others else others

    def missing(self, processes: Iterable[Process]) -> list[str]:
        """The names of the processes' mailboxes that are told in no way, in order; alarms need an e-mail address."""
        named = [each for process in processes for each in process.definition.mailboxes]
        return sorted(
            {
                each.id
                for each in named
                if self.address(each.id) is None
                and (each.takes == "alarms" or self.channels(each.id) == (DELIVERY,))
            }
        )


class DeliveryLetters:
    """Makes the e-mails that tell mailboxes. about: the facts about the service for every e-mail."""

    def __init__(
        self,
        context: ServiceContext,
        mailboxes: Mailboxes,
        about: Mapping[str, str],
        themes: Iterable[Path] = (),
    ) -> None:
        self._context = context
        self._mailboxes = mailboxes
        self._about = dict(about)
        self._themes = tuple(themes)

    def of(self, row: OutboxRow) -> Letter:
        """The e-mail of a delivery, sent or not.

        Raises `UndeliveredError`, after which it is tried again: for a submission whose form has no process, and for a
        mailbox without an address.
        """
        case = case_of_delivery(self._context, row)
        address = self._mailboxes.address(case.mailbox)
        if address is None:
            raise UndeliveredError("no_address")
        email = draw_email("delivery", {**self._about, **self._facts(case)}, self._themes)
        return Letter(row.id, address, email, row.created_at, status=row.status)

    def newest(self, limit: int) -> list[Letter]:
        """At most `limit` e-mails to mailboxes that were sent, the newest first; for a demonstration."""
        with self._context.store.read() as tx:
            rows = tx.outbox.newest(DELIVERY, limit)
        return [self.of(row) for row in rows if row.status == "sent"]

    def _facts(self, case: CaseRow) -> dict[str, str]:
        return {
            "reference": case.reference,
            "urgent": "yes" if case.urgent else "no",
            "link": f"{self._about['base_url']}/desk/cases/{case.reference}",
        }


class ShownInPlace:
    """The transport of a demonstration: e-mails are shown on a page, and nobody gets any."""

    async def send(self, message: EmailMessage) -> None:
        """Accept the message."""


class Deliveries:
    """Delivers what is due, and records each delivery in its case."""

    def __init__(
        self,
        context: ServiceContext,
        cases: Cases,
        letters: DeliveryLetters,
        transport: Transport,
        *,
        sender: str,
    ) -> None:
        self._postman = Postman(
            context,
            letters,
            transport,
            sender=sender,
            channel=DELIVERY,
            on_sent=partial(record_delivered, context, cases),
        )

    async def deliver_due(self) -> int:
        """Deliver everything that is due; returns how many were delivered. Raises `StoreError`."""
        return await self._postman.deliver_due()


def case_of_delivery(context: ServiceContext, row: OutboxRow) -> CaseRow:
    """Return the case that a delivery tells of. Raises `UndeliveredError` where its form has no process."""
    with context.store.read() as tx:
        case = tx.cases.get(row.submission) if row.submission is not None else None
    if case is None:
        raise UndeliveredError("no_process")
    return case


def record_delivered(context: ServiceContext, cases: Cases, tx: Transaction, row: OutboxRow) -> None:
    """Record a delivery in its case, inside the caller's change; a case says once that it was delivered."""
    case = tx.cases.get(row.submission) if row.submission is not None else None
    if case is None:
        return
    if row.channel == DELIVERY or all(each.kind != "delivered" for each in tx.cases.events(case.submission)):
        cases.add_event(tx, case, "delivered", SYSTEM)
    if row.channel != DELIVERY:
        note(
            tx,
            context,
            actor=SYSTEM,
            action="case.delivered",
            subject=case.submission,
            fields=(row.channel, case.mailbox),
        )
