"""What is destroyed by the clock, whatever the clock does: it may jump, stand still and come back."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formengine.service.accounts.identity import Person
from formengine.service.audit import note
from formengine.service.context import ServiceContext
from formengine.service.crypto.keyring import Keyring
from formengine.service.mail.outbox import enqueue
from formengine.service.retention import KEPT
from formengine.service.steady_clock import MOST_A_RUN, SteadyClock, SteadyMoment
from formengine.store.conformance.sample_rows import a_definition, a_draft, a_file, an_account
from formengine.store.protocol import Store
from formengine.store.rows import DraftRow
from formengine.store.sqlite import SqliteStore
from tests.service.test_retention import rows
from tests.support.sending import add_account
from tests.support.service_app import BEGUN, MovableClock, Service, make_service

pytestmark = pytest.mark.slow

FORM = "request-for-support"
TASKS = ("clean_up", "drafts", "files", "old_mail")
WEEK = timedelta(days=7)
TEN_MINUTES = timedelta(minutes=10)
# A reading may lie so much behind the clock as restarts take.
A_MINUTE = timedelta(minutes=1)


def run(service: Service) -> None:
    """Do once all that the service does by the clock."""

    async def all_tasks() -> None:
        for name in TASKS:
            await service.context.background.once(name)

    asyncio.run(all_tasks())


def restarted(service: Service) -> Service:
    """The service, ended and started again on the same folder."""
    service.store.close()
    clock = MovableClock(service.clock.now)
    service.settings.keys_path.unlink(missing_ok=True)
    service.keys.write_new(service.settings.keys_path)
    return make_service(service.settings.data.parent, clock=clock)


def entrust(service: Service) -> None:
    """Let the store hold a row of every kind that goes by the clock."""
    context = service.context
    add_account(service.service, "ada")
    context.drafts.start(FORM, account="ada", holder=None)
    draft = context.drafts.start(FORM, account=None, holder="visitor")
    assert context.drafts.hold(draft.id, {"name": "late"}, writer="") is not None
    context.authentication.register(
        "", Person(email="robin@example.org", first_name="Robin"), "three blue kettles"
    )
    context.sessions.start()
    context.limits.allow("code", "somebody")
    with service.store.write() as tx:
        tx.files.add(a_file(draft=draft.id, uploaded_at=service.clock.now), b"sealed")
        tx.counters.spend("human:puzzle", service.clock.now + timedelta(minutes=20))
        made = enqueue(
            tx, service.service, to="ada@example.org", template="account_closed", facts={"at": "now"}
        )
        assert tx.outbox.claim("email", "lease", service.clock.now, service.clock.now) is not None
        tx.outbox.sent(made, "lease", service.clock.now)


BY_THE_CLOCK = sorted(name for name, rule in KEPT.items() if "the background work" in rule.ends_by)


def counted(service: Service) -> dict[str, int]:
    kept = {
        name: rows(service, name) for name in BY_THE_CLOCK if name not in {"marked_drafts", "clock_readings"}
    }
    with service.store.read() as tx:
        return {**kept, "open drafts": len(tx.drafts.of_account("ada")) + len(tx.drafts.of_holder("visitor"))}


# --- one start with a clock that is wrong ----------------------------------------------------------------------------


@pytest.mark.parametrize("days", [1, 29, 4000, -1, -29, -4000])
def test_a_start_with_a_clock_that_is_wrong_destroys_nothing_and_tells_nobody(
    service: Service, days: int
) -> None:
    entrust(service)
    run(service)
    before, letters = counted(service), rows(service, "outbox")
    assert min(before.values()) >= 1
    service.clock.jump(days=days)
    wrong = restarted(service)
    run(wrong)
    wrong.clock.move(minutes=10)
    run(wrong)
    wrong.clock.jump(days=-days)
    right = restarted(wrong)
    run(right)
    assert counted(right) == before
    assert rows(right, "outbox") == letters
    right.store.close()


def test_every_table_that_ends_by_the_clock_is_in_that_start() -> None:
    assert {
        "drafts",
        "held_posts",
        "files",
        "accounts",
        "sessions",
        "codes",
        "counters",
        "spent",
        "outbox",
    } <= set(BY_THE_CLOCK)


def test_a_store_from_before_there_were_readings_begins_with_its_newest_entry(service: Service) -> None:
    entrust(service)
    before = counted(service)
    service.clock.jump(days=29)
    wrong = restarted(service)
    run(wrong)
    assert counted(wrong) == before
    assert wrong.service.steady.read().behind == timedelta(days=29)
    wrong.store.close()


def test_after_a_week_of_running_the_clock_is_believed_and_a_draft_still_has_five_days(
    service: Service,
) -> None:
    draft = service.context.drafts.start(FORM, account=None, holder="visitor")
    run(service)
    service.clock.jump(days=29)
    run(service)
    for days, marks, status in ((6.9, 0, "open"), (0.2, 1, "open"), (4.9, 1, "open"), (0.2, 0, "cancelled")):
        service.clock.move(days=days)
        run(service)
        with service.store.read() as tx:
            row = tx.drafts.get(draft.id)
            assert (len(tx.drafts.marked()), row.status if row else "") == (marks, status), days


def test_a_draft_marked_by_a_wrong_clock_is_unmarked_once_the_clock_is_set_right(service: Service) -> None:
    service.context.drafts.start(FORM, account=None, holder="visitor")
    run(service)
    service.clock.jump(days=29)
    run(service)
    service.clock.move(days=7, minutes=2)
    run(service)
    with service.store.read() as tx:
        assert len(tx.drafts.marked()) == 1
    service.clock.jump(days=-29)
    run(service)
    with service.store.read() as tx:
        assert tx.drafts.marked() == []


def test_what_was_kept_by_a_clock_set_back_between_two_runs_is_not_old_when_it_is_right(
    service: Service,
) -> None:
    draft = service.context.drafts.start(FORM, account=None, holder="visitor")
    run(service)
    service.clock.jump(days=-2)
    assert service.context.drafts.hold(draft.id, {"name": "late"}, writer="") is not None
    service.clock.jump(days=2)
    service.clock.move(minutes=10)
    run(service)
    assert rows(service, "held_posts") == 1
    service.clock.move(hours=24)
    run(service)
    # By the clock that kept it, its day is over.
    assert rows(service, "held_posts") == 0


def test_a_run_destroys_so_many_at_most(service: Service) -> None:
    with service.store.write() as tx:
        tx.definitions.keep(a_definition())
        for number in range(MOST_A_RUN + 1):
            tx.drafts.add(a_draft(f"d{number}", started_at=BEGUN, saved_at=BEGUN))
    for days, left in ((24, MOST_A_RUN + 1), (1, MOST_A_RUN + 1), (6, 1), (0.1, 0)):
        service.clock.move(days=days)
        run(service)
        with service.store.read() as tx:
            assert len(tx.drafts.of_holder("session")) == left


def test_a_jump_is_one_line_in_the_log_with_its_way_and_length(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    for days in (2, 0, -3, 1):
        service.clock.jump(days=days)
        service.clock.move(minutes=10)
        service.service.steady.read()
    said = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [
        (each["event"], each["fault"], each["seconds"]) for each in said if each["event"] == "clock_jumped"
    ] == [
        ("clock_jumped", "ahead", 172_800),
        ("clock_jumped", "back", 259_200),
        ("clock_jumped", "ahead", 86_400),
    ]


def test_two_processes_on_one_store_count_the_time_they_run_once() -> None:
    store, clock = SqliteStore(None), MovableClock()
    one, other = (SteadyClock(store, clock, clock.monotonic) for _ in range(2))
    for process in (one, other, one, other):
        process.read()
        clock.move(hours=1)
    assert one.read().running_s == other.read().running_s == 4 * 3600
    store.close()


# --- any history of a clock ------------------------------------------------------------------------------------------


@dataclass
class World:
    """A store whose service runs, stands still, and has a clock that jumps. truth: what a right clock would show."""

    store: Store = field(default_factory=lambda: SqliteStore(None))
    clock: MovableClock = field(default_factory=MovableClock)
    truth: datetime = BEGUN

    def __post_init__(self) -> None:
        self.keys = Keyring.new()
        self.start()

    def start(self) -> None:
        self.context = ServiceContext(self.store, self.keys, self.clock, monotonic=self.clock.monotonic)

    def live(self, by: timedelta) -> None:
        """Let the service run for so long; it reads the clock every eight hours, and at the end."""
        while by > timedelta(0):
            step = min(by, timedelta(hours=8))
            self.clock.move(seconds=step.total_seconds())
            self.truth += step
            by -= step
            self.read()

    def stand_still(self, by: timedelta) -> None:
        self.clock.jump(seconds=by.total_seconds())
        self.truth += by
        self.start()

    def jump(self, by: timedelta) -> None:
        self.clock.jump(seconds=by.total_seconds())

    def read(self) -> SteadyMoment:
        return self.context.steady.read()


SPANS = st.timedeltas(timedelta(minutes=2), timedelta(days=60))
SHORT = st.timedeltas(timedelta(minutes=2), timedelta(days=3))
HISTORIES = st.lists(
    st.one_of(
        st.tuples(st.just("live"), SHORT),
        st.tuples(st.just("stand_still"), SPANS),
        st.tuples(st.just("jump"), st.timedeltas(timedelta(days=-400), timedelta(days=400))),
    ),
    max_size=8,
)


@settings(max_examples=30, deadline=None)
@given(HISTORIES)
def test_the_steady_moment_is_never_later_than_the_clock(history: list[tuple[str, timedelta]]) -> None:
    world = World()
    for event, by in history:
        getattr(world, event)(by)
        steady = world.read()
        assert steady.at <= world.clock.now
        assert steady.waits <= WEEK
    world.store.close()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["jump", "stand_still"]), SPANS, SHORT), max_size=6))
def test_a_clock_that_is_ahead_for_less_than_a_week_of_running_never_moves_it_past_the_truth(
    history: list[tuple[str, timedelta, timedelta]],
) -> None:
    world = World()
    world.read()
    for event, by, ran in history:
        getattr(world, event)(by)
        world.live(ran)
        assert world.read().at <= world.truth + A_MINUTE
        if event == "jump":
            # There and back.
            world.jump(-by)
        world.read()
        assert world.read().at <= world.truth + A_MINUTE
    world.store.close()


@settings(max_examples=30, deadline=None)
@given(HISTORIES)
def test_after_a_week_with_one_clock_the_steady_moment_is_the_clocks(
    history: list[tuple[str, timedelta]],
) -> None:
    world = World()
    for event, by in history:
        getattr(world, event)(by)
        world.read()
    world.live(WEEK + timedelta(hours=9))
    steady = world.read()
    assert (steady.at, steady.behind, steady.waits) == (world.clock.now, timedelta(0), timedelta(0))
    world.store.close()


@settings(max_examples=30, deadline=None)
@given(HISTORIES, HISTORIES)
def test_what_was_kept_is_never_older_than_the_service_has_run_since_for_a_week(
    before: list[tuple[str, timedelta]], after: list[tuple[str, timedelta]]
) -> None:
    world = World()
    for event, by in before:
        getattr(world, event)(by)
        world.read()
    kept_at, kept = world.clock.now, world.read().running_s
    with world.store.write() as tx:
        note(tx, world.context, actor="system", action="draft.saved", subject="draft")
    for event, by in after:
        getattr(world, event)(by)
        steady = world.read()
        ran = timedelta(seconds=steady.running_s - kept)
        if ran <= WEEK:
            assert steady.at - kept_at <= ran + A_MINUTE
    world.store.close()


@settings(max_examples=25, deadline=None)
@given(HISTORIES)
def test_in_any_history_a_draft_that_is_destroyed_was_marked_five_days_of_running_before(
    history: list[tuple[str, timedelta]],
) -> None:
    from formengine.engine import Engine
    from formengine.service.drafts.drafts import Drafts
    from formengine.service.drafts.expiry import DraftExpiry

    world = World()
    with world.store.write() as tx:
        tx.accounts.add(an_account(status="closed"))
        tx.definitions.keep(a_definition())
        tx.drafts.add(a_draft(started_at=BEGUN, saved_at=BEGUN))
    marked_s: float | None = None

    def by_the_clock() -> DraftRow:
        nonlocal marked_s
        expiry = DraftExpiry(world.context, Drafts(world.context, Engine()))
        expiry.mark()
        with world.store.read() as tx:
            marks = tx.drafts.marked()
        expiry.purge()
        with world.store.read() as tx:
            row = tx.drafts.get("draft")
        assert row is not None
        if row.status != "open":
            assert marked_s is not None
            assert world.read().running_s - marked_s >= timedelta(days=5).total_seconds()
            return row
        if not marks:
            marked_s = None
        elif marked_s is None:
            marked_s = marks[0].running_s
        return row

    for event, by in history:
        getattr(world, event)(by)
        if by_the_clock().status != "open":
            break
    else:
        # With the clock right again, all comes to its end.
        world.jump(world.truth - world.clock.now)
        world.live(timedelta(days=8))
        world.jump(timedelta(0))
        for _ in range(8):
            by_the_clock()
            world.live(timedelta(days=6))
        with world.store.read() as tx:
            row = tx.drafts.get("draft")
        assert row is not None
        assert row.status == "cancelled"
    world.store.close()
