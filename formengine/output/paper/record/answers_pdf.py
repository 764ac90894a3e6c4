"""The PDF of a form's answers: what people keep, and what carries its own data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from formengine.form.state import State, copy_for
from formengine.language.words import Wording
from formengine.output.front_matter import FrontMatter, front_matter
from formengine.output.paper.record.answer_blocks import AnswerBlocks
from formengine.output.paper.record.attachments import AttachedFile, Listed, Sign, carried_files, listed_files
from formengine.output.paper.tagged.blocks import (
    Answer,
    AnswerTable,
    Bullets,
    Content,
    DataTable,
    FlowBlock,
    PaperBlock,
    PaperCallout,
    PaperHeading,
    PaperParagraph,
    ParagraphKind,
    StyledRun,
    TableOfContents,
    Tone,
)
from formengine.output.paper.tagged.document import Attachment, DocumentInfo, Furniture, Written, write
from formengine.output.paper.tagged.fonts import Fonts, find_fonts
from formengine.output.paper.tagged.style import PaperStyle, find_style

# With fewer pages than this the contents would only repeat what one sees at a glance.
FEWEST_IN_CONTENTS = 4
BYTES_PER_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Copy:
    """What a copy says besides the answers, and whose it is.

    author: who issues it. at: when it was made or, for what was sent, when that was; with its time zone. reference:
    that of what was sent, "" for a draft. audience: whose copy it is, one of the form's `audiences`, "" for the whole.
    attachments: the uploaded files; those with content are embedded, and the rest is only listed, as is every file that
    an answer names and that is not here.
    """

    author: str
    at: datetime
    reference: str = ""
    audience: str = ""
    attachments: tuple[AttachedFile, ...] = ()


def answers_pdf(
    state: State,
    copy: Copy,
    *,
    fonts: Fonts | None = None,
    style: PaperStyle | None = None,
    sign: Sign | None = None,
) -> Written:
    """The PDF of everything that counts in `state` and that the copy's audience may see; same input, same bytes.

    It claims PDF/UA-1 and PDF/A-3A and carries the data (`formengine.output.paper.record.attachments`), signed by
    `sign` where it is given. A draft says on each page that it is one, and beside each question what is to be put
    right. Answers that do not count do not stand on the pages. Raises `formengine.form.state.UnknownAudienceError`.
    """
    state = copy_for(state, copy.audience)
    form = state.form
    wording = form.wording
    style = style or find_style()
    blocks = AnswerBlocks(state, wording, style)
    files = listed_files(state, copy.attachments)
    answers = [*blocks.pages(), *_files(files, wording)]
    front = front_matter(state, wording, author=copy.author, at=copy.at, reference=copy.reference)
    about = DocumentInfo(front.full_title, copy.author, _language(form.definition.language), copy.at)
    carried = carried_files(state, files, wording, at=copy.at, reference=copy.reference, sign=sign)
    return write(
        [*_front(front, blocks), *_contents(answers, wording), *answers],
        about,
        fonts or find_fonts(),
        furniture=Furniture(
            head_left=form.title,
            head_right=front.mark,
            foot_left=front.made,
            page_of=wording.text("paper.page_of", page="{page}", pages="{pages}"),
            continued=wording.text("paper.continued"),
        ),
        style=style,
        attachments=[
            Attachment(file.name, file.content, file.media_type, file.description, file.relationship)
            for file in carried
        ],
    )


def _front(front: FrontMatter, answers: AnswerBlocks) -> Iterator[PaperBlock]:
    """The title, what the document is, and what must be known before it is read; drawn when all else has been."""
    if front.author:
        yield PaperParagraph(front.author, kind=ParagraphKind.MUTED, keep_with_next=True)
    yield PaperHeading(front.title, 1)
    if front.audience is not None:
        yield PaperParagraph((StyledRun(front.audience.title, bold=True),), kind=ParagraphKind.LEAD)
        yield PaperParagraph(front.audience.text)
    yield AnswerTable([Answer(label, value) for label, value in front.rows])
    if front.draft is not None:
        parts: list[FlowBlock] = [PaperParagraph(front.draft.text)]
        elsewhere = [error for path, error in answers.errors.items() if path not in answers.reported]
        if elsewhere:
            parts.append(Bullets([answers.wording.words(error) for error in elsewhere]))
        tone = Tone.NOTE if answers.state.complete else Tone.WARNING
        yield PaperCallout(parts, title=front.draft.title, tone=tone)
    if front.urgent is not None:
        yield PaperCallout(front.urgent.text, title=front.urgent.title, tone=Tone.WARNING)


def _contents(answers: Sequence[PaperBlock], wording: Wording) -> Iterator[PaperBlock]:
    pages = [block for block in answers if isinstance(block, PaperHeading) and block.level == 2]
    if len(pages) >= FEWEST_IN_CONTENTS:
        yield PaperHeading(wording.text("paper.contents"), 2, bookmark=False)
        yield TableOfContents(wording.text("paper.contents_link", title="{title}", page="{page}"))


def _files(files: Sequence[Listed], wording: Wording) -> Iterator[PaperBlock]:
    """The uploaded files as a table; where any is embedded, under which name."""
    if not files:
        return
    heads = ["file", "asked_for", "size"]
    embedded = any(file.embedded is not None for file in files)
    if embedded:
        heads.append("embedded")
    rows: list[Sequence[Content]] = []
    for file in files:
        row: list[Content] = [file.name, file.question, _size(file.size, wording)]
        if embedded:
            row.append(file.embedded or wording.text("paper.not_embedded"))
        rows.append(row)
    title = wording.text("paper.files")
    yield PaperHeading(title, 2)
    shares = (4, 4, 1.5, 4) if embedded else (5, 5, 1.5)
    yield DataTable([wording.text(f"paper.files_{head}") for head in heads], rows, shares, about=title)


def _size(size: int, wording: Wording) -> str:
    if size < BYTES_PER_MB:
        return wording.text("paper.kilobytes", number=-(-size // 1000))
    return wording.text("paper.megabytes", number=f"{size / BYTES_PER_MB:.1f}")


def _language(language: str) -> str:
    """The document's language tag: English forms are British."""
    return "en-GB" if language == "en" else language
