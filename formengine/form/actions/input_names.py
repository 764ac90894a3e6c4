"""The names of inputs in a post."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from formengine.language.fields.base import Posted
from formengine.language.json_types import Json

Data = Mapping[str, Sequence[str]]  # what a browser sent: each input's texts, by its name, in order
Texts = TypeVar("Texts", bound=Sequence[str])
PostedFiles = Mapping[str, Sequence[Json]]  # the stored files received, by the name of their input
NO_FILES: PostedFiles = {}

# The input of the button that was pressed. No question can be called so: an id begins with a letter.
ACTION = "-action"
# What pages drawn by version 0.1 call it; they may be posted, and posts of theirs may be held, after an upgrade. No
# question of such a page is called so either.
_EARLIER_ACTION = "move"


def check_posted(data: Data, files: PostedFiles = NO_FILES) -> None:
    """Raise TypeError where an input has a text, bytes or one file in place of a sequence of them.

    A text is a sequence of its letters to Python, and only its last letter would be kept.
    """
    for name, texts in data.items():
        if isinstance(texts, str | bytes | Mapping):
            raise TypeError(f"what was posted as {name!r} must be a sequence of texts, such as a list")
    for name, received in files.items():
        if isinstance(received, str | bytes | Mapping):
            raise TypeError(f"the files posted as {name!r} must be a sequence of files, such as a list")


def input_name(path: str, part: str = "") -> str:
    """The name, in a post, of the input of one part of an answer: ``child.first_name``, ``child.born-day``.

    Ids have no hyphens, so a name tells where the path ends.
    """
    return f"{path}-{part}" if part else path


def posted_for(path: str, data: Data, files: PostedFiles) -> Posted:
    """What was sent for the field at `path`: its texts by part, and its files."""
    prefix = f"{path}-"
    parts = {
        name.removeprefix(prefix): tuple(texts)
        for name, texts in data.items()
        if "-" in name and name.startswith(prefix)  # for most inputs the first test is enough, and faster
    }
    if path in data:
        parts[""] = tuple(data[path])
    return Posted(parts, tuple(files.get(path, ())))


def goes_on(data: Data) -> bool:
    """Whether the person went on from the page, not back, aside, or to add an item; so does a post without a button.

    Raises TypeError as `check_posted` does.
    """
    check_posted({name: data[name] for name in (ACTION, _EARLIER_ACTION) if name in data})
    return action_of(data) in {"next", "submit"}


def action_of(data: Data, default: str = "next") -> str:
    """The value of the button that was pressed, such as ``page:plot`` or ``add:children``; `default` for none."""
    return (data.get(ACTION) or data.get(_EARLIER_ACTION) or (default,))[-1]


def with_action(data: Mapping[str, Texts], action: Texts) -> dict[str, Texts]:
    """The post as if this button had been pressed and no other."""
    return {name: texts for name, texts in data.items() if name != _EARLIER_ACTION} | {ACTION: action}
