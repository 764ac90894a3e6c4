"""How every shipped definition is written: block style, nothing clever, nobody's real details."""

import re
from pathlib import Path

import pytest
import yaml

from formengine import load
from formengine.language.content import plain_text
from tests.support.shipped import CHECKOUT, DEFINITIONS, EXAMPLES, pieces, shipped_yaml, tree
from tests.tools import yamlls

pytestmark = pytest.mark.slow

FILES = shipped_yaml()
ANSWERS = sorted(EXAMPLES.rglob("*.json"))
BASES = {"confirmed", "national_standard", "reconstructed"}

# 999 and two numbers that the council publishes; any other number has to come from Ofcom's ranges for drama.
PUBLIC_NUMBERS = {"999", "03000411111", "03000419191"}
DRAMA = re.compile(r"(02079460\d{3}|01134960\d{3}|01632960\d{3}|07700900\d{3}|08081570\d{3}|03069990\d{3})")

named = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CHECKOUT)))
texts = pytest.mark.parametrize("path", FILES + ANSWERS, ids=lambda path: str(path.relative_to(CHECKOUT)))


def test_there_are_two_forms_four_fragments_and_fourteen_lists() -> None:
    assert sorted(path.parent.name for path in DEFINITIONS.glob("*/form.yaml")) == [
        "early-help-notification",
        "request-for-support",
    ]
    assert sorted(path.stem for path in DEFINITIONS.glob("library/*.yaml")) == [
        "agency",
        "child",
        "person",
        "person_name",
    ]
    assert sorted(path.stem for path in DEFINITIONS.glob("lists/*.yaml")) == [
        "agency-types",
        "agreement",
        "awareness",
        "dsl-consulted",
        "ethnicity",
        "existing-plans",
        "gender",
        "kent-districts",
        "languages",
        "needs",
        "on-behalf-of",
        "parental-responsibility",
        "reasons",
        "relationships",
    ]


@named
def test_the_first_line_leads_editors_to_the_schema(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert found is not None
    assert (path.parent / found[1]).resolve() == DEFINITIONS / "form.schema.json"


@named
def test_a_file_is_in_block_style_without_anchors_tags_or_repeated_keys(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        assert not isinstance(event, yaml.AliasEvent)
        assert getattr(event, "anchor", None) is None
        assert getattr(event, "tag", None) is None
        assert not (isinstance(event, yaml.MappingStartEvent) and event.flow_style)
    nodes = [yaml.compose(text, Loader=yaml.CSafeLoader)]
    while nodes:
        node = nodes.pop()
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            assert len(keys) == len(set(keys)), keys
            nodes.extend(value for _, value in node.value)
        elif isinstance(node, yaml.SequenceNode):
            assert not node.flow_style or len(node.value) <= 6
            nodes.extend(node.value)


@named
def test_no_label_ends_in_a_colon_or_a_full_stop(path: Path) -> None:
    for piece in pieces(tree(path)):
        for key in ("label", "title", "short_label"):
            said = piece.get(key, "")
            assert not (isinstance(said, str) and said.endswith((":", "."))), said


@named
def test_a_basis_is_one_of_the_three_words(path: Path) -> None:
    assert {piece["basis"] for piece in pieces(tree(path)) if "basis" in piece} <= BASES


@named
def test_a_mandatory_question_says_how_messages_call_it(path: Path) -> None:
    for piece in pieces(tree(path)):
        if piece.get("required") == "true" and piece.get("label", "").endswith("?"):
            assert "short_label" in piece or "required" in piece.get("messages", {}), piece["id"]


@pytest.mark.parametrize(
    "name",
    [
        "request-for-support/form.yaml",
        "early-help-notification/form.yaml",
        "portal.yaml",
        "library/child.yaml",
    ],
)
def test_an_editor_finds_nothing_to_mark(name: str) -> None:
    assert yamlls.diagnostics(DEFINITIONS / name) == []


@texts
def test_every_email_address_is_at_an_example_domain(path: Path) -> None:
    domains = re.findall(r"[\w.+-]+@([\w.-]+\w)", path.read_text(encoding="utf-8"))
    assert set(domains) <= {"example.com", "example.org"}


@texts
def test_every_telephone_number_is_public_or_made_for_drama(path: Path) -> None:
    for found in re.findall(
        r"(?<![\w./-])(?:\+44|0)[\d ()-]{8,}\d|\b999\b", path.read_text(encoding="utf-8")
    ):
        number = re.sub(r"\D", "", found)
        assert number in PUBLIC_NUMBERS or DRAMA.fullmatch(number), found


FORMS_WITH_PROCESSES = sorted(path.parent for path in DEFINITIONS.glob("*/process.yaml"))


@pytest.mark.parametrize("form", FORMS_WITH_PROCESSES, ids=lambda path: path.name)
def test_a_receipt_leaves_it_to_the_process_to_say_by_when_something_is_done(form: Path) -> None:
    # Both stand on one page: what the form promised would contradict an urgent deadline, or a process that changed.
    said = plain_text(load(form).confirmation.text)
    assert said
    assert (
        re.findall(r"\b(?:\d+|one|two|three|four|five) (?:working )?(?:minute|hour|day|week)s?\b", said) == []
    )
