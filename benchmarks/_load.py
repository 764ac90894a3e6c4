"""A driver for servers: keep-alive connections from one process, each with one request under way, and what it saw."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import uvloop

# What a connection sends next: its number and how many it has sent; the bytes of a whole request.
NextRequest = Callable[[int, int], bytes]


@dataclass
class Seen:
    """What came of a load. times_s: of each answered request; wrong: answers of another status than was expected.

    cpu_s: the processor's time that the server took, which neighbours on the machine do not change.
    """

    seconds: float = 0.0
    cpu_s: float = 0.0
    times_s: list[float] = field(default_factory=list)
    wrong: int = 0

    @property
    def per_s(self) -> float:
        """Requests answered in a second."""
        return len(self.times_s) / self.seconds

    @property
    def cpu_each_s(self) -> float:
        """The processor's time for one request."""
        return self.cpu_s / len(self.times_s)

    def quantile_s(self, share: float) -> float:
        """The time within which this share was answered."""
        return sorted(self.times_s)[min(len(self.times_s) - 1, int(share * len(self.times_s)))]


def median_of(rounds: Sequence[Seen]) -> tuple[float, float, float]:
    """Requests per second, p50 and p99 in seconds: the median of the rounds, each."""
    return (
        statistics.median(each.per_s for each in rounds),
        statistics.median(each.quantile_s(0.5) for each in rounds),
        statistics.median(each.quantile_s(0.99) for each in rounds),
    )


class _Connection(asyncio.Protocol):
    """Sends the next request as soon as the last is answered, until the time is over."""

    def __init__(self, number: int, ask: NextRequest, status: bytes, seen: Seen, until: float) -> None:
        self.number, self.ask, self.status, self.seen, self.until = number, ask, status, seen, until
        self.sent = 0
        self.began = 0.0
        self.buffer = b""
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self.transport = cast(asyncio.Transport, transport)
        self._send()

    def _send(self) -> None:
        self.began = time.perf_counter()
        if self.began >= self.until:
            self.transport.close()
            return
        self.transport.write(self.ask(self.number, self.sent))
        self.sent += 1

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, rest, body = self.buffer.partition(b"\r\n\r\n")
        if not rest:
            return
        start = head.lower().find(b"content-length:")
        length = int(head[start + 15 :].partition(b"\r\n")[0]) if start >= 0 else 0
        if len(body) < length:
            return
        self.buffer = b""
        self.seen.times_s.append(time.perf_counter() - self.began)
        if head[9:12] != self.status:
            self.seen.wrong += 1
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if not self.over.done():
            self.over.set_result(None)


def load(port: int, ask: NextRequest, *, status: int, connections: int, seconds: float) -> Seen:
    """What came of `seconds` of load on a server of this machine."""

    async def run() -> Seen:
        seen, loop = Seen(), asyncio.get_running_loop()
        begun = time.perf_counter()
        made = [
            await loop.create_connection(
                lambda number=number: _Connection(  # type: ignore[misc]
                    number, ask, str(status).encode(), seen, begun + seconds
                ),
                "127.0.0.1",
                port,
            )
            for number in range(connections)
        ]
        await asyncio.gather(*(protocol.over for _, protocol in made))
        seen.seconds = time.perf_counter() - begun
        return seen

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run())


def request(
    method: str, path: str, port: int, *, cookie: str = "", body: bytes = b"", kind: str = ""
) -> bytes:
    """The bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Accept: text/html"]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    if method == "POST":
        lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Sec-Fetch-Site: same-origin"]
    return "\r\n".join((*lines, "", "")).encode() + body


BOUNDARY = "----formengine-benchmark-boundary"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


def multipart(texts: Sequence[tuple[str, str]]) -> bytes:
    """Boxes as a browser posts a page that may have files."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in texts
    ]
    return "".join((*parts, f"--{BOUNDARY}--\r\n")).encode()


def cpu_s(process: int) -> float:
    """The processor's time that a process has taken so far."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def stand_on(context: int) -> None:
    """This process keeps to one processor, where there are several: the server has the first, the driver the second."""
    if hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[context]})
