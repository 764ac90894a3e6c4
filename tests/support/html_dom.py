"""HTML as a tree, for tests that compare pages by content and not by layout."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})


@dataclass
class Element:
    """An element with its attributes, texts and elements in order; white space between words is one space."""

    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    def walk(self) -> list[Element]:
        """This element and all within it, in document order."""
        found = [self]
        for child in self.children:
            if isinstance(child, Element):
                found.extend(child.walk())
        return found

    def find(self, **attributes: str) -> Element:
        """The first element within that has these attributes (``id``, ``name``, ``class_``)."""
        return self.find_all(**attributes)[0]

    def find_all(self, **attributes: str) -> list[Element]:
        """Every element within that has these attributes; a class among several counts."""
        return [each for each in self.walk() if _has(each, attributes)]

    @property
    def text(self) -> str:
        """All text within, its white space as one space."""
        parts = [child if isinstance(child, str) else child.text for child in self.children]
        return " ".join(" ".join(parts).split())

    @property
    def raw_text(self) -> str:
        """The text with its white space, for textareas."""
        return "".join(child if isinstance(child, str) else child.raw_text for child in self.children)


def _has(element: Element, attributes: dict[str, str]) -> bool:
    for name, value in attributes.items():
        name = name.rstrip("_")
        own = element.attributes.get(name)
        if own is None or (value not in own.split() if name == "class" else own != value):
            return False
    return True


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("#root", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1].tag == tag, f"</{tag}> closes <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def parse(html: str) -> Element:
    """The tree of a page or of a piece of one. Every element that is opened must be closed."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader._open == [reader.root], "an element is not closed"
    return reader.root


def normal(element: Element, indent: str = "") -> list[str]:
    """The tree as lines: one an element or text, attributes in order of name; what is typed in a textarea is kept."""
    lines = []
    for child in element.children:
        if isinstance(child, str):
            text = repr(child) if element.tag == "textarea" else " ".join(child.split())
            if text:
                lines.append(indent + text)
            continue
        attributes = "".join(
            f' {name}="{_tidy(name, value)}"' for name, value in sorted(child.attributes.items())
        )
        lines.append(f"{indent}<{child.tag}{attributes}>")
        lines.extend(normal(child, indent + "  "))
    return lines


def _tidy(name: str, value: str) -> str:
    return " ".join(sorted(value.split())) if name == "class" else value
