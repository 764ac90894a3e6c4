"""What an author's Markdown means: blocks of runs of text. Renderers draw these and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from formengine.language.expressions import Insert


@dataclass(frozen=True, slots=True)
class InlineText:
    """A stretch of text in one style. `text` is plain text, or an `Insert` until `fill` puts the answer there.

    `href` is where a link leads (http, https, mailto or tel), "" when it is none.
    """

    text: str | Insert
    bold: bool = False
    emphasis: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class LineBreak:
    """The end of a line within a paragraph, where the author asked for one."""


Inline = InlineText | LineBreak


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    runs: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of `level` 2 to 6; 1 is the page's own title."""

    level: int
    runs: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class BulletList:
    """A list with bullets; each item is blocks."""

    items: tuple[tuple[Block, ...], ...]


@dataclass(frozen=True, slots=True)
class NumberedList:
    """A numbered list that begins at `start`; each item is blocks."""

    items: tuple[tuple[Block, ...], ...]
    start: int = 1


@dataclass(frozen=True, slots=True)
class Callout:
    """Blocks set apart from the text around them, written as a block quote."""

    blocks: tuple[Block, ...]


Block = Paragraph | Heading | BulletList | NumberedList | Callout


def insertions(blocks: tuple[Block, ...]) -> Iterator[Insert]:
    """The answers that the text asks for, in reading order."""
    for block in blocks:
        match block:
            case Paragraph(runs) | Heading(_, runs):
                yield from (
                    run.text for run in runs if isinstance(run, InlineText) and not isinstance(run.text, str)
                )
            case BulletList(items) | NumberedList(items):
                for item in items:
                    yield from insertions(item)
            case Callout(inner):
                yield from insertions(inner)


def fill(blocks: tuple[Block, ...], lookup: Callable[[Insert], str]) -> tuple[Block, ...]:
    """`blocks` with every `Insert` replaced by the text `lookup` gives for it.

    The text goes in as it is: an answer is never Markdown. Blocks that ask for nothing are returned
    themselves.
    """
    if next(insertions(blocks), None) is None:
        return blocks
    return tuple(_filled(block, lookup) for block in blocks)


def _filled(block: Block, lookup: Callable[[Insert], str]) -> Block:
    match block:
        case Paragraph(runs):
            return Paragraph(_filled_runs(runs, lookup))
        case Heading(level, runs):
            return Heading(level, _filled_runs(runs, lookup))
        case BulletList(items):
            return BulletList(tuple(fill(item, lookup) for item in items))
        case NumberedList(items, start):
            return NumberedList(tuple(fill(item, lookup) for item in items), start)
        case Callout(inner):
            return Callout(fill(inner, lookup))


def _filled_runs(runs: tuple[Inline, ...], lookup: Callable[[Insert], str]) -> tuple[Inline, ...]:
    return tuple(
        replace(run, text=lookup(run.text))
        if isinstance(run, InlineText) and not isinstance(run.text, str)
        else run
        for run in runs
    )


def plain_text(blocks: tuple[Block, ...]) -> str:
    """The text alone, a blank line between blocks; the address of a link follows it in brackets.

    An `Insert` that was not filled is left out.
    """
    return "\n\n".join(_plain_block(block) for block in blocks)


def _plain_block(block: Block) -> str:
    match block:
        case Paragraph(runs) | Heading(_, runs):
            return _plain_runs(runs)
        case BulletList(items):
            return "\n".join(_plain_item("- ", item) for item in items)
        case NumberedList(items, start):
            return "\n".join(_plain_item(f"{number}. ", item) for number, item in enumerate(items, start))
        case Callout(inner):
            return plain_text(inner)


def _plain_item(mark: str, item: tuple[Block, ...]) -> str:
    lines = "\n".join(_plain_block(block) for block in item).split("\n")
    return ("\n" + " " * len(mark)).join([mark + lines[0], *lines[1:]])


def _plain_runs(runs: tuple[Inline, ...]) -> str:
    """The text of runs; a link's address once, after its last run."""
    texts = []
    label = ""
    for place, run in enumerate(runs):
        if isinstance(run, LineBreak):
            texts.append("\n")
            continue
        text = run.text if isinstance(run.text, str) else ""
        texts.append(text)
        following = runs[place + 1] if place + 1 < len(runs) else None
        label = label + text if run.href else ""
        if run.href and not (isinstance(following, InlineText) and following.href == run.href):
            address = run.href.removeprefix("mailto:").removeprefix("tel:")
            texts.append("" if address == label else f" ({address})")
            label = ""
    return "".join(texts)
