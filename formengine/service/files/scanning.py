"""Sends waiting files to the scanner, at upload and in the background, with back-off while the scanner is away."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Final

from formengine.service.context import Clock
from formengine.service.files.clamd import Scanner, ScannerError
from formengine.service.files.uploads import Uploads
from formengine.service.logging import log

# How long somebody who uploads waits for the verdict; after that the file waits by itself.
PROMPT_S: Final = 4.0
_FIRST_REST: Final = timedelta(seconds=5)
_LONGEST_REST: Final = timedelta(minutes=5)
_AT_ONCE: Final = 1_000


class Scanning:
    """Sends files to the scanner and records its verdicts.

    While the scanner does not answer, it is not asked for 5, 10, 20 … at most 300 seconds. A file that it cannot scan
    is retried as rarely, and delays no other.
    """

    def __init__(self, uploads: Uploads, scanner: Scanner | None, clock: Clock) -> None:
        self._uploads = uploads
        self._scanner = scanner
        self._clock = clock
        self._outage: tuple[timedelta, datetime] | None = None
        self._put_off: dict[str, tuple[timedelta, datetime]] = {}

    async def scan_now(self, file_id: str) -> None:
        """Scan the file now; it goes on waiting where the scanner takes too long or fails."""
        if self._scanner is None or self._rests(self._outage):
            return
        try:
            async with asyncio.timeout(PROMPT_S):
                await self._scan(self._scanner, file_id)
        except TimeoutError:
            return
        except ScannerError as error:
            self._failed(file_id, error)

    async def scan_waiting(self) -> int:
        """Scan waiting files; returns how many got a verdict. The others go on waiting."""
        if self._scanner is None or self._rests(self._outage):
            return 0
        rows = await asyncio.to_thread(self._uploads.waiting, _AT_ONCE)
        self._put_off = {row.id: self._put_off[row.id] for row in rows if row.id in self._put_off}
        seen = 0
        # Those that have failed before come last, so that they delay no other.
        for row in sorted(rows, key=lambda row: row.id in self._put_off):
            if self._rests(self._put_off.get(row.id)):
                continue
            try:
                await self._scan(self._scanner, row.id)
            except ScannerError as error:
                self._failed(row.id, error)
                if self._outage is not None:
                    break
            else:
                seen += 1
        return seen

    async def _scan(self, scanner: Scanner, file_id: str) -> None:
        content = await asyncio.to_thread(self._uploads.to_scan, file_id)
        if content is None:
            return
        verdict = await scanner.scan(content)
        self._outage = None
        self._put_off.pop(file_id, None)
        await asyncio.to_thread(self._uploads.settle, file_id, clean=verdict.clean)

    def _failed(self, file_id: str, error: ScannerError) -> None:
        log.warning("scan_failed", fault=error.fault)
        if error.fault != "too_large":
            self._outage = self._longer(self._outage)
        if error.fault != "unreachable":
            # This file may be the one that makes the scanner fail.
            self._put_off[file_id] = self._longer(self._put_off.get(file_id))

    def _rests(self, rest: tuple[timedelta, datetime] | None) -> bool:
        return rest is not None and self._clock() < rest[1]

    def _longer(self, rest: tuple[timedelta, datetime] | None) -> tuple[timedelta, datetime]:
        length = _FIRST_REST if rest is None else min(rest[0] * 2, _LONGEST_REST)
        return length, self._clock() + length
