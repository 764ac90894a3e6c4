"""Where the service itself connects to: the operator's mail server, scanner and address look-up, and nowhere else."""

from __future__ import annotations

import ast
import asyncio
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from formengine.language.loader import keys
from formengine.service.address_lookup import OsPlaces, SearchError
from formengine.service.health import check_clamd, check_mail
from formengine.service.mail.outbox import Letters, Postman, about_service, enqueue
from formengine.service.mail.smtp import SmtpTransport
from tests.support.docs_pages import CHECKOUT
from tests.support.service_app import make_service

pytestmark = pytest.mark.slow

# What opens connections, and the modules that may use it: each takes the host from `Settings`.
NETWORK = {
    "socket",
    "ssl",
    "http",
    "urllib",
    "ftplib",
    "smtplib",
    "xmlrpc",
    "httpx",
    "aiosmtplib",
    "requests",
    "urllib3",
}
CALLS = {"open_connection", "create_connection", "sock_connect", "urlopen", "urlretrieve", "getaddrinfo"}
MAY = {
    "formengine/service/address_lookup.py",
    "formengine/service/delivery/webhooks.py",
    "formengine/service/files/clamd.py",
    "formengine/service/health.py",
    "formengine/service/mail/smtp.py",
    "formengine/cli/serve.py",  # takes the port
    "formengine/web/http/server.py",  # listens at it
}
# Takes addresses apart, and opens none.
PARSING = {"urllib.parse", "http"}

# Ways to write a machine that must not be asked: the cloud's own, this one, private ones, and their disguises.
WRITTEN = """
169.254.169.254 [::ffff:169.254.169.254] 0xa9fea9fe 2852039166 0251.0376.0251.0376 169.254.43518 127.1 0x7f.1 0 ..
metadata.google.internal 0177.0.0.1 2130706433 [::1] [::] 0.0.0.0 localhost localhost. LOCALHOST 10.0.0.1 172.16.0.1
127.0.0.1.nip.example [fe80::1%25eth0] [fd00::1] 192.168.0.1 100.64.0.1 [64:ff9b::a9fe:a9fe] evil.example *.example
evil.example:25 a@evil.example evil.example#@127.0.0.1 evil.example\\@127.0.0.1 //evil.example http://evil.example
evil%2eexample １６９.２５４.１６９.２５４ ⓛⓞⓒⓐⓛⓗⓞⓢⓣ xn--evil
"""
HOSTS = [*WRITTEN.split(), "evil.example\r\nHost: x", "evil.example\0", ""]


def imports_of(path: Path) -> set[str]:
    """The modules that a file imports, and the names of network calls in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module or "")
        elif isinstance(node, ast.Attribute) and node.attr in CALLS:
            found.add(node.attr)
    return found


def test_only_the_operators_ports_open_connections() -> None:
    opening = set()
    for path in (CHECKOUT / "formengine").rglob("*.py"):
        names = imports_of(path) - PARSING
        if {name.partition(".")[0] for name in names} & NETWORK or names & CALLS:
            opening.add(path.relative_to(CHECKOUT).as_posix())
    assert opening == MAY


def test_no_host_that_a_person_writes_is_ever_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    looked_up: list[Any] = []
    look_up = socket.getaddrinfo

    def refuse(_: socket.socket, address: Any) -> None:
        asked.append(address[0])
        raise ConnectionRefusedError

    def note(name: Any, *args: Any, **kwargs: Any) -> Any:
        looked_up.append(name)
        return look_up(name, *args, **kwargs)

    service = make_service(
        tmp_path, demo=False, smtp_host="127.0.0.2", mail_from="forms@example.org", clamd_host="127.0.0.3"
    )
    context, settings = service.service, service.settings
    letters = Letters(context, about_service(service.context.portal, settings.base_url))
    for host in HOSTS:
        with service.store.write() as tx, suppress(ValueError):
            enqueue(tx, context, to=f"sam@{host}", template="code", facts={"code": "123456", "minutes": host})
    postman = Postman(context, letters, SmtpTransport(settings), sender=settings.mail_from)
    book = OsPlaces("http://127.0.0.4:8080/places/v1", "key")

    async def everything() -> None:
        await postman.deliver_due()
        for host in HOSTS:
            with suppress(SearchError):
                await book.at(host)
        await service.context.scanning.scan_waiting()
        await check_clamd(settings)
        await check_mail(settings)

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", note)
    asyncio.run(everything())
    monkeypatch.undo()
    service.store.close()
    assert set(asked) == {"127.0.0.2", "127.0.0.3", "127.0.0.4"}
    assert set(looked_up) <= {"127.0.0.2", "127.0.0.3", "127.0.0.4"}
    assert len(asked) >= 60  # nearly every one was written to and looked up


def test_a_definition_has_no_line_for_a_host_that_is_asked() -> None:
    structures = [value for value in vars(keys).values() if isinstance(value, keys.Structure)]
    names = {name for structure in structures for name in structure.keys}
    assert "exit_page" in names
    assert not names & {"webhook", "url", "endpoint", "server", "host", "deliver_to", "send_to", "callback"}
