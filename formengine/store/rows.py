"""What a store keeps: a row of each table.

A store knows no key: answers, files, names and addresses come here sealed, as bytes that reveal nothing.
Every moment is an aware `datetime` in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Role = Literal["applicant", "staff", "author", "approver", "administrator"]
SessionStage = Literal["visitor", "code_due", "signed_in"]
DraftStatus = Literal["open", "submitted", "cancelled"]
Scan = Literal["waiting", "clean", "refused", "not_taken"]
OutboxStatus = Literal["waiting", "sent", "dead"]
CaseEventKind = Literal["begun", "delivered", "alarm", "read", "moved", "claimed", "released", "added"]
# What can be published; more kinds follow.
PublicationKind = Literal["form"]
WorkingCopyStatus = Literal["open", "published", "discarded"]
# edited: an account's first save of a change. ended: the change was published or discarded.
ReviewEventKind = Literal["edited", "asked", "approved", "sent_back", "commented", "ended"]

# The id of the key that wraps a data key stands in clear at its start, this long, so that a store can count by it.
WRAPPING_ID_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """A person's account.

    email_index: the blind index of the address. profile: sealed JSON with name, email, phone and the like. totp: the
    sealed secret of the authenticator app, None without one. credentials_changed: how often password, address, app,
    recovery codes or role were changed or the account's sessions ended; sessions_ended: how often these were, all at
    once. Both count from when a file first had them.
    """

    id: str
    email_index: str
    role: Role
    status: Literal["unconfirmed", "open", "closed"]
    data_key: bytes
    profile: bytes
    password_hash: str
    totp: bytes | None = None
    created_at: datetime
    credentials_changed: int = 0
    sessions_ended: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A browser's session; `token_hash` is SHA-256 of what the cookie holds, in hex.

    facts: small texts that belong to the session, such as where to go on after signing in; never an answer, a name or
    an address. stamp: a keyed hash of the credentials that it counts with, "" where it opens no account.
    """

    token_hash: str
    account: str | None
    stage: SessionStage
    facts: Mapping[str, str]
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    stamp: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRow:
    """A code that was e-mailed, or a count of attempts; `code_hash` is keyed, "" for a count alone.

    There is one per owner, purpose and `bound_to`. owner: the account it is for, or another id. bound_to: who may enter
    it, such as the session that asked for it; "" for anybody. stamp: as of a `SessionRow`.
    """

    id: str
    owner: str
    purpose: str
    code_hash: str
    bound_to: str
    attempts: int
    created_at: datetime
    ends_at: datetime
    stamp: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionRow:
    """A definition with all it includes, as `formengine.language.loader.pack` returns it, in JSON."""

    digest: str
    form: str
    version: str
    packed: str
    kept_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationRow:
    """A publication: from a moment on, what is called `name` is the definition kept under `digest`. Never changed.

    seq: counts all publications from 1. number: counts those of this kind and name from 1. from_at: when it begins to
    hold, None for at once, whatever a clock says. account: who published it, "operator" or "system". origin: the number
    of the publication whose definition this one brings back, 0 for none. reason: why, in that person's words.
    approved_by: the account that approved it, "nobody" where it was published without the approval that others need,
    "" where none was needed.
    """

    seq: int
    kind: PublicationKind
    name: str
    number: int
    version: str
    digest: str
    from_at: datetime | None
    published_at: datetime
    account: str
    origin: int
    reason: str
    approved_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEventRow:
    """Something that happened to a change before it was published. Never changed.

    seq: counts those of its kind and name from 1. digest: of the definition that it is about, "" for none. place: the
    path of the question that a comment is about, "" for the form. note: what the person wrote.
    """

    kind: PublicationKind
    name: str
    seq: int
    event: ReviewEventKind
    digest: str
    place: str
    account: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCopyRow:
    """The texts of something that is being changed, as they were saved once: one row a save, by rising `rev`.

    texts: by the name of the file, the definition first; they may be broken. base: the digest of the definition that
    the change began with. Of the newest row alone `status` counts: "open" while the change is neither published nor
    discarded.
    """

    kind: PublicationKind
    name: str
    rev: int
    status: WorkingCopyStatus
    base: str
    texts: Mapping[str, str]
    account: str
    saved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    """A form somebody is filling in.

    account: whose it is, None before signing in. holder: `token_hash` of the session it belongs to while it has no
    account. rev: raised by each save, from 1. answers: sealed JSON. step: the name of the step that the person came to
    last, ``check answers`` for checking them all, "" for none yet. shown: the steps already shown once. link_hash: what
    an e-mailed link to it must show, "" without one. link_word: the hash of the word that the link asks for, "" for
    none. warned_at: when its owner was last warned that it will be destroyed. seal: see
    `formengine.service.crypto.row_seals`; "" for a row of version 0.1 that no service has opened since.
    """

    id: str
    form: str
    digest: str
    account: str | None
    holder: str | None
    rev: int
    status: DraftStatus
    urgent: bool
    data_key: bytes
    answers: bytes
    step: str
    shown: Sequence[str]
    link_hash: str = ""
    link_word: str = ""
    started_at: datetime
    saved_at: datetime
    warned_at: datetime | None = None
    seal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLine:
    """An open draft in a list, with nothing that is sealed."""

    id: str
    form: str
    digest: str
    account: str | None
    urgent: bool
    step: str
    started_at: datetime
    saved_at: datetime
    warned_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedDraftRow:
    """An open draft that is to be destroyed. running_s: how long the service had run in all its life at `marked_at`."""

    draft: str
    marked_at: datetime
    running_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPostRow:
    """A page that was posted after the session had ended, sealed, until its owner has signed in again.

    writer: the account for which the page was drawn, "" where nobody had signed in.
    """

    id: str
    draft: str
    writer: str
    data_key: bytes
    body: bytes
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """An uploaded file without its content. name: sealed. field: the path of the answer it was uploaded for.

    scan "not_taken": there is no file, and in place of a name the reason is sealed
    (`formengine.service.files.refused_files`).
    """

    id: str
    draft: str
    field: str
    media_type: str
    size_bytes: int
    scan: Scan
    data_key: bytes
    name: bytes
    uploaded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    """An uploaded file among all. open: whether its draft is; a submission's files stay as long as that."""

    id: str
    draft: str
    uploaded_at: datetime
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionRow:
    """A submission: `envelope` is the sealed ``submission/1``. A draft has at most one. seal: as of a `DraftRow`."""

    id: str
    draft: str
    account: str | None
    holder: str | None
    reference: str
    form: str
    version: str
    digest: str
    urgency: Literal["urgent", "standard"]
    route: str
    data_key: bytes
    envelope: bytes
    submitted_at: datetime
    seal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionLine:
    """A submission in a list, with nothing that is sealed. delivery: the status of its delivery, None without one."""

    id: str
    reference: str
    form: str
    urgency: Literal["urgent", "standard"]
    submitted_at: datetime
    delivery: OutboxStatus | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentLine:
    """A submission in its sender's list, with nothing that is sealed."""

    id: str
    draft: str
    reference: str
    form: str
    digest: str
    urgency: Literal["urgent", "standard"]
    submitted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """Something to be sent: an e-mail (channel "email") or a delivery of a submission (channel "delivery").

    payload: sealed JSON. due_at: not before then. lease: who works on it until `lease_until`. fault: the code of the
    last failure, never its text.
    """

    id: str
    submission: str | None
    channel: str
    status: OutboxStatus
    urgent: bool
    attempts: int
    data_key: bytes
    payload: bytes
    created_at: datetime
    due_at: datetime
    lease: str = ""
    lease_until: datetime | None = None
    sent_at: datetime | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """What has become of a submission so far; nothing in it is sealed.

    digest: of the process, which stays with the case. stage: where it stands, or stood when it ended. rev: raised by
    each change, from 1. route: the answer that it was routed by. mailbox: the one that is told. since: since when it
    stands in its stage, due_at: until when it is to be left. assignee: the account that has claimed it until
    `assigned_until`, None without one. ended_at, outcome: None and "" while it is open.
    """

    submission: str
    reference: str
    form: str
    digest: str
    stage: str
    rev: int
    urgent: bool
    route: str
    mailbox: str
    begun_at: datetime
    since: datetime
    due_at: datetime
    assignee: str | None = None
    assigned_until: datetime | None = None
    ended_at: datetime | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEventRow:
    """Something that happened to a case; rows are only added, and `seq` counts them from 1.

    actor: an account's id or "system". stage: where the case stood before. move, led_to, outcome: of a move, led_to
    the stage that followed, "" where it ended. kept: what staff typed, sealed, b"" for nothing.
    """

    id: str
    submission: str
    seq: int
    at: datetime
    actor: str
    kind: CaseEventKind
    stage: str
    move: str = ""
    led_to: str = ""
    outcome: str = ""
    data_key: bytes = b""
    kept: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWorkRow:
    """What somebody has typed into a case's stage and not decided yet, sealed; one a case and account."""

    id: str
    submission: str
    account: str
    stage: str
    data_key: bytes
    answers: bytes
    saved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRoleRow:
    """A role that an account has in the process of a form; route: only for that answer, "" for all."""

    account: str
    form: str
    role: str
    route: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One entry of the audit: ids and names of fields, never a value. `hash` covers it and the entry before.

    row_seal: the seal of the draft or submission that it is about, as it was left; "" where it is about none.
    """

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    fields: Sequence[str]
    previous: str
    hash: str
    row_seal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReadingRow:
    """What the system's clock has shown: the moment at which the service would have begun to run, by that clock.

    seen_s: how long the service had run, in all its life, when the clock last showed so. entry: the audit's newest
    entry then, 0 for none.
    """

    zero_at: datetime
    seen_s: float
    entry: int
