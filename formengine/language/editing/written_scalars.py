"""Writing a text as a scalar: as it stood, plain where that reads back alike, else in quotes."""

from __future__ import annotations

import json
from typing import Final

from formengine.language.diagnostics import Findings
from formengine.language.editing import EditRefusedError
from formengine.language.reader import Mapping, Scalar, read
from formengine.language.source import Source

_BLOCKS: Final = frozenset({"|", ">"})


def written(value: str, *, indent: str, style: str = "", ending: str = "\n", flow: bool = False) -> str:
    """The text as it stands behind a key. style: how it stood before; indent: of the lines of a block.

    Raises `EditRefusedError` for a text that no way of writing reads back alike.
    """
    if not flow and ("\n" in value or style[:1] in _BLOCKS):
        mark = ">" if style.startswith(">") and "\n" not in value else "|"
        block = mark + ending + ending.join(f"{indent}{line}" if line else "" for line in value.split("\n"))
        if _reads_back(block, value, flow=False):
            return block
    for candidate in _candidates(value, style):
        if _reads_back(candidate, value, flow=flow):
            return candidate
    raise EditRefusedError("unclear")


def _candidates(value: str, style: str) -> list[str]:
    single, double = "'" + value.replace("'", "''") + "'", json.dumps(value, ensure_ascii=False)
    first = {"'": [single], '"': [double]}.get(style[:1], [])
    return [*first, value, double, single]


def _reads_back(candidate: str, value: str, *, flow: bool) -> bool:
    findings = Findings()
    text = f"{{k: {candidate}}}\n" if flow else f"k: {candidate}\n"
    root = read(Source("written", text), findings)
    found = root.get("k") if isinstance(root, Mapping) else None
    return (
        not findings.found
        and isinstance(found, Scalar)
        and not found.is_null
        and found.text.rstrip("\n") == value
    )
