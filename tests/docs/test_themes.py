"""The page about themes says what the templates of controls are given: no more, and no less."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jinja2 import Template

from formengine.engine import Engine
from formengine.language.bundled import bundled_folder
from formengine.language.fields import COMPOSITE_TYPES, FIELD_TYPES
from formengine.output.html.questions import Question, TypedAnswer
from tests.support.docs_pages import DOCS, rows
from tests.support.html_sites import ON

PAGE = DOCS / "themes.md"
CONTROLS = bundled_folder("renderers") / "html" / "templates" / "controls"
# Lines that a type must have besides its label.
MORE = {
    "choice": "options: {a: A, b: B}",
    "choices": "options: {a: A, b: B}",
    "calculated": "value: Text",
}


def every_control() -> str:
    """A form that asks a question of each type, as each of its controls."""
    fields = [
        *(f"- {{id: f_{name}, type: {name}, label: A, {MORE.get(name, 'hint: B')}}}" for name in FIELD_TYPES),
        *(f"- {{id: g_{name}, type: {name}, label: A}}" for name in COMPOSITE_TYPES),
        *(
            f"- {{id: c_{control}, type: choice, label: A, control: {control}, options: {{a: A, b: B}}}}"
            for control in ("radios", "select", "type_ahead")
        ),
        "- {id: known, type: email, label: A, prefill: account.email, read_only: true}",
    ]
    indented = "".join(f"      {field}\n" for field in fields)
    return f"form: f\ntitle: F\nversion: 1\npages:\n  - id: one\n    title: One\n    fields:\n{indented}"


@pytest.fixture(scope="module")
def given() -> dict[str, list[dict[str, Any]]]:
    """What each template of a control was given, by its name, while pages were drawn."""
    found: dict[str, list[dict[str, Any]]] = {}
    render = Template.render

    def recorded(template: Template, *args: Any, **kwargs: Any) -> str:
        found.setdefault(str(template.name), []).append(dict(*args, **kwargs))
        return render(template, *args, **kwargs)

    engine = Engine()
    form = engine.form_of_text(every_control().encode())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Template, "render", recorded)
        for answers in ({}, {"f_text": "Sam", "g_address": "no group"}):
            state = engine.evaluate(form, answers, on=ON)
            engine.html(form).page(state, "one", show_errors=bool(answers))
    return {name: contexts for name, contexts in found.items() if name.startswith("controls/")}


def documented(under: str) -> dict[str, set[str]]:
    """By what a table under the heading is about, the names in its first column."""
    names: dict[str, set[str]] = {}
    for cells in rows(PAGE, under):
        for name in re.findall("`([^`]+)`", cells[0]):
            plain = name.partition("(")[0]
            kind = plain.partition(".")[0] if "." in plain and "/" not in plain else ""
            names.setdefault("template" if "/" in plain else kind, set()).add(plain.removeprefix(f"{kind}."))
    return names


def test_each_control_has_its_line(given: dict[str, list[dict[str, Any]]]) -> None:
    shipped = {f"controls/{path.name}" for path in CONTROLS.glob("*.html")} - {"controls/parts.html"}
    listed = documented("Controls")["template"] | documented("Groups")["template"]
    assert listed == shipped
    assert set(given) == shipped


def test_a_question_s_control_is_given_the_variables_on_the_page(
    given: dict[str, list[dict[str, Any]]],
) -> None:
    for template in documented("Controls")["template"] & set(given):
        assert [set(context) for context in given[template]] == [documented("Controls")[""]] * len(
            given[template]
        )


def test_a_group_s_control_is_given_the_variables_on_the_page(given: dict[str, list[dict[str, Any]]]) -> None:
    for template in documented("Groups")["template"]:
        assert {frozenset(context) for context in given[template]} == {frozenset(documented("Groups")[""])}


def test_what_a_question_and_an_answer_offer_is_on_the_page() -> None:
    offered = {name for name in dir(Question) if not name.startswith("_")}
    assert documented("Controls")["q"] == offered
    assert documented("Controls")["answer"] == {name for name in dir(TypedAnswer) if not name.startswith("_")}


def test_a_control_s_facts_are_those_on_the_page(given: dict[str, list[dict[str, Any]]]) -> None:
    listed = {
        cells[0].strip("`"): {fact.strip("`") for fact in cells[2].split(", ")} - {""}
        for cells in rows(PAGE, "Controls")
        if "/" in cells[0]
    }
    passed = {
        template: {fact for context in contexts for fact in context["q"].facts}
        for template, contexts in given.items()
        if template in listed
    }
    assert {template: facts for template, facts in passed.items() if not facts <= listed[template]} == {}
    assert sum(len(facts) for facts in passed.values()) > 15
