"""Somebody who can write to the database and has no key, at the desk and in the studio."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from formengine.service.crypto.envelope import SealError
from tests.support.desk_people import NOTIFICATION, decide, open_case, path_of, sent_by, staff
from tests.support.service_app import Service


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
