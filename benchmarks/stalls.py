"""The longest that anybody waits while the work beside requests runs: `python -m benchmarks.stalls`.

A database has a million drafts, a tenth of them with a file, and whatever else the work goes through, in every state
that it looks for. Each task runs once, as it does every few minutes, while somebody looks at a page of a draft and
saves it, again and again. What counts is how much longer than without any task the longest of these took, in processor
time of this process: so what other programs do to the machine meanwhile does not count, and neither does the disk's own
time for a commit, of which a page waits for one at most. Both are in the time by the clock, which is printed as well.
"""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx2

from benchmarks._answers import example_answers
from benchmarks._rounds import WIDTH, shown
from benchmarks.service import ACCOUNT, PAGE, account, boxes_of
from formengine.engine import Engine
from formengine.service.crypto.keyring import Keyring
from formengine.service.settings import Settings
from formengine.store.sqlite import SqliteStore
from formengine.store.sqlite.mapping import moment
from formengine.web.app import create_app
from formengine.web.context import AppContext

DRAFTS = 1_000_000
# What a draft's answers take, sealed; real ones take some kilobytes more, which no task reads.
SEALED = b"x" * 600
AIM_MS = 50
TASKS = (
    "clean_up",
    "drafts",
    "files",
    "old_mail",
    "audit",
    "publications",
    "questions",
    "cases",
    "alarms",
    "digest",
)
_ADDRESS = "http://127.0.0.1:8000"
_ROWS = 50_000
_BASE_S = 8.0


@dataclass(frozen=True)
class Stall:
    """What a task did to others: how long it ran, how often a page was asked for, and the waits for that.

    median_s, longest_s: in processor time. longest_by_clock_s: of all, by the clock.
    """

    task: str
    ran_s: float
    asked: int
    median_s: float
    longest_s: float
    longest_by_clock_s: float


@dataclass(frozen=True)
class World:
    """The service with its crowd, and the draft of the one person who works on it, with the session's token."""

    context: AppContext
    app: Callable[..., Awaitable[None]]
    token: str
    draft: str


def prepare(folder: Path, drafts: int) -> World:
    """A service with so many drafts and what belongs to them."""
    settings = Settings(data=folder / "data")
    settings.data.mkdir()
    keys, store = Keyring.new(), SqliteStore(settings.database)
    keys.write_new(settings.keys_path)
    app = create_app(Engine(), store, keys, settings=settings, background=False)
    context: AppContext = app.state.context
    with store.write() as tx:
        tx.accounts.add(account(context.service))
    token, _ = context.sessions.start(account=ACCOUNT, stage="signed_in")
    draft = context.drafts.start(
        "request-for-support", account=ACCOUNT, holder=None, answers=example_answers()
    )
    context.service.steady.read()
    with closing(sqlite3.connect(settings.database, isolation_level=None)) as database:
        database.execute("PRAGMA synchronous=OFF")
        _crowd(context, database, drafts, draft.row.digest)
        database.execute("ANALYZE")
    return World(context, app, token, draft.id)


def _crowd(context: AppContext, database: sqlite3.Connection, drafts: int, digest: str) -> None:
    """The rows of everybody else, as many of each age up to thirty days."""
    now, keys = context.service.clock(), context.service.keys

    def ago(**by: float) -> str:
        return moment(now - timedelta(**by))

    def put(table: str, rows: int, one: Callable[[int], tuple[object, ...]]) -> None:
        for begin in range(0, rows, _ROWS):
            made = [one(number) for number in range(begin, min(begin + _ROWS, rows))]
            marks = ", ".join("?" * len(made[0]))
            columns = ", ".join(COLUMNS[table])
            database.execute("BEGIN")
            database.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", made)  # noqa: S608 - our own
            database.execute("COMMIT")

    def draft(number: int) -> tuple[object, ...]:
        # Every other one was saved once more since the work looked at it last; of the quiet ones of accounts half have
        # an owner who was warned.
        saved, known = 30 * number / drafts, 30 * number / drafts + (number % 2)
        warned = ago(days=saved - 23) if saved > 23 and number % 6 == 0 else None
        whose = (ACCOUNT, None) if number % 3 == 0 else (None, f"h{number}")
        name, data_key, sealed = f"d{number:021}", b"k", SEALED
        if number % 10 == 0 and saved > 27:
            # The oldest files are looked at first, and so the answers that may name them.
            data_key = keys.new_data_key("drafts", name)
            sealed = keys.open_data_key(data_key, "drafts", name).seal_json(
                "answers", {"child_name": "x" * 500}
            )
        return (
            name, "request-for-support", digest, *whose, 2, "open", 0, data_key, sealed, "child", "[]", "",
            ago(days=known + 1), ago(days=saved), warned, ago(days=known),
        )  # fmt: skip

    put("drafts", drafts, draft)
    put("marked_drafts", drafts // 20, lambda n: (f"d{drafts - 1 - n:021}", ago(days=6), -1e6))
    database.execute("UPDATE drafts SET quiet_since = '~' WHERE id IN (SELECT draft FROM marked_drafts)")
    put(
        "files",
        drafts // 10,
        lambda n: (
            f"f{n}",
            f"d{n * 10:021}",
            "documents",
            "a/b",
            9,
            "clean",
            b"k",
            b"n",
            ago(days=30 * n / drafts),
        ),
    )
    put(
        "held_posts",
        drafts // 100,
        lambda n: (f"p{n}", f"d{n:021}", "", b"k", SEALED, ago(hours=24 - n % 48)),
    )
    put(
        "sessions",
        drafts // 10,
        lambda n: (
            f"s{n}",
            None,
            "visitor",
            "{}",
            ago(hours=n % 60),
            ago(hours=n % 60),
            ago(hours=n % 60 - 8),
        ),
    )
    put(
        "codes",
        drafts // 50,
        lambda n: (f"c{n}", f"o{n}", "sign_in", f"h{n}", "", 0, ago(hours=n % 60), ago(hours=n % 60)),
    )
    put("counters", drafts // 5, lambda n: (f"k{n}", 3600, int(now.timestamp()) - (n % 48) * 3600, 1))
    put("spent", drafts // 50, lambda n: (f"z{n}", ago(hours=n % 48 - 24)))
    put(
        "outbox",
        drafts // 10,
        lambda n: (
            f"m{n}",
            None,
            "email",
            "sent",
            0,
            1,
            b"",
            b"",
            ago(days=n % 60),
            ago(days=n % 60),
            "",
            "",
        ),
    )


COLUMNS = {
    "drafts": (
        "id", "form", "digest", "account", "holder", "rev", "status", "urgent", "data_key", "answers", "step", "shown",
        "link_hash", "started_at", "saved_at", "warned_at", "quiet_since",
    ),
    "marked_drafts": ("draft", "marked_at", "running_s"),
    "files": ("id", "draft", "field", "media_type", "size_bytes", "scan", "data_key", "name", "uploaded_at"),
    "held_posts": ("id", "draft", "writer", "data_key", "body", "ends_at"),
    "sessions": ("token_hash", "account", "stage", "facts", "created_at", "seen_at", "ends_at"),
    "codes": ("id", "owner", "purpose", "code_hash", "bound_to", "attempts", "created_at", "ends_at"),
    "counters": ("key", "window_s", "starts_s", "count"),
    "spent": ("key", "until"),
    "outbox": (
        "id", "submission", "channel", "status", "urgent", "attempts", "data_key", "payload", "created_at", "due_at",
        "lease", "fault",
    ),
}  # fmt: skip


async def stalls(world: World, base_s: float) -> list[Stall]:
    """What each task does to others; first, as "no task", what they wait without any."""
    transport = httpx2.ASGITransport(app=world.app)
    found = []
    async with httpx2.AsyncClient(
        transport=transport, base_url=_ADDRESS, cookies={"sid": world.token}
    ) as browser:
        page = f"/drafts/{world.draft}/{PAGE}"
        boxes = dict(boxes_of((await browser.get(page)).text))

        async def one(turn: int) -> tuple[float, float]:
            begun, ran = time.perf_counter(), time.process_time()
            if turn % 4:
                answer = await browser.get(page)
            else:
                answer = await browser.post(page, data={**boxes, "-action": "next"})
            assert answer.status_code in {200, 303}, answer.status_code
            return time.process_time() - ran, time.perf_counter() - begun

        for turn in range(20):
            await one(turn)
        for task in ("no task", *TASKS):
            begun = time.perf_counter()
            work = asyncio.create_task(
                asyncio.sleep(base_s) if task == "no task" else world.context.background.once(task)
            )
            waits: list[tuple[float, float]] = []
            while not work.done() or len(waits) < 20:
                waits.append(await one(len(waits)))
                await asyncio.sleep(0.001)
            await work
            ran_s = time.perf_counter() - begun
            worked, waited = zip(*waits, strict=True)
            found.append(Stall(task, ran_s, len(waits), statistics.median(worked), max(worked), max(waited)))
    return found


def lines(found: list[Stall]) -> Iterator[str]:
    """A line a task: its longest wait, less the median without any task, is the stall."""
    usual = found[0].median_s
    for stall in found:
        caused = max(stall.longest_s - usual, 0.0)
        aim = "" if stall.task == "no task" else f"   (at most {AIM_MS} ms)"
        yield (
            f"{'stall beside ' + stall.task:{WIDTH}} {shown(caused)} of {stall.asked} pages "
            f"({shown(stall.longest_by_clock_s)} by the clock); ran {shown(stall.ran_s)}{aim}"
        )


def measure(folder: Path, drafts: int, *, base_s: float = _BASE_S) -> list[Stall]:
    """The stalls with so many drafts, printed."""
    world = prepare(folder, drafts)
    found = asyncio.run(stalls(world, base_s))
    print(f"{drafts:,} drafts, {world.context.settings.database.stat().st_size / 1e9:.1f} GB", flush=True)
    for line in lines(found):
        print(line, flush=True)
    world.context.service.store.close()
    return found


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        measure(Path(made), int(sys.argv[1]) if len(sys.argv) > 1 else DRAFTS)
