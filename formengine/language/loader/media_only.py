"""The marks for paper only and screen only, and where they would lose something."""

from __future__ import annotations

from collections.abc import Iterator

from formengine.language import model
from formengine.language.diagnostics import Findings
from formengine.language.source import Span

Holder = model.Page | model.Section | model.Group | model.Repeat


def stands_nowhere(findings: Findings, span: Span) -> None:
    """Report at `span` that something is marked both for the screen only and for paper only."""
    findings.add(
        "screen-and-paper-only",
        "This is marked `screen_only` and `paper_only`, so it would stand nowhere",
        span,
        help="keep the mark that is meant; delete both if it is for everybody",
    )


def check_marks(findings: Findings, piece: Holder) -> None:
    """Report what in `piece` contradicts its mark; what has a mark of its own has been reported already."""
    if piece.screen_only and isinstance(piece, model.Page) and piece.stop:
        findings.add(
            "screen-only-stop",
            "A page with `stop` cannot be `screen_only`: on paper nothing would tell people to stop",
            piece.span,
            help="delete `screen_only`",
        )
    if piece.screen_only and not piece.paper_only:
        for question in _questions(piece):
            findings.add(
                "screen-only-question",
                "A question cannot be `screen_only`: whoever fills in the form on paper would not be asked",
                question.span,
                help="delete `screen_only` above it, and mark only the notes that are for the screen",
            )
    if piece.paper_only and not piece.screen_only:
        for node in _screen_only(piece):
            stands_nowhere(findings, node.span)


def _questions(piece: Holder) -> Iterator[model.Node]:
    """The questions, groups and lists of a screen's piece."""
    for node in piece.nodes:
        if isinstance(node, model.Section) and not node.screen_only:
            yield from _questions(node)
        elif not isinstance(node, model.Section | model.Note):
            yield node


def _screen_only(piece: Holder) -> Iterator[model.Page | model.Node]:
    """What on a paper's piece is for the screen alone."""
    pages = piece.pages if isinstance(piece, model.Repeat) else ()
    inside: tuple[model.Page | model.Node, ...] = (*piece.nodes, *pages)
    for node in inside:
        if node.screen_only:
            yield node
        elif isinstance(node, Holder) and not node.paper_only:
            yield from _screen_only(node)
