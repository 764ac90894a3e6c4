"""Which answers count: relevant, readable, and offered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from formengine.form.plan import Field, Form, Group, Node, Repeat, Run, Section, forward_pass
from formengine.form.plan.forward_pass import reach
from formengine.language.fields.base import is_blank
from formengine.language.json_types import Json, as_object


def is_offered(field: Field, value: Json, run: Run) -> bool:
    """Whether every code in a readable `value` is offered now: its condition true, its person still entered."""
    if field.offers:
        return forward_pass.is_offered(value, {code: offer.test for code, offer in field.offers.items()}, run)
    if field.sources:
        return forward_pass.are_there(value, [source.people for source in field.sources], run)
    return True


def is_required(field: Field, run: Run) -> bool:
    """Whether the question must be answered now."""
    if field.spec.required or field.required_if is None:
        return field.spec.required
    return field.required_if.test(run.values, run.item, run.today) is True


def counted(field: Field, run: Run) -> Json:
    """The answer of `field` at this level as far as it counts, else None."""
    if not run.relevance[field.gate] or not field.holds_answer:
        return None
    if field.calculation is not None:
        return run.own.get(field.key)
    value = reach(run.answers, field.path)
    if is_blank(value) or not field.readable(value) or not is_offered(field, value, run):
        return None
    return value


def answer_to_read(field: Field, run: Run) -> Json:
    """The answer of `field` for people to read, as typed where it does not count; None where there is none."""
    if field.calculation is not None:
        worked_out = counted(field, run)
        if worked_out is not None:
            return worked_out
    value = reach(run.answers, field.path)
    return None if is_blank(value) else value


def counted_answers(form: Form, run: Run) -> dict[str, Json]:
    """All that counts, nested as stored: what a submission carries and the JSON Schema judges."""
    answers: dict[str, Json] = {}
    for page in form.every_page:
        if not page.spec.paper_only:
            _gather(page.nodes, run, answers)
    return answers


def _gather(nodes: tuple[Node, ...], run: Run, into: dict[str, Json]) -> None:
    for node in nodes:
        if node.spec.paper_only:
            continue
        if isinstance(node, Field):
            value = counted(node, run)
            if value is not None:
                into[node.id] = value
        elif isinstance(node, Section):
            _gather(node.nodes, run, into)
        elif isinstance(node, Group):
            inner: dict[str, Json] = {}
            _gather(node.nodes, run, inner)
            if inner:
                into[node.spec.id] = inner
        elif isinstance(node, Repeat) and run.relevance[node.gate]:
            runs = run.items.get(node.key)
            if runs is not None:
                into[node.spec.id] = [_item(node, item_run) for item_run in runs]


def _item(repeat: Repeat, run: Run) -> dict[str, Json]:
    answers: dict[str, Json] = {"id": run.answers["id"]}
    _gather(repeat.nodes, run, answers)
    return answers


def national_codes(form: Form, answers: Mapping[str, Json]) -> dict[str, Json]:
    """The codes others use for the options chosen, by answer path: ``{"child.ethnicity": {"cin": "WBRI"}}``.

    For checkboxes the value is a list, one entry a chosen option. Options without such codes are left out.
    """
    codes: dict[str, Json] = {}
    for path, field, value in fields_with_answers(form, answers):
        by_code = {option.code: dict(option.codes) for option in field.spec.settings.options if option.codes}
        if isinstance(value, list):
            found = [by_code[code] for code in value if isinstance(code, str) and code in by_code]
            if found:
                codes[path] = found
        elif isinstance(value, str) and value in by_code:
            codes[path] = by_code[value]
    return codes


def fields_with_answers(form: Form, answers: Mapping[str, Json]) -> Iterator[tuple[str, Field, Json]]:
    """The path, the field and the answer of each question answered in `answers`, those of items among them."""
    for key, field in form.fields.items():
        value = reach(answers, field.path)
        if value is not None:
            yield key, field, value
    for key in form.repeats:
        items = reach(answers, key.split("."))
        for item in map(as_object, items if isinstance(items, list) else ()):
            for inner, field in form.item_fields[key].items():
                value = reach(item, field.path)
                if value is not None:
                    yield f"{key}.{item['id']}.{inner}", field, value
