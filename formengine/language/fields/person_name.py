"""A person's name in two parts, as records keep it: a group of two fixed fields."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from formengine.language.fields.base import CompositeType, Control, Display, PaperSpace, Part
from formengine.language.fields.text import TEXT

_PLAIN = MappingProxyType({"spellcheck": False})


def _display(parts: Mapping[str, Display]) -> Display:
    names = (" ".join(map(str, parts[part].texts)) for part in ("first_name", "last_name") if part in parts)
    return Display("text", (" ".join(names),))


PERSON_NAME = CompositeType(
    name="person_name",
    doc="A person's name: `first_name` and `last_name`. Optional unless `parts` says so.",
    keys=(),
    parts=(Part("first_name", TEXT, "First name", _PLAIN), Part("last_name", TEXT, "Last name", _PLAIN)),
    control=lambda: Control("person_name"),
    display=_display,
    paper_space=lambda: PaperSpace("lines", {"count": 2}),
)
