"""Fault points: named places in the code where a test can end the process as a power cut or the kernel would.

A point does nothing unless the process was started with ``FORMENGINE_FAULT_POINT=N``, or a test armed it: then the
process kills itself with SIGKILL, which nothing can catch, at the N-th point it passes. A harness runs the same
scenario with N = 1, 2, 3 … until it ends unharmed, as SQLite's own crash tests do.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass

ENVIRONMENT = "FORMENGINE_FAULT_POINT"


@dataclass(slots=True)
class _Countdown:
    """left: points still to pass, with the deadly one; 0: none kills. tell: called with each name of a point passed."""

    left: int
    tell: Callable[[str], object] | None = None


def _from_environment() -> _Countdown | None:
    number = os.environ.get(ENVIRONMENT, "")
    return _Countdown(int(number)) if number.isdecimal() and int(number) else None


_countdown: _Countdown | None = _from_environment()


def point(name: str) -> None:
    """Pass the fault point `name`: a dotted name such as ``submit.before_commit``."""
    if _countdown is not None:
        _pass(_countdown, name)


def arm(number: int, tell: Callable[[str], object] | None = None) -> None:
    """Make the `number`-th point from now on deadly (0: none); `tell` is called with each name first."""
    global _countdown  # noqa: PLW0603 - one process, one countdown
    _countdown = _Countdown(number, tell)


def disarm() -> None:
    """Make every point harmless again."""
    global _countdown  # noqa: PLW0603 - as above
    _countdown = None


def _pass(countdown: _Countdown, name: str) -> None:
    if countdown.tell is not None:
        countdown.tell(name)
    if countdown.left:
        countdown.left -= 1
        if not countdown.left:
            os.kill(os.getpid(), signal.SIGKILL)
