"""Edits of a definition's text: each changes what it is about and leaves every other byte, comments among them.

An edit names a piece by ids, never by its place in the text, so that it can be made again on a newer text; the text may
have a slip elsewhere. Undoing an edit is the text before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from formengine.language.source import Span

# unknown: there is no such piece or key. only: the last of a list, which may not be empty. inside: a piece would come
# into itself. flow: it stands in brackets on one line. fragment: it comes from another file. unclear: the text would
# not read as meant.
EditRefusal = Literal["unknown", "only", "inside", "flow", "fragment", "unclear"]


class EditRefusedError(Exception):
    """Nothing was changed. why: the reason."""

    def __init__(self, why: EditRefusal) -> None:
        super().__init__(why)
        self.why: EditRefusal = why


@dataclass(frozen=True, slots=True)
class TextEdit:
    """A stretch of a file, and what is to stand there; an empty stretch is a place to put something in."""

    span: Span
    text: str


def applied(texts: Mapping[str, str], edits: Iterable[TextEdit]) -> dict[str, str]:
    """The texts after these edits, which must not overlap; by the names of their files."""
    changed = dict(texts)
    for edit in sorted(dict.fromkeys(edits), key=lambda edit: edit.span.start, reverse=True):
        name = edit.span.source.name
        changed[name] = changed[name][: edit.span.start] + edit.text + changed[name][edit.span.end :]
    return changed
