"""Fault points: harmless unless asked for, then deadly at exactly the one that was named."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from formengine.service import fault_points

PASSES = """
from formengine.service.fault_points import point
for number in range(1, 4):
    point(f'p{number}')
    print(number, flush=True)
"""


def passed(number: str) -> tuple[int, str]:
    environment = {**os.environ, "FORMENGINE_FAULT_POINT": number}
    ended = subprocess.run(
        [sys.executable, "-c", PASSES], env=environment, capture_output=True, text=True, check=False
    )
    return ended.returncode, ended.stdout.replace("\n", " ").strip()


def test_the_environment_names_the_point_that_kills() -> None:
    assert passed("2") == (-signal.SIGKILL, "1")
    assert passed("4") == (0, "1 2 3")
    assert passed("0") == (0, "1 2 3")
    assert passed("no number") == (0, "1 2 3")


def test_an_armed_process_hears_the_points_it_passes_until_it_is_disarmed() -> None:
    heard: list[str] = []
    fault_points.arm(0, heard.append)
    fault_points.point("a")
    fault_points.point("b")
    fault_points.disarm()
    fault_points.point("c")
    assert heard == ["a", "b"]
