"""What a browser posted, read once, within limits, and never written to disk in clear."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import cast

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request

# What a request may hold that is kept; a longer one is still read, so that what was typed can be shown again.
REQUEST_BYTES = 20_000_000
# What a request may hold at all.
MOST_BYTES = 80_000_000
TEXT_BYTES = 1_000_000
FIELDS = 2_000
FILES = 50

_KEPT = "formengine.post"


@dataclass(frozen=True, slots=True)
class UploadedPart:
    """A file that came with a post. name: as the browser says it, which may be anything."""

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


class PostTooLargeError(HTTPException):
    """A post above the limits. `post` holds the texts that could be read."""

    def __init__(self, post: Post) -> None:
        super().__init__(413)
        self.post = post


class UnreadablePostError(HTTPException):
    """A post that does not follow the rules of its encoding. `post` holds the texts before that."""

    def __init__(self, post: Post) -> None:
        super().__init__(400)
        self.post = post


class _InMemory(MultiPartParser):
    """Starlette's parser, except that files stay in memory, and are let go of when all together are too large."""

    spool_max_size = MOST_BYTES + 1
    file_bytes = 0

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._current_part.file is not None:
            self.file_bytes += end - start
            if self.file_bytes > REQUEST_BYTES:
                return
        super().on_part_data(data, start, end)


async def read_post(request: Request) -> Post:
    """What was posted, read once a request however often it is asked for; empty for a body of another kind.

    Raises `PostTooLargeError` and `UnreadablePostError`, which the shell turns into a page that keeps what was typed.
    """
    kept = request.scope.get(_KEPT)
    if kept is None:
        try:
            kept = await _parsed(request)
        except (PostTooLargeError, UnreadablePostError) as error:
            request.scope[_KEPT] = error.post
            raise
        request.scope[_KEPT] = kept
    return cast(Post, kept)


def post_read(request: Request) -> Post:
    """What was posted as far as it has been read."""
    return cast(Post, request.scope.get(_KEPT, Post()))


async def _parsed(request: Request) -> Post:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        files = _InMemory(
            request.headers, request.stream(), max_files=FILES, max_fields=FIELDS, max_part_size=TEXT_BYTES
        )
        return await _read(files, files.items)
    if kind == "application/x-www-form-urlencoded":
        texts = FormParser(request.headers, request.stream(), max_fields=FIELDS, max_part_size=TEXT_BYTES)
        return await _read(texts, texts._items)  # noqa: SLF001
    return Post()


async def _read(parser: FormParser | MultiPartParser, items: list[tuple[str, str | UploadFile]]) -> Post:
    try:
        await parser.parse()
    except MultiPartException as error:
        post = Post(_texts(items))
        if "exceeded" in error.message or "Too many" in error.message:
            raise PostTooLargeError(post) from None
        raise UnreadablePostError(post) from None
    texts = _texts(items)
    files = [await _part(name, each) for name, each in items if isinstance(each, UploadFile)]
    together = sum(len(each) for every in texts.values() for each in every)
    if together > TEXT_BYTES or (isinstance(parser, _InMemory) and parser.file_bytes > REQUEST_BYTES):
        raise PostTooLargeError(Post(texts))
    return Post(texts, tuple(files))


async def _part(name: str, file: UploadFile) -> UploadedPart:
    part = UploadedPart(name, file.filename or "", file.content_type or "", await file.read())
    await file.close()
    return part


def _texts(items: Iterable[tuple[str, str | UploadFile]]) -> Mapping[str, tuple[str, ...]]:
    texts: dict[str, tuple[str, ...]] = {}
    for name, value in items:
        if isinstance(value, str):
            texts[name] = (*texts.get(name, ()), value)
    return MappingProxyType(texts)
