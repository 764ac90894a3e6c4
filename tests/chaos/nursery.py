"""A process that does a piece of work again and again, each time in a child that is killed at the next fault point.

The nursery imports everything once, calls the scenario's module's `prepare` where it has one, and forks for each run,
so that a run costs milliseconds. It is a process of its own because a test's process has threads, which do not survive
a fork. What a child says with `tell` reaches the test through a pipe in the order it was said, up to its death.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from formengine.service import fault_points

# The number under which a child has the pipe to the test.
_PIPE = 9
# A scenario is given the folder it works in, and what it is to do there.
Scenario = Callable[[Path, Any], None]


@dataclass
class Run:
    """One run. points: the fault points it passed, in order. told: what it said. killed: whether by a fault point."""

    killed: bool = False
    points: list[str] = field(default_factory=list)
    told: list[Any] = field(default_factory=list)


class Nursery:
    """A running nursery for one scenario; close it after use."""

    def __init__(self, scenario: Scenario) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, scenario.__module__, scenario.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def run(self, folder: Path, what: Any, number: int) -> Run:
        """What became of the scenario with the `number`-th fault point deadly; 0: none is."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(folder), what, number]).encode() + b"\n")
        self._process.stdin.flush()
        run = Run()
        for line in self._process.stdout:
            kind, said = json.loads(line)
            if kind == "end":
                assert said in {"done", "killed"}, f"The scenario failed at {run.points[-1:]}: {said}"
                run.killed = said == "killed"
                return run
            (run.points if kind == "point" else run.told).append(said)
        raise AssertionError(f"The nursery ended with {self._process.wait()}")

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


@contextlib.contextmanager
def nursery_of(scenario: Scenario) -> Iterator[Nursery]:
    nursery = Nursery(scenario)
    try:
        yield nursery
    finally:
        nursery.close()


def tell(what: Any) -> None:
    """Says to the test that something was acknowledged; gone from this process before it returns."""
    _say("told", what)


def _say(kind: str, what: Any) -> None:
    os.write(_PIPE, json.dumps([kind, what]).encode() + b"\n")


def _serve(module: ModuleType, name: str) -> None:
    scenario: Scenario = getattr(module, name)
    if hasattr(module, "prepare"):
        module.prepare()
    # Only the thread that forks lives on in a child: the others must have ended, and let go of what they held.
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(60)
            assert not thread.is_alive(), thread
    for line in sys.stdin:
        folder, what, number = json.loads(line)
        child = os.fork()
        if not child:
            fault_points.arm(number, lambda name: _say("point", name))
            scenario(Path(folder), what)
            # Without the interpreter's farewell: nothing may be put right by an orderly end.
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            _say("end", "killed" if os.WTERMSIG(status) == 9 else f"signal {os.WTERMSIG(status)}")
        else:
            _say("end", f"exit {os.WEXITSTATUS(status)}" if os.WEXITSTATUS(status) else "done")


if __name__ == "__main__":
    # What the service logs goes elsewhere; the pipe to the test is for what is told.
    os.dup2(1, _PIPE)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    _serve(import_module(sys.argv[1]), sys.argv[2])
