"""Files of a draft: taken from a post or from a script, shown with what is known of them, handed out, removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from urllib.parse import quote

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from formengine.form.state import FieldError
from formengine.language.fields.base import Json
from formengine.language.fields.stored_files import KEEP
from formengine.language.words import Wording
from formengine.language.words.file_sizes import size_text
from formengine.output.html.page_extras import NO_ASIDES, PageExtras
from formengine.service.drafts.drafts import Draft
from formengine.service.drafts.step import Step
from formengine.service.files.refusals import Refusal
from formengine.service.files.uploads import UploadedFile, file_field, files_at
from formengine.web.context import AppContext
from formengine.web.http.posts import Post, UploadedPart, read_post
from formengine.web.http.threads import in_thread
from formengine.web.journey.access import DraftAccess, DraftRequest

# The button that takes a file out of an answer; behind it stand the answer's path and the file's id.
REMOVE = "remove_file"
_FIELD = "field"


@dataclass(slots=True)
class Taken:
    """The files of a post: those that are kept, by the input's name, and why others were not taken."""

    files: dict[str, list[Json]] = field(default_factory=dict)
    refusals: list[tuple[str, Refusal]] = field(default_factory=list)

    def asides(self, draft: Draft) -> PageExtras:
        """What to say of the refusals, beside the questions that they are about."""
        told: dict[str, tuple[str, ...]] = {}
        for path, refusal in self.refusals:
            told[path] = (*told.get(path, ()), refusal_text(draft, path, refusal))
        return PageExtras(errors=told)


async def take_files(context: AppContext, draft: Draft, post: Post) -> Taken:
    """The post's files: new ones judged, kept and scanned, those kept from before looked up in this draft alone.

    A file that the button of the post takes out is left out; it is destroyed when the post has been saved.
    """
    taken = Taken()
    _keep(context, draft, post, taken)
    for part in post.files:
        if _is_file(part) and file_field(draft.form, part.field) is not None:
            got = await take_file(context, draft, part)
            if isinstance(got, Refusal):
                taken.refusals.append((part.field, got))
            else:
                taken.files.setdefault(part.field, []).append(got.answer)
    return taken


async def take_file(context: AppContext, draft: Draft, part: UploadedPart) -> UploadedFile | Refusal:
    """One file, kept and scanned if the scanner is quick; else it waits. Raises KeyError for no question of files."""
    take = partial(context.uploads.take, draft, part.field, part.name, part.content)
    got = await to_thread.run_sync(take, limiter=context.files_at_once)
    if isinstance(got, Refusal):
        return got
    await context.scanning.scan_now(got.id)
    seen = context.uploads.get(draft.id, got.id)
    if seen is not None and seen.check == "refused":
        return Refusal("virus", {"file": got.name})
    if seen is not None and seen.check == "waiting":
        context.background.wake("scan")
    return seen or got


def _keep(context: AppContext, draft: Draft, post: Post, taken: Taken) -> None:
    """Looks up the files that the page brought back by their ids."""
    wanted = {
        name.removesuffix(f"-{KEEP}"): ids for name, ids in post.texts.items() if name.endswith(f"-{KEEP}")
    }
    if not wanted:
        return
    there = {file.id: file for file in context.uploads.of_draft(draft.id)}
    verb, _, removed = post.text("move").partition(":")
    for path, ids in wanted.items():
        for file_id in ids:
            if verb == REMOVE and removed == f"{path}:{file_id}":
                continue
            file = there.get(file_id)
            if file is not None and file.check != "refused":
                taken.files.setdefault(path, []).append(file.answer)
            else:
                taken.refusals.append((path, _lost(draft, file, file_id)))


def _lost(draft: Draft, file: UploadedFile | None, file_id: str) -> Refusal:
    """Why a file that the page or an answer names is not there."""
    named = {str(each["id"]): str(each["name"]) for _, each in files_at(draft.answers)}
    name = named.get(file_id) or _words(draft).text("files.unnamed")
    return Refusal("gone_file" if file is None else "virus", {"file": name})


def file_asides(context: AppContext, draft: Draft, place: Step) -> PageExtras:
    """What is known of the files in the answers at a place: that they wait for the scanner, or that it refused them."""
    if not context.uploads.asked_on(draft.form, place.page):
        return NO_ASIDES
    named = [(path, file) for path, file in files_at(draft.answers) if _is_at(draft, path, place)]
    if not named:
        return NO_ASIDES
    there = {file.id: file for file in context.uploads.of_draft(draft.id)}
    lost, said = Taken(), {}
    for path, each in named:
        file = there.get(str(each["id"]))
        if file is None or file.check == "refused":
            lost.refusals.append((path, _lost(draft, file, str(each["id"]))))
        elif file.check != "clean":
            said[file.id] = check_text(draft, file)
    return replace(lost.asides(draft), files=said)


def _is_at(draft: Draft, path: str, place: Step) -> bool:
    """Whether the answer at `path` is asked for at the place: on its page, in its item, or in a table of it."""
    if place.repeat:
        return path.startswith(f"{place.repeat}.{place.item}.")
    found = file_field(draft.form, path)
    if found is None or found.page != place.page:
        return False
    return found.repeat is None or draft.form.repeats[found.repeat].spec.layout == "table"


def files_sent(context: AppContext, draft_id: str, answers: Json) -> list[str]:
    """What somebody who has sent a form must know of its files: which are not checked yet, and which were destroyed."""
    there = {file.id: file for file in context.uploads.of_draft(draft_id)}
    said = []
    for _, each in files_at(answers):
        file = there.get(str(each["id"]))
        check = file.check if file is not None else "refused"
        if check in {"waiting", "refused"}:
            said.append(context.words.text(f"files.sent_{check}", file=str(each["name"])))
    return said


def check_text(draft: Draft, file: UploadedFile) -> str:
    """What is said of a file that was not scanned; "" for one that is clean."""
    return "" if file.check == "clean" else _words(draft).text(f"files.{file.check}")


def refusal_text(draft: Draft, path: str, refusal: Refusal) -> str:
    """Why a file was not taken, in words."""
    found = file_field(draft.form, path)
    name = found.spec.settings.name if found is not None else ""
    kind = found.spec.type.name if found is not None else "file"
    return _words(draft).words(FieldError(path, "", kind, refusal.rule, name, refusal.facts))


def _words(draft: Draft) -> Wording:
    return Wording(draft.form.definition.language or "en")


def _is_file(part: UploadedPart) -> bool:
    """Whether a file was chosen; a browser sends an empty part where none was."""
    return bool(part.name or part.content)


# --- for scripts, and for people who want their file back ------------------------------------------------------------


class FilePages:
    """Answers about single files of a draft."""

    def __init__(self, context: AppContext, access: DraftAccess) -> None:
        self._context = context
        self._access = access

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        return [
            Route("/drafts/{draft}/files", self.upload, methods=["POST"]),
            Route("/drafts/{draft}/files/{file}", self.download),
            Route("/drafts/{draft}/files/{file}/remove", self.remove, methods=["POST"]),
        ]

    async def upload(self, request: Request) -> Response:
        """One file from a script, which shows how far it has come: the file kept, or why it was not, as JSON."""
        draft_request = await self._access.open(request, "files")
        if isinstance(draft_request, Response):
            return _no_page(draft_request)
        post = await read_post(request)
        parts = [part for part in post.files if _is_file(part)]
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
                "size": size_text(got.size_bytes, _words(draft_request.draft)),
                "said": check_text(draft_request.draft, got),
            },
            201,
        )

    async def download(self, request: Request) -> Response:
        """A file to whom the draft belongs: always saved, never shown by the browser itself."""
        draft_request = await self._access.open(request, "files")
        if isinstance(draft_request, Response):
            return draft_request
        file, content = await in_thread(self._content, draft_request, request.path_params["file"])
        return Response(content, media_type=file.media_type, headers=attachment(file.name))

    def _content(self, draft_request: DraftRequest, file_id: str) -> tuple[UploadedFile, bytes]:
        file = self._context.uploads.get(draft_request.draft.id, file_id)
        if file is None or file.check == "refused":
            raise HTTPException(404)
        return file, self._context.uploads.content(draft_request.draft.id, file_id)

    async def remove(self, request: Request) -> Response:
        """A file that a script took out before its page was posted; one that an answer names goes with the post."""
        draft_request = await self._access.open(request, "files")
        if isinstance(draft_request, Response):
            return _no_page(draft_request)
        gone = await in_thread(
            self._context.uploads.remove_unlinked, draft_request.draft, request.path_params["file"]
        )
        return JSONResponse({"removed": gone})


def _no_page(answer: Response) -> Response:
    """What a script is told in place of a redirect: that the session is over."""
    return answer if answer.status_code >= 400 else JSONResponse({"signed_out": True}, 401)


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
