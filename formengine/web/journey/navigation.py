"""Where each button of a page leads."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from formengine.form.state import State
from formengine.output.html.journey import TOOLBAR
from formengine.service.drafts.navigation import GOING_ON, next_step
from formengine.service.drafts.returning import Return, step_back
from formengine.service.drafts.step import CHECK_ANSWERS, NEW, Step
from formengine.web.addresses import REMOVE_ENDING, address_of, address_of_kept
from formengine.web.journey.address_lookup import FIND, FIND_QUERY, RESET, USE
from formengine.web.journey.uploads import REMOVE

_TOOLS = {tool.action: tool.href for tool in TOOLBAR}


# In an address: the way back to check answers, as `formengine.service.drafts.returning.Return` writes it.
FROM = "from"
# In an address: the id of the entry that was added, or saved, just now; and the id of the element that says so.
ADDED, SAVED, NOTICE = "added", "saved", "notice"
# What Change on check answers adds to the address of a page.
CHANGE_QUERY = f"?{FROM}={Return().text}"


def with_way_back(address: str, way: Return | None) -> str:
    """The address with the way back to check answers in it; as it is for None."""
    if way is None:
        return address
    before, sign, fragment = address.partition("#")
    return f"{before}{'&' if '?' in before else '?'}{FROM}={quote(way.text)}{sign}{fragment}"


def with_notice(address: str, step: Step, *, added: bool) -> str:
    """The address of a list, or of its next new entry, with what says that the entry at the step was added or saved.

    Any other address as it is.
    """
    before = address.partition("#")[0]
    if before.partition("?")[0] not in {address_of(Step(step.page)), f"{step.repeat}.{NEW}"}:
        return address
    word = ADDED if added else SAVED
    return f"{before}{'&' if '?' in before else '?'}{word}={quote(step.item)}#{NOTICE}"


def leads_back_to(action: str, step: Step, state: State, way: Return) -> str:
    """As `leads_to`, for somebody on the way back to check answers: what goes on leads there.

    Buttons that stay on the page or are about an entry of its list keep the way; those that lead elsewhere give it up.
    """
    verb = action.partition(":")[0]
    if verb in GOING_ON:
        if verb == "save_and_add" and step.repeat:
            return with_way_back(leads_to(action, step, state), replace(way, through_list=True))
        to, on = step_back(step, state, way)
        return address_of_kept(CHECK_ANSWERS) if to is None else with_way_back(address_of(to), on)
    address = leads_to(action, step, state)
    if verb in {"add", "change"} and not step.repeat:
        on_page = address.partition("#")[0] == address_of(step)
        return with_way_back(address, way if on_page else replace(way, through_list=True))
    if verb in {FIND, USE, RESET, REMOVE, "remove"} or action == f"page:{step.page}":
        return with_way_back(address, way)
    return address


def leads_to(action: str, step: Step, state: State) -> str:
    """The name, within the draft, of the page where the button leads: ``child``, ``children.new``, ``save-for-later``.

    action: the button's value, see `next_step`. An unknown one leads to the same page again.
    """
    verb, _, about = action.partition(":")
    here = address_of(step)
    if verb in _TOOLS:
        return _TOOLS[verb]
    if verb == "index":
        return ""
    if verb in {FIND, USE, RESET, REMOVE}:
        return _helped(verb, about, here)
    if verb == "remove":
        return f"{about}{REMOVE_ENDING}" if _is_there(about, state) else here
    to = next_step(action, step, state)
    if to is None:
        return address_of_kept(CHECK_ANSWERS)
    if verb == "add" and to == step and about in state.form.repeats:
        return f"{here}#{about}.{NEW}"
    if verb in GOING_ON and step.repeat and not to.repeat:
        return f"{address_of(to)}#{step.repeat}"
    return address_of(to)


def _helped(verb: str, about: str, here: str) -> str:
    """The same page, at the question that a button of its own is about: an address, a file."""
    path = quote(about.partition(":")[0], safe="")
    return f"{here}?{FIND_QUERY}={path}#{path}-search" if verb == FIND else f"{here}#{path}"


def _is_there(about: str, state: State) -> bool:
    """Whether the button is about an item that counts."""
    repeat, _, item_id = about.rpartition(".")
    return repeat in state.form.repeats and state.item(repeat, item_id) is not None
