"""What a service's pages of a form have besides: the toolbar, and the time after which a page ends."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tool:
    """One button of the toolbar: the action it posts, where it leads, and the key of its words below ``journey``."""

    action: str
    href: str
    words: str


TOOLBAR = (
    Tool("print", "print", "print"),
    Tool("save_for_later", "save-for-later", "save_for_later"),
    Tool("create_pdf", "create-pdf", "create_pdf"),
    Tool("close", "close", "close"),
    Tool("cancel", "cancel", "cancel"),
)


@dataclass(frozen=True, slots=True)
class Journey:
    """How a service leads through a form. It is the same for everybody, as prepared pages are.

    timeout_minutes: after so many idle minutes a page ends. warn_minutes: so many before that it warns. ended: where
    the page leads then. upload, address_search: where a script sends files and postcodes, "" where there is no look-up.
    """

    timeout_minutes: int
    warn_minutes: int
    ended: str = "timed-out"
    upload: str = "files"
    address_search: str = ""
    tools: tuple[Tool, ...] = TOOLBAR


@dataclass(frozen=True, slots=True)
class Begun:
    """A draft to go on with: where it is, and the moment it was saved last, in words."""

    href: str
    saved: str
