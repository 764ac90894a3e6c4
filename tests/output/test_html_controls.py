"""How each control is drawn, empty and with an answer that is wrong: the whole of it, written out.

After a change that is meant, `python -m tests.output.test_html_controls` writes the files under
tests/support/expected/html anew; read the difference before it is kept.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest

from formengine import compile_form, evaluate, load
from formengine.language.bundled import bundled_folder
from formengine.language.fields import COMPOSITE_TYPES, FIELD_TYPES
from formengine.language.fields.base import FieldSettings
from formengine.output.html import HtmlRenderer
from tests.support.html_dom import Element, normal, parse
from tests.support.html_sites import ON
from tests.support.shipped import EXPECTED

HEAD = """\
form: one
title: One control
version: 2026.1
access: anyone
pages:
  - id: one
    title: One control
    fields:
      - id: it
"""
FILE = {"id": "f1", "name": "letter.exe", "type": "application/pdf", "size": 12}

# The control, its field, and an answer that is wrong (or, where none can be, right).
CONTROLS: dict[str, tuple[str, Any]] = {
    "input": (
        "type: email\nlabel: Email address\nhint: We *write* to you there\nautocomplete: email",
        "nobody",
    ),
    "input_with_prefix": ("type: money\nlabel: Rent", "lots"),
    "textarea": ("type: long_text\nlabel: What happened?\nmax_length: 5", "\nOne\n<b>two</b>"),
    "date": (
        "type: date\nlabel: Date of birth\nautocomplete: bday",
        {"day": "3", "month": "13", "year": "2016"},
    ),
    "approximate_date": (
        "type: approximate_date\nlabel: Moved here\nrequired: true",
        {"day": "3", "year": "2016"},
    ),
    "radios": (
        "type: choice\nlabel: Colour\noptions:\n  red: Red\n  blue:\n    label: Blue\n    hint: Like the sky",
        "green",
    ),
    "yes_no": ("type: yes_no\nlabel: Warm?\nnot_known: true", "perhaps"),
    "select": ("type: choice\ncontrol: select\nlabel: Colour\noptions:\n  red: Red\n  blue: Blue", "green"),
    "type_ahead": (
        "type: choice\ncontrol: type_ahead\nlabel: Colour\noptions:\n  red: Red\n  blue: Blue",
        "blue",
    ),
    "checkboxes": (
        "type: choices\nlabel: Pets\noptions:\n  cat: Cat\n  none:\n    label: No pets\n    exclusive: true",
        ["cat", "none"],
    ),
    "tick": ("type: tick\nlabel: Agreed\nhint: By telephone, too", "maybe"),
    "declaration": (
        "type: declaration\nlabel: True\nstatement: I believe this to be true\nrequired: true",
        "no",
    ),
    "file": ("type: file\nlabel: Letter\naccept: [pdf]\nmax_size_mb: 2", FILE),
    "files": ("type: files\nlabel: Letters\naccept: [pdf]\nmax_files: 3", [FILE]),
    "calculated": ("type: calculated\nlabel: Case\nvalue: Case A", None),
    "read_only": ("type: text\nlabel: Your name\nprefill: account.full_name\nread_only: true", "Ann Example"),
    "signature": ("type: signature\nlabel: Your signature", None),
    "address": ("type: address\nlabel: Home", {"town": "Oak", "postcode": "nowhere"}),
    "person_name": ("type: person_name\nlabel: Your name", {"first_name": "Ann"}),
}


def drawn(field: str, answers: dict[str, Any], *, show_errors: bool) -> list[str]:
    """The question on a page of its own, as lines."""
    with tempfile.TemporaryDirectory() as folder:
        text = HEAD + "".join(f"        {line}\n" for line in field.split("\n"))
        (Path(folder) / "form.yaml").write_text(text, encoding="utf-8")
        form = compile_form(load(Path(folder)))
    page = parse(HtmlRenderer(form).page(evaluate(form, answers, on=ON), "one", show_errors=show_errors))
    questions = page.find(id="answers")
    questions.children = [
        child
        for child in questions.children
        if not isinstance(child, Element) or "app-buttons" not in child.attributes.get("class", "")
    ]
    return normal(questions)


def expectation(name: str) -> str:
    """What tests/support/expected/html/NAME.txt should hold: the empty control, and the one with its answer."""
    field, answer = CONTROLS[name]
    empty = drawn(field, {}, show_errors=False)
    answered = drawn(field, {} if answer is None else {"it": answer}, show_errors=True)
    return "\n".join(["EMPTY", *empty, "", "ANSWERED", *answered, ""])


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_is_drawn_as_written_out(name: str) -> None:
    assert expectation(name) == (EXPECTED / "html" / f"{name}.txt").read_text(encoding="utf-8")


def test_every_type_names_a_control_that_has_a_template() -> None:
    templates = {
        path.stem for path in (bundled_folder("renderers") / "html/templates/controls").glob("*.html")
    }
    named = {each.control(FieldSettings("it", "It")).template for each in FIELD_TYPES.values()}
    named |= {each.control().template for each in COMPOSITE_TYPES.values()}
    assert named <= templates
    # The parts they share; the one that the author's `read_only` asks for; two that longer lists of options ask for.
    assert templates - named == {"parts", "read_only", "select", "type_ahead"}


def test_the_first_line_of_a_long_text_survives_even_when_it_is_empty() -> None:
    lines = drawn(CONTROLS["textarea"][0], {"it": "\n\nThird line"}, show_errors=False)
    # A parser takes away the first line end of a textarea: the one that the template puts there.
    assert [line.strip() for line in lines if "Third line" in line] == [repr("\n\n\nThird line")]


if __name__ == "__main__":
    (EXPECTED / "html").mkdir(parents=True, exist_ok=True)
    for each in CONTROLS:
        (EXPECTED / "html" / f"{each}.txt").write_text(expectation(each), encoding="utf-8")
