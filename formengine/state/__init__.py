"""What is true of a form for these answers on this day: computed, never stored."""

from __future__ import annotations

from formengine.form.audience import UnknownAudienceError
from formengine.state.audience import copy_for
from formengine.state.evaluate import evaluate
from formengine.state.problems import FieldError
from formengine.state.state import State
from formengine.state.submission import AudienceCopyError, NotCompleteError
from formengine.state.views import (
    FieldState,
    GroupState,
    ItemState,
    NodeState,
    NoteState,
    PageName,
    PageState,
    RepeatState,
    SectionState,
)

__all__ = [
    "AudienceCopyError",
    "FieldError",
    "FieldState",
    "GroupState",
    "ItemState",
    "NodeState",
    "NotCompleteError",
    "NoteState",
    "PageName",
    "PageState",
    "RepeatState",
    "SectionState",
    "State",
    "UnknownAudienceError",
    "copy_for",
    "evaluate",
]
