"""A process that asks `/healthz` without end, and keeps how long the longest answer took.

It is a process of its own, so that it measures the service and not the threads of who tries it, and keeps one
connection open: how soon this machine connects is no part of it. By standard input it is told to stop measuring
("pause"), to go on ("on") and to end (""); then it says what it found.
"""

from __future__ import annotations

import http.client
import json
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

# Between two looks.
LOOK_EVERY_S: Final = 0.02
_TIMEOUT_S: Final = 120


class HealthWatch:
    """Such a process, for the length of a block. longest_s: how long the longest answer took; wrong: what was none."""

    def __init__(self, address: str) -> None:
        self._port = address.rpartition(":")[2]
        self.longest_s = 0.0
        self.asked = 0
        self.wrong: list[str] = []

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, self._port],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._said()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        said, _ = self._process.communicate()
        found = json.loads(said)
        self.longest_s, self.asked, self.wrong = found["longest_s"], found["asked"], found["wrong"]

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Meanwhile nothing is measured: a process that is stopped answers nobody."""
        self._tell("pause")
        yield
        self._tell("on")

    def _tell(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        self._said()

    def _said(self) -> None:
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "heard\n"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _watch(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
    longest_s, asked, wrong, measures = 0.0, 0, [], True
    _say("heard")
    while True:
        ready, _, _ = select.select([sys.stdin], [], [], LOOK_EVERY_S)
        if ready:
            word = sys.stdin.readline().strip()
            if not word:
                break
            measures = word == "on"
            _say("heard")
        if not measures:
            continue
        begun = time.perf_counter()
        try:
            connection.request("GET", "/healthz")
            answer = connection.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException) as error:
            wrong.append(f"/healthz: {type(error).__name__}")
            connection.close()
            continue
        asked += 1
        longest_s = max(longest_s, time.perf_counter() - begun)
        if said != b"ok\n":
            wrong.append(f"/healthz: {answer.status}")
    connection.close()
    _say(json.dumps({"longest_s": longest_s, "asked": asked, "wrong": wrong}))


if __name__ == "__main__":
    _watch(int(sys.argv[1]))
