"""What the headers keep a browser from, seen in Chromium by what happens and not by what they say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.responses import Response as StarletteResponse
from starlette.routing import Route

from tests.support.service_app import Person, Service, running
from tests.tools.browser import axe, opened

PAGES = (
    "/",
    "/gateway",
    "/hub",
    "/information/information_and_advice",
    "/contacts",
    "/demo",
    "/demo/mailbox",
    "/forms/request-for-support",
    "/account/sign-in",
    "/no/such/page",
)

# Tells the test of each breach of the policy, from before the page's first line on.
WATCH = """
window.breaches = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.breaches.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
"""


@contextmanager
def watched(browser: Browser) -> Iterator[Page]:
    with opened(browser) as page:
        page.add_init_script(WATCH)
        yield page


def breaches(page: Page) -> Any:
    return page.evaluate("window.breaches")


def first_breaches(page: Page) -> Any:
    """What was breached, once anything was: the browser tells of it a moment later. Nothing after five seconds."""
    return page.evaluate(
        """() => new Promise((tell) => {
            const look = (left) =>
                window.breaches.length > 0 || left === 0 ? tell(window.breaches) : setTimeout(() => look(left - 1), 10);
            look(500);
        })"""
    )


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_ours_tries_nothing_that_its_policy_forbids(browser: Browser, site: str, path: str) -> None:
    with watched(browser) as page:
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{site}{path}", wait_until="networkidle")
        assert breaches(page) == []
        assert [line for line in said if "404 (Not Found)" not in line] == []


def test_exit_this_page_is_the_second_thing_the_keyboard_reaches_and_breaks_no_policy(
    browser: Browser, service: Service, site: str
) -> None:
    context = service.context

    async def asked(_: Request) -> HTMLResponse:
        around = context.site("", leave="/contacts")
        return HTMLResponse(context.screens.draw("base.html", site=around, root="", title="A page to leave"))

    service.own.router.routes.insert(0, Route("/asked", asked))
    with watched(browser) as page:
        page.goto(f"{site}/asked", wait_until="networkidle")
        assert axe(page) == []
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent.trim()") == "Exit this page"
        assert (
            page.get_by_role("button", name="Emergency Exit this page").get_attribute("href") == "/contacts"
        )
        assert breaches(page) == []


def with_markup(service: Service, markup: str) -> None:
    """Puts an address `/marked` into the app whose page holds this markup, as if somebody had got it in."""

    async def marked(_: Request) -> HTMLResponse:
        return HTMLResponse(f"<!DOCTYPE html><title>Marked</title><body>{markup}</body>")

    service.own.router.routes.insert(0, Route("/marked", marked))


@pytest.mark.parametrize(
    ("markup", "directive"),
    [
        ("<script>document.title = 'run'</script>", "script-src-elem"),
        ("<img src=x onerror=\"document.title = 'run'\">", "img-src|script-src-attr"),
        ("<p style='color: red'>red</p>", "style-src-attr"),
        ("<style>p { color: red }</style>", "style-src-elem"),
        ("<script src='http://localhost:1/x.js'></script>", "script-src-elem"),
        ("<base href='http://localhost:1/'>", "base-uri"),
        ("<object data='/hub'></object>", "object-src"),
        ("<iframe src='/hub'></iframe>", "frame-src"),
    ],
)
def test_what_somebody_gets_into_a_page_does_not_run(
    browser: Browser, service: Service, site: str, markup: str, directive: str
) -> None:
    with_markup(service, markup)
    with watched(browser) as page:
        page.goto(f"{site}/marked", wait_until="networkidle")
        assert page.title() == "Marked"
        assert {line.split()[0] for line in first_breaches(page)} & set(directive.split("|"))


def test_a_form_cannot_be_sent_to_another_site(browser: Browser, service: Service, site: str) -> None:
    with_markup(service, "<form action='http://localhost:1/steal' method='post'><button>Send</button></form>")
    with watched(browser) as page:
        page.goto(f"{site}/marked")
        page.evaluate("document.querySelector('button').click()")
        assert page.url == f"{site}/marked"
        assert [line.split()[0] for line in first_breaches(page)] == ["form-action"]


def test_text_that_a_script_makes_html_of_is_shown_as_text(browser: Browser, site: str) -> None:
    with watched(browser) as page:
        page.goto(f"{site}/hub")
        page.evaluate("document.querySelector('h1').innerHTML = '<b>bold</b> & <img src=x>'")
        assert page.locator("h1").inner_text() == "<b>bold</b> & <img src=x>"
        assert page.locator("h1 b, h1 img").count() == 0


@pytest.mark.parametrize("attempt", ["eval(text)", "new Function(text)()", "setTimeout(text)"])
def test_a_script_of_ours_cannot_run_text(
    browser: Browser, service: Service, site: str, attempt: str
) -> None:
    async def script(_: Request) -> StarletteResponse:
        text = f"const text = \"document.title = 'run'\"; {attempt};"
        return StarletteResponse(text, media_type="text/javascript")

    service.own.router.routes.insert(0, Route("/script", script))
    with_markup(service, "<script src='/script'></script>")
    with watched(browser) as page:
        page.goto(f"{site}/marked", wait_until="networkidle")
        assert page.title() == "Marked"
        assert first_breaches(page) != []


@pytest.mark.parametrize("name", ["another", "default"])
def test_no_other_policy_for_html_can_be_made(browser: Browser, site: str, name: str) -> None:
    with watched(browser) as page:
        page.goto(f"{site}/hub")
        made = (
            f"() => {{ try {{ trustedTypes.createPolicy('{name}', {{createHTML: (text) => text}}); return true; }} "
            "catch { return false; } }"
        )
        assert page.evaluate(made) is False


def test_no_other_site_can_frame_a_page_read_it_or_hold_its_window(
    browser: Browser, service: Service, site: str
) -> None:
    async def stranger(_: Request) -> HTMLResponse:
        return HTMLResponse(
            f"<!DOCTYPE html><title>Stranger</title><iframe src='{site}/hub'></iframe>"
            f"<img id=picture src='{site}{service.context.assets.path}/icon.svg'>"
            f"<a href='{site}/hub' target=_blank rel=opener>go</a>"
        )

    with running(Starlette(routes=[Route("/", stranger)])) as elsewhere, watched(browser) as page:
        page.goto(elsewhere.replace("127.0.0.1", "localhost"), wait_until="networkidle")
        assert "All services" not in (page.frames[1].content() if len(page.frames) > 1 else "")
        assert page.evaluate("document.getElementById('picture').naturalWidth") == 0
        with page.expect_popup() as popup:
            page.get_by_role("link", name="go").click()
        popup.value.wait_for_load_state()
        assert popup.value.evaluate("window.opener === null") is True
        fetched = page.evaluate(
            "async (address) => { try { return await (await fetch(address)).text() } catch { return 'refused' } }",
            f"{site}/hub",
        )
        assert fetched == "refused"


def test_a_page_may_use_neither_camera_nor_place(browser: Browser, site: str) -> None:
    with watched(browser) as page:
        page.goto(f"{site}/hub")
        for feature in ("camera", "microphone", "geolocation", "payment", "usb"):
            assert page.evaluate(f"document.featurePolicy.allowsFeature('{feature}')") is False


def test_pages_tell_other_sites_nothing_of_where_people_come_from(browser: Browser, site: str) -> None:
    with watched(browser) as page:
        page.goto(f"{site}/hub")
        with page.expect_request("**/contacts") as asked:
            page.get_by_role("link", name="Contacts").click()
        assert "referer" not in asked.value.all_headers()


def test_pages_are_kept_nowhere_and_files_for_long(browser: Browser, site: str) -> None:
    with watched(browser) as page:
        kept: dict[str, str] = {}

        def note(response: Response) -> None:
            kept[response.url.rpartition("/")[2]] = response.headers["cache-control"]

        page.on("response", note)
        page.goto(f"{site}/hub", wait_until="networkidle")
        assert kept.pop("hub") == "no-store"
        assert {"council.css", "form.js", "policy.js", "icon.svg"} <= set(kept)
        assert set(kept.values()) == {"public, max-age=31536000, immutable"}


# --- what no browser shows -------------------------------------------------------------------------------------------


def test_a_breach_that_a_browser_reports_is_counted_and_not_kept(service: Service, person: Person) -> None:
    # Chromium reports over TLS alone; so the report is sent as it sends it.
    report = [
        {"type": "csp-violation", "url": "https://forms.example.org/hub", "body": {"sample": "Joe Bloggs"}}
    ]
    answer = person.post("/csp-reports", json=report, headers={"content-type": "application/reports+json"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert b"formengine_csp_reports_total 1.0" in service.context.metrics.text()
    assert b"Bloggs" not in service.context.metrics.text()


def test_tls_is_demanded_over_tls_alone(service: Service, person: Person) -> None:
    assert "strict-transport-security" not in person.get("/hub").headers
    over_tls = service.person("https://127.0.0.1").get("/hub")
    assert over_tls.headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"


@pytest.mark.parametrize("path", ["/hub", "/healthz", "/no/such/page", "/static/x/policy.js"])
def test_every_answer_has_every_header(person: Person, path: str) -> None:
    headers = person.get(path).headers
    assert headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; "
        "require-trusted-types-for 'script'; trusted-types default; report-to csp"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cross-origin-embedder-policy"] == "require-corp"
    assert headers["x-robots-tag"] == "noindex, nofollow"
    assert headers["reporting-endpoints"] == 'csp="/csp-reports"'
    assert "camera=()" in headers["permissions-policy"]
    assert "unsafe" not in str(headers)
    assert "server" not in headers
