"""Deliveries into folders: whole, once, and again only when asked for, whatever ends in the middle."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from formengine.service import fault_points
from formengine.service.delivery.folders import files_of, write_once
from formengine.service.delivery.upkeep import resend
from formengine.service.settings import SettingError, settings_of
from formengine.service.submissions.exports import Export
from formengine.store.rows import OutboxRow
from tests.support.desk_people import sent_by
from tests.support.service_app import Service, make_service

pytestmark = pytest.mark.slow

POINTS = ("delivery.folder.written", "delivery.folder.noted", "delivery.folder.renamed")


class Died(BaseException):
    """The process ends here."""


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    (tmp_path / "drop").mkdir()
    return tmp_path / "drop"


@pytest.fixture
def service(tmp_path: Path, drop: Path) -> Iterator[Service]:
    made = make_service(tmp_path, demo=False, folders={"front_door": drop})
    yield made
    made.store.close()


def write(service: Service) -> int:
    assert service.context.folders is not None
    return asyncio.run(service.context.folders.deliver_due())


def folder_row(service: Service, submission: str) -> OutboxRow:
    with service.store.read() as tx:
        return next(row for row in tx.outbox.of_submission(submission) if row.channel == "folder")


def shown(drop: Path) -> list[str]:
    """What a program that fetches sees."""
    return sorted(each.name for each in drop.iterdir() if not each.name.startswith("."))


def dying_at(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def passed(point: str) -> None:
        if point == name:
            raise Died

    monkeypatch.setattr(fault_points, "_countdown", fault_points._Countdown(0, passed))


def test_a_submission_is_written_with_its_data_and_its_pdf_by_its_reference(
    service: Service, drop: Path
) -> None:
    receipt = sent_by(service, None, urgency="standard")
    sent_by(service, None, urgency="urgent")
    assert [write(service), write(service)] == [1, 0]
    assert shown(drop) == [receipt.reference]
    written = drop / receipt.reference
    sent = service.context.submissions.of_case(receipt.submission)
    assert sent is not None
    assert json.loads((written / "submission.json").read_bytes()) == json.loads(
        json.dumps(dict(sent.envelope))
    )
    assert (written / f"{receipt.reference}.pdf").read_bytes().startswith(b"%PDF-")
    assert sorted(each.name for each in written.iterdir()) == [f"{receipt.reference}.pdf", "submission.json"]
    assert {each.stat().st_mode & 0o777 for each in written.iterdir()} == {0o660}
    assert folder_row(service, receipt.submission).status == "sent"
    with service.store.read() as tx:
        assert [each.kind for each in tx.cases.events(receipt.submission)] == ["begun", "delivered"]


def test_a_folder_that_cannot_be_written_to_waits_and_leaves_nothing_half_shown(
    service: Service, drop: Path
) -> None:
    receipt = sent_by(service, None, urgency="standard")
    drop.rmdir()
    assert write(service) == 0
    assert folder_row(service, receipt.submission).fault == "not_written"
    drop.mkdir()
    service.clock.move(minutes=2)
    assert write(service) == 1
    assert shown(drop) == [receipt.reference]


def test_it_is_written_again_when_asked_for_after_it_was_taken_away(service: Service, drop: Path) -> None:
    receipt = sent_by(service, None, urgency="standard")
    assert write(service) == 1
    shutil.rmtree(drop / receipt.reference)
    assert write(service) == 0
    assert shown(drop) == []
    assert resend(service.service, receipt.reference)
    assert write(service) == 1
    assert shown(drop) == [receipt.reference]


@pytest.mark.parametrize("taken", [False, True])
@pytest.mark.parametrize("name", POINTS)
def test_whatever_dies_it_appears_whole_and_once(
    drop: Path, monkeypatch: pytest.MonkeyPatch, name: str, taken: bool
) -> None:
    files = {"submission.json": b"{}", "files/1-letter.pdf": b"%PDF-"}
    seen = 0
    with monkeypatch.context() as patched:
        dying_at(patched, name)
        with pytest.raises(Died):
            write_once(drop, "a-row", "RFS-1", files)
    if shown(drop):
        seen += 1
        assert (drop / "RFS-1" / "files" / "1-letter.pdf").read_bytes() == b"%PDF-"
        if taken:
            shutil.rmtree(drop / "RFS-1")
    before = shown(drop)
    write_once(drop, "a-row", "RFS-1", files)
    seen += shown(drop) != before
    assert seen == 1
    write_once(drop, "a-row", "RFS-1", files)
    assert len(shown(drop)) == (0 if taken and name == POINTS[2] else 1)


def test_it_waits_for_uploads_that_the_virus_scanner_has_not_judged(
    service: Service, drop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = sent_by(service, None, urgency="standard")
    waiting = Export(receipt.reference, {"submission.json": b"{}"}, ("The file of a waits",), waits=True)
    assert service.context.folders is not None
    monkeypatch.setattr(service.context.folders._exports, "of", lambda _: waiting)
    assert write(service) == 0
    row = folder_row(service, receipt.submission)
    assert (row.status, row.fault, shown(drop)) == ("waiting", "file_waits", [])


def test_what_is_wrong_with_the_files_stands_beside_them() -> None:
    export = Export(
        "RFS-1", {"submission.json": b"{}"}, ("The file of a waits", "The file of b is not there")
    )
    assert files_of(export) == {
        "submission.json": b"{}",
        "problems.txt": b"The file of a waits\nThe file of b is not there\n",
    }


def test_a_folder_is_named_by_its_whole_path() -> None:
    assert settings_of({"FORMENGINE_FOLDER_FRONT_DOOR": "/srv/drop"}).folders == {
        "front_door": Path("/srv/drop")
    }
    with pytest.raises(SettingError, match="FORMENGINE_FOLDER_FRONT_DOOR must be the whole path of a folder"):
        settings_of({"FORMENGINE_FOLDER_FRONT_DOOR": "drop"})
