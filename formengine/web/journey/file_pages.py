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
from formengine.service.files.refusals import Refusal
from formengine.service.files.uploads import UploadedFile
from formengine.web.context import AppContext
from formengine.web.http.posts import read_post
from formengine.web.http.threads import in_thread
from formengine.web.journey.access import DraftAccess
from formengine.web.journey.draft_request import DraftRequest
from formengine.web.journey.uploads import check_text, is_file, refusal_text, take_file

_FIELD = "field"


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
        post = await read_post(request)
        parts = [part for part in post.files if is_file(part)]
        if len(parts) != 1:
            raise HTTPException(400)
        part = replace(parts[0], field=post.text(_FIELD))
        try:
            got = await take_file(self._context, draft_request.draft, part)
        except KeyError:
            raise HTTPException(404) from None
        if isinstance(got, Refusal):
            return JSONResponse({"error": refusal_text(draft_request.draft, part.field, got)}, 422)
        return JSONResponse(
            {
                "id": got.id,
                "name": got.name,
                "size": size_text(got.size_bytes, draft_request.draft.form.wording),
                "said": check_text(draft_request.draft, got),
            },
            201,
        )

    async def download(self, request: Request) -> Response:
        """A file, for the person whose draft it is: always a download, never shown by the browser itself."""
        draft_request = await self._access.open(request, "files")
        file, content = await in_thread(self._content, draft_request, request.path_params["file"])
        return Response(content, media_type=file.media_type, headers=attachment(file.name))

    def _content(self, draft_request: DraftRequest, file_id: str) -> tuple[UploadedFile, bytes]:
        file = self._context.uploads.get(draft_request.draft.id, file_id)
        if file is None or file.check == "refused":
            raise HTTPException(404)
        return file, self._context.uploads.content(draft_request.draft.id, file_id)

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
