"""What a browser posted, read once, within limits, and never written to disk in clear."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import FormParser, MultiPartException
from starlette.requests import Request
from starlette.types import Scope

from formengine.form.actions.input_names import action_of
from formengine.web.http.threads import on_loop

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

# How many bytes of a request are kept; a longer one is still read, so that what was typed can be shown again.
REQUEST_BYTES = 20_000_000
# How many bytes a request may have at all.
MOST_BYTES = 80_000_000
TEXT_BYTES = 1_000_000
FIELDS = 2_000
FILES = 50

_KEPT = "formengine.post"
# Where it is in a request's scope, there is no memory left for files (`formengine.web.middleware.large_posts`).
NO_ROOM = "formengine.no_room"
# Where it is there, the request has a place among the large ones.
LARGE = "formengine.large"
# Characters have up to four bytes.
_MOST_TEXT_BYTES = 4 * TEXT_BYTES


# The most figures that a number from outside may have: more than any length, revision or count of ours.
_MOST_FIGURES = 12
_FIGURES = re.compile(f"[0-9]{{1,{_MOST_FIGURES}}}")


def whole_number(text: str) -> int | None:
    """The number that `text` writes out in plain figures, at most `_MOST_FIGURES` of them; None for anything else.

    Whatever comes from outside becomes a number here alone: `int` takes figures of every script, signs and blanks, and
    raises ValueError for some that `str.isdigit` calls figures and for any text of thousands of them.
    """
    return int(text) if _FIGURES.fullmatch(text) else None


@dataclass(frozen=True, slots=True)
class UploadedPart:
    """A file that came with a post. name: as the browser sent it, which may be anything."""

    field: str
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Post:
    """A posted page: the texts by the input's name, in order, and the files."""

    texts: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    files: tuple[UploadedPart, ...] = ()

    def text(self, name: str) -> str:
        """The last text of this name, "" without one."""
        return self.texts.get(name, ("",))[-1]

    def whole_number(self, name: str) -> int | None:
        """The number that the last text of this name writes out, None where it is none; see `whole_number`."""
        return whole_number(self.text(name))

    @property
    def action(self) -> str:
        """The value of the button that was pressed, "" for none."""
        return action_of(self.texts, "")


class PostTooLargeError(HTTPException):
    """A post above the limits. `post` holds the texts that could be read."""

    def __init__(self, post: Post) -> None:
        super().__init__(413)
        self.post = post


class NoRoomError(HTTPException):
    """A post whose files there was no memory for. `post` holds its texts."""

    def __init__(self, post: Post) -> None:
        super().__init__(503, headers={"Retry-After": "30"})
        self.post = post


class TooSlowError(HTTPException):
    """A post that came too slowly (`formengine.web.middleware.slow_bodies`). `post` holds the texts that came."""

    def __init__(self, post: Post) -> None:
        super().__init__(408, headers={"Connection": "close"})
        self.post = post


class UnreadablePostError(HTTPException):
    """A post that does not follow the rules of its encoding. `post` holds the texts before that."""

    def __init__(self, post: Post) -> None:
        super().__init__(400)
        self.post = post


async def read_post(request: Request) -> Post:
    """What was posted, read once a request however often it is called; empty for a body of another kind.

    Raises `PostTooLargeError`, `NoRoomError`, `TooSlowError` and `UnreadablePostError`, which the app turns into a page
    that keeps what was typed.
    """
    kept = request.scope.get(_KEPT)
    if kept is None:
        try:
            kept = await on_loop(partial(_parsed, request))
        except (PostTooLargeError, NoRoomError, TooSlowError, UnreadablePostError) as error:
            request.scope[_KEPT] = error.post
            raise
        request.scope[_KEPT] = kept
    return cast(Post, kept)


def post_read(request: Request) -> Post:
    """What was posted as far as it has been read."""
    return cast(Post, request.scope.get(_KEPT, Post()))


async def _parsed(request: Request) -> Post:
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind == b"multipart/form-data":
        return _texts_alone(await _short(request), options) or await _multipart(
            request, options.get(b"boundary")
        )
    if kind == b"application/x-www-form-urlencoded":
        return await _urlencoded(request)
    return Post()


async def _short(request: Request) -> bytes:
    """The body where its declared length is small; else b"", and it is read as it comes."""
    length = whole_number(request.headers.get("content-length", ""))
    return await request.body() if length is not None and length <= TEXT_BYTES else b""


# A part with the text of an input, as every browser writes it.
_TEXT_PART = re.compile(
    rb'\r\nContent-Disposition: form-data; name="([^"\\\x00-\x1f\x7f]{1,1000})"\r\n\r\n(.*)', re.DOTALL
)


def _texts_alone(body: bytes, options: Mapping[bytes, bytes]) -> Post | None:
    """The post with this body where it holds inputs' texts and nothing else; None for any other.

    Most posts are such, and `MultipartParser`, which goes through them character by character, takes longer for one
    than everything else that saving it needs. options: those of the content type.
    """
    boundary = options.get(b"boundary", b"")
    parts = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if not boundary or parts[0] or parts[-1] != b"--\r\n" or len(parts) > FIELDS:
        return None
    texts = []
    for part in parts[1:-1]:
        found = _TEXT_PART.fullmatch(part)
        if found is None:
            return None
        texts.append((_decoded(found[1]), _decoded(found[2])))
    return _typed(texts)


async def _multipart(request: Request, boundary: bytes | None) -> Post:
    parts = _Parts(request.scope)
    if boundary is None:
        raise UnreadablePostError(Post())
    try:
        parser = MultipartParser(boundary, parts.callbacks)
        async for chunk in request.stream():
            parser.write(chunk)
        parser.finalize()
    except FormParserError:
        raise UnreadablePostError(parts.typed()) from None
    except TooSlowError:
        raise TooSlowError(parts.typed()) from None
    typed = parts.typed()
    if NO_ROOM in request.scope:
        raise NoRoomError(typed)
    if _is_too_long(typed) or parts.file_bytes > REQUEST_BYTES:
        raise PostTooLargeError(typed)
    return Post(typed.texts, tuple(parts.files))


async def _urlencoded(request: Request) -> Post:
    if NO_ROOM in request.scope:
        raise NoRoomError(Post())
    parser = FormParser(request.headers, request.stream(), max_fields=FIELDS, max_part_size=TEXT_BYTES)
    try:
        form = await parser.parse()
    except MultiPartException:
        # It stops where there are too many fields, or one is too long.
        raise PostTooLargeError(_typed(parser._items)) from None  # noqa: SLF001
    post = _typed(form.multi_items())
    if _is_too_long(post):
        raise PostTooLargeError(post)
    return post


def _is_too_long(post: Post) -> bool:
    return sum(len(each) for every in post.texts.values() for each in every) > TEXT_BYTES


class _Parts:
    """The parts of a multipart body as `MultipartParser` reports them: all in memory, and no more than we keep.

    Starlette has such a class as well, whose files go to disk.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._text_bytes = 0
        self.texts: list[tuple[str, str]] = []
        self.files: list[UploadedPart] = []
        self.file_bytes = 0
        self.callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_text,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._data,
            "on_part_end": self._end,
        }

    def typed(self) -> Post:
        """The texts that came so far."""
        return _typed(self.texts)

    def _begin(self) -> None:
        self._headers: dict[bytes, bytes] = {}
        self._header, self._text = b"", b""
        self._content = bytearray()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_text(self, data: bytes, start: int, end: int) -> None:
        self._text += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._header.lower()] = self._text
        self._header, self._text = b"", b""

    def _end_headers(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        if b"name" not in options:
            raise UnreadablePostError(self.typed())
        self._name, file_name = _decoded(options[b"name"]), options.get(b"filename")
        self._file_name = None if file_name is None else _decoded(file_name)
        room = len(self.texts) < FIELDS if file_name is None else len(self.files) < FILES
        if not room:
            raise PostTooLargeError(self.typed())

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._file_name is None:
            self._text_bytes += end - start
            if len(self._content) + end - start > TEXT_BYTES or self._text_bytes > _MOST_TEXT_BYTES:
                raise PostTooLargeError(self.typed())
        else:
            self.file_bytes += end - start
            if self.file_bytes > REQUEST_BYTES or NO_ROOM in self._scope:
                self._content.clear()
                return  # read to the end for the texts that follow, and dropped
        self._content += data[start:end]

    def _end(self) -> None:
        if self._file_name is None:
            self.texts.append((self._name, _decoded(self._content)))
            return
        media_type = _decoded(self._headers.get(b"content-type", b""))
        self.files.append(UploadedPart(self._name, self._file_name, media_type, bytes(self._content)))


def _decoded(text: bytes | bytearray) -> str:
    """The text, in UTF-8 as our pages request it; anything else as Latin-1."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _typed(items: Iterable[tuple[str, str | UploadFile]]) -> Post:
    texts: dict[str, tuple[str, ...]] = {}
    for name, text in items:
        if isinstance(text, str):
            texts[name] = (*texts.get(name, ()), text)
    return Post(MappingProxyType(texts))
