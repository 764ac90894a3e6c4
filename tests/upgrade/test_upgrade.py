"""Each folder of data that an earlier main wrote is opened by today's: nothing is lost, and everything answers.

What has to be found stands in the folder's ``expected.json``, which the earlier main wrote (tests/upgrade/write.py).
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.upgrade.acting import WORD, id_in, sign_in
from tests.upgrade.folders import FOLDERS, Shared, Upgraded, each, told_by

pytestmark = pytest.mark.slow

# --- opening ----------------------------------------------------------------------------------------------------------


def test_there_is_a_folder() -> None:
    assert [folder.name for folder in FOLDERS][:1] == ["0.1"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.name))
def test_a_folder_is_small_and_leaves_no_table_empty(folder: Path) -> None:
    rows = told_by(folder)["rows"]
    # Nothing is marked to be destroyed before the end of its four weeks, which is the folder's.
    assert {table for table, count in rows.items() if not count} <= {"marked_drafts"}
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 2_000_000


def test_a_folder_opens_with_nothing_lost_and_nothing_wrong(data: Upgraded) -> None:
    rows = data.service.rows()
    # The first start seals the rows of version 0.1, with an entry for each.
    assert rows.pop("audit") >= data.told["rows"]["audit"]
    assert {table: rows[table] for table in data.told["rows"] if table != "audit"} == {
        table: count for table, count in data.told["rows"].items() if table != "audit"
    }
    assert data.service.unopened() == []
    assert data.service.store_problems() == []
    assert data.service.doctor() == []
    visitor = data.browser("")
    assert (visitor.get("/healthz").status_code, visitor.get("/readyz").status_code) == (200, 200)


def test_the_audit_goes_on_from_the_head_that_was_kept(data: Upgraded) -> None:
    assert data.service.audit_problem(data.told["audit"]) == ""
    sign_in(data.service, data.browser(""), data.account("alex"))
    assert data.service.audit_problem(data.told["audit"]) == ""
    assert int(data.service.audit_head().partition(":")[0]) > int(data.told["audit"].partition(":")[0])


# --- what was sent ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("folder", "name"), each("submissions"))
def test_a_submission_says_the_same(shared: Shared, folder: Path, name: str) -> None:
    data = shared(folder)
    told = data.told["submissions"][name]
    now = data.service.submission(told["reference"])
    text = " ".join(now.pop("text").split())
    assert now == {key: value for key, value in told["kept"].items() if key != "text"}
    assert [said for said in prose(now["envelope"]["answers"]) if said not in text] == []
    assert told["reference"] in text


def prose(answers: Any) -> list[str]:
    """The texts of several words among answers: no codes, which a record says in other words."""
    if isinstance(answers, dict):
        return [text for value in answers.values() for text in prose(value)]
    if isinstance(answers, list):
        return [text for value in answers for text in prose(value)]
    return [" ".join(answers.split())] if isinstance(answers, str) and " " in answers.strip() else []


@pytest.mark.parametrize("part", ["drafts", "submissions"])
def test_files_have_the_same_bytes(data: Upgraded, part: str) -> None:
    files = [(thing["way"], file) for thing in data.told[part].values() for file in thing["files"]]
    assert files
    for way, file in files:
        if file["check"] == "refused":
            with pytest.raises(LookupError):
                data.service.file(id_in(way), file["id"])
        else:
            content = data.service.file(id_in(way), file["id"])
            assert (sha256(content).hexdigest(), len(content)) == (file["sha256"], file["size_bytes"])


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("folder", "turn"), each("addresses"))
def test_an_address_answers_as_it_did(shared: Shared, folder: Path, turn: int) -> None:
    data = shared(folder)
    address = data.told["addresses"][turn]
    answer = data.browser(address["browser"]).get(address["path"])
    assert (answer.status_code, answer.headers.get("location", "")) == (
        address["status"],
        address["location"],
    )
    assert address["phrase"] in answer.text


def test_what_was_mailed_to_people_without_a_session_answers_the_next_day_too(data: Upgraded) -> None:
    data.service.move(days=1)
    data.service.clean_up()
    for address in data.told["addresses"]:
        if not address["browser"]:
            answer = data.browser("").get(address["path"])
            assert (answer.status_code, answer.headers.get("location", "")) == (
                address["status"],
                address["location"],
            )


@pytest.mark.parametrize("by", ["a new browser", "the old one"])
def test_a_mailed_link_leads_back_to_the_draft(data: Upgraded, by: str) -> None:
    for draft in data.told["drafts"].values():
        if draft.get("link"):
            browser = data.browser("" if by == "a new browser" else draft["browser"])
            assert browser.submit(draft["link"], {"word": WORD}).headers["location"] == draft["way"]
            assert browser.get(draft["way"]).status_code == 200


def test_every_email_that_waits_is_drawn_and_sent(data: Upgraded) -> None:
    now = [{"to": letter.to, "paths": list(letter.paths)} for letter in data.service.mail()]
    assert now == data.told["mail"]
    assert data.service.send_mail() > 0
    # What was refused four weeks ago stays known, and so does a code that comes too late.
    assert data.service.outbox() == {("sent", ""), ("dead", "smtp_550"), ("dead", "too_late")}


# --- time and keys ----------------------------------------------------------------------------------------------------


def test_two_months_later_what_was_begun_is_gone_and_what_was_sent_is_not(data: Upgraded) -> None:
    for days in (30, 6, 24):
        data.service.move(days=days)
        data.service.clean_up()
    assert {data.service.status(id_in(draft["way"])) for draft in data.told["drafts"].values()} == {
        "cancelled"
    }
    for told in data.told["submissions"].values():
        assert data.service.envelope(told["reference"]) == told["kept"]["envelope"]
    assert data.service.audit_problem(data.told["audit"]) == ""


def test_what_two_keys_seal_is_sealed_by_one_and_opens(data: Upgraded) -> None:
    assert data.service.keys_needed() == 2
    data.service.rewrap()
    assert data.service.keys_needed() == 1
    assert data.service.unopened() == []
    for draft in data.told["drafts"].values():
        assert data.service.draft(id_in(draft["way"]))["answers"] == draft["kept"]["answers"]


# --- known by hand, so that not everything is what an earlier main said of itself -------------------------------------

FIRST = Path(__file__).parent / "0.1"
AYO = {
    "on_behalf_of": "someone_else_professional",
    "relationship": "Head teacher",
    "first_name": "Ayo",
    "last_name": "Example",
    "date_of_birth": "2015-07-04",
    "gender": "female",
    "ethnicity": "A1",
    "address": {"house": "12", "street": "Invented Lane", "town": "Sampletown", "postcode": "CT1 1AA"},
}


def test_0_1_holds_what_was_typed_about_ayo(shared: Shared) -> None:
    data = shared(FIRST)
    answers = data.service.draft(id_in(data.told["drafts"]["request half-way"]["way"]))["answers"]
    assert answers["urgency"] == "urgent"
    assert answers["child"] == AYO
    assert answers["you"]["email"] == "alex.morgan@example.com"
    assert answers["children_same_address"] == [
        {"id": "ibrknkmad0002", "first_name": "Bo", "last_name": "Example", "gender": "male"}
    ]


def test_0_1_holds_an_answer_that_only_its_older_definition_asks_for(shared: Shared) -> None:
    data = shared(FIRST)
    draft = data.service.draft(id_in(data.told["drafts"]["older notification"]["way"]))
    assert (draft["version"], draft["answers"]["nickname"]) == ("2025.3", "The Samples")


def test_0_1_holds_five_submissions(shared: Shared) -> None:
    data = shared(FIRST)
    found = {
        name: data.service.submission(told["reference"]) for name, told in data.told["submissions"].items()
    }
    assert {name: (sent["urgency"], sent["route"]) for name, sent in found.items()} == {
        "older notification sent": ("standard", "thanet"),
        "of a closed account": ("standard", ""),
        "request sent": ("urgent", ""),
        "notification sent": ("standard", "thanet"),
        "help sent": ("urgent", ""),
    }
    sent = found["request sent"]["envelope"]
    assert (sent["format"], sent["form"], sent["on"]) == ("submission/1", "request-for-support", "2026-11-22")
    assert sent["answers"]["child"] == {**AYO, "first_name": "Fay"}
    assert sent["answers"]["concerns"] == "Often hungry & tired: “no breakfast”,\nshe says"


def test_0_1_opens_with_a_password_known_by_hand(going_on: Shared) -> None:
    data = going_on(FIRST)
    browser = data.browser("")
    sign_in(data.service, browser, {"email": "kim.lee@example.com", "password": "seven loud umbrellas"})
    assert "kim.lee@example.com" in browser.get("/account").text
