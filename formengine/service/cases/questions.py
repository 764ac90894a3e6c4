"""Questions to whoever sent a form, and their answers: shown and answered after signing in, never e-mailed.

What is answered leads the case on to a person. What comes when nobody waits for it any more is kept as an addition,
and overwrites nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from formengine.language.json_types import JsonObject
from formengine.language.process_model import ANSWERED, LATE
from formengine.service.audit import note
from formengine.service.cases.cases import SYSTEM, CaseRecord, Cases
from formengine.service.context import ServiceContext
from formengine.service.fault_points import point
from formengine.service.ids import new_id
from formengine.store.protocol import StaleRevisionError
from formengine.store.rows import CaseWorkRow

ANSWER: Final = "answer"
# As much as anybody types; a longer text belongs in a file.
MOST_SIGNS: Final = 10_000
_WORK: Final = "case_work"
_ANSWERS: Final = "answers"
_AT_A_TIME: Final = 100


@dataclass(frozen=True, slots=True)
class CaseQuestion:
    """A question that waits for an answer until `due_at`. begun: what was typed before a session ended."""

    text: str
    due_at: datetime
    begun: str = ""


class Questions:
    """The questions of cases."""

    def __init__(self, context: ServiceContext, cases: Cases) -> None:
        self._context = context
        self._cases = cases

    def open_in(self, case: CaseRecord, account: str | None = None) -> CaseQuestion | None:
        """The question for which the case waits, None where it waits for none. account: whose beginnings count."""
        asks = case.stage.spec.asks
        if asks is None or case.row.ended_at is not None:
            return None
        asked = [
            event
            for event in self._cases.events(case)
            if event.kind == "moved" and event.led_to == case.row.stage
        ]
        answers = self._cases.kept(asked[-1]).get("answers") if asked else None
        text = answers.get(asks.text.strip()) if isinstance(answers, dict) else None
        return CaseQuestion(str(text or ""), case.row.due_at, self._begun(case, account))

    def answer(self, case: CaseRecord, text: str, *, actor: str) -> Literal["answered", "added"]:
        """Keep an answer: it leads the case on where that waits for one, else it is an addition to the case.

        Raises ValueError for an answer that is blank or too long.
        """
        written = text.strip()
        if not written or len(written) > MOST_SIGNS:
            raise ValueError("an answer of up to 10,000 characters is wanted")
        kept: JsonObject = {ANSWER: written}
        move = case.stage.move(ANSWERED) if case.stage.spec.asks is not None else None
        if move is not None and case.row.ended_at is None:
            try:
                self._cases.move(case, move, actor=actor, answers=kept, reason="", fields=(ANSWER,))
            except StaleRevisionError:
                # The time was over a moment before: the text is an addition then.
                pass
            else:
                return "answered"
        with self._context.store.write() as tx:
            self._cases.add_event(tx, case.row, "added", actor, kept={"answers": kept, "reason": ""})
            tx.cases.drop_work(case.row.submission, actor)
            note(
                tx,
                self._context,
                actor=actor,
                action="case.added_to",
                subject=case.row.submission,
                fields=(ANSWER,),
            )
            point("case.added.before_commit")
        return "added"

    def keep_begun(self, case: CaseRecord, account: str, text: str) -> None:
        """Keep what somebody has typed whose session was over, until they have signed in again."""
        row_id, keys = new_id(), self._context.keys
        data_key = keys.new_data_key(_WORK, row_id)
        sealed = keys.open_data_key(data_key, _WORK, row_id).seal_json(
            _ANSWERS,
            {"answers": {ANSWER: text}, "reason": ""},
            bound_to=(case.row.submission, account, case.row.stage),
        )
        with self._context.store.write() as tx:
            tx.cases.keep_work(
                CaseWorkRow(
                    id=row_id,
                    submission=case.row.submission,
                    account=account,
                    stage=case.row.stage,
                    data_key=data_key,
                    answers=sealed,
                    saved_at=self._context.clock(),
                )
            )

    def end_late(self) -> int:
        """Lead on the cases whose question was not answered in time; returns how many."""
        ended, now = 0, self._context.clock()
        for process in self._cases.processes.usable():
            for stage in process.stages.values():
                if stage.spec.asks is None:
                    continue
                with self._context.store.read() as tx:
                    rows = tx.cases.open_in(process.id, stage.id, None, _AT_A_TIME)
                ended += sum(self._end(self._cases.of_row(row)) for row in rows if row.due_at <= now)
        return ended

    def _end(self, case: CaseRecord) -> bool:
        move = case.stage.move(LATE)
        if move is None:
            return False
        try:
            self._cases.move(case, move, actor=SYSTEM, answers={}, reason="", fields=())
        except StaleRevisionError:
            return False
        return True

    def _begun(self, case: CaseRecord, account: str | None) -> str:
        if account is None:
            return ""
        with self._context.store.read() as tx:
            row = tx.cases.work(case.row.submission, account)
        if row is None or row.stage != case.row.stage:
            return ""
        kept = self._context.keys.open_data_key(row.data_key, _WORK, row.id).open_object(
            _ANSWERS, row.answers, bound_to=(row.submission, row.account, row.stage)
        )
        answers = kept.get("answers")
        return str(answers.get(ANSWER, "")) if isinstance(answers, dict) else ""
