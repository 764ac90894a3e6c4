"""A theme that marks every text formengine itself says, so that one that was not taken from it can be seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.support.docs_pages import CHECKOUT

WORDS = CHECKOUT / "renderers" / "words" / "en.yaml"
MARK = "§"
# A word outside braces.
_WORD = re.compile(r"\{[A-Za-z_]+\}|(?<![^\W_'’{])[^\W_]+")


def marked(text: str) -> str:
    """The text with the mark around each of its words; what stands in braces stays."""
    return _WORD.sub(lambda found: found[0] if found[0].startswith("{") else f"{MARK}{found[0]}{MARK}", text)


def marked_theme(folder: Path) -> Path:
    """A theme in `folder` that says each of formengine's texts with marks."""
    (folder / "words").mkdir(parents=True)
    text = yaml.safe_dump(_marked(_words()), allow_unicode=True, width=10_000)
    (folder / "words" / "en.yaml").write_text(text, encoding="utf-8")
    return folder


def said_in(text: str, *, besides: str) -> list[str]:
    """The texts of three words and more that stand whole in `text`, and not in `besides`, such as a form's own."""
    every = _texts(_words())
    long = [each for each in every if each.count(" ") > 1 and "{" not in each]
    return sorted({each for each in long if each in text and each not in besides})


def _words() -> Any:
    text = WORDS.read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506 (texts only)


def _marked(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: text if key == "count" else _marked(text) for key, text in part.items()}
    return marked(part) if isinstance(part, str) else part


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for each in part.values():
            yield from _texts(each)
    elif isinstance(part, str):
        yield part
