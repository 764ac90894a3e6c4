"""Files of a draft: taken within limits, sealed, scanned when the scanner can, let go of when no answer names them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from formengine.engine import Engine
from formengine.language.json_types import Json
from formengine.service.context import ServiceContext
from formengine.service.crypto.keyring import Keyring, SealError
from formengine.service.drafts.drafts import Draft, Drafts
from formengine.service.fault_points import arm, disarm
from formengine.service.files.clamd import Clamd, Scanner, ScannerError, ScanVerdict
from formengine.service.files.refusals import Refusal
from formengine.service.files.scanning import Scanning
from formengine.service.files.uploads import (
    NotScannedError,
    UploadedFile,
    Uploads,
    field_name,
    files_at,
    linked_files,
)
from formengine.service.rate_limits import RateLimits
from formengine.store.rows import DraftRow
from formengine.store.sqlite import SqliteStore
from tests.support.service_app import MovableClock
from tests.support.upload_files import VIRUS, docx, jpeg, pdf, png
from tests.tools.clamd import clamd, stand_in

pytestmark = pytest.mark.slow

FORM = """\
form: papers
title: Papers
version: 2026.1
access: anyone
pages:
  - id: one
    title: One
    fields:
      - id: letter
        type: file
        label: Letter
        accept: [pdf, jpg]
        max_size_mb: 0.5
      - id: papers
        type: files
        label: Papers
      - id: name
        type: text
        label: Name
  - id: documents
    title: Documents
    fields:
      - id: documents
        type: repeat
        label: Documents
        item_name: document
        item_title: ((about.paper))
        fields:
          - id: about
            type: group
            label: About
            fields:
              - id: paper
                type: file
                label: Paper
"""


class Stub:
    """A scanner that says what it is told to, one thing after another, the last for ever; and hears of every file."""

    def __init__(self, *says: bool | ScannerError) -> None:
        self.says = list(says)
        self.heard: list[bytes] = []

    async def scan(self, content: bytes) -> ScanVerdict:
        self.heard.append(content)
        said = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        if isinstance(said, ScannerError):
            raise said
        return ScanVerdict() if said else ScanVerdict("Some.Virus")

    async def version(self) -> str:
        return "Stub"


class Office:
    """A store with one draft in it, and everything around files."""

    def __init__(self, folder: Path, scanner: Scanner | None) -> None:
        (folder / "papers").mkdir()
        (folder / "papers" / "form.yaml").write_text(FORM, encoding="utf-8")
        self.database = folder / "formengine.sqlite3"
        self.clock = MovableClock()
        self.context = ServiceContext(
            SqliteStore(self.database), Keyring.new(), self.clock, monotonic=self.clock.monotonic
        )
        self.context.steady.read()
        self.drafts = Drafts(self.context, Engine(folders=(folder,)))
        self.draft = self.drafts.start("papers", account=None, holder="somebody")
        self.uploads = Uploads(self.context, RateLimits(self.context), scans=scanner is not None)
        self.scanning = Scanning(self.uploads, scanner, self.clock)

    def take(
        self, name: str = "letter.pdf", content: bytes | None = None, path: str = "papers"
    ) -> UploadedFile:
        taken = self.uploads.take(self.draft, path, name, pdf() if content is None else content)
        assert isinstance(taken, UploadedFile), taken
        return taken

    def refused(
        self, name: str = "letter.pdf", content: bytes | None = None, path: str = "papers"
    ) -> Refusal:
        taken = self.uploads.take(self.draft, path, name, pdf() if content is None else content)
        assert isinstance(taken, Refusal), taken
        return taken

    def save(self, answers: dict[str, Json]) -> Draft:
        self.draft = self.drafts.save(self.draft, answers, step="one", shown=(), urgent=False)
        return self.draft

    def scan(self) -> int:
        return asyncio.run(self.scanning.scan_waiting())

    def checks(self) -> list[str]:
        return [each.check for each in self.uploads.of_draft(self.draft.id)]

    def audit(self) -> list[tuple[str, str, tuple[str, ...]]]:
        with self.context.store.read() as tx:
            return [(row.actor, row.action, tuple(row.fields)) for row in tx.audit.every()]


@pytest.fixture
def with_scanner(tmp_path: Path) -> Iterator[Callable[[Scanner | None], Office]]:
    made: list[Office] = []

    def make(scanner: Scanner | None) -> Office:
        made.append(Office(tmp_path, scanner))
        return made[-1]

    yield make
    for office in made:
        office.context.store.close()


@pytest.fixture
def office(with_scanner: Callable[[Scanner | None], Office]) -> Office:
    return with_scanner(Stub(True))


# --- taking ---------------------------------------------------------------------------------------------------------


def test_a_file_is_kept_with_its_cleaned_name_and_comes_back_as_it_was(office: Office) -> None:
    taken = office.take("..\\Mrs \u202eO'Neil.PDF")
    assert taken.name == "Mrs O'Neil.pdf"
    assert taken.answer == {
        "id": taken.id,
        "name": "Mrs O'Neil.pdf",
        "type": "application/pdf",
        "size": len(pdf()),
    }
    assert office.uploads.of_draft(office.draft.id) == [taken]
    office.scan()
    assert office.uploads.content(office.draft.id, taken.id) == pdf()


def test_nothing_of_a_file_stands_readable_in_the_database(office: Office) -> None:
    office.take("CANARY-IN-THE-NAME.pdf", pdf(b"CANARY-IN-THE-FILE"))
    office.context.store.close()
    kept = b"".join(path.read_bytes() for path in office.database.parent.glob("formengine.sqlite3*"))
    assert b"papers" in kept
    assert b"CANARY" not in kept


def test_a_file_of_another_draft_is_not_there(office: Office) -> None:
    taken = office.take()
    other = office.drafts.start("papers", account=None, holder="somebody")
    assert office.uploads.get(other.id, taken.id) is None
    assert office.uploads.of_draft(other.id) == []
    with pytest.raises(LookupError):
        office.uploads.content(other.id, taken.id)


@pytest.mark.parametrize(
    "path",
    ["name", "nothing", "", "documents", "documents.i1", "documents.i1.about", "documents.i1.about.nothing"],
)
def test_a_question_that_takes_no_file_is_given_none(office: Office, path: str) -> None:
    with pytest.raises(KeyError):
        office.uploads.take(office.draft, path, "letter.pdf", pdf())


def test_a_file_is_taken_for_an_item_of_a_list(office: Office) -> None:
    assert office.take(path="documents.i1.about.paper").path == "documents.i1.about.paper"
    assert office.audit()[-1] == ("visitor", "file.added", ("documents.about.paper",))


def test_the_questions_own_types_and_size_are_kept(office: Office) -> None:
    assert office.take(path="letter").name == "letter.pdf"
    assert office.refused("photo.png", png(), "letter").rule == "wrong_file_type"
    assert office.refused(content=pdf() + b" " * 500_000, path="letter") == Refusal(
        "too_large_upload", {"file": "letter.pdf", "max_size_mb": "0.5"}
    )


def test_a_file_of_more_than_ten_megabytes_is_refused_where_the_question_says_nothing(office: Office) -> None:
    assert office.refused(content=b"%PDF-" + b"x" * 10_000_000).facts["max_size_mb"] == "10"


def test_an_eleventh_file_is_refused(office: Office) -> None:
    for _ in range(10):
        office.take()
    assert office.refused() == Refusal("too_many_files", {"file": "letter.pdf", "max_files": 10})


def test_more_than_fifty_megabytes_in_all_are_refused(office: Office) -> None:
    for _ in range(5):
        office.take(content=pdf(b"x" * 9_900_000))
    office.take(content=pdf(b"x" * 400_000))
    assert office.refused(content=pdf(b"x" * 200_000)) == Refusal(
        "files_too_large", {"file": "letter.pdf", "max_size_mb": 50}
    )


def test_files_that_no_answer_names_make_room_after_an_hour(office: Office) -> None:
    named = office.take()
    left = [office.take() for _ in range(9)]
    office.save({"papers": [named.answer]})
    office.clock.move(minutes=61)
    new = office.take()
    assert [each.id for each in office.uploads.of_draft(office.draft.id)] == [
        each.id for each in [named, *left[1:], new]
    ]


def test_a_file_that_no_answer_names_goes_by_the_clock_after_a_day_and_no_other_does(office: Office) -> None:
    left = office.take()
    office.clock.move(hours=23)
    named, fresh = office.take(), office.take()
    office.save({"papers": [named.answer]})
    assert office.uploads.purge(office.drafts) == 0
    office.clock.move(hours=2)
    assert office.uploads.purge(office.drafts) == 1
    assert [each.id for each in office.uploads.of_draft(office.draft.id)] == [named.id, fresh.id]
    office.clock.move(hours=24)
    assert office.uploads.purge(office.drafts) == 1
    assert [each.id for each in office.uploads.of_draft(office.draft.id)] == [named.id]
    assert [actor for actor, action, _ in office.audit() if action == "file.removed"] == ["system", "system"]
    with pytest.raises(LookupError):
        office.uploads.content(office.draft.id, left.id)


def test_a_file_that_a_held_page_may_name_stays_until_that_page_is_settled(office: Office) -> None:
    office.take()
    office.clock.move(hours=25)
    held = office.drafts.hold(office.draft.id, {"papers": []}, writer="")
    assert held is not None
    assert office.uploads.purge(office.drafts) == 0
    office.drafts.drop_held(held)
    assert office.uploads.purge(office.drafts) == 1


def test_a_draft_saved_while_its_files_are_looked_at_keeps_them_until_the_next_look(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = office.take()
    office.clock.move(hours=25)
    as_ever = office.drafts.unsealed

    def unsealed(row: DraftRow) -> Draft:
        found = as_ever(row)
        office.save({"papers": [file.answer]})
        return found

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(office.drafts, "unsealed", unsealed)
        assert office.uploads.purge(office.drafts) == 0
    assert office.uploads.purge(office.drafts) == 0
    assert office.checks() == ["waiting"]


def test_a_draft_that_does_not_open_keeps_no_other_drafts_files(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.take()
    broken = office.draft.id
    office.draft = office.drafts.start("papers", account=None, holder="somebody else")
    office.take()
    office.clock.move(hours=25)

    as_ever = office.drafts.unsealed

    def unsealed(row: DraftRow) -> Draft:
        if row.id == broken:
            raise SealError("altered")
        return as_ever(row)

    monkeypatch.setattr(office.drafts, "unsealed", unsealed)
    assert office.uploads.purge(office.drafts) == 1
    assert len(office.uploads.of_draft(broken)) == 1
    assert office.uploads.of_draft(office.draft.id) == []


def test_a_thirty_first_upload_within_an_hour_is_refused(office: Office) -> None:
    for _ in range(30):
        office.uploads.remove_unlinked(office.draft, office.take(content=jpeg(), name="a.jpg").id)
    assert office.refused().rule == "too_many_uploads"
    office.clock.move(minutes=61)
    assert office.take().name == "letter.pdf"


def test_a_draft_that_was_cancelled_takes_no_file(office: Office) -> None:
    office.drafts.cancel(office.draft)
    assert office.refused().rule == "no_draft"


def test_what_a_refusal_says_of_a_bad_file_reaches_the_caller(office: Office) -> None:
    assert office.refused("letter.pdf", docx()).rule == "wrong_content"
    assert office.uploads.of_draft(office.draft.id) == []


# --- letting go -----------------------------------------------------------------------------------------------------


def test_a_file_goes_when_a_save_no_longer_names_it(office: Office) -> None:
    first, second = office.take(), office.take()
    before: dict[str, Json] = {"papers": [first.answer, second.answer]}
    office.save(before)
    after = office.save({"papers": [second.answer]})
    assert office.uploads.forget(after, before) == 1
    assert [each.id for each in office.uploads.of_draft(office.draft.id)] == [second.id]
    assert office.audit()[-1] == ("visitor", "file.removed", ("papers",))


def test_a_file_on_its_way_into_an_answer_survives_the_save_of_another_page(office: Office) -> None:
    on_its_way = office.take()
    assert office.uploads.forget(office.save({"name": "Ann"}), {}) == 0
    office.scan()
    assert office.uploads.content(office.draft.id, on_its_way.id) == pdf()


def test_a_file_that_an_answer_names_is_not_removed_by_itself(office: Office) -> None:
    named, left = office.take(), office.take()
    office.save({"papers": [named.answer]})
    assert office.uploads.remove_unlinked(office.draft, named.id) is False
    assert office.uploads.remove_unlinked(office.draft, left.id) is True
    assert office.uploads.remove_unlinked(office.draft, left.id) is False


def test_files_are_found_wherever_answers_name_them() -> None:
    def file(name: str) -> Json:
        return {"id": name, "name": "a.pdf", "type": "application/pdf", "size": 1}

    answers: Json = {
        "letter": file("f1"),
        "papers": [file("f2"), file("f3")],
        "documents": [{"id": "i1", "about": {"paper": file("f4")}}, {"id": "i2"}],
        "name": "f5",
        "else": {"id": "i3", "name": "Ann"},
    }
    assert linked_files(answers) == {"f1", "f2", "f3", "f4"}
    assert [(path, each["id"]) for path, each in files_at(answers)] == [
        ("letter", "f1"),
        ("papers", "f2"),
        ("papers", "f3"),
        ("documents.i1.about.paper", "f4"),
    ]


@pytest.mark.parametrize(
    ("path", "name"),
    [("letter", "letter"), ("a.b", "a.b"), ("documents.i1.about.paper", "documents.about.paper")],
)
def test_a_path_loses_the_items_id_in_the_audit(path: str, name: str) -> None:
    assert field_name(path) == name


# --- scanning -------------------------------------------------------------------------------------------------------


def test_debians_clamd_lets_a_clean_file_through_and_has_an_infected_one_destroyed(
    with_scanner: Callable[[Scanner | None], Office],
) -> None:
    with clamd(VIRUS) as socket:
        office = with_scanner(Clamd(socket))
        clean, infected = office.take(), office.take(content=pdf(VIRUS))
        assert office.checks() == ["waiting", "waiting"]
        assert office.scan() == 2
    assert office.checks() == ["clean", "refused"]
    assert office.uploads.content(office.draft.id, clean.id) == pdf()
    with pytest.raises(LookupError):
        office.uploads.content(office.draft.id, infected.id)
    kept = office.uploads.get(office.draft.id, infected.id)
    assert kept is not None
    assert kept.name == ""
    assert office.audit()[-1] == ("system", "file.refused", ("papers",))


def test_a_file_waits_while_clamd_is_away_and_is_scanned_when_it_is_back(
    with_scanner: Callable[[Scanner | None], Office], tmp_path: Path
) -> None:
    office = with_scanner(Clamd(tmp_path / "none.sock"))
    taken = office.take()
    assert office.scan() == 0
    assert office.checks() == ["waiting"]
    with pytest.raises(NotScannedError):
        office.uploads.content(office.draft.id, taken.id)
    with clamd(VIRUS) as socket:
        office.scanning = Scanning(office.uploads, Clamd(socket), office.clock)
        assert office.scan() == 1
    assert office.checks() == ["clean"]
    assert office.uploads.content(office.draft.id, taken.id) == pdf()


def test_clamd_that_stops_in_mid_upload_leaves_the_file_waiting(
    with_scanner: Callable[[Scanner | None], Office],
) -> None:
    async def broken_off(office: Callable[[Scanner | None], Office]) -> Office:
        async with stand_in(answer=b"", reads_bytes=1) as address:
            made = office(Clamd(address))
            taken = made.take(content=pdf(b"x" * 9_000_000))
            await made.scanning.scan_now(taken.id)
        return made

    assert asyncio.run(broken_off(with_scanner)).checks() == ["waiting"]


def test_without_a_scanner_files_are_openly_unchecked(
    with_scanner: Callable[[Scanner | None], Office],
) -> None:
    office = with_scanner(None)
    office.take()
    assert office.scan() == 0
    assert office.checks() == ["unchecked"]


def test_a_scanner_that_is_away_is_asked_ever_more_rarely_and_at_once_again_after_it_answered(
    with_scanner: Callable[[Scanner | None], Office],
) -> None:
    stub = Stub(*[ScannerError("unreachable")] * 8, True)
    office = with_scanner(stub)
    office.take()
    asked_after: list[int] = []
    for second in range(1200):
        before = len(stub.heard)
        office.scan()
        if len(stub.heard) > before:
            asked_after.append(second)
        office.clock.move(seconds=1)
    assert asked_after == [0, 5, 15, 35, 75, 155, 315, 615, 915]
    assert office.checks() == ["clean"]


def test_a_file_that_the_scanner_cannot_bear_holds_up_no_other(
    with_scanner: Callable[[Scanner | None], Office],
) -> None:
    class Fragile(Stub):
        async def scan(self, content: bytes) -> ScanVerdict:
            if b"too much" in content:
                raise ScannerError("broken_off")
            return await super().scan(content)

    office = with_scanner(Fragile(True))
    office.take(content=pdf(b"too much"))
    office.take()
    assert office.scan() == 0
    office.clock.move(seconds=6)
    assert office.scan() == 1
    assert office.checks() == ["waiting", "clean"]


def test_a_file_that_is_too_large_for_the_scanner_waits_and_the_next_is_scanned_at_once(
    with_scanner: Callable[[Scanner | None], Office],
) -> None:
    office = with_scanner(Stub(ScannerError("too_large"), True))
    office.take()
    office.take()
    assert office.scan() == 1
    assert office.checks() == ["waiting", "clean"]


def test_whoever_uploads_does_not_wait_longer_than_a_moment_for_a_slow_scanner(
    with_scanner: Callable[[Scanner | None], Office], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(Stub):
        async def scan(self, content: bytes) -> ScanVerdict:
            await asyncio.Event().wait()
            return await super().scan(content)

    monkeypatch.setattr("formengine.service.files.scanning.PROMPT_S", 0.01)
    office = with_scanner(Slow(True))
    asyncio.run(office.scanning.scan_now(office.take().id))
    assert office.checks() == ["waiting"]


def test_a_file_removed_while_it_was_scanned_stays_removed(
    with_scanner: Callable[[Scanner | None], Office],
) -> None:
    class Removing(Stub):
        async def scan(self, content: bytes) -> ScanVerdict:
            office.uploads.remove_unlinked(office.draft, taken.id)
            return await super().scan(content)

    office = with_scanner(Removing(False))
    taken = office.take()
    assert office.scan() == 1
    assert office.checks() == []


def test_what_is_scanned_is_what_is_kept(with_scanner: Callable[[Scanner | None], Office]) -> None:
    stub = Stub(True)
    office = with_scanner(stub)
    taken = office.take("photo.jpg", jpeg())
    office.scan()
    assert stub.heard == [office.uploads.content(office.draft.id, taken.id)]
    assert stub.heard != [jpeg()]


# --- fault points ---------------------------------------------------------------------------------------------------


def test_there_is_a_fault_point_before_within_and_after_each_change(office: Office) -> None:
    passed: list[str] = []
    arm(0, passed.append)
    try:
        taken = office.take()
        office.scan()
        before: dict[str, Any] = {"papers": [taken.answer]}
        office.save(before)
        office.uploads.forget(office.save({}), before)
    finally:
        disarm()
    assert [name for name in passed if name.startswith("upload.")] == [
        "upload.before",
        "upload.added",
        "upload.before_commit",
        "upload.committed",
        "upload.settle.before",
        "upload.settle.before_commit",
        "upload.settle.committed",
        "upload.forget.before",
        "upload.forget.before_commit",
        "upload.forget.committed",
    ]
