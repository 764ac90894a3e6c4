"""The way to the forms: Front Door, gateway, hub, pages of text and contacts, all from the portal's definition."""

from __future__ import annotations

from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from formengine.portal import Contact, Destination
from formengine.web.browser_session import root_of
from formengine.web.context import AppContext


class Onward(NamedTuple):
    """A link to go on by. elsewhere: it leaves the portal."""

    label: str
    href: str
    elsewhere: bool
    strapline: str = ""


def routes(context: AppContext) -> list[BaseRoute]:
    """The portal's addresses. What the definition leaves out is skipped: the hub is always there."""
    pages = _Pages(context)
    return [
        Route("/", pages.front_door),
        Route("/gateway", pages.gateway),
        Route("/hub", pages.hub),
        Route("/information/{page}", pages.information),
        Route("/contacts", pages.contacts),
    ]


class _Pages:
    """Answers for the portal's pages."""

    def __init__(self, context: AppContext) -> None:
        self.context = context
        self.portal = context.portal
        self._texts = {page.id: page for page in context.portal.pages}
        self._contacts = {contact.id: contact for contact in context.portal.contacts}

    async def front_door(self, request: Request) -> Response:
        """Who may use the portal, and for what."""
        screen = self.portal.front_door
        if screen is None:
            return self.context.go(request, "/gateway" if self.portal.gateway is not None else "/hub")
        return self.context.page(
            request,
            "portal/front_door.html",
            title=screen.title,
            text=screen.text,
            on=Onward(
                screen.next,
                root_of(request) + ("/gateway" if self.portal.gateway else "/hub"),
                elsewhere=False,
            ),
        )

    async def gateway(self, request: Request) -> Response:
        """What to know before the hub, and what to do when the portal cannot be used."""
        gateway = self.portal.gateway
        if gateway is None:
            return self.context.go(request, "/hub")
        return self.context.page(
            request,
            "portal/gateway.html",
            title=gateway.title,
            text=gateway.text,
            on=Onward(gateway.next, f"{root_of(request)}/hub", elsewhere=False),
            fallback=gateway.fallback,
            contact=self._contacts.get(gateway.fallback_contact),
            back=f"{root_of(request)}/" if self.portal.front_door is not None else "",
        )

    async def hub(self, request: Request) -> Response:
        """What there is to choose from."""
        hub = self.portal.hub
        return self.context.page(
            request,
            "portal/hub.html",
            title=hub.title,
            strapline=hub.strapline,
            tiles=[onward(tile.title, tile.opens, root_of(request), tile.strapline) for tile in hub.tiles],
        )

    async def information(self, request: Request) -> Response:
        """A page of text."""
        page = self._texts.get(request.path_params["page"])
        if page is None:
            raise HTTPException(404)
        return self.context.page(
            request,
            "portal/information.html",
            title=page.title,
            text=page.text,
            ways_on=[onward(link.label, link.opens, root_of(request)) for link in page.links],
            back=f"{root_of(request)}/hub",
        )

    async def contacts(self, request: Request) -> Response:
        """Whom to call and whom to write to."""
        contacts: tuple[Contact, ...] = self.portal.contacts
        return self.context.page(
            request,
            "portal/contacts.html",
            title=self.context.words.text("screens.frame.contacts"),
            contacts=contacts,
            back=f"{root_of(request)}/hub",
        )


def onward(label: str, opens: Destination, root: str, strapline: str = "") -> Onward:
    """The link to what a tile or link of the portal opens."""
    if opens.kind == "link":
        return Onward(label, opens.to, elsewhere=True, strapline=strapline)
    path = f"/forms/{opens.to}" if opens.kind == "form" else f"/information/{opens.to}"
    return Onward(label, root + path, elsewhere=False, strapline=strapline)
