"""What a JSON value is, for the type checker, and how one that comes from outside is narrowed to what it must be.

`Json` is read-only, and so covariant: a ``list[str]``, a ``dict[str, str]`` and a tuple in a schema fit as they are,
and whoever is handed a value does not change it. At run time an array of answers is a list and an object a dict, as
`json.loads` makes them, so code that takes a value apart asks for `list` and for `Mapping`, and for `str` before
`Sequence`: a text is one, too. What is to be changed is a ``dict[str, Json]``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None
JsonObject: TypeAlias = Mapping[str, Json]


def as_object(value: Json) -> JsonObject:
    """The object itself, an empty one for any other value."""
    return value if isinstance(value, Mapping) else {}


def expect_object(value: Json) -> JsonObject:
    """The object itself. Raises TypeError for any other value."""
    if isinstance(value, Mapping):
        return value
    raise TypeError(f"an object is due here, not {type(value).__name__}")


def expect_list(value: Json) -> list[Json]:
    """The array itself. Raises TypeError for any other value, a text among them."""
    if isinstance(value, list):
        return value
    raise TypeError(f"a list is due here, not {type(value).__name__}")


def expect_whole_number(value: Json) -> int:
    """The whole number itself. Raises TypeError for any other value, a truth value among them."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError(f"a whole number is due here, not {type(value).__name__}")


def expect_text(value: Json) -> str:
    """The text itself. Raises TypeError for any other value."""
    if isinstance(value, str):
        return value
    raise TypeError(f"a text is due here, not {type(value).__name__}")
