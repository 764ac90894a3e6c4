"""An author's Markdown as what paper says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from formengine import content
from formengine.paper.blocks import Block, Bullets, Callout, FlowBlock, Numbered, Paragraph, Run, can_link


def prose(blocks: Sequence[content.Block]) -> Iterator[Block]:
    """The blocks of a text; its headings are bold lines, so that no level of heading is skipped."""
    for block in blocks:
        if isinstance(block, content.Callout):
            yield Callout(flow(block.blocks))
        else:
            yield from flow((block,))


def flow(blocks: Sequence[content.Block]) -> tuple[FlowBlock, ...]:
    """The same as paragraphs and lists alone, for a place that holds nothing else."""
    return tuple(_flow(blocks))


def _flow(blocks: Sequence[content.Block]) -> Iterator[FlowBlock]:
    for block in blocks:
        match block:
            case content.Paragraph():
                yield Paragraph(_runs(block.runs))
            case content.Heading():
                yield Paragraph(_runs(block.runs, bold=True), keep_with_next=True)
            case content.BulletList():
                yield Bullets([flow(item) for item in block.items])
            case content.NumberedList():
                yield Numbered([flow(item) for item in block.items], block.start)
            case content.Callout():
                yield from _flow(block.blocks)


def _runs(runs: Sequence[content.Inline], *, bold: bool = False) -> tuple[Run, ...]:
    found = []
    for run in runs:
        if isinstance(run, content.LineBreak):
            found.append(Run("\n"))
        elif isinstance(run.text, str):
            link = run.href if can_link(run.href) else None
            found.append(Run(run.text, bold=bold or run.bold, emphasis=run.emphasis, link=link))
    return tuple(found)
