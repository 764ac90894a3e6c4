"""Fifty people at once, each with a form of their own: `python -m benchmarks.people [MINUTES]` (one without).

Each thinks for one to two seconds, then looks at a page, saves it, adds a child, checks the answers, again and again.
What was acknowledged as saved is looked up in the store at the end. ONS measured its own survey runner like
this (a p99 of 393 ms for pages and 431 ms for posts, 100 people).
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

import uvloop

from benchmarks._load import stand_on
from benchmarks._rounds import WIDTH
from benchmarks.service import EVERY, WHAT, Asked, Plan, nothing_lost, prepare, running

PEOPLE = 50
THINK_S = (1.0, 2.0)
AIM_S = 0.4


async def person(number: int, asked: Asked, until: float, times_s: dict[str, list[float]]) -> int:
    """How many of this person's requests were answered with an error, or not at all."""
    chance = random.Random(number)
    errors = turn = 0
    await asyncio.sleep(chance.uniform(0, THINK_S[1]))
    reader, writer = await asyncio.open_connection("127.0.0.1", asked.port)
    while time.perf_counter() < until:
        what = EVERY[turn % len(EVERY)]
        turn += 1
        begun = time.perf_counter()
        writer.write(getattr(asked, what)(number, turn))
        head = await reader.readuntil(b"\r\n\r\n")
        start = head.lower().find(b"content-length:")
        if start >= 0:
            await reader.readexactly(int(head[start + 15 :].partition(b"\r\n")[0]))
        times_s[what].append(time.perf_counter() - begun)
        errors += head[9:12] != (b"200" if what in {"look", "check"} else b"303")
        await asyncio.sleep(chance.uniform(*THINK_S))
    writer.close()
    return errors


async def day(asked: Asked, seconds: float) -> tuple[dict[str, list[float]], int]:
    """What everybody saw: the times of each kind of request, and the number of errors."""
    times_s: dict[str, list[float]] = {what: [] for what in EVERY}
    until = time.perf_counter() + seconds
    errors = await asyncio.gather(*(person(number, asked, until, times_s) for number in range(PEOPLE)))
    return times_s, sum(errors)


def measure(folder: Path, plan: Plan, seconds: float) -> bool:
    """Whether nothing went wrong; prints the figures."""
    with running("service", folder) as (port, _):
        asked = Asked("service", plan, port, connections=PEOPLE)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            times_s, errors = runner.run(day(asked, seconds))
        for what, own in times_s.items():
            p50_s, p99_s = (sorted(own)[int(share * (len(own) - 1))] for share in (0.5, 0.99))
            print(
                f"{WHAT[what]:{WIDTH}} p50 {p50_s * 1e3:6.1f} ms   p99 {p99_s * 1e3:6.1f} ms"
                f"   (at most {AIM_S * 1e3:.0f} ms)   {len(own)} requests"
            )
        lost = nothing_lost(folder, plan, asked)
    print(f"{PEOPLE} people, {seconds:.0f} s: {errors} errors, {lost} lost   (0 and 0)")
    return not errors and not lost


def main(minutes: float) -> int:
    """The exit code."""
    stand_on(1)
    with tempfile.TemporaryDirectory(prefix="formengine-people-") as folder:
        return 0 if measure(Path(folder), prepare(Path(folder)), minutes * 60) else 1


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0))
