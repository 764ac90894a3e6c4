"""A response that answers the request at once, from wherever it is found."""

from __future__ import annotations

from typing import cast

from starlette.requests import Request
from starlette.responses import Response


class ImmediateResponse(Exception):  # noqa: N818 - no error: the request gets the answer that it should have
    """Raised with the response to the request, where a caller would otherwise only hand it on.

    `answer_immediately` is how the app answers with it. Cookies, headers and the log are those of any response.
    """

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


async def answer_immediately(_: Request, raised: Exception) -> Response:
    """The response that was raised; the app calls this for an `ImmediateResponse` alone."""
    return cast(ImmediateResponse, raised).response
