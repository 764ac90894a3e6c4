"""How often things may be done, and how long wrong passwords make wait."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from formengine.service.accounts.lockout import Lockout, wait_s
from formengine.service.rate_limits import LIMITS, LimitKind, network
from tests.support.service_parts import Parts


@pytest.mark.parametrize(
    ("kind", "most", "window_s"),
    [
        ("sign_in_ip", 30, 60),
        ("sign_up_ip", 10, 3600),
        ("draft_save", 60, 60),
        ("upload", 30, 3600),
        ("submit_account", 20, 3600),
        ("submit_ip", 200, 3600),
    ],
)
def test_each_limit_holds_for_its_window(parts: Parts, kind: LimitKind, most: int, window_s: int) -> None:
    assert LIMITS[kind] == ((most, window_s),)
    assert all(parts.limits.allow(kind, "192.0.2.1") for _ in range(most))
    assert not parts.limits.allow(kind, "192.0.2.1")
    assert parts.limits.allow(kind, "192.0.2.2")
    parts.clock.move(seconds=window_s)
    assert parts.limits.allow(kind, "192.0.2.1")


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::"),
        ("a1b2c3", "a1b2c3"),
    ],
)
def test_addresses_of_one_network_are_one(address: str, counted: str) -> None:
    assert network(address) == counted


def test_what_is_counted_stands_in_the_store_as_a_hash(parts: Parts) -> None:
    parts.limits.allow("sign_in_ip", "192.0.2.77")
    key = parts.limits._key("sign_in_ip", "192.0.2.77")
    assert key.startswith("sign_in_ip:")
    assert "192.0.2.77" not in key


def test_five_tries_are_free_then_each_waits_twice_as_long_up_to_a_quarter_of_an_hour() -> None:
    waits = [wait_s(tries) for tries in range(1, 18)]
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


def admit(parts: Parts, address: str = "a", asker: str = "one who tries") -> int:
    """In how many seconds a password may be tried; 0: now, and it is counted."""
    with parts.context.store.write() as tx:
        return Lockout(parts.context, parts.limits).admit(tx, address, asker)


def test_waiting_is_over_after_the_time_that_was_said(parts: Parts) -> None:
    assert [admit(parts) for _ in range(6)] == [0, 0, 0, 0, 0, 1]
    parts.clock.move(seconds=1)
    assert [admit(parts), admit(parts)] == [0, 2]
    parts.clock.move(seconds=1)
    assert admit(parts) == 1
    assert admit(parts, "another") == 0
    assert admit(parts, asker="another") == 0


def test_nobody_is_locked_out_for_good(parts: Parts) -> None:
    for _ in range(200):
        parts.clock.move(seconds=900)
        assert admit(parts) == 0
    parts.clock.move(seconds=899)
    assert admit(parts) == 1


def test_a_day_without_a_try_clears_the_slate(parts: Parts) -> None:
    for _ in range(12):
        admit(parts)
        parts.clock.move(minutes=3)
    parts.clock.move(days=1)
    assert [admit(parts) for _ in range(5)] == [0, 0, 0, 0, 0]


def test_tries_at_once_are_all_counted(parts: Parts) -> None:
    with ThreadPoolExecutor(10) as pool:
        waits = list(pool.map(lambda _: admit(parts), range(50)))
    assert waits.count(0) == 5
