"""The field types, as values by name. Nothing registers itself; an engine may be handed other mappings."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from formengine.fields.base import CompositeType, FieldType
from formengine.fields.choice import CHOICE
from formengine.fields.choices import CHOICES
from formengine.fields.date import DATE
from formengine.fields.email import EMAIL
from formengine.fields.long_text import LONG_TEXT
from formengine.fields.number import NUMBER
from formengine.fields.text import TEXT
from formengine.fields.tick import TICK
from formengine.fields.yes_no import YES_NO

__all__ = ["COMPOSITE_TYPES", "FIELD_TYPES"]

FIELD_TYPES: Mapping[str, FieldType] = MappingProxyType(
    {
        field_type.name: field_type
        for field_type in (TEXT, LONG_TEXT, NUMBER, DATE, TICK, YES_NO, CHOICE, CHOICES, EMAIL)
    }
)
COMPOSITE_TYPES: Mapping[str, CompositeType] = MappingProxyType({})
