"""A page of a form against the same page written by hand: `python -m benchmarks.html_page`.

The reference is ``html_page.jinja``: one precompiled Jinja2 template for this page of this form alone, its labels and
options written out. Both make the same document (tests/output/test_html_reference.py), with the same answers, escaped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, Template

from benchmarks._answers import ON, example_answers, request_for_support
from benchmarks._rounds import Figure, median_times_s
from formengine.form.actions import input_name
from formengine.form.state import PageState, State, evaluate
from formengine.output.html import HtmlRenderer

PAGE = "child"
AIM = 1.5
ROUNDS = 30
TIMES = 20


def reference() -> Template:
    """The page written by hand."""
    return Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True).get_template(
        "html_page.jinja"
    )


def boxes(page: PageState) -> Mapping[str, str]:
    """What the boxes of the page show, by name; "" for an empty one."""
    shown: dict[str, str] = defaultdict(str)
    for field in page.fields:
        for part, texts in field.field.spec.type.encode(field.value, field.settings).items():
            shown[input_name(field.path, part)] = texts[-1]
    return shown


def sides(answers: Any) -> tuple[HtmlRenderer, State, Template, Mapping[str, str]]:
    """Ours and the reference, each with what it draws from."""
    form = request_for_support()
    state = evaluate(form, answers, on=ON)
    page = state.page(PAGE)
    assert page is not None
    return HtmlRenderer(form), state, reference(), boxes(page)


def main() -> None:
    html, state, template, shown = sides(example_answers())
    ours, theirs = median_times_s(
        [lambda: html.page(state, PAGE), lambda: template.render(v=shown)], ROUNDS, times=TIMES
    )
    print(Figure("a page of a computed state, filled in", ours, theirs, at_most=AIM))

    def from_answers() -> str:
        return html.page(evaluate(html.form, example_answers_once, on=ON), PAGE)

    example_answers_once = example_answers()
    whole, theirs = median_times_s([from_answers, lambda: template.render(v=shown)], ROUNDS, times=5)
    print(Figure("the same with evaluating the answers first", whole, theirs))


if __name__ == "__main__":
    main()
