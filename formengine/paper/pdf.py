"""The PDF of a form's answers: what people keep, and what carries its own data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from formengine.fields.base import Json
from formengine.packs import Wording
from formengine.paper.answers import AnswerBlocks
from formengine.paper.blocks import (
    Answer,
    Answers,
    Block,
    Bullets,
    Callout,
    FlowBlock,
    Heading,
    Paragraph,
    Tone,
)
from formengine.paper.fonts import Fonts, find_fonts
from formengine.paper.look import Look, find_look
from formengine.paper.tagged import About, Attachment, Furniture, Written, write
from formengine.state import State

DATA_FILE = "answers.json"


@dataclass(frozen=True, slots=True)
class Copy:
    """What a copy says besides the answers: who issues it, when it was made, the reference ("" when there is none)."""

    author: str
    at: datetime
    reference: str = ""


def answers_pdf(state: State, copy: Copy, *, fonts: Fonts | None = None, look: Look | None = None) -> Written:
    """The PDF of everything that counts in `state`; the same input gives the same bytes.

    It claims PDF/UA-1 and PDF/A-3A and carries the data as ``answers.json``: the envelope ``submission/1`` when the
    state can be sent, else ``draft/1``, the answers so far. A draft says on each page that it is one, and beside each
    question what is to be put right. Answers that do not count stand neither on the pages nor in the data.
    """
    form = state.form
    wording = Wording(form.definition.language)
    look = look or find_look()
    drawing = AnswerBlocks(state, wording, look)
    answers = list(drawing.pages())
    about = About(form.title, copy.author, _language(form.definition.language), copy.at)
    furniture = Furniture(
        head_left=form.title,
        head_right=" \u00b7 ".join(part for part in (copy.reference, _mark(state, wording)) if part),
        foot_left=wording.text("paper.made", at=_moment(copy.at, wording)),
        page_of=wording.text("paper.page_of", page="{page}", pages="{pages}"),
        continued=wording.text("paper.continued"),
    )
    return write(
        [*_front(state, copy, drawing), *answers],
        about,
        fonts or find_fonts(),
        furniture=furniture,
        look=look,
        attachments=(_data(state, copy, wording),),
    )


def _front(state: State, copy: Copy, drawing: AnswerBlocks) -> Iterator[Block]:
    """The title, what the document is, and what must be known before it is read; drawn when all else has been."""
    form, wording = state.form, drawing.wording
    yield Heading(form.title, 1)
    rows = []
    if copy.reference:
        rows.append(Answer(wording.text("paper.reference"), copy.reference))
    rows.append(Answer(wording.text("paper.made_label"), _moment(copy.at, wording)))
    rows.append(Answer(wording.text("paper.version"), form.version))
    yield Answers(rows)
    if not state.complete:
        said: list[FlowBlock] = [Paragraph(wording.text("paper.draft_text", number=len(state.errors)))]
        elsewhere = [error for path, error in state.errors.items() if path not in drawing.told]
        if elsewhere:
            said.append(Bullets([wording.words(error) for error in elsewhere]))
        yield Callout(said, title=wording.text("paper.draft"), tone=Tone.WARNING)
    if _is_urgent(state):
        yield Callout(
            wording.text("paper.urgent_text"), title=wording.text("paper.urgent"), tone=Tone.WARNING
        )


def _mark(state: State, wording: Wording) -> str:
    """What every page says at its head, so that no page alone is taken for something else."""
    if not state.complete:
        return wording.text("paper.draft_mark")
    return wording.text("paper.urgent") if _is_urgent(state) else ""


def _is_urgent(state: State) -> bool:
    """Whether the request is urgent; in a draft only when it says so, since nothing is known of most drafts yet."""
    condition = state.form.urgent_if
    if condition is None or state.complete:
        return state.urgent
    run = state.run()
    return condition.test(run.values, None, run.today) is True


def _data(state: State, copy: Copy, wording: Wording) -> Attachment:
    data: Json
    if state.complete:
        data = state.submission(at=copy.at.isoformat(), reference=copy.reference)
    else:
        data = {
            "format": "draft/1",
            "form": state.form.id,
            "version": state.form.version,
            "digest": state.form.digest,
            "on": state.on.isoformat(),
            "answers": dict(state.answers),
        }
    # Half of a character has no UTF-8; backslashes make of it the escape that JSON has for it.
    text = json.dumps(data, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace")
    return Attachment(DATA_FILE, text, "application/json", wording.text("paper.data"))


def _moment(at: datetime, wording: Wording) -> str:
    day = wording.text(
        "dates.day", day=str(at.day), month=wording.text(f"dates.months.{at.month}"), year=str(at.year)
    )
    return wording.text("paper.moment", day=day, time=f"{at:%H:%M}")


def _language(language: str) -> str:
    """The document's language tag: English forms are British."""
    return "en-GB" if language == "en" else language
