"""Why files were refused is stored with the draft, until another file is chosen for the same question."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from formengine.service.fault_points import arm, disarm
from formengine.service.files.refusals import Refusal
from formengine.service.files.refused_files import MOST_REFUSALS, RefusedFiles
from tests.service.test_uploads import Office, Stub

pytestmark = pytest.mark.slow

BAD = Refusal("wrong_content", {"file": "Letter about Mrs O'Neil.pdf", "ending": "PDF"})
LARGE = Refusal("too_large_upload", {"file": "large.pdf", "max_size_mb": "10"})


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path, Stub(True))
    yield made
    made.context.store.close()


@pytest.fixture
def refused(office: Office) -> RefusedFiles:
    return RefusedFiles(office.context)


@pytest.fixture
def record(office: Office, refused: RefusedFiles) -> Callable[..., None]:
    def stored(*refusals: tuple[str, Refusal], chosen: tuple[str, ...] = ()) -> None:
        refused.record(office.draft, refusals, chosen)

    return stored


def test_refusals_come_back_as_they_were_in_the_order_they_came(
    office: Office, refused: RefusedFiles, record: Callable[..., None]
) -> None:
    record(("papers", BAD), ("letter", LARGE))
    record(("papers", LARGE))
    assert refused.of_draft(office.draft.id) == [("papers", BAD), ("letter", LARGE), ("papers", LARGE)]


def test_a_refusal_stays_until_another_file_is_chosen_for_its_question(
    office: Office, refused: RefusedFiles, record: Callable[..., None]
) -> None:
    record(("papers", BAD), ("letter", LARGE))
    record(chosen=("other",))
    record()
    assert refused.of_draft(office.draft.id) == [("papers", BAD), ("letter", LARGE)]
    record(chosen=("papers",))
    assert refused.of_draft(office.draft.id) == [("letter", LARGE)]


def test_a_file_chosen_in_its_place_and_refused_too_has_the_last_word(
    office: Office, refused: RefusedFiles, record: Callable[..., None]
) -> None:
    record(("papers", BAD))
    record(("papers", LARGE), chosen=("papers",))
    assert refused.of_draft(office.draft.id) == [("papers", LARGE)]


def test_the_same_refusal_is_stored_once(
    office: Office, refused: RefusedFiles, record: Callable[..., None]
) -> None:
    record(("papers", BAD))
    record(("papers", BAD))
    assert refused.of_draft(office.draft.id) == [("papers", BAD)]


def test_the_newest_twenty_stay(office: Office, refused: RefusedFiles, record: Callable[..., None]) -> None:
    for number in range(MOST_REFUSALS + 5):
        record(("papers", Refusal("virus", {"file": f"{number}.pdf"})))
    stored = [refusal.facts["file"] for _, refusal in refused.of_draft(office.draft.id)]
    assert stored == [f"{number}.pdf" for number in range(5, 25)]


def test_no_name_of_a_refused_file_stands_readable_in_the_database(
    office: Office, record: Callable[..., None]
) -> None:
    record(("papers", BAD))
    office.context.store.close()
    assert b"Neil" not in office.database.read_bytes()


def test_a_refusal_is_no_file(office: Office, refused: RefusedFiles, record: Callable[..., None]) -> None:
    record(("papers", BAD))
    with office.context.store.read() as tx:
        (row,) = tx.files.of_draft(office.draft.id)
    assert office.uploads.of_draft(office.draft.id) == []
    assert office.uploads.get(office.draft.id, row.id) is None
    assert office.uploads.waiting(10) == []
    with pytest.raises(LookupError):
        office.uploads.content(office.draft.id, row.id)


def test_refusals_take_no_room_from_files(office: Office, record: Callable[..., None]) -> None:
    record(*(("papers", Refusal("virus", {"file": f"{number}.pdf"})) for number in range(20)))
    for _ in range(10):
        office.take()


def test_a_refusal_stays_as_long_as_its_draft_and_ends_with_it(
    office: Office, refused: RefusedFiles, record: Callable[..., None]
) -> None:
    record(("papers", BAD))
    office.clock.move(days=3)
    assert office.uploads.purge(office.drafts) == 0
    assert refused.of_draft(office.draft.id) == [("papers", BAD)]
    office.drafts.cancel(office.draft)
    assert refused.of_draft(office.draft.id) == []
    record(("papers", BAD))
    assert refused.of_draft(office.draft.id) == []


def test_there_is_a_fault_point_before_within_and_after_recording(
    office: Office, record: Callable[..., None]
) -> None:
    passed: list[str] = []
    arm(0, passed.append)
    try:
        record(("papers", BAD))
    finally:
        disarm()
    assert passed == ["upload.refusals.before", "upload.refusals.before_commit", "upload.refusals.committed"]
