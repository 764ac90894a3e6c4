"""An author's Markdown as blocks that HTML, PDF and plain text draw alike."""

from __future__ import annotations

from formengine.language.content.blocks import (
    Block,
    BulletList,
    Callout,
    Heading,
    Inline,
    InlineText,
    LineBreak,
    NumberedList,
    Paragraph,
    fill,
    insertions,
    plain_text,
)
from formengine.language.content.markdown import parse

__all__ = [
    "Block",
    "BulletList",
    "Callout",
    "Heading",
    "Inline",
    "InlineText",
    "LineBreak",
    "NumberedList",
    "Paragraph",
    "fill",
    "insertions",
    "parse",
    "plain_text",
]
