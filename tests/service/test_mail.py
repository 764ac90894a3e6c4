"""E-mails: what they say, that they are sent to a real server over TLS, and what becomes of those that fail."""

import asyncio
import re
import ssl
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formengine.language.bundled import bundled_folder
from formengine.output.email import draw_email
from formengine.portal import load_portal
from formengine.service.mail.outbox import (
    Letters,
    Postman,
    UndeliveredError,
    about_service,
    enqueue,
    next_attempt,
)
from formengine.service.mail.smtp import SmtpTransport
from formengine.service.settings import EMAIL_ADDRESS, Settings
from formengine.store.protocol import StoreError
from formengine.store.rows import OutboxRow
from tests.support.service_parts import ABOUT, EMAIL, Parts
from tests.support.smtp_server import MailServer, mail_server, make_certificate

SENDER = "forms@council.example.org"
FACTS = {
    "code": "042137",
    "minutes": "10",
    "at": "24 November 2026 at 10:00",
    "tries": "10",
    "left": "9",
    "form": "Allotment waiting list",
    "saved": "24 November 2026",
    "until": "22 December 2026",
    "draft": "a-draft",
    "form_id": "allotments",
    "who": "Ash Reed",
}
TEMPLATES = sorted(
    path.stem for path in (bundled_folder("renderers") / "email").glob("*.txt") if path.stem != "base"
)
OWN = [
    "account_closed", "address_taken", "already_registered", "app_off", "app_on", "code", "code_email", "code_human",
    "code_register", "code_reset", "draft_ends", "email_changed", "invited", "no_account", "password_changed",
    "published_alone", "recovery_new", "recovery_used", "review_approved", "review_asked", "review_sent_back",
    "sign_in_trouble",
]  # fmt: skip


def put(parts: Parts, to: str = EMAIL, template: str = "code", **more: Any) -> str:
    """The id of an e-mail in the outbox."""
    with parts.context.store.write() as tx:
        return enqueue(tx, parts.context, to=to, template=template, facts=FACTS, **more)


def row_of(parts: Parts, row: str) -> OutboxRow:
    """The row as it is kept."""
    with parts.context.store.read() as tx:
        found = tx.outbox.get(row)
    assert found is not None
    return found


class Shelf:
    """A transport that keeps what it is given, or fails as it is told."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.faults: dict[str, UndeliveredError] = {}

    async def send(self, message: EmailMessage) -> None:
        fault = self.faults.get(str(message["To"]))
        if fault is not None:
            raise fault
        self.taken.append(message)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def postman(parts: Parts, shelf: Shelf) -> Postman:
    return Postman(parts.context, Letters(parts.context, ABOUT), shelf, sender=SENDER)


# --- what they say ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OWN)
def test_each_email_has_a_subject_of_one_line_without_figures_and_a_text(name: str) -> None:
    email = draw_email(name, {**ABOUT, **FACTS})
    assert re.fullmatch(r"[A-Z][^\n\r0-9]{5,70}", email.subject)
    assert email.text.endswith("You cannot reply to this email.\n")
    assert "{" not in email.text
    assert "In danger: 999." in email.text
    assert ("042137" in email.text) == name.startswith("code")


def test_every_email_of_accounts_is_among_those_looked_at() -> None:
    assert set(OWN) <= set(TEMPLATES)


def test_no_fact_can_begin_a_line_or_end_the_subject(tmp_path: Path) -> None:
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "odd.txt").write_text("About {{ what }}\nText of {{ what }}.", encoding="utf-8")
    email = draw_email("odd", {"what": "this\r\nBcc: all@example.org\u2028x\x00y"}, [tmp_path])
    assert email.subject == "About this Bcc: all@example.org x y"
    assert email.text == "Text of this Bcc: all@example.org x y.\n"


def test_what_looks_like_a_template_in_a_fact_stays_as_it_is() -> None:
    email = draw_email("code", {**ABOUT, **FACTS, "code": "{{ 7 * 7 }}{% raw %}"})
    assert "{{ 7 * 7 }}{% raw %}" in email.text


def test_emails_name_the_portal_and_whom_to_call() -> None:
    about = about_service(load_portal(), "https://forms.example.org")
    assert about["portal"] == "Kent Integrated Children's Services Portal"
    assert about["calls"].startswith("A child is in immediate danger: 999 (Emergency services).")


# --- the outbox ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "to",
    ["", "nobody", "a@b@c", "a b@example.org", "a@example.org\r\nBcc: c@example.org", "a@example.org,b@example.org",
     "a@example.org\n", "<a@example.org>", "a@exa\x00mple.org", "a@[192.0.2.1]", "0@["],
)  # fmt: skip
def test_only_one_plain_address_can_be_written_to(parts: Parts, to: str) -> None:
    with pytest.raises(ValueError, match="one e-mail address"):
        put(parts, to)
    assert parts.mail() == []


@given(st.from_regex(EMAIL_ADDRESS, fullmatch=True))
def test_whatever_is_taken_as_an_address_is_one_recipient_and_one_line(text: str) -> None:
    message = EmailMessage()
    message["To"] = text
    assert len(message["To"].addresses) <= 1
    assert "\n" not in message["To"]


def test_an_email_is_sealed_in_the_outbox_and_destroyed_once_sent(
    parts: Parts, postman: Postman, shelf: Shelf
) -> None:
    row = put(parts)
    assert b"042137" not in row_of(parts, row).payload
    assert EMAIL.encode() not in row_of(parts, row).payload
    assert asyncio.run(postman.deliver_due()) == 1
    kept = row_of(parts, row)
    assert (kept.status, kept.payload, kept.data_key) == ("sent", b"", b"")
    assert len(shelf.taken) == 1
    assert asyncio.run(postman.deliver_due()) == 0


def test_an_email_is_undone_with_the_change_that_caused_it(parts: Parts) -> None:
    class UndoneError(Exception):
        pass

    def change() -> None:
        with parts.context.store.write() as tx:
            enqueue(tx, parts.context, to=EMAIL, template="code", facts=FACTS)
            raise UndoneError

    with pytest.raises(UndoneError):
        change()
    assert parts.mail() == []


def test_the_headers_say_what_it_is_and_name_the_row(parts: Parts, postman: Postman, shelf: Shelf) -> None:
    row = put(parts)
    asyncio.run(postman.deliver_due())
    (message,) = shelf.taken
    assert message["From"] == SENDER
    assert message["To"] == EMAIL
    assert message["Subject"] == "Your code to sign in: A Portal"
    assert message["Message-ID"] == f"<{row}@council.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"] == "Tue, 24 Nov 2026 10:00:00 +0000"
    assert message["Bcc"] is None
    assert message["Cc"] is None


def test_urgent_emails_go_first(parts: Parts, postman: Postman, shelf: Shelf) -> None:
    for number in range(6):
        put(parts, f"later{number}@example.org")
    put(parts, "first@example.org", urgent=True)
    asyncio.run(postman.deliver_due())
    assert shelf.taken[0]["To"] == "first@example.org"
    assert len(shelf.taken) == 7


def test_an_email_that_cannot_be_opened_or_drawn_stops_no_other(
    parts: Parts, postman: Postman, shelf: Shelf
) -> None:
    altered, unknown, good = put(parts), put(parts, template="no_such_template"), put(parts)
    with parts.context.store.write() as tx:
        row = tx.outbox.get(altered)
        assert row is not None
        tx.outbox.add(replace(row, id="a-copy-of-another-row", created_at=row.created_at - timedelta(days=1)))
    assert asyncio.run(postman.deliver_due()) == 2
    assert row_of(parts, "a-copy-of-another-row").status == "dead"
    assert row_of(parts, "a-copy-of-another-row").fault == "cannot_open"
    assert (row_of(parts, unknown).status, row_of(parts, unknown).fault) == ("dead", "cannot_draw")
    assert row_of(parts, good).status == "sent"


def test_a_failed_email_is_tried_again_when_it_is_due(parts: Parts, postman: Postman, shelf: Shelf) -> None:
    shelf.faults[EMAIL] = UndeliveredError("recipient_450")
    row = put(parts, urgent=True)
    assert asyncio.run(postman.deliver_due()) == 0
    kept = row_of(parts, row)
    assert (kept.status, kept.fault, kept.attempts) == ("waiting", "recipient_450", 1)
    assert kept.due_at == parts.clock() + timedelta(seconds=5)
    shelf.faults.clear()
    assert asyncio.run(postman.deliver_due()) == 0
    parts.clock.move(seconds=5)
    assert asyncio.run(postman.deliver_due()) == 1


def test_an_email_refused_for_good_is_dead_at_once_and_stays_visible(
    parts: Parts, postman: Postman, shelf: Shelf
) -> None:
    shelf.faults[EMAIL] = UndeliveredError("recipient_550", for_good=True)
    row = put(parts)
    asyncio.run(postman.deliver_due())
    kept = row_of(parts, row)
    assert (kept.status, kept.fault) == ("dead", "recipient_550")
    assert Letters(parts.context, ABOUT).of(kept).to == EMAIL


def test_a_code_whose_time_is_over_is_not_sent(parts: Parts, postman: Postman, shelf: Shelf) -> None:
    row = put(parts, urgent=True, good_for=timedelta(minutes=10))
    parts.clock.move(minutes=10)
    assert asyncio.run(postman.deliver_due()) == 0
    assert (row_of(parts, row).status, row_of(parts, row).fault) == ("dead", "too_late")
    assert shelf.taken == []


def attempts(parts: Parts, row: OutboxRow) -> list[float]:
    """The seconds from the beginning at which it is tried, until it is given up."""
    now, times = row.created_at, [0.0]
    while True:
        row = replace(row, attempts=row.attempts + 1)
        due_at = next_attempt(row, now)
        if due_at is None:
            return times
        now = due_at
        times.append((now - row.created_at).total_seconds())


def test_where_the_service_is_killed_while_it_sends_a_code_the_next_start_sends_it_in_ten_seconds(
    parts: Parts, postman: Postman, shelf: Shelf
) -> None:
    put(parts, urgent=True)
    assert postman._claim("of a process that was killed") is not None
    parts.clock.move(seconds=9)
    assert asyncio.run(postman.deliver_due()) == 0
    parts.clock.move(seconds=1)
    assert asyncio.run(postman.deliver_due()) == 1


def test_where_the_service_ends_while_it_sends_a_code_the_next_start_sends_it_at_once(
    parts: Parts, postman: Postman, shelf: Shelf
) -> None:
    class Hanging:
        def __init__(self) -> None:
            self.began = asyncio.Event()

        async def send(self, _: EmailMessage) -> None:
            self.began.set()
            await asyncio.Event().wait()

    async def end_meanwhile() -> None:
        hanging = Hanging()
        ending = Postman(parts.context, Letters(parts.context, ABOUT), hanging, sender=SENDER)
        sending = asyncio.create_task(ending.deliver_due())
        await hanging.began.wait()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)

    put(parts, urgent=True)
    asyncio.run(end_meanwhile())
    assert asyncio.run(postman.deliver_due()) == 1
    assert len(shelf.taken) == 1


def test_where_the_service_ends_while_an_email_is_claimed_the_next_start_sends_it_at_once(
    parts: Parts, postman: Postman, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    claiming, go_on = threading.Event(), threading.Event()

    async def end_meanwhile() -> None:
        ending = Postman(parts.context, Letters(parts.context, ABOUT), shelf, sender=SENDER)
        claim = ending._claim

        def slow(lease: str) -> OutboxRow | None:
            claiming.set()
            assert go_on.wait(30)
            return claim(lease)

        monkeypatch.setattr(ending, "_claim", slow)
        sending = asyncio.create_task(ending.deliver_due())
        await asyncio.to_thread(claiming.wait, 30)
        sending.cancel()
        go_on.set()
        await asyncio.gather(sending, return_exceptions=True)

    put(parts, urgent=True)
    asyncio.run(end_meanwhile())
    assert shelf.taken == []
    assert asyncio.run(postman.deliver_due()) == 1
    assert len(shelf.taken) == 1


def test_an_email_whose_sending_the_store_could_not_record_is_not_sent_again(
    parts: Parts, shelf: Shelf
) -> None:
    class Locked(Postman):
        """Its database is locked by another process just when the first e-mail was sent."""

        locked = True

        def _sent(self, row: OutboxRow, lease: str) -> None:
            if self.locked:
                self.locked = False
                raise StoreError("locked", "locked")
            super()._sent(row, lease)

    mail = put(parts, urgent=True)
    postman = Locked(parts.context, Letters(parts.context, ABOUT), shelf, sender=SENDER)
    with pytest.raises(StoreError):
        asyncio.run(postman.deliver_due())
    parts.clock.move(seconds=10)
    asyncio.run(postman.deliver_due())
    assert len(shelf.taken) == 1
    assert row_of(parts, mail).status == "sent"


def test_a_slow_server_does_not_lose_its_email_to_another_process(
    parts: Parts, postman: Postman, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = put(parts, urgent=True)
    renewed: list[bool] = []

    class Slow:
        async def send(self, _: EmailMessage) -> None:
            parts.clock.move(seconds=9)
            first = row_of(parts, mail).lease_until
            await moved.wait()
            assert row_of(parts, mail).lease_until != first
            parts.clock.move(seconds=9)
            renewed.append(postman._claim("another") is None)

    class Watched(Postman):
        def _renew(self, row: OutboxRow, lease: str) -> None:
            super()._renew(row, lease)
            loops[0].call_soon_threadsafe(moved.set)

    async def deliver() -> int:
        loops.append(asyncio.get_running_loop())
        return await slow.deliver_due()

    loops: list[asyncio.AbstractEventLoop] = []
    moved = asyncio.Event()
    monkeypatch.setattr("formengine.service.mail.outbox._RENEWED_EVERY_S", 0)
    slow = Watched(parts.context, Letters(parts.context, ABOUT), Slow(), sender=SENDER)
    assert asyncio.run(deliver()) == 1
    assert renewed == [True]


@pytest.mark.parametrize("days", [1, 29, 400])
def test_what_a_clock_wrote_that_was_ahead_holds_up_no_email(
    parts: Parts, postman: Postman, shelf: Shelf, days: int
) -> None:
    parts.clock.jump(days=days)
    leased, waiting = put(parts), put(parts)
    assert postman._claim("of a process that was killed") is not None
    shelf.faults[EMAIL] = UndeliveredError("unreachable")
    asyncio.run(postman.deliver_due())
    parts.clock.jump(days=-days)
    shelf.faults.clear()
    assert asyncio.run(postman.deliver_due()) == 2
    assert {row_of(parts, mail).status for mail in (leased, waiting)} == {"sent"}


def test_a_clock_that_jumps_ahead_gives_no_email_up(parts: Parts, postman: Postman, shelf: Shelf) -> None:
    mail = put(parts, template="account_closed")
    shelf.faults[EMAIL] = UndeliveredError("unreachable")
    parts.clock.jump(days=29)
    asyncio.run(postman.deliver_due())
    assert row_of(parts, mail).status == "waiting"
    parts.clock.move(days=10)
    asyncio.run(postman.deliver_due())
    assert row_of(parts, mail).status == "dead"


def test_an_urgent_email_is_tried_within_seconds_and_then_each_minute(parts: Parts) -> None:
    times = attempts(parts, row_of(parts, put(parts, urgent=True)))
    assert times[:6] == [0, 5, 20, 50, 110, 170]
    assert sum(time <= 900 for time in times) == 18
    assert max(times) > 70 * 3600


def test_any_other_email_is_tried_from_a_minute_on_for_three_days(parts: Parts) -> None:
    times = attempts(parts, row_of(parts, put(parts)))
    assert 48 <= times[1] <= 72
    assert 72 * 3600 <= times[-1] <= 73.2 * 3600
    assert max(after - before for before, after in pairwise(times)) <= 4320


# --- a real server ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


def settings_for(server: MailServer, certificate: tuple[Path, Path] | None, **more: Any) -> Settings:
    """The settings of a service that trusts this certificate."""
    given = {
        "smtp_host": "127.0.0.1",
        "smtp_port": server.port,
        "smtp_ca_file": certificate[0] if certificate is not None else None,
        "mail_from": SENDER,
        **more,
    }
    return Settings(**given)


def deliver(
    parts: Parts,
    certificate: tuple[Path, Path],
    *,
    trusted: tuple[Path, Path] | None = None,
    prepare: Callable[[MailServer], Awaitable[None] | None] = lambda _: None,
    settings: dict[str, Any] | None = None,
    **server_options: Any,
) -> tuple[int, MailServer]:
    """How many were sent, and the server."""

    async def run() -> tuple[int, MailServer]:
        async with mail_server(certificate, **server_options) as server:
            prepare(server)
            transport = SmtpTransport(settings_for(server, trusted or certificate, **(settings or {})))
            letters = Letters(parts.context, ABOUT)
            sent = await Postman(parts.context, letters, transport, sender=SENDER).deliver_due()
            return sent, server

    return asyncio.run(run())


def test_a_real_server_takes_an_email_over_starttls(parts: Parts, certificate: tuple[Path, Path]) -> None:
    row = put(parts)
    sent, server = deliver(parts, certificate)
    assert sent == 1
    assert server.secure == [True]
    (message,) = server.taken
    assert message["Message-ID"] == f"<{row}@council.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "Your code is 042137" in message.get_content()
    assert row_of(parts, row).status == "sent"


def test_a_real_server_takes_an_email_over_tls_from_the_beginning(
    parts: Parts, certificate: tuple[Path, Path]
) -> None:
    put(parts)
    sent, server = deliver(parts, certificate, at_once=True, settings={"smtp_security": "tls"})
    assert (sent, len(server.taken)) == (1, 1)


def test_a_name_and_password_are_given_where_the_server_asks_for_them(
    parts: Parts, certificate: tuple[Path, Path]
) -> None:
    put(parts)
    given = {"smtp_user": "forms", "smtp_password": "a secret"}
    sent, _ = deliver(parts, certificate, user="forms", password="a secret", settings=given)
    assert sent == 1


def test_a_wrong_name_or_password_is_our_fault_and_tried_again(
    parts: Parts, certificate: tuple[Path, Path]
) -> None:
    row = put(parts)
    given = {"smtp_user": "forms", "smtp_password": "another secret"}
    deliver(parts, certificate, user="forms", password="a secret", settings=given)
    assert (row_of(parts, row).status, row_of(parts, row).fault) == ("waiting", "server_535")


def test_nothing_is_sent_to_a_server_that_does_not_encrypt(
    parts: Parts, certificate: tuple[Path, Path]
) -> None:
    row = put(parts)

    async def run() -> MailServer:
        async with mail_server(None) as server:
            transport = SmtpTransport(settings_for(server, certificate))
            await Postman(
                parts.context, Letters(parts.context, ABOUT), transport, sender=SENDER
            ).deliver_due()
            return server

    assert asyncio.run(run()).taken == []
    assert (row_of(parts, row).status, row_of(parts, row).fault) == ("waiting", "refused_tls")


def test_nothing_is_sent_to_a_server_whose_certificate_nobody_vouches_for(
    parts: Parts, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    row = put(parts)
    _, server = deliver(parts, certificate, trusted=make_certificate(tmp_path))
    assert server.taken == []
    assert (row_of(parts, row).status, row_of(parts, row).fault) == ("waiting", "certificate")


def test_nothing_is_sent_to_a_server_whose_certificate_names_another(parts: Parts, tmp_path: Path) -> None:
    row = put(parts)
    _, server = deliver(parts, make_certificate(tmp_path, host="127.0.0.9"))
    assert server.taken == []
    assert (row_of(parts, row).status, row_of(parts, row).fault) == ("waiting", "certificate")


@pytest.mark.parametrize(
    ("step", "answer", "status", "fault"),
    [
        ("rcpt", "450 try later", "waiting", "recipient_450"),
        ("rcpt", "550 nobody here", "dead", "recipient_550"),
        ("data", "452 full", "waiting", "data_452"),
        ("data", "554 no", "dead", "data_554"),
        ("data", "421 going down", "waiting", "data_421"),
    ],
)
def test_what_a_server_refuses_is_tried_again_or_dead_and_holds_up_no_other(
    parts: Parts, certificate: tuple[Path, Path], step: str, answer: str, status: str, fault: str
) -> None:
    row, good = put(parts, "odd@example.org"), put(parts)

    def prepare(server: MailServer) -> None:
        getattr(server, step)["odd@"] = answer

    sent, server = deliver(parts, certificate, prepare=prepare)
    assert (sent, len(server.taken)) == (1, 1)
    assert (row_of(parts, row).status, row_of(parts, row).fault) == (status, fault)
    assert row_of(parts, good).status == "sent"


def test_a_server_that_hangs_up_is_tried_again(parts: Parts, certificate: tuple[Path, Path]) -> None:
    row = put(parts)
    sent, _ = deliver(parts, certificate, prepare=lambda server: setattr(server, "drop", True))
    assert sent == 0
    assert (row_of(parts, row).status, row_of(parts, row).fault) == ("waiting", "disconnected")


def test_a_server_that_never_answers_is_left_and_tried_again(
    parts: Parts, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("formengine.service.mail.smtp._TIMEOUT_S", 0.5)
    row = put(parts)
    sent, _ = deliver(parts, certificate, prepare=lambda server: setattr(server, "hang", True))
    assert sent == 0
    assert (row_of(parts, row).status, row_of(parts, row).fault) == ("waiting", "timeout")


def test_no_server_at_all_is_tried_again(parts: Parts, certificate: tuple[Path, Path]) -> None:
    row = put(parts)
    nowhere = SmtpTransport(settings_for(MailServer(port=1), certificate))
    asyncio.run(Postman(parts.context, Letters(parts.context, ABOUT), nowhere, sender=SENDER).deliver_due())
    assert (row_of(parts, row).status, row_of(parts, row).fault) == ("waiting", "unreachable")


def test_a_certificate_file_that_cannot_be_read_is_said_at_the_start(tmp_path: Path) -> None:
    with pytest.raises((OSError, ssl.SSLError)):
        SmtpTransport(Settings(smtp_host="127.0.0.1", smtp_ca_file=tmp_path / "none.pem", mail_from=SENDER))
