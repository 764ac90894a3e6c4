"""One uploaded file, as ``{id, name, type, size}``."""

from __future__ import annotations

from formengine.language.expressions.ast import Kind
from formengine.language.fields.base import (
    Control,
    Decoded,
    Display,
    FieldSettings,
    FieldType,
    PaperSpace,
    Posted,
    shown,
)
from formengine.language.fields.stored_files import (
    FILE_SCHEMA,
    KEEP,
    KEYS,
    control_context,
    id_of,
    name_of,
    rules_of_one,
    sample_file,
)
from formengine.language.json_types import Json


def _decode(posted: Posted, _: FieldSettings) -> Decoded:
    """The file just uploaded, else the one kept from before."""
    kept = posted.texts(KEEP)
    new = [file for file in posted.files if id_of(file) not in kept]
    files = new or [file for file in posted.files if id_of(file) in kept]
    return Decoded(files[-1] if files else None)


def _encode(value: Json, _: FieldSettings) -> dict[str, tuple[str, ...]]:
    return {} if value is None else {KEEP: (id_of(value),)}


def _display(value: Json, _: FieldSettings) -> Display:
    return shown(name_of(value))


FILE = FieldType(
    name="file",
    doc="One file to upload.",
    keys=KEYS,
    kind=lambda _: Kind.OPAQUE,
    decode=_decode,
    encode=_encode,
    shape=lambda _: FILE_SCHEMA,
    reading=lambda _: {"by": "kept_files", "keep": KEEP},
    rules=rules_of_one,
    error_codes=("not_a_file",),
    control=lambda settings: Control("file", control_context(settings)),
    display=_display,
    paper_space=lambda _: PaperSpace("none"),
    sample=sample_file,
)
