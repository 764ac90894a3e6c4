"""The last minutes: forms are filled in, posted late, changed in two windows, finished and sent."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape

from tests.upgrade.acting import begin, continue_from, id_in, show_to_be_human, sign_in
from tests.upgrade.opening import Opened, Person, brought_back, pdf, png
from tests.upgrade.steps import (
    CHILD,
    DOCUMENT,
    SIBLING,
    Step,
    Upload,
    help_steps,
    letter,
    notification_steps,
    request_steps,
    take,
    take_all,
)
from tests.upgrade.writing import HELP, NOTIFICATION, REQUEST, Writing


def post_late(writing: Writing, service: Opened, end: datetime) -> None:
    """Pages that are posted when their session is over: of an account, and of a visitor who was sent a link."""
    window = writing.browser(service, "alex's telephone")
    sign_in(service, window, writing.told.accounts["alex"])
    mine = begin(window, REQUEST, urgency="standard")
    steps = request_steps("Cy", pdf(b"A late report"))
    take(window, mine, steps[0])
    child = window.get(f"{mine}child")
    visitor = writing.browser(service, "late visitor")
    theirs = begin(visitor, HELP, safe="yes")
    take(visitor, theirs, help_steps("Early Visitor", "")[0])
    link = writing.link(service, visitor, theirs, "late.visitor@example.com")
    pages = {name: visitor.get(f"{theirs}{name}") for name in ("you", "children.new", "page-close")}
    # Longer than a session lives.
    service.set_clock(end)
    asked = window.submit(f"{mine}child", {"move": "next", **brought_back(child), **steps[1].texts})
    assert asked.headers["location"].startswith(f"{mine}timed-out?held=1"), asked.headers
    writing.told.held["late page of an account"] = {
        "browser": "alex's telephone",
        "sign_in": "alex",
        "next": f"{mine}child",
        "lands_on": f"{mine}child",
        "shows": {f"{mine}child": ['value="Cy"', 'value="Head teacher"']},
    }
    writing.told.draft("request posted late", mine, browser="alex", rest=steps[1:])
    # Three windows of a visitor, the last two posted without knowing that the time was over.
    photo = Upload.of("letter", "photo.png", "image/png", png())
    first, *_, close, _, _ = help_steps("Late Visitor", "Quinn")
    # What a page showed is known by the id that its own new item got.
    new = brought_back(pages["children.new"])["new"]
    item = Step("children.new", {f"children.{new}.first_name": "Quinn"}, "save_item")
    for name, step, files in (
        ("you", first, [photo.part]),
        ("children.new", item, []),
        ("page-close", close, []),
    ):
        texts = {**brought_back(pages[name]), **step.texts, "move": step.move}
        asked = visitor.submit(f"{theirs}{name}", texts, files=files)
        assert asked.headers["location"].startswith(f"{theirs}timed-out?held=1"), asked.headers
    writing.told.held["late page of a visitor"] = {
        "browser": "late visitor",
        "link": link,
        "lands_on": f"{theirs}page-close",
        "shows": {
            f"{theirs}you": ['value="Late Visitor"', "photo.png"],
            f"{theirs}children": ["Quinn"],
            f"{theirs}page-close": ['value="Dee Sample"'],
        },
    }


def fill_in(writing: Writing, service: Opened) -> None:
    """Drafts of accounts: half-way, changed in two windows, with files, finished, deleted."""
    accounts = writing.told.accounts
    for name in ("alex", "robin", "kim"):
        sign_in(service, writing.browser(service, name), accounts[name])
    alex, robin, kim = (writing.browsers[name] for name in ("alex", "robin", "kim"))
    steps = request_steps("Ayo", pdf(b"A report about Ayo"))
    way = begin(alex, REQUEST, urgency="urgent")
    take_all(alex, way, steps[:2])
    page = alex.get(f"{way}reasons")
    take_all(alex, way, steps[2:6])
    writing.told.held["open in a browser"] = {
        "browser": "alex",
        "page": f"{way}reasons",
        "texts": {**hidden_in(page.text), **steps[9].texts, "move": "next"},
        "lands_on": f"{way}request",
    }
    shows = {
        "child": ['value="Ayo"', 'value="CT1 1AA"', "1 Example Street"],
        f"children_same_address.{SIBLING}": ['value="Bo"'],
        "children_same_address": ["Bo Example"],
    }
    writing.told.draft("request half-way", way, browser="alex", rest=steps[6:], shows=shows)
    change_in_two_windows(writing, alex)

    steps = request_steps("Dot", pdf(b"A report about Dot"))
    way = begin(robin, REQUEST, urgency="standard")
    take_all(robin, way, steps[:14])
    for about in ("nothing", "something else"):
        part = letter(f"documents.{DOCUMENT}.attachment", f"{about}.pdf", pdf(about.encode())).part
        texts = {"field": part[0]}
        assert robin.submit(f"{way}files", texts, files=[part]).status_code == 201
    linked, refused, _ = service.files(id_in(way))
    service.scanned(linked["id"], clean=True)
    service.scanned(refused["id"], clean=False)
    shows = {f"documents.{DOCUMENT}": ["report of May.pdf"], "documents": ["report of May.pdf"]}
    writing.told.draft("request with files", way, browser="robin", rest=steps[14:], shows=shows)

    steps = notification_steps("Finch", pdf(b"A plan for the Finches"))
    way = begin(kim, NOTIFICATION)
    take_all(kim, way, steps[:-1])
    shows = {"check-answers": ["A dog that bites", "Missing school", "plan.pdf", "29 February 2016"]}
    writing.told.draft("notification finished", way, browser="kim", rest=steps[-1:], shows=shows)


def change_in_two_windows(writing: Writing, browser: Person) -> None:
    steps = notification_steps("First", pdf(b"A plan"))
    way = begin(browser, NOTIFICATION)
    take_all(browser, way, steps[:3])
    windows = [browser.get(f"{way}family"), browser.get(f"{way}family")]
    answers = []
    for window, name in zip(windows, ("First", "Second"), strict=True):
        texts = {"move": "next", **brought_back(window), **steps[3].texts, "family_name": name}
        answers.append(browser.submit(f"{way}family", texts).headers["location"])
    assert answers[1].startswith(f"{way}conflict?post="), answers
    writing.told.held["two windows"] = {
        "browser": "alex", "conflict": answers[1], "both": ["First", "Second"], "lands_on": f"{way}children",
        "shows": {f"{way}family": ['value="Second"']},
    }  # fmt: skip
    shows = {"family": ['value="First"']}
    writing.told.draft("notification in two windows", way, browser="alex", rest=steps[3:], shows=shows)


def fill_in_as_visitors(writing: Writing, service: Opened) -> None:
    """Drafts without an account: just begun, with a mailed link, and one for each kind of place to stand at."""
    passer_by = writing.browser(service, "passer-by")
    way = begin(passer_by, REQUEST, urgency="urgent")
    assert passer_by.get(f"{way}about").headers["location"] == "/human-test"
    assert show_to_be_human(service, passer_by, "passer.by@example.com") == f"{way}about"
    take(passer_by, way, Step("about"))
    assert passer_by.submit(f"{way}child").headers["location"] == "/account/sign-in"
    rest = request_steps("Eve", pdf(b"A report about Eve"))[1:]
    writing.told.draft(
        "request just begun", way, browser="passer-by", rest=rest, sign_in="alex", next=f"{way}child"
    )

    steps = help_steps("Ada Neighbour", "Bo")
    neighbour = writing.browser(service, "neighbour")
    way = begin(neighbour, HELP, safe="no")
    take_all(neighbour, way, steps[:5])
    link = writing.link(service, neighbour, way, "neighbour@example.com")
    shows = {"you": ['value="Ada Neighbour"'], "children": ["Bo"]}
    writing.told.draft("help with a link", way, browser="neighbour", rest=steps[5:], shows=shows, link=link)

    standing = writing.browser(service, "standing")
    shows = {"you": ['value="Ada Neighbour"']}
    for name, done in (
        ("at a page of an item", 3),
        ("at a new item", 2),
        ("at an item to be removed", 5),
    ):
        way = begin(standing, HELP, safe="yes")
        take_all(standing, way, steps[:done])
        rest = steps[done:]
        if done == 5:
            take(standing, way, Step("children", {}, f"remove:children.{CHILD}"))
        writing.told.draft(f"standing {name}", way, browser="standing", rest=rest, shows=shows)
    way = begin(standing, HELP, safe="yes")
    take_all(standing, way, steps[:5])
    shown = standing.get(f"{way}page-close")
    texts = {**brought_back(shown), **steps[5].texts, "new": steps[5].new, "-place": "page-close"}
    saved = standing.submit(f"{way}autosave", texts, headers={"accept": "application/json"})
    assert saved.status_code == 200, saved.status_code
    shows = {"page-close": ['value="Dee Sample"']}
    writing.told.draft(
        "standing where it was saved while typing", way, browser="standing", rest=steps[6:], shows=shows
    )
    # To sign in, so that the draft is the account's.
    sign_in_to_keep = writing.browser(service, "keeps it")
    way = begin(sign_in_to_keep, HELP, safe="yes")
    take_all(sign_in_to_keep, way, steps[:1])
    assert sign_in_to_keep.submit(f"{way}save-for-later").headers["location"] == "/account/sign-in"
    writing.told.draft(
        "help to be kept in an account", way, browser="keeps it", rest=steps[1:], shows=shows_you(),
        sign_in="alex", next=f"{way}save-for-later",
    )  # fmt: skip


def send(writing: Writing, service: Opened) -> None:
    """Submissions of every form: urgent and not, of accounts and of a visitor, with files."""
    for name, browser, form, start, steps in (
        (
            "request sent",
            "alex",
            REQUEST,
            {"urgency": "urgent"},
            request_steps("Fay", pdf(b"A report about Fay")),
        ),
        (
            "notification sent",
            "robin",
            NOTIFICATION,
            {},
            notification_steps("Gale", pdf(b"A plan for the Gales")),
        ),
        ("help sent", "sender", HELP, {"safe": "no"}, help_steps("Hal Sender", "Ivy")),
    ):
        somebody = writing.browser(service, browser)
        way = begin(somebody, form, **start)
        take_all(somebody, way, steps[:-1])
        for file in service.files(id_in(way)):
            service.scanned(file["id"], clean=True)
        take(somebody, way, steps[-1])
        writing.sent(name, service, way, browser=browser)


def keep_pdfs(writing: Writing, service: Opened) -> None:
    """Copies that people keep: of drafts, of what was sent, with files in it, of an older definition."""
    kim = writing.browser(service, "kim")
    drafts, sent = writing.told.drafts, writing.told.submissions
    for name, way, asked, browser, form in (
        ("request-half-way", drafts["request half-way"]["way"], "", "alex", REQUEST),
        ("older-notification", drafts["older notification"]["way"], "", "alex", NOTIFICATION),
        ("request-sent", sent["request sent"]["way"], "?files=yes", "alex", REQUEST),
        ("help", drafts["help with a link"]["way"], "", "neighbour", HELP),
    ):
        answer = writing.browser(service, browser).get(f"{way}answers-pdf{asked}")
        assert answer.status_code == 200, name
        (writing.folder / "kept").mkdir(exist_ok=True)
        (writing.folder / "kept" / f"{name}.pdf").write_bytes(answer.content)
        writing.told.kept.append({"file": f"{name}.pdf", "form": form, "browser": "lee again"})
    sign_in(service, writing.browser(service, "lee again"), writing.told.accounts["lee"])
    way, _ = continue_from(kim, "help.pdf", (writing.folder / "kept" / "help.pdf").read_bytes())
    steps = help_steps("Ada Neighbour", "Bo")
    writing.told.draft("help from a PDF", way, browser="kim", rest=steps[5:], shows=shows_you())


def shows_you() -> dict[str, list[str]]:
    """What the first page of *Ask for help* shows."""
    return {"you": ['value="Ada Neighbour"']}


def hidden_in(page: str) -> dict[str, str]:
    """Everything that a page of a form sends back unseen, the token against forged posts among it."""
    return {
        name: unescape(text)
        for name, text in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    }
