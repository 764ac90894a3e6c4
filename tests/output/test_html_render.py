"""What the HTML renderer promises an embedder: links, posts, lists, themes, and nothing unescaped."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from formengine import Engine, compile_form, evaluate, load
from formengine.language.bundled import bundled_folder
from formengine.language.json_types import Json
from formengine.output.html import HtmlRenderer, Site, StaticLinks, render_site
from formengine.output.themes import ThemeError
from tests.support.html_dom import Element, parse
from tests.support.html_sites import HOSTILE, ON, answers_of, form
from tests.support.shipped import CHECKOUT

TEMPLATES = sorted((bundled_folder("renderers") / "html" / "templates").rglob("*.html"))
PEOPLE = """\
form: people
title: People
version: 2026.1
access: anyone
pages:
  - id: who
    title: Who lives there
    fields:
      - id: people
        type: repeat
        label: People
        item_name: person
        item_title: ((name))
        max_items: 2
        fields:
          - id: name
            type: text
            label: Name
            required: true
      - id: rows
        type: repeat
        label: Pets
        layout: table
        item_name: pet
        item_title: ((name))
        max_items: 2
        fields:
          - id: name
            type: text
            label: Name of the pet
          - id: ill
            type: tick
            label: Is it ill?
          - id: illness
            type: text
            label: Which illness?
            show_if: ill is ticked
"""


@dataclass(frozen=True, slots=True)
class ServiceLinks(StaticLinks):
    """As a service would say them."""

    posts: bool = True


def people(tmp_path: Path, text: str = PEOPLE) -> HtmlRenderer:
    (tmp_path / "form.yaml").write_text(text, encoding="utf-8")
    return HtmlRenderer(compile_form(load(tmp_path)))


def draw(html: HtmlRenderer, answers: Json, page: str = "who", *, show_errors: bool = False) -> Element:
    return parse(html.page(evaluate(html.form, answers, on=ON), page, show_errors=show_errors))


def test_a_list_has_a_card_for_each_item_with_ways_to_change_and_remove_it(tmp_path: Path) -> None:
    page = draw(people(tmp_path), {"people": [{"id": "a", "name": "Ann"}, {"id": "b"}]}, show_errors=True)
    cards = page.find_all(class_="govuk-summary-card")
    assert [card.text for card in cards] == [
        "Ann Change Ann Remove Ann Name Ann",
        "Person 2 Incomplete Change Person 2 Remove Person 2 Name Not provided Error: Enter name",
    ]
    summary = page.find(class_="govuk-error-summary__list")
    assert [(each.attributes["href"], each.text) for each in summary.walk() if each.tag == "a"] == [
        ("people.b.html#people.b.name", "Person 2: Enter name")
    ]
    assert "You can add no more than 2 entries" in page.text


def test_a_list_without_items_says_so_and_offers_to_add_one(tmp_path: Path) -> None:
    page = draw(people(tmp_path), {})
    assert page.find(id="people").text == "People No person added yet Add person"


def test_a_table_asks_each_row_on_its_own_page_and_one_more(tmp_path: Path) -> None:
    page = draw(people(tmp_path), {"rows": [{"id": "r1", "name": "Rex", "ill": "yes"}]})
    names = [each.attributes["name"] for each in page.find(id="rows").walk() if "name" in each.attributes]
    assert names == [f"rows.{row}.{key}" for row in ("r1", "new") for key in ("name", "ill", "illness")]
    assert page.find(name="rows.r1.name").attributes["value"] == "Rex"
    assert "checked" in page.find(name="rows.r1.ill").attributes


def test_pages_that_post_have_buttons_that_say_where_to_and_bring_back_what_is_hidden() -> None:
    html = HtmlRenderer(form("request-for-support"), links=ServiceLinks(), site=Site("Exampleshire", "/"))
    state = evaluate(html.form, {}, on=ON)
    page = parse(html.page(state, "children_same_address", hidden={"revision": "7", "token": '"><b>'}))
    answers = page.find(id="answers")
    assert answers.attributes["method"] == "post"
    assert answers.attributes["enctype"] == "multipart/form-data"
    assert page.find(name="revision").attributes == {"type": "hidden", "name": "revision", "value": "7"}
    assert page.find(name="token").attributes["value"] == '"><b>'
    moves = [each.attributes["value"] for each in answers.find_all(name="-action")]
    assert moves == ["add:children_same_address", "page:additional_details", "next"]
    assert "page:agreement" in [each.attributes["value"] for each in page.find_all(name="-action")]
    assert "These pages are for looking at" not in page.text


def test_pages_that_do_not_post_send_nothing_and_say_so() -> None:
    html = HtmlRenderer(form("fifteen-lines"))
    page = parse(html.page(evaluate(html.form, {}, on=ON), "feedback", hidden={"token": "t"}))
    assert page.find(id="answers").attributes["method"] == "dialog"
    assert page.find_all(type="submit") == []
    assert page.find_all(name="token") == []
    assert "Nothing that you enter here is kept or sent" in page.text


def test_a_page_that_does_not_count_or_stands_on_paper_cannot_be_drawn() -> None:
    html = HtmlRenderer(form("early-help-notification"))
    state = evaluate(html.form, {}, on=ON)
    for page in ("no_consent", "signatures", "nowhere"):
        with pytest.raises(LookupError, match=page):
            html.page(state, page)


def test_a_stop_page_leads_no_further() -> None:
    html = HtmlRenderer(form("early-help-notification"))
    page = parse(html.page(evaluate(html.form, {"consent": "no"}, on=ON), "no_consent"))
    assert [each.text for each in page.find(id="answers").walk() if each.tag in {"a", "button"}] == []
    assert "You cannot send this notification without consent" in page.text


def test_each_way_to_change_an_entry_says_whose_answer_it_changes(tmp_path: Path) -> None:
    html = people(tmp_path)
    state = evaluate(
        html.form, {"people": [{"id": "a", "name": "Ann <b>"}, {"id": "b", "name": "Bo"}]}, on=ON
    )
    cards = parse(html.check_answers(state)).find_all(class_="govuk-summary-card")
    assert [card.text for card in cards] == [
        "Ann <b> Name Ann <b> Change Name (Ann <b>)",
        "Bo Name Bo Change Name (Bo)",
    ]


def test_check_answers_shows_what_counts_with_a_way_to_change_each() -> None:
    html = HtmlRenderer(form("request-for-support"))
    answers = {"urgency": "urgent", "agreement": "refused", "agreement_by": "Hidden, as it does not count"}
    page = parse(html.check_answers(evaluate(html.form, answers, on=ON), show_errors=True))
    text = page.text
    assert "What type of referral is this? Urgent Change What type of referral is this?" in text
    assert "Hidden, as it does not count" not in text
    assert (
        "Why has agreement not been obtained? Not provided Error: Enter why agreement has not been obtained"
        in text
    )
    hrefs = {each.attributes.get("href") for each in page.walk()}
    assert {"agreement.html#agreement", "child.html#child.date_of_birth-day", "start.html#urgency"} <= hrefs


def test_one_person_s_answers_never_show_on_another_s_page() -> None:
    html = HtmlRenderer(form("request-for-support"))
    first = evaluate(html.form, answers_of("request-for-support", 1), on=ON)
    before = {page.id: html.page(first, page.id) for page in first.pages}
    empty = evaluate(html.form, {}, on=ON)
    fresh = HtmlRenderer(html.form)
    for page in empty.pages:
        assert html.page(empty, page.id) == fresh.page(empty, page.id)
    assert {page.id: html.page(first, page.id) for page in first.pages} == before


def test_labels_hints_and_options_are_text_and_never_markup_or_templates(tmp_path: Path) -> None:
    hostile = '<script>alert(1)</script> {{7*7}} {% raw %} \\"quoted\\" & so'
    text = PEOPLE.replace("title: Who lives there", f'title: "{hostile}"').replace(
        "label: Name of the pet", f'label: "{hostile}"'
    )
    page = draw(people(tmp_path, text), {"rows": [{"id": "r1", "name": HOSTILE}]})
    shown = hostile.replace("\\", "")
    assert next(each for each in page.walk() if each.tag == "h1").text == shown
    assert sum(each.text.startswith(shown) for each in page.walk() if each.tag == "label") == 2
    assert page.find(name="rows.r1.name").attributes["value"] == HOSTILE
    assert [each for each in page.walk() if each.tag == "script" and "src" not in each.attributes] == [
        page.find(id="conditions")
    ]


def test_a_theme_in_front_gives_its_templates_and_files_and_the_bundled_one_the_rest(tmp_path: Path) -> None:
    theme = tmp_path / "looks"
    (theme / "html/templates/controls").mkdir(parents=True)
    (theme / "html/static").mkdir()
    (theme / "html/templates/controls/radios.html").write_text(
        "<p>Our own {{ q.label }}</p>", encoding="utf-8"
    )
    (theme / "html/static/council.css").write_text("body { color: #111 }", encoding="utf-8")
    written = render_site(form("fifteen-lines"), {}, ON, tmp_path / "out", themes=[theme])
    page = (tmp_path / "out/feedback.html").read_text(encoding="utf-8")
    assert "<p>Our own Did you find what you were looking for?</p>" in page
    assert "govuk-textarea" in page
    assert (tmp_path / "out/static/council.css").read_text(encoding="utf-8") == "body { color: #111 }"
    assert (tmp_path / "out/static/form.js").is_file()
    assert [path.name for path in written] == [
        "index.html",
        "feedback.html",
        "check-answers.html",
        "confirmation.html",
    ]


@pytest.mark.parametrize("made", [False, True])
def test_a_folder_that_is_no_theme_is_refused_in_one_sentence(tmp_path: Path, made: bool) -> None:
    folder = tmp_path / "looks"
    if made:
        folder.mkdir()
    with pytest.raises(ThemeError, match="looks"):
        HtmlRenderer(form("fifteen-lines"), themes=[folder])


def test_python_makes_no_templates_and_marks_html_as_safe_in_one_place() -> None:
    found = []
    for path in sorted((CHECKOUT / "formengine").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node, "attr", getattr(node, "id", ""))
            if isinstance(node, ast.Name | ast.Attribute) and name in {"from_string", "Markup", "mark_safe"}:
                found.append((path.name, name))
    assert set(found) == {("partial_cache.py", "Markup")}


def test_python_holds_no_markup() -> None:
    tag = re.compile(r"</?[a-z][a-z0-9]*[ >]")
    for path in sorted((CHECKOUT / "formengine/render").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not tag.search(node.value), f"{path.name}: {node.value}"


def test_no_renderer_asks_for_a_type_by_its_name() -> None:
    for path in sorted((CHECKOUT / "formengine/render").glob("*.py")):
        assert "type.name" not in path.read_text(encoding="utf-8"), path.name
    for path in TEMPLATES:
        assert "type.name" not in path.read_text(encoding="utf-8"), path.name


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_escapes_everything_and_says_nothing_of_its_own(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert "safe" not in re.findall(r"\|\s*(\w+)", text)
    assert "autoescape" not in text
    markup = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    # An attribute or a class that a macro gives to a tag elsewhere is no text either.
    plain = re.sub(r"<[^>]*>|[a-z-]+=\"[^\"]*\"|\b(?:govuk|app)-[a-z-]+", " ", markup)
    # Words come from renderers/words alone; marks such as *, – and ! are no words.
    assert re.findall(r"[A-Za-z]{2,}", plain) == []


ITEM_PAGES = """
form: f
title: F
version: 1
start:
  title: Start
  fields:
    - id: for_whom
      type: text
      label: For whom?
pages:
  - id: people
    title: People
    fields:
      - id: people
        type: repeat
        label: People
        item_name: person
        item_title: Person
        pages:
          - id: name
            title: Name
            fields: [{id: name, type: text, label: Name}]
          - id: school
            title: School
            fields: [{id: school, type: text, label: School}]
submit:
  title: Send
  fields:
    - id: right
      type: declaration
      label: All is right
"""


@pytest.mark.parametrize(
    ("move", "page_id", "item", "address"),
    [
        ("next", "start", None, "people.html"),
        ("next", "people", None, "check-answers.html"),
        ("next", "", None, "submit.html"),
        ("submit", "submit", None, "confirmation.html"),
        ("check_answers", "people", None, "check-answers.html"),
        ("index", "people", None, "index.html"),
        ("page:people", "", None, "people.html"),
        ("add:people", "people", None, "people.new.html"),
        ("change:people.i1", "people", None, "people.i1.html"),
        ("remove:people.i1", "people", None, "people.i1.remove.html"),
        ("save_item", "name", ("people", "i1"), "people.i1.school.html"),
        ("save_item", "school", ("people", "i1"), "people.html"),
        ("page:people", "name", ("people", "i1"), "people.html"),
        ("page:/evil.example", "people", None, "index.html"),
        ("add:/evil.example", "people", None, "index.html"),
        ("change:people.i2", "people", None, "index.html"),
        ("remove:/evil.example.i1", "people", None, "index.html"),
        ("javascript:alert(1)", "people", None, "index.html"),
        ("", "people", None, "index.html"),
    ],
)
def test_a_button_leads_to_a_page_of_the_form(
    move: str, page_id: str, item: tuple[str, str] | None, address: str
) -> None:
    engine = Engine()
    form = engine.form_of_text(ITEM_PAGES.encode())
    state = engine.evaluate(form, {"people": [{"id": "i1", "name": "Kim"}]}, on=ON)
    assert engine.html(form, links=ServiceLinks()).after(move, state, page_id, item=item) == address
