"""The blank form as a PDF: to be printed and filled in by pen, or to be filled in on a computer."""

from __future__ import annotations

import json
from dataclasses import replace

from formengine.form.plan import Form
from formengine.output.paper.blank.boxes import QuestionBlock, QuestionSheet
from formengine.output.paper.blank.content import blank_pieces
from formengine.output.paper.blank.issuer import Issuer
from formengine.output.paper.blank.pieces import BlankPiece, PaperQuestion, QuestionTable
from formengine.output.paper.blank.tables import LEAST_TABLE_MM, TableBlock
from formengine.output.paper.reading.pdf_answers import BLANK_FILE, BLANK_FORMAT
from formengine.output.paper.tagged.blocks import PaperBlock
from formengine.output.paper.tagged.document import (
    Attachment,
    DocumentInfo,
    Furniture,
    OwnBlock,
    Written,
    write,
)
from formengine.output.paper.tagged.fonts import Fonts, find_fonts
from formengine.output.paper.tagged.style import PaperStyle, find_style


def blank_pdf(
    form: Form, sending: Issuer, *, fonts: Fonts | None = None, style: PaperStyle | None = None
) -> Written:
    """The form to be filled in by pen, PDF/UA-1 and PDF/A-3A; the same input gives the same bytes.

    It carries ``form.json``, which says which form and version it is.
    """
    return _written(form, sending, QuestionSheet(), fonts, style)


def fillable_pdf(
    form: Form, sending: Issuer, *, fonts: Fonts | None = None, style: PaperStyle | None = None
) -> Written:
    """The same form with fields to type into, named by answer path; `open_pdf` reads them back.

    Raises ModuleNotFoundError without the extra ``fillable``.
    """
    from formengine.output.paper.blank.fillable import with_fields

    fonts = fonts or find_fonts()
    sheet = QuestionSheet(fillable=True)
    written = _written(form, sending, sheet, fonts, style)
    return replace(written, content=with_fields(written.content, sheet.places, fonts))


def _written(
    form: Form, sending: Issuer, sheet: QuestionSheet, fonts: Fonts | None, style: PaperStyle | None
) -> Written:
    wording = form.wording
    mark = wording.text("blank.fillable_mark" if sheet.fillable else "blank.title_mark")
    language = form.definition.language
    about = DocumentInfo(
        form.title, sending.author, "en-GB" if language == "en" else language, sending.at, mark
    )
    style = style or find_style()
    tables = style.width_mm >= LEAST_TABLE_MM
    pieces = blank_pieces(form, sending, fillable=sheet.fillable, tables=tables)
    blocks = [_block(piece, sheet) for piece in pieces]
    furniture = Furniture(
        head_left=form.title,
        head_right=mark,
        foot_left=wording.text("blank.foot", version=form.version),
        page_of=wording.text("paper.page_of", page="{page}", pages="{pages}"),
        continued=wording.text("paper.continued"),
    )
    data = Attachment(BLANK_FILE, _data(form, sending), "application/json", wording.text("blank.data"))
    return write(blocks, about, fonts or find_fonts(), furniture=furniture, style=style, attachments=(data,))


def _block(piece: BlankPiece, sheet: QuestionSheet) -> PaperBlock | OwnBlock:
    match piece:
        case PaperQuestion():
            return QuestionBlock(piece, sheet)
        case QuestionTable():
            return TableBlock(piece, sheet)
        case _:
            return piece


def _data(form: Form, sending: Issuer) -> bytes:
    """Which form this is, so that a filled-in file finds it again."""
    carried = {
        "format": BLANK_FORMAT,
        "form": form.id,
        "version": form.version,
        "digest": form.digest,
        "at": sending.at.isoformat(),
    }
    return json.dumps(carried, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace")
