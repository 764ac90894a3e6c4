"""Sending a form: once, whole, and only what counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from formengine.engine import Engine
from formengine.form.analysis.samples import sample_answers
from formengine.form.schema.envelope import submission_schema
from formengine.form.state import evaluate
from formengine.form.state.counted import fields_with_answers
from formengine.language.fields.stored_files import files_in
from formengine.service import audit
from formengine.service.context import ServiceContext
from formengine.service.crypto.keyring import Keyring
from formengine.service.drafts.drafts import Draft, Drafts
from formengine.service.submissions.submissions import FilesMissingError, NotCompleteError, Submissions
from formengine.store.protocol import StaleRevisionError
from formengine.store.rows import AccountRow, FileRow
from formengine.store.sqlite import SqliteStore

NOW = datetime(2026, 11, 22, 23, 30, 15, tzinfo=UTC)
EXAMPLES = Path(__file__).parents[2] / "examples"
FORMS = ("request-for-support", "early-help-notification", "allotment-waiting-list")
ALLOTMENT = {"full_name": "Ada Example", "email": "ada@example.com", "size": "half"}


def _account(context: ServiceContext, account: str) -> AccountRow:
    data_key = context.keys.new_data_key("accounts", account)
    profile = {"email": f"{account}@example.org"}
    return AccountRow(
        id=account,
        email_index=account,
        role="applicant",
        status="open",
        data_key=data_key,
        profile=context.keys.open_data_key(data_key, "accounts", account).seal_json("profile", profile),
        password_hash="",
        created_at=NOW,
    )


@dataclass
class Office:
    """The parts of a service that send, over one store in memory; accounts have the address `<id>@example.org`."""

    engine: Engine = field(default_factory=lambda: Engine(folders=(EXAMPLES,)))
    context: ServiceContext = field(
        default_factory=lambda: ServiceContext(SqliteStore(None), Keyring.new(), clock=lambda: NOW)
    )
    drafts: Drafts = field(init=False)
    submissions: Submissions = field(init=False)

    def __post_init__(self) -> None:
        self.drafts = Drafts(self.context, self.engine)
        self.submissions = Submissions(self.context, self.drafts)
        with self.context.store.write() as tx:
            for account in ("acc1", "acc2"):
                if tx.accounts.get(account) is None:
                    tx.accounts.add(_account(self.context, account))

    def draft(
        self, answers: Any, form: str = "allotment-waiting-list", account: str | None = "acc1"
    ) -> Draft:
        """A draft of somebody, a visitor where `account` is None."""
        return self.drafts.start(form, account=account, holder="h" * 64, answers=answers)

    def upload(self, draft: Draft, file: str, **changes: Any) -> None:
        """A file of the draft, kept."""
        row = FileRow(
            id=file,
            draft=draft.id,
            field="attachment",
            media_type="application/pdf",
            size_bytes=9,
            scan="clean",
            data_key=self.context.keys.new_data_key("files", file),
            name=b"sealed",
            uploaded_at=NOW,
        )
        with self.context.store.write() as tx:
            tx.files.add(replace(row, **changes), b"content")

    def send(self, answers: Any, **facts: Any) -> Any:
        """The receipt for these answers, all files that they name uploaded before."""
        draft = self.draft(answers, **facts)
        for file in self._files_named(draft):
            self.upload(draft, file)
        return self.submissions.submit(draft, rev=draft.rev)

    @staticmethod
    def _files_named(draft: Draft) -> set[str]:
        answered = [value for _, _, value in fields_with_answers(draft.form, draft.answers)]
        return {str(file["id"]) for value in answered for file in files_in(value)}

    def actions(self) -> list[str]:
        """What the audit says was done, in order."""
        with self.context.store.read() as tx:
            return [entry.action for entry in tx.audit.every()]

    def outbox(self, submission: str) -> dict[str, Any]:
        """What waits to be sent for the submission, opened, by channel."""
        with self.context.store.read() as tx:
            rows = tx.outbox.of_submission(submission)
        opened = {}
        for row in rows:
            key = self.context.keys.open_data_key(row.data_key, "outbox", row.id)
            opened[row.channel] = key.open_json("payload", row.payload)
        return opened


@pytest.fixture
def office() -> Iterator[Office]:
    made = Office()
    yield made
    made.context.store.close()


# --- one change ------------------------------------------------------------------------------------------------------


def test_sending_keeps_the_submission_the_outbox_and_the_audit_and_closes_the_draft(office: Office) -> None:
    draft = office.draft(ALLOTMENT)
    receipt = office.submissions.submit(draft, rev=draft.rev)
    with office.context.store.read() as tx:
        kept, closed = tx.submissions.by_draft(draft.id), tx.drafts.get(draft.id)
    assert kept is not None
    assert kept.reference == receipt.reference
    assert closed is not None
    assert (closed.status, closed.answers, closed.data_key) == ("submitted", b"", b"")
    assert set(office.outbox(receipt.submission)) == {"delivery", "email"}
    assert office.actions() == ["draft.started", "draft.submitted", "submission.sent"]
    with office.context.store.read() as tx:
        assert audit.verify(tx.audit.every(), office.context.keys).problem == ""


def test_a_failure_before_the_end_keeps_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = office.draft(ALLOTMENT)

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("no room for the audit")

    monkeypatch.setattr("formengine.service.submissions.submissions.note", fail)
    with pytest.raises(RuntimeError):
        office.submissions.submit(draft, rev=draft.rev)
    with office.context.store.read() as tx:
        assert tx.submissions.by_draft(draft.id) is None
        assert tx.outbox.newest("delivery", 10) == []
    again = office.drafts.open(draft.id, account="acc1", holder=None)
    assert again is not None
    assert again.answers == ALLOTMENT


def test_the_e_mail_holds_the_reference_and_a_link_and_no_answer(office: Office) -> None:
    receipt = office.send(ALLOTMENT)
    sent = office.outbox(receipt.submission)["email"]
    assert sent["to"] == "acc1@example.org"
    assert sent["facts"] == {
        "form": "Join the allotment waiting list",
        "reference": receipt.reference,
        "at": "22 November 2026 at 23:30",
    }


def test_a_visitor_without_account_gets_no_e_mail_since_no_address_of_theirs_is_proved(
    office: Office,
) -> None:
    receipt = office.send(ALLOTMENT, account=None)
    assert set(office.outbox(receipt.submission)) == {"delivery"}


def test_the_delivery_names_the_way_and_no_answer(office: Office) -> None:
    answers = _sample(office.engine, "early-help-notification")
    receipt = office.send(answers, form="early-help-notification")
    assert office.outbox(receipt.submission)["delivery"] == {
        "reference": receipt.reference,
        "form": "early-help-notification",
        "urgency": "standard",
        "route": answers["district"],
    }


# --- what is sent ----------------------------------------------------------------------------------------------------


def _sample(engine: Engine, form_id: str, seed: int = 3) -> Any:
    """Sample answers that can be sent."""
    path = engine.path_of(form_id)
    assert path is not None
    return sample_answers(engine.form(path), on=NOW.date(), seed=seed)


@pytest.mark.parametrize("form_id", FORMS)
@pytest.mark.parametrize("seed", range(5))
def test_what_is_sent_fits_the_schemas_of_the_envelope_and_of_the_form(
    office: Office, form_id: str, seed: int
) -> None:
    answers = _sample(office.engine, form_id, seed)
    receipt = office.send(answers, form=form_id)
    sent = office.submissions.export(receipt.reference, actor="system")
    assert sent is not None
    Draft202012Validator(submission_schema()).validate(sent.envelope)
    Draft202012Validator(office.engine.schema(sent.definition, NOW.date())).validate(sent.envelope["answers"])
    assert sent.envelope["reference"] == receipt.reference
    assert sent.state.complete
    assert dict(sent.state.answers) == sent.envelope["answers"]


def test_the_moment_and_the_day_are_those_of_the_form_s_own_country(office: Office) -> None:
    office.context = replace(office.context, clock=lambda: datetime(2026, 6, 30, 23, 30, 15, 999, tzinfo=UTC))
    office.__post_init__()
    receipt = office.send(ALLOTMENT)
    sent = office.submissions.export(receipt.reference, actor="system")
    assert sent is not None
    assert (sent.envelope["at"], sent.envelope["on"]) == ("2026-07-01T00:30:15+01:00", "2026-07-01")


def test_forged_answers_of_questions_that_do_not_count_are_not_sent(office: Office) -> None:
    forged = ALLOTMENT | {"supervised": "no", "helpers_count": 99, "queue": "Front of the queue"}
    sent = office.submissions.export(office.send(forged).reference, actor="system")
    assert sent is not None
    assert sent.envelope["answers"] == ALLOTMENT | {"queue": "Half plots"}


def test_what_was_sent_is_sealed(office: Office) -> None:
    receipt = office.send(ALLOTMENT)
    with office.context.store.read() as tx:
        row = tx.submissions.by_reference(receipt.reference)
    assert row is not None
    assert b"Ada" not in row.envelope
    assert b"Ada" not in row.data_key


def test_an_incomplete_form_is_not_sent_and_the_pages_to_go_back_to_are_named(office: Office) -> None:
    draft = office.draft({"full_name": "Ada Example"})
    with pytest.raises(NotCompleteError) as raised:
        office.submissions.submit(draft, rev=draft.rev)
    assert {path: error.page for path, error in raised.value.errors.items()} == {
        "email": "you",
        "size": "plot",
    }
    assert office.drafts.open(draft.id, account="acc1", holder=None) is not None


def test_a_draft_changed_since_it_was_seen_is_not_sent(office: Office) -> None:
    draft = office.draft(ALLOTMENT)
    newer = office.drafts.save(draft, ALLOTMENT | {"size": "full"}, step="plot", shown=(), urgent=False)
    with pytest.raises(StaleRevisionError):
        office.submissions.submit(newer, rev=draft.rev)
    with pytest.raises(StaleRevisionError):
        office.submissions.submit(draft, rev=draft.rev)
    sent = office.submissions.submit(newer, rev=newer.rev)
    exported = office.submissions.export(sent.reference, actor="system")
    assert exported is not None
    assert exported.answers["size"] == "full"


def test_a_cancelled_draft_is_not_sent(office: Office) -> None:
    draft = office.draft(ALLOTMENT)
    office.drafts.cancel(draft)
    with pytest.raises(StaleRevisionError):
        office.submissions.submit(draft, rev=draft.rev)


# --- once ------------------------------------------------------------------------------------------------------------


def test_sending_again_gives_the_same_receipt(office: Office) -> None:
    draft = office.draft(ALLOTMENT)
    first = office.submissions.submit(draft, rev=draft.rev)
    assert office.submissions.submit(draft, rev=draft.rev) == first
    assert office.submissions.submit(draft, rev=draft.rev + 7) == first


def _all_at_once(jobs: int, work: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(work, range(jobs)))


def test_fifty_at_once_are_one_submission_with_one_row_a_channel_and_one_reference(tmp_path: Path) -> None:
    keys = Keyring.new()
    offices = [
        Office(context=ServiceContext(SqliteStore(tmp_path / "s.sqlite3"), keys, clock=lambda: NOW))
        for _ in range(2)
    ]
    draft = offices[0].draft(ALLOTMENT)
    receipts = _all_at_once(50, lambda n: offices[n % 2].submissions.submit(draft, rev=draft.rev))
    assert len({receipt.reference for receipt in receipts}) == 1
    with offices[0].context.store.read() as tx:
        assert len(tx.submissions.listed(9)) == 1
        assert [row.channel for row in tx.outbox.of_submission(receipts[0].submission)] == [
            "delivery",
            "email",
        ]
        assert [entry.action for entry in tx.audit.every()].count("submission.sent") == 1
    for each in offices:
        each.context.store.close()


def test_a_reference_that_is_taken_is_not_given_twice(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter(["AWL-2222-3333-4", "AWL-2222-3333-4", "AWL-2222-3333-4", "AWL-7K3M-9XQ4-T"])
    monkeypatch.setattr("formengine.service.submissions.submissions.new_reference", lambda _: next(drawn))
    first, second = office.send(ALLOTMENT), office.send(ALLOTMENT)
    assert (first.reference, second.reference) == ("AWL-2222-3333-4", "AWL-7K3M-9XQ4-T")


# --- whose -----------------------------------------------------------------------------------------------------------


def test_only_who_sent_it_gets_the_receipt_and_reads_what_was_sent(office: Office) -> None:
    draft = office.draft(ALLOTMENT)
    receipt = office.submissions.submit(draft, rev=draft.rev)
    mine = office.submissions.receipt(draft.id, account="acc1", holder=None)
    assert mine == receipt
    for account, holder in (("acc2", None), (None, "h" * 64), (None, None), ("acc2", "h" * 64)):
        assert office.submissions.receipt(draft.id, account=account, holder=holder) is None
        assert office.submissions.sent(draft.id, account=account, holder=holder) is None
    assert office.submissions.mine("acc1", limit=9) == [receipt]
    assert office.submissions.mine("acc2", limit=9) == []


def test_a_draft_that_was_not_sent_has_no_receipt(office: Office) -> None:
    draft = office.draft(ALLOTMENT)
    assert office.submissions.receipt(draft.id, account="acc1", holder=None) is None


def test_an_operator_finds_it_by_the_reference_as_it_was_read_out_and_the_audit_says_so(
    office: Office,
) -> None:
    receipt = office.send(ALLOTMENT)
    sent = office.submissions.export(receipt.reference.lower().replace("-", " "), actor="system")
    assert sent is not None
    assert sent.receipt == receipt
    assert office.actions()[-1] == "submission.read"
    assert office.submissions.export("AWL-2222-3333-3", actor="system") is None


def test_operators_see_what_came_in_and_how_far_each_has_come(office: Office) -> None:
    form = "request-for-support"
    urgencies = ("standard", "urgent", "standard")
    sent = [
        office.send(_sample(office.engine, form, seed) | {"urgency": urgency}, form=form)
        for seed, urgency in enumerate(urgencies)
    ]
    with office.context.store.write() as tx:
        urgent = tx.outbox.claim("delivery", "lease", NOW, NOW + timedelta(minutes=1))
        failed = tx.outbox.claim("delivery", "lease", NOW, NOW + timedelta(minutes=1))
        assert urgent is not None
        assert failed is not None
        tx.outbox.sent(urgent.id, "lease", NOW)
        tx.outbox.failed(failed.id, "lease", "down", None)
    stages = {line.reference: stage for line, stage in office.submissions.listed()}
    assert set(stages) == {receipt.reference for receipt in sent}
    assert stages[sent[1].reference] == "delivered"
    assert sorted(stages.values()) == ["delivered", "received", "undelivered"]
    assert [line.reference for line, _ in office.submissions.listed(urgent=True)] == [sent[1].reference]
    assert len(list(office.submissions.listed(limit=2))) == 2


# --- the definition it was begun with --------------------------------------------------------------------------------

FORM = """
form: pets
title: Pets
version: "1"
access: anyone
pages:
  - id: you
    title: You
    fields:
      - id: owner
        type: text
        label: Your name
        required: true
      - id: pets
        type: repeat
        label: Pets
        item_name: pet
        item_title: ((name))
        fields:
          - id: name
            type: text
            label: Name
          - id: type
            type: text
            label: Type
          - id: size
            type: text
            label: Size
"""


def _pets(folder: Path) -> Office:
    (folder / "pets").mkdir()
    (folder / "pets" / "form.yaml").write_text(FORM, encoding="utf-8")
    return Office(engine=Engine(folders=(folder,)))


def test_a_draft_is_sent_by_the_definition_it_was_begun_with_after_the_file_has_changed(
    tmp_path: Path,
) -> None:
    office = _pets(tmp_path)
    draft = office.draft({"owner": "Ada Example"}, form="pets")
    changed = FORM.replace("id: owner", "id: full_name").replace('version: "1"', 'version: "2"')
    (tmp_path / "pets" / "form.yaml").write_text(changed, encoding="utf-8")
    # Another process, started after the change, that has only the store.
    later = Office(engine=Engine(folders=(tmp_path,)), context=office.context)
    opened = later.drafts.open(draft.id, account="acc1", holder=None)
    assert opened is not None
    receipt = later.submissions.submit(opened, rev=opened.rev)
    sent = later.submissions.export(receipt.reference, actor="system")
    assert sent is not None
    assert (sent.envelope["version"], sent.envelope["answers"]) == ("1", {"owner": "Ada Example"})
    assert sent.envelope["digest"] == draft.form.digest
    current = later.drafts.forms.current("pets")
    assert current is not None
    assert current.version == "2"
    office.context.store.close()


def test_a_list_whose_entries_look_like_files_is_no_list_of_files(tmp_path: Path) -> None:
    office = _pets(tmp_path)
    pet = {"id": "i1", "name": "Rex", "type": "dog", "size": "large"}
    sent = office.submissions.export(
        office.send({"owner": "Ada Example", "pets": [pet]}, form="pets").reference, actor="system"
    )
    assert sent is not None
    assert sent.answers["pets"] == [pet]
    office.context.store.close()


# --- files -----------------------------------------------------------------------------------------------------------

LETTERS = """
form: letters
title: Letters
version: "1"
access: anyone
pages:
  - id: you
    title: You
    fields:
      - id: has_letter
        type: yes_no
        label: Is there a letter?
      - id: letter
        type: file
        label: The letter
        show_if: has_letter is yes
"""
LETTER = {"id": "f1", "name": "letter.pdf", "type": "application/pdf", "size": 9}


@pytest.fixture
def letters(tmp_path: Path) -> Iterator[Office]:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "form.yaml").write_text(LETTERS, encoding="utf-8")
    made = Office(engine=Engine(folders=(tmp_path,)))
    yield made
    made.context.store.close()


def _files(office: Office, draft: Draft) -> list[str]:
    with office.context.store.read() as tx:
        return [row.id for row in tx.files.of_draft(draft.id)]


@pytest.mark.parametrize("scan", ["clean", "waiting"])
def test_files_go_with_the_submission_even_while_they_wait_for_the_scanner(
    letters: Office, scan: str
) -> None:
    draft = letters.draft({"has_letter": "yes", "letter": LETTER}, form="letters")
    letters.upload(draft, "f1", scan=scan)
    receipt = letters.submissions.submit(draft, rev=draft.rev)
    sent = letters.submissions.export(receipt.reference, actor="system")
    assert sent is not None
    assert [row.id for row in letters.submissions.files(sent)] == ["f1"]


def test_a_file_of_a_question_that_does_not_count_is_destroyed(letters: Office) -> None:
    draft = letters.draft({"has_letter": "no", "letter": LETTER}, form="letters")
    letters.upload(draft, "f1")
    letters.submissions.submit(draft, rev=draft.rev)
    assert _files(letters, draft) == []


def test_a_file_that_the_scanner_refused_is_named_and_nothing_is_sent(letters: Office) -> None:
    draft = letters.draft({"has_letter": "yes", "letter": LETTER}, form="letters")
    letters.upload(draft, "f1", scan="refused")
    with pytest.raises(FilesMissingError) as raised:
        letters.submissions.submit(draft, rev=draft.rev)
    told = [(error.path, error.page, error.rule, error.facts) for error in raised.value.errors]
    assert told == [("letter", "you", "virus", {"file": "letter.pdf"})]
    assert letters.submissions.missing_files(draft.id, letters.drafts.state(draft)) == raised.value.errors
    assert _files(letters, draft) == ["f1"]


def test_a_file_of_somebody_else_s_draft_cannot_be_sent(letters: Office) -> None:
    theirs = letters.draft({"has_letter": "yes", "letter": LETTER}, form="letters", account="acc2")
    letters.upload(theirs, "f1")
    forged = letters.draft({"has_letter": "yes", "letter": LETTER}, form="letters")
    with pytest.raises(FilesMissingError) as raised:
        letters.submissions.submit(forged, rev=forged.rev)
    assert [error.rule for error in raised.value.errors] == ["gone_file"]
    assert _files(letters, theirs) == ["f1"]


def test_the_state_that_was_sent_is_the_state_of_the_answers_on_that_day(office: Office) -> None:
    receipt = office.send(ALLOTMENT)
    sent = office.submissions.export(receipt.reference, actor="system")
    assert sent is not None
    assert dict(sent.state.answers) == dict(evaluate(sent.definition, ALLOTMENT, on=NOW.date()).answers)
