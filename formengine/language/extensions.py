"""What is added to formengine from elsewhere: how it is named in a setting, and what is raised when it cannot be used.

Nothing registers itself: a field type, a theme or a service is handed over, or named as ``module:object`` by a setting
that a person wrote.
"""

from __future__ import annotations

import re
from importlib import import_module

_NAMED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)


class ExtensionError(LookupError):
    """An extension that cannot be used; the text says which and why, in one sentence."""


class ThemeError(ExtensionError):
    """A folder given as a theme is none, or holds what cannot be used; the text says why, in one sentence."""


class FieldTypeError(ExtensionError):
    """A field type that lacks something, such as words for one of its rules; the text says what, in one sentence."""


def is_named(text: str) -> bool:
    """Whether `text` names an object of a module, as ``council_types.ward:WARD`` does; a path does not."""
    return _NAMED.fullmatch(text) is not None


def named_object(name: str) -> object:
    """The object that ``module:object`` names; its module is imported.

    Raises `ExtensionError` where the name is not of that form, or there is no such module or object. What the module
    itself raises when it is imported is raised as it is.
    """
    if not is_named(name):
        raise ExtensionError(f"{name} does not name an object as module:object does")
    module_name, _, path = name.partition(":")
    try:
        found: object = import_module(module_name)
    except ModuleNotFoundError as error:
        if not module_name.startswith(error.name or ":"):
            raise
        raise ExtensionError(f"There is no module {error.name}, which {name} names") from None
    for part in path.split("."):
        if not hasattr(found, part):
            raise ExtensionError(f"The module {module_name} has no {path}, which {name} names")
        found = getattr(found, part)
    return found
