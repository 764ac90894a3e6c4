"""Any number of several options, as checkboxes, with an option such as "None of these" that stands alone."""

from __future__ import annotations

from random import Random

from formengine.language.expressions.ast import Kind
from formengine.language.fields.base import (
    Control,
    Decoded,
    Display,
    FieldSettings,
    FieldType,
    Key,
    PaperSpace,
    Posted,
    Problem,
    Rule,
    Schema,
)
from formengine.language.fields.choice_options import (
    chooses_people,
    code_reading,
    code_schema,
    codes_of,
    is_code,
    kind_of,
    label_of,
)
from formengine.language.json_types import Json


def _decode(posted: Posted, settings: FieldSettings) -> Decoded:
    typed = [text.strip() for text in posted.texts()]
    codes = list(dict.fromkeys(code for code in typed if code))
    offered = all(is_code(code, settings) for code in codes)
    return Decoded(codes or None, None if offered else Problem("not_offered"))


def _encode(value: Json, _: FieldSettings) -> dict[str, tuple[str, ...]]:
    if value is None:
        return {}
    return {"": tuple(map(str, value if isinstance(value, list) else [value]))}


def _shape(settings: FieldSettings) -> Schema:
    return {"type": "array", "items": code_schema(settings), "minItems": 1, "uniqueItems": True}


def _rules(settings: FieldSettings) -> tuple[Rule, ...]:
    rules = []
    alone = [option for option in settings.options if option.exclusive]
    if alone:
        mixed = {"minItems": 2, "contains": {"enum": [option.code for option in alone]}}
        labels = tuple(option.label for option in alone)
        rules.append(Rule(Problem("exclusive", {"exclusive": labels[0]}), {"not": mixed}))
    most = settings.limit("max_choices")
    if most is not None:
        rules.append(Rule(Problem("max_choices", {"max_choices": most}), {"maxItems": most}))
    return tuple(rules)


def _unreadable(value: Json, settings: FieldSettings) -> Problem:
    if isinstance(value, list) and all(is_code(code, settings) for code in value):
        return Problem("chosen_twice")
    return Problem("not_offered")


def _display(value: Json, settings: FieldSettings) -> Display:
    codes = value if isinstance(value, list) else [value]
    return Display("list", tuple(label_of(code, settings) for code in codes))


def _sample(settings: FieldSettings, random: Random) -> list[str]:
    if chooses_people(settings):
        return [str(random.choice(settings.limits["options_from"]))]
    alone = {option.code for option in settings.options if option.exclusive}
    first = random.choice(codes_of(settings))
    if first in alone:
        return [first]
    others = [code for code in codes_of(settings) if code not in alone and code != first]
    more = random.randint(0, min(len(others), settings.limit("max_choices", 3) - 1))
    chosen = {first, *random.sample(others, more)}
    return [code for code in codes_of(settings) if code in chosen]


CHOICES = FieldType(
    name="choices",
    doc="Any number of options. An option with `exclusive: true`, such as None of these, stands alone.",
    keys=(Key("max_choices", "whole_number", "The most options that may be chosen."),),
    has_options=True,
    kind=lambda settings: kind_of(settings, Kind.CHOICES),
    codes=codes_of,
    decode=_decode,
    encode=_encode,
    shape=_shape,
    reading=lambda settings: {"by": "codes_chosen", **code_reading(settings)},
    rules=_rules,
    type_error=_unreadable,
    error_codes=("not_offered", "chosen_twice"),
    control=lambda _: Control("checkboxes"),
    display=_display,
    paper_space=lambda _: PaperSpace("options"),
    sample=_sample,
)
