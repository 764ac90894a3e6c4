"""What whoever sent a form may know of its case: when it came to whom, and how it stands; no name of staff."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from formengine.language.process_model import ANSWERED
from formengine.service.cases.cases import CaseRecord
from formengine.store.rows import CaseEventRow

TimelineKind = Literal["sent", "delivered", "opened", "answered", "added", "stage", "outcome"]


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One line. text: the mailbox's name, the words of the stage or those of the outcome; "" where kind says all."""

    kind: TimelineKind
    at: datetime
    text: str = ""


def timeline_of(case: CaseRecord, events: Iterable[CaseEventRow]) -> list[TimelineEntry]:
    """The lines in order. It was opened when staff first read it; a stage that says what the last one said is left out.

    Nobody may conclude from the lines who read it how often, or what staff typed.
    """
    lines = [TimelineEntry("sent", case.row.begun_at)]
    opened, said = False, case.process.first.spec.notifier_sees
    for event in events:
        if event.kind == "delivered":
            lines.append(TimelineEntry("delivered", event.at, case.mailbox_title))
        elif event.kind == "read" and not opened:
            opened = True
            lines.append(TimelineEntry("opened", event.at))
        elif event.kind == "added":
            lines.append(TimelineEntry("added", event.at))
        elif event.kind == "moved" and event.led_to:
            if event.move == ANSWERED and case.process.stages[event.stage].spec.asks is not None:
                lines.append(TimelineEntry("answered", event.at))
            sees = case.process.stages[event.led_to].spec.notifier_sees
            if sees != said:
                lines.append(TimelineEntry("stage", event.at, sees))
            said = sees
        elif event.kind == "moved":
            label = case.process.definition.outcomes[event.outcome].label
            lines.append(TimelineEntry("outcome", event.at, label))
    return lines


def stands_at(case: CaseRecord) -> str:
    """How the case stands, in the words that whoever sent the form reads."""
    return case.outcome_label or case.stage.spec.notifier_sees
