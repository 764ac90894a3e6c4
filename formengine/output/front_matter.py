"""The front matter of a copy, whatever it is written as: what it is, whose, of when, and how complete."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from formengine.form.state.state import State
from formengine.language.words import Wording
from formengine.language.words.moments import moment_text


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement that must be read before the rest: a title and a sentence."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The front of a copy, in words.

    title: the form's. audience: the copy's name and that it is not the whole, None for the whole. rows: pairs of label
    and text, such as the date and the reference. draft and urgent: None where it is neither. mark: the words to repeat
    on every page, "" for none. made: when, in a few words, "" where that is not known.
    """

    title: str
    author: str
    audience: Statement | None
    rows: tuple[tuple[str, str], ...]
    draft: Statement | None
    urgent: Statement | None
    mark: str
    made: str

    @property
    def full_title(self) -> str:
        """The title with whose copy it is."""
        return f"{self.title} - {self.audience.title}" if self.audience is not None else self.title


def is_sent(state: State, reference: str) -> bool:
    """Whether a copy is of something that was sent: it has its reference, and nothing is to be put right."""
    return bool(reference) and state.complete


def front_matter(
    state: State, wording: Wording, *, author: str = "", at: datetime | None = None, reference: str = ""
) -> FrontMatter:
    """The front of a copy of `state`, which may be an audience's (`formengine.form.state.copy_for`).

    author: who issues it, "" to leave it out. at: when it was made or, for what was sent, when that was; None to leave
    it out. reference: that of what was sent, "" for a draft.
    """
    sent = is_sent(state, reference)
    urgency = _urgency(state, sent=sent)
    not_sent = wording.text("paper.not_sent")
    rows = [(wording.text("paper.reference"), reference or not_sent)]
    made = ""
    if at is not None:
        moment = moment_text(at, wording)
        rows.append((wording.text("paper.sent_label" if sent else "paper.made_label"), moment))
        made = wording.text("paper.sent" if sent else "paper.made", at=moment)
    if urgency:
        rows.append((wording.text("paper.urgency"), wording.text(f"paper.{urgency}")))
    rows.append((wording.text("paper.version"), state.form.version))
    audience = None
    if state.audience:
        name = state.form.definition.audiences[state.audience]
        audience = Statement(name, wording.text("paper.audience_text"))
    urgent = None
    if urgency == "urgent":
        urgent = Statement(wording.text("paper.urgent"), wording.text("paper.urgent_text"))
    marks = (
        reference,
        audience.title if audience is not None else "",
        "" if sent else wording.text("paper.draft_mark"),
        urgent.title if urgent is not None else "",
    )
    return FrontMatter(
        title=state.form.title,
        author=author,
        audience=audience,
        rows=tuple(rows),
        draft=None if sent else Statement(not_sent, _how_far(state, wording)),
        urgent=urgent,
        mark=" \u00b7 ".join(part for part in marks if part),
        made=made,
    )


def _how_far(state: State, wording: Wording) -> str:
    """How far a draft is from being sent, as a sentence; errors in what the audience does not see are not counted."""
    if state.complete:
        return wording.text("paper.draft_complete")
    if not state.errors:
        return wording.text("paper.draft_unfinished")
    return wording.text("paper.draft_text", number=len(state.errors))


def _urgency(state: State, *, sent: bool) -> str:
    """The key of the word for how urgent it is, "" for a form, or a copy, that knows no urgency.

    A draft in which urgency is not answered yet gives "", since that is unknown; what was sent without an answer counts
    as urgent.
    """
    condition = state.form.urgent_if
    if condition is None:
        return ""
    if sent:
        return "urgent" if state.urgent else "standard"
    run = state.run()
    known = {True: "urgent", False: "standard", None: "urgency_unknown"}
    return known[condition.test(run.values, None, run.today)]
