"""What is true of a form for these answers on this day: computed, never stored."""

from __future__ import annotations

from formengine.state.evaluate import evaluate
from formengine.state.problems import FieldError
from formengine.state.state import State
from formengine.state.submission import NotCompleteError
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
    "evaluate",
]
