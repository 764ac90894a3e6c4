"""The timeline of a form that was sent, for whoever sent it: in plain words, with no name of staff."""

from __future__ import annotations

from typing import NamedTuple

from formengine.language.words.moments import moment_text
from formengine.service.cases.cases import CaseRecord
from formengine.service.cases.timeline import TimelineEntry, stands_at, timeline_of
from formengine.web.context import AppContext


class TimelineLine(NamedTuple):
    """One line as it is read."""

    text: str
    at: str


class SentProgress(NamedTuple):
    """How far a form has come that was sent. stands_at: in a few words.

    promise: who looks at it by when, as the process declares it, "" once somebody has. asks: whether a question waits.
    """

    stands_at: str
    promise: str
    asks: bool
    lines: tuple[TimelineLine, ...]


def progress_of(context: AppContext, submission: str) -> SentProgress | None:
    """How far a form has come that was sent; None for one whose process nobody has declared."""
    case = context.cases.of_submission(submission)
    if case is None:
        return None
    lines = (_line(context, entry) for entry in timeline_of(case, context.cases.events(case)))
    asks = context.questions.open_in(case) is not None
    return SentProgress(stands_at(case), _promise(context, case), asks, tuple(lines))


def _promise(context: AppContext, case: CaseRecord) -> str:
    """Who looks at a new case by when; nothing more is promised than the process declares."""
    if case.row.ended_at is not None or case.row.stage != case.process.first.id:
        return ""
    until = moment_text(case.row.due_at.astimezone(context.service.zone), context.words)
    late = case.row.due_at <= context.service.clock()
    name = "overdue" if late else "promise"
    return context.words.text(f"screens.timeline.{name}", mailbox=case.mailbox_title, until=until)


def _line(context: AppContext, entry: TimelineEntry) -> TimelineLine:
    words = context.words
    said = (
        entry.text if entry.kind == "stage" else words.text(f"screens.timeline.{entry.kind}", text=entry.text)
    )
    return TimelineLine(said, moment_text(entry.at.astimezone(context.service.zone), words))
