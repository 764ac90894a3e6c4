"""The server that listens: uvicorn, one process, in front of an app; with the limits that uvicorn has none of."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections import Counter
from collections.abc import Sequence
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, Final, cast

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from formengine.service.budgets import CONNECTIONS, HEADERS_BYTES, HEADERS_S
from formengine.service.logging import take_library_lines
from formengine.service.rate_limits import network
from formengine.service.settings import is_network
from formengine.web.http.prefix import Prefixed

_SWITCH_S: Final = 0.001


def listen(
    app: Starlette, listener: socket.socket, *, trusted_proxies: Sequence[str] = (), prefix: str = ""
) -> None:
    """Serve the app at this socket until the process is asked to end.

    trusted_proxies: the addresses whose headers are trusted for client and scheme. prefix: see `Prefixed`. Nothing
    writes a plain line: what uvicorn and other libraries log goes to the app's own log, which has only the keys of its
    list.
    """
    take_library_lines()
    # Pages are drawn in threads: the loop, which answers `/healthz`, gets its turn among them sooner than by default.
    sys.setswitchinterval(_SWITCH_S)
    config = uvicorn.Config(
        Prefixed(app, prefix),
        http=guarded(trusted_proxies),
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="on",
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
    )
    uvicorn.Server(config).run(sockets=[listener])


def guarded(
    trusted_proxies: Sequence[str] = (), *, headers_s: float = HEADERS_S, connections: int = CONNECTIONS
) -> type[asyncio.Protocol]:
    """Uvicorn's protocol with limits; see `_Guarded`. trusted_proxies: addresses and networks that have no limit."""
    limits = _Limits(
        tuple(ip_network(each) for each in trusted_proxies if is_network(each)), headers_s, connections
    )
    # uvicorn calls it as a class.
    return cast("type[asyncio.Protocol]", partial(_Guarded, limits))


class _Limits:
    """The connections of a server, by the addresses that count."""

    def __init__(
        self, trusted: Sequence[IPv4Network | IPv6Network], headers_s: float, connections: int
    ) -> None:
        self._trusted = trusted
        self._open: Counter[str] = Counter()
        self._connections = connections
        self.headers_s = headers_s

    def enter(self, address: str) -> bool:
        """Count a connection; False, and it is not counted: the address has too many."""
        if self._open[address] >= self._connections and not self._is_trusted(address):
            return False
        self._open[address] += 1
        return True

    def leave(self, address: str) -> None:
        """Count one connection less."""
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]

    def _is_trusted(self, address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in each for each in self._trusted)


class _Guarded(asyncio.Protocol):
    """A connection: closed where its address has too many, or where a request's headers do not come in time.

    uvicorn waits for headers as long as somebody likes, takes as many bytes of them as come, and counts no addresses.
    """

    def __init__(self, limits: _Limits, **given: Any) -> None:  # noqa: ANN401 - uvicorn's own, handed on
        self._limits = limits
        # Any: uvicorn has two protocols, and no type for what they share.
        self._inner: Any = AutoHTTPProtocol(**given)
        self._transport: asyncio.Transport | None = None
        self._address = ""
        self._counted = False
        self._late: asyncio.TimerHandle | None = None
        self._header_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hand the connection on, unless its address has too many."""
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self._address = network(str(peer[0])) if isinstance(peer, tuple) and peer else ""
        self._counted = self._limits.enter(self._address)
        if not self._counted:
            self._transport.abort()
            return
        self._inner.connection_made(transport)
        self._await_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it no longer."""
        self._await_nothing()
        if self._counted:
            self._limits.leave(self._address)
            self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Hand on what came, and see whether it was a request's headers to their end."""
        if not self._counted:
            return
        self._inner.data_received(data)
        cycle = self._inner.cycle
        if cycle is not None and not cycle.response_complete:
            self._await_nothing()
            self._header_bytes = 0
            return
        self._header_bytes += len(data)
        if self._header_bytes > HEADERS_BYTES:
            self._end()
        elif self._late is None:
            self._await_headers()

    def eof_received(self) -> bool | None:
        """As uvicorn has it."""
        return cast("bool | None", self._inner.eof_received()) if self._counted else None

    def pause_writing(self) -> None:
        """As uvicorn has it."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """As uvicorn has it."""
        self._inner.resume_writing()

    def _await_headers(self) -> None:
        self._late = asyncio.get_running_loop().call_later(self._limits.headers_s, self._end)

    def _await_nothing(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _end(self) -> None:
        if self._transport is not None:
            self._transport.abort()
