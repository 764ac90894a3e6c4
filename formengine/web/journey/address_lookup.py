"""Finding an address by its postcode, by buttons that post the page or by a script; or it is entered by hand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from formengine.form.actions.input_names import action_of, with_action
from formengine.language.json_types import Json
from formengine.output.html.page_extras import AddressList, FoundAddress
from formengine.service.address_lookup import PARTS, SearchError, address_of, in_order, normal_postcode
from formengine.service.drafts.drafts import Draft
from formengine.service.logging import log
from formengine.web.context import AppContext
from formengine.web.http.posts import read_post
from formengine.web.http.threads import in_thread, on_loop
from formengine.web.journey.access import DraftAccess

# The buttons' values; each is followed by the path of the address.
FIND, USE, RESET = "find_address", "use_address", "reset_address"
# In a page's address: the path of the address to look up while the page is drawn.
FIND_QUERY = "find"

PostedTexts = Mapping[str, tuple[str, ...]]


def with_address(texts: PostedTexts) -> PostedTexts:
    """The posted texts with the address that was chosen in its boxes, or emptied, where such a button was pressed.

    Where none was chosen the list is shown again.
    """
    verb, _, path = action_of(texts, "").partition(":")
    if verb not in {USE, RESET}:
        return texts
    chosen = texts.get(f"{path}-found", ("",))[-1]
    parts = address_of(chosen) if verb == USE else dict.fromkeys(PARTS, "")
    if parts is None:
        return with_action(texts, (f"{FIND}:{path}",))
    return {**texts, **{f"{path}.{part}": (text,) for part, text in parts.items()}}


async def address_list(context: AppContext, draft: Draft, postcode: str, house: str) -> AddressList:
    """The result of a look-up for a postcode as it was typed: addresses, or in words why there are none."""
    words = draft.form.wording
    normal = normal_postcode(postcode)
    if context.addresses is None:
        return AddressList(message=words.text("address.unavailable"))
    if normal is None:
        return AddressList(postcode, words.text("address.no_postcode"))
    if not await in_thread(context.limits.allow, "address_search", draft.id):
        return AddressList(normal, words.text("address.too_often"))
    try:
        found = await on_loop(partial(context.addresses.at, normal))
    except SearchError as error:
        log.warning("address_search_failed", fault=error.fault)
        return AddressList(normal, words.text("address.unavailable"))
    if not found:
        return AddressList(normal, words.text("address.none", postcode=normal))
    ordered, chosen = in_order(found, house)
    return AddressList(
        normal,
        words.text("address.found", number=len(ordered), postcode=normal),
        [FoundAddress(each.code, each.line) for each in ordered],
        chosen,
    )


async def address_lists(context: AppContext, request: Request, draft: Draft) -> Mapping[str, AddressList]:
    """The list for the address that the page's query names, by the stored postcode; by path."""
    path = request.query_params.get(FIND_QUERY, "")
    kept = _kept(draft.answers, path)
    if kept is None or context.addresses is None:
        return {}
    house, postcode = (str(kept.get(part) or "") for part in ("house", "postcode"))
    return {path: await address_list(context, draft, postcode, house)}


def _kept(answers: Json, path: str) -> Mapping[str, Json] | None:
    """The address at `path` as far as it is entered; None for a path that is none."""
    value = answers
    for part in path.split("."):
        if isinstance(value, list):
            value = next((item for item in value if isinstance(item, dict) and item.get("id") == part), None)
        else:
            value = value.get(part, {}) if isinstance(value, dict) else None
    return value if path and isinstance(value, dict) else None


class AddressPages:
    """Answers for the script that looks addresses up."""

    def __init__(self, context: AppContext, access: DraftAccess) -> None:
        self._context = context
        self._access = access

    def routes(self) -> list[BaseRoute]:
        """The route of the look-up."""
        return [Route("/drafts/{draft}/address-search", self.search, methods=["POST"])]

    async def search(self, request: Request) -> Response:
        """The addresses at a postcode, with a message, as JSON."""
        draft_request = await self._access.open_for_script(request, "address-search")
        post = await read_post(request)
        found = await address_list(
            self._context, draft_request.draft, post.text("postcode"), post.text("house")
        )
        return JSONResponse(
            {
                "message": found.message,
                "chosen": found.chosen,
                "addresses": [
                    {"code": each.code, "label": each.label, "parts": address_of(each.code)}
                    for each in found.addresses
                ],
            }
        )
