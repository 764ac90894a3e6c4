"""`formengine submissions`: what operators see of what came in."""

from __future__ import annotations

import io
import json
import sqlite3
import stat
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pikepdf
import pytest

from formengine.engine import Engine
from formengine.service.files.uploads import UploadedFile
from formengine.service.submissions.submissions import Receipt
from tests.support.command_line import Run, run
from tests.support.sending import ALLOTMENT, EXAMPLES, draft_of, signed_in
from tests.support.service_app import Service, make_service

pytestmark = pytest.mark.slow

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000003010100"
    "18dd8db00000000049454e44ae426082"
)
LETTERS = """
form: letters
title: Letters
version: "1"
access: anyone
urgent_if: soon is yes
pages:
  - id: you
    title: You
    fields:
      - id: soon
        type: yes_no
        label: Is it urgent?
      - id: letter
        type: file
        label: The letter
"""


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    (tmp_path / "forms" / "letters").mkdir(parents=True)
    (tmp_path / "forms" / "letters" / "form.yaml").write_text(LETTERS, encoding="utf-8")
    folders = (tmp_path / "forms", EXAMPLES)
    made = make_service(tmp_path, engine=Engine(folders=folders))
    if not made.settings.keys_path.exists():
        made.keys.write_new(made.settings.keys_path)
    monkeypatch.setenv("FORMENGINE_DATA", str(made.settings.data))
    monkeypatch.setenv("FORMENGINE_DEFINITIONS", ",".join(map(str, folders)))
    yield made
    made.store.close()


@pytest.fixture
def sent(service: Service) -> Receipt:
    draft = draft_of(service, signed_in(service, "ada"), ALLOTMENT)
    return service.context.submissions.submit(draft, rev=draft.rev)


def letter(service: Service) -> Receipt:
    """An urgent letter with a picture."""
    context = service.context
    draft = draft_of(service, signed_in(service, "ada"), {"soon": "yes"}, form="letters")
    taken = context.uploads.take(draft, "letter", "Letter to you.png", PNG)
    assert isinstance(taken, UploadedFile)
    draft = context.drafts.save(
        draft, {"soon": "yes", "letter": taken.answer}, step="you", shown=(), urgent=True
    )
    return context.submissions.submit(draft, rev=draft.rev)


def command(*arguments: str) -> Run:
    return run("submissions", *arguments)


def actions(service: Service) -> list[tuple[str, str, str]]:
    with service.store.read() as tx:
        return [(entry.actor, entry.action, entry.subject) for entry in tx.audit.every()]


def test_nothing_sent_yet_is_said(service: Service) -> None:
    assert command("list").out == "Nothing was sent yet.\n"


def test_the_list_has_the_newest_first_and_reads_no_answer(service: Service, sent: Receipt) -> None:
    service.clock.move(minutes=5)
    urgent = letter(service)
    before = actions(service)
    lines = command("list").out.splitlines()
    assert [line.split() for line in lines] == [
        [urgent.reference, "urgent", "2026-11-24", "10:05", "received", "letters"],
        [sent.reference, "standard", "2026-11-24", "10:00", "received", "allotment-waiting-list"],
    ]
    assert actions(service) == before


@pytest.mark.parametrize(
    ("options", "urgent", "standard"),
    [
        (["--urgent"], True, False),
        (["--form", "allotment-waiting-list"], False, True),
        (["--limit", "1"], True, False),
        (["--since", "2026-11-24"], True, True),
        (["--since", "2026-11-24T10:05"], True, False),
        (["--since", "2026-11-25"], False, False),
        (["--form", "no-such-form"], False, False),
    ],
)
def test_the_list_has_what_is_asked_for(
    service: Service, sent: Receipt, options: list[str], *, urgent: bool, standard: bool
) -> None:
    service.clock.move(minutes=5)
    expected = [letter(service).reference] * urgent + [sent.reference] * standard
    said = command("list", *options).out
    assert [line.split()[0] for line in said.splitlines() if "2026" in line] == expected
    assert ("Nothing of that kind was sent." in said) is not bool(expected)
    assert [each["reference"] for each in json.loads(command("list", *options, "--format", "json").out)] == (
        expected
    )


def test_a_list_of_twenty_thousand_opens_no_envelope_and_keeps_few_lines_in_memory(service: Service) -> None:
    many = 20_000
    draft = draft_of(service, signed_in(service, "ada"), ALLOTMENT)
    connection = sqlite3.connect(service.settings.database)
    connection.execute("PRAGMA synchronous = OFF")
    made = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO"
    drafts = (
        "drafts (id, form, digest, rev, status, urgent, data_key, answers, step, shown, link_hash, started_at, "
        "saved_at) SELECT 'd' || i, 'letters', ?, 1, 'submitted', 0, x'', x'', '', '[]', '', '', '' FROM n"
    )
    submissions = (
        "submissions (id, draft, reference, form, version, digest, urgency, route, data_key, envelope, submitted_at) "
        "SELECT 's' || i, 'd' || i, 'REF-' || i, 'letters', '1', ?, 'standard', '', x'', zeroblob(3000), "
        "strftime('%Y-%m-%dT%H:%M:%S', '2026-01-01', i || ' minutes') || '.000000Z' FROM n"
    )
    with connection:
        for rows in (drafts, submissions):
            connection.execute(f"{made} {rows}", (many, draft.row.digest))
    connection.close()
    listed = service.context.submissions.listed()
    tracemalloc.start()
    try:
        lines = sum(1 for _ in listed)
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert lines == many
    # 60 MB of envelopes; a list of all lines takes more than 10 MB.
    assert most_bytes < 2_000_000
    asked: list[str] = []
    connection = cast(sqlite3.Connection, service.store._connection)
    connection.set_trace_callback(asked.append)
    (newest,) = service.context.submissions.listed(limit=1)
    connection.set_trace_callback(None)
    assert newest[0].reference == f"REF-{many}"
    (question,) = (each for each in asked if each.startswith("SELECT"))
    how = [row[-1] for row in connection.execute(f"EXPLAIN QUERY PLAN {question}")]
    assert how[0] == "SCAN submissions USING COVERING INDEX submissions_listed"
    assert "SEARCH outbox USING INDEX outbox_by_submission (submission=? AND channel=?)" in how


def test_the_list_as_json(service: Service, sent: Receipt) -> None:
    assert json.loads(command("list", "--format", "json").out) == [
        {
            "reference": sent.reference,
            "urgency": "standard",
            "at": "2026-11-24T10:00:00+00:00",
            "state": "received",
            "form": "allotment-waiting-list",
        }
    ]


def test_a_submission_is_shown_by_its_reference_as_read_out_and_the_audit_says_so(
    service: Service, sent: Receipt
) -> None:
    shown = command("show", "--as", "sam", sent.reference.lower().replace("-", " "))
    assert "Ada Example" in shown.out
    assert sent.reference in shown.out
    assert actions(service)[-1] == ("operator:sam", "submission.read", sent.submission)


def test_a_submission_is_shown_as_its_envelope(service: Service, sent: Receipt) -> None:
    envelope = json.loads(command("show", sent.reference, "--format", "json").out)
    assert (envelope["format"], envelope["reference"]) == ("submission/1", sent.reference)


@pytest.mark.parametrize("reference", ["AWL-2222-3333-3", "nonsense", "AWL-7K3M-9XQ4-T"])
def test_a_reference_that_is_none_ends_with_one_line(service: Service, sent: Receipt, reference: str) -> None:
    shown = command("show", reference)
    assert (shown.code, shown.out, shown.err) == (1, "", f"There is no submission {reference}\n")


def test_an_export_has_the_data_the_record_and_the_files_for_the_owner_alone(
    service: Service, tmp_path: Path
) -> None:
    receipt = letter(service)
    exported = command("export", receipt.reference, "-o", str(tmp_path / "out"))
    folder = tmp_path / "out" / receipt.reference
    assert exported.code == 0
    written = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    assert set(written) == {"submission.json", f"{receipt.reference}.pdf", "files/1-Letter to you.png"}
    assert json.loads(written["submission.json"].read_text(encoding="utf-8"))["answers"]["soon"] == "yes"
    assert written["files/1-Letter to you.png"].read_bytes().startswith(b"\x89PNG")
    assert {stat.S_IMODE(path.stat().st_mode) for path in written.values()} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "files")} == {0o700}
    with pikepdf.open(io.BytesIO(written[f"{receipt.reference}.pdf"].read_bytes())) as pdf:
        assert {"answers.json", "submission.json", "signature.json"} <= set(pdf.attachments)


def test_all_are_exported_each_into_its_own_folder(service: Service, sent: Receipt, tmp_path: Path) -> None:
    other = letter(service)
    command("export", "--all", "-o", str(tmp_path / "out"))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        [sent.reference, other.reference]
    )
    assert [action for _, action, _ in actions(service)].count("submission.read") == 2


def test_a_file_refused_after_sending_is_told_and_the_rest_is_there(service: Service, tmp_path: Path) -> None:
    receipt = letter(service)
    file = service.context.uploads.of_draft(receipt.draft)[0]
    service.context.uploads.settle(file.id, clean=False)
    exported = command("export", receipt.reference, "-o", str(tmp_path / "out"))
    assert exported.code == 1
    assert exported.err == (
        f"{receipt.reference}: The file of letter was refused by the virus scanner after it had been sent; "
        "it is destroyed\n"
    )
    assert (tmp_path / "out" / receipt.reference / "submission.json").exists()


def test_an_export_wants_references_or_all(service: Service, tmp_path: Path) -> None:
    assert command("export", "-o", str(tmp_path)).code == 2
    assert command("export", "AWL-2222-3333-3", "--all", "-o", str(tmp_path)).code == 2
