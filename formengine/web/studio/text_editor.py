"""The text of a form: edited in a plain text box, saved on top of the revision it was read at, with all findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from formengine.form.analysis.line_diff import changed_lines
from formengine.service.studio.working_copies import ChangedMeanwhileError
from formengine.web.context import AppContext
from formengine.web.http.headers import SHOWS_FRAMES
from formengine.web.http.methods import is_post
from formengine.web.http.posts import Post, read_post
from formengine.web.http.threads import in_thread
from formengine.web.studio.authors import author_of
from formengine.web.studio.studio_screens import StudioForm, form_of

# The names of the inputs.
TEXT, FILE, REV, BASE, PAGE = "text", "file", "rev", "base", "page"
_SAVED = "saved"


@dataclass(frozen=True, slots=True)
class SaveLine:
    """An earlier save of the change: its revision, and when it was."""

    rev: int
    at: str


class TextEditor:
    """Handles requests for the page where a text is edited."""

    def __init__(self, context: AppContext) -> None:
        self._context = context

    async def edit(self, request: Request) -> Response:
        """The text with its findings; posted, it is saved."""
        account = await author_of(self._context, request)
        if not is_post(request):
            opened = await form_of(self._context, request)
            file = file_asked(opened, request.query_params.get(FILE, ""))
            return await self._shown(opened, file, request)
        post = await read_post(request)
        opened = await form_of(self._context, request, check=False)
        file = file_asked(opened, post.text(FILE))
        changed = posted_text(post, opened, file)
        try:
            await in_thread(
                self._context.working_copies.save,
                opened.now.form,
                changed,
                rev=number_in(post, REV),
                base=post.text(BASE),
                account=account,
            )
        except ChangedMeanwhileError:
            return await self._conflict(request, file, changed)
        return self._context.go(request, f"/studio/forms/{opened.now.form}/text?file={file}&{_SAVED}=1")

    async def _shown(self, opened: StudioForm, file: str, request: Request) -> Response:
        """The text as it is saved, or as it was saved earlier, to be saved again."""
        saves = await in_thread(self._context.working_copies.saves, opened.now.form)
        rev = request.query_params.get(REV, "")
        earlier = next((row for row in saves if str(row.rev) == rev and file in row.texts), None)
        lines = [SaveLine(row.rev, opened.moment(row.saved_at)) for row in saves[1:] if file in row.texts]
        return self._page(
            opened,
            file,
            text=earlier.texts[file] if earlier is not None else None,
            saved=_SAVED in request.query_params,
            saves=lines,
            earlier=opened.moment(earlier.saved_at) if earlier is not None else "",
        )

    async def check(self, request: Request) -> Response:
        """The findings in the text that is posted, for a script that shows them while somebody types."""
        post = await read_post(request)
        await author_of(self._context, request)
        opened = await form_of(self._context, request, check=False)
        file = file_asked(opened, post.text(FILE))
        opened = await form_of(self._context, request, posted_text(post, opened, file))
        words = self._context.words
        findings = [
            {
                "severity": each.severity,
                "code": each.code,
                "line": each.line if each.file == file else 0,
                "where": words.text("screens.studio.line", line=each.line)
                if each.file == file
                else words.text("screens.studio.of_file", file=each.file, line=each.line),
                "href": each.href,
                "message": each.message,
                "help": each.help,
                "text": each.text,
            }
            for each in opened.findings(file)
        ]
        said = words.text("screens.studio.found", number=len(findings))
        if not findings:
            said = words.text("screens.studio.no_findings")
        return JSONResponse({"findings": findings, "said": said})

    async def _conflict(self, request: Request, file: str, changed: Mapping[str, str]) -> Response:
        """Both texts: the one that was typed, in the box, and the one that somebody saved before it."""
        opened = await form_of(self._context, request, changed)
        theirs = opened.now.texts.get(file, "")
        return self._page(
            opened,
            file,
            text=changed[file],
            status=409,
            theirs=theirs,
            lines=changed_lines(theirs, changed[file]),
        )

    def _page(
        self, opened: StudioForm, file: str, *, text: str | None = None, status: int = 200, **values: object
    ) -> Response:
        shown = text_of(opened, file) if text is None else text
        form = opened.checked.form
        asked = (
            [(page.id, page.title) for page in form.every_page if not page.spec.paper_only]
            if form is not None
            else []
        )
        facts = {"saved": False, "theirs": None, "lines": (), "saves": (), "earlier": "", **values}
        return opened.page(
            "text.html",
            "text",
            status=status,
            headers=SHOWS_FRAMES,
            file=file,
            files=files_of(opened),
            text=shown,
            numbered=list(enumerate(shown.split("\n"), 1)),
            now=opened.now,
            findings=opened.findings(file),
            pages=asked,
            **facts,
        )


def files_of(opened: StudioForm) -> list[str]:
    """The names of the files that the form is made of, its own first, with those that a change has just included."""
    form = opened.checked.form
    included = [source.name for source in form.definition.sources] if form is not None else []
    return list(dict.fromkeys((*opened.now.texts, *included)))


def file_asked(opened: StudioForm, name: str) -> str:
    """The file that a page is about, the form's own for "". Raises HTTPException (404) for one that it has not."""
    if not name:
        return opened.now.main
    if name not in opened.now.texts and name not in files_of(opened):
        raise HTTPException(404)
    return name


def text_of(opened: StudioForm, file: str) -> str:
    """The file's text as it is being changed."""
    if file in opened.now.texts:
        return opened.now.texts[file]
    form = opened.checked.form
    sources = form.definition.sources if form is not None else ()
    return next((source.text for source in sources if source.name == file), "")


def posted_text(post: Post, opened: StudioForm, file: str) -> dict[str, str]:
    """The text that was posted for the file, with the ends of lines that it had: browsers send CR LF for all."""
    text = post.text(TEXT).replace("\r\n", "\n").replace("\r", "\n")
    if "\r\n" in text_of(opened, file):
        text = text.replace("\n", "\r\n")
    return {file: text}


def number_in(post: Post, name: str) -> int:
    """The whole number that a page brought back, 0 for none."""
    return post.whole_number(name) or 0
