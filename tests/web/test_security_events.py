"""Security events: each that a visitor can cause is logged by name, with ids and hashes and nothing that they typed."""

from __future__ import annotations

import json
import logging
import socket
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from formengine.service.logging import KEYS, LibraryLines, take_library_lines
from formengine.service.security_events import EVENTS, OF_REQUESTS, record
from tests.support.sending import draft_of, signed_in
from tests.support.service_app import Person, Service

pytestmark = pytest.mark.slow

EMAIL = "alex.morgan@example.org"
PASSWORD = "three blue kettles"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def events(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """What was logged of security since the last call."""

    def read() -> list[dict[str, Any]]:
        # The tests' own service prints the traceback of a failure, too.
        said = capsys.readouterr().err.splitlines()
        lines = [json.loads(line) for line in said if line.startswith("{")]
        return [line for line in lines if line.get("security")]

    return read


def register(person: Person) -> None:
    texts = {
        "first_name": "Alex", "last_name": "Morgan", "step": "account", "email": EMAIL, "new_password": PASSWORD,
        "confirm": PASSWORD,
    }  # fmt: skip
    person.submit("/account/register", texts)
    person.submit("/account/register/code", {"code": person.service.code(EMAIL)})


def names(found: list[dict[str, Any]]) -> list[str]:
    return [line["event"] for line in found]


def test_a_failed_sign_in_names_the_address_by_its_blind_index(
    service: Service, person: Person, events: Callable[[], list[dict[str, Any]]]
) -> None:
    register(person)
    known = events()
    assert names(known)[-2:] == ["account.confirmed", "account.signed_in"]
    stranger = service.person()
    for email in (EMAIL, EMAIL.upper(), "nobody@example.org"):
        stranger.submit("/account/sign-in", {"email": email, "password": "not this one at all"})
    found = events()
    assert names(found) == ["sign_in_failed"] * 3
    assert found[0]["address"] == found[1]["address"] != found[2]["address"]
    assert found[0]["client"] == found[2]["client"]
    assert found[0]["owasp"] == "authn_login_fail"
    for line in found:
        assert set(line) == {"at", "level", "event", "security", "owasp", "request", "client", "address"}
        assert "alex" not in json.dumps(line).lower()


def test_a_password_that_is_not_looked_at_any_more_is_a_lock_out(
    service: Service, events: Callable[[], list[dict[str, Any]]]
) -> None:
    stranger = service.person()
    for _ in range(6):
        stranger.submit("/account/sign-in", {"email": EMAIL, "password": "not this one at all"})
    assert names(events()) == ["sign_in_failed"] * 5 + ["sign_in_locked"]


def test_a_wrong_code_is_an_event_and_the_code_is_not_in_it(
    service: Service, person: Person, events: Callable[[], list[dict[str, Any]]]
) -> None:
    register(person)
    elsewhere = service.person()
    elsewhere.submit("/account/sign-in", {"email": EMAIL, "password": PASSWORD})
    right = service.code(EMAIL)
    wrong = "000000" if right != "000000" else "111111"
    events()
    elsewhere.submit("/account/code", {"code": wrong})
    (line,) = events()
    assert (line["event"], line["step"], line["fault"]) == ("code_wrong", "sign_in", "wrong")
    assert wrong not in {line[name] for name in ("step", "fault", "account", "owasp")}


def test_somebody_elses_draft_is_a_refused_access(
    service: Service, events: Callable[[], list[dict[str, Any]]]
) -> None:
    ada, bo = signed_in(service, "ada"), signed_in(service, "bo")
    draft = draft_of(service, ada, {}, form="request-for-support")
    events()
    assert bo.get(f"/drafts/{draft.id}/").status_code == 404
    (line,) = events()
    assert (line["event"], line["account"], line["subject"]) == ("access_refused", "bo", draft.id)
    service.person().get(f"/drafts/{draft.id}/")
    (line,) = events()
    assert (line["event"], line["route"]) == ("access_refused", "/drafts/{draft}/")
    assert ada.get(f"/drafts/{draft.id}/").status_code in {200, 303}
    assert events() == []


def test_a_post_without_its_token_and_one_from_another_site_are_refused_events(
    person: Person, events: Callable[[], list[dict[str, Any]]]
) -> None:
    person.get("/hub")
    events()
    assert person.post("/account/sign-in", data={"email": EMAIL, "password": PASSWORD}).status_code == 403
    assert person.submit("/account/sign-in", {}, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert names(events()) == ["post_refused", "post_refused"]


def test_a_foreign_host_and_a_stranger_at_the_metrics_are_events(
    service: Service, person: Person, events: Callable[[], list[dict[str, Any]]]
) -> None:
    assert person.get("/hub", headers={"host": "elsewhere.example.org"}).status_code == 400
    assert person.get("/metrics", headers={"x-forwarded-for": "192.0.2.1"}).status_code == 404
    assert names(events()) == ["host_refused", "access_refused"]


def test_a_limit_that_is_reached_is_an_event(
    service: Service, events: Callable[[], list[dict[str, Any]]]
) -> None:
    for _ in range(21):
        service.context.limits.allow("forgotten_ip", "192.0.2.1")
    assert [(line["event"], line["limit"]) for line in events()] == [("limit_reached", "forgotten_ip")]


def test_a_row_that_was_altered_is_an_event_and_its_reader_gets_a_page_with_the_telephone_numbers(
    service: Service, events: Callable[[], list[dict[str, Any]]]
) -> None:
    bo = signed_in(service, "bo")
    draft = draft_of(service, signed_in(service, "ada"), {}, form="request-for-support")
    with service.store.write():
        service.store._connection.execute("UPDATE drafts SET account = 'bo' WHERE id = ?", (draft.id,))
    events()
    answer = bo.get(f"/drafts/{draft.id}/")
    assert answer.status_code == 500
    assert "999" in answer.text
    assert [(line["event"], line["level"]) for line in events()] == [("seal_broken", "error")]


def test_an_event_or_a_field_that_the_table_has_not_is_our_mistake() -> None:
    with pytest.raises(KeyError, match="unheard_of"):
        record("unheard_of")
    with pytest.raises(KeyError, match="no field email"):
        record("sign_in_failed", email=EMAIL)


def test_every_field_of_the_table_may_stand_in_the_log() -> None:
    fields = {field for event in EVENTS.values() for field in event.fields}
    assert fields | {*OF_REQUESTS, "security", "owasp"} <= set(KEYS)


def test_every_event_of_the_table_is_recorded_somewhere_and_every_entry_that_it_names_is_made() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "formengine").rglob("*.py"))
    # The audit's entry for a step that was begun is named after the step.
    made = {"account.reset_begun"} if 'action=f"account.{step}_begun"' in source else set()
    unused = [name for name in EVENTS if source.count(f'"{name}"') < 2 and name not in made]
    assert unused == []


# --- lines of libraries -----------------------------------------------------------------------------------------------


@pytest.fixture
def as_served() -> Any:
    """Logging as `serve` sets it up; as it was afterwards."""
    root = logging.getLogger()
    before = list(root.handlers)
    take_library_lines()
    yield
    logging.captureWarnings(capture=False)
    for handler in list(root.handlers):
        if isinstance(handler, LibraryLines):
            root.removeHandler(handler)
    for handler in before:
        root.addHandler(handler)


@pytest.mark.usefixtures("as_served")
def test_a_librarys_line_has_the_logs_own_form_and_nothing_of_its_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logging.getLogger("python_multipart.multipart").warning("Skipping %r", b"Bo Example, 1 Example Street")
    logging.getLogger("uvicorn.error").info("Started")
    failure = ValueError("Bo Example")
    logging.getLogger("asyncio").error("Task of Bo Example failed", exc_info=failure)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("of Bo Example", DeprecationWarning, stacklevel=1)
    lines = capsys.readouterr().err
    assert "Example" not in lines
    first, second, third = map(json.loads, lines.splitlines())
    assert (first["event"], first["logger"], first["level"]) == (
        "library", "python_multipart.multipart", "warning",
    )  # fmt: skip
    assert first["where"][0].startswith("test_security_events.py:")
    assert (second["logger"], second["kind"], second["level"]) == ("asyncio", "ValueError", "error")
    assert third["logger"] == "py.warnings"


@pytest.mark.usefixtures("as_served")
def test_what_is_no_http_leaves_no_plain_line(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    server = uvicorn.Server(uvicorn.Config(service.own, log_config=None, access_log=False, lifespan="off"))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        with socket.create_connection(listener.getsockname()) as client:
            client.sendall(b"Bo Example, 1 Example Street\r\n\r\n")
            assert b"400" in client.recv(1000)
        server.should_exit = True
        thread.join()
    (line,) = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (line["event"], line["logger"]) == ("library", "uvicorn.error")
    assert "Example" not in json.dumps(line)
