"""Which step of a draft the buttons of a page lead to."""

from __future__ import annotations

from formengine.form.actions import Outcome, next_page
from formengine.form.state import State
from formengine.service.drafts.step import CHECK_ANSWERS, NEW, Step

# Buttons that go on, and so need the page to be without errors.
GOING_ON = frozenset({"next", "submit", "save_item", "save_and_add"})


def next_step(action: str, step: Step, state: State) -> Step | None:
    """The step that the button leads to from this one; None for checking all answers.

    action: the button's value, such as ``page:plot``, ``add:children``, ``change:children.i1``. What leads to
    no other step, such as a tool, gives the step itself.
    """
    verb, _, about = action.partition(":")
    if verb == "save_and_add" and step.repeat:
        after = _after(step, state)
        return after if after is None or after.repeat else Step(step.page, step.repeat, NEW, new=True)
    if verb in GOING_ON:
        return _after(step, state)
    if verb == "check_answers":
        return None
    if verb == "page" and state.form.page(about) is not None:
        return Step(about)
    if verb == "add" and about in state.form.repeats:
        repeat = state.form.repeats[about]
        return step if repeat.spec.layout == "table" else Step(repeat.page, about, NEW, new=True)
    if verb == "change":
        return _item(about, state) or step
    return step


def must_stay(outcome: Outcome, action: str, *, advised: bool = False) -> bool:
    """Whether the button goes on, while the page has errors, or advice that nobody has seen yet (`advised`)."""
    return action in GOING_ON and (advised or not outcome.may_go_on)


def kept_step(outcome: Outcome, action: str, step: Step) -> str:
    """The step to record for the person who left their page: a step's name, or `CHECK_ANSWERS`."""
    to = step if must_stay(outcome, action) else next_step(action, step, outcome.state)
    return CHECK_ANSWERS if to is None else to.name


def _after(step: Step, state: State) -> Step | None:
    """What comes after a step: the item's next page, its list, the form's next page, or checking all answers."""
    if not step.repeat:
        following = next_page(state, step.page)
        return None if following is None or following == "submit" else Step(following)
    item = state.item(step.repeat, step.item)
    pages = [page.id for page in item.pages] if item is not None else []
    turn = pages.index(step.item_page) + 1 if step.item_page in pages else len(pages)
    return Step(step.page, step.repeat, step.item, pages[turn]) if turn < len(pages) else Step(step.page)


def _item(about: str, state: State) -> Step | None:
    """An item's first page; None where it is not there or does not count."""
    repeat, _, item_id = about.rpartition(".")
    item = state.item(repeat, item_id) if repeat in state.form.repeats else None
    if item is None:
        return None
    return Step(state.form.repeats[repeat].page, repeat, item_id, item.pages[0].id if item.pages else "")
