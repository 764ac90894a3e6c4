"""The way to the forms: every sentence of the portal's definition, tiles that lead on, and the numbers to call."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize

from formengine.engine import Engine
from tests.support.service_app import Person, Service, make_service, running
from tests.tools import nu
from tests.tools.browser import axe, opened

NUMBERS = (("999", "tel:999"), ("03000 41 11 11", "tel:03000411111"), ("03000 41 91 91", "tel:03000419191"))
PAGES = (
    "/",
    "/gateway",
    "/hub",
    "/information/occupational_therapy",
    "/information/fostering_and_adoption",
    "/information/information_and_advice",
    "/contacts",
    "/demo",
    "/demo/mailbox",
    "/no/such/page",
)


def words_of(person: Person, path: str) -> str:
    """What a page says, tags left out and blanks made one."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", person.get(path).text)))


def test_the_front_door_says_who_may_use_the_portal_and_leads_to_the_gateway(person: Person) -> None:
    said = words_of(person, "/")
    assert (
        "The new Integrated Front Door is operational from Monday 1 October 2018 to access support for children, young "
        "people and families requiring intensive or specialist support at levels 3 and 4." in said
    )
    assert (
        "The Children's Portal replaces the Single Request for Support Form. It is intended to be used by "
        "professionals, for levels 3 and 4 only. Any referrals that do not meet the criteria should be referred to "
        "the appropriate "
        "service for additional or universal services or consideration given as to whether the identified needs can be "
        "met within the referrer's own service." in said
    )
    assert re.search(r'href="/gateway" role="button"[^>]*>Go to the portal</a>', person.get("/").text)


def test_the_gateway_says_what_to_do_when_the_portal_cannot_be_used(person: Person) -> None:
    said = words_of(person, "/gateway")
    assert "Foster carers: please contact your Fostering Social Worker about diary records." in said
    assert "This page will time out after 20 minutes of inactivity" in said
    assert (
        "If you are unable to access the Portal or alternative referral form at this time – please email "
        "frontdoor@example.org who will advise you of the next steps for referring." in said
    )
    page = person.get("/gateway").text
    assert re.search(r'href="/hub" role="button"[^>]*>Access the Children&#39;s Portal here</a>', page)
    assert '<a class="govuk-link" href="mailto:frontdoor@example.org">' in page


def test_the_hub_has_four_tiles_and_none_is_dead(person: Person) -> None:
    page = person.get("/hub").text
    assert "Your hub for services for Children, Young People and Families" in page
    tiles = re.findall(r'app-tile__link" href="([^"]+)">([^<]+)</a></h2>\s*<p[^>]*>([^<]+)</p>', page)
    assert tiles == [
        ("/forms/request-for-support", "Request for Support", "Worried about a child?"),
        (
            "/information/occupational_therapy",
            "Occupational Therapy Request",
            "Occupational therapy equipment and adaptation services",
        ),
        (
            "/information/fostering_and_adoption",
            "Fostering and Adoption",
            "Fostering and Adoption forms and information",
        ),
        ("/information/information_and_advice", "Information and Advice", "Links to more information"),
    ]
    for href, _, _ in tiles:
        assert person.get(href).status_code == 200


def test_every_link_of_ours_on_the_portals_pages_leads_to_a_page(person: Person) -> None:
    seen, waiting = set[str](), ["/"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = person.get(path)
        assert answer.status_code in {200, 303}, path
        if not path.startswith(("/forms/", "/account", "/my-forms", "/static/")):
            waiting += [unescape(link) for link in re.findall(r'href="(/[^"#]*)"', answer.text)]
    assert set(PAGES[:7]) <= seen
    assert {"/forms/request-for-support", "/forms/early-help-notification"} <= seen


@pytest.mark.parametrize("path", PAGES)
def test_whom_to_call_in_danger_stands_on_every_page(person: Person, path: str) -> None:
    page = person.get(path).text
    for number, href in NUMBERS:
        assert f'href="{href}">{number}</a>' in page
    assert page.count(' id="danger"') == 1
    assert 'href="#danger"' in page
    assert "This is a demonstration, modelled on the council&#39;s portal." in page


def test_contacts_lists_everybody_the_portal_names(person: Person) -> None:
    said = words_of(person, "/contacts")
    assert "Front Door frontdoor@example.org" in said
    assert "Kent County Council www.kent.gov.uk" in said


def test_a_link_elsewhere_tells_nobody_where_it_was_followed(person: Person) -> None:
    page = person.get("/information/information_and_advice").text
    elsewhere = re.findall(r'<a [^>]*href="https://[^>]+>', page)
    assert len(elsewhere) >= 4
    assert all('rel="noreferrer"' in link for link in elsewhere)


def test_a_portal_of_ones_own_without_front_door_begins_at_the_hub(tmp_path: Path) -> None:
    portal = tmp_path / "portal.yaml"
    portal.write_text(
        "portal: mine\ntitle: Exampleshire's forms\nstrapline: Ours\ncouncil:\n  name: Exampleshire\n"
        "  website: https://example.org\n"
        'danger:\n  - id: now\n    label: Police\n    telephone: "999"\n    situation: Now\n'
        "hub:\n  title: Forms <of> ours\n  strapline: Choose\n  tiles:\n"
        "    - id: a\n      title: Elsewhere\n      strapline: Away\n      link: https://example.org/form\n",
        encoding="utf-8",
    )
    service = make_service(tmp_path, portal=portal)
    person = service.person()
    assert [person.get(path).headers.get("location") for path in ("/", "/gateway")] == ["/hub", "/hub"]
    page = person.get("/hub").text
    assert "Forms &lt;of&gt; ours" in page
    assert 'href="https://example.org/form" rel="noreferrer">Elsewhere</a>' in page
    assert "demonstration" not in page
    service.store.close()


def test_somebody_signed_in_sees_the_way_to_their_forms_and_out(service: Service) -> None:
    anybody = service.context.site("", signed_in=False)
    somebody = service.context.site("../..", signed_in=True)
    assert [link.label for link in anybody.links] == ["All services", "Sign in"]
    assert [(link.label, link.href) for link in somebody.links] == [
        ("All services", "../../hub"),
        ("My forms", "../../my-forms"),
        ("Your account", "../../account"),
        ("Sign out", "../../account/sign-out"),
    ]
    assert somebody.home == "../../hub"


def test_outside_the_demo_its_pages_are_not_there(tmp_path: Path) -> None:
    service = make_service(tmp_path, demo=False)
    person = service.person()
    assert [person.get(path).status_code for path in ("/demo", "/demo/mailbox")] == [404, 404]
    service.store.close()


def test_the_demos_mailbox_shows_letters_and_a_click_copies_the_code(
    browser: Browser, service: Service, site: str
) -> None:
    from formengine.service.mail.outbox import enqueue

    with service.store.write() as tx:
        enqueue(
            tx,
            service.service,
            to="sam@example.org",
            template="code",
            facts={"code": "123456", "minutes": "10"},
        )
    with opened(browser) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(f"{site}/demo/mailbox")
        assert page.get_by_text("To sam@example.org").count() == 1
        page.get_by_role("button", name="Copy the code").click()
        page.get_by_role("button", name="Copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == "123456"


# --- by the standards ------------------------------------------------------------------------------------------------


def test_no_page_breaks_a_rule_of_accessibility_or_is_wider_than_a_small_screen(
    browser: Browser, site: str
) -> None:
    found: list[object] = []
    for width in (1280, 320):
        with opened(browser, viewport=ViewportSize(width=width, height=800)) as page:
            for path in PAGES:
                page.goto(f"{site}{path}")
                found += [(path, width, violation) for violation in axe(page)]
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    found.append((path, width, "too wide"))
    assert found == []


@pytest.mark.java
def test_every_page_is_sound_html(person: Person, tmp_path: Path) -> None:
    files = []
    for number, path in enumerate(PAGES):
        files.append(tmp_path / f"{number}.html")
        files[-1].write_text(person.get(path).text, encoding="utf-8")
    typed = person.post(
        "/hub", data={"story": "typed\nin two lines", "csrf": ""}, headers={"accept": "text/html"}
    )
    files.append(tmp_path / "error.html")
    files[-1].write_text(typed.text, encoding="utf-8")
    assert nu.errors(files) == []


def test_the_keyboard_reaches_everything_in_order_and_skips_to_the_content(
    browser: Browser, site: str
) -> None:
    with opened(browser) as page:
        page.goto(f"{site}/hub")
        reached = []
        for _ in range(9):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.textContent.trim()"))
        assert reached == [
            "Skip to main content",
            "Kent Integrated Children's Services Portal",
            "All services",
            "Sign in",
            "In danger? Who to call",
            "Request for Support",
            "Occupational Therapy Request",
            "Fostering and Adoption",
            "Information and Advice",
        ]


def test_an_error_page_of_what_was_typed_is_accessible_and_sends_it_again(
    browser: Browser, service: Service
) -> None:
    with running(service.own) as site, opened(browser) as page:
        page.goto(f"{site}/account/sign-in")
        page.evaluate("document.querySelector('form [name=csrf]').value = 'of another tab'")
        page.get_by_label("Email").first.fill("sam@example.org")
        page.evaluate("document.querySelector('main form').submit()")
        page.get_by_role("heading", name="Please send this again").wait_for()
        assert page.get_by_label("Entry 1").input_value() == "sam@example.org"
        assert axe(page) == []
        page.get_by_role("button", name="Try again").click()
        page.get_by_role("heading", name="Please send this again").wait_for(state="detached")
        assert page.get_by_label("Email").first.input_value() == "sam@example.org"


def test_forms_that_engines_know_are_the_tiles(service: Service) -> None:
    known = set(Engine().form_ids())
    assert {tile.opens.to for tile in service.context.portal.hub.tiles if tile.opens.kind == "form"} <= known
