"""Events of the C parser to nodes, counted as they come.

The composer of the C parser recurses and kills the process on deep input; its events don't, and they cost a
quarter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import yaml

from formengine.language.diagnostics import Findings, Related
from formengine.language.reader.decoding import REFUSED, character_name
from formengine.language.reader.nodes import Mapping, MappingEntry, Scalar, Sequence, YamlNode
from formengine.language.source import Source, Span

MAX_DEPTH = 40
MAX_NODES = 50_000
MERGE_KEY = "<<"


class Reach(Protocol):
    """Maps a stretch of the text being parsed to the author's file."""

    def __call__(self, start: int, end: int, /) -> Span:
        """The span in the author's file."""
        ...


class LimitPassedError(Exception):
    """The file is nested too deep or has too many parts; the finding is already made."""


@dataclass(slots=True)
class Tree:
    """The contents of a file, and the parts to check once more: long scalars and braces."""

    root: YamlNode | None
    long_scalars: list[Scalar] = field(default_factory=list)
    braces: list[Mapping] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    """A collection whose end hasn't come yet: the nodes around it, where it began, what it is."""

    nodes: list[YamlNode]
    start: int
    is_mapping: bool
    in_braces: bool


def build(
    source: Source,
    text: str,
    findings: Findings,
    reach: Reach,
    *,
    max_depth: int = MAX_DEPTH,
    max_nodes: int = MAX_NODES,
) -> Tree:
    """The tree of `text`, its offsets those of `text`; findings get what forms don't use.

    Raises `yaml.YAMLError` where the parser stops, `LimitPassedError` where we do.
    """
    return _Builder(source, text, findings, reach, max_depth, max_nodes).tree()


@dataclass(slots=True)
class _Builder:
    source: Source
    text: str
    findings: Findings
    reach: Reach
    max_depth: int
    max_nodes: int

    def tree(self) -> Tree:
        """One loop over the events, kept flat because a form has thousands of them."""
        next_event: Callable[[], Any] = yaml.CSafeLoader(self.text).get_event
        tree = Tree(None)
        stack: list[_Open] = []
        nodes: list[YamlNode] = []
        source, keep_long, room, end = self.source, tree.long_scalars.append, self.max_nodes, 0
        while True:
            event = next_event()
            kind = type(event)
            if kind is yaml.ScalarEvent:
                value = event.value
                start = event.start_mark.index
                end = event.end_mark.index
                node = Scalar(value, source, start, end, event.style or "")
                nodes.append(node)
                if event.style or end - start != len(value):
                    end = self._settle(node, event)
                    keep_long(node)
                room -= 1
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                stack.append(self._opened(event, nodes, len(stack)))
                nodes = []
                room -= 1
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                opened = stack.pop()
                end = event.end_mark.index if opened.in_braces else max(end, opened.start)
                opened.nodes.append(self._collection(opened, nodes, end, tree))
                nodes = opened.nodes
            elif kind is yaml.AliasEvent:
                end = event.end_mark.index
                nodes.append(self._alias(event))
                room -= 1
            elif kind is yaml.DocumentStartEvent:
                if not self._welcome(event, nodes):
                    break
            elif kind is yaml.StreamEndEvent:
                break
            if room < 0:
                self._stop_at_nodes(event)
        tree.root = nodes[0] if nodes else None
        return tree

    def _opened(self, event: Any, nodes: list[YamlNode], depth: int) -> _Open:
        if depth >= self.max_depth:
            self._stop_at_depth(event)
        start: int = event.start_mark.index
        if event.anchor is not None or event.tag is not None:
            start = self._tell_properties(event)
        return _Open(nodes, start, type(event) is yaml.MappingStartEvent, bool(event.flow_style))

    def _collection(self, opened: _Open, nodes: list[YamlNode], end: int, tree: Tree) -> YamlNode:
        if not opened.is_mapping:
            return Sequence(tuple(nodes), self.source, opened.start, end)
        made = Mapping(self._entries(nodes), self.source, opened.start, end)
        if opened.in_braces:
            tree.braces.append(made)
        return made

    def _entries(self, nodes: list[YamlNode]) -> tuple[MappingEntry, ...]:
        entries: dict[str, MappingEntry] = {}
        pairs = iter(nodes)
        for key in pairs:
            value = next(pairs)
            if not isinstance(key, Scalar):
                self._tell_odd_key(key)
            elif key.text in entries:
                self._tell_duplicate(key, entries[key.text].key)
            elif key.text == MERGE_KEY and key.plain:
                self._tell_merge(key)
            elif not key.text:
                self._tell_no_key(key)
            else:
                entries[key.text] = MappingEntry(key, value)
        return tuple(entries.values())

    def _settle(self, node: Scalar, event: Any) -> int:
        """Report anchor and tag of the scalar; returns where it ends, without a block's blank lines."""
        if event.anchor is not None or event.tag is not None:
            node.start = self._tell_properties(event)
        if node.style in ("|", ">"):
            written = self.text[node.start : node.end]
            node.end = node.start + len(written.rstrip())
        elif node.style == '"' and (hidden := REFUSED.search(node.text)) is not None:
            self._tell_hidden(node, hidden[0])
        return node.end

    def _tell_hidden(self, node: Scalar, char: str) -> None:
        """Report a backslash escape that stands for a character no definition may hold."""
        self.findings.add(
            "hidden-character",
            f"A backslash in this text writes a hidden character, {character_name(char)}",
            self.reach(node.start, node.end),
            label="a backslash has a meaning of its own between double quotes",
            help="leave the backslash out, or put the text in single quotes: there it is a backslash",
        )

    def _tell_properties(self, event: Any) -> int:
        """Report anchor and tag; returns where the node itself begins after them."""
        text = self.text
        at: int = event.start_mark.index
        stop: int = max(event.end_mark.index, at)
        while at < len(text) and text[at] in "&!":
            word_end = at
            while word_end < len(text) and not text[word_end].isspace() and text[word_end] not in ",[]{}":
                word_end += 1
            self._tell_property(text[at:word_end], at, word_end)
            at = word_end
            while at < stop and text[at].isspace():
                at += 1
        return min(at, max(stop, at))

    def _tell_property(self, word: str, start: int, end: int) -> None:
        anchor = word.startswith("&")
        self.findings.add(
            "anchor" if anchor else "tag",
            f"`{word[:40]}` is a YAML {'anchor' if anchor else 'tag'}, which forms don't use",
            self.reach(start, end),
            label="leave this out",
            help="if it is part of the text, put the whole text in quotes",
        )

    def _alias(self, event: Any) -> Scalar:
        """Report the reference; returns it as the text that is written there."""
        start, end = event.start_mark.index, event.end_mark.index
        self.findings.add(
            "alias",
            f"`{self.text[start:end][:60]}` would repeat another part of the file, which forms don't use",
            self.reach(start, end),
            label="read as a reference, not as text",
            help="if it is text, put it in quotes; to use fields twice, put them in a file and write `use:`",
        )
        return Scalar(self.text[start:end], self.source, start, end)

    def _tell_duplicate(self, key: Scalar, first: Scalar) -> None:
        self.findings.add(
            "duplicate-key",
            f"`{key.text[:60]}` is written twice here; only one of them can count",
            self.reach(key.start, key.end),
            label="written again",
            help="keep one of them",
            related=(Related(self.reach(first.start, first.end), "first written here"),),
        )

    def _tell_merge(self, key: Scalar) -> None:
        self.findings.add(
            "merge-key",
            "`<<` would copy another part of the file, which forms don't use",
            self.reach(key.start, key.end),
            help="to use fields twice, put them in a file of their own and write `use:`",
        )

    def _tell_no_key(self, key: Scalar) -> None:
        self.findings.add(
            "key-not-text",
            "A colon stands here with no name in front of it",
            self.reach(key.start, max(key.end, key.start + 1)),
            help="write the name in front of the colon, such as `label: …`",
        )

    def _tell_odd_key(self, key: Mapping | Sequence) -> None:
        what = "a list" if isinstance(key, Sequence) else "a part of its own"
        self.findings.add(
            "key-not-text",
            f"The name in front of a colon is {what} here; it must be a word",
            self.reach(key.start, key.end),
            help="if this is text to be shown, put the whole text in quotes",
        )

    def _welcome(self, event: Any, nodes: list[YamlNode]) -> bool:
        """Whether this document is read: the first is; a second is reported."""
        start = event.start_mark.index
        if event.version is not None or event.tags:
            self.findings.add(
                "yaml-directive",
                "A line that begins with % is an instruction to YAML readers, which forms don't use",
                self.reach(start, start + 1),
                help="delete the line; if it is text, it belongs after a name such as `text:`",
            )
        if nodes:
            self.findings.add(
                "several-documents",
                "`---` begins a second form in the same file",
                self.reach(start, event.end_mark.index),
                label="nothing from here on is read",
                help="give each form a file of its own, or delete this line",
            )
        return not nodes

    def _stop_at_depth(self, event: Any) -> None:
        start = event.start_mark.index
        self.findings.add(
            "nested-too-deep",
            f"Parts stand inside each other more than {self.max_depth} deep here",
            self.reach(start, start + 1),
            label="one level too many",
            help="check the indentation and the brackets; a form needs about ten levels",
        )
        raise LimitPassedError

    def _stop_at_nodes(self, event: Any) -> None:
        start = event.start_mark.index
        self.findings.add(
            "too-many-parts",
            f"This file has more than {self.max_nodes:,} parts (names, values, lists), the most that is read",
            self.reach(start, start + 1),
            label="reading stopped here",
            help="move lists and repeated fields into files of their own",
        )
        raise LimitPassedError
