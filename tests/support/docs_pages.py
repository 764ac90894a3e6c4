"""The documentation as the tests read it: pages, blocks of code, tables, links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
DOCS = CHECKOUT / "docs"
AUTHORS = DOCS / "authors"
PAGES = [
    *(CHECKOUT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted(DOCS.rglob("*.md")),
    *sorted((CHECKOUT / "examples").rglob("*.md")),
]

_FENCE = re.compile(r"^(?P<fence>```+)(?P<kind>[a-z]*)\n(?P<text>.*?)^(?P=fence)$", re.DOTALL | re.MULTILINE)
_FIRST_WORD = re.compile(r"^(?:#.*\n)*(?P<word>[a-z_]+):", re.MULTILINE)
_LINK = re.compile(r"!?\[[^\]\n]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (?P<text>.+)$", re.MULTILINE)
_WHOLE_FILES = ("form", "list", "fragment", "portal", "process")


@dataclass(frozen=True)
class Block:
    """A block of code on a page, with the line it begins on."""

    page: Path
    line: int
    kind: str
    text: str

    @property
    def name(self) -> str:
        """What a test calls it."""
        return f"{self.page.relative_to(CHECKOUT)}:{self.line}"

    @property
    def file_kind(self) -> str:
        """What kind of whole file it is, "" for a piece."""
        found = _FIRST_WORD.match(self.text)
        return found["word"] if found and found["word"] in _WHOLE_FILES else ""


def text_of(page: Path) -> str:
    """The page as it is."""
    return page.read_text(encoding="utf-8")


def without_code(page: Path) -> str:
    """The page without its blocks of code."""
    return _FENCE.sub("", text_of(page))


def blocks(page: Path, kind: str) -> Iterator[Block]:
    """The page's blocks of one kind, such as "yaml"."""
    text = text_of(page)
    for found in _FENCE.finditer(text):
        if found["kind"] == kind:
            yield Block(page, text.count("\n", 0, found.start()) + 1, kind, found["text"])


def all_blocks(kind: str) -> list[Block]:
    """The blocks of one kind on all pages."""
    return [block for page in PAGES for block in blocks(page, kind)]


def as_form(piece: str) -> str:
    """A whole form around fields or other pieces of one."""
    if not piece.startswith("- "):
        return piece
    indented = "".join(f"      {line}\n" if line else "\n" for line in piece.splitlines())
    return (
        "form: example\ntitle: Example\nversion: 1\n"
        f"pages:\n  - id: example_page\n    title: Example\n    fields:\n{indented}"
    )


def rows(page: Path, under: str) -> list[tuple[str, ...]]:
    """The cells of every table under the heading `under`, up to the next heading of its level, heads left out."""
    text = without_code(page)
    start = re.search(rf"^(?P<level>#+) {re.escape(under)}$", text, re.MULTILINE)
    if start is None:
        raise LookupError(f"{page.name} has no heading {under}")
    end = re.compile(rf"^#{{1,{len(start['level'])}}} ", re.MULTILINE).search(text, start.end())
    lines = text[start.end() : end.start() if end else len(text)].splitlines()
    found = []
    for number, line in enumerate(lines):
        is_head = number + 1 < len(lines) and lines[number + 1].startswith("| ---")
        if line.startswith("|") and not line.startswith("| ---") and not is_head:
            found.append(tuple(cell.strip() for cell in line.strip("|").split("|")))
    return found


def links(page: Path) -> Iterator[str]:
    """Where the page's links lead."""
    for found in _LINK.finditer(without_code(page)):
        yield found["target"]


def anchors(page: Path) -> set[str]:
    """The names a link to a part of the page can have, as GitHub makes them from headings."""
    made: dict[str, int] = {}
    names = set()
    for found in _HEADING.finditer(without_code(page)):
        plain = re.sub(r"[^\w\- ]", "", found["text"].lower()).replace(" ", "-")
        number = made.get(plain, 0)
        names.add(f"{plain}-{number}" if number else plain)
        made[plain] = number + 1
    return names


def files_on(page: Path) -> Mapping[str, str]:
    """The lists and fragments a page shows, by the path its forms know them under."""
    folders = {"list": "lists", "fragment": "library"}
    found = {}
    for block in blocks(page, "yaml"):
        folder = folders.get(block.file_kind)
        if folder:
            name = re.search(rf"^{block.file_kind}: (.+)$", block.text, re.MULTILINE)
            assert name is not None
            found[f"{folder}/{name[1]}.yaml"] = block.text
    return found
