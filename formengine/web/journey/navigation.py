"""Where each button of a page leads."""

from __future__ import annotations

from urllib.parse import quote

from formengine.form.state import State
from formengine.output.html.journey import TOOLBAR
from formengine.service.drafts.navigation import GOING_ON, next_step
from formengine.service.drafts.step import CHECK_ANSWERS, NEW, Step
from formengine.web.addresses import REMOVE_ENDING, address_of, address_of_kept
from formengine.web.journey.address_lookup import FIND, FIND_QUERY, RESET, USE
from formengine.web.journey.uploads import REMOVE

_TOOLS = {tool.action: tool.href for tool in TOOLBAR}


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
