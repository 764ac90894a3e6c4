"""The server that listens: uvicorn, one process, in front of an app."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import uvicorn
from starlette.applications import Starlette


def listen(app: Starlette, listener: socket.socket, *, trusted_proxies: Sequence[str] = ()) -> None:
    """Nothing; the app has answered at this socket until the process was told to end.

    trusted_proxies: the addresses whose word is taken on who asks, and whether over TLS. Nothing is logged here: the
    app's own log says no more than its list allows.
    """
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="on",
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
    )
    uvicorn.Server(config).run(sockets=[listener])
