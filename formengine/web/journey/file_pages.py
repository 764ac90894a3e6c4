"""Single files of a draft: sent and removed by scripts, and handed back to whom they belong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from formengine.language.words.file_sizes import size_text
from formengine.service.drafts.drafts import Draft
from formengine.service.files.refusals import Refusal
from formengine.service.files.uploads import NotScannedError, UploadedFile
from formengine.web.browser_session import client_of
from formengine.web.context import AppContext
from formengine.web.http.posts import Post, read_post
from formengine.web.http.threads import in_thread
from formengine.web.journey.access import DraftAccess
from formengine.web.journey.draft_request import DraftRequest
from formengine.web.journey.uploads import check_text, is_file, refusal_text, take_file

# Inputs of the script: the path of the question; that the file is the first of those chosen; the name of one that is
# too large to be sent at all.
_FIELD = "field"
_FIRST = "first"
_TOO_LARGE = "too_large"
_RETRY_AFTER_S = "60"


class FilePages:
    """Endpoints for single files of a draft."""

    def __init__(self, context: AppContext, access: DraftAccess) -> None:
        self._context = context
        self._access = access

    def routes(self) -> list[BaseRoute]:
        """The routes of these endpoints."""
        return [
            Route("/drafts/{draft}/files", self.upload, methods=["POST"]),
            Route("/drafts/{draft}/files/{file}", self.download),
            Route("/drafts/{draft}/files/{file}/remove", self.remove, methods=["POST"]),
        ]

    async def upload(self, request: Request) -> Response:
        """One file from a script, which shows how far it has come: the file kept, or why it was not, as JSON."""
        draft_request = await self._access.open_for_script(request, "files")
        draft, post = draft_request.draft, await read_post(request)
        path = post.text(_FIELD)
        try:
            got = await self._take(draft, path, post, client_of(request))
        except KeyError:
            raise HTTPException(404) from None
        # Several that were chosen at once come one after another; the first ends what was said of those before.
        refusals, chosen = (
            [(path, got)] if isinstance(got, Refusal) else [],
            {path} if post.text(_FIRST) else set(),
        )
        await in_thread(self._context.refused_files.record, draft, refusals, chosen)
        if isinstance(got, Refusal):
            return JSONResponse({"error": refusal_text(draft, path, got)}, 422)
        return JSONResponse(
            {
                "id": got.id,
                "name": got.name,
                "size": size_text(got.size_bytes, draft.form.wording),
                "said": check_text(draft, got),
                "waits": got.check == "waiting",
            },
            201,
        )

    async def _take(self, draft: Draft, path: str, post: Post, client: str) -> UploadedFile | Refusal:
        """The file of a post; or, where the script did not send it since it is too large, the refusal of that name."""
        if post.text(_TOO_LARGE):
            refusal = self._context.uploads.too_large(draft, path, post.text(_TOO_LARGE))
            if not await in_thread(self._context.limits.allow, "upload", draft.id):
                raise HTTPException(429)
            return refusal
        parts = [part for part in post.files if is_file(part)]
        if len(parts) != 1:
            raise HTTPException(400)
        return await take_file(self._context, draft, replace(parts[0], field=path), client)

    async def download(self, request: Request) -> Response:
        """A file, for the person whose draft it is: always a download, never shown by the browser itself.

        423 while it waits for the virus scanner.
        """
        draft_request = await self._access.open(request, "files")
        file, content = await in_thread(self._content, draft_request, request.path_params["file"])
        return Response(content, media_type=file.media_type, headers=attachment(file.name))

    def _content(self, draft_request: DraftRequest, file_id: str) -> tuple[UploadedFile, bytes]:
        file = self._context.uploads.get(draft_request.draft.id, file_id)
        if file is None or file.check == "refused":
            raise HTTPException(404)
        try:
            return file, self._context.uploads.content(draft_request.draft.id, file_id)
        except NotScannedError:
            raise HTTPException(423, headers={"Retry-After": _RETRY_AFTER_S}) from None

    async def remove(self, request: Request) -> Response:
        """A file that a script took out before its page was posted; one that an answer names goes with the post."""
        draft_request = await self._access.open_for_script(request, "files")
        gone = await in_thread(
            self._context.uploads.remove_unlinked, draft_request.draft, request.path_params["file"]
        )
        return JSONResponse({"removed": gone})


def attachment(name: str) -> Mapping[str, str]:
    """The headers of a download under this name (RFC 6266, section 4.3): plain for old programs, then as it is."""
    plain = "".join(
        sign if sign.isascii() and sign.isprintable() and sign not in '"\\%' else "_" for sign in name
    )
    return {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
