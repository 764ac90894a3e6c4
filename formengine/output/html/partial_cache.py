"""Partials, pieces of HTML drawn by templates: each on request, or prepared once with holes for the answer.

Most of a page reads the same for everybody. So the template of a question is drawn once a form with marks where the
answer goes; from then on only the answer is put in, escaped. A template does not notice the difference: it reads texts
and marks of its `answer`, and gets holes. One that reads the answer itself, such as a list of files, is noticed by that
and drawn each time.

A fast path for check answers and entries in `benchmarks.service`, which the page cache does not serve: without it
(`HtmlRenderer(cached_pages=0)`), check answers of Request for Support takes 7 times the processor's time, and a page
that is not in the page cache 1.9 times.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from jinja2 import Environment
from markupsafe import Markup

from formengine.language.json_types import Json
from formengine.output.html.questions import TypedAnswer

# How many pieces of HTML are kept. There is a frame for each set of pages that anybody's answers lead through.
CUTS = 4096

HolePlace = tuple[int, int]


class Hole(NamedTuple):
    """A gap where people's pages differ: its kind, the part or code it is about, what fills it, and whose answer."""

    kind: str
    name: str
    filling: str
    owner: int


class Holes:
    """Stands in for an answer, a path or a body while a template is prepared."""

    def __init__(self) -> None:
        # Letters and figures only, so that no escaping changes it; drawn by lot, so that no text can hold it.
        self._sign = f"hole{secrets.token_hex(12)}x"
        self._holes: list[Hole] = []
        self._owner = 0
        self.sees_answer = False

    def of(self, owner: int) -> Holes:
        """Holes of the same document for the answer `owner` among several."""
        others = Holes()
        others._sign, others._holes, others._owner = self._sign, self._holes, owner
        return others

    def text(self, part: str = "") -> str:
        """A hole for what stands in a box."""
        return self._hole("text", part)

    def mark(self, code: str, mark: str) -> str:
        """A hole for `mark`, filled when `code` is chosen."""
        return self._hole("mark", code, mark)

    def shown(self, otherwise: str) -> str:
        """A hole for the answer as people read it."""
        return self._hole("shown", otherwise)

    @property
    def files(self) -> Sequence[Mapping[str, Json]]:
        """No files, and note that the template reads the answer itself, so that it is drawn each time."""
        self.sees_answer = True
        return ()

    def path(self) -> str:
        """A hole for the answer's path."""
        return self._hole("path")

    def body(self) -> str:
        """A hole for HTML drawn before."""
        return self._hole("body")

    def _hole(self, kind: str, name: str = "", filling: str = "") -> str:
        self._holes.append(Hole(kind, name, filling, self._owner))
        return f"{self._sign}{len(self._holes) - 1}x"

    def split(self, html: str) -> list[str | Hole]:
        """`html` in pieces: texts, and the holes between them."""
        pieces = re.split(f"{self._sign}([0-9]+)x", html)
        return [self._holes[int(piece)] if place % 2 else piece for place, piece in enumerate(pieces)]


@dataclass(frozen=True, slots=True)
class Prepared:
    """HTML with holes: `empty` is all of it with nothing in them; the other attributes say what goes where in it.

    A position is the offset in `empty` and the hole's number in order. marks: by the code that fills them.
    """

    empty: str
    texts: tuple[tuple[HolePlace, str], ...]
    marks: Mapping[str, tuple[tuple[HolePlace, str], ...]]
    shown: tuple[tuple[HolePlace, str], ...]
    paths: tuple[HolePlace, ...]

    def fill(self, answer: TypedAnswer, path: str) -> str:
        """The HTML with the answer in it, escaped."""
        filling: list[tuple[HolePlace, str]] = []
        if self.paths:
            escaped = escape(path)
            filling += [(place, escaped) for place in self.paths]
        if self.shown:
            filling += [(place, escape(answer.shown(otherwise))) for place, otherwise in self.shown]
        if answer.parts:
            filling += [(place, escape(answer.text(part))) for place, part in self.texts]
            if self.marks:
                for code in dict.fromkeys(answer.parts.get("", ())):
                    filling += self.marks.get(code, ())
        if not filling:
            return self.empty
        filling.sort()
        pieces: list[str] = []
        last = 0
        for (offset, _), text in filling:
            pieces += (self.empty[last:offset], text)
            last = offset
        pieces.append(self.empty[last:])
        return "".join(pieces)


class Cut(NamedTuple):
    """HTML in pieces, with "" where something goes; and these positions with the name of what goes there."""

    pieces: list[str]
    places: tuple[tuple[int, str], ...]

    def fill(self, html: Mapping[str, str]) -> str:
        """The whole with `html`, by name, at its positions."""
        pieces = self.pieces.copy()
        for place, name in self.places:
            pieces[place] = html[name]
        return "".join(pieces)


def _cut(pieces: Sequence[str | Hole]) -> Cut:
    return Cut(
        ["" if isinstance(piece, Hole) else piece for piece in pieces],
        tuple((place, piece.name) for place, piece in enumerate(pieces) if isinstance(piece, Hole)),
    )


class PartialCache:
    """Draws partials for one form, and caches the prepared ones; with keeps=False no whole frames and rows."""

    def __init__(self, environment: Environment, *, keeps: bool = True) -> None:
        self._environment = environment
        self._keeps = keeps
        self._questions: dict[Hashable, Prepared | None] = {}
        self._cuts: dict[Hashable, Cut] = {}
        self._texts: dict[Hashable, str] = {}

    def draw(self, template: str, **context: object) -> str:
        """The HTML of the template, drawn now and not cached."""
        return self._environment.get_template(template).render(context)

    def question(self, key: Hashable, draw: Callable[[Holes], str]) -> Prepared | None:
        """A question with holes, cached under `key`; None for one whose template must see the answer.

        Here and below, what is cached may hold nothing that differs between people.
        """
        if key not in self._questions:
            holes = Holes()
            html = draw(holes)
            self._questions[key] = None if holes.sees_answer else _prepare(holes.split(html))
        return self._questions[key]

    def filled(self, key: Hashable, html: Mapping[str, str], draw: Callable[[Mapping[str, str]], str]) -> str:
        """What `draw` makes of HTML by name. It is cached under `key`, cut where the pieces go, to be filled again.

        Whatever else `draw` reads must be the same wherever `key` is the same.
        """
        if not self._keeps:
            return draw({name: joined([piece]) for name, piece in html.items()})
        found = self._cuts.get(key)
        if found is None:
            holes = Holes()
            found = _cut(holes.split(draw({name: holes.text(name) for name in html})))
            if len(self._cuts) >= CUTS:
                self._cuts.clear()
            self._cuts[key] = found
        return found.fill(html)

    def frame(self, key: Hashable, template: str, path: str, body: str, context: Mapping[str, object]) -> str:
        """A template around the HTML `body`, cached under `key`."""
        html = {"id": escape(path), "body": body}
        return self.filled(key, html, lambda pieces: self.draw(template, **pieces, **context))

    def text(self, key: Hashable, template: str, context: Mapping[str, object]) -> str:
        """A template that reads the same for everybody, cached under `key`."""
        if key not in self._texts:
            self._texts[key] = self.draw(template, **context)
        return self._texts[key]


def joined(pieces: Iterable[str]) -> Markup:
    """Pieces that templates drew, to be put into another template."""
    return Markup("").join(map(Markup, pieces))


def _prepare(pieces: Sequence[str | Hole]) -> Prepared:
    texts: list[tuple[HolePlace, str]] = []
    marks: dict[str, list[tuple[HolePlace, str]]] = {}
    shown: list[tuple[HolePlace, str]] = []
    paths: list[HolePlace] = []
    offset = 0
    for turn, piece in enumerate(pieces):
        place = (offset, turn)
        match piece:
            case str():
                offset += len(piece)
            case ("text", part, _, _):
                texts.append((place, part))
            case ("mark", code, mark, _):
                marks.setdefault(code, []).append((place, mark))
            case ("shown", otherwise, _, _):
                shown.append((place, otherwise))
            case _:
                paths.append(place)
    return Prepared(
        "".join(piece for piece in pieces if isinstance(piece, str)),
        tuple(texts),
        {code: tuple(places) for code, places in marks.items()},
        tuple(shown),
        tuple(paths),
    )
