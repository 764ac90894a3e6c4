"""Where each button of a page leads."""

from __future__ import annotations

from urllib.parse import quote

from formengine.form.actions import next_page
from formengine.form.state import State
from formengine.output.html.journey import TOOLBAR
from formengine.output.html.links import Links
from formengine.service.drafts.page_posts import GOING_ON
from formengine.service.drafts.step import NEW, Step
from formengine.web.journey.address_lookup import FIND, FIND_QUERY, RESET, USE
from formengine.web.journey.links import address_of
from formengine.web.journey.uploads import REMOVE

_TOOLS = {tool.move: tool.href for tool in TOOLBAR}


def leads_to(move: str, place: Step, state: State, links: Links) -> str:
    """The name, within the draft, of the page where the button leads: ``child``, ``children.new``, ``save-for-later``.

    move: the action, the button's value, such as ``page:plot``, ``add:children``, ``change:children.i1``. An unknown
    one leads to the same page again.
    """
    verb, _, about = move.partition(":")
    here = address_of(place)
    if verb in _TOOLS:
        return _TOOLS[verb]
    if verb == "page":
        return links.page(about) if state.form.page(about) is not None else here
    if verb == "index":
        return ""
    if verb == "check_answers":
        return links.check_answers
    if verb == "add" and about in state.form.repeats:
        table = state.form.repeats[about].spec.layout == "table"
        return f"{here}#{about}.{NEW}" if table else links.item(about, NEW)
    if verb in {"change", "remove"}:
        return _item(verb, about, state, links) or here
    if verb in GOING_ON:
        return after(place, state, links)
    return _helped(verb, about, here)


def after(place: Step, state: State, links: Links) -> str:
    """The name of what comes after a step: the item's next page, its list, the form's next page, or check answers."""
    if place.repeat:
        item = state.item(place.repeat, place.item)
        pages = [page.id for page in item.pages] if item is not None else []
        turn = pages.index(place.item_page) + 1 if place.item_page in pages else len(pages)
        if turn < len(pages):
            return links.item(place.repeat, place.item, pages[turn])
        return f"{links.page(place.page)}#{place.repeat}"
    following = next_page(state, place.page)
    return links.check_answers if following in {None, "submit"} else links.page(str(following))


def kept_place(name: str) -> str:
    """The step to record for where somebody goes: a page's name without fragment; "" for tools, which are no step."""
    plain = name.partition("#")[0].partition("?")[0]
    return "" if plain in _TOOLS.values() else plain


def _helped(verb: str, about: str, here: str) -> str:
    """The same page, at the question that a button of its own is about: an address, a file."""
    path = quote(about.partition(":")[0], safe="")
    if verb == FIND:
        return f"{here}?{FIND_QUERY}={path}#{path}-search"
    return f"{here}#{path}" if verb in {USE, RESET, REMOVE} else here


def _item(verb: str, about: str, state: State, links: Links) -> str:
    repeat, _, item_id = about.rpartition(".")
    if repeat not in state.form.repeats:
        return ""
    item = state.item(repeat, item_id)
    if item is None:
        return ""
    if verb == "remove":
        return links.remove(repeat, item_id)
    return links.item(repeat, item_id, item.pages[0].id if item.pages else "")
