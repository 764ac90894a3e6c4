"""The tables and views, as numbered steps that each file goes through once.

A released step is never changed: a change is a new step at the end. Names are plain and answers sealed, so that the
file can be opened with Datasette or sqlite-utils and read by people.
"""

from __future__ import annotations

import json
from typing import Final

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from formengine.store.protocol import StoreError

STEPS: Final = Migrations("formengine")

_Columns = dict[str, type]


@STEPS(name="0001_tables")
def _tables(db: Database) -> None:
    _people(db)
    _filling(db)
    _sending(db)
    _table(
        db,
        "audit",
        {
            "seq": int, "at": str, "actor": str, "action": str, "subject": str, "fields": str, "previous": str,
            "hash": str,
        },
        pk="seq",
    )  # fmt: skip
    _table(db, "canaries", {"key_id": str, "sealed": bytes}, pk="key_id")


def _people(db: Database) -> None:
    _table(
        db,
        "accounts",
        {
            "id": str, "email_index": str, "role": str, "status": str, "data_key": bytes, "profile": bytes,
            "password_hash": str, "totp": bytes, "created_at": str,
        },
        optional={"totp"},
    )  # fmt: skip
    # A closed account's address is free for a new one.
    db.execute("CREATE UNIQUE INDEX accounts_by_email ON accounts (email_index) WHERE status <> 'closed'")
    _table(
        db,
        "sessions",
        {
            "token_hash": str, "account": str, "stage": str, "facts": str, "created_at": str, "seen_at": str,
            "ends_at": str,
        },
        pk="token_hash",
        optional={"account"},
        foreign_keys=[("account", "accounts", "id")],
    )  # fmt: skip
    db.execute("CREATE INDEX sessions_by_account ON sessions (account) WHERE account IS NOT NULL")
    _table(
        db,
        "codes",
        {
            "id": str, "owner": str, "purpose": str, "code_hash": str, "bound_to": str, "attempts": int,
            "created_at": str, "ends_at": str,
        },
    )  # fmt: skip
    db.execute("CREATE UNIQUE INDEX codes_by_owner ON codes (owner, purpose)")
    db.execute("CREATE INDEX codes_by_hash ON codes (code_hash)")
    _table(
        db, "counters", {"key": str, "window_s": int, "starts_s": int, "count": int}, pk=("key", "window_s")
    )
    _table(db, "spent", {"key": str, "until": str}, pk="key")


def _filling(db: Database) -> None:
    _table(
        db,
        "definitions",
        {"digest": str, "form": str, "version": str, "packed": str, "kept_at": str},
        pk="digest",
    )
    _table(
        db,
        "drafts",
        {
            "id": str, "form": str, "digest": str, "account": str, "holder": str, "rev": int, "status": str,
            "urgent": int, "data_key": bytes, "answers": bytes, "place": str, "shown": str, "link_hash": str,
            "started_at": str, "saved_at": str,
        },
        optional={"account", "holder"},
        foreign_keys=[("digest", "definitions", "digest"), ("account", "accounts", "id")],
    )  # fmt: skip
    db.execute("CREATE INDEX drafts_by_account ON drafts (account) WHERE account IS NOT NULL")
    db.execute("CREATE INDEX drafts_by_holder ON drafts (holder) WHERE holder IS NOT NULL")
    db.execute("CREATE UNIQUE INDEX drafts_by_link ON drafts (link_hash) WHERE link_hash <> ''")
    _table(
        db,
        "held_posts",
        {"id": str, "draft": str, "data_key": bytes, "body": bytes, "ends_at": str},
        foreign_keys=[("draft", "drafts", "id")],
    )
    db.execute("CREATE INDEX held_posts_by_draft ON held_posts (draft)")
    _table(
        db,
        "files",
        {
            "id": str, "draft": str, "field": str, "media_type": str, "size_bytes": int, "scan": str,
            "data_key": bytes, "name": bytes, "uploaded_at": str,
        },
        foreign_keys=[("draft", "drafts", "id")],
    )  # fmt: skip
    db.execute("CREATE INDEX files_by_draft ON files (draft)")
    db.execute("CREATE INDEX files_waiting ON files (uploaded_at) WHERE scan = 'waiting'")
    # Apart, so that a list of files never reads their contents.
    _table(
        db,
        "file_contents",
        {"file": str, "content": bytes},
        pk="file",
        foreign_keys=[("file", "files", "id")],
    )


def _sending(db: Database) -> None:
    _table(
        db,
        "submissions",
        {
            "id": str, "draft": str, "account": str, "holder": str, "reference": str, "form": str, "version": str,
            "digest": str, "urgency": str, "route": str, "data_key": bytes, "envelope": bytes, "submitted_at": str,
        },
        optional={"account", "holder"},
        foreign_keys=[
            ("draft", "drafts", "id"), ("account", "accounts", "id"), ("digest", "definitions", "digest"),
        ],
    )  # fmt: skip
    db.execute("CREATE UNIQUE INDEX submissions_by_draft ON submissions (draft)")
    db.execute("CREATE UNIQUE INDEX submissions_by_reference ON submissions (reference)")
    db.execute("CREATE INDEX submissions_by_account ON submissions (account) WHERE account IS NOT NULL")
    _table(
        db,
        "outbox",
        {
            "id": str, "submission": str, "channel": str, "status": str, "urgent": int, "attempts": int,
            "data_key": bytes, "payload": bytes, "created_at": str, "due_at": str, "lease": str,
            "lease_until": str, "sent_at": str, "fault": str,
        },
        optional={"submission", "lease_until", "sent_at"},
        foreign_keys=[("submission", "submissions", "id")],
    )  # fmt: skip
    # A submission is delivered, and its sender written to, once; mail without a submission may be many.
    db.execute("CREATE UNIQUE INDEX outbox_by_submission ON outbox (submission, channel)")
    db.execute("CREATE INDEX outbox_due ON outbox (channel, due_at) WHERE status = 'waiting'")


# What people may read, in the order of the view's columns: never sealed bytes, a hash, or a key.
VIEWS: Final = {
    "v_accounts": ("SELECT id, role, status, totp IS NOT NULL AS two_step, created_at FROM accounts"),
    "v_sessions": "SELECT account, stage, created_at, seen_at, ends_at FROM sessions",
    "v_drafts": (
        "SELECT id, form, account, status, urgent, rev, place, started_at, saved_at, "
        "(SELECT count(*) FROM files WHERE files.draft = drafts.id) AS files FROM drafts"
    ),
    "v_files": "SELECT id, draft, field, media_type, size_bytes, scan, uploaded_at FROM files",
    "v_submissions": (
        "SELECT reference, form, version, urgency, route, submitted_at, account, draft, "
        "(SELECT count(*) FROM files WHERE files.draft = submissions.draft) AS files, "
        "(SELECT group_concat(channel || ': ' || status, ', ') FROM outbox "
        "WHERE outbox.submission = submissions.id) AS sending FROM submissions"
    ),
    "v_outbox": (
        "SELECT id, submission, channel, status, urgent, attempts, fault, created_at, due_at, lease_until, sent_at "
        "FROM outbox"
    ),
    "v_audit": "SELECT seq, at, actor, action, subject, fields FROM audit",
}


@STEPS(name="0002_views")
def _views(db: Database) -> None:
    for name, question in VIEWS.items():
        db.create_view(name, question)


@STEPS(name="0003_warnings")
def _warnings(db: Database) -> None:
    """When the owner of a draft was warned that it will be destroyed, since nobody saves it."""
    db.execute("ALTER TABLE drafts ADD COLUMN warned_at TEXT")
    # By the one moment of an open draft that no save changes: saving writes no index.
    db.execute("CREATE INDEX drafts_by_start ON drafts (started_at) WHERE status = 'open'")


@STEPS(name="0004_list_of_submissions")
def _list_of_submissions(db: Database) -> None:
    """An index of what a list of submissions shows, in its order, so that no row with its envelope is read for it."""
    db.execute("CREATE INDEX submissions_listed ON submissions (submitted_at, id, form, reference, urgency)")


@STEPS(name="0005_recovery_codes")
def _recovery_codes(db: Database) -> None:
    """Hashes of the codes by which somebody without their authenticator app signs in."""
    _table(
        db,
        "recovery_codes",
        {"account": str, "code_hash": str},
        pk=("account", "code_hash"),
        foreign_keys=[("account", "accounts", "id")],
    )


# The addresses of version 0.1 that a session remembered as where to go on, and what its pages are called since then.
_PATHS_OF_0_1: Final = {
    "/hub": "hub",
    "/my-forms": "my_forms",
    "/continue": "import_pdf",
    "/account/register": "register",
    "/account": "account",
    "/account/details": "account_details",
    "/account/email": "account_email",
    "/account/email/code": "account_email_code",
    "/account/password": "account_password",
    "/account/two-step": "account_two_step",
    "/account/recovery-codes": "account_recovery_codes",
    "/account/sessions": "account_sessions",
    "/account/close": "account_close",
}
_IN_DRAFT_OF_0_1: Final = {
    "": "menu",
    "address-search": "address_search",
    "answers-pdf": "answers_pdf",
    "call-first": "call_first",
    "cancel": "cancel",
    "check-answers": "check_answers",
    "close": "close",
    "conflict": "conflict",
    "create-pdf": "create_pdf",
    "exit": "exit",
    "files": "files",
    "keep-alive": "keep_alive",
    "print": "print",
    "save-for-later": "save_for_later",
    "sent": "sent",
    "timed-out": "timed_out",
}


@STEPS(name="0006_no_addresses")
def _no_addresses(db: Database) -> None:
    """Steps of drafts and destinations of sessions by what they are, in place of words from the web's addresses."""
    db.execute("ALTER TABLE drafts RENAME COLUMN place TO step")
    # Ids hold no hyphen, so that "page-" is the web's. Nobody stands where an item is to be removed: at the item.
    db.execute(
        "UPDATE drafts SET step = CASE WHEN step = 'check-answers' THEN 'check answers' "
        "WHEN step LIKE 'page-%' THEN substr(step, 6) "
        "WHEN step LIKE '%.remove' THEN substr(step, 1, length(step) - 7) ELSE step END "
        "WHERE step LIKE '%-%' OR step LIKE '%.remove'"
    )
    for token_hash, text in db.execute("SELECT token_hash, facts FROM sessions").fetchall():
        facts = json.loads(text)
        kept = {name: fact for name, fact in facts.items() if name not in {"next", "then"}}
        for name in ("next", "then"):
            kept |= _destination_of_0_1(name, facts.get(name, ""))
        if kept != facts:
            changed = json.dumps(kept, ensure_ascii=False)
            db.execute("UPDATE sessions SET facts = ? WHERE token_hash = ?", (changed, token_hash))


def _destination_of_0_1(name: str, path: str) -> dict[str, str]:
    """The facts that stand for a path; none for a path that 0.1 did not remember."""
    if path in _PATHS_OF_0_1:
        return {f"{name}_page": _PATHS_OF_0_1[path]}
    draft, slash, at = path.removeprefix("/drafts/").partition("/")
    if not path.startswith("/drafts/") or not slash:
        return {}
    page = _IN_DRAFT_OF_0_1.get(at, "")
    if at.endswith(".remove"):
        page, at = "remove", at.removesuffix(".remove")
    elif page:
        at = ""
    elif at.startswith("page-"):
        at = at.removeprefix("page-")
    found = {f"{name}_page": page, f"{name}_draft": draft, f"{name}_step": at}
    return {part: text for part, text in found.items() if text}


@STEPS(name="0007_steady_clock")
def _steady_clock(db: Database) -> None:
    """What the system's clock has shown, and which drafts are marked before they are destroyed."""
    _table(db, "clock_readings", {"zero_at": str, "seen_s": float, "entry": int}, pk="zero_at")
    _table(
        db,
        "marked_drafts",
        {"draft": str, "marked_at": str, "running_s": float},
        pk="draft",
        foreign_keys=[("draft", "drafts", "id")],
    )


@STEPS(name="0008_outbox_by_age")
def _outbox_by_age(db: Database) -> None:
    """Whether e-mail can be sent at all is asked every few seconds, by programs that watch the service."""
    db.execute("CREATE INDEX outbox_by_age ON outbox (channel, created_at)")


@STEPS(name="0009_credentials")
def _credentials(db: Database) -> None:
    """What a session and a code count with, and how often that has changed; several codes of an owner at once.

    A row without a stamp is of before. It counts until the first change (`service/accounts/credentials.py`).
    """
    db.execute("ALTER TABLE accounts ADD COLUMN credentials_changed INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE accounts ADD COLUMN sessions_ended INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE sessions ADD COLUMN stamp TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE codes ADD COLUMN stamp TEXT NOT NULL DEFAULT ''")
    db.execute("DROP INDEX codes_by_owner")
    db.execute("CREATE UNIQUE INDEX codes_by_owner ON codes (owner, purpose, bound_to)")
    db.execute("DROP INDEX codes_by_hash")


@STEPS(name="0010_budgets")
def _budgets(db: Database) -> None:
    """Who wrote a held post, and an index for whatever the work beside requests asks, so that none walks a table."""
    db.execute("ALTER TABLE held_posts ADD COLUMN writer TEXT NOT NULL DEFAULT ''")
    db.execute(
        "UPDATE held_posts SET writer = coalesce("
        "(SELECT account FROM drafts WHERE drafts.id = held_posts.draft), '')"
    )
    db.execute("CREATE INDEX held_posts_by_end ON held_posts (ends_at)")
    # A moment from which on a draft may not have been saved: no save changes it, so that saving writes no index.
    db.execute("ALTER TABLE drafts ADD COLUMN quiet_since TEXT NOT NULL DEFAULT ''")
    db.execute(
        "UPDATE drafts SET quiet_since = CASE WHEN id IN (SELECT draft FROM marked_drafts) THEN '~' ELSE saved_at END "
        "WHERE status = 'open'"
    )
    db.execute("CREATE INDEX drafts_by_quiet ON drafts (quiet_since) WHERE status = 'open'")
    db.execute("DROP INDEX drafts_by_start")
    db.execute("CREATE INDEX marked_drafts_by_running ON marked_drafts (running_s)")
    db.execute("CREATE INDEX files_by_age ON files (uploaded_at, id, draft) WHERE scan <> 'not_taken'")
    db.execute("CREATE INDEX sessions_by_end ON sessions (ends_at)")
    db.execute("CREATE INDEX sessions_by_use ON sessions (seen_at)")
    db.execute("CREATE INDEX codes_by_end ON codes (ends_at)")
    db.execute("CREATE INDEX counters_by_end ON counters (starts_s + window_s)")
    db.execute("CREATE INDEX spent_by_end ON spent (until)")
    db.execute("CREATE INDEX accounts_unconfirmed ON accounts (created_at) WHERE status = 'unconfirmed'")
    # All that a list of somebody's submissions shows, in its order: no envelope is read for it.
    db.execute("DROP INDEX submissions_by_account")
    db.execute(
        "CREATE INDEX submissions_by_account ON submissions "
        "(account, submitted_at, id, draft, reference, form, digest, urgency) WHERE account IS NOT NULL"
    )


@STEPS(name="0011_row_seals")
def _row_seals(db: Database) -> None:
    """A seal over what a row says beside its sealed answers, in the row and in the audit; and the word of a link."""
    for table in ("drafts", "submissions"):
        db.execute(f"ALTER TABLE {table} ADD COLUMN seal TEXT NOT NULL DEFAULT ''")
        # Empty but for the first start after this step, which seals every row.
        db.execute(f"CREATE INDEX {table}_without_seal ON {table} (id) WHERE seal = ''")
    db.execute("ALTER TABLE drafts ADD COLUMN link_word TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE audit ADD COLUMN row_seal TEXT NOT NULL DEFAULT ''")
    db.execute("CREATE INDEX audit_by_row ON audit (subject, seq) WHERE row_seal <> ''")


@STEPS(name="0012_cases")
def _cases(db: Database) -> None:
    """What becomes of submissions: cases, what happened to each, what staff have typed, and who may do what."""
    _table(
        db,
        "cases",
        {
            "submission": str, "reference": str, "form": str, "digest": str, "stage": str, "rev": int, "urgent": int,
            "route": str, "mailbox": str, "begun_at": str, "since": str, "due_at": str, "assignee": str,
            "assigned_until": str, "ended_at": str, "outcome": str,
        },
        pk="submission",
        optional={"assignee", "assigned_until", "ended_at"},
        foreign_keys=[
            ("submission", "submissions", "id"), ("digest", "definitions", "digest"), ("assignee", "accounts", "id"),
        ],
    )  # fmt: skip
    db.execute("CREATE UNIQUE INDEX cases_by_reference ON cases (reference)")
    # In the order of the queue.
    db.execute("CREATE INDEX cases_open ON cases (form, stage, urgent DESC, since) WHERE ended_at IS NULL")
    db.execute("CREATE INDEX cases_ended ON cases (form, ended_at) WHERE ended_at IS NOT NULL")
    _table(
        db,
        "case_events",
        {
            "id": str, "submission": str, "seq": int, "at": str, "actor": str, "kind": str, "stage": str, "move": str,
            "led_to": str, "outcome": str, "data_key": bytes, "kept": bytes,
        },
        foreign_keys=[("submission", "cases", "submission")],
    )  # fmt: skip
    db.execute("CREATE UNIQUE INDEX case_events_in_order ON case_events (submission, seq)")
    _table(
        db,
        "case_work",
        {
            "id": str, "submission": str, "account": str, "stage": str, "data_key": bytes, "answers": bytes,
            "saved_at": str,
        },
        foreign_keys=[("submission", "cases", "submission"), ("account", "accounts", "id")],
    )  # fmt: skip
    db.execute("CREATE UNIQUE INDEX case_work_by_account ON case_work (submission, account)")
    _table(
        db,
        "staff_roles",
        {"account": str, "form": str, "role": str, "route": str},
        pk=("account", "form", "role", "route"),
        foreign_keys=[("account", "accounts", "id")],
    )
    for name, question in VIEWS_OF_CASES.items():
        db.create_view(name, question)


# As `VIEWS`.
VIEWS_OF_CASES: Final = {
    "v_cases": (
        "SELECT reference, form, stage, urgent, route, mailbox, begun_at, since, due_at, assignee, ended_at, outcome "
        "FROM cases"
    ),
    "v_case_events": (
        "SELECT reference, seq, at, actor, kind, case_events.stage, move, led_to, case_events.outcome "
        "FROM case_events JOIN cases USING (submission)"
    ),
}


@STEPS(name="0013_publications")
def _publications(db: Database) -> None:
    """What was published, by whom and why, and the texts that are being changed."""
    _table(
        db,
        "publications",
        {
            "seq": int, "kind": str, "name": str, "number": int, "version": str, "digest": str, "from_at": str,
            "published_at": str, "account": str, "origin": int, "reason": str,
        },
        pk="seq",
        optional={"from_at"},
        foreign_keys=[("digest", "definitions", "digest")],
    )  # fmt: skip
    db.execute("CREATE UNIQUE INDEX publications_by_number ON publications (kind, name, number)")
    _table(
        db,
        "working_copies",
        {
            "kind": str, "name": str, "rev": int, "status": str, "base": str, "texts": str, "account": str,
            "saved_at": str,
        },
        pk=("kind", "name", "rev"),
    )  # fmt: skip
    db.create_view(
        "v_publications",
        "SELECT seq, kind, name, number, version, from_at, published_at, account, reason FROM publications",
    )
    db.create_view(
        "v_working_copies", "SELECT kind, name, rev, status, account, saved_at FROM working_copies"
    )


@STEPS(name="0016_reviews")
def _reviews(db: Database) -> None:
    """Who changed a form, asked for a review and approved it, and whether a publication was approved."""
    db.execute("ALTER TABLE publications ADD COLUMN approved_by TEXT NOT NULL DEFAULT ''")
    _table(
        db,
        "reviews",
        {
            "kind": str, "name": str, "seq": int, "event": str, "digest": str, "place": str, "account": str,
            "at": str, "note": str,
        },
        pk=("kind", "name", "seq"),
    )  # fmt: skip
    db.create_view(
        "v_reviews", "SELECT kind, name, seq, event, digest, place, account, at, note FROM reviews"
    )


def migrate(db: Database) -> list[str]:
    """Apply the steps that are missing; returns the names of all. Raises `StoreError` where the file has a later one.

    Runs inside the caller's transaction, so that two processes that start together do not both begin.
    """
    missing, applied = [step.name for step in STEPS.pending(db)], applied_steps(db)
    if missing:
        STEPS.apply(db)
    return applied + missing


def applied_steps(db: Database) -> list[str]:
    """The names of the steps that the file has gone through. Raises `StoreError` where it has a later one than ours."""
    applied = [step.name for step in STEPS.applied(db)]
    unknown = sorted(set(applied) - set(step_names()))
    if unknown:
        raise StoreError(
            f"The store was made by a newer formengine: its step {unknown[-1]} is not known here", "newer"
        )
    return applied


def step_names() -> list[str]:
    """The names of all steps, in order."""
    with_nothing = Database(memory=True)
    try:
        return [step.name for step in STEPS.pending(with_nothing)]
    finally:
        with_nothing.close()


def _table(
    db: Database,
    name: str,
    columns: _Columns,
    *,
    pk: str | tuple[str, ...] = "id",
    optional: set[str] | frozenset[str] = frozenset(),
    foreign_keys: list[tuple[str, str, str]] | None = None,
) -> None:
    """Create a STRICT table in which only the optional columns may be NULL."""
    db.table(name).create(
        columns,
        pk=pk,
        not_null=[column for column in columns if column not in optional],
        foreign_keys=foreign_keys,
        strict=True,
    )
