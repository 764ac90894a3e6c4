"""The timeline of a form that was sent, for whoever sent it: in plain words, with no name of staff."""

from __future__ import annotations

from typing import NamedTuple

from formengine.language.words.moments import moment_text
from formengine.service.cases.timeline import TimelineEntry, stands_at, timeline_of
from formengine.web.context import AppContext


class TimelineLine(NamedTuple):
    """One line as it is read."""

    text: str
    at: str


class SentProgress(NamedTuple):
    """How far a form has come that was sent. stands_at: in a few words. asks: whether a question waits."""

    stands_at: str
    asks: bool
    lines: tuple[TimelineLine, ...]


def progress_of(context: AppContext, submission: str) -> SentProgress | None:
    """How far a form has come that was sent; None for one whose process nobody has declared."""
    case = context.cases.of_submission(submission)
    if case is None:
        return None
    lines = (_line(context, entry) for entry in timeline_of(case, context.cases.events(case)))
    asks = context.questions.open_in(case) is not None
    return SentProgress(stands_at(case), asks, tuple(lines))


def _line(context: AppContext, entry: TimelineEntry) -> TimelineLine:
    words = context.words
    said = (
        entry.text if entry.kind == "stage" else words.text(f"screens.timeline.{entry.kind}", text=entry.text)
    )
    return TimelineLine(said, moment_text(entry.at.astimezone(context.service.zone), words))
