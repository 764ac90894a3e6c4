"""A client of clamd, ClamAV's daemon: streams a file to it and returns whether it knows a virus in it.

The protocol is that of clamd's manual: a command with a NUL at its end, then pieces, each after its length in four
bytes, and a length of nought at the end. clamd answers with one line.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol

SCAN_TIMEOUT_S: Final = 30.0
_PING_TIMEOUT_S: Final = 5.0
_PIECE_BYTES: Final = 65_536
_LONGEST_ANSWER: Final = 4_096

# Why there is no verdict on a file. "too_large": larger than clamd's own StreamMaxLength, so it never will be.
ScannerFault = Literal["unreachable", "slow", "broken_off", "too_large", "unintelligible"]


class ScannerError(Exception):
    """The scanner gave no verdict on the file; the file waits."""

    def __init__(self, fault: ScannerFault) -> None:
        super().__init__(fault)
        self.fault: ScannerFault = fault


@dataclass(frozen=True, slots=True)
class ScanVerdict:
    """The scanner's verdict. signature: the name of the virus it knows in the file, "" for a clean one."""

    signature: str = ""

    @property
    def clean(self) -> bool:
        """Whether no virus is known in the file."""
        return not self.signature


class Scanner(Protocol):
    """The protocol of a virus scanner."""

    async def scan(self, content: bytes) -> ScanVerdict:
        """The verdict. Raises `ScannerError`."""

    async def version(self) -> str:
        """Name and version of the scanner and of its signatures, one line. Raises `ScannerError`."""


class Clamd:
    """clamd at a Unix socket or at a host's port. timeout_s: how long one scan may take, from connecting on."""

    def __init__(self, address: Path | tuple[str, int], *, timeout_s: float = SCAN_TIMEOUT_S) -> None:
        self._address = address
        self._timeout_s = timeout_s

    async def scan(self, content: bytes) -> ScanVerdict:
        """The verdict on these bytes. Raises `ScannerError`."""
        answer = await self._ask(b"zINSTREAM\0", content, timeout_s=self._timeout_s)
        verdict = answer.removeprefix("stream: ")
        if verdict == "OK":
            return ScanVerdict()
        if verdict.endswith(" FOUND") and answer.startswith("stream: "):
            return ScanVerdict(verdict.removesuffix(" FOUND"))
        raise ScannerError("too_large" if "size limit exceeded" in answer else "unintelligible")

    async def version(self) -> str:
        """Return the version, such as ``ClamAV 1.4.6/27450/Sun Nov 22 09:12:21 2026``: program, signatures, day."""
        answer = await self._ask(b"zVERSION\0", timeout_s=_PING_TIMEOUT_S)
        if not answer.startswith("ClamAV "):
            raise ScannerError("unintelligible")
        return answer

    async def _ask(self, command: bytes, content: bytes | None = None, *, timeout_s: float) -> str:
        """The answer of clamd, without the NUL at its end. Raises `ScannerError` for every failure."""
        try:
            async with asyncio.timeout(timeout_s):
                with await _connected(self._address) as connection:
                    # Past its limit clamd reports so and hangs up; its answer can still be read.
                    with suppress(ConnectionError):
                        await _send(connection, command, content)
                    return await _answer(connection)
        except TimeoutError:
            raise ScannerError("slow") from None
        except ConnectionError:
            raise ScannerError("broken_off") from None


async def _connected(address: Path | tuple[str, int]) -> socket.socket:
    """A connection. Plain sockets: a stream of asyncio throws away what has come when the other side hangs up."""
    loop = asyncio.get_running_loop()
    try:
        if isinstance(address, Path):
            found = [(socket.AF_UNIX, str(address))]
        else:
            infos = await loop.getaddrinfo(*address, type=socket.SOCK_STREAM)
            found = [(info[0], info[4]) for info in infos]  # type: ignore[misc]
    except OSError:
        raise ScannerError("unreachable") from None
    for family, place in found:
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            await loop.sock_connect(connection, place)
        except OSError:
            connection.close()
            continue
        except BaseException:
            connection.close()
            raise
        return connection
    raise ScannerError("unreachable")


async def _send(connection: socket.socket, command: bytes, content: bytes | None) -> None:
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(connection, command)
    if content is None:
        return
    for at in range(0, len(content), _PIECE_BYTES):
        piece = content[at : at + _PIECE_BYTES]
        await loop.sock_sendall(connection, len(piece).to_bytes(4, "big") + piece)
    await loop.sock_sendall(connection, bytes(4))


async def _answer(connection: socket.socket) -> str:
    """The line up to its NUL. Raises `ScannerError` where there is none, or none of clamd's."""
    received = b""
    while b"\0" not in received:
        piece = await asyncio.get_running_loop().sock_recv(connection, _LONGEST_ANSWER)
        if not piece:
            raise ScannerError("broken_off")
        received += piece
        if len(received) > _LONGEST_ANSWER:
            raise ScannerError("unintelligible")
    return received.partition(b"\0")[0].decode("utf-8", "replace").strip()
