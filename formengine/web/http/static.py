"""Style sheets, scripts and pictures of the themes."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from formengine.output.themes import theme_folders

# A year: the version is in the address, so that what it leads to never changes.
_FOREVER = "public, max-age=31536000, immutable"
_GZIP_FROM_BYTES = 1024
# By ending, since a system's own table may say that a module is plain text, which a browser refuses.
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file, and the same compressed; None where that is no shorter."""

    content: bytes
    packed: bytes | None
    media_type: str


class Assets:
    """Every file of the themes' folders `static`, read once: an address can lead to these and nowhere else.

    Where two themes have a file of one name the first one's is served. Raises `formengine.output.themes.ThemeError`.
    """

    def __init__(self, themes: Iterable[Path] = ()) -> None:
        self._files: dict[str, Asset] = {}
        for folder in reversed(theme_folders("html", themes)):
            static = folder / "static"
            for path in sorted(static.rglob("*")):
                if path.is_file():
                    self._files[path.relative_to(static).as_posix()] = _asset(path)
        together = sha256()
        for name, asset in sorted(self._files.items()):
            together.update(name.encode() + b"\0" + sha256(asset.content).digest())
        self.version = together.hexdigest()[:12]

    @property
    def path(self) -> str:
        """Where they are, below the mount prefix: ``/static/0a1b2c3d4e5f``."""
        return f"/static/{self.version}"

    async def serve(self, request: Request) -> Response:
        """The file. Under another version's address the present file is served, not to be cached."""
        asset = self._files.get(request.path_params["name"])
        if asset is None:
            raise HTTPException(404)
        current = request.path_params["version"] == self.version
        headers = {"Cache-Control": _FOREVER if current else "no-cache"}
        body = asset.content
        if asset.packed is not None:
            headers["Vary"] = "Accept-Encoding"
            if "gzip" in request.headers.get("accept-encoding", ""):
                headers["Content-Encoding"] = "gzip"
                body = asset.packed
        return Response(body, headers=headers, media_type=asset.media_type)


def _asset(path: Path) -> Asset:
    content = path.read_bytes()
    packed = gzip.compress(content, 9, mtime=0) if len(content) >= _GZIP_FROM_BYTES else None
    if packed is not None and len(packed) >= len(content):
        packed = None
    kind = _TYPES.get(path.suffix) or guess_type(path.name)[0] or "application/octet-stream"
    return Asset(content, packed, kind)
