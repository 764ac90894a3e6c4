"""An author's Markdown: what it becomes, what is refused and shown as typed, and that no word is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formengine.language.content import (
    Block,
    BulletList,
    Callout,
    Heading,
    InlineText,
    LineBreak,
    NumberedList,
    Paragraph,
    fill,
    insertions,
    parse,
    plain_text,
)
from formengine.language.diagnostics import Findings
from formengine.language.expressions import Insert
from formengine.language.source import Located, Source, Span


def located(text: str) -> Located:
    """A text that is a whole file."""
    return Located(text, Span(Source("form.yaml", text), 0, len(text)))


def blocks(text: str) -> tuple[Block, ...]:
    """The blocks of a text in which nothing is to be found fault with."""
    findings = Findings()
    read = parse(located(text), findings)
    assert findings.found == []
    return read


def found(text: str) -> list[tuple[str, str]]:
    """Code and marked text of each finding."""
    findings = Findings()
    parse(located(text), findings)
    return [(d.code, text[d.span.start : d.span.end]) for d in findings.found]


def test_plain_text_is_paragraphs() -> None:
    assert blocks("Call us, Q & A.\nOr write.\n\nSecond\n") == (
        Paragraph((InlineText("Call us, Q & A. Or write."),)),
        Paragraph((InlineText("Second"),)),
    )


def test_empty_text_is_no_block() -> None:
    assert blocks("") == ()
    assert blocks(" \n\n \n") == ()


def test_bold_and_emphasis_are_runs() -> None:
    assert blocks("a **b** *c* ***d***") == (
        Paragraph(
            (
                InlineText("a "),
                InlineText("b", bold=True),
                InlineText(" "),
                InlineText("c", emphasis=True),
                InlineText(" "),
                InlineText("d", bold=True, emphasis=True),
            )
        ),
    )


def test_headings_begin_at_level_two() -> None:
    assert blocks("## Two\n### Three") == (
        Heading(2, (InlineText("Two"),)),
        Heading(3, (InlineText("Three"),)),
    )


def test_a_heading_of_level_one_is_reported_and_drawn_as_level_two() -> None:
    assert parse(located("# One")) == (Heading(2, (InlineText("One"),)),)
    assert found("# One") == [("unsupported-markup", "#")]


def test_lists_hold_blocks_and_numbers_begin_where_the_author_says() -> None:
    assert blocks("- a\n- b\n  1. c\n\n3. x\n4. y") == (
        BulletList(
            (
                (Paragraph((InlineText("a"),)),),
                (Paragraph((InlineText("b"),)), NumberedList(((Paragraph((InlineText("c"),)),),))),
            )
        ),
        NumberedList(((Paragraph((InlineText("x"),)),), (Paragraph((InlineText("y"),)),)), start=3),
    )


def test_a_block_quote_is_a_callout() -> None:
    assert blocks("> Call **now**") == (
        Callout((Paragraph((InlineText("Call "), InlineText("now", bold=True))),)),
    )


def test_a_line_ends_only_where_the_author_asks() -> None:
    assert blocks("one  \ntwo\nthree\\\nfour") == (
        Paragraph((InlineText("one"), LineBreak(), InlineText("two three"), LineBreak(), InlineText("four"))),
    )


@pytest.mark.parametrize(
    "address",
    ["https://www.example.org/a?b=1#c", "http://example.com", "mailto:help@example.org", "tel:02079460123"],
)
def test_a_link_leads_to_the_web_an_address_or_a_telephone(address: str) -> None:
    assert blocks(f"[Help]({address})") == (Paragraph((InlineText("Help", href=address),)),)


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "/help", "ftp://example.org", "x:y"]
)
def test_any_other_link_is_shown_as_typed_and_reported(address: str) -> None:
    text = f"[Help]({address})"
    assert parse(located(text)) == (Paragraph((InlineText(text),)),)
    assert found(text) == [("unsupported-link", address)]


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("a <b>bold</b>", ["<b>", "</b>"]),
        ("<script>alert(1)</script>", ["<script>", "</script>"]),
        ("see ![a plan](plan.png)", ["![a plan](plan.png)"]),
        ("run `make`", ["`"]),
        ("---", ["---"]),
    ],
)
def test_what_is_no_markup_here_is_shown_as_typed_and_reported(text: str, marked: list[str]) -> None:
    assert plain_text(parse(located(text))) == text
    assert found(text) == [("unsupported-markup", literal) for literal in marked]


def test_code_blocks_and_reference_definitions_keep_their_text() -> None:
    assert plain_text(parse(located("```py\nx = 1\n```"))) == "```py x = 1 ```"
    assert plain_text(parse(located("[a]: https://example.org"))) == "[a]: https://example.org"
    assert plain_text(parse(located("Name\n---"))) == "Name\n\n---"


def test_nesting_too_deep_to_read_loses_nothing() -> None:
    text = "> " * 60 + "deep"
    assert plain_text(parse(located(text))) == text
    assert [code for code, _ in found(text)] == ["unsupported-markup"]


def test_an_answer_stands_in_bold_and_links_but_not_in_their_addresses() -> None:
    (paragraph,) = blocks("**((child.first_name or the child))**'s *((a))* [((b))](https://example.org)")
    assert isinstance(paragraph, Paragraph)
    looks = [
        (run.text, run.bold, run.emphasis, run.href) for run in paragraph.runs if isinstance(run, InlineText)
    ]
    assert looks == [
        (Insert(("child", "first_name"), "the child", paragraph_span()), True, False, ""),
        ("'s ", False, False, ""),
        (Insert(("a",), None, paragraph_span()), False, True, ""),
        (" ", False, False, ""),
        (Insert(("b",), None, paragraph_span()), False, False, "https://example.org"),
    ]
    assert found("[x](https://example.org/((a)))") == [("unsupported-link", "https://example.org/")]


def paragraph_span() -> Span:
    """A span, which equality of insertions leaves out."""
    return Span(Source("", ""), 0, 0)


def test_an_answer_goes_in_as_text_and_never_as_markup() -> None:
    read = blocks("Dear **((name))**,\n\n- ((name))\n\n1. ((name))\n\n> ## ((name))")
    assert [insert.names for insert in insertions(read)] == [("name",)] * 4
    filled = fill(read, lambda _: "**x** <b> ((name)) [a](https://b)")
    assert list(insertions(filled)) == []
    answer = "**x** <b> ((name)) [a](https://b)"
    assert plain_text(filled) == f"Dear {answer},\n\n- {answer}\n\n1. {answer}\n\n{answer}"
    assert filled[0] == Paragraph((InlineText("Dear "), InlineText(answer, bold=True), InlineText(",")))


def test_blocks_that_ask_for_nothing_are_filled_at_no_cost() -> None:
    read = blocks("Nothing **asked**")
    assert fill(read, lambda _: "x") is read


def test_plain_text_names_where_links_lead() -> None:
    read = blocks(
        "See [our *guide*](https://example.org/g), <https://example.org> or [us](mailto:a@example.org)"
    )
    assert (
        plain_text(read) == "See our guide (https://example.org/g), https://example.org or us (a@example.org)"
    )


def test_plain_text_indents_lists() -> None:
    assert (
        plain_text(blocks("- a\n- b\n  - c\n\n9. x\n10. y\n\n    z"))
        == "- a\n- b\n  - c\n\n9. x\n10. y\n    z"
    )


# Letters carry the words; the signs are everything Markdown knows.
_TEXT = st.text("abcXYZ é\n\t*_`#>-+=~|!&;:.,/()[]<>\"'\\0123456789\ue000", max_size=80)


@given(text=_TEXT)
def test_no_letter_is_lost_and_none_invented(text: str) -> None:
    # A link's address and title, and insertions, are no text of the line.
    if "](" in text or "((" in text or "<" in text or "&" in text:
        return
    read = plain_text(parse(located(text), Findings()))
    assert re.sub("[^a-zA-Zé]", "", read) == re.sub("[^a-zA-Zé]", "", text)


@given(text=st.text() | _TEXT)
def test_any_text_is_read(text: str) -> None:
    findings = Findings()
    read = parse(located(text), findings)
    assert fill(read, lambda _: "x") is not None
    assert isinstance(plain_text(read), str)
    assert all(finding.help for finding in findings.found if finding.code.startswith("unsupported"))


@given(text=st.text("ab c.,'é\n(&)", max_size=60))
def test_the_short_way_for_plain_text_reads_like_the_long_one(text: str) -> None:
    if "((" in text or not text.strip():
        return
    # An empty emphasis-free mark that forces the long way: a bold word at the end, taken off again.
    longer = parse(located(f"{text.rstrip()}\n\n**z**"), Findings())
    assert parse(located(text), Findings()) == longer[:-1]
