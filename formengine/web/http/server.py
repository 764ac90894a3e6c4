"""The server that listens: uvicorn, one process, in front of an app."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import uvicorn
from starlette.applications import Starlette


def listen(app: Starlette, listener: socket.socket, *, trusted_proxies: Sequence[str] = ()) -> None:
    """Serve the app at this socket until the process is asked to end.

    trusted_proxies: the addresses whose headers are trusted for client and scheme. uvicorn logs nothing: the app's own
    log has only the keys of its list.
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
