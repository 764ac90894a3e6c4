"""Rows of each kind, of invented people, for tests of stores; every part can be named otherwise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from formengine.store.protocol import Store
from formengine.store.rows import (
    AccountRow,
    AuditRow,
    CaseEventRow,
    CaseRow,
    CaseWorkRow,
    CodeRow,
    DefinitionRow,
    DraftRow,
    FileRow,
    HeldPostRow,
    OutboxRow,
    PublicationRow,
    ReviewEventRow,
    SessionRow,
    SubmissionRow,
    WorkingCopyRow,
)

NOW = datetime(2026, 11, 22, 9, 30, 15, 250_000, tzinfo=UTC)
HOUR = timedelta(hours=1)


def an_account(id: str = "ada", **other: Any) -> AccountRow:  # noqa: A002 - the row's own name
    return AccountRow(
        **{
            "id": id,
            "email_index": f"index of {id}",
            "role": "applicant",
            "status": "open",
            "data_key": b"k0000001 wrapped",
            "profile": b"sealed profile",
            "password_hash": "$argon2id$",
            "created_at": NOW,
            **other,
        }
    )


def a_session(token_hash: str = "token", **other: Any) -> SessionRow:  # noqa: S107 - a name, no secret
    return SessionRow(
        **{
            "token_hash": token_hash,
            "account": None,
            "stage": "visitor",
            "facts": {"next_page": "hub"},
            "created_at": NOW,
            "seen_at": NOW,
            "ends_at": NOW + 8 * HOUR,
            **other,
        }
    )


def a_code(id: str = "code", **other: Any) -> CodeRow:  # noqa: A002 - the row's own name
    return CodeRow(
        **{
            "id": id,
            "owner": "ada",
            "purpose": "sign_in",
            "code_hash": f"hash of {id}",
            "bound_to": "",
            "attempts": 0,
            "created_at": NOW,
            "ends_at": NOW + timedelta(minutes=10),
            **other,
        }
    )


def a_definition(digest: str = "digest", **other: Any) -> DefinitionRow:
    return DefinitionRow(
        **{"digest": digest, "form": "referral", "version": "1", "packed": "{}", "kept_at": NOW, **other}
    )


def a_publication(seq: int = 1, **other: Any) -> PublicationRow:
    return PublicationRow(
        **{
            "seq": seq,
            "kind": "form",
            "name": "referral",
            "number": seq,
            "version": "1",
            "digest": "digest",
            "from_at": None,
            "published_at": NOW,
            "account": "ada",
            "origin": 0,
            "reason": "A question was unclear",
            **other,
        }
    )


def a_working_copy(rev: int = 1, **other: Any) -> WorkingCopyRow:
    return WorkingCopyRow(
        **{
            "kind": "form",
            "name": "referral",
            "rev": rev,
            "status": "open",
            "base": "digest",
            "texts": {"referral/form.yaml": "form: referral\n", "lists/towns.yaml": "list: [\n"},
            "account": "ada",
            "saved_at": NOW,
            **other,
        }
    )


def a_review_event(seq: int = 1, **other: Any) -> ReviewEventRow:
    return ReviewEventRow(
        **{
            "kind": "form",
            "name": "referral",
            "seq": seq,
            "event": "commented",
            "digest": "digest",
            "place": "child.first_name",
            "account": "ada",
            "at": NOW,
            "note": "Is this needed?",
            **other,
        }
    )


def a_draft(id: str = "draft", **other: Any) -> DraftRow:  # noqa: A002 - the row's own name
    return DraftRow(
        **{
            "id": id,
            "form": "referral",
            "digest": "digest",
            "account": None,
            "holder": "session",
            "rev": 1,
            "status": "open",
            "urgent": False,
            "data_key": b"k0000001 wrapped",
            "answers": b"sealed answers",
            "step": "about_you",
            "shown": ("about_you",),
            "started_at": NOW,
            "saved_at": NOW,
            **other,
        }
    )


def a_held_post(id: str = "held", **other: Any) -> HeldPostRow:  # noqa: A002 - the row's own name
    return HeldPostRow(
        **{
            "id": id,
            "draft": "draft",
            "writer": "",
            "data_key": b"k0000001 wrapped",
            "body": b"sealed body",
            "ends_at": NOW + HOUR,
            **other,
        }
    )


def a_file(id: str = "file", **other: Any) -> FileRow:  # noqa: A002 - the row's own name
    return FileRow(
        **{
            "id": id,
            "draft": "draft",
            "field": "documents",
            "media_type": "application/pdf",
            "size_bytes": 1234,
            "scan": "waiting",
            "data_key": b"k0000001 wrapped",
            "name": b"sealed name",
            "uploaded_at": NOW,
            **other,
        }
    )


def a_submission(id: str = "sent", **other: Any) -> SubmissionRow:  # noqa: A002 - the row's own name
    return SubmissionRow(
        **{
            "id": id,
            "draft": "draft",
            "account": None,
            "holder": "session",
            "reference": f"REF-{id}",
            "form": "referral",
            "version": "1",
            "digest": "digest",
            "urgency": "standard",
            "route": "front_door",
            "data_key": b"k0000001 wrapped",
            "envelope": b"sealed envelope",
            "submitted_at": NOW,
            **other,
        }
    )


def an_outbox_row(id: str = "mail", **other: Any) -> OutboxRow:  # noqa: A002 - the row's own name
    return OutboxRow(
        **{
            "id": id,
            "submission": None,
            "channel": "email",
            "status": "waiting",
            "urgent": False,
            "attempts": 0,
            "data_key": b"k0000001 wrapped",
            "payload": b"sealed payload",
            "created_at": NOW,
            "due_at": NOW,
            **other,
        }
    )


def an_audit_row(seq: int = 1, **other: Any) -> AuditRow:
    return AuditRow(
        **{
            "seq": seq,
            "at": NOW,
            "actor": "visitor",
            "action": "draft.saved",
            "subject": "draft",
            "fields": ("first_name", "notes"),
            "previous": f"hash {seq - 1}",
            "hash": f"hash {seq}",
            **other,
        }
    )


def with_a_draft(store: Store, *drafts: str) -> None:
    """Keeps a definition, the account "ada" and these drafts of nobody's."""
    with store.write() as tx:
        tx.definitions.keep(a_definition())
        tx.accounts.add(an_account())
        for draft in drafts or ("draft",):
            tx.drafts.add(a_draft(draft))


def a_case(submission: str = "sent", **other: Any) -> CaseRow:
    return CaseRow(
        **{
            "submission": submission,
            "reference": f"REF-{submission}",
            "form": "referral",
            "digest": "digest",
            "stage": "screening",
            "rev": 1,
            "urgent": False,
            "route": "ashford",
            "mailbox": "front_door",
            "begun_at": NOW,
            "since": NOW,
            "due_at": NOW + 8 * HOUR,
            **other,
        }
    )


def a_case_event(id: str = "event", **other: Any) -> CaseEventRow:  # noqa: A002 - the row's own name
    return CaseEventRow(
        **{
            "id": id,
            "submission": "sent",
            "seq": 1,
            "at": NOW,
            "actor": "ada",
            "kind": "moved",
            "stage": "screening",
            "move": "advise",
            "outcome": "advice",
            "data_key": b"k0000001 wrapped",
            "kept": b"sealed reasons",
            **other,
        }
    )


def some_case_work(id: str = "work", **other: Any) -> CaseWorkRow:  # noqa: A002 - the row's own name
    return CaseWorkRow(
        **{
            "id": id,
            "submission": "sent",
            "account": "ada",
            "stage": "screening",
            "data_key": b"k0000001 wrapped",
            "answers": b"sealed answers",
            "saved_at": NOW,
            **other,
        }
    )
