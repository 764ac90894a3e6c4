"""The client of clamd, against Debian's clamd and against whatever can go wrong with one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from formengine.service.files.clamd import Clamd, ScannerError, ScanVerdict
from tests.support.upload_files import VIRUS, docx, jpeg, pdf
from tests.tools.clamd import SIGNATURE_NAME, clamd, stand_in


@pytest.fixture(scope="module")
def socket() -> Iterator[Path]:
    with clamd(VIRUS, stream_mb=2) as socket:
        yield socket


def scan(address: Path | tuple[str, int], content: bytes, timeout_s: float = 30) -> ScanVerdict:
    return asyncio.run(Clamd(address, timeout_s=timeout_s).scan(content))


async def fault_of(
    address: Path | tuple[str, int], content: bytes = b"a letter", timeout_s: float = 30
) -> str:
    with pytest.raises(ScannerError) as failure:
        await Clamd(address, timeout_s=timeout_s).scan(content)
    return failure.value.fault


# --- Debian's clamd -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [pdf(), docx(), jpeg(), b"", b"x" * 1_500_000])
def test_clamd_finds_nothing_in_a_clean_file(socket: Path, content: bytes) -> None:
    assert scan(socket, content) == ScanVerdict()


@pytest.mark.parametrize(
    "content", [VIRUS, pdf(VIRUS), b"x" * 1_500_000 + VIRUS, docx(more={"word/media/image1.bin": VIRUS})]
)
def test_clamd_names_the_virus_it_finds(socket: Path, content: bytes) -> None:
    verdict = scan(socket, content)
    assert verdict == ScanVerdict(f"{SIGNATURE_NAME}.UNOFFICIAL")
    assert not verdict.clean


def test_a_file_that_clamd_is_not_set_up_to_take_is_told_apart(socket: Path) -> None:
    assert asyncio.run(fault_of(socket, b"x" * 5_000_000)) == "too_large"


def test_clamd_says_which_version_it_is(socket: Path) -> None:
    assert asyncio.run(Clamd(socket).version()).startswith("ClamAV 1.")


def test_many_scans_at_once_each_get_their_own_verdict(socket: Path) -> None:
    async def all_at_once() -> list[ScanVerdict]:
        scanner = Clamd(socket)
        return await asyncio.gather(*(scanner.scan(VIRUS if turn % 3 == 0 else pdf()) for turn in range(12)))

    assert [verdict.clean for verdict in asyncio.run(all_at_once())] == [False, True, True] * 4


# --- what can go wrong ----------------------------------------------------------------------------------------------


def test_nothing_at_the_socket_is_a_fault(tmp_path: Path) -> None:
    assert asyncio.run(fault_of(tmp_path / "none.sock")) == "unreachable"


def test_nothing_at_the_port_is_a_fault() -> None:
    async def asked() -> str:
        async with stand_in(answer=b"") as address:
            pass
        return await fault_of(address)

    assert asyncio.run(asked()) == "unreachable"


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (b"", "broken_off"),
        (b"stream: O", "broken_off"),
        (b"stream: OK", "broken_off"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "broken_off"),
        (b"HTTP/1.1 400 Bad Request\0", "unintelligible"),
        (b"UNKNOWN COMMAND\0", "unintelligible"),
        (b"stream: \0", "unintelligible"),
        (b"stream: NOT OK\0", "unintelligible"),
        (b"everything FOUND\0", "unintelligible"),
        (b"\xff\xfe\0", "unintelligible"),
        (b"x" * 5_000 + b"\0", "unintelligible"),
        (b"x" * 200_000, "unintelligible"),
        (b"INSTREAM size limit exceeded. ERROR\0", "too_large"),
    ],
)
def test_an_answer_that_says_nothing_of_the_file_is_a_fault_and_no_verdict(answer: bytes, fault: str) -> None:
    async def asked() -> str:
        async with stand_in(answer=answer) as address:
            return await fault_of(address)

    assert asyncio.run(asked()) == fault


def test_a_scanner_that_hangs_up_in_mid_stream_is_a_fault() -> None:
    async def asked() -> str:
        async with stand_in(answer=b"", reads_bytes=1) as address:
            return await fault_of(address, b"x" * 10_000_000)

    assert asyncio.run(asked()) == "broken_off"


def test_a_scanner_that_says_nothing_is_given_up_after_its_time() -> None:
    async def asked() -> str:
        async with stand_in(answer=b"stream: OK\0", hangs=True) as address:
            return await fault_of(address, timeout_s=0.05)

    assert asyncio.run(asked()) == "slow"


def test_a_scanner_that_does_not_read_is_given_up_after_its_time() -> None:
    async def asked() -> str:
        async with stand_in(answer=b"", reads_bytes=0, hangs=True) as address:
            return await fault_of(address, b"x" * 10_000_000, timeout_s=0.05)

    assert asyncio.run(asked()) == "slow"


def test_what_is_no_clamd_has_no_version() -> None:
    async def asked() -> str:
        async with stand_in(answer=b"HTTP/1.1 400\0", reads_bytes=1) as address:
            return await Clamd(address).version()

    with pytest.raises(ScannerError):
        asyncio.run(asked())
