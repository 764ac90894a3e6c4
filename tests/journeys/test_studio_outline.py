"""A form is changed in its outline by buttons alone, without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.journey_people import signed_in
from tests.support.service_app import Person, Service
from tests.support.studio import FORM, MAIN, WAY, author, save, studio_service, text_in

pytestmark = pytest.mark.slow

OUTLINE = f"{WAY}/outline"
NEW = {"label": "What is it about: a visit?", "id": "subject", "type": "text", "place": "after about/name"}


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Service]:
    made = studio_service(tmp_path)
    yield made
    made.store.close()


def press(browser: Person, does: str, **typed: str) -> str:
    """The page after this button was pressed."""
    answer = browser.submit(OUTLINE, {**typed, "do": does})
    return browser.get(answer.headers["location"]).text if answer.status_code == 303 else answer.text


def text_of(browser: Person) -> str:
    return text_in(browser.get(f"{WAY}/text").text)


def test_the_outline_says_what_is_asked_when_and_leads_to_line_and_preview(studio: Service) -> None:
    ash = author(studio).browser
    save(ash, FORM.replace("label: Which day suits you", "label: Which day\n        show_if: town is deal"))
    page = ash.get(OUTLINE).text
    assert "2 pages, 3 questions." in page
    assert "Asked when the answer to “Your town” is “Deal”" in page or "Deal" in page
    assert f'href="{WAY}/text#line-10"' in page
    assert f'href="{WAY}/preview?page=when"' in page
    assert "Must be answered" in page


def test_a_question_moves_up_and_down_and_the_page_says_where_it_is(studio: Service) -> None:
    ash = author(studio).browser
    page = press(ash, "down about/name")
    assert "“Your name” is moved down. It is number 2 of 2 now." in page
    assert 'role="alert"' in page
    assert text_of(ash).index("id: town") < text_of(ash).index("id: name")
    press(ash, "up about/name")
    assert text_of(ash) == FORM
    assert "It is the first, the last or the only one there" in press(ash, "up about/name")


def test_a_question_is_added_where_it_was_wanted(studio: Service) -> None:
    ash = author(studio).browser
    page = press(ash, "add", **NEW)
    assert "is added. It is number 2 of 3." in page
    assert (
        "        required: true\n      - id: subject\n        type: text\n"
        '        label: "What is it about: a visit?"\n      - id: town\n'
    ) in text_of(ash)
    choice = {
        **NEW,
        "id": "how",
        "type": "choice",
        "options": "By car\n\nOn foot, slowly\n",
        "place": "in when",
    }
    press(ash, "add", **choice)
    assert "by_car: By car\n" in text_of(ash)
    assert text_of(ash).index("id: how") < text_of(ash).index("id: day")
    assert "There is nothing wrong with it." in ash.get(OUTLINE).text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"label": " "}, "Enter what people read"),
        ({"id": "Subject"}, "Use small letters, figures and underscores"),
        ({"id": "day"}, "There is an answer of this name beside it already"),
        ({"type": "choice"}, "Enter the options, one a line"),
        ({"type": "nothing"}, "Choose a type of answer"),
        ({"place": "after about/gone"}, "it is not in the text any more"),
        ({"place": "after when/name/../x"}, "it is not in the text any more"),
        ({"label": "a" * 501}, "500 characters or fewer"),
    ],
)
def test_what_cannot_be_added_is_kept_to_be_mended(
    studio: Service, change: dict[str, str], says: str
) -> None:
    ash = author(studio).browser
    page = press(ash, "add", **{**NEW, **change})
    assert says in page
    assert f'value="{change.get("id", "subject")}"' in page
    assert text_of(ash) == FORM


def test_hostile_words_become_a_label_and_nothing_else(studio: Service) -> None:
    ash = author(studio).browser
    label = 'x\n  - id: y # {{ 1 }} <script>alert(1)</script> \'and "so": on'
    page = press(ash, "add", **{**NEW, "label": label})
    assert "<script>alert" not in page
    form = studio.context.engine.check_texts(studio.context.working_copies.now("visit").texts).form  # type: ignore[union-attr]
    assert form is not None
    assert form.fields["subject"].spec.settings.label == " ".join(label.split())


def test_before_it_is_removed_the_page_says_what_uses_it(studio: Service) -> None:
    ash = author(studio).browser
    save(ash, FORM.replace("label: Which day suits you", "label: Which day\n        show_if: town is deal"))
    page = ash.get(f"{OUTLINE}?remove=about/town").text
    assert "Remove “Your town”?" in page
    assert f'href="{WAY}/text?file={MAIN}#line-24"' in page
    assert "Nothing else uses it." in ash.get(f"{OUTLINE}?remove=about/name").text
    after = press(ash, "remove about/town")
    assert "It is removed." in after
    assert "id: town" not in text_of(ash)
    assert "1 error" in after


def test_a_copy_gets_an_id_of_its_own(studio: Service) -> None:
    ash = author(studio).browser
    press(ash, "copy about/town")
    page = press(ash, "copy about/town")
    assert re.findall(r"<code>(town[_0-9]*)</code>", page) == ["town", "town_3", "town_2"]
    assert "There is nothing wrong with it." in page


def test_an_edit_is_made_on_top_of_what_somebody_else_has_saved(studio: Service) -> None:
    ash, kit = author(studio).browser, author(studio, "kit").browser
    ash.get(OUTLINE)
    save(kit, FORM.replace("version: 1", "version: 2"))
    press(ash, "down about/name")
    assert "version: 2" in text_of(ash)
    assert text_of(ash).index("id: town") < text_of(ash).index("id: name")


def test_a_broken_form_has_an_outline_and_an_unreadable_one_says_so(studio: Service) -> None:
    ash = author(studio).browser
    save(ash, FORM.replace("type: date", "type: dat"))
    assert "Which day suits you" in press(ash, "down about/name")
    save(ash, "[")
    assert "Nothing of the text can be read" in ash.get(OUTLINE).text


def test_an_approver_sees_the_outline_and_presses_nothing(studio: Service) -> None:
    noor = signed_in(studio, "noor@example.org", "approver").browser
    page = noor.get(OUTLINE).text
    assert "Your name" in page
    assert 'name="do"' not in page
    assert noor.submit(OUTLINE, {"do": "down about/name"}).status_code == 403
