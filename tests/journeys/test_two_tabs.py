"""One person with two tabs, doing anything in any order: nothing that was acknowledged is lost, and it is sent once.

The person is a browser without scripts at the real app: it fills in the boxes that a page has, presses a button, and
goes where it is led. What counts as acknowledged is what the person may believe: a page was answered with the way on,
or with the promise to keep what came too late. The model below holds just that, and after each step the store must
hold the same.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx2
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from formengine.engine import Engine
from formengine.form.actions.items import items_of
from formengine.service.accounts.identity import Person as Profile
from formengine.service.accounts.identity import address_index, unconfirmed_account
from tests.support.html_dom import Element, parse
from tests.support.service_app import Person, Service, make_service
from tests.support.tiers import cases

EMAIL = "sam@example.org"
PASSWORD = "seven quiet otters"
# Of PASSWORD, with the parameters in use: making it anew for each example would be most of the test's time.
HASH = "$argon2id$v=19$m=65536,t=3,p=4$eMQI7pU9tdWxahszrVJuNw$WHv4tysQkq8x41HRBX4vGPORFxKhBkH4fQR+UG1BpOQ"
FORM = """
form: moving-in
title: Moving in
version: "1"
access:
  sign_in_from: you
pages:
  - id: you
    title: You
    fields:
      - id: name
        type: text
        label: Your name
        required: true
      - id: note
        type: long_text
        label: What else we should know
  - id: pets
    title: Pets
    fields:
      - id: has_pets
        type: yes_no
        label: Do you have pets?
      - id: pet_name
        type: text
        label: What is the pet called?
        show_if: has_pets is yes
  - id: people
    title: People
    fields:
      - id: people
        type: repeat
        label: People who move in
        item_name: person
        item_title: ((name_of_person))
        fields:
          - id: name_of_person
            type: text
            label: Name
            required: true
          - id: age
            type: number
            label: Age
"""
PAGES = {"you": ("name", "note"), "pets": ("has_pets", "pet_name"), "people": ()}
OF_ITEM = ("name_of_person", "age")
TEXTS = st.sampled_from(["", "Ada", "Łukasz", "O'Neil <b>", "two words", "x" * 60])
VALUES: dict[str, st.SearchStrategy[str]] = {
    "name": TEXTS,
    "note": TEXTS,
    "has_pets": st.sampled_from(["yes", "no"]),
    "pet_name": TEXTS,
    "name_of_person": TEXTS,
    "age": st.sampled_from(["", "0", "7", "41"]),
}
BUTTONS = st.sampled_from(
    [
        "next",
        "page:you",
        "page:pets",
        "page:people",
        "index",
        "check_answers",
        "save_for_later",
        "close",
        "print",
    ]
)
TABS = st.sampled_from([0, 1])

Answers = dict[str, str]


@dataclass(frozen=True)
class Shown:
    """A page of questions as a tab shows it: its name in the address, and what its boxes hold, hidden ones too."""

    name: str
    boxes: Answers


@dataclass
class Model:
    """What the person may believe is kept: answers by path, and the entries of the list by id."""

    answers: Answers = field(default_factory=dict)
    items: dict[str, Answers] = field(default_factory=dict)

    def believe(self, name: str, typed: Answers) -> None:
        """Nothing; a page called `name` was acknowledged with these boxes."""
        if name.startswith("people."):
            item = typed["new"] if name == "people.new" else name.partition(".")[2]
            own = {key: text for key in OF_ITEM if (text := typed.get(f"people.{item}.{key}", ""))}
            # Whoever leaves a new entry with nothing in it wants none.
            if own or item in self.items or typed["-action"] == "save_item":
                self.items[item] = own
            return
        for key in PAGES[name]:
            self.answers.pop(key, None)
            if typed.get(key):
                self.answers[key] = typed[key]


def boxes_of(page: Element) -> Answers:
    """What a browser would post of the page's questions, without the button."""
    form = next((each for each in page.walk() if each.attributes.get("id") == "answers"), None)
    if form is None:
        return {}
    boxes: Answers = {}
    for each in form.walk():
        name, kind = each.attributes.get("name", ""), each.attributes.get("type", "text")
        if each.tag == "textarea":
            boxes[name] = each.raw_text.removeprefix("\n")
        elif each.tag == "input" and (kind != "radio" or "checked" in each.attributes):
            boxes[name] = each.attributes.get("value", "")
    return boxes


class TwoTabs(RuleBasedStateMachine):
    """One person, one browser, two tabs."""

    service: Service
    browser: Person

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="two-tabs-"))
        (self.folder / "forms" / "moving-in").mkdir(parents=True)
        (self.folder / "forms" / "moving-in" / "form.yaml").write_text(FORM, encoding="utf-8")
        self.service = make_service(self.folder, engine=Engine(folders=(self.folder / "forms",)))
        self.browser = self.service.person()
        self.browser.__enter__()
        self.model = Model()
        self.tabs: list[list[Shown]] = [[], []]
        self.late: dict[str, tuple[str, Answers]] = {}
        self.reference = ""
        self.draft = ""

    def teardown(self) -> None:
        self.browser.__exit__(None, None, None)
        if self.reference:
            assert [line.reference for line, _ in self.service.context.submissions.listed()] == [
                self.reference
            ]
        self.service.store.close()
        shutil.rmtree(self.folder)

    # --- what the person does ----------------------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        context = self.service.service
        profile = Profile(email=EMAIL, first_name="Sam", last_name="Example")
        row = unconfirmed_account(context, profile, HASH, at=self.service.clock())
        row = replace(row, email_index=address_index(context, EMAIL), status="open")
        with context.store.write() as tx:
            tx.accounts.add(row)
        answer = self.browser.submit("/forms/moving-in")
        self.draft = answer.headers["location"].split("/")[2]
        self.sign_in()
        for tab in (0, 1):
            self.look(tab, "you")

    @rule(tab=TABS, name=st.sampled_from(["you", "pets", "people", "people.new"]))
    def open_a_page(self, tab: int, name: str) -> None:
        self.look(tab, name)

    @rule(tab=TABS, data=st.data())
    def open_an_entry(self, tab: int, data: st.DataObject) -> None:
        if self.model.items:
            item = data.draw(st.sampled_from(sorted(self.model.items)))
            self.look(tab, f"people.{item}")

    @rule(tab=TABS)
    def go_back(self, tab: int) -> None:
        """The browser shows the page before as it was: what it had loaded, not what is kept now."""
        if len(self.tabs[tab]) > 1:
            self.tabs[tab].pop()

    @rule(tab=TABS, button=BUTTONS, data=st.data())
    def fill_in_and_press(self, tab: int, button: str, data: st.DataObject) -> None:
        shown = self.tabs[tab][-1]
        typed = dict(shown.boxes)
        for box in list(typed):
            key = box.rpartition(".")[2]
            if key in VALUES and data.draw(st.booleans(), label=f"type into {box}"):
                typed[box] = data.draw(VALUES[key], label=box)
        if shown.name == "pets" and "has_pets" not in typed and data.draw(st.booleans(), label="choose"):
            typed["has_pets"] = data.draw(VALUES["has_pets"], label="has_pets")
        button = "save_item" if shown.name.startswith("people.") and button == "next" else button
        self.press(tab, shown.name, {**typed, "-action": button}, data)

    @rule(tab=TABS, button=BUTTONS, data=st.data())
    def fill_in_and_press_more_often_than_anything_else(
        self, tab: int, button: str, data: st.DataObject
    ) -> None:
        self.fill_in_and_press(tab, button, data)

    @rule(tab=TABS, data=st.data())
    def add_an_entry(self, tab: int, data: st.DataObject) -> None:
        self.look(tab, "people.new")
        self.fill_in_and_press(tab, "save_item", data)

    @rule(data=st.data())
    def remove_an_entry(self, data: st.DataObject) -> None:
        if not self.model.items:
            return
        item = data.draw(st.sampled_from(sorted(self.model.items)))
        name = f"people.{item}.remove"
        page = self.browser.get(self.at(name))
        if page.status_code != 200:
            return
        boxes = boxes_of(parse(page.text))
        if data.draw(st.booleans(), label="be sure"):
            answer = self.post(name, {**boxes, "-action": f"remove:people.{item}"})
            assert self.place(answer) == "people#people"
            del self.model.items[item]

    @rule()
    def sign_out(self) -> None:
        """Where the page offers it: to who is signed in."""
        if self.browser.get("/account/sign-in").status_code == 303:
            self.browser.submit("/account/sign-out")

    @rule()
    def be_away(self) -> None:
        self.service.clock.move(minutes=22)

    @rule()
    def sign_in(self) -> None:
        if self.browser.get("/account/sign-in").status_code == 200:
            self.enter_password_and_code()

    @precondition(lambda self: not self.reference)
    @rule(data=st.data())
    def send(self, data: st.DataObject) -> None:
        page = self.browser.get(self.at("check-answers"))
        if page.status_code != 200:
            return
        boxes = boxes_of(parse(page.text))
        answer = self.post("check-answers", {**boxes, "-action": "submit"})
        for _ in range(data.draw(st.integers(0, 2), label="more presses")):
            assert self.place(self.post("check-answers", {**boxes, "-action": "submit"})) == self.place(
                answer
            )
        if self.model.answers.get("name") and all(
            "name_of_person" in own for own in self.model.items.values()
        ):
            assert self.place(answer) == "sent"
            self.receive(answer)
        else:
            assert self.place(answer) == "check-answers?check=1#main-content"

    @precondition(lambda self: bool(self.reference))
    @rule(name=st.sampled_from(["", "you", "people.new", "check-answers", "create-pdf", "cancel"]))
    def come_back_to_what_was_sent(self, name: str) -> None:
        answer = self.browser.get(self.at(name))
        if "sign-in" not in answer.headers["location"]:
            assert self.place(answer) == "sent"
            assert self.reference in self.browser.get(answer.headers["location"]).text

    # --- what must hold ----------------------------------------------------------------------------------------------

    @invariant()
    def what_was_acknowledged_is_kept(self) -> None:
        if not self.draft:
            return
        with self.service.store.read() as tx:
            row = tx.drafts.get(self.draft)
        assert row is not None
        if self.reference:
            assert row.status == "submitted"
            return
        kept = self.service.context.drafts.unsealed(row).answers
        assert {name: text for name, text in kept.items() if name != "people"} == self.model.answers
        items = {item["id"]: item for item in items_of(kept, "people")}
        assert {
            item: {key: str(value) for key, value in own.items() if key != "id"}
            for item, own in items.items()
        } == self.model.items

    # --- how it is done ----------------------------------------------------------------------------------------------

    def at(self, name: str) -> str:
        return f"/drafts/{self.draft}/{name}"

    def place(self, answer: httpx2.Response) -> str:
        """Where in the draft the answer leads, or the whole address where it leads elsewhere."""
        assert answer.status_code == 303, (answer.status_code, answer.text)
        return answer.headers["location"].removeprefix(self.at(""))

    def look(self, tab: int, name: str) -> None:
        """The tab shows the page, unless it is led elsewhere."""
        answer = self.browser.get(self.at(name))
        if answer.status_code == 200:
            boxes = boxes_of(parse(answer.text))
            if boxes:
                self.tabs[tab].append(Shown(name, boxes))
        elif self.late and "conflict?" in answer.headers.get("location", ""):
            self.take_up(answer)

    def post(self, name: str, texts: Answers) -> httpx2.Response:
        """The answer to a page with the token that it had; pressed again where the browser has another one by now."""
        answer = self.browser.post(self.at(name), data=texts, headers={"sec-fetch-site": "same-origin"})
        if answer.status_code != 403:
            return answer
        hidden = [each for each in parse(answer.text).walk() if each.attributes.get("type") == "hidden"]
        again = {each.attributes["name"]: each.attributes["value"] for each in hidden}
        missing = {key: text for key, text in texts.items() if key != "csrf" and again.get(key) != text}
        assert missing == {}, "the page that asks to send it again has lost something"
        return self.browser.post(self.at(name), data=again, headers={"sec-fetch-site": "same-origin"})

    def press(self, tab: int, name: str, typed: Answers, data: st.DataObject | None) -> None:
        """A page posted, and everything that follows until it is acknowledged."""
        self.settle(self.post(name, typed), tab, name, typed, data)

    def settle(
        self, answer: httpx2.Response, tab: int, name: str, typed: Answers, data: st.DataObject | None
    ) -> None:
        place = self.place(answer)
        event(place.partition("?")[0].partition("#")[0].partition(".")[0])
        if place.startswith("timed-out"):
            assert self.browser.get(answer.headers["location"]).status_code == 200
            if not self.reference:
                self.late[self.newest_held()] = (name, typed)
        elif place.startswith("conflict"):
            self.choose(answer, tab, name, typed, data)
        elif place == "sent":
            assert self.reference
        else:
            self.model.believe(name, typed)
            if "check" not in place:
                self.look(tab, place.partition("#")[0].partition("?")[0])

    def choose(
        self, answer: httpx2.Response, tab: int, name: str, typed: Answers, data: st.DataObject | None
    ) -> None:
        """Both versions are shown; the person takes one."""
        page = self.browser.get(answer.headers["location"])
        text = parse(page.text).text
        for box, said in typed.items():
            counts = box != "pet_name" or typed.get("has_pets") == "yes"
            if box.rpartition(".")[2] in VALUES and box != "has_pets" and said and counts:
                assert said in text, f"{said!r}, typed into {box}, is not among what there is to choose from"
        keep = data.draw(st.sampled_from(["yours", "theirs"]), label="keep") if data is not None else "yours"
        hidden = [each for each in parse(page.text).walk() if each.attributes.get("type") == "hidden"]
        boxes = {each.attributes["name"]: each.attributes["value"] for each in hidden}
        chosen = self.browser.post(
            answer.headers["location"],
            data={**boxes, "keep": keep},
            headers={"sec-fetch-site": "same-origin"},
        )
        if keep == "yours":
            self.settle(chosen, tab, name, typed, data)

    def enter_password_and_code(self) -> None:
        """Signed in; with that, what came too late is saved, in the order in which it came."""
        self.service.clock.move(minutes=1, seconds=1)
        answer = self.browser.submit("/account/sign-in", {"email": EMAIL, "password": PASSWORD})
        assert answer.headers["location"] == "/account/code", answer.text
        answer = self.browser.submit("/account/code", {"code": self.service.code(EMAIL)})
        if self.late:
            self.take_up(answer)
        while self.late:
            self.take_up(self.browser.get(self.at("you")))

    def take_up(self, answer: httpx2.Response) -> None:
        """What came too late, by now saved in its turn; or there are two versions to choose from."""
        place = self.place(answer) if answer.status_code == 303 else ""
        in_doubt = self.late_page(place.partition("conflict?post=")[2])
        doubtful = self.late.pop(in_doubt) if in_doubt else None
        saved = [held for held in self.late if not self.is_held(held)]
        assert saved or doubtful, "what came too late is neither saved nor to be chosen"
        for held in saved:
            self.model.believe(*self.late.pop(held))
        if doubtful:
            self.choose(answer, 0, *doubtful, None)

    def late_page(self, post: str) -> str:
        """Which of the late pages is to be chosen about in the post with this id, "" for none."""
        if not post:
            return ""
        with self.service.store.read() as tx:
            row = tx.drafts.get(self.draft)
        assert row is not None
        found = self.service.context.drafts.held(post, self.service.context.drafts.unsealed(row))
        assert found is not None
        body: Any = found.body
        typed = {name: texts[-1] for name, texts in body["texts"].items()}
        return next(
            held
            for held, (name, boxes) in self.late.items()
            if name == body["step"] and typed.items() <= boxes.items()
        )

    def newest_held(self) -> str:
        """The id under which the service keeps the page that has just come too late."""
        session = self.service.context.sessions.find(self.browser.token)
        assert session is not None
        return session.facts["held"].split()[-1]

    def is_held(self, held: str) -> bool:
        """Whether a late page still waits."""
        with self.service.store.read() as tx:
            return tx.drafts.held_post(held) is not None

    def receive(self, answer: httpx2.Response) -> None:
        """The receipt has the reference of the one submission, and that has all that was acknowledged and counts."""
        ((line, _),) = self.service.context.submissions.listed()
        self.reference = line.reference
        assert self.reference in self.browser.get(answer.headers["location"]).text
        sent = self.service.context.submissions.export(self.reference, actor="system")
        assert sent is not None
        expected: dict[str, Any] = dict(self.model.answers)
        if expected.get("has_pets") != "yes":
            expected.pop("pet_name", None)
        if self.model.items:
            expected["people"] = [
                {"id": item, **own, **({"age": int(own["age"])} if "age" in own else {})}
                for item, own in self.model.items.items()
            ]
        found = {key: value for key, value in sent.answers.items() if value != []}
        assert found == expected


def test_two_pages_that_came_too_late_lead_to_the_choice_once_nobody_knows_where_the_person_was_going() -> (
    None
):
    person = TwoTabs()
    person.begin()
    person.sign_out()
    (first,), (second,) = person.tabs
    for shown, typed in ((first, {"name": "Ada"}), (second, {"name": "Bo", "note": "Two dogs"})):
        answer = person.post("you", {**shown.boxes, **typed, "-action": "next"})
        assert person.place(answer).startswith("timed-out")
    person.be_away()
    person.service.clock.move(minutes=1, seconds=1)
    person.browser.submit("/account/sign-in", {"email": EMAIL, "password": PASSWORD})
    answer = person.browser.submit("/account/code", {"code": person.service.code(EMAIL)})
    assert person.place(answer).startswith("conflict?post=")
    text = parse(person.browser.get(answer.headers["location"]).text).text
    assert [said for said in ("Ada", "Bo", "Two dogs") if said not in text] == []
    person.teardown()


TestTwoTabs = TwoTabs.TestCase
TestTwoTabs.settings = settings(
    max_examples=cases(8, long=200),
    stateful_step_count=25,
    # Shrinking would take minutes, each step being requests; twenty steps can be read as they are.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
