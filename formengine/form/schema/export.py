"""A form's published JSON Schema."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import quote

from formengine.form.plan import Form
from formengine.form.schema.relevance import repeat_relevance
from formengine.form.schema.rules import Rules
from formengine.form.schema.shapes import properties, with_rules
from formengine.form.schema.sharing import shared
from formengine.form.schema.x_check import x_checks
from formengine.language.expressions.json_schema import Schemas

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(form: Form, on: date | None = None) -> dict[str, Any]:
    """The JSON Schema 2020-12 of the answers in a submission of `form`, valid as of the day `on`.

    It is self-contained and accepts exactly the answers that `formengine.form.state.evaluate` finds complete, as
    `State.answers` gives them, apart from the rules that it lists itself under ``x-check``: each with `path`,
    `rule` and, where it comes from an expression, its text.

    Without `on` it names no day: conditions on days counted from today are then listed too, and the schema
    refuses nothing that is right on some day. ``properties`` stand in the form's order.

    The dialect is what validators agree about: ASCII classes, no look-around, no ``format``, whole numbers in
    ``multipleOf``, and no line ends in texts of one line.
    """
    definitions: dict[str, Any] = {}
    schemas = Schemas(on, repeat_relevance(form), definitions)
    rules = Rules(form, schemas)
    item_rules = {key: rules.of_item(repeat) for key, repeat in form.repeats.items()}
    answers: dict[str, Any] = {}
    for page in form.every_page:
        if not page.spec.paper_only:
            answers |= properties(page.nodes, on, item_rules)
    body = {"type": "object", "properties": answers, "additionalProperties": False}
    whole = with_rules(body, rules.of_form())
    return _head(form, on) | shared(whole | ({"$defs": definitions} if definitions else {}))


def _head(form: Form, on: date | None) -> dict[str, Any]:
    head: dict[str, Any] = {
        "$schema": DIALECT,
        "$id": f"urn:formengine:answers:{form.id}:{quote(form.version, safe='')}:{_day(on)}",
        "title": form.title,
        "description": f"The answers of a complete submission, as of {on or 'any day'}.",
        "x-form": {"id": form.id, "version": form.version, "digest": form.digest},
    }
    if on is not None:
        head["x-on"] = on.isoformat()
    return head | {"x-check": x_checks(form, on)}


def _day(on: date | None) -> str:
    return on.isoformat() if on is not None else "any-day"
