"""What programs ask that watch the service, and what goes on beside requests."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from formengine.service.crypto import rotation
from formengine.service.crypto.keyring import Keyring
from formengine.service.logging import KEYS
from formengine.service.mail.outbox import enqueue
from formengine.store.protocol import Store, StoreError
from formengine.web.http.background import Background
from tests.support.service_app import LOOPBACK, Person, Service, make_service


class Usage(NamedTuple):
    """What `shutil.disk_usage` gives."""

    total: int
    used: int
    free: int


def machine(service: Service, address: str = "127.0.0.1") -> TestClient:
    """A program at this address."""
    return TestClient(service.own, base_url=LOOPBACK, client=(address, 40000))


def test_a_process_that_answers_is_alive_even_without_its_store(service: Service, person: Person) -> None:
    service.store.close()
    answer = person.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert "set-cookie" not in answer.headers


def test_a_sound_service_is_ready_and_says_why_to_its_own_machine(service: Service) -> None:
    answer = machine(service).get("/readyz")
    assert answer.status_code == 200
    assert {each["subject"]: each["sound"] for each in answer.json()["checks"]} == {
        "store": True,
        "keys": True,
        "clock": True,
        "mail": True,
        "delivery": True,
        "disk": True,
        "scanner": False,
    }
    assert machine(service, "203.0.113.7").get("/readyz").json() == {"ready": True}


def test_without_its_store_it_is_not_ready(service: Service) -> None:
    service.store.close()
    answer = machine(service).get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False


def test_with_the_keys_of_another_service_it_is_not_ready(service: Service, tmp_path: Path) -> None:
    rotation.recognise(service.store, Keyring.new())
    answer = machine(service).get("/readyz")
    assert answer.status_code == 503
    assert [each["subject"] for each in answer.json()["checks"] if not each["sound"] and each["grave"]] == [
        "keys"
    ]


def test_a_key_file_that_was_away_and_came_back_is_taken_again(tmp_path: Path) -> None:
    keys = Keyring.new()
    keys.write_new(tmp_path / "data.keys")
    service = make_service(tmp_path)
    path = service.settings.keys_path
    answers = [machine(service).get("/readyz").status_code]
    path.rename(tmp_path / "away")
    answers += [machine(service).get("/readyz").status_code for _ in range(2)]
    (tmp_path / "away").rename(path)
    answers += [machine(service).get("/readyz").status_code for _ in range(2)]
    service.store.close()
    assert answers == [200, 503, 503, 200, 200]


def test_the_rows_are_counted_once_for_a_set_of_keys_and_again_while_one_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = Keyring.new()
    keys.write_new(tmp_path / "data.keys")
    service = make_service(tmp_path)
    needed, counted = {"other": 0}, []

    def needs(_: Store) -> dict[str, int]:
        counted.append(1)
        return {name: count for name, count in needed.items() if count}

    monkeypatch.setattr(rotation, "needs", needs)
    answers = [machine(service).get("/readyz").status_code for _ in range(3)]
    assert (answers, len(counted)) == ([200, 200, 200], 1)
    keys.with_new_current().replace(service.settings.keys_path)
    needed["other"] = 3
    assert [machine(service).get("/readyz").status_code for _ in range(2)] == [503, 503]
    needed["other"] = 0
    assert [machine(service).get("/readyz").status_code for _ in range(2)] == [200, 200]
    assert len(counted) == 4
    service.store.close()


def send_a_code(service: Service) -> str:
    """The id of an urgent e-mail in the outbox."""
    with service.store.write() as tx:
        return enqueue(
            tx, service.service, to="ada@example.org", template="code_reset", facts={"code": "1"}, urgent=True
        )


def fail_it(service: Service, mail: str, fault: str, *, dead: bool = False) -> None:
    now = service.clock.now
    with service.store.write() as tx:
        row = tx.outbox.get(mail)
        assert row is not None
        assert tx.outbox.claim("email", "lease", now + timedelta(days=1), now + timedelta(days=2)) is not None
        assert tx.outbox.failed(mail, "lease", fault, None if dead else now)


@pytest.mark.parametrize(
    ("fault", "dead", "status"),
    [
        ("unreachable", False, 503),
        ("timeout", True, 503),
        ("too_late", True, 503),
        ("server_535", False, 503),
        # One person's address, or one letter, says nothing of the others.
        ("recipient_550", True, 200),
        ("data_554", True, 200),
        ("cannot_open", True, 200),
    ],
)
def test_where_no_email_goes_out_it_is_not_ready(tmp_path: Path, fault: str, dead: bool, status: int) -> None:
    service = make_service(tmp_path, demo=False)
    fail_it(service, send_a_code(service), fault, dead=dead)
    answer = machine(service).get("/readyz")
    assert answer.status_code == status
    if status == 503:
        line = "No e-mail has gone out since 2026-11-24 10:00 UTC: nobody gets a code, nobody can sign in"
        assert [each["line"] for each in answer.json()["checks"] if each["subject"] == "mail"] == [line]
        # One that is sent since shows that all is well again.
        service.clock.move(minutes=1)
        sent = send_a_code(service)
        with service.store.write() as tx:
            row = tx.outbox.claim("email", "lease", service.clock.now, service.clock.now + timedelta(days=1))
            while row is not None and row.id != sent:
                row = tx.outbox.claim(
                    "email", "lease", service.clock.now, service.clock.now + timedelta(days=1)
                )
            assert tx.outbox.sent(sent, "lease", service.clock.now)
        assert machine(service).get("/readyz").status_code == 200
    service.store.close()


def test_an_urgent_email_that_nobody_tries_to_send_is_a_dead_mail_after_five_minutes(tmp_path: Path) -> None:
    service = make_service(tmp_path, demo=False)
    send_a_code(service)
    answers = []
    for minutes in (0, 5, 1, 24, 1):
        service.clock.move(minutes=minutes)
        answers.append(machine(service).get("/readyz").status_code)
    service.store.close()
    # After half an hour without any e-mail nothing can be said.
    assert answers == [200, 200, 503, 503, 200]


@pytest.mark.parametrize(("free", "sound", "status"), [(50, True, 200), (9, False, 200), (0, False, 503)])
def test_a_full_disk_is_told_before_it_is_too_late(
    service: Service, monkeypatch: pytest.MonkeyPatch, free: int, sound: bool, status: int
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(100_000_000, 0, free * 1_000_000))
    answer = machine(service).get("/readyz")
    assert answer.status_code == status
    found = next(each for each in answer.json()["checks"] if each["subject"] == "disk")
    assert found["sound"] is sound
    assert found["line"] == f"{free}% of the disk is free ({free} MB)"


def test_a_scanner_that_does_not_answer_keeps_nobody_away(tmp_path: Path) -> None:
    service = make_service(tmp_path, clamd_socket=tmp_path / "no-such-socket")
    answer = machine(service).get("/readyz")
    service.store.close()
    assert answer.status_code == 200
    line = next(each["line"] for each in answer.json()["checks"] if each["subject"] == "scanner")
    assert line == f"clamd at {tmp_path}/no-such-socket does not answer: uploads wait"


def test_figures_are_for_programs_of_this_machine(service: Service) -> None:
    assert machine(service).get("/metrics").status_code == 200
    assert machine(service, "203.0.113.7").get("/metrics").status_code == 404
    for name in ("x-forwarded-for", "forwarded", "via", "x-real-ip", "x-forwarded-host"):
        assert machine(service).get("/metrics", headers={name: "127.0.0.1"}).status_code == 404


def test_programs_of_this_machine_need_not_know_the_public_name(tmp_path: Path) -> None:
    service = make_service(tmp_path, base_url="https://forms.example.org")
    asked = [
        (path, host, machine(service).get(path, headers={"host": host}).status_code)
        for path in ("/healthz", "/readyz", "/metrics", "/hub")
        for host in ("127.0.0.1:8000", "localhost:8000", "elsewhere.example")
    ]
    service.store.close()
    well = {"/healthz", "/readyz", "/metrics"}
    assert asked == [
        (path, host, 200 if path in well and host != "elsewhere.example" else 400) for path, host, _ in asked
    ]


def test_with_a_token_figures_are_for_who_brings_it(tmp_path: Path) -> None:
    service = make_service(tmp_path, metrics_token="quiet heron")
    for given, status in (
        ("Bearer quiet heron", 200),
        ("Bearer other", 404),
        ("", 404),
        ("quiet heron", 404),
    ):
        asked = machine(service, "203.0.113.7").get("/metrics", headers={"authorization": given})
        assert asked.status_code == status
    assert machine(service).get("/metrics").status_code == 404
    service.store.close()


def test_figures_count_by_pattern_and_hold_nothing_that_was_sent(service: Service, person: Person) -> None:
    person.get("/hub")
    person.get("/information/information_and_advice?name=Joe-Bloggs")
    person.get("/information/Joe-Bloggs")
    person.get("/Joe-Bloggs")
    person.request("BLOGGS", "/hub")
    text = machine(service).get("/metrics").text
    assert 'formengine_requests_total{method="GET",route="/hub",status="200"} 1.0' in text
    assert 'formengine_requests_total{method="GET",route="/information/{page}",status="404"} 1.0' in text
    assert 'formengine_requests_total{method="GET",route="",status="404"} 1.0' in text
    assert "BLOGGS" not in text.upper()
    assert 'formengine_outbox_oldest_seconds{urgency="urgent"} 0.0' in text


# --- the log ---------------------------------------------------------------------------------------------------------


def test_a_request_is_one_line_with_listed_keys_and_its_id(
    service: Service, person: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = person.get(
        "/information/information_and_advice?name=Joe-Bloggs", headers={"user-agent": "Bloggs"}
    )
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert len(lines) == 1
    assert set(lines[0]) <= set(KEYS)
    assert lines[0] | {"at": "", "ms": 0} == {
        "at": "",
        "event": "request",
        "level": "info",
        "method": "GET",
        "ms": 0,
        "request": answer.headers["x-request-id"],
        "route": "/information/{page}",
        "status": 200,
    }


def test_a_failure_of_the_store_has_its_fault_in_the_log(
    service: Service, person: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    async def full(_: Request) -> Response:
        raise StoreError("The store cannot do this", "full")

    service.own.router.routes.insert(0, Route("/full", full))
    person.get("/full")
    (said,) = [
        json.loads(line) for line in capsys.readouterr().err.splitlines() if '"request_failed"' in line
    ]
    assert (said["kind"], said["fault"]) == ("StoreError", "full")


CANARY = "canary-7f3a9c"


def test_nothing_that_was_typed_or_asked_for_gets_into_the_log(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = make_service(tmp_path)
    person = service.person()

    async def fail(request: Request) -> Response:
        kept = f"{CANARY} in a local"
        raise KeyError(kept, await request.body())

    async def store(_: Request) -> Response:
        raise StoreError(CANARY)

    service.own.router.routes[:0] = [Route("/fail/{name}", fail, methods=["POST"]), Route("/store", store)]
    person.submit(
        f"/fail/{CANARY}?q={CANARY}", {CANARY: CANARY}, headers={"user-agent": CANARY, "x-request-id": CANARY}
    )
    person.submit(f"/{CANARY}", {"story": CANARY}, files=[(CANARY, (CANARY, CANARY.encode(), CANARY))])
    person.get("/store", headers={"cookie": f"sid={CANARY}", "accept": CANARY})
    person.get("/hub", headers={"host": CANARY})
    monkeypatch.setattr(service.context.screens, "draw", lambda *_, **__: fail_with(CANARY), raising=False)
    person.get("/hub")
    service.store.close()
    out, err = capfd.readouterr()
    assert CANARY not in out + err
    failures = [json.loads(line) for line in err.splitlines() if '"request_failed"' in line]
    assert failures[0]["kind"] == "KeyError"
    assert re.fullmatch(r"test_ops\.py:\d+ fail", failures[0]["where"][-1])


def fail_with(text: str) -> str:
    raise ValueError(text)


# --- beside requests -------------------------------------------------------------------------------------------------


def test_work_in_the_background_is_done_at_once_and_when_it_is_woken() -> None:
    async def run() -> int:
        done = asyncio.Queue[int]()
        background = Background()

        async def work() -> None:
            await done.put(1)

        background.add("mail", work, every_s=3600)
        background.wake("mail")  # before the start it means nothing
        background.start()
        background.start()
        times = await done.get()
        await asyncio.to_thread(background.wake, "mail")
        times += await done.get()
        background.wake("no such task")
        await background.stop()
        assert done.empty()
        return times

    assert asyncio.run(run()) == 2


def test_one_failure_does_not_end_the_work(capsys: pytest.CaptureFixture[str]) -> None:
    async def run() -> None:
        done = asyncio.Event()
        background = Background()
        tries: list[int] = []

        async def work() -> None:
            tries.append(1)
            if len(tries) == 1:
                background.wake("mail")
                raise ValueError("Joe Bloggs")
            done.set()

        background.add("mail", work, every_s=3600)
        background.start()
        await done.wait()
        await background.stop()

    asyncio.run(run())
    said = capsys.readouterr().err
    assert json.loads(said)["event"] == "background_failed"
    assert json.loads(said)["task"] == "mail"
    assert "Bloggs" not in said


def test_a_mounted_app_begins_its_work_with_the_first_request(tmp_path: Path) -> None:
    from starlette.applications import Starlette
    from starlette.routing import Mount

    service = make_service(tmp_path)
    service.context.background.off = False
    done: list[str] = []

    async def work() -> None:
        done.append("once")

    service.context.background.add("extra", work, every_s=3600)
    with TestClient(Starlette(routes=[Mount("/forms", service.own)]), base_url=LOOPBACK) as client:
        assert done == []
        client.get("/forms/healthz")
        client.get("/forms/healthz")
    assert done == ["once"]
    service.store.close()


def test_an_app_of_its_own_begins_with_the_server_and_ends_with_it(tmp_path: Path) -> None:
    service = make_service(tmp_path)
    service.context.background.off = False
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            ended.append("broken off")
            raise

    service.context.background.add("long", work, every_s=1)
    with TestClient(service.own, base_url=LOOPBACK) as client:
        client.get("/healthz")
        assert ended == []
    assert ended == ["broken off"]
    service.store.close()
