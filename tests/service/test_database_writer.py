"""Somebody who can write to the database and has no key: each attack by plain SQL, and who finds it.

The rows are changed as such a person would, beside the service. What they try is refused when the row is opened, or
found by `formengine doctor` and `formengine audit verify`.
"""
# ruff: noqa: S608 - statements of the test's own

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from formengine.engine import Engine
from formengine.service import audit
from formengine.service.accounts.sessions import Sessions
from formengine.service.audit_heads import AuditHeads, HeadFileError, last_head
from formengine.service.context import ServiceContext
from formengine.service.crypto.envelope import SealError
from formengine.service.crypto.keyring import Keyring
from formengine.service.drafts.drafts import Draft, Drafts
from formengine.service.files.file_types import CheckedFile
from formengine.service.files.refusals import Refusal
from formengine.service.files.uploads import Uploads
from formengine.service.mail.outbox import DemoMailbox, Letters
from formengine.service.rate_limits import RateLimits
from formengine.service.row_seals import altered_rows, seal_older_rows
from formengine.service.settings import Settings
from formengine.service.submissions.submissions import Submissions
from formengine.store.sqlite import SqliteStore
from tests.service.test_submissions import ALLOTMENT
from tests.support.sending import add_account
from tests.support.service_app import MovableClock
from tests.support.service_parts import ABOUT
from tests.support.upload_files import pdf

pytestmark = pytest.mark.slow

EXAMPLES = Path("examples").resolve()


@dataclass
class Victim:
    """A service on a file, and the same file in the hands of somebody without a key."""

    path: Path
    clock: MovableClock
    context: ServiceContext

    @property
    def drafts(self) -> Drafts:
        return Drafts(self.context, Engine(folders=(EXAMPLES,)))

    def begin(self, account: str | None = "ada", holder: str = "a session") -> Draft:
        return self.drafts.start("allotment-waiting-list", account=account, holder=holder, answers=ALLOTMENT)

    def save(self, draft: Draft, **answers: str) -> Draft:
        """The draft, saved with other answers."""
        return self.drafts.save(draft, {**draft.answers, **answers}, step="", shown=(), urgent=False)

    def sql(self, sql: str, *values: Any) -> list[Any]:
        """What the writer does, in a connection of their own."""
        with closing(sqlite3.connect(self.path)) as connection:
            found = connection.execute(sql, values).fetchall()
            connection.commit()
        return found

    def row_of(self, draft: Draft) -> dict[str, Any]:
        """A copy of the draft's whole row."""
        names = [row[1] for row in self.sql("PRAGMA table_info(drafts)")]
        (values,) = self.sql(f"SELECT {', '.join(names)} FROM drafts WHERE id = ?", draft.id)
        return dict(zip(names, values, strict=True))

    def put_back(self, row: dict[str, Any]) -> None:
        """The copy, in place of what is there."""
        self.sql(
            f"UPDATE drafts SET {', '.join(f'{name} = ?' for name in row)} WHERE id = ?",
            *row.values(),
            row["id"],
        )

    def altered(self) -> list[str]:
        return list(altered_rows(self.context.store, self.context.keys))

    def audit_problem(self) -> str:
        return audit.verify(audit.entries(self.context.store), self.context.keys).problem


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Victim]:
    clock = MovableClock()
    context = ServiceContext(
        SqliteStore(tmp_path / "store.sqlite3"), Keyring.new(), clock, monotonic=clock.monotonic
    )
    add_account(context, "ada")
    add_account(context, "mallory")
    yield Victim(tmp_path / "store.sqlite3", clock, context)
    context.store.close()


def test_a_service_that_nobody_touched_has_nothing_altered(victim: Victim) -> None:
    draft = victim.save(victim.begin(), first_name="Bo")
    victim.drafts.cancel(victim.begin())
    Submissions(victim.context, victim.drafts).submit(victim.begin(), rev=1)
    assert victim.altered() == []
    assert victim.audit_problem() == ""
    assert victim.drafts.open(draft.id, account="ada", holder=None) == draft


def test_a_draft_moved_to_another_account_opens_to_nobody_and_is_named(victim: Victim) -> None:
    draft = victim.begin()
    victim.sql("UPDATE drafts SET account = 'mallory' WHERE id = ?", draft.id)
    with pytest.raises(SealError, match="was altered"):
        victim.drafts.find(draft.id, account="mallory", holder=None)
    assert victim.drafts.find(draft.id, account="ada", holder=None) is None
    assert victim.altered() == [
        f"Draft {draft.id} was altered: its owner, status, revision or answers are not what was stored"
    ]


@pytest.mark.parametrize(
    "change",
    [
        "account = NULL, holder = 'a session'",
        "status = 'submitted'",
        "rev = 7",
        "form = 'other'",
        "urgent = 1",
        "link_hash = 'known'",
        "answers = x'00'",
        "seal = ''",
    ],
)
def test_no_part_of_a_row_can_be_changed_without_its_showing(victim: Victim, change: str) -> None:
    draft = victim.begin()
    victim.sql(f"UPDATE drafts SET {change} WHERE id = ?", draft.id)
    account, holder = (None, "a session") if change.startswith("account") else ("ada", None)
    with pytest.raises(SealError):
        victim.drafts.open(draft.id, account=account, holder=holder)
    assert len(victim.altered()) == 1
    assert draft.id in victim.altered()[0]


def test_older_answers_put_back_under_the_newest_revision_do_not_open(victim: Victim) -> None:
    draft = victim.begin()
    older = victim.row_of(draft)["answers"]
    victim.save(draft, first_name="Bo")
    victim.sql("UPDATE drafts SET answers = ? WHERE id = ?", older, draft.id)
    with pytest.raises(SealError):
        victim.drafts.open(draft.id, account="ada", holder=None)
    assert len(victim.altered()) == 1


def test_a_whole_older_row_put_back_is_found_by_the_audit(victim: Victim) -> None:
    draft = victim.begin()
    older = victim.row_of(draft)
    victim.save(draft, first_name="Bo")
    victim.put_back(older)
    assert victim.drafts.open(draft.id, account="ada", holder=None) is not None
    assert victim.altered() == [
        f"Draft {draft.id} is not as its newest entry in the audit left it: an older row was put back"
    ]


@pytest.mark.parametrize("ending", ["cancelled", "submitted", "claimed", "given to a new session"])
def test_a_row_from_before_its_end_or_its_handing_over_is_found(victim: Victim, ending: str) -> None:
    sessions = Sessions(victim.context)
    token, session = sessions.start()
    ends = ending in {"cancelled", "submitted"}
    draft = victim.begin() if ends else victim.begin(account=None, holder=session.token_hash)
    older = victim.row_of(draft)
    if ending == "cancelled":
        victim.drafts.cancel(draft)
    elif ending == "submitted":
        Submissions(victim.context, victim.drafts).submit(draft, rev=1)
    elif ending == "claimed":
        sessions.renew(token, account="mallory", stage="signed_in")
    else:
        sessions.renew(token)
    assert victim.altered() == []
    victim.put_back(older)
    assert victim.altered() == [
        f"Draft {draft.id} is not as its newest entry in the audit left it: an older row was put back"
    ]


def test_a_change_by_the_service_makes_no_altered_row_sound(victim: Victim) -> None:
    token, session = Sessions(victim.context).start()
    draft = victim.begin(account=None, holder="somebody else's session")
    victim.sql("UPDATE drafts SET holder = ? WHERE id = ?", session.token_hash, draft.id)
    _, renewed = Sessions(victim.context).renew(token, account="mallory", stage="signed_in")
    assert renewed.account == "mallory"
    with pytest.raises(SealError):
        victim.drafts.open(draft.id, account="mallory", holder=None)
    assert len(victim.altered()) == 1


def test_a_draft_that_was_deleted_is_named(victim: Victim) -> None:
    draft = victim.begin()
    victim.sql("DELETE FROM drafts WHERE id = ?", draft.id)
    assert victim.altered() == [f"{draft.id}, a draft or a submission that the audit names, is gone"]


def test_a_file_moved_to_another_draft_does_not_open_there(victim: Victim) -> None:
    own, others = victim.begin("mallory"), victim.begin()
    uploads = Uploads(victim.context, RateLimits(victim.context), scans=False)
    kept = uploads._keep(others, "attachment", CheckedFile("plan.pdf", "application/pdf", pdf()))
    assert not isinstance(kept, Refusal)
    assert uploads.content(others.id, kept.id) == pdf()
    victim.sql("UPDATE files SET draft = ? WHERE id = ?", own.id, kept.id)
    with pytest.raises(SealError):
        uploads.content(own.id, kept.id)
    with pytest.raises(SealError):
        uploads.of_draft(own.id)


def test_a_held_post_moved_to_another_draft_does_not_open_there(victim: Victim) -> None:
    own, others = victim.begin("mallory"), victim.begin()
    post = victim.drafts.hold(others.id, {"name": "Bo"}, writer="")
    assert post is not None
    victim.sql("UPDATE held_posts SET draft = ? WHERE id = ?", own.id, post)
    with pytest.raises(SealError):
        victim.drafts.held(post, own)


@pytest.mark.parametrize(
    "change", ["draft = ?1", "reference = 'ALL-0000-0000-0'", "urgency = 'urgent'", "seal = ''"]
)
def test_a_submission_that_was_altered_opens_to_nobody_and_is_named(victim: Victim, change: str) -> None:
    submissions = Submissions(victim.context, victim.drafts)
    sent, own = victim.begin(), victim.begin("mallory")
    receipt = submissions.submit(sent, rev=1)
    victim.sql(f"UPDATE submissions SET {change} WHERE id = ?2", own.id, receipt.submission)
    account, draft = ("mallory", own) if change.startswith("draft") else ("ada", sent)
    with pytest.raises(SealError):
        submissions.sent(draft.id, account=account, holder=None)
    assert victim.altered() == [
        f"Submission {receipt.submission} was altered: its owner, status, revision or answers are not what was stored"
    ]


def test_a_submission_that_was_deleted_with_its_draft_put_back_is_found_twice(victim: Victim) -> None:
    draft = victim.begin()
    older = victim.row_of(draft)
    receipt = Submissions(victim.context, victim.drafts).submit(draft, rev=1)
    victim.sql("DELETE FROM submissions WHERE id = ?", receipt.submission)
    victim.put_back(older)
    assert victim.altered() == [
        f"Draft {draft.id} is not as its newest entry in the audit left it: an older row was put back",
        f"{receipt.submission}, a draft or a submission that the audit names, is gone",
    ]


# --- the audit --------------------------------------------------------------------------------------------------------


def test_an_older_row_with_the_audits_end_cut_off_shows_by_a_head_kept_elsewhere(victim: Victim) -> None:
    draft = victim.begin()
    older, before = victim.row_of(draft), victim.sql("SELECT max(seq) FROM audit")[0][0]
    victim.save(draft, first_name="Bo")
    kept = audit.verify(audit.entries(victim.context.store), victim.context.keys).head
    victim.put_back(older)
    victim.sql("DELETE FROM audit WHERE seq > ?", before)
    assert (victim.altered(), victim.audit_problem()) == ([], "")
    verdict = audit.verify(audit.entries(victim.context.store), victim.context.keys, expected=kept)
    assert verdict.problem == f"The chain ends at entry {before}; entry {kept.seq} and what followed is gone"


def test_the_seal_in_an_entry_cannot_be_altered(victim: Victim) -> None:
    victim.begin()
    victim.sql("UPDATE audit SET row_seal = 'other' WHERE action = 'draft.started'")
    assert victim.audit_problem().endswith("was altered")


def test_a_service_that_runs_logs_that_the_end_was_cut_off(
    victim: Victim, capsys: pytest.CaptureFixture[str]
) -> None:
    heads = AuditHeads(victim.context, Settings())
    victim.begin()
    assert heads.watch()
    victim.begin()
    assert heads.watch()
    victim.sql("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)")
    victim.begin()
    capsys.readouterr()
    assert not heads.watch()
    assert '"event": "audit_cut"' in capsys.readouterr().err
    assert heads.watch()


def test_a_service_that_starts_again_compares_with_the_last_head_that_was_kept(
    victim: Victim, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(audit_head_file=tmp_path / "heads")
    victim.begin()
    AuditHeads(victim.context, settings).send()
    assert AuditHeads(victim.context, settings).watch()
    victim.sql("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)")
    capsys.readouterr()
    assert not AuditHeads(victim.context, settings).watch()
    assert '"event": "audit_cut"' in capsys.readouterr().err
    (tmp_path / "heads").write_text("nothing\n", encoding="utf-8")
    assert AuditHeads(victim.context, settings).watch()
    assert '"event": "head_file_unreadable"' in capsys.readouterr().err


def test_the_head_leaves_the_machine_once_a_day(victim: Victim, tmp_path: Path) -> None:
    path = tmp_path / "heads"
    settings = Settings(audit_head_file=path, audit_head_mail="audit@example.org")
    heads = AuditHeads(victim.context, settings)
    assert not heads.send()
    victim.begin()
    assert heads.send()
    first = audit.verify(audit.entries(victim.context.store), victim.context.keys).head
    assert not heads.send()
    victim.clock.move(days=1)
    victim.begin()
    assert heads.send()
    (one, two) = path.read_text(encoding="utf-8").splitlines()
    assert one == f"2026-11-24T10:00:00Z {first}"
    assert last_head(path) == audit.verify(audit.entries(victim.context.store), victim.context.keys).head
    newest, oldest = DemoMailbox(victim.context, Letters(victim.context, ABOUT)).newest(9)
    assert newest.to == "audit@example.org"
    assert str(last_head(path)) in newest.email.text
    assert str(first) in oldest.email.text
    assert two.endswith(str(last_head(path)))
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_head_that_cannot_be_written_is_tried_again(victim: Victim, tmp_path: Path) -> None:
    victim.begin()
    heads = AuditHeads(victim.context, Settings(audit_head_file=tmp_path / "away" / "heads"))
    with pytest.raises(OSError, match="No such file"):
        heads.send()
    (tmp_path / "away").mkdir()
    assert heads.send()


def test_a_file_of_heads_that_was_cut_short_gives_its_last_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "heads"
    path.write_text(f"2026-11-24T10:00:00Z 7:{'a' * 64}\n2026-11-25T10:00:00Z 9:aaa", encoding="utf-8")
    assert last_head(path) == audit.Head(7, "a" * 64)
    path.write_text("", encoding="utf-8")
    with pytest.raises(HeadFileError, match="does not end in a head"):
        last_head(path)
    with pytest.raises(HeadFileError, match="cannot be read"):
        last_head(tmp_path / "none")


# --- rows of version 0.1 ----------------------------------------------------------------------------------------------


def test_rows_from_before_rows_had_seals_get_one_once(victim: Victim) -> None:
    draft = victim.begin()
    receipt = Submissions(victim.context, victim.drafts).submit(victim.begin(), rev=1)
    as_before(victim)
    assert victim.altered() == []
    assert seal_older_rows(victim.context) == 3
    assert seal_older_rows(victim.context) == 0
    assert victim.altered() == []
    assert victim.drafts.open(draft.id, account="ada", holder=None) == draft
    with victim.context.store.read() as tx:
        assert tx.submissions.get(receipt.submission) is not None


def test_taking_a_seal_away_does_not_get_the_row_sealed_again(victim: Victim) -> None:
    draft = victim.begin()
    victim.sql("UPDATE drafts SET account = 'mallory', seal = '' WHERE id = ?", draft.id)
    assert seal_older_rows(victim.context) == 0
    with pytest.raises(SealError):
        victim.drafts.find(draft.id, account="mallory", holder=None)
    assert len(victim.altered()) == 1


def as_before(victim: Victim) -> None:
    """The store as version 0.1 left it: no row has a seal, and no entry."""
    victim.sql("UPDATE drafts SET seal = ''")
    victim.sql("UPDATE submissions SET seal = ''")
    victim.sql("DELETE FROM audit")
