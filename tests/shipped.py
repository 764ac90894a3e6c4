"""The definitions that ship with the package, as files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from formengine.bundled import bundled_folder

CHECKOUT = Path(__file__).parent.parent
DEFINITIONS = bundled_folder("definitions")
EXAMPLES = CHECKOUT / "examples"
EXPECTED = Path(__file__).parent / "expected"


def shipped_yaml() -> list[Path]:
    """Every YAML file of the definitions and examples, in order."""
    return sorted([*DEFINITIONS.rglob("*.yaml"), *EXAMPLES.rglob("*.yaml")])


def tree(path: Path) -> Any:
    """What the file says: mappings, lists and texts, no value turned into anything but text."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)  # noqa: S506 (texts only)


def options(name: str) -> dict[str, dict[str, Any]]:
    """The options of the list `name`, by code; a plain label becomes ``{"label": …}``."""
    said = tree(DEFINITIONS / "lists" / f"{name}.yaml")["options"]
    return {code: {"label": option} if isinstance(option, str) else option for code, option in said.items()}


def pieces(node: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in a tree, outer before inner."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from pieces(value)
    elif isinstance(node, list):
        for value in node:
            yield from pieces(value)
