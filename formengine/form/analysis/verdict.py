"""What a new version does to drafts that are open: whose answers carry over, get lost, are missing or wrong now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from formengine.form.actions.drafts import Answers
from formengine.form.actions.import_answers import import_answers
from formengine.form.analysis.form_diff import renamed_paths
from formengine.form.plan import Form
from formengine.form.state import FieldError, evaluate

# safe: every draft carries over. asks: somebody must answer or mend something. loses: an answer is lost.
VerdictOutcome = Literal["safe", "asks", "loses"]


@dataclass(frozen=True, slots=True)
class DraftVerdict:
    """What becomes of one draft. lost: the questions whose answers are lost; missing and wrong: that must be mended."""

    lost: tuple[str, ...]
    missing: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Whether the draft carries over as it is."""
        return not (self.lost or self.missing or self.wrong)


@dataclass(slots=True)
class Verdict:
    """What becomes of all drafts that were judged. The counters hold, by the question, how many drafts it concerns."""

    drafts: int = 0
    clean: int = 0
    losing: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)

    @property
    def outcome(self) -> VerdictOutcome:
        """The verdict in a word."""
        return "loses" if self.losing else "safe" if self.clean == self.drafts else "asks"

    def add(self, one: DraftVerdict) -> None:
        """Count one more draft."""
        self.drafts += 1
        self.clean += one.is_clean
        self.losing += bool(one.lost)
        self.lost.update(set(one.lost))
        self.missing.update(set(one.missing))
        self.wrong.update(set(one.wrong))

    def sentences(self) -> list[str]:
        """The verdict in sentences, what is lost first."""
        if not self.drafts:
            return ["No draft is open."]
        open_ = "1 draft is open" if self.drafts == 1 else f"{self.drafts:,} drafts are open"
        if self.clean == self.drafts:
            said = [
                f"{open_}. {'It carries over as it is' if self.drafts == 1 else 'All carry over as they are'}."
            ]
        else:
            kept = f"{self.clean:,} of them carry over as they are"
            if self.clean == 1:
                kept = "1 of them carries over as it is"
            said = [f"{open_}. {kept}."]
        for counter, one, more in (
            (self.lost, "loses the answer to", "lose the answer to"),
            (self.missing, "must answer", "must answer"),
            (self.wrong, "must mend the answer to", "must mend the answer to"),
        ):
            said += [
                f"{number:,} {one if number == 1 else more} “{name}”."
                for name, number in counter.most_common()
            ]
        return said


def judge_drafts(drafts: Iterable[tuple[Form, Answers]], after: Form, *, on: date) -> Verdict:
    """What becomes of these drafts, each with the form it was begun with, where `after` takes its place."""
    verdict = Verdict()
    known: dict[str, dict[str, str]] = {}
    for before, answers in drafts:
        if before.digest not in known:
            known[before.digest] = renamed_paths(before, after)
        verdict.add(judge_draft(before, answers, after, on=on, renamed=known[before.digest]))
    return verdict


def judge_draft(
    before: Form, answers: Answers, after: Form, *, on: date, renamed: Mapping[str, str] | None = None
) -> DraftVerdict:
    """What becomes of one draft: nothing of it is changed, and what was wrong before is not counted.

    renamed: what `renamed_paths` returns for the two forms, where it is known.
    """
    if before.digest == after.digest:
        return DraftVerdict((), (), ())
    now = import_answers(after, answers, new_item=_no_item, was=before, whole=True)
    # What does not fit its own form any more has nothing to do with the new one.
    known = {
        (each.question, each.text)
        for each in import_answers(before, answers, new_item=_no_item, whole=True).leftovers
    }
    unfit = [each for each in now.leftovers if (each.question, each.text) not in known]
    lost = tuple(each.question for each in unfit if each.why == "no_question")
    back = renamed_paths(before, after) if renamed is None else renamed
    old_errors = evaluate(before, answers, on=on).errors
    new = [
        error
        for path, error in evaluate(after, now.draft, on=on).errors.items()
        if _path_before(path, after, back) not in old_errors
    ]
    return DraftVerdict(
        lost,
        tuple(dict.fromkeys(_called(each) for each in new if each.rule == "required")),
        tuple(dict.fromkeys(_called(each) for each in new if each.rule != "required")),
    )


def _called(error: FieldError) -> str:
    return error.name or error.path


def _no_item() -> str:
    return "i0"


def _path_before(path: str, after: Form, back: Mapping[str, str]) -> str:
    """The path that an answer had before; of an item's, with the item's id."""
    for repeat in after.repeats:
        if path.startswith(f"{repeat}."):
            item, _, key = path.removeprefix(f"{repeat}.").partition(".")
            list_before = back.get(repeat, repeat)
            earlier = back.get(f"{repeat}.{key}", f"{list_before}.{key}").removeprefix(f"{list_before}.")
            return f"{list_before}.{item}.{earlier}" if key else f"{list_before}.{item}"
    return back.get(path, path)


def lines_of(verdict: Verdict) -> Iterator[str]:
    """The verdict for a terminal: its word, then its sentences."""
    words = {"safe": "Safe", "asks": "Some must answer again", "loses": "Answers are lost"}
    yield f"{words[verdict.outcome]}: {verdict.sentences()[0]}"
    yield from (f"  {sentence}" for sentence in verdict.sentences()[1:])
