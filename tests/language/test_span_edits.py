"""Edits of a text by ids: what was meant is changed, comments stay at what they are about, and nothing else moves."""

from __future__ import annotations

from difflib import unified_diff
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formengine.engine import Engine
from formengine.language.diagnostics import Findings
from formengine.language.editing import EditRefusedError
from formengine.language.editing.pieces import addresses, children_of, find_piece, tree_of
from formengine.language.editing.span_edits import (
    add_item,
    copy_item,
    move_item,
    remove_item,
    remove_key,
    set_key,
    shift_item,
)
from formengine.language.editing.written_outline import written_outline
from formengine.language.reader import Mapping, Scalar, Sequence, YamlNode, read
from formengine.language.source import Source
from tests.support.tiers import cases

FORM = """\
# Kept at the top.
form: visit   # as its folder
title: Visit
version: 1
pages:
  # What we ask first.
  - id: about
    title: About
    fields:
      # The name.
      - id: name   # as called
        type: text
        label: "First name"
        hint: |
          As in the passport.

          Not a nickname.

      - {id: age, type: number, label: Age}

      # Where they live.
      - type: section
        label: Where
        fields:
          - id: town
            type: choice
            label: 'Your town'
            options:
              dover: Dover   # the port
              deal: Deal
          - id: street
            type: text
            label: Street

  # What we ask last.
  - id: child
    title: Child
    fields:
      - id: child
        type: group
        label: Child
        fields:
          - id: born
            type: date
            label: Born
            show_if: >
              town is dover
              and age is answered
          - id: school
            type: text
            label: School
"""


DEEP = " " * 12
AGE = "      - {id: age, type: number, label: Age"


def changes(before: str, after: str) -> list[str]:
    """The lines that went and came."""
    lines = unified_diff(before.split("\n"), after.split("\n"), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


@pytest.mark.parametrize(
    ("address", "key", "value", "lines"),
    [
        ("", "title", "A visit", ["-title: Visit", "+title: A visit"]),
        ("about/name", "label", "Given name", ['-        label: "First name"', '+        label: "Given name"']),
        ("about/name", "label", 'The "first"', ['-        label: "First name"', '+        label: "The \\"first\\""']),
        ("about/town", "label", "Kit's town", ["-            label: 'Your town'", "+            label: 'Kit''s town'"]),
        ("about/street", "label", "So: where", ["-            label: Street", '+            label: "So: where"']),
        ("about/street", "required", "true", ["+            required: true"]),
        ("about/age", "required", "true", [f"-{AGE}}}", f"+{AGE}, required: true}}"]),
        ("about/age", "label", "In years, now", [f"-{AGE}}}", f'+{AGE[:-3]}"In years, now"}}']),
        ("about/town", "options/deal", "Deal town", ["-              deal: Deal", "+              deal: Deal town"]),
        ("about/town", "options/hythe", "Hythe", ["+              hythe: Hythe"]),
        ("child/child/born", "hint", "One.\n\nTwo.", [f"+{DEEP}hint: |", f"+{DEEP}  One.", "+", f"+{DEEP}  Two."]),
        ("child", "show_if", "age is answered", ["+    show_if: age is answered"]),
    ],
)  # fmt: skip
def test_a_key_is_set_in_the_way_it_was_written(address: str, key: str, value: str, lines: list[str]) -> None:
    assert changes(FORM, set_key(FORM, address, key, value)) == lines


def test_a_text_of_several_lines_stays_one() -> None:
    new = set_key(FORM, "about/name", "hint", "As you like.")
    assert changes(FORM, new) == [
        "-          As in the passport.",
        "-",
        "-          Not a nickname.",
        "+          As you like.",
    ]


def test_a_key_is_removed_with_all_below_it() -> None:
    assert changes(FORM, remove_key(FORM, "about/name", "label")) == ['-        label: "First name"']
    gone = changes(FORM, remove_key(FORM, "child/child/born", "show_if"))
    assert gone == [
        "-            show_if: >",
        "-              town is dover",
        "-              and age is answered",
    ]


def test_an_item_is_removed_with_its_comment_and_one_blank_line() -> None:
    new = remove_item(FORM, "about/name")
    assert "# The name." not in new
    assert "    fields:\n      - {id: age" in new
    assert "\n\n\n" not in new
    assert remove_item(FORM, "child").endswith("            label: Street\n")
    assert remove_item(FORM, "about").count("#") == FORM.count("#") - 5


def test_an_item_is_added_in_its_place_and_apart_where_its_neighbours_are() -> None:
    new = add_item(FORM, "about", "id: middle\ntype: text\nlabel: Middle name", after="name")
    assert changes(FORM, new) == [
        "+",
        "+      - id: middle",
        "+        type: text",
        "+        label: Middle name",
    ]
    first = add_item(FORM, "about", "id: one\ntype: text\nlabel: One")
    assert (
        "    fields:\n      - id: one\n        type: text\n        label: One\n\n      # The name.\n" in first
    )
    page = add_item(
        FORM, "", "id: more\ntitle: More\nfields:\n  - id: a\n    type: text\n    label: A", after="about"
    )
    assert "            label: Street\n\n  - id: more\n    title: More\n    fields:\n      - id: a\n" in page


def test_an_item_is_moved_with_its_comment_and_says_where_its_answers_were() -> None:
    new = move_item(FORM, "about/name", "child/child", after="born")
    assert "          # The name.\n          - id: name   # as called\n            type: text\n" in new
    assert "            renamed_from: name\n" in new
    assert "              As in the passport.\n\n              Not a nickname.\n" in new
    within = move_item(FORM, "about/street", "about", after="name")
    assert "renamed_from" not in within
    assert "      - id: street\n        type: text\n        label: Street\n" in within
    pages = move_item(FORM, "child", "")
    assert pages.index("# What we ask last.\n  - id: child") < pages.index(
        "# What we ask first.\n  - id: about"
    )


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (lambda: set_key(FORM, "about/nothing", "label", "x"), "unknown"),
        (lambda: set_key(FORM, "about/town", "nothing/deal", "x"), "unknown"),
        (lambda: set_key(FORM, "about/town", "options", "x"), "unclear"),
        (lambda: set_key(FORM, "about/name", "label", "a\0b"), "unclear"),
        (lambda: remove_key(FORM, "about/name", "id"), "only"),
        (lambda: remove_key(FORM, "about/age", "label"), "flow"),
        (lambda: remove_item(FORM, "child/child"), "only"),
        (lambda: move_item(FORM, "child", "child/child"), "inside"),
        (lambda: add_item(FORM, "about/age", "id: x"), "unknown"),
        (lambda: add_item(FORM, "about", "id: x\nlabel: a: b: c\n  d", after="name"), "unclear"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_reason(edit: Any, why: str) -> None:
    with pytest.raises(EditRefusedError) as refused:
        edit()
    assert refused.value.why == why


def test_a_slip_elsewhere_hinders_no_edit() -> None:
    slip = FORM.replace('label: "First name"', "label: First: name")
    assert changes(slip, set_key(slip, "child/child/school", "label", "Which school")) == [
        "-            label: School",
        "+            label: Which school",
    ]


def test_lines_that_end_in_cr_lf_do_so_afterwards() -> None:
    text = FORM.replace("\n", "\r\n")
    for new in (
        set_key(text, "child/child/school", "hint", "One.\n\nTwo."),
        add_item(text, "about", "id: x\ntype: text\nlabel: X", after="name"),
        move_item(text, "about/name", "child/child", after="born"),
        remove_item(text, "about/name"),
    ):
        assert new.count("\n") == new.count("\r\n") > 30


# --- any edit of the real definitions --------------------------------------------------------------------------------

REAL = [
    Engine().form(form_id).definition.sources[0].text
    for form_id in ("request-for-support", "early-help-notification")
]


VALUES = ("Plain", "With: colon", "It's", 'A "b"', "# no comment", "yes", "- dash", "((name or x))")


def plain(node: YamlNode | None) -> Any:
    """The tree as values, a list of pairs for each mapping."""
    if isinstance(node, Mapping):
        return [(entry.key.text, plain(entry.value)) for entry in node]
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.text.strip() if isinstance(node, Scalar) else None


def tree(text: str) -> Any:
    return plain(read(Source("x", text), Findings()))


def comments(text: str) -> list[tuple[str, str]]:
    """Each line that is a comment, with the next line that is none and not blank."""
    lines = [line.strip() for line in text.split("\n")]
    found = []
    for number, line in enumerate(lines):
        if line.startswith("#"):
            after = next((each for each in lines[number:] if each and not each.startswith("#")), "")
            found.append((line, after))
    return found


@settings(max_examples=cases(40, long=1000))
@given(st.integers(0, 10**9))
def test_any_edit_of_a_real_definition_reads_back_as_meant_and_strays_no_comment(seed: int) -> None:
    random = Random(seed)
    text = random.choice(REAL)
    _, root = tree_of(text)
    address = random.choice(addresses(root))
    kind = random.choice(["label", "new", "remove", "move"])
    piece = find_piece(root, address)
    key = "title" if piece.node.get("title") is not None else "label"
    try:
        if kind == "label":
            value = random.choice(VALUES)
            new = set_key(text, address, key, value)
            assert plain(find_piece(tree_of(new)[1], address).node.get(key)) == value
            assert len([line for line in changes(text, new) if line.startswith("+")]) <= 2
        elif kind == "new":
            new = set_key(text, address, "source_text", "It: was")
            assert plain(find_piece(tree_of(new)[1], address).node.get("source_text")) == "It: was"
        elif kind == "remove":
            new = remove_item(text, address)
            removed = plain(piece.node)
            assert removed in tree_items(tree(text))
            assert tree_items(tree(text)).count(removed) == tree_items(tree(new)).count(removed) + 1
            assert not [line for line in changes(text, new) if line.startswith("+")]
        else:
            head = address.rpartition("/")[0]
            around = find_piece(root, head)
            beside = [
                each
                for each in children_of(around)
                if each.items is piece.items and each.node is not piece.node
            ]
            names = [plain(each.node.get("id")) for each in beside if each.node.get("id") is not None]
            after = random.choice(names) if names else None
            new = move_item(text, address, head, after=after)
            assert (
                sorted(map(str, tree_items(tree(new)))) == sorted(map(str, tree_items(tree(text))))
                or kind == "move"
            )
            assert plain(find_piece(tree_of(new)[1], address).node) == plain(piece.node)
    except EditRefusedError as refused:
        assert refused.why in {"only", "flow", "unknown", "fragment", "unclear"}  # noqa: PT017 - a reason, and no fault
        return
    strayed = [each for each in comments(new) if each not in comments(text)]
    assert strayed == [] or kind == "remove" or (kind in {"label", "new"} and len(strayed) <= 1)


def tree_items(values: Any) -> list[Any]:
    """Every list of pairs in the tree, the outermost first."""
    if not isinstance(values, list):
        return []
    if values and isinstance(values[0], tuple):
        return [values, *(item for _, inner in values for item in tree_items(inner))]
    return [item for inner in values for item in tree_items(inner)]


def test_an_item_changes_places_with_its_neighbour_comments_and_all() -> None:
    assert shift_item(FORM, "about/age", -1) == shift_item(FORM, "about/name", 1)
    order = [each.id for each in written_outline(shift_item(FORM, "child", -1)) if each.depth == 0]
    assert order == ["child", "about"]
    moved = shift_item(FORM, "about/street", -1)
    assert moved.index("id: street") < moved.index("id: town") < moved.index("dover: Dover   # the port")
    with pytest.raises(EditRefusedError, match="only"):
        shift_item(FORM, "about/name", -1)
    for address in ("about/street", "child"):
        with pytest.raises(EditRefusedError, match="only"):
            shift_item(FORM, address, 1)


@pytest.mark.parametrize("form", ["request-for-support", "early-help-notification"])
def test_moving_an_item_down_and_up_again_leaves_every_byte(form: str) -> None:
    engine = Engine()
    text = next(iter(engine.texts_of(form).values()))
    movable = [each for each in written_outline(text) if each.address and each.turn < each.turns]
    assert len(movable) > 50
    for each in Random(7).sample(movable, 25):
        moved = shift_item(text, each.address, 1)
        assert moved != text
        assert sorted(moved.splitlines()) == sorted(text.splitlines())
        assert shift_item(moved, each.address, -1) == text


def test_a_copy_stands_below_with_another_id_and_without_what_saved_answers_follow() -> None:
    text = FORM.replace("- id: town\n", "- id: town\n            renamed_from: place\n")
    copied = copy_item(text, "about/town", "town_2")
    assert copied.count("renamed_from: place") == 1
    ids = [each.id for each in written_outline(copied) if each.page == "about" and each.depth > 1]
    assert ids == ["town", "town_2", "street"]
    assert copied.count("dover: Dover   # the port") == 2
    with pytest.raises(EditRefusedError, match="unknown"):
        copy_item(text, "about", "about_2")


def test_the_outline_of_a_text_names_pages_and_what_is_on_them_also_with_a_slip() -> None:
    for text in (FORM, FORM.replace("type: number", "type: numbr")):
        found = {each.id: each for each in written_outline(text) if each.id}
        assert (found["about"].kind, found["about"].depth, found["about"].page) == ("page", 0, "about")
        assert (found["name"].label, found["name"].path, found["name"].line) == ("First name", "name", 11)
        assert (found["town"].options, found["town"].address, found["town"].depth) == (2, "about/town", 2)
        assert (found["street"].turn, found["street"].turns) == (2, 2)
    assert [each.kind for each in written_outline(text) if each.id == "age"] == ["unread"]


def test_an_outline_names_a_note_by_its_first_words_without_their_marks() -> None:
    text = (
        "form: f\ntitle: F\nversion: 1\npages:\n  - id: p\n    title: P\n    fields:\n"
        "      - id: how\n        type: note\n        text: |\n"
        "          ## How does **this** work?\n\n          More.\n"
        "      - id: call\n        type: note\n        text: Tell ((name)) to call **999** now.\n"
    )
    pieces = {piece.id: piece.label for piece in written_outline(text)}
    assert pieces["how"] == "How does this work?"
    assert pieces["call"] == "Tell … to call 999 now."
