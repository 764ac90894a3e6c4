"""Where the links of pages lead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from formengine.form.actions import next_page
from formengine.form.state import State
from formengine.output.html.menu import pages_to_fill_in


class Links(Protocol):
    """The addresses of a form's pages, relative to one another.

    posts: whether pages send what is entered: then their buttons submit; else they are links and nothing is sent.
    """

    @property
    def posts(self) -> bool:
        """Whether pages send what is entered."""

    @property
    def index(self) -> str:
        """The first page: what the form is, and its menu or task list."""

    @property
    def check_answers(self) -> str:
        """Check your answers."""

    @property
    def confirmation(self) -> str:
        """The page after sending."""

    def page(self, page_id: str) -> str:
        """A page."""

    def item(self, repeat: str, item_id: str, page_id: str = "") -> str:
        """The page of one item of the list at `repeat`, "new" for one to add; a page of it, where it has pages."""

    def remove(self, repeat: str, item_id: str) -> str:
        """The question whether to remove an item."""

    def asset(self, name: str) -> str:
        """A file of the theme's folder `static`."""


# Files beside a form's pages that a page's id could name as well; such a page has "page-" before its id.
_TAKEN = frozenset({"index", "confirmation"})


@dataclass(frozen=True, slots=True)
class StaticLinks:
    """Files beside one another in one folder, such as ``child.html`` and ``children.i1.html``; nothing is sent."""

    posts: bool = False
    index: str = "index.html"
    check_answers: str = "check-answers.html"
    confirmation: str = "confirmation.html"

    def page(self, page_id: str) -> str:
        """``child.html``."""
        return f"page-{page_id}.html" if page_id in _TAKEN else f"{page_id}.html"

    def item(self, repeat: str, item_id: str, page_id: str = "") -> str:
        """``children.i1.html``, or ``children.i1.school.html`` for a page of the item."""
        return ".".join(part for part in (repeat, item_id, page_id, "html") if part)

    def remove(self, repeat: str, item_id: str) -> str:
        """``children.i1.remove.html``."""
        return f"{repeat}.{item_id}.remove.html"

    def asset(self, name: str) -> str:
        """``static/site.css``."""
        return f"static/{name}"


def address_after(
    links: Links, move: str, state: State, page_id: str = "", *, item: tuple[str, str] | None = None
) -> str:
    """The address to go to after a post whose button sent `move`; see `HtmlRenderer.after`."""
    verb, _, about = move.partition(":")
    if verb in {"next", "save_item", "submit"}:
        return _onwards(links, verb, state, page_id, item)
    if verb == "check_answers":
        return links.check_answers
    # What was posted is taken only where it names a part of this form: an address must lead nowhere else.
    if verb == "page" and state.page(about) is not None:
        return links.page(about)
    if verb == "add" and about in state.form.repeats:
        return links.item(about, "new")
    if verb in {"change", "remove"}:
        repeat, _, item_id = about.rpartition(".")
        if repeat in state.form.repeats and state.item(repeat, item_id) is not None:
            return links.item(repeat, item_id) if verb == "change" else links.remove(repeat, item_id)
    return links.index


def _onwards(links: Links, verb: str, state: State, page_id: str, item: tuple[str, str] | None) -> str:
    if item is not None:
        repeat, item_id = item
        found = state.item(repeat, item_id)
        ids = [page.id for page in found.pages] if found is not None else []
        if page_id in ids[:-1]:
            return links.item(repeat, item_id, ids[ids.index(page_id) + 1])
        return links.page(state.form.repeats[repeat].page)
    if verb == "submit":
        return links.confirmation
    if not page_id:
        return links.page("submit") if state.form.submit is not None else links.confirmation
    if page_id == "start":
        first = next((page.id for page in pages_to_fill_in(state) if page.id != "start"), None)
        return links.page(first) if first is not None else links.check_answers
    following = next_page(state, page_id)
    return links.check_answers if following in {None, "submit"} else links.page(str(following))
