"""The names of a form's answers: where each is named, and another name for it, wherever it is named."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from formengine.form.analysis.references import Reference, path_of, references, used_by
from formengine.form.analysis.rename import RenameRefusedError, rename
from formengine.form.compiler.positions import Position, lay_out
from formengine.form.plan import Form
from formengine.language import model
from formengine.language.diagnostics import Findings
from formengine.service.studio.working_copies import ChangedMeanwhileError
from formengine.web.context import AppContext
from formengine.web.http.methods import is_post
from formengine.web.http.posts import Post, read_post
from formengine.web.http.threads import in_thread, in_turn_of
from formengine.web.studio.authors import author_of
from formengine.web.studio.studio_screens import StudioForm, form_of
from formengine.web.studio.text_editor import BASE, REV, number_in

PATH, NEW = "path", "new"


@dataclass(frozen=True, slots=True)
class NamedAnswer:
    """An answer, group or list: its path, what people read, and how often it is named."""

    path: str
    label: str
    uses: int


@dataclass(frozen=True, slots=True)
class ShownUse:
    """A place that names it: the file, the line and its text, and where that line is shown."""

    file: str
    line: int
    text: str
    href: str


class NamesPage:
    """Handles requests for the page of names."""

    def __init__(self, context: AppContext) -> None:
        self._context = context

    async def names(self, request: Request) -> Response:
        """All names, or the uses of one; posted, it gets another name."""
        account = await author_of(self._context, request)
        opened = await form_of(self._context, request)
        if not is_post(request):
            path = request.query_params.get(PATH, "")
            return await in_thread(self._page, opened, path)
        return await self._renamed(opened, await read_post(request), account)

    async def _renamed(self, opened: StudioForm, post: Post, account: str) -> Response:
        path, new, form = post.text(PATH).strip(), post.text(NEW).strip(), opened.checked.form
        if form is None:
            return await in_thread(self._page, opened, path, new=new)
        try:
            texts = await in_turn_of(
                self._context.texts_checked_at_once,
                partial(
                    rename,
                    form.definition,
                    path,
                    new,
                    field_types=self._context.engine.field_types,
                    composite_types=self._context.engine.composite_types,
                ),
            )
            await in_thread(
                self._context.working_copies.save,
                opened.now.form,
                texts,
                rev=number_in(post, REV),
                base=post.text(BASE),
                account=account,
            )
        except RenameRefusedError as refused:
            return await in_thread(self._page, opened, path, new=new, problem=refused.why)
        except ChangedMeanwhileError:
            newest = await form_of(self._context, opened.request)
            return await in_thread(self._page, newest, path, new=new, problem="changed")
        return self._context.go(opened.request, f"/studio/forms/{opened.now.form}/changes")

    def _page(self, opened: StudioForm, path: str, *, new: str = "", problem: str = "") -> Response:
        form, words = opened.checked.form, self._context.words
        says = words.text(f"screens.studio.names.refused.{problem}") if problem else ""
        return opened.page(
            "names.html",
            "names",
            status=422 if problem else 200,
            now=opened.now,
            answers=_answers(form) if form is not None else None,
            path=path,
            uses=_uses(opened, form, path) if form is not None and path else [],
            new=new,
            errors={NEW: says},
            problems=[{"text": says, "href": f"#{NEW}"}] if says else [],
        )


def _answers(form: Form) -> list[NamedAnswer]:
    used: dict[str, int] = {}
    for each in references(form.definition):
        used[each.target] = used.get(each.target, 0) + 1
    places = lay_out(form.definition, Findings()).walk()
    return [
        NamedAnswer(path_of(place), _label(place), used.get(path_of(place), 0))
        for place in places
        if isinstance(place.node, model.Field | model.Group | model.Repeat)
    ]


def _label(place: Position) -> str:
    node = place.node
    if isinstance(node, model.Field):
        return node.settings.label
    return node.label if isinstance(node, model.Group | model.Repeat) else ""


def _uses(opened: StudioForm, form: Form, path: str) -> list[ShownUse]:
    def shown(each: Reference) -> ShownUse:
        file, line = each.span.source.name, each.span.line
        return ShownUse(
            file, line, each.span.source.line(line).strip(), f"{opened.way}/text?file={file}#line-{line}"
        )

    return list(dict.fromkeys(shown(each) for each in used_by(form.definition, path)))
