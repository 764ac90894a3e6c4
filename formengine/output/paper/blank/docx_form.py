"""The blank form as a Word document: the numbers, notes and room of the printed one, to be changed or filled in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import docx
from docx.enum.table import WD_ROW_HEIGHT_RULE
from docx.enum.text import WD_BREAK
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph as WordParagraph

from formengine.form.plan import Form
from formengine.language.words import Wording
from formengine.output.paper.blank.columns import letters, units
from formengine.output.paper.blank.content import blank_pieces
from formengine.output.paper.blank.docx_controls import Controls, clean
from formengine.output.paper.blank.issuer import Issuer
from formengine.output.paper.blank.pieces import (
    BlankPiece,
    FromList,
    Lines,
    Nothing,
    OneTick,
    PaperQuestion,
    Parts,
    QuestionTable,
    SignatureSpace,
    TickOption,
    Ticks,
)
from formengine.output.paper.tagged.blocks import (
    AnswerTable,
    Bullets,
    Content,
    FlowBlock,
    Numbered,
    PageBreak,
    PaperCallout,
    PaperHeading,
    PaperParagraph,
    ParagraphKind,
    RichText,
    StyledRun,
    Tone,
    flow_blocks,
    runs,
)

FONT = "Arial"
LINE_MM = 8
MARGIN_MM = 22
NUMBERS_MM = 10
GREY, INK = RGBColor(0x50, 0x5A, 0x5F), RGBColor(0x1A, 0x1A, 0x1A)
_SIZES_PT = {1: 20, 2: 15, 3: 12.5, 4: 11.5, 5: 11, 6: 11}
_FILLS = {Tone.NOTE: ("1D4F7C", "EEF3F7"), Tone.WARNING: ("B3261E", "FDF1F0")}


def blank_docx(form: Form, sending: Issuer) -> bytes:
    """The blank form as a Word document (ISO/IEC 29500); the same input gives the same bytes.

    Headings, lists, tables and content controls are Word's own, so that it can be changed there and read aloud. What is
    filled into it is not read back: `fillable_pdf` is for that.
    """
    wording = form.wording
    writer = _Writer(form, sending, wording)
    writer.all(blank_pieces(form, sending, fillable=True, contents=False))
    made = io.BytesIO()
    writer.document.save(made)
    return _same_bytes(made.getvalue(), sending.at)


def _same_bytes(content: bytes, at: datetime) -> bytes:
    """The same package with `at` as the date of each part: Word's libraries put in the moment of writing."""
    moment = at.astimezone(UTC)
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as package,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as again,
    ):
        for name in package.namelist():
            entry = zipfile.ZipInfo(name, (min(max(1980, moment.year), 2107), *moment.timetuple()[1:6]))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            again.writestr(entry, package.read(name))
    return made.getvalue()


class _Writer:
    """Writes pieces into one document."""

    def __init__(self, form: Form, sending: Issuer, wording: Wording) -> None:
        self.wording = wording
        self.document = docx.Document()
        self.controls = Controls(wording.text("blank.type_here"), wording.text("blank.choose"))
        self._set_up(form, sending)

    def _set_up(self, form: Form, sending: Issuer) -> None:
        language = "en-GB" if form.definition.language == "en" else form.definition.language
        about = self.document.core_properties
        about.title, about.author, about.language = clean(form.title), clean(sending.author), language
        about.subject = self.wording.text("blank.title_mark")
        about.last_modified_by, about.comments = clean(sending.author), ""
        about.created = about.modified = sending.at.astimezone(UTC).replace(tzinfo=None)
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(MARGIN_MM)
        section.top_margin = section.bottom_margin = Mm(20)
        styles: Any = self.document.styles
        _style(styles["Normal"], 11, language)
        styles["Normal"].paragraph_format.space_after = Pt(4)
        for level, size_pt in _SIZES_PT.items():
            _style(styles[f"Heading {level}"], size_pt, language)
            styles[f"Heading {level}"].font.italic = False
        for tagged in styles.element.iter(qn("w:lang")):
            tagged.set(qn("w:val"), language)
        section.header.paragraphs[0].text = clean(form.title)
        foot = section.footer.paragraphs[0]
        foot.add_run(clean(self.wording.text("blank.foot", version=form.version)) + "   ")
        words = self.wording.text("paper.page_of", page="\0PAGE\0", pages="\0NUMPAGES\0")
        for number, part in enumerate(words.split("\0")):
            if number % 2:
                _field(foot, part)
            else:
                foot.add_run(part)

    def all(self, pieces: Sequence[BlankPiece]) -> None:
        """Everything, in order."""
        for piece in pieces:
            match piece:
                case PaperQuestion():
                    self._question(piece)
                case QuestionTable():
                    self._question_table(piece)
                case PaperHeading():
                    self._runs(self.document.add_heading(level=piece.level), piece.text)
                case PaperParagraph() | Bullets() | Numbered():
                    self._flow(piece)
                case PaperCallout():
                    self._callout(piece)
                case AnswerTable():
                    self._answers(piece)
                case PageBreak():
                    self.document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
                case _:
                    continue

    # --- text --------------------------------------------------------------------------------------------

    def _runs(self, paragraph: WordParagraph, text: RichText, *, bold: bool = False) -> None:
        for run in runs(text):
            if run.link is not None:
                self._link(paragraph, run)
                continue
            made = paragraph.add_run(clean(run.text))
            made.bold = True if bold or run.bold else None
            made.italic = True if run.emphasis else None

    def _link(self, paragraph: WordParagraph, run: StyledRun) -> None:
        relation = paragraph.part.relate_to(run.link or "", RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), relation)
        made = paragraph.add_run(clean(run.text))
        made.underline = True
        link.append(made._r)  # noqa: SLF001  python-docx has no links to add
        paragraph._p.append(link)  # noqa: SLF001

    def _flow(self, block: FlowBlock) -> list[WordParagraph]:
        """The paragraphs of a block, added to the document."""
        if isinstance(block, PaperParagraph):
            paragraph = self.document.add_paragraph()
            self._runs(paragraph, block.text)
            paragraph.paragraph_format.keep_with_next = block.keep_with_next or None
            if block.kind in {ParagraphKind.MUTED, ParagraphKind.SMALL}:
                for run in paragraph.runs:
                    run.font.color.rgb = GREY
            if block.kind is ParagraphKind.SMALL:
                for run in paragraph.runs:
                    run.font.size = Pt(9.5)
            return [paragraph]
        made = []
        restarted = self._numbering(block.start) if isinstance(block, Numbered) else None
        for item in block.items:
            for at, inner in enumerate(flow_blocks(item)):
                if not isinstance(inner, PaperParagraph):
                    made += self._flow(inner)
                    continue
                style = "List Continue" if at else "List Number" if restarted else "List Bullet"
                paragraph = self.document.add_paragraph(style=style)
                if restarted and not at:
                    _numbered(paragraph, restarted)
                self._runs(paragraph, inner.text)
                made.append(paragraph)
        return made

    def _numbering(self, start: int) -> int:
        """A numbering of its own, so that a list does not go on counting where another ended."""
        numbering: Any = self.document.part.numbering_part.element
        style: Any = self.document.styles["List Number"].element
        known = numbering.num_having_numId(style.pPr.numPr.numId.val)
        made = numbering.add_num(known.abstractNumId.val)
        made.add_lvlOverride(0).add_startOverride(start)
        number: int = made.numId
        return number

    def _callout(self, block: PaperCallout) -> None:
        """Paragraphs with a bar at their left on a tinted ground."""
        bar, fill = _FILLS[block.tone]
        paragraphs = []
        if block.title is not None:
            title = self.document.add_paragraph()
            self._runs(title, block.title, bold=True)
            title.paragraph_format.keep_with_next = True
            paragraphs.append(title)
        for inner in flow_blocks(block.content):
            paragraphs += self._flow(inner)
        for paragraph in paragraphs:
            _set_apart(paragraph, bar, fill)

    def _answers(self, block: AnswerTable) -> None:
        table = self.document.add_table(rows=0, cols=2, style="Table Grid")
        for number, answer in enumerate(block.rows, 1):
            row = table.add_row()
            if answer.room_mm:
                row.height, row.height_rule = Mm(LINE_MM + 2), WD_ROW_HEIGHT_RULE.AT_LEAST
            for cell, content, bold in zip(
                row.cells, (answer.label, answer.value), (True, False), strict=True
            ):
                self._fill(cell, content, bold=bold)
                for paragraph in cell.paragraphs:
                    paragraph.paragraph_format.keep_with_next = number < len(block.rows) or None
        self._after_table()

    def _fill(self, cell: _Cell, content: Content, *, bold: bool = False) -> None:
        for number, block in enumerate(flow_blocks(content)):
            paragraph = cell.add_paragraph() if number else cell.paragraphs[0]
            paragraph.paragraph_format.space_before = Pt(2)
            if isinstance(block, PaperParagraph):
                self._runs(paragraph, block.text, bold=bold)

    def _after_table(self) -> None:
        """A thin paragraph: two tables without anything between them would be one."""
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(2)
        paragraph.paragraph_format.line_spacing = Pt(4)

    # --- questions ---------------------------------------------------------------------------------------

    def _question(self, question: PaperQuestion) -> None:
        space = question.space
        title = f"{question.number}. {question.label}" if question.number else question.label
        description = f"{question.about}: {title}" if question.about else title
        if question.label:
            paragraph = self.document.add_paragraph()
            paragraph.paragraph_format.keep_with_next = True
            paragraph.paragraph_format.space_before = Pt(8)
            if question.number:
                paragraph.add_run(f"{question.number}\u2003").bold = True
            if isinstance(space, OneTick) and not space.statement:
                self.controls.box(paragraph, question.name, description)
                paragraph.add_run(" ")
            paragraph.add_run(clean(question.label)).bold = True
            if question.mark:
                paragraph.add_run(f" {question.mark}")
        helps: list[FlowBlock] = list(flow_blocks(question.hint))
        helps += [PaperParagraph(StyledRun(note, emphasis=True)) for note in question.notes]
        for block in helps:
            for paragraph in self._flow(block):
                paragraph.paragraph_format.keep_with_next = True
        self._room(question, description)

    def _question_table(self, made: QuestionTable) -> None:
        """A row for each item; the head stands again on every page."""
        table = self.document.add_table(rows=1, cols=len(made.columns) + 1, style="Table Grid")
        heads = [made.number_words]
        heads += [
            " ".join(part for part in (question.number, question.label, question.mark) if part)
            for question in made.columns
        ]
        for cell, words in zip(table.rows[0].cells, heads, strict=True):
            self._fill(cell, (PaperParagraph(words),), bold=True)
            for run in cell.paragraphs[0].runs:
                run.font.size = Pt(8.5)
        _repeated(table.rows[0])
        for number, questions in enumerate(made.rows, 1):
            row = table.add_row()
            row.height, row.height_rule = Mm(2 * LINE_MM), WD_ROW_HEIGHT_RULE.AT_LEAST
            _whole(row)
            self._fill(row.cells[0], (PaperParagraph(str(number)),), bold=True)
            for cell, question in zip(row.cells[1:], questions, strict=True):
                self._cell(cell, question)
        self._widths(table, made)
        self._after_table()

    def _cell(self, cell: _Cell, question: PaperQuestion) -> None:
        """The room for one answer in a table."""
        paragraph, space = cell.paragraphs[0], question.space
        paragraph.paragraph_format.space_before = Pt(2)
        description = f"{question.about}: {question.number}. {question.label}"
        match space:
            case Ticks(options):
                for mark, option in zip(letters(space), options, strict=True):
                    self.controls.box(
                        paragraph, f"{question.name}={option.code}", f"{option.label} ({description})"
                    )
                    paragraph.add_run(f"\u00a0{clean(mark)}  ")
            case OneTick():
                self.controls.box(paragraph, question.name, description)
            case FromList(options):
                pairs = [(option.code, option.label) for option in options]
                self.controls.choice(paragraph, question.name, description, pairs)
            case Parts(parts) if len(parts) == 3:
                self.controls.day(paragraph, question.name, description)
            case _:
                self.controls.text(paragraph, question.name, description, lines=True)

    @staticmethod
    def _widths(table: Table, made: QuestionTable) -> None:
        """The numbers narrow, the questions by what their answers need."""
        shares = [units(question.space) for question in made.columns]
        room_mm = 210 - 2 * MARGIN_MM - NUMBERS_MM
        widths = [NUMBERS_MM, *(room_mm * share / sum(shares) for share in shares)]
        table.autofit = False
        for column, width_mm in zip(table.columns, widths, strict=True):
            column.width = Mm(width_mm)
            for cell in column.cells:
                cell.width = Mm(width_mm)

    def _room(self, question: PaperQuestion, description: str) -> None:
        name = question.name
        match question.space:
            case Nothing():
                return
            case OneTick(statement=""):
                return
            case OneTick(code, statement):
                self._ticks(question, Ticks((TickOption(code, statement),)), description)
            case Ticks() as ticks:
                self._ticks(question, ticks, description)
            case FromList(several=True) as found:
                self._ticks(question, Ticks(found.options, several=True), description)
            case FromList(options):
                pairs = [(option.code, option.label) for option in options]
                self.controls.choice(self._box(1), name, description, pairs)
            case Lines(count):
                self.controls.text(self._box(count), name, description, lines=True)
            case Parts(parts) if len(parts) == 3:
                self.controls.day(self._box(1), name, description)
            case SignatureSpace() as signature:
                self._signature(signature)
            case _:
                self.controls.text(self._box(1), name, description)

    def _box(self, lines: int) -> WordParagraph:
        """The paragraph in a new bordered box of at least so many lines."""
        table = self.document.add_table(rows=1, cols=1, style="Table Grid")
        row = table.rows[0]
        row.height, row.height_rule = Mm(lines * LINE_MM), WD_ROW_HEIGHT_RULE.AT_LEAST
        row.cells[0].paragraphs[0].paragraph_format.space_before = Pt(3)
        self._after_table()
        inside: WordParagraph = row.cells[0].paragraphs[0]
        return inside

    def _ticks(self, question: PaperQuestion, ticks: Ticks, description: str) -> None:
        for number, option in enumerate(ticks.options, 1):
            paragraph = self.document.add_paragraph(style=None if ticks.boxed else "List Bullet")
            paragraph.paragraph_format.space_after = Pt(2)
            if ticks.boxed:
                paragraph.paragraph_format.keep_with_next = number < len(ticks.options) or None
                paragraph.paragraph_format.left_indent = Mm(10)
                name = f"{question.name}={option.code}" if question.name else ""
                self.controls.box(paragraph, name, f"{option.label} ({description})")
                paragraph.add_run(" ")
            paragraph.add_run(clean(option.label))
            if option.go:
                paragraph.add_run(f" \u2013 {clean(option.go)}").bold = True
            if option.hint:
                hint = paragraph.add_run(f"\n{clean(option.hint)}")
                hint.font.color.rgb = GREY

    def _signature(self, signature: SignatureSpace) -> None:
        table = self.document.add_table(rows=3, cols=2, style="Table Grid")
        table.autofit = False
        rows = ((self.wording.text("paper.signature"), 16), (signature.name, 10), (signature.date, 10))
        for row, (words, height_mm) in zip(table.rows, rows, strict=True):
            row.height, row.height_rule = Mm(height_mm), WD_ROW_HEIGHT_RULE.AT_LEAST
            label = row.cells[0].paragraphs[0]
            label.add_run(clean(words)).bold = True
            label.paragraph_format.space_before = Pt(2)
            label.paragraph_format.keep_with_next = True
            row.cells[0].width, row.cells[1].width = Mm(36), Mm(130)
        self._after_table()


def _style(style: Any, size_pt: float, language: str) -> None:  # noqa: ANN401 - python-docx has no types for it
    """Type of one kind throughout, and the language it is read aloud in."""
    style.font.name, style.font.size, style.font.color.rgb = FONT, Pt(size_pt), INK
    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(theme), None)
    for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(script), FONT)
    tag = OxmlElement("w:lang")
    tag.set(qn("w:val"), language)
    properties.append(tag)


def _field(paragraph: WordParagraph, code: str) -> None:
    """A number that Word works out, such as the page's."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run = paragraph.add_run("1")
    field.append(run._r)  # noqa: SLF001  python-docx has no fields
    paragraph._p.append(field)  # noqa: SLF001


def _repeated(row: _Row) -> None:
    """Have Word draw the row again at the top of each page that its table goes on to."""
    properties: Any = row._tr.get_or_add_trPr()  # noqa: SLF001  python-docx has no heads of tables
    properties.append(OxmlElement("w:tblHeader"))


def _whole(row: _Row) -> None:
    """Have Word keep the row on one page."""
    properties: Any = row._tr.get_or_add_trPr()  # noqa: SLF001  as above
    properties.insert(0, OxmlElement("w:cantSplit"))


def _numbered(paragraph: WordParagraph, number: int) -> None:
    properties: Any = paragraph._p.get_or_add_pPr().get_or_add_numPr()  # noqa: SLF001  as above
    properties.get_or_add_ilvl().val = 0
    properties.get_or_add_numId().val = number


def _set_apart(paragraph: WordParagraph, bar: str, fill: str) -> None:
    properties: Any = paragraph._p.get_or_add_pPr()  # noqa: SLF001  as above
    borders, left, ground = OxmlElement("w:pBdr"), OxmlElement("w:left"), OxmlElement("w:shd")
    for key, value in (("val", "single"), ("sz", "36"), ("space", "6"), ("color", bar)):
        left.set(qn(f"w:{key}"), value)
    borders.append(left)
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", fill)):
        ground.set(qn(f"w:{key}"), value)
    after = ("w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr", "w:sectPr")
    following = next((child for child in properties if child.tag in {qn(name) for name in after}), None)
    for element in (borders, ground):
        if following is None:
            properties.append(element)
        else:
            following.addprevious(element)
