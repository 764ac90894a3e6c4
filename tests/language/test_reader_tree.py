"""The nodes that come back: text as it stands, in its order, with its place."""

from __future__ import annotations

import sys

import pytest

from formengine.language.diagnostics import Findings
from formengine.language.reader import Mapping, Scalar, Sequence, YamlNode, decode, read
from formengine.language.source import Source


def values(node: YamlNode | None) -> object:
    if isinstance(node, Mapping):
        return {entry.key.text: values(entry.value) for entry in node}
    if isinstance(node, Sequence):
        return [values(item) for item in node.items]
    return None if node is None else node.text


def tree(text: str, *codes: str) -> object:
    """The values of `text`, whose findings must have exactly these codes."""
    findings = Findings()
    root = read(Source("form.yaml", text), findings)
    assert tuple(finding.code for finding in findings.found) == codes
    return values(root)


def test_scalars_stay_text() -> None:
    text = "a: no\nb: 012\nc: 1:30\nd: 2026.10\ne: ~\nf: null\ng:\nh: true\n"
    assert tree(text) == {
        "a": "no", "b": "012", "c": "1:30", "d": "2026.10", "e": "~", "f": "null", "g": "", "h": "true",
    }  # fmt: skip


def test_only_plain_nothing_is_null() -> None:
    findings = Findings()
    root = read(Source("f", "a:\nb: ~\nc: null\nd: 'null'\ne: \"\"\nf: none\n"), findings)
    assert root is not None
    nulls = [entry.key.text for entry in root if isinstance(entry.value, Scalar) and entry.value.is_null]
    assert nulls == ["a", "b", "c"]


def test_spans_hold_the_authors_text() -> None:
    text = "a: {b: c}  # remark\nd:\n  - e\n  - f: 'g'\n\n# end\n"
    root = read(Source("f", text), Findings())
    assert root is not None
    a, d = root.get("a"), root.get("d")
    assert a is not None
    assert d is not None
    assert text[a.start : a.end] == "{b: c}"
    assert text[d.start : d.end] == "- e\n  - f: 'g'"
    assert text[root.start : root.end] == text[:-8]


def test_json_style_is_read() -> None:
    assert tree('{"form": "a", "pages": [{"id": "b"}]}') == {"form": "a", "pages": [{"id": "b"}]}


def test_the_first_of_two_equal_names_is_kept_and_both_places_are_told() -> None:
    findings = Findings()
    root = read(Source("f", "a: 1\nb: 2\na: 3\n"), findings)
    assert values(root) == {"a": "1", "b": "2"}
    (finding,) = findings.found
    assert (finding.code, finding.span.line, finding.related[0].span.line) == ("duplicate-key", 3, 1)


def test_a_text_of_fifty_thousand_characters_is_read_and_a_longer_one_is_told() -> None:
    assert tree("a: " + "x" * 50_000 + "\n") == {"a": "x" * 50_000}
    assert tree("a: " + "x" * 50_001 + "\n", "text-too-long") == {"a": "x" * 1000}


@pytest.mark.parametrize(
    ("limit", "text", "code"),
    [
        ({"max_bytes": 10}, "a: 12345678", "file-too-large"),
        ({"max_bytes": 10}, "a: ééééé", "file-too-large"),
        ({"max_depth": 2}, "a: [[1]]", "nested-too-deep"),
        ({"max_nodes": 4}, "a: 1\nb: 2\n", "too-many-parts"),
    ],
)
def test_limits_are_arguments(limit: dict[str, int], text: str, code: str) -> None:
    findings = Findings()
    assert read(Source("f", text), findings, **limit) is None
    assert [finding.code for finding in findings.found] == [code]


def test_what_is_exactly_at_the_limit_is_read() -> None:
    findings = Findings()
    assert read(Source("f", "a: [1]"), findings, max_bytes=6, max_depth=2, max_nodes=4) is not None
    assert findings.found == []


def test_deep_input_never_reaches_the_recursion_limit() -> None:
    depth = sys.getrecursionlimit() * 50
    assert tree("a: " + "[" * depth, "nested-too-deep") is None


def test_bytes_of_windows_files_are_told_and_the_rest_is_read() -> None:
    findings = Findings()
    source = decode(b"a: the child\x92s\nb: c: d\n", "f", findings)
    assert source is not None
    assert values(read(source, findings)) == {"a": "the child\ufffds", "b": "c: d"}
    assert [finding.code for finding in findings.in_file_order()] == ["not-utf-8", "colon-in-text"]


@pytest.mark.parametrize("raw", ["form: a".encode("utf-16"), b"\xfe\xff\0f", b"\0\0\0", b"PK\x03\x04\0\0"])
def test_what_is_no_text_is_refused_whole(raw: bytes) -> None:
    findings = Findings()
    source = decode(raw, "f", findings)
    codes = {finding.code for finding in findings.found}
    if source is not None:
        assert read(source, findings) is None
    assert codes <= {"not-utf-8"}
    assert findings.has_errors
