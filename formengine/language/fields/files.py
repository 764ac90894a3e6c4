"""Several uploaded files, each as ``{id, name, type, size}``."""

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
from formengine.language.fields.stored_files import (
    FILE_SCHEMA,
    KEEP,
    KEYS,
    control_context,
    file_rules,
    id_of,
    name_of,
    sample_file,
)
from formengine.language.json_types import Json

SCHEMA: Schema = {"type": "array", "items": FILE_SCHEMA, "minItems": 1, "uniqueItems": True}


def _decode(posted: Posted, _: FieldSettings) -> Decoded:
    """The files kept from before and those just uploaded, each once, in the order the caller gives them."""
    files = list({id_of(file): file for file in posted.files}.values())
    return Decoded(files or None)


def _encode(value: Json, _: FieldSettings) -> dict[str, tuple[str, ...]]:
    if value is None:
        return {}
    return {KEEP: tuple(id_of(file) for file in (value if isinstance(value, list) else [value]))}


def _rules(settings: FieldSettings) -> tuple[Rule, ...]:
    rules = [Rule(problem, {"items": schema}) for problem, schema in file_rules(settings)]
    most = settings.limit("max_files")
    if most is not None:
        rules.append(Rule(Problem("max_files", {"max_files": most}), {"maxItems": most}))
    return tuple(rules)


def _display(value: Json, _: FieldSettings) -> Display:
    return Display("list", tuple(name_of(file) for file in (value if isinstance(value, list) else [value])))


def _sample(settings: FieldSettings, random: Random) -> Json:
    most = min(3, settings.limit("max_files", 3))
    files = [sample_file(settings, random) for _ in range(random.randint(1, most))]
    return [file | {"id": f"{file['id']}-{number}"} for number, file in enumerate(files, start=1)]


FILES = FieldType(
    name="files",
    doc="Several files to upload.",
    keys=(*KEYS, Key("max_files", "whole_number", "The most files that may be uploaded.")),
    kind=lambda _: Kind.OPAQUE,
    decode=_decode,
    encode=_encode,
    shape=lambda _: SCHEMA,
    reading=lambda _: {"by": "kept_files", "keep": KEEP},
    rules=_rules,
    error_codes=("not_a_file",),
    control=lambda settings: Control(
        "files", control_context(settings) | {"max_files": settings.limit("max_files")}
    ),
    display=_display,
    paper_space=lambda _: PaperSpace("none"),
    sample=_sample,
)
