"""The one way from a definition's text to its nodes."""

from __future__ import annotations

import yaml

from formengine.language.diagnostics import Findings
from formengine.language.reader.build_nodes import MAX_DEPTH, MAX_NODES, LimitPassedError, Tree, build
from formengine.language.reader.decoding import MAX_BYTES, clean, tell_too_large
from formengine.language.reader.line_slips import scan
from formengine.language.reader.nodes import Mapping, Scalar, Sequence, YamlNode
from formengine.language.reader.repair import Edit, RepairedText
from formengine.language.reader.truncation import find_cuts
from formengine.language.reader.yaml_errors import tell
from formengine.language.source import Source, Span

MOST_FINDINGS = 100
"""How many findings one file may have before reading stops; one more would help nobody."""
MAX_TEXT_CHARACTERS = 50_000
MOST_MENDINGS = 12
MOST_MENDED_CHARACTERS = 3_000_000
"""Errors that the line scan doesn't know cost a parse each; this bounds their number."""


def read(
    source: Source,
    findings: Findings,
    *,
    max_bytes: int = MAX_BYTES,
    max_depth: int = MAX_DEPTH,
    max_nodes: int = MAX_NODES,
) -> Mapping | None:
    """The names and values of a definition, or None when nothing usable is left; `findings` hold why.

    Where the author's text isn't YAML, the usual slips are named and mended in a copy, so that one reading
    brings all findings; the nodes then hold the text that was meant, at the place where it stands. Scalars
    stay text. A file that is too long, too deep or has too many parts is not read further.
    """
    if len(source.text) * 4 > max_bytes and len(source.text.encode("utf-8", "surrogatepass")) > max_bytes:
        tell_too_large(source, findings, max_bytes)
        return None
    own = Findings()
    source, text = clean(source, own)
    try:
        tree = _tree(source, text, own, max_depth, max_nodes)
    except LimitPassedError:
        tree = None
    if tree is not None:
        find_cuts(source, tree, own)
        if len(text) > MAX_TEXT_CHARACTERS and tree.root is not None:
            _shorten_long_texts(tree.root, own)
    root = _definition(source, tree, own) if tree is not None else None
    _hand_over(own, findings)
    return root


def _tree(source: Source, text: str, findings: Findings, max_depth: int, max_nodes: int) -> Tree | None:
    """The tree of the text as it stands, or of a mended copy; None when it can't be mended."""
    if "\t" not in text and "\xa0" not in text:
        found = Findings()
        try:
            tree = build(
                source,
                text,
                found,
                RepairedText(source, text, ()).reach,
                max_depth=max_depth,
                max_nodes=max_nodes,
            )
        except yaml.YAMLError:
            pass
        except LimitPassedError:
            findings.found += found.found
            raise
        else:
            findings.found += found.found
            return tree
    return _mended_tree(source, text, findings, max_depth, max_nodes)


def _mended_tree(
    source: Source, text: str, findings: Findings, max_depth: int, max_nodes: int
) -> Tree | None:
    edits: list[Edit] = scan(source, text, findings)
    for _ in range(max(1, min(MOST_MENDINGS, MOST_MENDED_CHARACTERS // (len(text) + 1)))):
        shadow = RepairedText(source, text, edits)
        found = Findings()
        try:
            tree = build(source, shadow.text, found, shadow.reach, max_depth=max_depth, max_nodes=max_nodes)
        except LimitPassedError:
            findings.found += found.found
            raise
        except yaml.YAMLError as error:
            edit = tell(error, shadow, findings)
            if edit is None:
                return None
            edits = [e for e in edits if e.end <= edit.start or e.start >= edit.end] + [edit]
        else:
            findings.found += found.found
            if tree.root is not None:
                shadow.relocate(tree.root)
            return tree
    return None


def _definition(source: Source, tree: Tree, findings: Findings) -> Mapping | None:
    root = tree.root
    if isinstance(root, Mapping):
        return root
    start = (
        Span(source, root.start, min(root.end, root.start + 1)) if root is not None else Span(source, 0, 0)
    )
    if findings.has_errors:
        return None
    if root is None or (isinstance(root, Scalar) and root.is_null):
        findings.add(
            "empty-file", "There is nothing in this file", start, help="a form begins with `form:` and a name"
        )
        return None
    what = "a list" if isinstance(root, Sequence) else "a text"
    findings.add(
        "not-a-definition",
        f"This file holds {what}; a definition is made of names and values",
        start,
        label="begins here",
        help="a form begins with `form:` and a name, and goes on with `title:` and `pages:`",
    )
    return None


def _shorten_long_texts(root: YamlNode, findings: Findings) -> None:
    """Report texts that are too long for anyone to read, and cut them to their beginning."""
    waiting: list[YamlNode] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Sequence):
            waiting += node.items
        elif isinstance(node, Mapping):
            waiting += [part for entry in node.entries for part in (entry.key, entry.value)]
        elif len(node.text) > MAX_TEXT_CHARACTERS:
            findings.add(
                "text-too-long",
                f"This text has more than {MAX_TEXT_CHARACTERS:,} characters, the most that is read",
                Span(node.source, node.start, node.start + 1),
                label="begins here",
                help="check where it ends; people won't read so long a text",
            )
            node.text, node.end, node.style = node.text[:1000], node.start + 1000, ""


def _hand_over(own: Findings, findings: Findings) -> None:
    """Copy each finding once, and no more than anyone would read, to `findings`."""
    ordered = own.in_file_order()
    findings.found += ordered[:MOST_FINDINGS]
    if len(ordered) > MOST_FINDINGS:
        last = ordered[MOST_FINDINGS].span
        findings.add(
            "more-findings",
            f"There are {len(ordered) - MOST_FINDINGS} more findings from here on, not listed",
            last,
            help="mend those above first, and check again",
        )
