"""The whole of the blank form as pieces: what stands before its pages, the pages, and what stands after them."""

from __future__ import annotations

from collections.abc import Iterator

from formengine.form.plan import Form
from formengine.language.words import Wording
from formengine.output.paper.blank.form_pieces import BlankForm
from formengine.output.paper.blank.issuer import Issuer
from formengine.output.paper.blank.pieces import BlankPiece, Lines, PaperQuestion
from formengine.output.paper.tagged.blocks import (
    Answer,
    AnswerTable,
    Bullets,
    PageBreak,
    PaperCallout,
    PaperHeading,
    PaperParagraph,
    ParagraphKind,
    StyledRun,
    TableOfContents,
    Tone,
)

MORE_ROOM_LINES = 22
OFFICE = ("reference", "received", "received_by", "keyed", "keyed_by")


def blank_pieces(
    form: Form, sending: Issuer, *, fillable: bool = False, contents: bool = True, tables: bool = True
) -> tuple[BlankPiece, ...]:
    """Everything that stands on the blank form, in order, for whatever draws it; `tables`: it has room for tables."""
    wording = form.wording
    blank = BlankForm(form, wording, sending.blocks, fillable, tables)
    pages = list(blank.pages())
    return (
        *_front(form, sending, wording, fillable=fillable),
        *(_contents(wording, pages) if contents else ()),
        *pages,
        *_back(form, sending, wording),
        *blank.lists(),
    )


def _front(form: Form, sending: Issuer, wording: Wording, *, fillable: bool) -> Iterator[BlankPiece]:
    """What the document is, whom to call in danger, how to fill it in."""
    yield PaperParagraph(sending.author, kind=ParagraphKind.MUTED, keep_with_next=True)
    yield PaperHeading(form.title, 1)
    if form.definition.description:
        yield PaperParagraph(form.definition.description, kind=ParagraphKind.LEAD)
    portal = sending.portal
    if portal is not None and portal.danger:
        calls = [_call(number.situation, number.label, number.telephone, wording) for number in portal.danger]
        yield PaperCallout((Bullets(calls),), title=wording.text("blank.danger"), tone=Tone.WARNING)
    asterisk = form.definition.presentation.required_mark == "asterisk"
    how = (
        "typed" if fillable else "ink",
        "follow",
        "mandatory" if asterisk else "optional",
        "not_known",
    )
    instructions = (Bullets([wording.text(f"blank.{key}") for key in how]),)
    yield PaperCallout(instructions, title=wording.text("blank.how"))


def _call(situation: str, label: str, telephone: str, wording: Wording) -> tuple[StyledRun, ...]:
    words = wording.text("blank.danger_call", situation=situation, label=label)
    return StyledRun(f"{words}, "), StyledRun(telephone, bold=True)


def _contents(wording: Wording, pages: list[BlankPiece]) -> Iterator[BlankPiece]:
    if sum(isinstance(piece, PaperHeading) and piece.level == 2 for piece in pages) >= 4:
        yield PaperHeading(wording.text("paper.contents"), 2, bookmark=False)
        yield TableOfContents(wording.text("paper.contents_link", title="{title}", page="{page}"))


def _back(form: Form, sending: Issuer, wording: Wording) -> Iterator[BlankPiece]:
    """Privacy notices, more room, where to send it, and what the office writes."""
    notices = form.definition.notices
    if notices:
        yield PaperHeading(wording.text("blank.notices"), 2, bookmark=False)
        rows = []
        for notice in notices:
            title = wording.text("blank.notice", title=notice.title, version=notice.version)
            whom = wording.text(f"blank.for_{notice.audience}")
            rows.append(Answer(f"{title}, {whom}", notice.link))
        yield AnswerTable(rows, label_share=0.45)
    yield PaperHeading(wording.text("blank.send"), 2)
    yield from _send(sending, wording)
    yield PaperHeading(wording.text("paper.office_use"), 2, bookmark=False)
    yield AnswerTable(
        [Answer(wording.text(f"blank.office_{key}"), "", room_mm=6.0) for key in OFFICE], label_share=0.3
    )
    yield PageBreak()
    yield PaperHeading(wording.text("blank.more_room"), 2)
    yield PaperParagraph(wording.text("blank.more_room_intro"), keep_with_next=True)
    yield PaperQuestion("", "", Lines(MORE_ROOM_LINES))


def _send(sending: Issuer, wording: Wording) -> Iterator[BlankPiece]:
    portal = sending.portal
    if sending.send_to:
        yield PaperParagraph("\n".join(sending.send_to))
    elif portal is not None and portal.contacts:
        rows = []
        for contact in portal.contacts:
            ways = [way for way in (contact.telephone, contact.email, contact.link) if way]
            rows.append(Answer(contact.label, "\n".join(ways)))
        yield AnswerTable(rows)
    else:
        yield PaperParagraph(wording.text("blank.deliver"))
