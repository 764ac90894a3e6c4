"""The service context, which every part of the service works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from formengine.engine import HOME
from formengine.language.words import Wording
from formengine.service.crypto.keyring import Keyring
from formengine.service.steady_clock import Monotonic, SteadyClock, system_monotonic
from formengine.store.protocol import Store

# Returns the moment now, aware and in UTC.
Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The moment now, aware and in UTC."""
    return datetime.now(tz=UTC)


@dataclass(frozen=True)
class ServiceContext:
    """The store, the keys that seal what goes into it, the clock, and the words for days and moments."""

    store: Store
    keys: Keyring
    clock: Clock = system_clock
    zone: ZoneInfo = HOME
    words: Wording = field(default_factory=Wording)
    monotonic: Monotonic = system_monotonic
    # Who acts by a command, for the audit: "operator:" and a name.
    operator: str = "operator"

    @cached_property
    def steady(self) -> SteadyClock:
        """The time by which things are destroyed: never by `clock` alone."""
        return SteadyClock(self.store, self.clock, self.monotonic)

    def today(self) -> date:
        """The day in the form's own country."""
        return self.clock().astimezone(self.zone).date()
