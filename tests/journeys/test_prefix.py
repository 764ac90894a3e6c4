"""A service below a path of its host: whatever a page, a redirect, a header or an e-mail names is below it, too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx2
import pytest

from formengine.engine import Engine
from formengine.service.settings import SettingError, settings_of
from formengine.web.http.prefix import Prefixed
from tests.support.outside_browser import OutsideBrowser
from tests.support.served_process import PROGRAM, ServedProcess, free_port
from tests.support.service_app import LOOPBACK, Service, make_service, running
from tests.support.signing_in import EMAIL, NAME, PASSWORD

pytestmark = pytest.mark.slow

PREFIX = "/council/forms"
FORMS = Path(__file__).parents[1] / "chaos/definitions"
_ADDRESS = re.compile(
    r"""\s(?:href|src|action|formaction|data-[a-z-]*(?:address|url|to|path)[a-z-]*)="([^"]*)\""""
)
# Pages of ours that end something: a walk through all links does not press them.
_LEFT_OUT = re.compile(r"tel:|mailto:|#")


class Walk:
    """A visit that keeps each address which leads out of the prefix."""

    def __init__(self, service: Service, browser: OutsideBrowser) -> None:
        self.service, self.browser = service, browser
        self.outside: set[str] = set()
        self.seen: dict[str, int] = {}

    def took(self, path: str, answer: httpx2.Response) -> httpx2.Response:
        """The answer, after a look at every address in it."""
        self.seen[path] = answer.status_code
        found = [unescape(each) for each in _ADDRESS.findall(answer.text)]
        found += [each for name, each in answer.headers.items() if name in {"location", "content-location"}]
        found += re.findall(r'csp="([^"]*)"', answer.headers.get("reporting-endpoints", ""))
        for each in found:
            if each and not _LEFT_OUT.match(each):
                self._look(path, each)
        return answer

    def _look(self, path: str, address: str) -> None:
        whole = urlsplit(urljoin(f"{LOOPBACK}{path}", address))
        own = whole.netloc == urlsplit(LOOPBACK).netloc
        if own and not (whole.path == PREFIX or whole.path.startswith(f"{PREFIX}/")):
            self.outside.add(f"{path}: {address}")

    def get(self, path: str) -> httpx2.Response:
        """A look at a page."""
        return self.took(path, self.browser.get(path))

    def submit(self, path: str, action: str = "next", **typed: str) -> str:
        """Where a posted page leads to."""
        shown = self.get(path)
        answer = self.took(
            path, self.browser.post(path, {**self.browser.hidden(shown), "-action": action, **typed})
        )
        assert answer.status_code == 303, (path, answer.status_code, answer.text[-2000:])
        return str(answer.headers["location"])

    def all_links(self, start: str) -> None:
        """Follow every link from a page on, each once."""
        waiting = [start]
        while waiting:
            path = waiting.pop()
            if path in self.seen or "/account/sign-out" in path:
                continue
            answer = self.get(path)
            if answer.headers.get("content-type", "").startswith("text/html"):
                links = [
                    urljoin(path, unescape(each))
                    for each in re.findall(r'<a [^>]*href="([^"#]+)"', answer.text)
                ]
                waiting += [each for each in links if each.startswith("/")]
            if answer.is_redirect:
                waiting.append(urljoin(path, answer.headers["location"]))


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walk]:
    service = make_service(tmp_path, engine=Engine(folders=(FORMS,)), base_url=f"{LOOPBACK}{PREFIX}")
    with (
        running(Prefixed(service.own, service.settings.prefix)) as address,
        OutsideBrowser(address) as browser,
    ):
        yield Walk(service, browser)
    service.store.close()


def test_a_whole_way_through_a_form_and_every_link_stay_below_the_prefix(walk: Walk) -> None:
    below = walk.submit(f"{PREFIX}/forms/note", "start")
    way = below[: below.index("/", len(f"{PREFIX}/drafts/")) + 1]
    assert walk.submit(f"{way}about", words="The gate at the park") == f"{way}more"
    assert (
        walk.submit(f"{way}save-by-email", "", email="visitor@example.org", word="lighthouse keeper")
        == f"{way}link-sent"
    )
    walk.get(f"{way}link-sent")
    mailed = walk.service.mail("visitor@example.org")[0].email.text
    links = re.findall(re.escape(LOOPBACK) + r"(/\S*)", mailed)
    (link,) = [link for link in links if "/resume/" in link]
    assert [link for link in links if link != PREFIX and not link.startswith(f"{PREFIX}/")] == []
    assert walk.get(link).status_code == 200
    assert walk.submit(f"{way}more", further="") == f"{way}check-answers"
    assert walk.submit(f"{way}check-answers", "submit") == f"{way}sent"
    assert walk.get(f"{way}sent").status_code == 200
    assert walk.get(f"{way}answers-pdf").headers["content-type"] == "application/pdf"
    walk.all_links(f"{PREFIX}/")
    assert walk.outside == set()
    assert {path: status for path, status in walk.seen.items() if status >= 400} == {}
    assert len(walk.seen) > 20


def test_an_account_is_made_and_used_below_the_prefix(walk: Walk) -> None:
    register = f"{PREFIX}/account/register"
    texts = {**NAME, "step": "account", "email": EMAIL, "new_password": PASSWORD, "confirm": PASSWORD}
    assert walk.submit(register, **texts) == f"{register}/code"
    assert walk.submit(f"{register}/code", code=walk.service.code(EMAIL)) == f"{register}/done"
    walk.all_links(f"{PREFIX}/account")
    assert walk.submit(f"{PREFIX}/account/sign-out").startswith(f"{PREFIX}/")
    assert walk.outside == set()
    assert f"{PREFIX}/account/password" in walk.seen
    assert {path: status for path, status in walk.seen.items() if status >= 400} == {}


def test_styles_and_scripts_are_below_the_prefix_and_their_own_addresses_lead_nowhere_else(
    walk: Walk,
) -> None:
    hub = walk.get(f"{PREFIX}/hub").text
    files = re.findall(r'(?:href|src)="([^"]+/static/[^"]+)"', hub)
    assert len(files) > 3
    for path in files:
        answer = walk.browser.get(path)
        assert answer.status_code == 200
        assert re.findall(r"""(?:url\(|from |import )["']?/[a-z]""", answer.text) == []


@pytest.mark.parametrize("path", ["/", "/hub", "/forms/note", "/council", "/council/formsand", "/static/x"])
def test_what_is_asked_for_outside_the_prefix_is_not_found_and_says_where_to_go_on(
    walk: Walk, path: str
) -> None:
    answer = walk.get(path)
    assert answer.status_code == 404
    assert f'href="{PREFIX}/hub"' in answer.text
    assert walk.outside == set()


def test_the_prefix_itself_leads_to_its_first_page(walk: Walk) -> None:
    answer = walk.get(PREFIX)
    assert (answer.status_code, answer.headers["location"]) == (308, f"{PREFIX}/")


def test_health_is_asked_for_with_and_without_the_prefix(walk: Walk) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        assert [walk.browser.get(each).status_code for each in (path, PREFIX + path)] == [200, 200]


def test_the_cookie_is_the_whole_hosts_as_a_host_cookie_must_be(walk: Walk) -> None:
    assert "Path=/;" in walk.get(f"{PREFIX}/hub").headers["set-cookie"]


@pytest.mark.parametrize("path", ["/a b", "/../forms", "/forms/..", "/fo%2Frms", "//forms", "/é", '/"'])
def test_a_path_that_would_need_writing_otherwise_is_refused_at_the_start(path: str) -> None:
    with pytest.raises(SettingError) as refused:
        settings_of({"FORMENGINE_BASE_URL": f"https://council.example{path}"})
    assert str(refused.value).startswith("FORMENGINE_BASE_URL ")


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("https://council.example", ""),
        ("https://council.example/", ""),
        ("https://council.example/forms/", "/forms"),
        ("https://council.example/children/forms-2.0", "/children/forms-2.0"),
    ],
)
def test_the_prefix_is_the_addresss_path(address: str, prefix: str) -> None:
    assert settings_of({"FORMENGINE_BASE_URL": address}).prefix == prefix


def test_serve_answers_below_the_path_of_its_base_address(tmp_path: Path) -> None:
    port = free_port()
    environment = {
        "FORMENGINE_DATA": str(tmp_path / "data"),
        "FORMENGINE_BASE_URL": f"http://127.0.0.1:{port}{PREFIX}/",
    }
    command = (*PROGRAM, "serve", "--port", str(port))
    with (
        ServedProcess(command, port, tmp_path, environment=environment) as service,
        service.browser() as browser,
    ):
        asked = ("/healthz", f"{PREFIX}/hub", "/hub")
        assert [browser.get(path).status_code for path in asked] == [200, 200, 404]
