"""An author's Markdown as blocks of paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from formengine.language import content
from formengine.output.paper.tagged.blocks import (
    Bullets,
    FlowBlock,
    Numbered,
    PaperBlock,
    PaperCallout,
    PaperParagraph,
    StyledRun,
    can_link,
)


def prose(blocks: Sequence[content.Block]) -> Iterator[PaperBlock]:
    """The blocks of a text; its headings are bold lines, so that no level of heading is skipped."""
    for block in blocks:
        if isinstance(block, content.Callout):
            yield PaperCallout(flow(block.blocks))
        else:
            yield from flow((block,))


def flow(blocks: Sequence[content.Block]) -> tuple[FlowBlock, ...]:
    """The same as paragraphs and lists alone, for a place that holds nothing else."""
    return tuple(_flow(blocks))


def _flow(blocks: Sequence[content.Block]) -> Iterator[FlowBlock]:
    for block in blocks:
        match block:
            case content.Paragraph():
                yield PaperParagraph(_runs(block.runs))
            case content.Heading():
                yield PaperParagraph(_runs(block.runs, bold=True), keep_with_next=True)
            case content.BulletList():
                yield Bullets([flow(item) for item in block.items])
            case content.NumberedList():
                yield Numbered([flow(item) for item in block.items], block.start)
            case content.Callout():
                yield from _flow(block.blocks)


def _runs(runs: Sequence[content.Inline], *, bold: bool = False) -> tuple[StyledRun, ...]:
    found = []
    for run in runs:
        if isinstance(run, content.LineBreak):
            found.append(StyledRun("\n"))
        elif isinstance(run.text, str):
            link = run.href if can_link(run.href) else None
            found.append(StyledRun(run.text, bold=bold or run.bold, emphasis=run.emphasis, link=link))
    return tuple(found)


def with_addresses(blocks: tuple[content.Block, ...]) -> tuple[content.Block, ...]:
    """The same text with the address of each link in brackets after it: nobody can follow a link on paper."""
    return tuple(_addressed(block) for block in blocks)


def _addressed(block: content.Block) -> content.Block:
    match block:
        case content.Paragraph(runs):
            return content.Paragraph(tuple(_addressed_runs(runs)))
        case content.Heading(level, runs):
            return content.Heading(level, tuple(_addressed_runs(runs)))
        case content.BulletList(items):
            return content.BulletList(tuple(with_addresses(item) for item in items))
        case content.NumberedList(items, start):
            return content.NumberedList(tuple(with_addresses(item) for item in items), start)
        case content.Callout(inner):
            return content.Callout(with_addresses(inner))


def _addressed_runs(runs: Sequence[content.Inline]) -> Iterator[content.Inline]:
    words = ""
    for place, run in enumerate(runs):
        yield run
        if isinstance(run, content.LineBreak) or not run.href:
            words = ""
            continue
        words += run.text if isinstance(run.text, str) else ""
        following = runs[place + 1] if place + 1 < len(runs) else None
        if isinstance(following, content.InlineText) and following.href == run.href:
            continue
        address = run.href.removeprefix("mailto:").removeprefix("tel:")
        if words.strip() not in {address, address.partition("//")[2]}:
            yield content.InlineText(f" ({address.removeprefix('https://')})")
        words = ""
