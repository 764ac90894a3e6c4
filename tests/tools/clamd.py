"""Debian's clamd with one signature of our own, and stand-ins that fail in every way a scanner can."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from tests.tools import ToolError

SIGNATURE_NAME = "Formengine.Test"
START_S = 60
_SETTINGS = """\
LocalSocket {folder}/clamd.sock
DatabaseDirectory {folder}/signatures
TemporaryDirectory {folder}/scratch
LogFile {folder}/clamd.log
StreamMaxLength {stream_mb}M
Foreground yes
MaxThreads 2
"""


@contextmanager
def clamd(virus: bytes, *, stream_mb: int = 25) -> Iterator[Path]:
    """The Unix socket of a clamd that knows one virus: any file that holds these bytes.

    stream_mb: how large a file it takes. Raises `ToolError` where clamd is missing or does not start.
    """
    program = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
    if program is None:
        raise ToolError("clamd is not installed: run `make test`")
    # A socket's path may have 107 bytes; pytest's folders are longer.
    with tempfile.TemporaryDirectory(prefix="clamd") as name:
        folder = Path(name)
        for each in ("signatures", "scratch"):
            (folder / each).mkdir()
        # An extended signature: name, any type of file, anywhere in it, the bytes in hex.
        signature = f"{SIGNATURE_NAME}:0:*:{virus.hex()}\n"
        (folder / "signatures" / "own.ndb").write_text(signature, encoding="ascii")
        settings = folder / "clamd.conf"
        settings.write_text(_SETTINGS.format(folder=folder, stream_mb=stream_mb), encoding="utf-8")
        process = subprocess.Popen(
            [program, "--config-file", settings], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )
        try:
            _wait_for(folder / "clamd.sock", process, folder / "clamd.log")
            yield folder / "clamd.sock"
        finally:
            process.terminate()
            process.wait(START_S)


def _wait_for(socket: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while not socket.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
            raise ToolError(f"clamd did not start: {said}")
        time.sleep(0.05)


@asynccontextmanager
async def stand_in(
    *, answer: bytes, reads_bytes: int = 1_000_000_000, hangs: bool = False
) -> AsyncIterator[tuple[str, int]]:
    """Host and port of something that is no scanner: it reads so much, says `answer` and hangs up.

    hangs: it says nothing and stays.
    """
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        read = 0
        with suppress(ConnectionError):
            while (
                read < reads_bytes and not (piece := await reader.read(65_536)).endswith(bytes(4)) and piece
            ):
                read += len(piece)
            if hangs:
                await over.wait()
            writer.write(answer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        host, port = server.sockets[0].getsockname()[:2]
        yield str(host), int(port)
    finally:
        over.set()
        server.close()
        await server.wait_closed()
