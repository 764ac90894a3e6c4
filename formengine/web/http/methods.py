"""What the method of a request may do: a POST changes things, a GET shows them, a HEAD only looks."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.types import Scope

ANSWERED: Final = ("GET", "HEAD", "POST")
# In the scope of a request that came as HEAD and is answered as GET: nothing may be begun for it, no session either.
_LOOKS: Final = "formengine.looks"


def is_post(request: Request) -> bool:
    """Whether the request may change anything. Its CSRF token has been checked; no other method gets so far."""
    return request.method == "POST"


def as_look(scope: Scope) -> Scope:
    """The scope of a HEAD request as handlers get it: a GET that begins nothing."""
    return {**scope, "method": "GET", _LOOKS: True}


def only_looks(scope: Scope) -> bool:
    """Whether the request came as HEAD."""
    return _LOOKS in scope


def method_of(scope: Scope) -> str:
    """The method that the client sent."""
    return "HEAD" if only_looks(scope) else str(scope["method"])
