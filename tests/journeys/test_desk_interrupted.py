"""A case broken off at every fault point, from sending to the outcome: every change is whole or not there.

The work ends at the point, as a killed process does, and goes on from what is stored. That SQLite undoes a transaction
without its commit is shown by tests/chaos.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from formengine.form.analysis.samples import sample_answers
from formengine.service import fault_points
from formengine.service.audit import entries, verify
from formengine.service.desk.decisions import Typed
from formengine.store.protocol import Store
from formengine.store.rows import CaseEventRow, CaseRow, OutboxStatus
from tests.support.desk_people import BOTH, OFFICER, REQUEST, TEACHER
from tests.support.journey_people import account_of
from tests.support.service_app import Service, make_service

# What must have been passed: each change of a case has points around and inside it.
POINTS = {
    *("submit.case_begun", "submit.before_commit", "submit.committed"),
    *("case.begin.added", "mail.after_sending", "mail.sent.before_commit"),
    *("case.work.before", "case.work.before_commit"),
    *("case.read.before_commit",),
    *("case.move.before", "case.move.changed", "case.move.event_added", "case.move.letter_begun"),
    *("case.move.before_commit", "case.move.committed"),
}


class InterruptedWorkError(Exception):
    """The end of the work at a fault point."""


@dataclass
class Work:
    """What a teacher, the background and an officer do with one draft; each step goes on from what is stored."""

    service: Service
    draft: str
    teacher: str
    officer: str
    passed: list[str] = field(default_factory=list)

    def go(self, deadly: int = 0) -> bool:
        """Do all of it; whether it came to its end and was not broken off at the `deadly`-th fault point."""

        def tell(name: str) -> None:
            self.passed.append(name)
            if len(self.passed) == deadly:
                raise InterruptedWorkError(name)

        fault_points.arm(0, tell)
        try:
            self.send()
            asyncio.run(self.service.context.background.once("delivery"))
            self.decide("contact", "protect", immediate="yes", known="open")
            self.decide("decision", "strategy", decision="strategy", threshold="Bruises")
        except InterruptedWorkError:
            return False
        finally:
            fault_points.disarm()
        return True

    def send(self) -> None:
        """Send the draft, which was sent already where the work was broken off after that."""
        parts = self.service.context
        draft = parts.drafts.open(self.draft, account=self.teacher, holder=None)
        if draft is not None:
            parts.submissions.submit(draft, rev=draft.rev)

    def decide(self, stage: str, move: str, **answers: str) -> None:
        """Open the case and decide, where it still stands in the stage."""
        parts = self.service.context
        (receipt,) = parts.submissions.mine(self.teacher, limit=9)
        case = parts.cases.of_submission(receipt.submission)
        staff = parts.staff_roles.of_account(self.officer)
        assert case is not None
        assert staff is not None
        if case.row.ended_at is None and case.row.stage == stage:
            parts.desk.read(staff, case)
            typed = Typed({name: (answer,) for name, answer in answers.items()}, "", stage)
            assert parts.decisions.decide(case, staff, typed, move_id=move, rev=case.row.rev).why == ""


def work_in(folder: Path) -> Work:
    """The work on a new service: a draft that is ready to be sent, and an officer with roles."""
    folder.mkdir()
    service = make_service(folder)
    teacher, officer = account_of(service, TEACHER), account_of(service, OFFICER, "staff")
    for role in BOTH:
        service.context.staff_roles.grant(OFFICER, REQUEST, role)
    form = service.context.drafts.forms.current(REQUEST)
    assert form is not None
    answers = sample_answers(form, on=service.service.today(), seed=1, minimal=True) | {"urgency": "urgent"}
    draft = service.context.drafts.begin(form, account=teacher, holder=None, answers=answers)
    return Work(service, draft.id, teacher, officer)


def kept(store: Store, teacher: str) -> tuple[CaseRow, list[CaseEventRow], list[OutboxStatus]]:
    """The case, what happened to it, and the status of all that was to be sent for it."""
    with store.read() as tx:
        (submission,) = tx.submissions.of_account(teacher, limit=9)
        row = tx.cases.get(submission.id)
        assert row is not None
        deliveries = [
            each.status for each in tx.outbox.of_submission(submission.id) if each.channel == "delivery"
        ]
        return row, tx.cases.events(submission.id), deliveries


@pytest.mark.slow
def test_wherever_the_work_on_a_case_is_broken_off_it_goes_on_and_nothing_is_there_twice(
    tmp_path: Path,
) -> None:
    unharmed = work_in(tmp_path / "unharmed")
    assert unharmed.go()
    unharmed.service.store.close()
    assert set(unharmed.passed) >= POINTS
    for deadly in range(1, len(unharmed.passed) + 1):
        work = work_in(tmp_path / str(deadly))
        assert not work.go(deadly)
        at, work.passed = work.passed[-1], []
        # A claim that was broken off is tried again when its lease is over.
        work.service.clock.move(seconds=30)
        assert work.go(), at
        row, events, deliveries = kept(work.service.store, work.teacher)
        moves = [
            (event.stage, event.move, event.led_to, event.outcome)
            for event in events
            if event.kind == "moved"
        ]
        assert moves == [("contact", "protect", "decision", ""), ("decision", "strategy", "", "strategy")], at
        assert (row.outcome, row.rev) == ("strategy", 3), at
        assert [event.seq for event in events] == list(range(1, len(events) + 1)), at
        assert deliveries == ["sent"], at
        assert [event.kind for event in events].count("delivered") == 1, at
        news = [letter for letter in work.service.mail(TEACHER) if "There is news" in letter.email.subject]
        assert len(news) == 1, at
        assert verify(entries(work.service.store), work.service.keys).problem == "", at
        work.service.store.close()
