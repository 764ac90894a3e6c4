"""The outline of a form: its pages and questions in order, moved, added, copied and removed by buttons."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from formengine.form.analysis.condition_changes import in_words
from formengine.form.analysis.references import used_by
from formengine.form.plan import Form, walk
from formengine.language.editing import EditRefusedError
from formengine.language.editing.span_edits import add_item, copy_item, remove_item, shift_item
from formengine.language.editing.written_outline import OutlinePiece, written_outline
from formengine.language.editing.written_scalars import written
from formengine.language.expressions import RESERVED_IDS
from formengine.language.fields import FIELD_TYPES
from formengine.language.words import Wording
from formengine.service.studio.working_copies import ChangedMeanwhileError
from formengine.web.context import AppContext
from formengine.web.http.methods import is_post
from formengine.web.http.posts import Post, read_post
from formengine.web.http.threads import in_thread
from formengine.web.studio.authors import MAY_CHANGE, author_of, role_of
from formengine.web.studio.studio_screens import StudioForm, form_of

DO, LABEL, ID, TYPE, PLACE, OPTIONS = "do", "label", "id", "type", "place", "options"
REMOVE, SAID, AT = "remove", "said", "at"
_ID: Final = re.compile(r"[a-z][a-z0-9_]*")
_MOST: Final = 500
# What a click does, in the button's value before the address.
UP, DOWN, COPY, REMOVE_NOW, ADD = "up", "down", "copy", "remove", "add"
# Asked for by a question of its own, and not by a person's answer.
_NOT_OFFERED: Final = frozenset({"calculated"})
_WITH_OPTIONS: Final = frozenset({"choice", "choices"})
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class ShownPiece:
    """A piece as the page shows it. condition: when it is asked, in words. preview and text: where it is shown."""

    piece: OutlinePiece
    anchor: str
    name: str
    condition: str
    preview: str
    text: str


@dataclass(frozen=True, slots=True)
class ShownReference:
    """A place that names what is to be removed."""

    line: int
    file: str
    text: str
    href: str


class OutlinePage:
    """Handles requests for the outline."""

    def __init__(self, context: AppContext) -> None:
        self._context = context

    async def outline(self, request: Request) -> Response:
        """The outline; posted, the form is edited and saved as the change of it."""
        account = await author_of(self._context, request)
        if not is_post(request):
            opened = await form_of(self._context, request)
            return await in_thread(self._page, opened, account)
        post = await read_post(request)
        opened = await form_of(self._context, request)
        errors = self._errors(opened, post)
        if not errors:
            does, _, address = post.text(DO).partition(" ")
            try:
                at = await in_thread(self._edit, opened, does, address, post, account)
            except EditRefusedError as refused:
                errors = {"": self._context.words.text(f"screens.studio.outline.refused.{refused.why}")}
            except ChangedMeanwhileError:
                errors = {"": self._context.words.text("screens.studio.names.refused.changed")}
            else:
                said = does if does in {UP, DOWN, COPY, ADD} else REMOVE_NOW
                way = f"/studio/forms/{opened.now.form}/outline?{SAID}={said}&{AT}={at}#{_anchor(at)}"
                return self._context.go(request, way)
        return await in_thread(self._page, opened, account, post=post, errors=errors)

    def _errors(self, opened: StudioForm, post: Post) -> dict[str, str]:
        """What is wrong with a question that is to be added, by the input's name."""
        if post.text(DO) != ADD:
            return {}
        words, found = self._context.words, {}
        label, name, kind = post.text(LABEL).strip(), post.text(ID).strip(), post.text(TYPE)
        if not label or len(label) > _MOST:
            found[LABEL] = words.text("screens.studio.outline.no_label")
        if not _ID.fullmatch(name) or name in RESERVED_IDS:
            found[ID] = words.text("screens.studio.names.refused.not_an_id")
        if kind not in _types():
            found[TYPE] = words.text("screens.studio.outline.no_type")
        if kind in _WITH_OPTIONS and not _options(post):
            found[OPTIONS] = words.text("screens.studio.outline.no_options")
        if not found and name in _ids_beside(_pieces(opened.now.texts[opened.now.main]), post.text(PLACE)):
            found[ID] = words.text("screens.studio.names.refused.taken")
        return found

    def _edit(self, opened: StudioForm, does: str, address: str, post: Post, account: str) -> str:
        """Edit the newest text and save it; returns the address of what it is about now.

        An edit names what it is about by ids, so that it is made on top of what somebody else has saved meanwhile.
        """
        copies, form_id = self._context.working_copies, opened.now.form
        for left in reversed(range(_TRIES)):
            now = copies.now(form_id)
            if now is None:
                raise EditRefusedError("unknown")
            text, at = _edited(now.texts[now.main], does, address, post)
            try:
                copies.save(form_id, {now.main: text}, rev=now.rev, base=now.base, account=account)
            except ChangedMeanwhileError:
                if not left:
                    raise
            else:
                return at
        raise EditRefusedError("unknown")

    def _page(
        self,
        opened: StudioForm,
        account: str,
        *,
        post: Post | None = None,
        errors: Mapping[str, str] | None = None,
    ) -> Response:
        words, wrong, query = self._context.words, errors or {}, opened.request.query_params
        pieces = _pieces(opened.now.texts[opened.now.main])
        form = opened.checked.form
        conditions = _conditions(form) if form is not None else {}
        shown = [self._shown(opened, each, conditions) for each in pieces]
        by_address = {each.piece.address: each for each in shown if each.piece.address}
        removed = by_address.get(query.get(REMOVE, ""))
        about = by_address.get(query.get(AT, ""))
        said = query.get(SAID, "")
        banner = ""
        if said == REMOVE_NOW:
            banner = words.text("screens.studio.outline.said.remove")
        elif about is not None and said in {UP, DOWN, COPY, ADD}:
            banner = words.text(
                f"screens.studio.outline.said.{said}",
                name=about.name, turn=about.piece.turn, turns=about.piece.turns,
            )  # fmt: skip
        names = (LABEL, ID, TYPE, OPTIONS)
        return opened.page(
            "outline.html",
            "outline",
            status=422 if wrong else 200,
            shown=shown,
            questions=sum(each.kind == "question" for each in pieces),
            page_count=sum(each.depth == 0 for each in pieces),
            may_change=role_of(self._context, account) in MAY_CHANGE,
            removed=removed,
            uses=_uses(opened, form, removed.piece) if removed is not None and form is not None else [],
            banner=banner,
            findings=opened.findings(),
            places=_places(shown, words),
            types=_types(),
            typed={name: post.text(name) if post is not None else "" for name in (*names, PLACE)},
            errors={name: wrong.get(name, "") for name in names},
            problems=[{"text": text, "href": f"#{name}" if name else ""} for name, text in wrong.items()],
        )

    def _shown(self, opened: StudioForm, piece: OutlinePiece, conditions: Mapping[int, str]) -> ShownPiece:
        condition = ""
        if piece.show_if is not None:
            condition = conditions.get(piece.show_if[0], piece.show_if[1])
        name = piece.label.split("\n", 1)[0] or piece.id or piece.kind
        return ShownPiece(
            piece,
            _anchor(piece.address),
            name,
            condition,
            f"{opened.way}/preview?page={piece.page}",
            f"{opened.way}/text#line-{piece.line}",
        )


def _edited(text: str, does: str, address: str, post: Post) -> tuple[str, str]:
    """The text after the edit, and the address of what it is about."""
    if does == UP:
        return shift_item(text, address, -1), address
    if does == DOWN:
        return shift_item(text, address, 1), address
    if does == COPY:
        head, _, name = address.rpartition("/")
        taken, number = _ids_beside(_pieces(text), address), 2
        while f"{name}_{number}" in taken:
            number += 1
        return copy_item(text, address, f"{name}_{number}"), f"{head}/{name}_{number}"
    if does == REMOVE_NOW:
        return remove_item(text, address), address.rpartition("/")[0]
    if does == ADD:
        kind, _, place = post.text(PLACE).partition(" ")
        head, _, before = place.rpartition("/")
        into, after = (place, None) if kind == "in" else (head, before)
        name = post.text(ID).strip()
        return add_item(text, into, _item(post), after=after), f"{into}/{name}"
    raise EditRefusedError("unknown")


def _item(post: Post) -> str:
    """The lines of the new question."""
    lines = [f"id: {post.text(ID).strip()}", f"type: {post.text(TYPE)}"]
    lines.append(f"label: {written(' '.join(post.text(LABEL).split()), indent='  ')}")
    if post.text(TYPE) in _WITH_OPTIONS:
        lines.append("options:")
        lines += [f"  {code}: {written(label, indent='    ')}" for code, label in _options(post).items()]
    return "\n".join(lines)


def _options(post: Post) -> dict[str, str]:
    """The options that were typed, one a line, by codes made of their words."""
    found: dict[str, str] = {}
    for line in post.text(OPTIONS).splitlines():
        label = " ".join(line.split())
        if not label:
            continue
        code = re.sub(r"[^a-z0-9]+", "_", label.casefold()).strip("_")[:40].strip("_")
        code = code if _ID.fullmatch(code) and code not in RESERVED_IDS else f"option_{len(found) + 1}"
        while code in found:
            code = f"{code}_{len(found) + 1}"
        found[code] = label
    return found


def _pieces(text: str) -> list[OutlinePiece]:
    """The outline of a text; nothing where nothing of it can be read."""
    try:
        return written_outline(text)
    except EditRefusedError:
        return []


def _ids_beside(pieces: list[OutlinePiece], place: str) -> set[str]:
    """The ids that something there may not have: those of its group or list, on any page."""
    head = place.partition(" ")[2] or place
    into = head if place.startswith("in ") else head.rpartition("/")[0]
    outer = into.partition("/")[2]
    return {
        each.id
        for each in pieces
        if each.depth and each.id and each.address.rpartition("/")[0].partition("/")[2] == outer
    }


def _types() -> list[str]:
    return [name for name in FIELD_TYPES if name not in _NOT_OFFERED]


def _places(shown: list[ShownPiece], words: Wording) -> list[tuple[str, str]]:
    """Where a question can be put: first in a page, group or list, or after something with an id."""
    found = []
    for each, below in zip(shown, [*(other.piece.kind for other in shown[1:]), "unread"], strict=False):
        piece = each.piece
        if not piece.address:
            continue
        if piece.kind != "page":
            found.append(
                (f"after {piece.address}", words.text("screens.studio.outline.after", name=each.name))
            )
        # What is asked for each entry on pages of its own comes onto one of these.
        if piece.kind in {"page", "group", "list"} and not (piece.kind == "list" and below == "page"):
            found.append((f"in {piece.address}", words.text("screens.studio.outline.first", name=each.name)))
    return found


def _conditions(form: Form) -> dict[int, str]:
    """The conditions of the form in words, by where they are written in its own file."""
    holders = [*form.every_page, *(node for page in form.every_page for node in walk(page.nodes))]
    return {
        each.show_if.span.start: in_words(form, each.show_if.expr)
        for each in holders
        if each.show_if is not None and each.show_if.span.source == form.definition.sources[0]
    }


def _uses(opened: StudioForm, form: Form, piece: OutlinePiece) -> list[ShownReference]:
    if not piece.path:
        return []
    found = []
    for each in used_by(form.definition, piece.path):
        file, line = each.span.source.name, each.span.line
        way = f"{opened.way}/text?file={file}#line-{line}"
        found.append(ShownReference(line, file, each.span.source.line(line).strip(), way))
    return list(dict.fromkeys(found))


def _anchor(address: str) -> str:
    return f"piece-{address.replace('/', '-')}"
