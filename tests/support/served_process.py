"""`formengine serve` as a process of its own, at a free port of this machine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.outside_browser import OutsideBrowser

PROGRAM = (sys.executable, "-u", "-m", "formengine")
NO_SETTINGS = {name: text for name, text in os.environ.items() if not name.startswith("FORMENGINE_")}
END_S = 60


def free_port() -> int:
    """A port that nothing listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@dataclass(frozen=True)
class Said:
    """What a process said on its way to being up, and whether it was."""

    text: str
    up: bool


class ServedProcess:
    """A service that is started and ended, on purpose or by what is done to it.

    command: starts it, with the port as it is given here. folder: where it runs, and its log is. host: see
    `OutsideBrowser`. Used as a block, it is ended after it.
    """

    def __init__(
        self,
        command: Sequence[str],
        port: int,
        folder: Path,
        *,
        environment: Mapping[str, str] | None = None,
        host: str | None = None,
        prepare: Callable[[], None] | None = None,
    ) -> None:
        self.port, self.host = port, host
        self.address = f"http://127.0.0.1:{port}"
        self._command = command
        self._environment = {**NO_SETTINGS, **(environment or {})}
        self._folder = folder
        self._prepare = prepare
        self.process: subprocess.Popen[str] | None = None
        self._log_file = folder / "service.log"

    def start(self, *, aloud: bool = False) -> Said:
        """What it said until it answers, or has ended. aloud: its log goes with what it says, for a short life."""
        # In a file: a pipe that nobody reads would be full one day, and stop the service.
        with self._log_file.open("ab") as log:
            self.process = subprocess.Popen(
                self._command,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT if aloud else log,
                text=True,
                cwd=self._folder,
                env=self._environment,
                preexec_fn=self._prepare,  # noqa: PLW1509 - the limits of a process are set by itself
            )
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if "The service is at " in line:
                # It listens already: who connects now waits until it answers.
                return Said(said, up=True)
        self.process.wait(END_S)
        self.process.stdout.close()
        return Said(said + self.log(), up=False)

    def log(self) -> str:
        """What it wrote to standard error since it was made, over all its starts."""
        return self._log_file.read_text(encoding="utf-8")

    def browser(self, *, timeout_s: float = 60.0) -> OutsideBrowser:
        """Somebody's browser."""
        return OutsideBrowser(self.address, host=self.host, timeout_s=timeout_s)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def end(self, by: signal.Signals = signal.SIGINT) -> str:
        """End it; returns what it had said since it was up."""
        assert self.process is not None
        assert self.process.stdout is not None
        self.process.send_signal(by)
        said = self.process.stdout.read()
        self.process.wait(END_S)
        self.process.stdout.close()
        return said

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.end(signal.SIGKILL if kind is not None else signal.SIGINT)
