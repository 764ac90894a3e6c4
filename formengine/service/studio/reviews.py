"""Reviews: an author asks, somebody else approves the very text that was shown or sends it back with a note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from formengine.engine import Engine
from formengine.form.plan import Form
from formengine.service.audit import note
from formengine.service.context import ServiceContext
from formengine.service.fault_points import point
from formengine.service.studio.approvals import (
    APPROVER,
    add_event,
    approved_by,
    approvers,
    editors,
    review_of,
    tell,
)
from formengine.service.studio.publishing import FORM, name_of
from formengine.service.studio.working_copies import WorkingCopies
from formengine.store.protocol import Transaction
from formengine.store.rows import ReviewEventKind

# draft: nobody has asked yet, or somebody changed the text since.
ReviewStage = Literal["none", "draft", "in_review", "approved", "sent_back"]
# findings: the text has errors. changed: it is not the text any more that was shown. own: whoever changed it cannot
# approve it. not_asked: nobody has asked for a review of this text. not_approver: the account has not the role.
ReviewRefusal = Literal["findings", "changed", "own", "not_asked", "not_approver"]


class ReviewRefusedError(Exception):
    """Nothing was recorded. why: the reason."""

    def __init__(self, why: ReviewRefusal) -> None:
        super().__init__(why)
        self.why: ReviewRefusal = why


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """Something that happened to the change. who: the name of the person."""

    event: ReviewEventKind
    who: str
    at: datetime
    note: str
    place: str
    is_of_this_text: bool


@dataclass(frozen=True, slots=True)
class Review:
    """Where the change stands.

    stage: "none" where nothing is being changed. lines: what happened, the newest first. needed: whether somebody has
    to approve. is_editor: whether the account that asks has changed the text.
    """

    stage: ReviewStage
    lines: Sequence[ReviewLine]
    needed: bool
    is_editor: bool

    @property
    def may_publish(self) -> bool:
        """Whether it can be published without a special reason."""
        return not self.needed or self.stage == "approved"


class Reviews:
    """Records requests for a review, and what came of them."""

    def __init__(self, context: ServiceContext, engine: Engine, copies: WorkingCopies) -> None:
        self._context = context
        self._engine = engine
        self._copies = copies

    def of(self, form_id: str, digest: str, account: str) -> Review:
        """Where the change of the form stands.

        digest: of the text as it is now, "" where it has errors. account: who asks. Raises `StoreError`.
        """
        with self._context.store.read() as tx:
            lines = [
                ReviewLine(
                    row.event,
                    name_of(tx, self._context, row.account),
                    row.at,
                    row.note,
                    row.place,
                    bool(digest) and row.digest == digest,
                )
                for row in tx.reviews.of(FORM, form_id)
                if row.event != "edited"
            ]
            copy = tx.working_copies.newest(FORM, form_id)
            is_changed = copy is not None and copy.status == "open"
            stage = self._stage(tx, form_id, digest) if is_changed else "none"
            return Review(stage, lines, bool(approvers(tx)), account in editors(tx, FORM, form_id))

    def ask(self, form_id: str, digest: str, *, account: str, written: str) -> None:
        """Ask for a review of the text with this digest; every approver is told by e-mail, once until somebody answers.

        Raises `ReviewRefusedError`, KeyError where there is no such form, and `StoreError`.
        """
        form = self._looked_at(form_id, digest)
        with self._context.store.write() as tx:
            asked = review_of(tx, FORM, form_id, digest)
            if asked is not None and asked.event == "asked":
                return
            self._record(tx, form, "asked", account=account, written=written)
            others = [row for row in approvers(tx) if row.id not in editors(tx, FORM, form_id)]
            who = name_of(tx, self._context, account)
            tell(
                tx, self._context, others, "review_asked",
                form=form.title, form_id=form_id, who=who, written=written,
            )  # fmt: skip
            point("review.before_commit")

    def answer(self, form_id: str, digest: str, *, approves: bool, account: str, written: str) -> None:
        """Approve the text with this digest, or send it back; whoever asked is told by e-mail. Raises as `ask` does."""
        form = self._looked_at(form_id, digest)
        with self._context.store.write() as tx:
            row = tx.accounts.get(account)
            if row is None or row.role != APPROVER:
                raise ReviewRefusedError("not_approver")
            if account in editors(tx, FORM, form_id):
                raise ReviewRefusedError("own")
            asked = review_of(tx, FORM, form_id, digest)
            if asked is None or asked.event != "asked":
                raise ReviewRefusedError("not_asked")
            self._record(tx, form, "approved" if approves else "sent_back", account=account, written=written)
            author = tx.accounts.get(asked.account)
            tell(
                tx, self._context, [author] if author is not None and author.status == "open" else [],
                "review_approved" if approves else "review_sent_back",
                form=form.title, form_id=form_id, who=name_of(tx, self._context, account), written=written,
            )  # fmt: skip
            point("review.before_commit")

    def comment(self, form_id: str, digest: str, *, account: str, written: str, place: str = "") -> None:
        """Keep a comment on the text with this digest. place: the path of the question it is about, "" for the form.

        Raises as `ask` does.
        """
        form = self._looked_at(form_id, digest)
        with self._context.store.write() as tx:
            self._record(tx, form, "commented", account=account, written=written, place=place)

    def _stage(self, tx: Transaction, form_id: str, digest: str) -> ReviewStage:
        newest = review_of(tx, FORM, form_id, digest) if digest else None
        if newest is None:
            return "draft"
        if newest.event == "asked":
            return "in_review"
        if newest.event == "sent_back":
            return "sent_back"
        return "approved" if approved_by(tx, FORM, form_id, digest) else "draft"

    def _looked_at(self, form_id: str, digest: str) -> Form:
        """The form of the text as it is now. Raises `ReviewRefusedError` where it is not the one that was shown."""
        now = self._copies.now(form_id)
        if now is None:
            raise KeyError(form_id)
        form = self._engine.check_texts(now.texts).form
        if form is None:
            raise ReviewRefusedError("findings")
        if not now.rev or form.digest != digest:
            raise ReviewRefusedError("changed")
        return form

    def _record(
        self,
        tx: Transaction,
        form: Form,
        event: ReviewEventKind,
        *,
        account: str,
        written: str,
        place: str = "",
    ) -> None:
        add_event(
            tx, self._context, FORM, form.id, event,
            account=account, digest=form.digest, place=place, note=written,
        )  # fmt: skip
        fields = (form.digest, place) if place else (form.digest,)
        action = f"form.{_ACTIONS.get(event, event)}"
        note(tx, self._context, actor=account, action=action, subject=form.id, fields=fields)


_ACTIONS = {"asked": "review_asked"}
