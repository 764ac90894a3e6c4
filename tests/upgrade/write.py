"""Write a folder of data as the formengine that runs here leaves it: ``python -m tests.upgrade.write 0.1``.

Every later main opens the folder (tests/upgrade/test_upgrade.py). It is written once, by the main whose name it bears,
and never changed afterwards. All people are invented, and the keys are for tests.

Nothing is put into the database by hand: people register, fill in and send in a browser, four weeks long. What a later
main has to find stands in ``expected.json``; what becomes of drafts that go on is tried out on a copy.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from tests.upgrade import opening
from tests.upgrade.first_day import begin_with_older_forms, close_an_account, older_forms, register_people
from tests.upgrade.last_day import fill_in, fill_in_as_visitors, keep_pdfs, post_late, send
from tests.upgrade.last_steps import leave_things_pending, tell_addresses
from tests.upgrade.opening import change_key, opened
from tests.upgrade.rehearsing import rehearsed
from tests.upgrade.writing import Writing

HERE = Path(__file__).parent
FIRST_DAY = datetime(2026, 10, 26, 9, 0, tzinfo=UTC)
WARNED = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
LAST_DAY = datetime(2026, 11, 22, 9, 38, tzinfo=UTC)
END = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
KEYS_NOTE = "Keys of the tests, known to everybody who has this project: never for a service"


def four_weeks(writing: Writing) -> None:
    """Let people use a service on the folder for four weeks."""
    with opened(writing.folder, FIRST_DAY, forms=older_forms()) as service:
        register_people(writing, service)
        begin_with_older_forms(writing, service)
        close_an_account(writing, service)
        service.send_mail(refused="jo.gone@example.com", busy="max.hill@example.com")
        service.run_until(WARNED)
    change_key(writing.folder)
    with opened(writing.folder, WARNED) as service:
        assert service.warn_owners() == 2
        service.run_until(LAST_DAY)
    with opened(writing.folder, LAST_DAY) as service:
        post_late(writing, service, END)
        fill_in(writing, service)
        fill_in_as_visitors(writing, service)
        send(writing, service)
        leave_things_pending(writing, service)
        keep_pdfs(writing, service)
        tell_addresses(writing, service)


def write(name: str) -> Path:
    """Write the folder ``tests/upgrade/<name>``, which must not be there yet; return it."""
    kept = HERE / name
    kept.mkdir()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "service"
        shutil.copytree(HERE / "forms", folder / "forms")
        writing = Writing(folder)
        four_weeks(writing)
        shutil.copyfile(folder / "data" / opening.DATABASE, kept / opening.DATABASE)
        keys = {"note": KEYS_NOTE, **json.loads((folder / opening.KEYS).read_text(encoding="utf-8"))}
        (kept / opening.KEYS).write_text(json.dumps(keys, indent=1) + "\n", encoding="utf-8")
        shutil.copytree(folder / "forms", kept / opening.FORMS)
        shutil.copytree(folder / "kept", kept / "kept")
        told = {"written_by": opening.version(), "at": END.isoformat(), **asdict(writing.told)}
        rehearsed(told, kept, Path(scratch))
    text = json.dumps(told, indent=1, ensure_ascii=False)
    (kept / "expected.json").write_text(text + "\n", encoding="utf-8")
    return kept


if __name__ == "__main__":
    print(write(sys.argv[1]))  # noqa: T201 - says where it is
