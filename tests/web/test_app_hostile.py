"""What the app does with requests that nobody means well: strange addresses, hosts, bodies, headers and paces."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message

from formengine.web.http.posts import (
    FIELDS,
    FILES,
    REQUEST_BYTES,
    TEXT_BYTES,
    Post,
    UnreadablePostError,
    read_post,
)
from tests.support.service_app import Person, Service, running
from tests.support.tiers import cases

pytestmark = pytest.mark.slow

CANARY = "canary-of-a-file-that-nobody-may-read"
HOSTS = {"", "127.0.0.1"}

# --- I1: no path, address or markup from a parameter -----------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *(
            "..",
            "../",
            "..\\",
            "%2e%2e",
            "%2e%2e/",
            "%252e%252e%252f",
            "..;/",
            "/",
            "//",
            "\\",
            "\\\\",
            "%2f",
            "%5c",
        ),
        *(
            "//evil.example",
            "\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "http:evil.example",
        ),
        *(
            "%00",
            "\0",
            "%0d%0aX-Evil: 1",
            "\u2024\u2024/",
            "\uff0e\uff0e/",
            "<script>alert(1)</script>",
            '"><b>',
            "{{7*7}}",
        ),
        *(
            "etc/passwd",
            "canary.txt",
            "static",
            "form.yaml",
            "request-for-support",
            "hub",
            "~",
            ".git/config",
            "%",
            "?",
            "#",
        ),
    ]
)
STRANGE = st.lists(PIECES, min_size=1, max_size=6).map("".join)


def addresses(service: Service) -> list[str]:
    """The pattern of every address with a parameter in it, of every part of the service."""
    paths = [route.path for route in service.own.router.routes if isinstance(route, Route)]
    return sorted(path for path in paths if "{" in path)


def filled(pattern: str, text: str) -> str:
    return re.sub(r"\{[^}]+\}", lambda _: quote(text, safe="/\\%;:.~<>{}*()"), pattern)


@settings(max_examples=cases(100, long=1500), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), text=STRANGE)
def test_no_parameter_of_an_address_leads_to_a_file_or_elsewhere(
    service: Service, data: st.DataObject, text: str
) -> None:
    (service.settings.data / "canary.txt").write_text(CANARY, encoding="utf-8")
    person = service.person()
    path = filled(data.draw(st.sampled_from(addresses(service))), text)
    for answer in (person.get(path), person.submit(path, {"next": text, "-action": text})):
        assert answer.status_code < 500, path
        assert CANARY not in answer.text
        assert "root:x:0:0" not in answer.text
        assert urlsplit(answer.headers.get("location", "")).netloc in HOSTS
        assert not answer.headers.get("location", "").startswith(("//", "/\\", "\\"))
        assert "X-Evil" not in answer.headers


@settings(max_examples=cases(40, long=600), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(["next", "return", "url", "redirect", "to", "page", "form"]), text=STRANGE)
def test_no_query_leads_elsewhere_and_none_is_drawn_as_markup(service: Service, name: str, text: str) -> None:
    person = service.person()
    for path in ("/", "/hub", "/account/sign-in", "/my-forms", "/forms/request-for-support"):
        answer = person.get(path, params={name: text})
        assert answer.status_code < 500
        assert urlsplit(answer.headers.get("location", "")).netloc in HOSTS
        assert "evil.example" not in answer.text + answer.headers.get("location", "")
        assert "<script>alert(1)</script>" not in answer.text


def test_static_files_are_those_of_the_themes_and_no_others(person: Person) -> None:
    found = re.search(r"/static/[0-9a-f]+", person.get("/hub").text)
    assert found is not None
    assert person.get(f"{found[0]}/policy.js").status_code == 200
    for name in (
        "../templates/layout.html",
        "%2e%2e/templates/layout.html",
        "/etc/passwd",
        "policy.js/",
        "policy.js%00",
        "",
    ):
        assert person.get(f"{found[0]}/{name}").status_code == 404, name


# --- I13: hosts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "a/b",
        "evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "",
        "127.0.0.1/hub?",
        "[::1",
        "0x7f.1",
    ],
)
def test_another_host_is_refused_and_named_nowhere(person: Person, host: str) -> None:
    answer = person.get("/hub", headers={"host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text
    assert "999" in answer.text


def test_two_hosts_in_one_request_are_refused(site: str) -> None:
    said = talk(
        site, b"GET /hub HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    )
    assert said.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8000", "[::1]:8000", "LOCALHOST"])
def test_the_hosts_of_this_machine_are_ours(person: Person, host: str) -> None:
    assert person.get("/hub", headers={"host": host}).status_code == 200


# --- I13: bodies -----------------------------------------------------------------------------------------------------


@pytest.fixture
def keep(service: Service) -> Iterator[Service]:
    """The service with an address `/keep` that says how much it was posted."""

    async def kept(request: Request) -> Response:
        post = await read_post(request)
        return Response(f"{len(post.texts)} {sum(len(file.content) for file in post.files)}")

    service.own.router.routes.insert(0, Route("/keep", kept, methods=["POST"]))
    yield service
    service.own.router.routes.pop(0)


def test_a_long_table_with_files_fits(keep: Service) -> None:
    texts = {f"children.i{row}.field_{column}": "x" * 200 for row in range(20) for column in range(30)}
    files = [("photo", (f"{number}.jpg", b"y" * 1_000_000, "image/jpeg")) for number in range(5)]
    assert keep.person().submit("/keep", texts, files=files).text == "601 5000000"


def test_too_many_fields_are_told_and_what_was_typed_is_kept(keep: Service) -> None:
    for files in ((), [("photo", ("a.jpg", b"y", "image/jpeg"))]):
        answer = keep.person().submit(
            "/keep", {"story": "typed first", **{f"f{n}": "" for n in range(FIELDS)}}, files=files
        )
        assert answer.status_code == 413
        assert "typed first</textarea>" in answer.text
        assert "999" in answer.text


def test_too_much_text_is_told_and_kept(keep: Service) -> None:
    for files in ((), [("photo", ("a.jpg", b"y", "image/jpeg"))]):
        long = {"story": "typed first", "a": "x" * (TEXT_BYTES // 2), "b": "y" * (TEXT_BYTES // 2)}
        answer = keep.person().submit("/keep", long, files=files)
        assert answer.status_code == 413
        assert "typed first</textarea>" in answer.text


def test_files_that_are_too_large_together_cost_no_text(keep: Service) -> None:
    files = [("photo", (f"{number}.jpg", b"y" * 8_000_000, "image/jpeg")) for number in range(3)]
    assert REQUEST_BYTES < 3 * 8_000_000
    answer = keep.person().submit("/keep", {"story": "typed first"}, files=files)
    assert answer.status_code == 413
    assert "20 MB" in answer.text
    assert "typed first</textarea>" in answer.text


def test_too_many_files_are_told(keep: Service) -> None:
    files = [("photo", (f"{number}.jpg", b"", "image/jpeg")) for number in range(FILES + 1)]
    assert keep.person().submit("/keep", {}, files=files).status_code == 413


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: nothing\r\n\r\na\r\n--x--"),
        ("multipart/form-data; boundary=x", b"\xff\xfe\0\0" * 100),
        ("multipart/form-data; boundary=" + "y" * 5000, b"--y\r\n"),
        ("multipart/form-data; charset=zip; boundary=x", b"--x\r\n\r\n"),
        ("application/x-www-form-urlencoded", b"%zz=%&&&==&a=%ff%fe"),
        ("text/plain", b"a=b"),
        ("application/json", b"{" * 1000),
        ("", b"a=b"),
    ],
)
def test_a_body_that_cannot_be_read_is_an_answer_and_no_failure(
    keep: Service, kind: str, body: bytes
) -> None:
    person = keep.person()
    person.get("/hub")
    answer = person.post("/keep", content=body, headers={"content-type": kind})
    assert answer.status_code in {400, 403}
    assert "999" in answer.text


def test_files_stay_in_memory(keep: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    files = [("photo", ("a.jpg", b"y" * 15_000_000, "image/jpeg"))]
    assert keep.person().submit("/keep", {}, files=files).text == "1 15000000"


def read(body: bytes, *headers: tuple[bytes, bytes]) -> Post | str:
    """The post, or why it cannot be read with what was typed before that."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    request = Request({"type": "http", "headers": headers}, receive)
    try:
        return asyncio.run(read_post(request))
    except UnreadablePostError as error:
        return f"unreadable after {dict(error.post.texts)}"


SEPARATORS = [
    b"\r\n--x\r\n",
    b"\r\n--x--\r\n",
    b"\r\n--x--",
    b"\r\n--xy\r\n",
    b"--x",
    b"\r\n",
    b"\r\n\r\n",
    b"-",
]
ANNOUNCED = [
    b'name="a"',
    b'name="a\\\\"',
    b'name=""',
    b"name=a",
    b'name="a\\"b"',
    b'name="\xc3\xa9"',
    b'name="\xff"',
]
HEADS = [
    *(b"Content-Disposition: form-data; " + each + b"\r\n\r\n" for each in ANNOUNCED),
    b'content-disposition: form-data; name="b"\r\n\r\n',
    b'Content-Disposition: form-data; name="c\r\n',
]
WORDS = [b"", b"typed", b"\xe2\x80\x93", b"\xff", b"a\0b"]


@given(
    parts=st.lists(
        st.tuples(*(st.sampled_from(each) for each in (SEPARATORS, HEADS, WORDS, SEPARATORS, WORDS)))
        | st.sampled_from(HEADS).map(lambda head: (b"\r\n--x\r\n", head, b"typed")),
        max_size=6,
    ),
    end=st.sampled_from([b"\r\n--x--\r\n", *SEPARATORS]),
)
def test_a_post_of_texts_alone_is_read_as_the_parser_reads_it(
    parts: list[tuple[bytes, ...]], end: bytes
) -> None:
    # What is said to be short is looked at as a whole first; without its length the parser has it.
    body = b"".join((*(piece for part in parts for piece in part), end)).removeprefix(b"\r\n")
    kind = (b"content-type", b"multipart/form-data; boundary=x")
    assert read(body, kind, (b"content-length", str(len(body)).encode())) == read(body, kind)


# --- I13: what only a real server meets ------------------------------------------------------------------------------


def talk(site: str, sent: bytes) -> bytes:
    """What the server answers to these bytes until it closes the connection."""
    address = urlsplit(site)
    assert address.hostname is not None
    assert address.port is not None
    with closing(socket.create_connection((address.hostname, address.port), timeout=30)) as connection:
        said = b""
        try:
            connection.sendall(sent)
            while chunk := connection.recv(65536):
                said += chunk
        except (BrokenPipeError, ConnectionResetError):
            pass  # it would hear no more
        return said


def head_of(path: str, *lines: str) -> bytes:
    return "\r\n".join([path, "Host: 127.0.0.1", "Connection: close", *lines, "", ""]).encode()


def alive(site: str) -> bool:
    return talk(site, head_of("GET /healthz HTTP/1.1")).endswith(b"\r\n\r\nok\n")


def test_a_hundred_thousand_headers_end_in_an_answer_or_a_closed_connection(site: str) -> None:
    lines = [f"X-{number}: y" for number in range(100_000)]
    said = talk(site, head_of("GET /hub HTTP/1.1", *lines))
    assert said == b"" or said.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 4"))
    assert alive(site)


def test_a_body_said_to_be_endless_is_refused_before_it_is_read(site: str) -> None:
    said = talk(
        site,
        head_of("POST /hub HTTP/1.1", "Content-Length: 99999999999", "Content-Type: multipart/form-data"),
    )
    assert said.startswith(b"HTTP/1.1 413 ")
    assert b"999" in said


def test_a_body_that_never_ends_is_refused_when_it_is_too_long(site: str) -> None:
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    sent = head_of(
        "POST /hub HTTP/1.1", "Transfer-Encoding: chunked", "Content-Type: multipart/form-data; boundary=x"
    )
    said = talk(site, sent + chunk * 90)
    assert said == b"" or said.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 413 "))
    assert alive(site)


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100,
        b"GET /hub HTTP/9.9\r\n\r\n",
        b"GET  /hub\r\n\r\n",
        b"POST /hub HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /hub HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n",
        b"GET //evil.example/%2e%2e HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    ],
)
def test_what_is_no_request_of_ours_is_refused_and_the_next_is_served(site: str, sent: bytes) -> None:
    said = talk(site, sent)
    assert said == b"" or said.startswith(b"HTTP/1.1 4")
    assert b"evil.example" not in said
    assert alive(site)


def test_a_host_in_the_request_line_is_passed_over(site: str) -> None:
    said = talk(site, head_of("GET http://evil.example/hub HTTP/1.1"))
    assert said.startswith(b"HTTP/1.1 200 ")
    assert b"evil.example" not in said


def test_slow_requests_hold_up_no_other(site: str) -> None:
    address = urlsplit(site)
    slow = [socket.create_connection((address.hostname, address.port), timeout=30) for _ in range(100)]
    try:
        for number, connection in enumerate(slow):
            connection.sendall(b"POST /hub HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n")
            if number % 2:
                connection.sendall(b"Content-Type: application/x-www-form-urlencoded\r\n\r\na")
        assert alive(site)
        assert b"HTTP/1.1 200 " in talk(site, head_of("GET /hub HTTP/1.1"))
    finally:
        for connection in slow:
            connection.close()


def test_the_server_says_nothing_of_itself(site: str) -> None:
    said = talk(site, head_of("GET /hub HTTP/1.1")).lower()
    assert b"\r\nserver:" not in said
    assert b"uvicorn" not in said
    assert b"starlette" not in said


def test_an_address_with_a_slash_too_many_is_not_redirected_by_the_host_it_names(service: Service) -> None:
    with running(service.own) as site:
        said = talk(site, b"GET /hub/ HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 404 ")
