"""A real mail server on this machine, with STARTTLS and a certificate made for the test, that can misbehave."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ACCEPTED = "250 OK"


@dataclass
class MailServer:
    """What a server does and has taken. rcpt and data: its answers, by part of the recipient's address."""

    port: int = 0
    rcpt: dict[str, str] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)
    taken: list[EmailMessage] = field(default_factory=list)
    secure: list[bool] = field(default_factory=list)
    hang: bool = False
    drop: bool = False
    take_and_drop: bool = False

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = next((said for part, said in self.rcpt.items() if part in address), ACCEPTED)
        if answer == ACCEPTED:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        if self.hang:
            await asyncio.Event().wait()
        if self.drop:
            cast(Any, server.transport).abort()
            return ACCEPTED
        to = ",".join(envelope.rcpt_tos)
        answer = next((said for part, said in self.data.items() if part in to), ACCEPTED)
        if answer == ACCEPTED:
            content = envelope.content
            assert isinstance(content, bytes)
            self.taken.append(message_from_bytes(content, _class=EmailMessage, policy=policy.default))
            self.secure.append(session.ssl is not None)
        if self.take_and_drop:
            cast(Any, server.transport).abort()
        return answer


def make_certificate(folder: Path, *, host: str = "127.0.0.1") -> tuple[Path, Path]:
    """A throw-away certificate for a host that is its own authority, and its key, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.org")])
    now = datetime.now(tz=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([_named(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return certificate_file, key_file


def _named(host: str) -> x509.GeneralName:
    """A host in a certificate, by its address or by its name."""
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


@asynccontextmanager
async def mail_server(
    certificate: tuple[Path, Path] | None, *, user: str = "", password: str = "", at_once: bool = False
) -> AsyncIterator[MailServer]:
    """A server on a free port, in this event loop. at_once: encrypted from the beginning, in place of STARTTLS."""
    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
    made = MailServer()
    options: dict[str, Any] = {"hostname": "mail.example.org"}
    if user:

        def check(*given: Any) -> AuthResult:
            data = given[4]
            right = (data.login, data.password) == (user.encode(), password.encode())
            return AuthResult(success=right, handled=False)

        options.update(authenticator=check, auth_required=True)
    if context is not None and not at_once:
        options.update(tls_context=context, require_starttls=True)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(made, loop=loop, **options), "127.0.0.1", 0, ssl=context if at_once else None
    )
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


@contextmanager
def mail_server_beside(
    certificate: tuple[Path, Path] | None, *, user: str = "", password: str = ""
) -> Iterator[int]:
    """The port of such a server in a thread of its own, for services that are processes of their own."""
    with mail_server_in_thread(certificate, user=user, password=password) as server:
        yield server.port


@contextmanager
def mail_server_in_thread(
    certificate: tuple[Path, Path] | None, *, user: str = "", password: str = ""
) -> Iterator[MailServer]:
    """Such a server, in an event loop in a thread of its own."""
    up: list[MailServer] = []
    over, listens = asyncio.Event(), threading.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with mail_server(certificate, user=user, password=password) as server:
            up.append(server)
            listens.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        listens.wait()
        yield up[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()
