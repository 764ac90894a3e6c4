"""What authors get wrong first is told once, at the very word, with a way out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formengine.language import model
from formengine.language.diagnostics import Findings
from formengine.language.loader import FolderResolver, load_source
from formengine.language.loader.keys import FIELD, GROUP, PAGE, REPEAT
from formengine.language.source import Source
from tests.support.loading import codes_of, form_text, loaded, nodes_of

DEFINITIONS = Path(__file__).parents[2] / "definitions"
FIELD_TEXT = "- id: a\n  type: text\n  label: A\n"


def _told(fields: str, *, head: str = "") -> list[tuple[str, str, str]]:
    """Code, help and the marked text of each finding."""
    _, findings = loaded(form_text(fields, head=head))
    return [
        (found.code, found.help, found.span.source.text[found.span.start : found.span.end])
        for found in findings
    ]


@pytest.mark.parametrize(
    ("written", "code", "help_text"),
    [
        ("requierd: true", "unknown-key", "there is a similar key: `required`"),
        (
            "short-label: the a",
            "unknown-key",
            "write `short_label:`; keys have small letters and underscores",
        ),
        ("Required: true", "unknown-key", "write `required:`; keys have small letters and underscores"),
        (
            "hide_if: b is yes",
            "unknown-key",
            "write the opposite as `show_if`, such as `show_if: consent is not yes`",
        ),
        (
            "for_each: children",
            "unknown-key",
            ("asking each entry again on a later page is not possible yet; ask inside the repeat"),
        ),
        ("name: a", "other-word", "write `id:`"),
        ("mandatory: true", "other-word", "write `required:`"),
        ("maxlength: 9", "other-word", "write `max_length:`"),
        ("item_name: child", "misplaced-key", "it belongs to a repeat; check how far the line is indented"),
        ("stop: true", "misplaced-key", "it belongs to a page; check how far the line is indented"),
        (
            "max_size_mb: 5",
            "misplaced-key",
            "it belongs to `file` or `files`; check how far the line is indented",
        ),
    ],
)
def test_a_wrong_key_is_explained(written: str, code: str, help_text: str) -> None:
    assert _told(f"{FIELD_TEXT}  {written}\n") == [(code, help_text, written.partition(":")[0])]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("min", "min_items"), ("max", "max_items"), ("item", "item_name"), ("title", "label")],
)
def test_older_words_on_a_repeat_get_the_new_one(written: str, meant: str) -> None:
    lines = {"label": "label: A", "item_name": "item_name: a", "item_title": "item_title: ((b))"}
    lines[meant] = f"{written}: 3"
    keys = "".join(f"  {line}\n" for line in lines.values())
    inner = "  fields:\n    - id: b\n      type: text\n      label: B\n"
    assert _told(f"- id: a\n  type: repeat\n{keys}{inner}") == [("other-word", f"write `{meant}:`", written)]


@pytest.mark.parametrize(
    ("written", "value"), [("true", True), ("True", True), ("TRUE", True), ("false", False)]
)
def test_true_and_false_are_read_as_yaml_writes_them(written: str, *, value: bool) -> None:
    (field,) = nodes_of(f"{FIELD_TEXT}  required: {written}\n")
    assert isinstance(field, model.Field)
    assert field.required is value


@pytest.mark.parametrize(
    ("written", "help_text"),
    [
        ("yes", "write `required: true`"),
        ("No", "write `required: false`"),
        ('"true"', "write `required: true`"),
        ("b is yes", "write `required: true`; for a condition write `required_if: …`"),
    ],
)
def test_other_words_for_true_and_false_get_a_fix(written: str, help_text: str) -> None:
    assert _told(f"{FIELD_TEXT}  required: {written}\n") == [("wrong-boolean", help_text, written)]


@pytest.mark.parametrize(
    ("fields", "help_text"),
    [
        ("- a\n", "write `- id: first_name` and what belongs to it below"),
        (f"{FIELD_TEXT}  check:\n    that: a is answered\n    else: Say it\n",
         "begin each entry with `- `, such as `- that: date_of_birth is on or before today`"),
        (f"{FIELD_TEXT}  hint:\n    - one\n", "write it on the same line: `hint: …`"),
        ("- id: a\n  type: choice\n  label: A\n  options:\n    - Not known\n",
         "write `not_known: Not known`, without the dash"),
    ],
)  # fmt: skip
def test_a_wrong_shape_says_how_to_write_it(fields: str, help_text: str) -> None:
    (told,) = _told(fields)
    assert told[:2] == ("wrong-shape", help_text)


def test_pages_as_keys_instead_of_a_list_get_a_fix() -> None:
    _, findings = loaded("form: example\ntitle: Example\nversion: 1\npages:\n  about:\n    title: About\n")
    assert [(found.code, found.help) for found in findings] == [
        ("wrong-shape", "begin each entry with `- `, such as `- id: about_you`")
    ]


def test_a_form_without_a_page_is_told_at_its_key() -> None:
    _, findings = loaded("form: example\ntitle: Example\nversion: 1\npages: []\n")
    assert [(found.code, found.help) for found in findings] == [
        ("empty-value", "write the first page below it, beginning with `- id: about_you`")
    ]


@pytest.mark.parametrize("written", ["minimum: 1,5", "minimum: one", "minimum: 1e3", "minimum: 0x10"])
def test_a_number_is_figures(written: str) -> None:
    assert codes_of(f"- id: a\n  type: number\n  label: A\n  {written}\n") == ["wrong-number"]


@pytest.mark.parametrize("written", ["31/12/2026", "2026-02-30", "20260901", "2026-9-1", "tomorrow"])
def test_a_day_is_a_real_day_in_iso_form(written: str) -> None:
    assert codes_of(f"- id: a\n  type: date\n  label: A\n  minimum: {written}\n") == ["wrong-day"]


@pytest.mark.parametrize("name", ["A", "first-name", "first name", "1st", "é", "a.b", "_a", "x" * 65])
def test_ids_are_small_letters_figures_and_underscores(name: str) -> None:
    assert codes_of(f"- id: {name}\n  type: text\n  label: A\n") == ["bad-id"]


@pytest.mark.parametrize("name", ["item", "form", "id", "today", "any", "is", "for_each", "payment"])
def test_words_of_the_language_are_no_ids(name: str) -> None:
    assert codes_of(f"- id: {name}\n  type: text\n  label: A\n") == ["reserved-id"]


def test_ids_are_unique_whatever_the_page_and_sections_are_transparent() -> None:
    text = form_text(
        FIELD_TEXT,
        head="""
        start:
          fields:
            - id: a
              type: text
              label: A
        conditions:
          b: a is answered
        submit:
          fields:
            - type: section
              label: More
              fields:
                - id: b
                  type: tick
                  label: B
        """,
    )
    _, findings = loaded(text)
    assert [(found.code, found.span.line, found.related[0].span.line) for found in findings] == [
        ("duplicate-id", 11, 17),
        ("duplicate-id", 24, 7),
    ]


def test_groups_and_pages_have_namespaces_of_their_own() -> None:
    assert (
        codes_of("""
        - id: about
          type: group
          label: A
          fields:
            - id: about
              type: text
              label: A
    """)
        == []
    )


@pytest.mark.parametrize("name", ["start", "submit"])
def test_a_page_cannot_take_the_name_of_the_start_or_submit_page(name: str) -> None:
    _, findings = loaded(form_text(FIELD_TEXT).replace("- id: about", f"- id: {name}"))
    assert [found.code for found in findings] == ["reserved-id"]


def test_required_on_a_group_is_refused_with_help_for_its_kind() -> None:
    inner = "  fields:\n    - id: b\n      type: text\n      label: B\n"
    repeat = (
        f"- id: a\n  type: repeat\n  label: A\n  item_name: a\n  item_title: ((b))\n  required: true\n{inner}"
    )
    assert _told(repeat) == [("required-on-group", "write `min_items: 1`", "required")]
    group = f"- id: a\n  type: group\n  label: A\n  required: true\n{inner}"
    assert _told(group) == [
        ("required-on-group", "write `required: true` at each question that must be answered", "required")
    ]


def test_the_author_s_words_must_be_for_a_rule_of_the_type() -> None:
    good = "  max_length: 5\n  messages:\n    required: Say it\n    max_length: Too long\n"
    assert codes_of(FIELD_TEXT + good) == []
    assert codes_of(FIELD_TEXT + "  messages:\n    max_length: Too long\n") == ["unknown-message"]


def test_hide_from_names_an_audience_wherever_it_stands() -> None:
    option = (
        "- id: a\n  type: choice\n  label: A\n  options:\n    x:\n      label: X\n      hide_from: parents\n"
    )
    assert codes_of(option) == ["unknown-audience"]
    assert codes_of(option, head="audiences:\n  parents: The parents' copy\n") == []


@pytest.mark.parametrize(
    ("keys", "codes"),
    [
        ("label: Agreed?\n  required: true", ["question-without-short-label"]),
        ("label: Agreed?\n  required_if: b is yes", ["question-without-short-label"]),
        ("label: Agreed?", []),
        ("label: Agreement\n  required: true", []),
        ("label: Agreed?\n  short_label: whether agreed\n  required: true", []),
        ("label: Agreed?\n  messages:\n    required: Say whether agreed\n  required: true", []),
    ],
)
def test_a_required_question_needs_words_for_its_message(keys: str, codes: list[str]) -> None:
    assert codes_of(f"- id: a\n  type: yes_no\n  {keys}\n") == codes


def test_a_type_that_is_nearly_right_is_taken_as_meant_so_that_nothing_follows_from_it() -> None:
    definition, findings = loaded(form_text("- id: a\n  type: nhs-number\n  label: A\n"))
    assert [found.code for found in findings] == ["unknown-type"]
    (field,) = definition.pages[0].nodes
    assert isinstance(field, model.Field)
    assert field.type.name == "nhs_number"
    assert definition.unreadable == frozenset()


def test_a_form_with_no_keys_but_its_kind_is_told_what_it_lacks() -> None:
    _, findings = loaded("form: example\n")
    assert [found.message for found in findings] == [
        "The form has no `title`",
        "The form has no `version`",
        "The form has no `pages`",
    ]


def test_every_key_has_a_sentence_for_editors() -> None:
    docs = {key.doc for structure in (FIELD, GROUP, PAGE, REPEAT) for key in structure.keys.values()}
    assert [doc for doc in docs if not doc.endswith((".", "."))] == []


_LINES = (DEFINITIONS / "early-help-notification/form.yaml").read_text(encoding="utf-8").splitlines()
_PUT = ("\n", "- ", ": ", "((", "  ", "[", "~", "null", "x")


@given(
    first=st.integers(0, len(_LINES) - 61),
    count=st.integers(1, 60),
    put=st.lists(st.tuples(st.integers(0, 80), st.sampled_from(_PUT))),
)
def test_no_cut_or_garbled_form_raises(first: int, count: int, put: list[tuple[int, str]]) -> None:
    lines = [*_LINES[:first], *_LINES[first + count :]]
    for at, text in put:
        number = (first + at) % len(lines)
        cut = at % (len(lines[number]) + 1)
        lines[number] = lines[number][:cut] + text + lines[number][cut:]
    findings = Findings()
    load_source(Source("example/form.yaml", "\n".join(lines)), FolderResolver((DEFINITIONS,)), findings)
    for finding in findings.in_file_order():
        assert finding.message
        assert 0 <= finding.span.start <= finding.span.end <= len(finding.span.source.text)


def test_near_names_are_sought_only_as_long_as_anyone_would_read_them() -> None:
    lines = "".join(f"  requird_{number}: true\n" for number in range(300))
    _, findings = loaded(form_text(FIELD_TEXT + lines))
    assert {found.code for found in findings} == {"unknown-key"}
    assert findings[0].help == "there is a similar key: `required`"
    assert findings[-1].help == "the guide lists the keys there are"
