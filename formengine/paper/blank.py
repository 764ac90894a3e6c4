"""The blank form as a PDF: to be printed and filled in by pen, or to be filled in on a computer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from formengine.form import Form
from formengine.packs import Wording
from formengine.paper.blank_boxes import QuestionBlock, Sheet
from formengine.paper.blank_form import BLOCKS, BlankForm
from formengine.paper.blank_pieces import Lines, Piece, Question
from formengine.paper.blocks import (
    Answer,
    Answers,
    Bullets,
    Callout,
    Contents,
    Heading,
    Kind,
    PageBreak,
    Paragraph,
    Run,
    Tone,
)
from formengine.paper.fonts import Fonts, find_fonts
from formengine.paper.look import Look
from formengine.paper.tagged import About, Attachment, Furniture, Written, write
from formengine.portal import Portal

BLANK_FILE = "form.json"
BLANK_FORMAT = "blank/1"
MORE_ROOM_LINES = 22
OFFICE = ("reference", "received", "received_by", "keyed", "keyed_by")


@dataclass(frozen=True, slots=True)
class Sending:
    """What a blank form says besides its questions.

    author: who issues it. at: when it was made, with its time zone. send_to: where to send it, a line each. portal:
    whom to call in danger, and the council's contacts, which stand in for `send_to` where that is empty. blocks: how
    many blocks a list of items has where it may have so many.
    """

    author: str
    at: datetime
    send_to: tuple[str, ...] = ()
    portal: Portal | None = None
    blocks: int = BLOCKS


def blank_pdf(
    form: Form, sending: Sending, *, fonts: Fonts | None = None, look: Look | None = None
) -> Written:
    """The form to be filled in by pen, PDF/UA-1 and PDF/A-3A; the same input gives the same bytes.

    It carries ``form.json``, which says which form and version it is.
    """
    return _written(form, sending, Sheet(), fonts, look)


def fillable_pdf(
    form: Form, sending: Sending, *, fonts: Fonts | None = None, look: Look | None = None
) -> Written:
    """The same form with fields to type into, named by answer path; `formengine.paper.reading` reads them back.

    Raises ModuleNotFoundError without the extra ``fillable``.
    """
    from formengine.paper.fillable import with_fields

    fonts = fonts or find_fonts()
    sheet = Sheet(fillable=True)
    written = _written(form, sending, sheet, fonts, look)
    return replace(written, content=with_fields(written.content, sheet.places, fonts))


def _written(form: Form, sending: Sending, sheet: Sheet, fonts: Fonts | None, look: Look | None) -> Written:
    wording = Wording(form.definition.language)
    mark = wording.text("blank.fillable_mark" if sheet.fillable else "blank.title_mark")
    language = form.definition.language
    about = About(form.title, sending.author, "en-GB" if language == "en" else language, sending.at, mark)
    pieces = blank_pieces(form, sending, fillable=sheet.fillable)
    blocks = [QuestionBlock(piece, sheet) if isinstance(piece, Question) else piece for piece in pieces]
    furniture = Furniture(
        head_left=form.title,
        head_right=mark,
        foot_left=wording.text("blank.foot", version=form.version),
        page_of=wording.text("paper.page_of", page="{page}", pages="{pages}"),
        continued=wording.text("paper.continued"),
    )
    data = Attachment(BLANK_FILE, _data(form, sending), "application/json", wording.text("blank.data"))
    return write(blocks, about, fonts or find_fonts(), furniture=furniture, look=look, attachments=(data,))


def _data(form: Form, sending: Sending) -> bytes:
    """Which form this is, so that a filled-in file finds it again."""
    said = {
        "format": BLANK_FORMAT,
        "form": form.id,
        "version": form.version,
        "digest": form.digest,
        "at": sending.at.isoformat(),
    }
    return json.dumps(said, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace")


def blank_pieces(form: Form, sending: Sending, *, fillable: bool = False) -> tuple[Piece, ...]:
    """Everything that stands on the blank form, in order, for whatever draws it."""
    wording = Wording(form.definition.language)
    blank = BlankForm(form, wording, sending.blocks, fillable)
    pages = list(blank.pages())
    return (
        *_front(form, sending, wording, fillable=fillable),
        *_contents(wording, pages),
        *pages,
        *_back(form, sending, wording),
        *blank.lists(),
    )


def _front(form: Form, sending: Sending, wording: Wording, *, fillable: bool) -> Iterator[Piece]:
    """What the document is, whom to call in danger, how to fill it in."""
    yield Paragraph(sending.author, kind=Kind.MUTED, keep_with_next=True)
    yield Heading(form.title, 1)
    if form.definition.description:
        yield Paragraph(form.definition.description, kind=Kind.LEAD)
    portal = sending.portal
    if portal is not None and portal.danger:
        calls = [_call(number.situation, number.label, number.telephone, wording) for number in portal.danger]
        yield Callout((Bullets(calls),), title=wording.text("blank.danger"), tone=Tone.WARNING)
    asterisk = form.definition.presentation.required_mark == "asterisk"
    how = (
        "typed" if fillable else "ink",
        "follow",
        "mandatory" if asterisk else "optional",
        "not_known",
    )
    said = (Bullets([wording.text(f"blank.{key}") for key in how]),)
    yield Callout(said, title=wording.text("blank.how"))


def _call(situation: str, label: str, telephone: str, wording: Wording) -> tuple[Run, ...]:
    words = wording.text("blank.danger_call", situation=situation, label=label)
    return Run(f"{words}, "), Run(telephone, bold=True)


def _contents(wording: Wording, pages: list[Piece]) -> Iterator[Piece]:
    if sum(isinstance(piece, Heading) and piece.level == 2 for piece in pages) >= 4:
        yield Heading(wording.text("paper.contents"), 2, bookmark=False)
        yield Contents(wording.text("paper.contents_link", title="{title}", page="{page}"))


def _back(form: Form, sending: Sending, wording: Wording) -> Iterator[Piece]:
    """Privacy notices, more room, where to send it, and what the office writes."""
    notices = form.definition.notices
    if notices:
        yield Heading(wording.text("blank.notices"), 2)
        rows = []
        for notice in notices:
            title = wording.text("blank.notice", title=notice.title, version=notice.version)
            whom = wording.text(f"blank.for_{notice.audience}")
            rows.append(Answer(f"{title}, {whom}", notice.link))
        yield Answers(rows, label_share=0.45)
    yield Heading(wording.text("blank.send"), 2)
    yield from _send(sending, wording)
    yield Heading(wording.text("paper.office_use"), 2)
    yield Answers(
        [Answer(wording.text(f"blank.office_{key}"), "", room_mm=6.0) for key in OFFICE], label_share=0.3
    )
    yield PageBreak()
    yield Heading(wording.text("blank.more_room"), 2)
    yield Paragraph(wording.text("blank.more_room_intro"), keep_with_next=True)
    yield Question("", "", Lines(MORE_ROOM_LINES))


def _send(sending: Sending, wording: Wording) -> Iterator[Piece]:
    portal = sending.portal
    if sending.send_to:
        yield Paragraph("\n".join(sending.send_to))
    elif portal is not None and portal.contacts:
        rows = []
        for contact in portal.contacts:
            ways = [way for way in (contact.telephone, contact.email, contact.link) if way]
            rows.append(Answer(contact.label, "\n".join(ways)))
        yield Answers(rows)
    else:
        yield Paragraph(wording.text("blank.deliver"))
