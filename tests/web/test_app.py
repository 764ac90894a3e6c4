"""The app as a whole: its cookie, its errors, and where it can be mounted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from html import unescape

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from formengine.store.protocol import StoreError
from formengine.web.browser_session import browser_session_of, ensure_session, with_session, without_session
from formengine.web.context import AppContext
from formengine.web.http.posts import read_post
from tests.support.service_app import Person, Service, make_service

NUMBERS = ("999", "03000 41 11 11", "03000 41 91 91")


@contextmanager
def route(service: Service, path: str, answer: object, *methods: str) -> Iterator[None]:
    """One more address of the app meanwhile, before all others."""
    routes = service.own.router.routes
    routes.insert(0, Route(path, answer, methods=list(methods) or ["GET", "POST"]))  # type: ignore[arg-type]
    try:
        yield
    finally:
        routes.pop(0)


# --- the cookie ------------------------------------------------------------------------------------------------------


def test_a_browser_gets_its_cookie_with_the_first_page_and_no_other_with_the_second(person: Person) -> None:
    first = person.get("/hub")
    assert re.fullmatch(r"sid=[\w-]{43}; HttpOnly; Path=/; SameSite=lax", first.headers["set-cookie"])
    assert "set-cookie" not in person.get("/hub").headers


def test_over_tls_the_cookie_is_bound_to_the_host(service: Service) -> None:
    first = service.person("https://127.0.0.1").get("/hub")
    assert re.fullmatch(
        r"__Host-sid=[\w-]{43}; HttpOnly; Path=/; SameSite=lax; Secure", first.headers["set-cookie"]
    )


def test_looking_makes_no_session_and_a_first_change_makes_one(service: Service, person: Person) -> None:
    async def change(request: Request) -> Response:
        visit = await ensure_session(request)
        return Response(visit.holder or "")

    person.get("/hub")
    before = person.token
    with route(service, "/change", change):
        holder = person.submit("/change").text
        assert person.token != before
        assert service.context.sessions.find(person.token) is not None
        assert person.submit("/change").text == holder


@pytest.mark.parametrize(
    "token", ["short", "x" * 5000, "a" * 42 + "\u00e9", "a b" * 15, "' OR 1=1 --" + "a" * 40]
)
def test_a_cookie_that_we_never_gave_is_replaced(person: Person, token: str) -> None:
    answer = person.get("/hub", headers={b"cookie": f"sid={token}".encode()})
    assert answer.status_code == 200
    assert answer.headers["set-cookie"].startswith("sid=")


def test_a_new_token_is_given_and_an_old_one_taken(service: Service, person: Person) -> None:
    async def renew(request: Request) -> Response:
        token, _ = service.context.sessions.start()
        return with_session(request, Response(token), token)

    async def leave(request: Request) -> Response:
        return without_session(request, Response())

    with route(service, "/renew", renew), route(service, "/leave", leave):
        token = person.submit("/renew").text
        assert person.token == token
        left = person.submit("/leave")
    assert person.token == ""
    assert left.headers["clear-site-data"] == '"cache", "storage"'


def test_the_use_of_a_session_is_kept_once_a_minute(service: Service, person: Person) -> None:
    async def look(request: Request) -> Response:
        visit = await ensure_session(request)
        assert visit.session is not None
        return Response(visit.session.seen_at.isoformat())

    with route(service, "/look", look):
        began = person.get("/look").text
        service.clock.move(seconds=59)
        person.get("/look")
        assert person.get("/look").text == began
        service.clock.move(seconds=2)
        person.get("/look")
        assert person.get("/look").text == service.clock().isoformat()


def test_a_session_ends_after_twenty_minutes_and_its_page_still_shows(
    service: Service, person: Person
) -> None:
    async def who(request: Request) -> Response:
        return Response(browser_session_of(request).holder or "nobody")

    async def begin(request: Request) -> Response:
        await ensure_session(request)
        return Response()

    with route(service, "/who", who), route(service, "/begin", begin):
        person.get("/begin")
        assert person.get("/who").text != "nobody"
        service.clock.move(minutes=21, seconds=1)
        assert person.get("/who").text == "nobody"
    assert person.get("/hub").status_code == 200


# --- posts from elsewhere --------------------------------------------------------------------------------------------


def posting(service: Service) -> AbstractContextManager[None]:
    async def keep(request: Request) -> Response:
        post = await read_post(request)
        return Response(post.text("story") or "nothing")

    return route(service, "/keep", keep, "POST")


@pytest.mark.parametrize("token", [None, "", "0" * 64, "\u00e9"])
def test_a_post_without_the_right_token_changes_nothing_and_keeps_what_was_typed(
    service: Service, person: Person, token: str | None
) -> None:
    person.get("/hub")
    typed = {
        "story": "She said </textarea><b>help</b>\r\nand left.",
        "postcode": "ME14 1XQ",
        "new_password": "secret one",
    }
    with posting(service):
        answer = person.post("/keep", data={**typed, **({} if token is None else {"csrf": token})})
    assert answer.status_code == 403
    assert "Please send this again" in answer.text
    assert "She said &lt;/textarea&gt;&lt;b&gt;help&lt;/b&gt;\r\nand left.</textarea>" in answer.text
    assert "ME14 1XQ</textarea>" in answer.text
    assert "secret one" not in answer.text
    assert all(number in answer.text for number in NUMBERS)


def test_an_answer_is_kept_whatever_its_question_is_called(service: Service, person: Person) -> None:
    person.get("/hub")
    typed = {"code": "the door's code is 4711", "token": "a bus token", "password_manager": "none"}
    answer = person.post("/drafts/nobodys/about", data=typed)
    assert answer.status_code == 403
    assert [text for text in typed.values() if text not in unescape(answer.text)] == []


def test_try_again_sends_the_same_texts_with_a_token_that_counts(service: Service, person: Person) -> None:
    with posting(service):
        person.get("/hub")
        refused = person.post(
            "/keep", data={"story": 'A "quoted" & long story', "-action": "next", "rev": "3"}
        )
        again = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', refused.text))
        assert again.pop("csrf") == person.csrf
        assert again == {"story": "A &#34;quoted&#34; &amp; long story", "-action": "next", "rev": "3"}
        assert person.submit("/keep", {"story": 'A "quoted" & long story'}).text == 'A "quoted" & long story'


def test_another_persons_token_does_not_count(service: Service, person: Person) -> None:
    with posting(service):
        assert person.submit("/keep", {"csrf": service.person().csrf, "story": "x"}).status_code == 403
        assert person.submit("/keep", {"story": "x"}).text == "x"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
def test_what_another_site_sends_is_refused_with_the_right_token_and_not_offered_again(
    service: Service, person: Person, site: str
) -> None:
    with posting(service):
        answer = person.submit("/keep", {"story": "x"}, headers={"sec-fetch-site": site})
    assert answer.status_code == 403
    assert "Try again" not in answer.text


def test_a_post_to_a_page_without_a_token_is_refused(person: Person) -> None:
    assert person.post("/hub").status_code == 403


def test_a_script_brings_the_token_as_a_header(service: Service, person: Person) -> None:
    async def read(request: Request) -> Response:
        return Response(await request.body())

    with route(service, "/read", read, "POST"):
        headers = {"x-csrf-token": person.csrf, "sec-fetch-site": "same-origin"}
        assert person.post("/read", json={"a": 1}, headers=headers).text == '{"a":1}'
        assert person.post("/read", json={"a": 1}).status_code == 403


# --- errors ----------------------------------------------------------------------------------------------------------


def test_a_page_that_is_not_there_says_whom_to_call(person: Person) -> None:
    answer = person.get("/no/such/page")
    assert answer.status_code == 404
    assert "Page not found" in answer.text
    assert all(number in answer.text for number in NUMBERS)
    assert '<a class="govuk-link app-navigation__link" href="#danger">' in answer.text


def test_whatever_fails_inside_is_a_page_without_a_trace_of_it(service: Service, person: Person) -> None:
    async def fail(request: Request) -> Response:
        await read_post(request)
        raise ValueError("Joe Bloggs of 12 Mill Lane")

    with route(service, "/fail", fail):
        answer = person.submit("/fail", {"story": "what was typed"})
    assert answer.status_code == 500
    assert "what was typed</textarea>" in answer.text
    assert "Joe Bloggs" not in answer.text
    assert "Traceback" not in answer.text
    assert all(number in answer.text for number in NUMBERS)


def test_a_store_that_cannot_keep_is_503_and_says_when_to_come_back(service: Service, person: Person) -> None:
    async def full(_: Request) -> Response:
        raise StoreError("disk full")

    with route(service, "/full", full):
        answer = person.submit("/full", {"story": "what was typed"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "10"
    assert "what was typed</textarea>" in answer.text
    assert "disk full" not in answer.text


def test_the_error_page_needs_no_store(service: Service, person: Person) -> None:
    person.get("/hub")
    service.store.close()
    answer = person.post("/hub", data={"csrf": person.csrf, "story": "what was typed"})
    assert answer.status_code in {405, 503}
    assert "what was typed</textarea>" in answer.text
    assert all(number in answer.text for number in NUMBERS)
    assert person.get("/hub").status_code == 503


def test_without_templates_there_is_still_an_answer_with_the_numbers(
    service: Service, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> str:
        raise KeyError("template")

    monkeypatch.setattr(type(service.context.screens), "draw", broken)
    answer = person.get("/hub")
    assert answer.status_code == 500
    assert answer.text.startswith("<!DOCTYPE html>")
    assert all(number in answer.text for number in NUMBERS)


def test_a_program_that_wants_json_gets_one_plain_line(person: Person) -> None:
    answer = person.get("/nowhere", headers={"accept": "application/json"})
    assert (answer.status_code, answer.text) == (404, "Page not found")


def test_head_is_get_without_a_body_and_without_a_cookie(service: Service) -> None:
    head, get = service.person().head("/hub"), service.person().get("/hub")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]
    assert head.headers["content-length"] == get.headers["content-length"]
    assert ("set-cookie" in head.headers, "set-cookie" in get.headers) == (False, True)


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
@pytest.mark.parametrize(
    ("path", "answered"),
    [("/hub", "GET, HEAD"), ("/account/sign-in", "GET, HEAD, POST"), ("/csp-reports", "POST")],
)
def test_another_method_is_refused_with_those_that_the_address_answers(
    person: Person, method: str, path: str, answered: str
) -> None:
    answer = person.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, answered)


def test_a_post_to_an_address_that_only_shows_is_refused(person: Person) -> None:
    assert person.submit("/hub").status_code == 405


# --- mounted ---------------------------------------------------------------------------------------------------------


def around(kind: str, service: Service) -> Service:
    if kind == "fastapi":
        fast = FastAPI()
        fast.mount("/forms-prefix", service.own)
        return service.mounted(fast, "/forms-prefix")
    return service.mounted(Starlette(routes=[Mount("/forms-prefix", service.own)]), "/forms-prefix")


@pytest.mark.parametrize("kind", ["starlette", "fastapi"])
def test_mounted_every_link_and_file_stays_below_the_prefix(service: Service, kind: str) -> None:
    person = around(kind, service).person()
    for path in ("/", "/gateway", "/hub", "/contacts", "/information/information_and_advice", "/nowhere"):
        answer = person.get(path)
        links = re.findall(r'(?:href|src|action)="([^"#]+)"', answer.text)
        own = [link for link in links if not re.match(r"https?://|tel:|mailto:", link)]
        assert own
        assert all(link.startswith("/forms-prefix/") for link in own), own
    style = re.search(r'href="/forms-prefix(/static/[^"]+council\.css)"', person.get("/hub").text)
    assert style is not None
    assert person.get(style[1]).status_code == 200


@pytest.mark.parametrize("kind", ["starlette", "fastapi"])
def test_mounted_the_cookie_is_the_hosts_and_posts_count(service: Service, kind: str) -> None:
    mounted = around(kind, service)
    person = mounted.person()
    assert "Path=/;" in person.get("/hub").headers["set-cookie"]
    with posting(service):
        assert person.submit("/keep", {"story": "kept"}).text == "kept"
        assert person.submit("/keep", {"csrf": "", "story": "x"}).status_code == 403


def test_mounted_a_redirect_leads_below_the_prefix(service: Service) -> None:
    async def on(request: Request) -> Response:
        return service.context.go(request, "/hub")

    person = around("starlette", service).person()
    with route(service, "/on", on):
        answer = person.get("/on")
    assert (answer.status_code, answer.headers["location"]) == (303, "/forms-prefix/hub")


def test_a_redirect_leads_nowhere_but_into_the_app(service: Service) -> None:
    context: AppContext = service.context
    request = Request({"type": "http", "headers": [], "root_path": ""})
    for path in ("hub", "//evil.example", "https://evil.example", ""):
        with pytest.raises(ValueError, match="within the app"):
            context.go(request, path)
    for path, led in (
        ("/\\evil.example", "/%5Cevil.example"),
        ("/hub\r\nX: y", "/hub%0D%0AX:%20y"),
        ("/drafts/a1/child.i1?shown=1#name", "/drafts/a1/child.i1?shown=1#name"),
    ):
        assert context.go(request, path).headers["location"] == led


def test_two_services_in_one_process_know_nothing_of_each_other(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    one, other = (make_service(tmp_path_factory.mktemp("service")) for _ in range(2))
    person = one.person()
    csrf = person.csrf
    stranger = other.person()
    stranger.cookies = person.cookies
    assert stranger.post("/hub", data={"csrf": csrf}).status_code == 403
    for each in (one, other):
        each.store.close()
