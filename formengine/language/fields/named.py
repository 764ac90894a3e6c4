"""Field types that a setting names as ``module:object``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from formengine.language.extensions import FieldTypeError, named_object
from formengine.language.fields.base import CompositeType, FieldType


def types_named(names: Iterable[str]) -> tuple[FieldType | CompositeType, ...]:
    """The field types that these names stand for, in order.

    A name is that of one type, of a mapping whose values are types, or of a list of them. Raises
    `formengine.language.extensions.ExtensionError` for a name that stands for nothing or for something else.
    """
    return tuple(kind for name in names for kind in _types_in(name))


def _types_in(name: str) -> list[FieldType | CompositeType]:
    found = named_object(name)
    if isinstance(found, Mapping):
        found = tuple(found.values())
    types: list[FieldType | CompositeType] = []
    for each in found if isinstance(found, list | tuple) else (found,):
        if not isinstance(each, FieldType | CompositeType):
            raise FieldTypeError(f"{name} holds {each!r}, which is no field type")
        types.append(each)
    return types
