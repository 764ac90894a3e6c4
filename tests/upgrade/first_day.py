"""Four weeks before the end: accounts are made, and forms begun that will have changed."""

from __future__ import annotations

import re

from tests.upgrade.acting import app_secret_on, begin, register
from tests.upgrade.opening import Opened, bundled_text, pdf
from tests.upgrade.steps import Step, help_steps, notification_steps, take, take_all
from tests.upgrade.writing import HELP, NOTIFICATION, Writing, person

NICKNAME = """\
      - id: nickname
        type: text
        label: What the family is called at home
        required: true
"""
# The notification as an earlier year had it: another version, a question that is gone since, and another label.
OLDER_CHANGES = (
    ("version: 2026.1", "version: 2025.3"),
    ("      - id: family_name\n", f"{NICKNAME}      - id: family_name\n"),
    ("label: What is working well?", "label: What works well at home?"),
)
# A form that is offered no longer.
CLUB = """\
form: summer-club
title: Summer club
version: 2026
access:
  sign_in_from: who
pages:
  - id: who
    title: Who comes
    fields:
      - id: name
        type: text
        label: Name of the child
        required: true
  - id: swims
    title: Swimming
    fields:
      - id: swims
        type: yes_no
        label: Can the child swim?
        required: true
submit:
  title: Send
  button: Book a place
"""


def older_forms() -> dict[str, str]:
    """The forms as they are offered on the first day and never again, by id."""
    older = bundled_text(NOTIFICATION)
    for before, after in OLDER_CHANGES:
        assert before in older, before
        older = older.replace(before, after, 1)
    return {NOTIFICATION: older, "summer-club": CLUB}


def register_people(writing: Writing, service: Opened) -> None:
    """Accounts: with an e-mailed code, with an app, and by an operator."""
    people = {
        "alex": person("Alex", "Morgan", "three blue kettles"),
        "robin": person("Robin", "Cole", "a quiet green harbour"),
        "kim": person("Kim", "Lee", "seven loud umbrellas"),
        "lee": person("Lee", "Marsh", "paper boats in june"),
        "max": person("Max", "Hill", "old brass doorbells"),
        "jo": person("Jo", "Gone", "nothing lasts for ever"),
    }
    for name, account in people.items():
        register(service, writing.browser(service, name), account)
        account["id"] = service.account_of(writing.browsers[name].token)
    writing.told.accounts.update(people)
    alex = writing.browser(service, "alex")
    details = {
        "first_name": "Alex", "last_name": "Morgan", "job_title": "Head teacher", "phone": "020 7946 0123",
        "organisation": "Example Primary School", "address": "1 Example Street\nSampletown",
    }  # fmt: skip
    assert alex.submit("/account/details", details).headers["location"] == "/account?done=saved"
    robin = people["robin"]
    robin["app_secret"] = app_secret_on(writing.browser(service, "robin"))
    answer = writing.browsers["robin"].submit(
        "/account/two-step",
        {"password": robin["password"], "code": service.app_code(robin["app_secret"])},
    )
    robin["recovery_codes"] = re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b", answer.text)
    assert len(robin["recovery_codes"]) == 10
    service.invite("taylor.new@example.com", "Taylor", "New")
    invited = {"email": "taylor.new@example.com", "first_name": "Taylor", "last_name": "New"}
    writing.told.accounts["taylor"] = {**invited, "password": "", "invited": True}


def begin_with_older_forms(writing: Writing, service: Opened) -> None:
    """Drafts of forms that will have changed, one of which is sent, and one whose form will be gone."""
    alex = writing.browser(service, "alex")
    steps = with_older_answers(notification_steps("Sample", pdf(b"The older plan")))
    way = begin(alex, NOTIFICATION)
    take_all(alex, way, steps[:6])
    shows = {"family": ['value="Sample"', 'value="The Samples"', "What the family is called at home"]}
    writing.told.draft("older notification", way, browser="alex", rest=steps[6:], shows=shows, pinned=True)
    way = begin(alex, NOTIFICATION)
    take_all(alex, way, with_older_answers(notification_steps("Earlier", pdf(b"An earlier plan"))))
    writing.sent("older notification sent", service, way, browser="alex")
    way = begin(alex, "summer-club")
    take(alex, way, Step("who", {"name": "Bo Example"}))
    rest = (Step("swims", {"swims": "no"}), Step("submit", {}, "submit"))
    shows = {"who": ['value="Bo Example"']}
    writing.told.draft("a form that is gone", way, browser="alex", rest=rest, shows=shows, pinned=True)
    gone = begin(alex, "summer-club")
    assert alex.submit(f"{gone}cancel", {"move": "delete"}).status_code == 303
    writing.told.address(gone, browser="alex", phrase="deleted")


def close_an_account(writing: Writing, service: Opened) -> None:
    """What somebody sent stays when they close their account."""
    jo, account = writing.browser(service, "jo"), writing.told.accounts.pop("jo")
    way = begin(jo, HELP, safe="yes")
    take_all(jo, way, help_steps("Jo Gone", "Kit"))
    writing.sent("of a closed account", service, way, browser="")
    begin(jo, HELP, safe="yes")
    closed = jo.submit("/account/close", {"password": account["password"]})
    assert closed.headers["location"] == "/account/closed"
    writing.told.pending["closed"] = account


def with_older_answers(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The pages of the notification with the answer that only its older definition asks for."""
    found = []
    for step in steps:
        texts = dict(step.texts)
        if step.page == "family":
            texts["nickname"] = f"The {texts['family_name']}s"
        found.append(Step(step.page, texts, step.move, step.new, step.files))
    return tuple(found)
