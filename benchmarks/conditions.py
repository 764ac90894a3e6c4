"""What counts (`evaluate` without validation) against SurveyJS's `runConditions`, on Request for Support.

The form is translated: the same pages, fields, lists and conditions, answers under the same names. Both must show the
same questions before any time is taken. SurveyJS has its answers loaded already, and only runs its conditions again;
`evaluate` starts from the stored JSON each time.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks._answers import ON, example_answers, long_answers, number_of_values, request_for_support
from benchmarks._rounds import Figure, median_times_s, report
from formengine.form.actions.items import items_of
from formengine.form.plan import Field, Form, Group, Node, Note, Repeat, Run, Section
from formengine.form.plan.forward_pass import reach
from formengine.form.state import evaluate
from formengine.language.expressions.ast import And, Answered, Expr, Is, Not, Operand, Or, Ticked
from formengine.language.json_types import Json
from tests.tools import NODE_MODULES
from tests.tools.node import run_module

AIM = 20
SCRIPT = Path(__file__).with_name("surveyjs.mjs")
QUESTIONS = {"choice": "radiogroup", "choices": "checkbox", "long_text": "comment", "yes_no": "radiogroup"}


def flat(key: str) -> str:
    """A key as a SurveyJS name, in which a full stop would mean something."""
    return key.replace(".", "__")


def condition(expr: Expr) -> str:
    """The condition in SurveyJS's language; raises ValueError on what this form does not use."""
    if isinstance(expr, And | Or):
        word = " and " if isinstance(expr, And) else " or "
        return word.join(f"({condition(part)})" for part in expr.parts)
    if isinstance(expr, Not) and isinstance(expr.part, Ticked | Answered):
        return f"{name(expr.part.operand)} empty"
    if isinstance(expr, Ticked | Answered):
        return f"{name(expr.operand)} notempty"
    if isinstance(expr, Is):
        return " or ".join(f"{name(expr.operand)} = '{value}'" for value in expr.values)
    raise ValueError(f"no translation of {expr}")


def name(operand: Operand) -> str:
    """The name of an answer in an expression."""
    return f"{{{'panel.' if operand.repeat is not None else ''}{flat(operand.key)}}}"


def elements(nodes: tuple[Node, ...]) -> list[dict[str, Any]]:
    """The nodes of one level as SurveyJS's elements; sections and groups add their questions to the page."""
    found: list[dict[str, Any]] = []
    for node in nodes:
        if node.spec.paper_only:
            continue
        if isinstance(node, Section | Group):
            if node.show_if is not None:
                raise ValueError("no translation of a part with a condition of its own")
            found += elements(node.nodes)
        else:
            found.append(element(node, f"note_{len(found)}"))
    return found


def element(node: Field | Repeat | Note, note_name: str) -> dict[str, Any]:
    """One element with its condition."""
    made: dict[str, Any]
    if isinstance(node, Note):
        made = {"type": "html", "name": note_name, "html": "…"}
    elif isinstance(node, Repeat):
        made = {"type": "paneldynamic", "name": flat(node.key), "templateElements": elements(node.nodes)}
    else:
        made = {"type": QUESTIONS.get(node.spec.type.name, "text"), "name": flat(node.key)}
        codes = [option.code for option in node.spec.settings.options]
        if made["type"] in {"radiogroup", "checkbox"}:
            made["choices"] = codes or ["yes", "no"]
    tests = [condition(node.show_if.expr)] if node.show_if is not None else []
    if isinstance(node, Field) and node.sources:
        # Asked once there is anybody to choose from.
        names = [
            name for kind, key, fields in people(node) for name in (fields if kind == "group" else (key,))
        ]
        tests.append(" or ".join(f"{{{flat(each)}}} notempty" for each in names))
    return made | ({"visibleIf": " and ".join(f"({test})" for test in tests)} if tests else {})


def people(node: Field) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Where people to choose from come from: "group" or "repeat", its key, a group's fields."""
    for source in node.sources:
        yield source.kind, source.key, source.fields


def survey_of(form: Form) -> dict[str, Any]:
    """The form as a SurveyJS definition."""
    if any(page.show_if is not None for page in form.every_page):
        raise ValueError("no translation of a page with a condition")
    return {"pages": [{"name": page.id, "elements": elements(page.nodes)} for page in form.every_page]}


def survey_answers(form: Form, answers: Mapping[str, Json]) -> dict[str, Json]:
    """The same answers under SurveyJS's names."""
    found = {flat(key): reach(answers, field.path) for key, field in form.fields.items()}
    for key, fields in form.item_fields.items():
        items = items_of(answers, key)
        found[flat(key)] = [
            {
                flat(inner): reach(item, field.path)
                for inner, field in fields.items()
                if reach(item, field.path)
            }
            for item in items
        ]
    return {key: value for key, value in found.items() if value}


def shown_by_us(form: Form, answers: Json) -> set[str]:
    """The questions that count, as the SurveyJS script calls them."""
    run = evaluate(form, answers, on=ON).run()
    found = {flat(key) for key, field in form.fields.items() if counts(field, run)}
    for key, repeat in form.repeats.items():
        if run.relevance[repeat.gate]:
            found.add(flat(key))
            for number, item_run in enumerate(run.items.get(key, [])):
                inner = form.item_fields[key].values()
                found |= {f"{flat(key)}/{number}/{flat(f.key)}" for f in inner if counts(f, item_run)}
    return found


def counts(field: Field, run: Run) -> bool:
    """Whether the field is asked at this level."""
    return bool(run.relevance[field.gate]) and field.holds_answer


def figures(rounds: int, *, times: int = 100) -> Iterator[Figure]:
    """The example's answers, then long lists."""
    form = request_for_support()
    for label, answers in (("example", example_answers()), ("long lists", long_answers())):
        payload = {
            "modules": str(NODE_MODULES),
            "survey": survey_of(form),
            "sets": [survey_answers(form, answers)],
            "times": times,
        }
        ours, theirs = [], []
        for _ in range(rounds):
            ours += median_times_s([partial(evaluate, form, answers, on=ON)], 1, times=times)
            (result,) = run_module(SCRIPT, payload)
            visible = {each for each in result["visible"] if not each.rpartition("/")[2].startswith("note_")}
            if visible != shown_by_us(form, answers):
                raise RuntimeError(f"shown by one alone: {visible ^ shown_by_us(form, answers)}")
            theirs.append(result["seconds"])
        what = f"what counts ({label}, {number_of_values(answers)} values), against SurveyJS"
        yield Figure(what, statistics.median(ours), statistics.median(theirs), at_least=AIM)


def main(rounds: int = 9) -> None:
    """Print the figures; a line that says why where Node or its package is not there."""
    if not (NODE_MODULES / "survey-core").is_dir():
        print("SurveyJS is not installed (npm's survey-core under tests/tools): no figure")
        return
    report(figures(rounds))


if __name__ == "__main__":
    main()
