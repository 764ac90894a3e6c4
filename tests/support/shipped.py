"""The definitions that ship with the package, as files and as outlines."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from formengine import compile_form, load
from formengine.form.analysis.outline import outline as outline_of
from formengine.language.bundled import bundled_folder

CHECKOUT = Path(__file__).parents[2]
DEFINITIONS = bundled_folder("definitions")
EXAMPLES = CHECKOUT / "examples"
EXPECTED = Path(__file__).parent / "expected"


def shipped_yaml() -> list[Path]:
    """Every YAML file of the definitions and examples, in order; scenarios are none of these."""
    files = sorted([*DEFINITIONS.rglob("*.yaml"), *EXAMPLES.rglob("*.yaml")])
    return [path for path in files if not path.name.endswith(".scenario.yaml")]


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


class Row(NamedTuple):
    """One piece of an outline; `path` is where its answer stands, without item ids ("" for a section)."""

    path: str
    type: str
    label: str
    required: bool
    hint: str
    max_length: int | None
    show_if: str
    basis: str
    hide_from: tuple[str, ...] = ()


def outline(form: str) -> Any:
    """The outline of the shipped form `form`, as the command line prints it in JSON."""
    return outline_of(compile_form(load(DEFINITIONS / form)))


def rows(fields: list[Any], inside: str = "") -> list[Row]:
    """Every piece of these fields in reading order, an outer one before what it holds."""
    found: list[Row] = []
    for field in fields:
        path = f"{inside}{field['id']}" if "id" in field else ""
        found.append(
            Row(
                path,
                field["type"],
                field.get("label", ""),
                field.get("required", False),
                field.get("hint", ""),
                field.get("max_length"),
                field.get("show_if", ""),
                field["basis"],
                tuple(field.get("hide_from", ())),
            )
        )
        found.extend(rows(field.get("fields", []), f"{path}." if path else inside))
    return found


def outline_lines(said: Any) -> list[str]:
    """An outline as lines for people to check: a page, indented below it each piece, bars between parts."""
    lines: list[str] = []
    for page in said["pages"]:
        lines.append(_line(["page", page["id"], page["title"]], page, "confirmed"))
        lines.extend(_piece_lines(page["fields"], page["basis"], "  "))
    return lines


def _piece_lines(fields: list[Any], basis: str, indent: str) -> Iterator[str]:
    for field in fields:
        first = [field.get("id", ""), field["type"], field.get("label", "")]
        yield indent + _line(first, field, basis)
        yield from _piece_lines(field.get("fields", []), field["basis"], indent + "  ")


def _line(first: list[str], piece: dict[str, Any], basis: str) -> str:
    """The parts of one line; the basis stands where it is not that of the piece around."""
    codes = [option["code"] for option in piece.get("options", [])]
    parts = [
        *first,
        "mandatory" if piece.get("required") else "",
        f"at most {piece['max_length']} characters" if "max_length" in piece else "",
        f"{piece['min_items']} to {piece['max_items']} entries" if "min_items" in piece else "",
        f"if {piece['show_if']}" if "show_if" in piece else "",
        ", ".join(codes) if len(codes) <= 6 else f"{len(codes)} options",
        f"from {', '.join(piece['options_from'])}" if "options_from" in piece else "",
        *(
            f"{level}: {check['that']}"
            for check in piece.get("checks", [])
            for level in check
            if level != "that"
        ),
        f"prefilled from {piece['prefill']}" if "prefill" in piece else "",
        f"not for {', '.join(piece['hide_from'])}" if "hide_from" in piece else "",
        "stop" if piece.get("stop") else "",
        "paper only" if piece.get("paper_only") else "",
        "screen only" if piece.get("screen_only") else "",
        piece["basis"] if piece["basis"] != basis else "",
        f"hint: {piece['hint']}" if "hint" in piece else "",
    ]
    return " | ".join(part for part in parts if part)
