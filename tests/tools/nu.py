"""Messages of the Nu HTML checker, the W3C's own (npm's vnu-jar), about pages."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.support.tiers import needed
from tests.tools import ToolError
from tests.tools.node import package_file

TIMEOUT_S = 300


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `severity` is "error" or "warning"; `line` counts from 1, 0 where none was given."""

    path: Path
    line: int
    severity: str
    text: str
    extract: str


def errors(paths: Sequence[Path]) -> list[Message]:
    """The errors in the HTML files `paths`, in order, from one run of the checker."""
    return [message for message in messages(paths) if message.severity == "error"]


def messages(paths: Sequence[Path]) -> list[Message]:
    """Errors and warnings, without other remarks. Raises `ToolError` when a file cannot be read."""
    if not paths:
        return []
    # The checker recurses deeply; with Java's default stack it overflows. A run is too short for the second compiler to
    # pay, and one collector thread is enough.
    options = ["-Xss4m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
    command = ["java", *options, "-jar", str(package_file("vnu-jar/build/dist/vnu.jar"))]
    files = [str(path.resolve(strict=True)) for path in paths]
    needed("java")
    run = subprocess.run(
        [*command, "--format", "json", "--stdout", *files],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=TIMEOUT_S,
        check=False,  # 1 means that there are errors
    )
    try:
        found = json.loads(run.stdout)["messages"]
    except (ValueError, KeyError) as error:
        raise ToolError(f"the Nu HTML checker broke off: {run.stderr or run.stdout}") from error
    return [_message(entry) for entry in found if _severity(entry)]


def _severity(entry: dict[str, str]) -> str:
    """The message's severity, "" for a remark."""
    if entry["type"] == "error":
        return "error"
    if entry["type"] == "info":
        return "warning" if entry.get("subType") == "warning" else ""
    raise ToolError(f"the Nu HTML checker could not read a file: {entry}")


def _message(entry: dict[str, str]) -> Message:
    return Message(
        path=Path(unquote(urlsplit(entry["url"]).path)),
        line=int(entry.get("lastLine", 0)),
        severity=_severity(entry),
        text=entry["message"],
        extract=entry.get("extract", ""),
    )
