"""Coming back to check answers after a change: by way of the questions that the change opened, if any."""

from __future__ import annotations

from dataclasses import dataclass, replace

from formengine.form.state import State
from formengine.service.drafts.step import Step, step_asking

_FROM_ANSWERS, _FROM_LIST = "answers", "list"
# More names than this make an address too long; then nothing counts as opened, and check answers tells what is missing.
_MOST_SIGNS = 1500
_TOO_MANY = "."


@dataclass(frozen=True, slots=True)
class Return:
    """The way back of somebody who pressed Change on check answers.

    unfinished: the names of the steps that had errors at that moment, so that only what the change opened comes
    between; None for not known yet. through_list: an entry was opened from the page of its list, and leads back there.
    """

    unfinished: frozenset[str] | None = None
    through_list: bool = False

    @property
    def text(self) -> str:
        """It as text that `return_of` reads."""
        way = _FROM_LIST if self.through_list else _FROM_ANSWERS
        if self.unfinished is None:
            return way
        names = "~".join(sorted(self.unfinished))
        return f"{way}~{names if len(names) <= _MOST_SIGNS else _TOO_MANY}"

    def drawn_from(self, state: State) -> Return:
        """The same, with the steps that are unfinished in `state` where those are not known yet."""
        return self if self.unfinished is not None else replace(self, unfinished=unfinished_steps(state))


def return_of(text: str) -> Return | None:
    """The way back that `Return.text` wrote; None for any other text."""
    way, known, names = text.partition("~")
    if way not in {_FROM_ANSWERS, _FROM_LIST}:
        return None
    return Return(frozenset(filter(None, names.split("~"))) if known else None, way == _FROM_LIST)


def unfinished_steps(state: State) -> frozenset[str]:
    """The names of the steps that have errors, the submit page's aside."""
    return frozenset(step.name for step in _steps_with_errors(state))


def step_back(step: Step, state: State, way: Return) -> tuple[Step | None, Return | None]:
    """The step after this one on the way back, and the way from there; None and None for check answers.

    First come further pages of the same entry that the change opened, then the list through which an entry was
    reached, then whatever else the change opened.
    """
    known = way.unfinished or frozenset()
    opened = [
        each
        for each in _steps_with_errors(state)
        if each.name not in known and each.name != step.name and _TOO_MANY not in known
    ]
    if step.repeat:
        of_entry = [each for each in opened if (each.repeat, each.item) == (step.repeat, step.item)]
        if of_entry:
            return of_entry[0], way
        if way.through_list:
            return Step(step.page), replace(way, through_list=False)
    return (opened[0], replace(way, through_list=False)) if opened else (None, None)


def _steps_with_errors(state: State) -> list[Step]:
    pages = {page.id for page in state.form.pages}
    found = [step_asking(error, state) for error in state.errors.values() if error.page in pages]
    return list(dict.fromkeys(found))
