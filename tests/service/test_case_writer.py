"""Somebody who can write to the database and has no key, at the desk and in the studio."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from formengine.service.accounts.users import set_role
from formengine.service.crypto.envelope import SealError
from formengine.service.row_seals import altered_rows
from formengine.service.studio.publishing import OPERATOR
from tests.support.desk_people import (
    NOTIFICATION,
    OFFICER,
    REQUEST,
    decide,
    open_case,
    path_of,
    sent_by,
    staff,
)
from tests.support.journey_people import account_of, sign_in, signed_in
from tests.support.service_app import Service
from tests.support.studio import FORM, MAIN, author, publish, save, studio_service

pytestmark = pytest.mark.slow


def sql(service: Service, statement: str, *values: Any) -> None:
    """What the writer does, in a connection of their own."""
    with closing(sqlite3.connect(service.settings.database)) as connection:
        connection.execute(statement, values)
        connection.commit()


@pytest.mark.parametrize(
    ("column", "value"),
    [("form", NOTIFICATION), ("route", "thanet"), ("urgent", ""), ("submission", "other")],
)
def test_a_case_that_was_given_to_other_staff_opens_to_nobody(
    service: Service, column: str, value: str
) -> None:
    reference = sent_by(service, None).reference
    other = sent_by(service, None)
    somebody = staff(service, form=NOTIFICATION, roles=("triage",))
    own = staff(service, "own@example.org")
    if column == "submission":
        # The other form that was sent, shown as this case.
        sql(service, "DELETE FROM cases WHERE submission = ?", other.submission)
        value = other.submission
    if column == "urgent":
        sql(service, "UPDATE cases SET urgent = 1 - urgent WHERE reference = ?", reference)
    else:
        sql(service, f"UPDATE cases SET {column} = ? WHERE reference = ?", value, reference)  # noqa: S608
    for each in (somebody, own):
        for answer in (
            each.browser.get(path_of(reference)),
            each.browser.submit(path_of(reference), {"-action": "open"}),
        ):
            assert answer.status_code in {404, 500}
            assert "As it was sent" not in answer.text
    with pytest.raises(SealError, match="was altered"):
        service.context.cases.by_reference(reference)


def test_what_staff_typed_opens_in_its_own_case_and_turn_alone(service: Service) -> None:
    officer = staff(service)
    first, second = sent_by(service, None), sent_by(service, None)
    open_case(officer, second.reference)
    decide(officer, second.reference, "protect", stage="contact", immediate="yes", known="open")
    case = service.context.cases.of_submission(second.submission)
    assert case is not None
    moved = next(event for event in service.context.cases.events(case) if event.kind == "moved")
    assert service.context.cases.kept(moved)["answers"] == {"immediate": "yes", "known": "open"}
    for column, value in (("submission", first.submission), ("actor", "ada"), ("move", "close"), ("seq", 9)):
        sql(service, f"UPDATE case_events SET {column} = ? WHERE id = ?", value, moved.id)  # noqa: S608
        with service.store.read() as tx:
            found = [*tx.cases.events(first.submission), *tx.cases.events(second.submission)]
        with pytest.raises(SealError, match="does not open"):
            service.context.cases.kept(next(event for event in found if event.id == moved.id))
        was = getattr(moved, column)
        sql(service, f"UPDATE case_events SET {column} = ? WHERE id = ?", was, moved.id)  # noqa: S608


def test_what_a_colleague_has_typed_and_not_sent_opens_to_nobody_else(service: Service) -> None:
    officer, reader = staff(service), staff(service, "reader@example.org")
    receipt = sent_by(service, None)
    open_case(officer, receipt.reference)
    texts = {"-action": "save", "-rev": "1", "-stage": "contact", "-reason": "My first thought"}
    officer.browser.submit(path_of(receipt.reference), texts)
    case = service.context.cases.of_submission(receipt.submission)
    assert case is not None
    assert officer.account is not None
    assert reader.account is not None
    assert service.context.decisions.work(case, officer.account).reason == "My first thought"
    sql(service, "UPDATE case_work SET account = ?", reader.account)
    with pytest.raises(SealError, match="does not open"):
        service.context.decisions.work(case, reader.account)


def altered(service: Service) -> list[str]:
    return list(altered_rows(service.store, service.keys))


def test_a_role_that_nobody_gave_and_a_case_that_was_moved_are_named(service: Service) -> None:
    officer = staff(service, roles=("officer",), route="")
    receipt = sent_by(service, None)
    mallory = signed_in(service, "mallory@example.org", "staff")
    assert altered(service) == []
    sql(service, "INSERT INTO staff_roles VALUES (?, ?, 'officer', '')", mallory.account, REQUEST)
    sql(service, "UPDATE staff_roles SET route = 'dover' WHERE account = ?", officer.account)
    sql(service, "UPDATE cases SET route = 'dover' WHERE submission = ?", receipt.submission)
    assert sorted(altered(service)) == sorted(
        [
            f"The case of submission {receipt.submission} was altered: whose it is, or how urgent",
            f"Account {mallory.account} is officer in {REQUEST}, and nobody gave it that role",
            f"Account {officer.account} is officer of dover in {REQUEST}, and nobody gave it that role",
        ]
    )


def test_a_publication_that_nobody_published_and_one_that_is_gone_are_named(tmp_path: Path) -> None:
    service = studio_service(tmp_path)
    ash = author(service).browser
    for title in ("Ask for a visit soon", "Ask for a visit today"):
        assert save(ash, FORM.replace("title: Ask for a visit", f"title: {title}")).status_code == 303
        assert publish(ash).status_code == 303
    assert altered(service) == []
    sql(
        service,
        "UPDATE publications SET digest = (SELECT digest FROM publications WHERE number = 1) WHERE number = 2",
    )
    assert altered(service) == ["Publication visit 2 is in no entry of the audit: it was put in, or altered"]
    sql(service, "DELETE FROM publications WHERE number > 1")
    gone = [f"Publication visit {number}, which the audit names, is gone" for number in (2, 3)]
    # What is left is the file's, which was kept beside the second and is live again.
    put_in = "Publication visit 1 is in no entry of the audit: it was put in, or altered"
    assert altered(service) == [put_in, *gone]
    service.store.close()


def test_every_way_of_publishing_is_in_the_audit(tmp_path: Path) -> None:
    service = studio_service(tmp_path)
    publishing, ash = service.context.publishing, account_of(service, "ash@example.org", "author")
    account_of(service, "noor@example.org", "approver")

    def text(title: str) -> dict[str, str]:
        return {MAIN: FORM.replace("title: Ask for a visit", f"title: {title}")}

    later = service.clock() + timedelta(days=1)
    publishing.publish("visit", text("Alone"), account=ash, reason="Urgent", alone=True)
    publishing.publish("visit", text("By an operator"), account=OPERATOR, reason="New")
    publishing.roll_back("visit", 1, account=ash, reason="Worse")
    publishing.publish("visit", text("Later"), account=ash, reason="In time", alone=True, from_at=later)
    assert len(publishing.history("visit")) == 5
    assert altered(service) == []
    service.store.close()


def test_roles_on_the_desk_end_with_being_staff_and_are_given_to_staff_alone(service: Service) -> None:
    officer = staff(service)
    reference = sent_by(service, None).reference
    assert officer.account is not None
    assert set_role(service.service, OFFICER, "author")
    assert set_role(service.service, OFFICER, "staff")
    assert service.context.staff_roles.of_account(officer.account) is None
    sign_in(service, officer.browser, officer.account)
    assert officer.browser.get(path_of(reference)).status_code == 404
    signed_in(service, "teacher@example.org")
    assert service.context.staff_roles.grant("teacher@example.org", REQUEST, "officer") is None
    assert altered(service) == []
