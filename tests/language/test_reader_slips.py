"""The usual slips are named once each, and what was meant is read on."""

from __future__ import annotations

import pytest

from formengine.language.diagnostics import Findings
from formengine.language.reader import read
from formengine.language.source import Source
from tests.language.test_reader_tree import tree, values

FIELD = "fields:\n  - id: x\n    type: text\n"


def field(lines: str, *codes: str) -> dict[str, object]:
    """The keys of the one field that `lines` are added to."""
    found = tree(FIELD + lines, *codes)
    assert isinstance(found, dict)
    (made,) = found["fields"]
    assert isinstance(made, dict)
    assert made.pop("id") == "x"
    assert made.pop("type") == "text"
    return made


@pytest.mark.parametrize(
    ("written", "code", "meant"),
    [
        ("Your name:", "colon-in-text", "Your name:"),
        ("Note: bring: it", "colon-in-text", "Note: bring: it"),
        ("don't: do", "colon-in-text", "don't: do"),
        ("**DO NOT** use", "odd-first-character", "**DO NOT** use"),
        ("& more", "odd-first-character", "& more"),
        ("%done", "odd-first-character", "%done"),
        ("@home", "odd-first-character", "@home"),
        ("`code`", "odd-first-character", "`code`"),
        ("> 18", "odd-first-character", "> 18"),
        ("|bar", "odd-first-character", "|bar"),
        ("- dash", "odd-first-character", "- dash"),
        (", comma", "odd-first-character", ", comma"),
        ('"Joe" is here', "text-after-quote", '"Joe" is here'),
        ("'a' or 'b'", "text-after-quote", "'a' or 'b'"),
        ("{first_name}'s school", "text-after-bracket", "{first_name}'s school"),
        ("[optional] name", "text-after-bracket", "[optional] name"),
        ('"Your name', "unclosed-quote", '"Your name'),
        ("'twas", "unclosed-quote", "'twas"),
        ("[a, b", "unclosed-bracket", "[a, b"),
        (r'"\d+"', "odd-escape", r"\d+"),
    ],
)
def test_a_slip_in_a_text_is_named_and_the_text_is_read_as_meant(written: str, code: str, meant: str) -> None:
    assert field(f"    label: {written}\n    hint: next\n", code) == {"label": meant, "hint": "next"}


def test_all_slips_of_a_file_are_told_at_once_in_file_order() -> None:
    lines = '    label: Your name:\n    hint: "a" b\n    intro: *x* y\n    text:z\n   show_if: x\n'
    assert field(
        lines,
        "colon-in-text", "text-after-quote", "odd-first-character", "no-space-after-colon", "wrong-indent",
    ) == {"label": "Your name:", "hint": '"a" b', "intro": "*x* y", "text": "z", "show_if": "x"}  # fmt: skip


def test_carets_stand_under_the_slip_and_the_meant_text_knows_its_place() -> None:
    findings = Findings()
    root = read(Source("f", "a: b\nlabel: Your name: x\n"), findings)
    (finding,) = findings.found
    assert (finding.span.line, finding.span.column, finding.span.end - finding.span.start) == (2, 17, 1)
    assert root is not None
    label = root.get("label")
    assert label is not None
    assert label.source.text[label.start : label.end] == "Your name: x"


@pytest.mark.parametrize("key", ["label", "hint", "title", "no_such_key"])
def test_a_hash_that_cuts_a_text_is_told(key: str) -> None:
    assert field(f"    {key}: Flat # or name\n", "hash-cuts-text") == {key: "Flat"}


def test_a_hash_that_leaves_nothing_of_a_text_is_told() -> None:
    assert field("    label: # 1 in the list\n", "hash-cuts-text") == {"label": ""}


def test_a_hash_that_cuts_an_option_is_told_whatever_its_code_is() -> None:
    assert field("    options:\n      id: Flat # or name\n      b: B\n", "hash-cuts-text") == {
        "options": {"id": "Flat", "b": "B"}
    }


@pytest.mark.parametrize(
    "line",
    [
        "    show_if: y is yes # agreed",
        "    max_length: 5 # short",
        "    # a remark",
        "    label: 'Flat # or name'  # in quotes",
        "    label: Flat #or",
        "    label: Flat#1",
        "    text: |  # a block\n      a # b",
        "    leave_out:\n      - gender # not asked",
        "    options: # ours\n      a: A",
    ],
)
def test_remarks_that_cut_no_text_are_left_alone(line: str) -> None:
    if "#or" in line:
        field(line + "\n", "hash-cuts-text")
    else:
        field(line + "\n")


def test_a_comma_in_braces_is_told_and_adds_no_name() -> None:
    assert tree("a: { label: Name of school, college or setting, id: b }\n", "comma-cuts-text") == {
        "a": {"label": "Name of school", "id": "b"}
    }


def test_braces_with_every_name_followed_by_a_colon_are_fine() -> None:
    assert tree("a: { b: , c: d }\n") == {"a": {"b": "", "c": "d"}}


def test_a_name_without_its_space_is_told_where_yaml_reads_it_as_more_text() -> None:
    assert field("    label: Your name\n      hint:as on your letter\n", "no-space-after-colon") == {
        "label": "Your name hint:as on your letter"
    }


def test_an_address_on_a_line_of_its_own_is_text() -> None:
    assert field("    text: See\n      https://example.org/a:b\n      10:30\n") == {
        "text": "See https://example.org/a:b 10:30"
    }


def test_a_quote_that_swallows_the_next_lines_is_told() -> None:
    field('    label: "Your name\n    hint: as on your letter"\n', "unclosed-quote")


def test_a_whole_block_in_the_wrong_column_is_one_finding() -> None:
    assert field("   label: a\n   hint: b\n   text: c\n", "wrong-indent") == {
        "label": "a",
        "hint": "b",
        "text": "c",
    }


def test_a_run_of_tabs_is_one_finding() -> None:
    text = "pages:\n\t- id: a\n\t  title: b\n\t  fields:\n\t\t- id: c\n\t\t  type: text\n\t- id: d\n"
    assert tree(text, "tab-indent") == {
        "pages": [{"id": "a", "title": "b", "fields": [{"id": "c", "type": "text"}]}, {"id": "d"}]
    }


def test_tabs_after_a_colon_and_inside_a_block_of_text_are_no_slip() -> None:
    assert field("    label:\tYour\tname\n    text: |\n      a\n      \tb: c\n") == {
        "label": "Your\tname", "text": "a\n\tb: c\n"
    }  # fmt: skip


def test_text_of_a_block_is_never_searched_for_slips() -> None:
    block = "      Note: this: is * text\n      'twas\n      -x\n      label:y\n"
    found = field(f"    text: |\n{block}    label: a: b\n", "colon-in-text")
    assert found["text"] == "Note: this: is * text\n'twas\n-x\nlabel:y\n"


def test_no_break_spaces_are_told_only_where_they_stand_for_spaces() -> None:
    assert field(
        "    label:\xa0Your\xa0name\n    hint: 5\xa0km: far\n", "no-break-space", "colon-in-text"
    ) == {
        "label": "Your\xa0name",
        "hint": "5\xa0km: far",
    }


def test_text_in_straight_and_curly_quotes_is_meant() -> None:
    assert field("    label: “Yes” means “yes”\n    hint: '“Your name”'\n    text: the child’s\n") == {
        "label": "“Yes” means “yes”", "hint": "“Your name”", "text": "the child’s"
    }  # fmt: skip


@pytest.mark.parametrize(
    "text", ["[[[", "{{{", "'", '"', "a: [b", "- a\n- b: [", "? ", "a: 'b", "&", "*", "!", "a: !<"]
)
def test_unfinished_files_get_a_finding(text: str) -> None:
    findings = Findings()
    read(Source("f", text), findings)
    assert findings.has_errors


def test_values_are_helped_by_their_own_line() -> None:
    findings = Findings()
    read(Source("f", 'label: "Joe" is here\n'), findings)
    assert findings.found[0].help == "put the whole text in quotes: `label: '\"Joe\" is here'`"


def test_advice_that_is_followed_is_accepted() -> None:
    for written in ("Your name:", '"Joe" is', "*x* y", "it's: 'so'", 'a\\b "c": d'):
        findings = Findings()
        read(Source("f", f"label: {written}\n"), findings)
        advice = findings.found[0].help.split("`")[1]
        again = Findings()
        assert values(read(Source("f", advice + "\n"), again)) == {"label": written}
        assert again.found == []
