"""The service context, which every part of the service works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from formengine.engine import HOME
from formengine.service.crypto.keyring import Keyring
from formengine.store.protocol import Store

# Returns the moment now, aware and in UTC.
Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The moment now, aware and in UTC."""
    return datetime.now(tz=UTC)


@dataclass(frozen=True)
class ServiceContext:
    """The store, the keys that seal what goes into it, and the clock."""

    store: Store
    keys: Keyring
    clock: Clock = system_clock
    zone: ZoneInfo = HOME

    def today(self) -> date:
        """The day in the form's own country."""
        return self.clock().astimezone(self.zone).date()
