"""What a process becomes: stages compiled as forms by the same engine, deadlines in working time, and its proofs."""

from __future__ import annotations

from formengine.form.process.compile_process import (
    STAGE_PAGE,
    Process,
    ProcessMove,
    ProcessStage,
    check_process,
    compile_process,
)
from formengine.form.process.working_time import add_time, is_working_day, worked_minutes

__all__ = [
    "STAGE_PAGE",
    "Process",
    "ProcessMove",
    "ProcessStage",
    "add_time",
    "check_process",
    "compile_process",
    "is_working_day",
    "worked_minutes",
]
