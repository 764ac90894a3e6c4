"""A caret inside any kind of text points at the character its author wrote."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from formengine.language.diagnostics import Findings
from formengine.language.reader import Mapping, Scalar, Sequence, read
from formengine.language.reader.locating import ESCAPES
from formengine.language.source import Source, Span
from tests.support.tiers import cases


def value(text: str) -> Scalar:
    findings = Findings()
    root = read(Source("f.yaml", text), findings)
    assert root is not None, findings.found
    found = root.get("k")
    assert isinstance(found, Scalar)
    return found


def written(span: Span) -> str:
    return span.source.text[span.start : span.end]


def part(text: str, of: str) -> tuple[int, int, str]:
    """Line and column of `of` inside the value of k, and what stands there."""
    scalar = value(text)
    start = scalar.text.index(of)
    span = scalar.located.part(start, start + len(of))
    return span.line, span.column, written(span)


def test_plain_text_on_one_line_stands_as_it_is() -> None:
    scalar = value("k: 😀 agreed is yes  # remark\n")
    assert scalar.located.locate is None
    assert part("k: 😀 agreed is yes\n", "is") == (1, 13, "is")


def test_offsets_count_characters_not_bytes_or_utf16_units() -> None:
    assert part("a: 😀é名\r\nk: x y\r\n", "y") == (2, 6, "y")


def test_a_byte_order_mark_shifts_nothing() -> None:
    assert part("\ufeffk: x y\n", "y") == (1, 6, "y")


def test_old_line_ends_count_as_lines() -> None:
    assert part("a: b\rk: x y\r", "y") == (2, 6, "y")


def test_an_escape_is_pointed_at_whole() -> None:
    assert part(r'k: "a\u00e9b"', "é") == (1, 6, r"\u00e9")
    assert part(r'k: "a\u00e9b"', "b") == (1, 12, "b")


def test_a_doubled_quote_is_one_character() -> None:
    assert part("k: 'the child''s name'", "'s") == (1, 14, "''s")


def test_folded_lines_are_found_on_their_own_line() -> None:
    assert part("k: one\n   two\n\n   three\n", "three") == (4, 4, "three")
    assert part("k: >-\n  one\n  two\n\n  three\n", "two") == (3, 3, "two")
    assert part('k: "one\n   two \\\n   three"\n', "three") == (3, 4, "three")


def test_a_block_counts_its_indentation_and_blank_lines() -> None:
    assert part("k: |\n\n    one\n      two\n\n    three\n", "two") == (4, 7, "two")
    assert part("k: |2+\n     one\n\n", "one") == (2, 6, "one")
    assert part("a:\n  - b\nk: |\n  one\n\n\n  two\nz: 1\n", "two") == (7, 3, "two")


def test_the_end_of_a_text_is_an_empty_place() -> None:
    scalar = value("k: 'ab'\n")
    span = scalar.located.part(2, 2)
    assert (span.start, span.end) == (6, 6)


def scalars(node: Mapping | Sequence | Scalar) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node]
    if isinstance(node, Sequence):
        return [scalar for item in node.items for scalar in scalars(item)]
    return [scalar for entry in node for scalar in (entry.key, *scalars(entry.value))]


PIECES = [
    "a", "b", "é", "😀", " ", "  ", "\n", "\n\n", "\t", "''", '\\"', "\\n", "\\u00e9", "\\x41", "\\\n",
    "#", "-",
    "\r\n", "\\ ", ":", "   ",
]  # fmt: skip
STYLES = ['"', "'", "|", "|-", "|+", ">", ">-", ">+", "|1", "|2", ">2-", ">1+", ""]
LITERAL_ESCAPES = set(ESCAPES.values()) | {"é", "A", "'"}


@given(
    style=st.sampled_from(STYLES),
    pieces=st.lists(st.sampled_from(PIECES), max_size=14),
    tail=st.sampled_from(["", "\nz: 1", "\n  z: 1"]),
)
@settings(max_examples=cases(500, long=15000), deadline=None)
@example(style="|1", pieces=["\n"], tail="\nz: 1")
@example(style="|", pieces=[], tail="")
@example(style='"', pieces=["a", "\\\n", "\n", "b"], tail="")
def test_each_character_is_located_where_it_stands(style: str, pieces: list[str], tail: str) -> None:
    body = "".join(pieces)
    if style in {'"', "'"}:
        text = f"k: {style}" + body.replace("\n", "\n ") + style + tail
    elif style:
        text = f"k: {style}\n  " + body.replace("\n", "\n  ") + tail
    else:
        text = "k: a" + body.replace("\n", "\n ") + tail
    findings = Findings()
    root = read(Source("f.yaml", text), findings)
    if root is None or findings.has_errors:
        return
    for scalar in scalars(root):
        located = scalar.located
        for at, char in enumerate(scalar.text):
            there = written(located.part(at, at + 1))
            assert there == char or there.startswith("\\") or there in {"''", "\r\n", "\n", "\r"}
            if char not in LITERAL_ESCAPES and not char.isspace():
                assert there == char
            if there.startswith("\\"):
                assert char in LITERAL_ESCAPES
