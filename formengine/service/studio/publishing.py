"""Publishing: a checked definition becomes what people fill in, from that moment and in every process.

A publication is never changed. Going back to an earlier one publishes its definition under a new number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from formengine.engine import Engine
from formengine.form.plan import Form
from formengine.language.diagnostics import DefinitionError, Diagnostic
from formengine.service.accounts.identity import person_of
from formengine.service.audit import note
from formengine.service.context import ServiceContext
from formengine.service.fault_points import point
from formengine.service.forms import Forms, texts_in
from formengine.service.studio.approvals import NOBODY, add_event, approved_by, approvers, tell
from formengine.store.protocol import Transaction
from formengine.store.rows import PublicationKind, PublicationRow

FORM: Final[PublicationKind] = "form"
# Who publishes where it is nobody with an account.
OPERATOR: Final = "operator"
SYSTEM: Final = "system"

# findings: a finding is an error. other_form: the text calls itself by another name. unchanged: it is what is published
# already. changed: somebody saved or published since this was looked at. not_approved: somebody has to approve it.
# past: it would have to hold from a moment that is over.
PublicationRefusal = Literal["findings", "other_form", "unchanged", "changed", "not_approved", "past"]


class PublicationRefusedError(Exception):
    """Nothing was published. why: the reason. findings: all that `check` found, where these are the reason."""

    def __init__(self, why: PublicationRefusal, findings: tuple[Diagnostic, ...] = ()) -> None:
        super().__init__(why)
        self.why: PublicationRefusal = why
        self.findings = findings


@dataclass(frozen=True, slots=True)
class PublicationLine:
    """A publication in the history of its form.

    who: the name of who published it. approver: the name of who approved it. is_current: whether it holds now.
    is_to_come: whether it begins to hold later, if nothing is published meanwhile.
    """

    row: PublicationRow
    who: str
    approver: str
    is_current: bool
    is_to_come: bool


class Publishing:
    """Publishes forms, and says what was published."""

    def __init__(self, context: ServiceContext, engine: Engine, forms: Forms) -> None:
        self._context = context
        self._engine = engine
        self._forms = forms

    def publish(
        self,
        name: str,
        texts: Mapping[str, str],
        *,
        account: str,
        reason: str,
        after: int | None = None,
        rev: int | None = None,
        alone: bool = False,
        from_at: datetime | None = None,
    ) -> PublicationRow:
        """Publish these texts as the form `name`.

        account: who publishes. after: the number of the publication that whoever decided this had seen as the newest.
        rev: the revision of the working copy that the texts are, which ends with this. None for either: whatever
        it is. from_at: when it begins to hold, None for at once; a publication made after it takes its place, also one
        that holds earlier. alone: without the approval that is needed where somebody may approve; all who may are told
        by e-mail, as they are of what an operator publishes. Raises `PublicationRefusedError`, after which nothing has
        changed, and `StoreError`.
        """
        checked = self._engine.check_texts(texts)
        form = checked.publishable
        if form is None:
            raise PublicationRefusedError("findings", checked.findings)
        if form.id != name:
            raise PublicationRefusedError("other_form")
        return self._add(
            form,
            account=account,
            reason=reason,
            after=after,
            rev=rev,
            alone=alone or account == OPERATOR,
            from_at=from_at,
        )

    def roll_back(
        self, name: str, number: int, *, account: str, reason: str, after: int | None = None
    ) -> PublicationRow:
        """Publish again what the publication `number` of this form was, under a new number.

        Nobody has to approve it, and all who may approve are told by e-mail. Raises KeyError where there is no such
        publication, and otherwise as `publish`; a working copy stays as it is.
        """
        with self._context.store.read() as tx:
            row = tx.publications.get(FORM, name, number)
        if row is None:
            raise KeyError(number)
        try:
            form = self._forms.pinned(row.digest)
        except DefinitionError as error:
            raise PublicationRefusedError("findings", error.diagnostics) from None
        return self._add(form, account=account, reason=reason, after=after, origin=number, alone=True)

    def history(self, name: str) -> list[PublicationLine]:
        """What was published of this form, the newest first."""
        with self._context.store.read() as tx:
            rows = tx.publications.of(FORM, name)
            current = tx.publications.current(FORM, self._context.clock()).get(name)
            accounts = {account for row in rows for account in (row.account, row.approved_by)}
            who = {account: name_of(tx, self._context, account) for account in accounts}
        # Only what is newer than what holds now can take its place.
        newer = current.number if current is not None else 0
        return [
            PublicationLine(row, who[row.account], who[row.approved_by], row == current, row.number > newer)
            for row in rows
        ]

    def texts(self, name: str, number: int) -> dict[str, str]:
        """The texts of a publication, byte for byte, by the names of their files, the form first.

        Raises KeyError where there is no such publication.
        """
        with self._context.store.read() as tx:
            row = tx.publications.get(FORM, name, number)
            kept = tx.definitions.get(row.digest) if row is not None else None
        if kept is None:
            raise KeyError(number)
        return texts_in(kept)

    def _add(
        self,
        form: Form,
        *,
        account: str,
        reason: str,
        after: int | None,
        rev: int | None = None,
        origin: int = 0,
        alone: bool = False,
        from_at: datetime | None = None,
    ) -> PublicationRow:
        before = self._used_from_file(form)
        point("publish.before")
        with self._context.store.write() as tx:
            self._refuse_stale(tx, form, after, rev)
            if from_at is not None and from_at <= self._context.clock():
                raise PublicationRefusedError("past")
            if before is not None and tx.publications.last_number(FORM, form.id) == 0:
                # The file's version comes first, so that there is a way back to it.
                self._add_row(tx, before, account=SYSTEM, reason="", origin=0)
                point("publish.file_kept")
            approved = self._approved(tx, form, alone=alone)
            row = self._add_row(
                tx, form, account=account, reason=reason, origin=origin, approved=approved, from_at=from_at
            )
            point("publish.added")
            if approved == NOBODY:
                self._tell_approvers(tx, form, account=account, reason=reason)
            if rev is not None:
                add_event(tx, self._context, FORM, form.id, "ended", account=account, digest=form.digest)
                tx.working_copies.end(FORM, form.id, "published")
                tx.working_copies.keep_newest(FORM, form.id, 1)
            # The digest, so that the chain covers what was published, and not only that something was.
            action = "form.rolled_back" if origin else "form.published"
            if from_at is not None:
                action = "form.scheduled"
            if approved == NOBODY and not origin:
                action = "form.published_alone"
            subject = f"{form.id} {row.number}"
            note(tx, self._context, actor=account, action=action, subject=subject, fields=(form.digest,))
            point("publish.before_commit")
        point("publish.committed")
        self._forms.take_up()
        return row

    def _used_from_file(self, form: Form) -> Form | None:
        """The form as it is filled in from its file; None where it was published, is this one, or is not sound."""
        if form.id in self._forms.published():
            return None
        try:
            used = self._forms.current(form.id)
        except DefinitionError:
            return None
        return used if used is not None and used.digest != form.digest else None

    def _refuse_stale(self, tx: Transaction, form: Form, after: int | None, rev: int | None) -> None:
        if after is not None and tx.publications.last_number(FORM, form.id) != after:
            raise PublicationRefusedError("changed")
        if rev is not None:
            copy = tx.working_copies.newest(FORM, form.id)
            if copy is None or (copy.rev, copy.status) != (rev, "open"):
                raise PublicationRefusedError("changed")
        current = tx.publications.current(FORM, self._context.clock()).get(form.id)
        # What holds already is published again in place of something that would hold later.
        is_newest = current is not None and current.number == tx.publications.last_number(FORM, form.id)
        if current is not None and is_newest and current.digest == form.digest:
            raise PublicationRefusedError("unchanged")

    def _approved(self, tx: Transaction, form: Form, *, alone: bool) -> str:
        """Who approved the form, as its row has it. Raises `PublicationRefusedError` where somebody still has to."""
        approved = approved_by(tx, FORM, form.id, form.digest)
        if approved or not approvers(tx):
            return approved
        if not alone:
            raise PublicationRefusedError("not_approved")
        return NOBODY

    def _tell_approvers(self, tx: Transaction, form: Form, *, account: str, reason: str) -> None:
        who = name_of(tx, self._context, account) or account
        tell(
            tx, self._context, approvers(tx), "published_alone",
            form=form.title, form_id=form.id, who=who, written=reason,
        )  # fmt: skip

    def _add_row(
        self,
        tx: Transaction,
        form: Form,
        *,
        account: str,
        reason: str,
        origin: int,
        approved: str = "",
        from_at: datetime | None = None,
    ) -> PublicationRow:
        self._forms.keep(tx, form)
        row = PublicationRow(
            seq=tx.publications.last_seq() + 1,
            kind=FORM,
            name=form.id,
            number=tx.publications.last_number(FORM, form.id) + 1,
            version=form.version,
            digest=form.digest,
            from_at=from_at,
            published_at=self._context.clock(),
            account=account,
            origin=origin,
            reason=reason,
            approved_by=approved,
        )
        tx.publications.add(row)
        return row


def name_of(tx: Transaction, context: ServiceContext, account: str) -> str:
    """The name of the account's person; "" where it is closed, and for nobody with an account."""
    row = tx.accounts.get(account)
    return person_of(context, row).full_name if row is not None and row.status == "open" else ""
