"""A postal address in the United Kingdom: a group of four fixed fields."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from formengine.language.fields.base import CompositeType, Control, Display, PaperSpace, Part
from formengine.language.fields.postcode import POSTCODE
from formengine.language.fields.text import TEXT

# Not spell-checked: names of places are no mistakes.
_PLAIN = MappingProxyType({"spellcheck": False})


def _display(parts: Mapping[str, Display]) -> Display:
    """House and street on one line, as on an envelope; then town and postcode."""
    texts = {part: " ".join(map(str, display.texts)) for part, display in parts.items()}
    first = " ".join(texts[part] for part in ("house", "street") if part in texts)
    lines = (first, texts.get("town"), texts.get("postcode"))
    return Display("lines", tuple(line for line in lines if line))


ADDRESS = CompositeType(
    name="address",
    doc="A postal address: `house`, `street`, `town` and `postcode`. Optional unless `parts` says so.",
    keys=(),
    parts=(
        Part("house", TEXT, "House number or name", _PLAIN),
        Part("street", TEXT, "Street", _PLAIN),
        Part("town", TEXT, "Town or city", _PLAIN),
        Part("postcode", POSTCODE, "Postcode"),
    ),
    control=lambda: Control("address"),
    display=_display,
    paper_space=lambda: PaperSpace("lines", {"count": 4}),
)
