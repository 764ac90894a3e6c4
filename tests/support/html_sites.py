"""The sites that the HTML tests check: each shipped form empty, with errors, filled, with hostile answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from formengine import Form, compile_form, load
from formengine.form.analysis.samples import sample_answers
from formengine.language.expressions import Kind
from formengine.output.html import render_site
from tests.support.shipped import DEFINITIONS, EXAMPLES

ON = date(2026, 11, 22)
FORMS = ("request-for-support", "early-help-notification", "allotment-waiting-list", "fifteen-lines")
# Seeds whose samples are valid and, the last apart, short: the lists have few items.
SEEDS = {"request-for-support": (1, 5), "early-help-notification": (3, 6)}
HOSTILE = "<script>alert(1)</script>{{7*7}}\"'&amp; \u202eevil</textarea><b>"


@cache
def form(name: str) -> Form:
    """A shipped form by its id."""
    folder = DEFINITIONS / name if (DEFINITIONS / name).is_dir() else EXAMPLES / name
    return compile_form(load(folder))


def answers_of(name: str, seed: int) -> Mapping[str, Any]:
    """Sample answers, valid on `ON`, cut to the first two items of each list."""
    answers = sample_answers(form(name), on=ON, seed=seed)
    return {key: value[:2] if isinstance(value, list) else value for key, value in answers.items()}


def hostile_answers(name: str) -> Mapping[str, Any]:
    """Sample answers with hostile text wherever people write freely, and dates and numbers that are none."""
    spoilt: dict[str, Any] = _spoilt(answers_of(name, SEEDS[name][0]), form(name), "", None)
    return spoilt


def _spoilt(value: Any, of: Form, path: str, repeat: str | None) -> Any:
    if isinstance(value, dict):
        return {
            key: inner if key == "id" else _spoilt(inner, of, f"{path}.{key}".lstrip("."), repeat)
            for key, inner in value.items()
        }
    fields = of.fields if repeat is None else of.item_fields[repeat]
    if path in of.repeats and repeat is None:
        return [_spoilt(item, of, "", path) for item in value]
    found = fields.get(path)
    if found is None:
        return value
    match found.spec.type.kind(found.spec.settings):
        case Kind.TEXT:
            return HOSTILE
        case Kind.DATE | Kind.PARTIAL_DATE:
            return {"day": "31", "month": HOSTILE, "year": "26"}
        case Kind.NUMBER:
            return HOSTILE
    return value


def write_sites(folder: Path) -> list[Path]:
    """Every page of every site, written under `folder`."""
    pages = []
    for name in FORMS:
        pages += render_site(form(name), {}, ON, folder / f"{name}-empty")
        pages += render_site(form(name), {}, ON, folder / f"{name}-errors", with_errors=True)
        for seed in SEEDS.get(name, ()):
            pages += render_site(form(name), answers_of(name, seed), ON, folder / f"{name}-{seed}")
        if name in SEEDS:
            answers = hostile_answers(name)
            pages += render_site(form(name), answers, ON, folder / f"{name}-hostile", with_errors=True)
    return pages
