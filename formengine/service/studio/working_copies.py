"""Working copies: the texts of a form while somebody changes them. Every save is kept until the change is published.

A save names the revision it was made on. Where somebody else has saved meanwhile, nothing is kept and nothing lost:
both texts are there to choose from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from formengine.engine import Engine
from formengine.language.loader import digest_of
from formengine.language.source import Source
from formengine.service.audit import note
from formengine.service.context import ServiceContext
from formengine.service.fault_points import point
from formengine.service.forms import texts_in
from formengine.service.studio.approvals import add_event, note_editor
from formengine.service.studio.publishing import FORM, name_of
from formengine.store.protocol import Transaction
from formengine.store.rows import WorkingCopyRow

# So many saves of a change are kept, the newest: each can be gone back to.
SAVES_KEPT: Final = 50


@dataclass(frozen=True, slots=True)
class FormTexts:
    """The texts of a form by the names of their files, its own first, as they are being changed or are filled in.

    rev: the revision of the newest save; 0 while nothing has been changed. base: the digest of what the change began
    with. number: the newest publication, 0 where there is none. live: the one that holds, and to_come: when the newest
    begins to, None where it does. who and saved_at: of the newest save.
    """

    form: str
    texts: Mapping[str, str]
    rev: int
    base: str
    number: int
    who: str = ""
    saved_at: datetime | None = None
    live: int = 0
    to_come: datetime | None = None

    @property
    def main(self) -> str:
        """The name of the form's own file."""
        return next(iter(self.texts))


class ChangedMeanwhileError(Exception):
    """Somebody else saved or published since the text was shown; nothing was saved. newest: what there is now."""

    def __init__(self, newest: FormTexts) -> None:
        super().__init__(newest.form)
        self.newest = newest


class WorkingCopies:
    """The texts of forms, and the changes to them that are not published yet."""

    def __init__(self, context: ServiceContext, engine: Engine) -> None:
        self._context = context
        self._engine = engine

    def now(self, form_id: str) -> FormTexts | None:
        """The texts as they are being changed, else as they are filled in; None where there is no such form.

        They may be broken, the file's as well. Raises `StoreError`.
        """
        with self._context.store.read() as tx:
            found = self._now(tx, form_id)
            current = tx.publications.current(FORM, self._context.clock()).get(form_id)
            newest = tx.publications.get(FORM, form_id, found.number) if found is not None else None
        if found is None:
            return None
        live = current.number if current is not None else 0
        return replace(
            found, live=live, to_come=newest.from_at if newest is not None and newest != current else None
        )

    def live(self, form_id: str) -> Mapping[str, str]:
        """The texts that are filled in: those published, else the file's; none where there is no such form."""
        with self._context.store.read() as tx:
            return self._live(tx, form_id)[0]

    def save(
        self, form_id: str, changed: Mapping[str, str], *, rev: int, base: str, account: str
    ) -> FormTexts:
        """Save these texts, by the names of their files, as the change of the form.

        rev and base: those of the texts that were shown. Returns what is saved now; the same revision where the texts
        are those that are there. Raises KeyError where there is no such form, `ChangedMeanwhileError` where somebody
        saved or published since, and `StoreError`.
        """
        point("working_copy.before")
        with self._context.store.write() as tx:
            found = self._now(tx, form_id)
            if found is None:
                raise KeyError(form_id)
            texts = {**found.texts, **changed}
            if texts == found.texts:
                return found
            if (found.rev, found.base) != (rev, base):
                raise ChangedMeanwhileError(found)
            kept = self._add(tx, found, texts, account)
            point("working_copy.before_commit")
        point("working_copy.committed")
        return kept

    def saves(self, form_id: str) -> list[WorkingCopyRow]:
        """The saves of the change that is not published yet, the newest first; none where nothing is being changed."""
        with self._context.store.read() as tx:
            rows = tx.working_copies.of(FORM, form_id)
        return rows if rows and rows[0].status == "open" else []

    def discard(self, form_id: str, *, rev: int, account: str) -> None:
        """End the change without publishing it. Its saves stay in the store until a later change is published.

        Raises `ChangedMeanwhileError` where somebody has saved since the revision `rev`, and KeyError as `save` does.
        """
        with self._context.store.write() as tx:
            found = self._now(tx, form_id)
            if found is None:
                raise KeyError(form_id)
            if found.rev != rev:
                raise ChangedMeanwhileError(found)
            if rev:
                tx.working_copies.end(FORM, form_id, "discarded")
                add_event(tx, self._context, FORM, form_id, "ended", account=account)
                note(tx, self._context, actor=account, action="form.change_discarded", subject=form_id)
            point("working_copy.before_discard")

    def _add(self, tx: Transaction, found: FormTexts, texts: Mapping[str, str], account: str) -> FormTexts:
        last = tx.working_copies.newest(FORM, found.form)
        row = WorkingCopyRow(
            kind=FORM,
            name=found.form,
            rev=last.rev + 1 if last is not None else 1,
            status="open",
            base=found.base,
            texts=dict(texts),
            account=account,
            saved_at=self._context.clock(),
        )
        tx.working_copies.add(row)
        tx.working_copies.keep_newest(FORM, found.form, SAVES_KEPT)
        note_editor(tx, self._context, FORM, found.form, account)
        changed = sorted(name for name, text in texts.items() if found.texts.get(name) != text)
        note(tx, self._context, actor=account, action="form.text_saved", subject=found.form, fields=changed)
        who = name_of(tx, self._context, account)
        return FormTexts(found.form, row.texts, row.rev, row.base, found.number, who, row.saved_at)

    def _now(self, tx: Transaction, form_id: str) -> FormTexts | None:
        number = tx.publications.last_number(FORM, form_id)
        copy = tx.working_copies.newest(FORM, form_id)
        if copy is not None and copy.status == "open":
            who = name_of(tx, self._context, copy.account)
            return FormTexts(form_id, copy.texts, copy.rev, copy.base, number, who, copy.saved_at)
        texts, digest = self._live(tx, form_id)
        return FormTexts(form_id, texts, 0, digest, number) if texts else None

    def _live(self, tx: Transaction, form_id: str) -> tuple[Mapping[str, str], str]:
        current = tx.publications.current(FORM, self._context.clock()).get(form_id)
        if current is not None:
            kept = tx.definitions.get(current.digest)
            return (texts_in(kept), current.digest) if kept is not None else ({}, "")
        texts = self._engine.texts_of(form_id)
        return texts, digest_of(Source(name, text) for name, text in texts.items()) if texts else ""
