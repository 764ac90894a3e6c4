"""The way to the forms: Front Door, gateway, hub, pages of text and contacts, all said by the portal's definition."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from formengine.portal import Destination
from formengine.web.shell import Shell
from formengine.web.visits import root_of


def routes(shell: Shell) -> list[BaseRoute]:
    """The portal's addresses."""
    portal = shell.portal

    async def front_door(request: Request) -> Response:
        if portal.front_door is None:
            return shell.go(request, "/hub")
        return shell.page(
            request,
            "portal/screen.html",
            title=portal.front_door.title,
            text=portal.front_door.text,
            next=portal.front_door.next,
            leads="/gateway" if portal.gateway is not None else "/hub",
        )

    async def hub(request: Request) -> Response:
        return shell.page(
            request,
            "portal/hub.html",
            title=portal.hub.title,
            strapline=portal.hub.strapline,
            tiles=[(tile, href_of(tile.opens, root_of(request))) for tile in portal.hub.tiles],
        )

    return [Route("/", front_door), Route("/hub", hub)]


def href_of(opens: Destination, root: str) -> str:
    """Where a tile or link leads."""
    if opens.kind == "link":
        return opens.to
    return f"{root}/forms/{opens.to}" if opens.kind == "form" else f"{root}/information/{opens.to}"
