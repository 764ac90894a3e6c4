"""Fillable PDFs filled in as a person's program would, and answers that paper can hold."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pikepdf

from formengine.engine import Engine
from formengine.form.actions import input_name
from formengine.form.plan import Field, Form
from formengine.output.paper.blank.issuer import Issuer
from formengine.portal import load_portal

AT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
SENDING = Issuer("Exampleshire Council", AT, portal=load_portal())
BLOCKS = SENDING.blocks
_BOX = re.compile(r"-[0-9]+\Z")

Posted = Mapping[str, tuple[str, ...]]


def fillable(form: Form, sending: Issuer = SENDING) -> bytes:
    return Engine().blank_pdf(form, sending, fillable=True).content


def fields_of(pdf: pikepdf.Pdf) -> Iterator[tuple[str, pikepdf.Object]]:
    """Each field at the bottom of the tree with its full name, in order."""
    waiting = [(field, "") for field in reversed(list(pdf.Root.AcroForm.Fields))]
    while waiting:
        field, outer = waiting.pop()
        name = f"{outer}.{field.T}" if outer else str(field.T)
        kids = list(field.get("/Kids", []))
        if any("/T" in kid for kid in kids):
            waiting += [(kid, name) for kid in reversed(kids)]
        else:
            yield name, field


def filled(content: bytes, posted: Posted) -> bytes:
    """The PDF with these texts in its fields, by input name; every name must be there."""
    left = set(posted)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for name, field in fields_of(pdf):
            if field.FT != "/Btn":
                if name in posted:
                    field.V = pikepdf.String(posted[name][-1])
                    left.discard(name)
                continue
            texts = posted.get(_BOX.sub("", name), ())
            for widget in field.get("/Kids", [field]):
                on = next(state for state in widget.AP.N.keys() if state != "/Off")  # noqa: SIM118
                if on.removeprefix("/is-") in texts:
                    field.V = widget.AS = pikepdf.Name(on)
                    left.discard(_BOX.sub("", name))
        made = io.BytesIO()
        pdf.save(made)
    assert left == set(), "the PDF has a field for every answer"
    return made.getvalue()


def as_posted(form: Form, answers: Mapping[str, Any]) -> Posted:
    """The answers as a browser would send them, by input name."""
    posted: dict[str, tuple[str, ...]] = {}
    for field in form.fields.values():
        posted |= _parts(field, field.key, _reach(answers, field.path))
    for key, fields in form.item_fields.items():
        for item in _reach(answers, tuple(key.split("."))) or []:
            for field in fields.values():
                posted |= _parts(field, f"{key}.{item['id']}.{field.key}", _reach(item, field.path))
    return posted


def _parts(field: Field, path: str, value: Any) -> Posted:
    if value is None or not field.is_asked:
        return {}
    parts = field.spec.type.encode(value, field.spec.settings)
    return {input_name(path, part): texts for part, texts in parts.items() if any(texts)}


def _reach(answers: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        answers = answers.get(part) if isinstance(answers, Mapping) else None
    return answers


def for_paper(form: Form, answers: Mapping[str, Any], blocks: int = BLOCKS) -> dict[str, Any]:
    """As much of the answers as paper holds: no files, no more items than blocks, items called by their blocks."""
    made: dict[str, Any] = json.loads(json.dumps(answers))
    pointers: dict[str, str] = {}
    for key in form.repeats:
        items = _reach(made, tuple(key.split("."))) or []
        del items[blocks:]
        for number, item in enumerate(items, 1):
            pointers[f"{key}/{item['id']}"] = f"{key}/{number}"
            item["id"] = str(number)
    for field in form.fields.values():
        _keep(field, made, pointers)
    for key, fields in form.item_fields.items():
        for item in _reach(made, tuple(key.split("."))) or []:
            for field in fields.values():
                _keep(field, item, pointers)
    return _without_empty(form, made)


def _keep(field: Field, answers: Any, pointers: Mapping[str, str]) -> None:
    *groups, last = field.path
    for group in groups:
        answers = answers.get(group, {})
    value = answers.get(last)
    if value is None:
        return
    if not field.is_asked or field.spec.type.name in {"file", "files"}:
        del answers[last]
    elif field.sources:
        kept = [pointers.get(one, one) for one in (value if isinstance(value, list) else [value])]
        kept = [one for one in kept if "/" not in one or one in pointers.values()]
        # Boxes come in the order of their blocks, whatever they were ticked in.
        order = [source.key for source in field.sources]
        kept.sort(key=lambda pointer: (order.index(pointer.partition("/")[0]), pointer))
        answers[last] = kept if isinstance(value, list) else kept[0] if kept else None
        if not answers[last]:
            del answers[last]


def _without_empty(form: Form, made: dict[str, Any]) -> dict[str, Any]:
    """Without groups of nothing, items of nothing, and lists of no item: on paper they are as no answer."""
    for key in form.repeats:
        *groups, last = key.split(".")
        inside: Any = made
        for group in groups:
            inside = inside.get(group, {})
        if last in inside:
            inside[last] = [item for item in map(_pruned, inside[last]) if len(item) > 1]
            if not inside[last]:
                del inside[last]
    return dict(_pruned(made))


def _pruned(value: dict[str, Any]) -> dict[str, Any]:
    pruned = {key: _pruned(inner) if isinstance(inner, dict) else inner for key, inner in value.items()}
    return {key: inner for key, inner in pruned.items() if inner != {}}
