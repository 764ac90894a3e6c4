"""The answers as plain text, for e-mail and terminals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from formengine.form.state import GroupState, NodeState, NoteState, SectionState, State
from formengine.form.state.views import relevant
from formengine.language.content import plain_text
from formengine.language.words import Wording
from formengine.output.front_matter import FrontMatter, front_matter
from formengine.output.html.answers import AnswerRow, ListAnswers, PageAnswers, Rows, answers_to_read

_INDENT = "  "


def render_text(
    state: State, *, author: str = "", at: datetime | None = None, reference: str | None = None
) -> str:
    """Every page that asks anything, each question that counts with its answer, the items of lists, what is set apart.

    It ends with a line end. Long answers keep their lines, indented under their question. A copy for one audience
    (`formengine.form.state.copy_for`) says at its front whose it is.

    author, at and reference: what else the front shows, as for `formengine.output.front_matter.front_matter`; with
    reference None it states neither that this is a draft nor that it was sent.
    """
    words = state.form.wording
    front = front_matter(state, words, author=author, at=at, reference=reference or "")
    lines = [front.title, "=" * len(front.title), *_front(front, whole=reference is not None)]
    asked = {page.id: page for page in answers_to_read(state, words)}
    for page in state.pages:
        if page.id in asked:
            lines += ["", *_page(asked[page.id], words), *_statements(page.nodes)]
        elif page.page.spec.stop:
            lines += ["", page.title, "-" * len(page.title), "", plain_text(page.intro)]
    return "\n".join(lines) + "\n"


def _front(front: FrontMatter, *, whole: bool) -> Iterator[str]:
    """The front matter as lines; whole: all of it, not only whose copy it is."""
    statements = [front.audience, *((front.draft, front.urgent) if whole else ())]
    for statement in filter(None, statements):
        yield from ("", statement.title, statement.text)
    if whole:
        yield ""
        if front.author:
            yield front.author
        yield from (f"{label}: {value}" for label, value in front.rows)


def _page(page: PageAnswers, words: Wording) -> Iterator[str]:
    yield page.title
    yield "-" * len(page.title)
    for part in page.parts:
        yield ""
        if isinstance(part, ListAnswers):
            yield from _list(part, words)
        else:
            if part.label:
                yield f"{part.label}:"
            yield from _rows(part.rows, _INDENT if part.label else "")


def _statements(nodes: tuple[NodeState, ...]) -> Iterator[str]:
    """The notes that are set apart: they are statements about the answers, while others only helped to fill in."""
    for node in relevant(nodes):
        if isinstance(node, NoteState):
            if node.note.spec.style != "plain" and not node.note.spec.screen_only:
                yield from ("", plain_text(node.text))
        elif isinstance(node, GroupState) or (
            isinstance(node, SectionState) and not node.section.spec.screen_only
        ):
            yield from _statements(node.nodes)


def _list(part: ListAnswers, words: Wording) -> Iterator[str]:
    yield f"{part.label}:"
    if not part.items:
        yield _INDENT + words.text("pages.no_items", item_name=part.item_name)
    for number, item in enumerate(part.items, start=1):
        yield f"{_INDENT}{number}. {item.title}"
        yield from _rows(item.rows, _INDENT + "   ")


def _rows(rows: Rows, indent: str) -> Iterator[str]:
    for row in rows:
        yield from _row(row, indent)


def _row(row: AnswerRow, indent: str) -> Iterator[str]:
    label = row.label if row.label.endswith((":", "?")) else f"{row.label}:"
    if not row.texts:
        yield f"{indent}{label} {row.otherwise}"
    elif len(row.texts) == 1 and "\n" not in row.texts[0]:
        yield f"{indent}{label} {row.texts[0]}"
    else:
        yield f"{indent}{label}"
        mark = "- " if row.shape == "list" else ""
        for text in row.texts:
            yield f"{indent}{_INDENT}{mark}{text}".rstrip()
