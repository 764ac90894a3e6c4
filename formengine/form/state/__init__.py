"""What is true of a form for these answers on this day: computed, never stored."""

from __future__ import annotations

from formengine.form.plan.audience import UnknownAudienceError
from formengine.form.state.audience_copy import copy_for
from formengine.form.state.evaluate import evaluate
from formengine.form.state.field_errors import FieldError
from formengine.form.state.state import State
from formengine.form.state.submission import AudienceCopyError, NotCompleteError
from formengine.form.state.views import (
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
