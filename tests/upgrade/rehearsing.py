"""Trying out on a copy what a later main must find, and filling it in: see `tests.upgrade.write`."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.upgrade.acting import continue_from, finish, id_in, without_file_ids
from tests.upgrade.opening import Opened, copied, opened

# So long after the last moment of a folder it is opened again: codes and sessions still live.
LATER = timedelta(minutes=3)


def rehearsed(told: dict[str, Any], kept: Path, folder: Path) -> None:
    """Fill in what a later main must find: what is kept, what becomes of it, and what each address answers."""
    at = datetime.fromisoformat(told["at"])
    with opened(copied(kept, folder / "kept"), at) as service:
        told["audit"], told["rows"] = service.audit_head(), service.rows()
        told["mail"] = [{"to": letter.to, "paths": list(letter.paths)} for letter in service.mail()]
        for draft in told["drafts"].values():
            draft["kept"] = service.draft(id_in(draft["way"]))
            draft["files"] = files_of(service, draft["way"])
        for each in told["submissions"].values():
            each["kept"] = service.submission(each["reference"])
            each["files"] = files_of(service, each["way"])
    at += LATER
    with opened(copied(kept, folder / "addresses"), at) as service:
        for address in told["addresses"]:
            answer = service.browser(told["browsers"].get(address["browser"], "")).get(address["path"])
            if not address["status"]:
                address["status"], address["location"] = (
                    answer.status_code,
                    answer.headers.get("location", ""),
                )
            found = answer.status_code, answer.headers.get("location", "")
            assert found == (address["status"], address["location"]), (address, found)
            assert address["phrase"] in answer.text, address
    with opened(copied(kept, folder / "drafts"), at) as service:
        for draft in told["drafts"].values():
            steps, reference = finish(service, told, draft)
            draft["rest"] = [step.to_json() for step in steps]
            draft["finished"] = without_file_ids(service.envelope(reference)["answers"])
    with opened(copied(kept, folder / "pdfs"), at) as service:
        for pdf_kept in told["kept"]:
            browser = service.browser(told["browsers"][pdf_kept["browser"]])
            way, _ = continue_from(browser, pdf_kept["file"], (kept / "kept" / pdf_kept["file"]).read_bytes())
            draft = service.draft(id_in(way))
            pdf_kept.update(
                {"answers": draft["answers"], "version": draft["version"], "digest": draft["digest"]}
            )


def files_of(service: Opened, way: str) -> list[dict[str, Any]]:
    """The files of a draft, each with SHA-256 of its bytes; "" for one that the scanner refused."""
    draft = id_in(way)
    return [
        {
            **file,
            "sha256": ""
            if file["check"] == "refused"
            else sha256(service.file(draft, file["id"])).hexdigest(),
        }
        for file in service.files(draft)
    ]
