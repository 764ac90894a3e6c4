"""What stands around every page: who runs it, where its header leads, and whom to call in danger."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SiteLink:
    """A link in the header or footer."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class DangerCall:
    """Whom to call in danger: the words before the number, the number as it is read, and as it is dialled."""

    situation: str
    label: str
    telephone: str

    @property
    def href(self) -> str:
        """``tel:03000411111``."""
        return "tel:" + "".join(sign for sign in self.telephone if sign.isdigit() or sign == "+")


@dataclass(frozen=True, slots=True)
class Site:
    """Who runs the pages. It is the same for everybody, as prepared pages are.

    name and home: what the header says and where it leads, "" for the form's title and first page. banner: a line on
    every page. links: the header's. danger: the most urgent first. footer: links at the foot. leave: where "Exit this
    page" leads, "" for no such button.
    """

    name: str = ""
    home: str = ""
    banner: str = ""
    links: tuple[SiteLink, ...] = ()
    danger: tuple[DangerCall, ...] = ()
    footer: tuple[SiteLink, ...] = ()
    leave: str = ""
