"""Where the links of pages lead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


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
