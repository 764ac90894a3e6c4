"""Decisions: what staff answer in a stage is saved as they go, and leads the case on by a move that is open.

Nothing that was typed is lost: it is kept, sealed, for whoever typed it, until they decide; also where something is
wrong, where a colleague was faster, and where the session was over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from formengine.form.actions import post_page
from formengine.form.actions.drafts import Answers
from formengine.form.actions.input_names import Data
from formengine.form.process import STAGE_PAGE, ProcessMove, ProcessStage
from formengine.form.state import State, evaluate
from formengine.language.json_types import JsonObject, expect_object, expect_text
from formengine.service.audit import note
from formengine.service.cases.cases import CaseRecord, Cases
from formengine.service.context import ServiceContext
from formengine.service.desk.staff import Staff
from formengine.service.fault_points import point
from formengine.service.ids import new_id
from formengine.store.protocol import StaleRevisionError
from formengine.store.rows import CaseWorkRow

_TABLE: Final = "case_work"
_ANSWERS: Final = "answers"

# Why a case was not led on: something is wrong in the stage's answers; the answers do not open this move; the reason is
# missing; somebody else was faster.
Unmoved = Literal["wrong", "not_open", "no_reason", "stale"]


@dataclass(frozen=True, slots=True)
class Typed:
    """What was posted into a stage: the inputs by name, the reason, and the id of the stage that was shown."""

    data: Data
    reason: str
    stage: str


@dataclass(frozen=True, slots=True)
class StageWork:
    """What somebody has typed into the stage in which a case stands. reason: why the move, as typed."""

    answers: Answers
    reason: str
    state: State


@dataclass(frozen=True, slots=True)
class Decided:
    """The result of a decision. case: as it is now. why: "" where it was led on."""

    case: CaseRecord
    work: StageWork
    why: Unmoved | Literal[""] = ""
    move: str = ""


class Decisions:
    """Takes decisions on cases. Who may take one, the caller has checked with `Staff.may_decide`."""

    def __init__(self, context: ServiceContext, cases: Cases) -> None:
        self._context = context
        self._cases = cases

    def work(self, case: CaseRecord, account: str) -> StageWork:
        """What this account has typed into the case's stage; of an earlier stage nothing is taken over."""
        with self._context.store.read() as tx:
            row = tx.cases.work(case.row.submission, account)
        if row is None or row.stage != case.row.stage:
            return self._work(case.stage, {}, "")
        return self._opened(case.stage, row)

    def left_behind(self, case: CaseRecord, account: str) -> StageWork | None:
        """What this account has typed into a stage that the case has left meanwhile, None for nothing."""
        with self._context.store.read() as tx:
            row = tx.cases.work(case.row.submission, account)
        stage = case.process.stages.get(row.stage) if row is not None else None
        if row is None or stage is None or (stage is case.stage and case.row.ended_at is None):
            return None
        return self._opened(stage, row)

    def save(self, case: CaseRecord, account: str, typed: Typed) -> StageWork:
        """Save what was typed into the stage, right or wrong; returns it."""
        return self._saved(case, account, typed)

    def decide(self, case: CaseRecord, staff: Staff, typed: Typed, *, move_id: str, rev: int) -> Decided:
        """Save what was typed, and lead the case on by this move where that is open.

        rev: the revision of the case that was seen. Of two people who decide on one case at once, one does; `why` says
        so to the other. Raises KeyError for a move that the stage has not.
        """
        stale = rev != case.row.rev or case.row.ended_at is not None
        move = None if stale else case.stage.move(move_id)
        if move is None and not stale:
            raise KeyError(move_id)
        work = self._saved(case, staff.account, typed)
        why: Unmoved | Literal[""] = "stale" if move is None else _why_not(move, work)
        if why or move is None:
            return Decided(case, work, why, move_id)
        answers: JsonObject = dict(work.state.answers)
        try:
            moved = self._cases.move(
                case,
                move,
                actor=staff.account,
                answers=answers,
                reason=work.reason,
                fields=sorted(answers),
            )
        except StaleRevisionError:
            return Decided(self._again(case), work, "stale", move_id)
        return Decided(moved, work, "", move_id)

    def open_moves(self, case: CaseRecord, work: StageWork) -> list[ProcessMove]:
        """The moves that these answers open."""
        return [move for move in case.stage.moves if move.is_open(work.state)]

    def _again(self, case: CaseRecord) -> CaseRecord:
        found = self._cases.of_submission(case.row.submission)
        return found if found is not None else case

    def _saved(self, case: CaseRecord, account: str, typed: Typed) -> StageWork:
        # The stage of the page that was posted: the case may have left it meanwhile.
        stage = case.process.stages.get(typed.stage, case.stage)
        with self._context.store.read() as tx:
            kept_before = tx.cases.work(case.row.submission, account)
        known = kept_before is not None and kept_before.stage == stage.id
        before = self._opened(stage, kept_before) if known and kept_before else self._work(stage, {}, "")
        outcome = post_page(
            stage.form, before.answers, STAGE_PAGE, typed.data, on=self._context.today(), before=before.state
        )
        work = StageWork(outcome.draft, typed.reason.strip(), outcome.state)
        row_id, keys = new_id(), self._context.keys
        data_key = keys.new_data_key(_TABLE, row_id)
        kept: JsonObject = {"answers": outcome.draft, "reason": work.reason}
        row = CaseWorkRow(
            id=row_id,
            submission=case.row.submission,
            account=account,
            stage=stage.id,
            data_key=data_key,
            answers=keys.open_data_key(data_key, _TABLE, row_id).seal_json(
                _ANSWERS, kept, bound_to=(case.row.submission, account, stage.id)
            ),
            saved_at=self._context.clock(),
        )
        point("case.work.before")
        with self._context.store.write() as tx:
            tx.cases.keep_work(row)
            note(
                tx,
                self._context,
                actor=account,
                action="case.work_saved",
                subject=case.row.submission,
                fields=sorted(outcome.draft),
            )
            point("case.work.before_commit")
        return work

    def _opened(self, stage: ProcessStage, row: CaseWorkRow) -> StageWork:
        key = self._context.keys.open_data_key(row.data_key, _TABLE, row.id)
        kept = key.open_object(_ANSWERS, row.answers, bound_to=(row.submission, row.account, row.stage))
        return self._work(stage, expect_object(kept["answers"]), expect_text(kept["reason"]))

    def _work(self, stage: ProcessStage, answers: Answers, reason: str) -> StageWork:
        return StageWork(answers, reason, evaluate(stage.form, answers, on=self._context.today()))


def _why_not(move: ProcessMove, work: StageWork) -> Unmoved | Literal[""]:
    """Why a move cannot be taken, "" where it can.

    A move without a condition that asks for a reason hands the case back: the questions may be left blank.
    """
    hands_back = move.when is None and move.spec.reason
    if not hands_back and not work.state.complete:
        return "wrong"
    if not move.is_open(work.state):
        return "not_open"
    if move.spec.reason and not work.reason:
        return "no_reason"
    return ""
