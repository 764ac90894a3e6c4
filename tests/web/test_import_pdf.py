"""Going on with a form from a PDF that somebody kept of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ViewportSize

from formengine.engine import Engine
from formengine.form.plan import Form
from formengine.form.state import evaluate
from formengine.language.json_types import expect_list, expect_object
from formengine.service.crypto.keyring import Keyring
from formengine.service.drafts.drafts import Draft
from tests.output.test_reading import HOSTILE
from tests.support.journey_forms import engine_of
from tests.support.paper_filling import fillable, filled
from tests.support.pdf_samples import pdf_of
from tests.support.pdf_signing import signed_again, signing, unsigned, with_data
from tests.support.sending import draft_of, signed_in
from tests.support.service_app import Person, Service, make_service
from tests.tools import nu
from tests.tools.browser import axe, opened

pytestmark = pytest.mark.slow

FORM = "moving-on"
YAML = """\
form: moving-on
title: Moving on
version: 2026.2
access: anyone
audiences:
  family: The family's copy
start:
  human_test: false
pages:
  - id: about
    title: About you
    fields:
      - id: full_name
        type: text
        label: Full name
        renamed_from: name_of_child
      - id: email
        type: email
        label: Your email
        prefill: account.email
        read_only: true
      - id: born
        type: date
        label: Date of birth
      - id: colour
        type: choice
        label: Colour
        options:
          red: Red
          blue: Blue
      - id: letter
        type: file
        label: The letter
  - id: others
    title: Others
    fields:
      - id: friends
        type: repeat
        label: Friends
        item_name: Friend
        item_title: ((first_name))
        fields:
          - id: first_name
            type: text
            label: First name
"""
OLDER = (
    YAML.replace("2026.2", "2026.1")
    .replace("full_name", "name_of_child")
    .replace("        renamed_from: name_of_child\n", "")
    .replace("          blue: Blue", "          green: Green")
    .replace(
        "      - id: letter",
        "      - id: shoe_size\n        type: text\n        label: Shoe size\n      - id: letter",
    )
)
FILE = {"id": "f1", "name": "Letter of May.pdf", "type": "application/pdf", "size": 12}
ANSWERS: dict[str, Any] = {
    "full_name": "Ada Example",
    "born": "2001-02-03",
    "colour": "red",
    "friends": [{"id": "a", "first_name": "Bea"}, {"id": "b", "first_name": "Cy"}],
}


NARROW: ViewportSize = {"width": 320, "height": 700}


def form_of(folder: Path, text: str) -> Form:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "form.yaml").write_text(text, encoding="utf-8")
    return Engine().form(folder / "form.yaml")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    form_of(tmp_path / "forms" / FORM, YAML)
    folders = (tmp_path / "forms", *engine_of(tmp_path / "more").folders)
    made = make_service(tmp_path, engine=Engine(folders=folders))
    yield made
    made.store.close()


@pytest.fixture
def older(tmp_path: Path) -> Form:
    return form_of(tmp_path / "older" / FORM, OLDER)


def copy_of(
    service: Service,
    answers: Any,
    form: Form | None = None,
    *,
    keys: Keyring | None = None,
    audience: str = "",
) -> bytes:
    """A copy that a service with these keys signed, this one unless told otherwise."""
    form = form or service.context.drafts.forms.current(FORM)
    assert form is not None
    state = evaluate(form, answers, on=service.service.today())
    return pdf_of(state, audience=audience, sign=signing(keys or service.keys))


def upload(person: Person, content: bytes) -> Any:
    return person.submit("/continue", files=[("pdf", ("kept.pdf", content, "application/pdf"))])


def begun(service: Service, person: Person, page: str) -> Draft:
    """The draft to which the page leads on."""
    draft_id = re.search(r'href="/drafts/([^/"]+)/', page)
    assert draft_id is not None, page
    session = service.context.sessions.find(person.token)
    assert session is not None
    account = session.account if session.stage == "signed_in" else None
    draft = service.context.drafts.open(draft_id[1], account=account, holder=session.token_hash)
    assert draft is not None
    return draft


def plain(page: str) -> str:
    """What the page says, without tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split()).replace("&#39;", "'")


# --- what the service signed -----------------------------------------------------------------------------------------


def test_the_service_s_own_pdf_becomes_a_draft_with_the_same_answers(
    service: Service, person: Person
) -> None:
    before = draft_of(service, person, ANSWERS, form=FORM)
    kept = person.get(f"/drafts/{before.id}/answers-pdf").content
    answer = upload(person, kept)
    assert answer.status_code == 200
    said = plain(answer.text)
    assert "This service made the PDF, and its answers have not been changed since." in said
    assert "Look at every answer" not in said
    draft = begun(service, person, answer.text)
    assert draft.id != before.id
    assert (draft.answers, draft.row.holder) == (ANSWERS, before.row.holder)
    with service.store.read() as tx:
        noted = [entry for entry in tx.audit.every() if entry.subject == draft.id]
    assert [(entry.actor, entry.action) for entry in noted] == [("visitor", "draft.continued")]
    assert person.get(f"/drafts/{draft.id}/about").status_code == 200


def test_a_draft_belongs_to_who_is_signed_in_and_to_nobody_else(service: Service) -> None:
    ada = signed_in(service, "ada")
    answer = upload(ada, copy_of(service, ANSWERS))
    draft = begun(service, ada, answer.text)
    assert (draft.row.account, draft.row.holder) == ("ada", None)
    assert signed_in(service, "eve").get(f"/drafts/{draft.id}/about").status_code == 404


def test_the_same_page_posted_again_begins_no_second_draft(service: Service, person: Person) -> None:
    content = copy_of(service, ANSWERS)
    first = begun(service, person, upload(person, content).text)
    assert begun(service, person, upload(person, content).text).id == first.id
    other = begun(service, person, upload(person, copy_of(service, {"colour": "blue"})).text)
    assert other.id != first.id


def test_a_signed_pdf_of_an_older_version_goes_on_with_that_version_where_it_is_kept(
    service: Service, person: Person, older: Form
) -> None:
    with service.store.write() as tx:
        service.context.drafts.forms.keep(tx, older)
    answers = {"name_of_child": "Ada Example", "colour": "green", "shoe_size": "39"}
    answer = upload(person, copy_of(service, answers, older))
    draft = begun(service, person, answer.text)
    assert (draft.answers, draft.row.digest) == (answers, older.digest)
    assert "another version" not in plain(answer.text)


def test_a_pdf_of_an_older_version_says_what_no_longer_fits(
    service: Service, person: Person, older: Form
) -> None:
    answers = {"name_of_child": "Ada Example", "colour": "green", "shoe_size": "39"}
    answer = upload(person, copy_of(service, answers, older))
    said = plain(answer.text)
    assert "The PDF was made with another version of the form." in said
    assert "Answers to choose again" in said
    assert "About you: Colour green" in said
    assert "Answers that no question asks for" in said
    assert "shoe_size 39" in said
    draft = begun(service, person, answer.text)
    assert draft.answers == {"full_name": "Ada Example", "colour": "green"}
    assert draft.row.digest != older.digest


def test_an_unsigned_pdf_of_a_version_that_is_kept_names_the_questions_that_went(
    service: Service, person: Person, older: Form
) -> None:
    with service.store.write() as tx:
        service.context.drafts.forms.keep(tx, older)
    answer = upload(person, unsigned(copy_of(service, {"shoe_size": "39"}, older)))
    assert "Shoe size 39" in plain(answer.text)
    assert begun(service, person, answer.text).row.digest != older.digest


# --- what nobody vouches for -----------------------------------------------------------------------------------------

BY_HAND = "We cannot tell who made this PDF. Look at every answer before you send the form."
CHANGED = "This PDF was changed after it was made. Look at every answer before you send the form."


def test_an_altered_pdf_is_taken_as_if_typed_and_told(service: Service, person: Person) -> None:
    answer = upload(person, with_data(copy_of(service, ANSWERS), answers={**ANSWERS, "colour": "blue"}))
    assert CHANGED in plain(answer.text)
    assert begun(service, person, answer.text).answers == {**ANSWERS, "colour": "blue"}


@pytest.mark.parametrize("how", ["unsigned", "another service's"])
def test_what_another_made_is_taken_as_if_typed(service: Service, person: Person, how: str) -> None:
    content = copy_of(service, ANSWERS)
    answer = upload(person, unsigned(content) if how == "unsigned" else signed_again(content, Keyring.new()))
    assert BY_HAND in plain(answer.text)
    assert begun(service, person, answer.text).answers == ANSWERS


def test_a_form_filled_in_on_a_computer_becomes_a_draft(service: Service, person: Person) -> None:
    form = service.context.drafts.forms.current(FORM)
    assert form is not None
    content = filled(
        fillable(form), {"full_name": ("Ada Example",), "born-day": ("31",), "born-month": ("2",)}
    )
    answer = upload(person, content)
    assert BY_HAND in plain(answer.text)
    assert begun(service, person, answer.text).answers == {
        "full_name": "Ada Example",
        "born": {"day": "31", "month": "2"},
    }
    assert "About you: Date of birth 31 2" in plain(answer.text)


STRANGE: Mapping[str, Any] = {
    "full_name": {"a": ["b"]},
    "born": {"day": "31", "month": "2", "year": "2001"},
    "colour": 7,
    "letter": FILE,
    "friends": [{"first_name": "Bea"}, "Cy", {"id": "x", "first_name": "Di"}, {"id": "x"}, {"id": "/"}],
    "nobody": {"asked": "<script>alert(1)</script>"},
}


def test_answers_of_any_shape_give_a_draft_whose_pages_open(service: Service, person: Person) -> None:
    answer = upload(person, with_data(copy_of(service, {}), answers=STRANGE))
    draft = begun(service, person, answer.text)
    assert draft.answers["born"] == {"day": "31", "month": "2", "year": "2001"}
    assert draft.answers["colour"] == "7"
    assert "full_name" not in draft.answers
    assert "letter" not in draft.answers
    friends = [expect_object(friend) for friend in expect_list(draft.answers["friends"])]
    assert [friend.get("first_name") for friend in friends] == ["Bea", "Di", None, None]
    assert len({friend["id"] for friend in friends}) == 4
    said = plain(answer.text)
    assert "nobody.asked &lt;script&gt;alert(1)&lt;/script&gt;" in said
    assert "Full name b" in said
    assert "Cy" in said
    for place in ("", "about", "about?check=1", "others", "check-answers"):
        assert person.get(f"/drafts/{draft.id}/{place}").status_code in {200, 303}, place


def test_files_are_not_taken_even_from_a_signed_pdf_and_each_is_named(
    service: Service, person: Person
) -> None:
    answer = upload(person, copy_of(service, {**ANSWERS, "letter": FILE}))
    said = plain(answer.text)
    assert "Files to upload again" in said
    assert "About you: The letter Letter of May.pdf" in said
    assert begun(service, person, answer.text).answers == ANSWERS


def test_what_comes_from_the_account_is_taken_afresh(service: Service, person: Person) -> None:
    content = copy_of(service, {**ANSWERS, "email": "somebody.else@example.org"})
    ada = signed_in(service, "ada")
    mine = begun(service, ada, upload(ada, content).text)
    assert mine.answers == {**ANSWERS, "email": "ada@example.org"}
    assert begun(service, person, upload(person, content).text).answers == ANSWERS


def test_a_copy_of_what_was_sent_says_that_this_is_a_further_form(service: Service, person: Person) -> None:
    form = service.context.drafts.forms.current(FORM)
    assert form is not None
    state = evaluate(form, ANSWERS, on=service.service.today())
    answer = upload(person, pdf_of(state, "MO-4K7P", sign=signing(service.keys)))
    assert "sent already under the reference MO-4K7P. What you send now is a further form." in plain(
        answer.text
    )


def test_signing_in_and_the_human_test_come_where_they_come_in_any_draft(
    service: Service, person: Person
) -> None:
    visit = service.context.drafts.forms.current("visit")
    assert visit is not None
    answers = {"kind": "home", "by": "somebody.else@example.org", "day": "2026-12-01"}
    answer = upload(person, copy_of(service, answers, visit))
    draft = begun(service, person, answer.text)
    assert draft.answers == {"kind": "home", "day": "2026-12-01"}
    assert person.get(f"/drafts/{draft.id}/about").headers["location"] == "/human-test"
    session = service.context.sessions.find(person.token)
    assert session is not None
    service.context.sessions.set_facts(session, human="1")
    assert person.get(f"/drafts/{draft.id}/about").status_code == 200
    gate = person.get(f"/drafts/{draft.id}/when")
    assert "/account/sign-in" in gate.text or gate.headers.get("location") == "/account/sign-in"
    assert "2026" not in re.sub(r"<footer.*", "", gate.text, flags=re.DOTALL)


def test_an_urgent_form_says_whom_to_call_first(service: Service, person: Person) -> None:
    form = service.context.drafts.forms.current("ask-for-help")
    assert form is not None
    answer = upload(person, copy_of(service, {"nearby": "yes", "safe": "no"}, form))
    draft = begun(service, person, answer.text)
    assert draft.row.urgent
    assert f'href="/drafts/{draft.id}/call-first"' in answer.text


# --- what is refused -------------------------------------------------------------------------------------------------


def refused(service: Service, person: Person, content: bytes) -> str:
    answer = upload(person, content)
    assert answer.status_code == 422
    assert 'href="tel:' in answer.text
    assert service.context.drafts.mine(None, None) == []
    with service.store.read() as tx:
        assert [entry.action for entry in tx.audit.every() if entry.action == "draft.continued"] == []
    found = re.search(r'id="pdf-error"[^>]*>(.*?)</p>', answer.text)
    assert found is not None
    return plain(found[1]).removeprefix("Error: ")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_pdf_gets_a_plain_refusal(service: Service, person: Person, name: str) -> None:
    said = refused(service, person, HOSTILE[name][0]())
    assert said.startswith(("The PDF ", "The file ", "This PDF ", "Choose the PDF "))


def test_a_copy_for_the_family_cannot_be_gone_on_from(service: Service, person: Person) -> None:
    said = refused(service, person, copy_of(service, ANSWERS, audience="family"))
    assert said == (
        "This PDF is “The family's copy”, which leaves questions out. "
        "You cannot go on from it. Choose the PDF of all your answers"
    )


def test_a_pdf_of_more_than_ten_megabytes_is_refused(service: Service, person: Person) -> None:
    content = copy_of(service, ANSWERS) + bytes(10_000_000)
    assert refused(service, person, content) == "The PDF must not be larger than 10 MB"


def test_a_form_that_is_not_here_is_refused(service: Service, person: Person, tmp_path: Path) -> None:
    other = form_of(tmp_path / "elsewhere" / "other", YAML.replace("moving-on", "other-form"))
    said = refused(service, person, copy_of(service, ANSWERS, other))
    assert said.startswith("This PDF carries no answers to a form of this service.")


def test_without_a_file_the_page_asks_for_it(service: Service, person: Person) -> None:
    answer = person.submit("/continue", files=[("pdf", ("", b"", "application/octet-stream"))])
    assert answer.status_code == 422
    assert "Choose the PDF to go on from" in plain(answer.text)


def test_a_post_without_the_token_begins_nothing(service: Service, person: Person) -> None:
    files = [("pdf", ("kept.pdf", copy_of(service, ANSWERS), "application/pdf"))]
    assert person.post("/continue", files=files).status_code == 403


def test_who_sends_too_many_shows_that_they_are_human(service: Service, person: Person) -> None:
    for _ in range(20):
        assert service.context.limits.allow("read_pdf", "testclient")
    answer = upload(person, copy_of(service, ANSWERS))
    assert answer.headers["location"] == "/human-test"
    ada = signed_in(service, "ada")
    assert upload(ada, copy_of(service, ANSWERS)).status_code == 200


# --- the way there, and how it looks ---------------------------------------------------------------------------------


def test_my_forms_and_the_start_page_lead_there(service: Service, person: Person) -> None:
    assert 'href="/continue"' in person.get(f"/forms/{FORM}").text
    assert 'href="/continue"' in signed_in(service, "ada").get("/my-forms").text


@pytest.mark.java
def test_the_pages_are_sound_html(service: Service, person: Person, tmp_path: Path) -> None:
    answers = {**STRANGE, "colour": "red"}
    pages = {
        "ask": person.get("/continue").text,
        "refused": upload(person, b"none").text,
        "told": upload(person, with_data(copy_of(service, {}), answers=answers, version="1")).text,
    }
    for name, page in pages.items():
        (tmp_path / f"{name}.html").write_text(page, encoding="utf-8")
    assert nu.messages([tmp_path / f"{name}.html" for name in pages]) == []


def test_axe_finds_nothing(browser: Browser, service: Service, site: str, tmp_path: Path) -> None:
    strange = tmp_path / "strange.pdf"
    strange.write_bytes(with_data(copy_of(service, {}), answers=STRANGE, digest="0"))
    with opened(browser, viewport=NARROW) as page:
        page.goto(f"{site}/continue")
        assert axe(page) == []
        page.get_by_role("button", name="Continue").click()
        assert axe(page) == []
        page.get_by_label("The PDF").set_input_files(strange)
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("heading", name="Your answers are in a new form").wait_for()
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
