"""The order in which routes are tried: Starlette tries one after the other until one matches."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

_IN_DRAFT = "/drafts/{draft}/"


class PageRoute(Route):
    """A page of a draft, which has any name but those that other routes within a draft answer to.

    So it may be tried first, and most requests need no other. taken: those names, each with a method of its route.
    """

    taken: frozenset[tuple[str, str]] = frozenset()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether it matches; see `starlette.routing.BaseRoute.matches`."""
        match, found = super().matches(scope)
        if match is not Match.NONE and (found["path_params"]["name"], scope["method"]) in self.taken:
            return Match.NONE, {}
        return match, found


def in_turn(routes: Iterable[BaseRoute]) -> list[BaseRoute]:
    """The routes as they are to be tried: a draft's pages, its other addresses, and whatever else there is."""
    ordered = sorted(routes, key=_turn)
    within = [route for route in ordered if isinstance(route, Route) and route.path.startswith(_IN_DRAFT)]
    taken = [
        (route.path.removeprefix(_IN_DRAFT), method) for route in within for method in route.methods or ()
    ]
    for route in within:
        if isinstance(route, PageRoute):
            route.taken = frozenset(taken)
    return ordered


def _turn(route: BaseRoute) -> int:
    if isinstance(route, PageRoute):
        return 0
    return 1 if isinstance(route, Route) and route.path.startswith(_IN_DRAFT) else 2
