"""Which files a form is made of: found, included, kept as texts, never from outside."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from formengine.language import model
from formengine.language.diagnostics import DefinitionError, Findings
from formengine.language.loader import (
    DefinitionLimits,
    FolderResolver,
    TextResolver,
    check_source,
    load,
    load_packed,
    load_source,
    open_source,
    pack,
)
from formengine.language.source import Source
from tests.support.loading import codes_of, form_text, loaded, nodes_of

PERSON = """
    fragment: person
    fields:
      - id: first_name
        type: text
        label: First name
        required: true
      - type: section
        label: More
        fields:
          - id: gender
            type: choice
            label: Gender
            options: lists/gender
          - id: email
            type: email
            label: Email
"""
GENDER = """
    list: gender
    options:
      M: Male
      F: Female
"""
FILES = {"library/person.yaml": PERSON, "lists/gender.yaml": GENDER}
FORM = form_text("- use: library/person\n")


def _write(folder: Path) -> Path:
    """A definitions folder with the form `example`, a fragment and a list."""
    from textwrap import dedent

    for name, text in {"example/form.yaml": FORM, **FILES}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return folder


def _ids(nodes: tuple[model.Node, ...]) -> list[str]:
    found: list[str] = []
    for node in nodes:
        if isinstance(node, model.Section):
            found += _ids(node.nodes)
        elif isinstance(node, model.Field):
            found.append(node.id)
    return found


def test_a_form_loads_by_its_file_its_folder_and_its_id(tmp_path: Path) -> None:
    folder = _write(tmp_path)
    by_file = load(folder / "example/form.yaml")
    assert load(folder / "example") == by_file
    assert load("example", roots=[folder]) == by_file
    assert [source.name for source in by_file.sources] == [
        "example/form.yaml",
        "library/person.yaml",
        "lists/gender.yaml",
    ]


def test_a_file_beside_the_form_goes_before_one_in_the_definitions_folders(tmp_path: Path) -> None:
    folder = _write(tmp_path)
    (folder / "example/lists").mkdir()
    (folder / "example/lists/gender.yaml").write_text("list: gender\noptions:\n  X: Own\n", encoding="utf-8")
    texts = pack(load(folder / "example"))
    assert texts["lists/gender.yaml"] == "list: gender\noptions:\n  X: Own\n"


def test_lists_that_come_with_formengine_are_there_for_every_form(tmp_path: Path) -> None:
    (tmp_path / "form.yaml").write_text(
        form_text("- id: d\n  type: choice\n  label: District\n  options: lists/kent-districts\n"),
        encoding="utf-8",
    )
    (field,) = load(tmp_path).pages[0].nodes
    assert isinstance(field, model.Field)
    assert field.settings.options[0].code == "ashford"


def test_an_unknown_id_gets_the_near_one() -> None:
    with pytest.raises(DefinitionError) as caught:
        load("request-for-suport")
    (finding,) = caught.value.diagnostics
    assert (finding.code, finding.message) == ("unknown-form", "There is no form `request-for-suport`")
    assert finding.help == "there is a form with a similar name: `request-for-support`"


def test_load_raises_with_every_finding_at_once(tmp_path: Path) -> None:
    (tmp_path / "form.yaml").write_text(
        form_text("- id: a\n  type: txt\n  label: A\n- id: b\n  type: text\n  label: B\n  requird: true\n"),
        encoding="utf-8",
    )
    with pytest.raises(DefinitionError) as caught:
        load(tmp_path)
    assert [finding.code for finding in caught.value.diagnostics] == ["unknown-type", "unknown-key"]


def test_a_warning_does_not_keep_a_form_from_loading(tmp_path: Path) -> None:
    (tmp_path / "form.yaml").write_text(
        form_text("- id: a\n  type: yes_no\n  label: Agreed?\n  required: true\n"), encoding="utf-8"
    )
    assert load(tmp_path).id == "example"


@pytest.mark.parametrize(
    "name",
    [
        "../secrets/list",
        "/etc/passwd",
        "lists/../../x",
        "lists/gender.yaml",
        "https://example.org/list",
        "lists//gender",
        "C:\\x",
        ".hidden/x",
        "-rf/x",
    ],
)
def test_a_name_never_leads_out_of_the_definitions_folders(name: str, tmp_path: Path) -> None:
    folder = _write(tmp_path / "definitions")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/list.yaml").write_text("list: list\noptions:\n  a: A\n", encoding="utf-8")
    assert FolderResolver((folder,)).find(name, Findings()) is None
    assert codes_of(f"- id: a\n  type: choice\n  label: A\n  options: {name}\n") == ["include-outside"]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder = _write(tmp_path / "definitions")
    outside = tmp_path / "outside.yaml"
    outside.write_text("list: outside\noptions:\n  a: A\n", encoding="utf-8")
    (folder / "lists/outside.yaml").symlink_to(outside)
    (folder / "lists/inside.yaml").symlink_to(folder / "lists/gender.yaml")
    resolver = FolderResolver((folder,))
    assert resolver.find("lists/outside", Findings()) is None
    assert resolver.find("lists/inside", Findings()) is not None


def test_a_file_that_is_no_text_is_a_finding_that_names_the_including_line(tmp_path: Path) -> None:
    folder = _write(tmp_path)
    (folder / "lists/gender.yaml").write_bytes(b"\xff\xfe\x00l\x00i")
    with pytest.raises(DefinitionError) as caught:
        load(folder / "example")
    (finding,) = caught.value.diagnostics
    assert (finding.code, finding.span.source.name) == ("not-utf-8", "lists/gender.yaml")
    assert [(place.span.source.name, place.note) for place in finding.related] == [
        ("library/person.yaml", "included here")
    ]


def test_use_puts_the_fields_here_with_changes_and_without_what_is_left_out() -> None:
    nodes = nodes_of(
        """
        - use: library/person
          change:
            first_name:
              label: Name of the child
              required: false
            gender:
              hide_from: []
          leave_out: [email]
        """,
        FILES,
    )
    assert _ids(nodes) == ["first_name", "gender"]
    first = nodes[0]
    assert isinstance(first, model.Field)
    assert (first.settings.label, first.required) == ("Name of the child", False)


def test_a_fragment_is_used_twice_in_groups_and_only_once_in_one_scope() -> None:
    twice = """
        - id: mother
          type: group
          label: Mother
          fields:
            - use: library/person
        - id: father
          type: group
          label: Father
          fields:
            - use: library/person
    """
    assert codes_of(twice, FILES) == []
    assert codes_of("- use: library/person\n- use: library/person\n", FILES) == ["duplicate-id"] * 3


def test_fragments_that_use_one_another_in_circles_are_a_finding() -> None:
    files = {
        "library/a.yaml": "fragment: a\nfields:\n  - use: library/b\n",
        "library/b.yaml": "fragment: b\nfields:\n  - use: library/a\n",
    }
    _, findings = loaded(form_text("- use: library/a\n"), files)
    assert [finding.code for finding in findings] == ["use-in-circles"]
    assert findings[0].span.source.name == "library/b.yaml"


def test_a_missing_list_is_told_once_and_the_field_that_needs_it_is_remembered() -> None:
    definition, findings = loaded(
        form_text(
            "- id: a\n  type: choice\n  label: A\n  options: lists/none\n"
            "- id: b\n  type: choice\n  label: B\n  options: lists/none\n"
        )
    )
    assert [finding.code for finding in findings] == ["unknown-list"]
    assert definition.unreadable == {"a", "b"}


def test_more_files_than_allowed_are_not_read() -> None:
    _, findings = loaded(form_text("- use: library/person\n"), FILES, limits=DefinitionLimits(max_files=2))
    assert [finding.code for finding in findings] == ["too-many-files"]


def test_a_packed_definition_loads_without_its_files_and_is_the_same(tmp_path: Path) -> None:
    folder = _write(tmp_path)
    definition = load(folder / "example")
    texts = pack(definition)
    shutil.rmtree(folder)
    again = load_packed(texts)
    assert again == definition
    assert again.digest == definition.digest


def test_the_digest_covers_every_text_and_name() -> None:
    whole, _ = loaded(FORM, FILES)
    other, _ = loaded(FORM, {**FILES, "lists/gender.yaml": GENDER.replace("Male", "Man")})
    assert whole.digest != other.digest
    assert whole.digest == "be6daf286c221264c99b397eb8996e4be973691cd2d39c60281327a445334748"


def test_a_packed_definition_needs_every_text() -> None:
    definition, _ = loaded(FORM, FILES)
    texts = pack(definition)
    del texts["lists/gender.yaml"]
    with pytest.raises(DefinitionError) as caught:
        load_packed(texts)
    assert [finding.code for finding in caught.value.diagnostics] == ["unknown-list"]
    with pytest.raises(ValueError, match="at least the definition itself"):
        load_packed({})


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("example/form.yaml", FORM, "form"),
        ("lists/gender.yaml", "list: gender\noptions:\n  M: Male\n", "list"),
        ("library/x.yaml", "fragment: x\nfields:\n  - id: a\n    type: text\n    label: A\n", "fragment"),
        ("portal.yaml", "portal: example\n", "portal"),
        (
            "example/form.cy.yaml",
            "pages.about.title:\n  source: About\n  text: Am\n",
            "translation",
        ),
    ],
)
def test_each_kind_of_file_is_known_and_checked_alone(name: str, text: str, kind: str) -> None:
    findings = Findings()
    found, _ = check_source(Source(name, text), TextResolver(_dedented()), findings)
    assert (found, findings.in_file_order()) == (kind, ())


def _dedented() -> dict[str, str]:
    from textwrap import dedent

    return {name: dedent(text) for name, text in FILES.items()}


def test_a_fragment_alone_gets_its_own_findings() -> None:
    findings = Findings()
    text = "fragment: x\nfields:\n  - id: a\n    type: txt\n    label: A\n"
    check_source(Source("library/x.yaml", text), TextResolver({}), findings)
    assert [finding.code for finding in findings.found] == ["unknown-type"]


def test_a_list_is_no_form() -> None:
    findings = Findings()
    text = "list: x\noptions:\n  a: A\n"
    assert load_source(Source("x.yaml", text), TextResolver({}), findings) is None
    assert [finding.message for finding in findings.found] == [
        "A form is wanted here, but this file is a list"
    ]


def test_a_finding_in_a_fragment_shows_both_places() -> None:
    files = {"library/x.yaml": "fragment: x\nfields:\n  - id: a\n    type: txt\n    label: A\n"}
    _, (finding,) = loaded(form_text("- use: library/x\n"), files)
    assert (finding.span.source.name, finding.span.line) == ("library/x.yaml", 4)
    assert [(place.span.source.name, place.span.line, place.note) for place in finding.related] == [
        ("example/form.yaml", 8, "included here")
    ]


def test_what_is_opened_is_named_after_its_folder(tmp_path: Path) -> None:
    opened = open_source(_write(tmp_path) / "lists/gender.yaml", Findings())
    assert opened is not None
    assert opened[0].name == "lists/gender.yaml"


def test_files_that_multiply_one_another_stop_at_the_limit() -> None:
    def groups(used: str) -> str:
        entry = "  - id: g{0}\n    type: group\n    label: G\n    fields:\n      - use: library/{1}\n"
        return "".join(entry.format(number, used) for number in range(30))

    files = {
        f"library/{name}.yaml": f"fragment: {name}\nfields:\n{groups(used)}"
        for name, used in ("ab", "bc", "cd")
    }
    files["library/d.yaml"] = "fragment: d\nfields:\n  - id: z\n    type: text\n    label: Z\n"
    _, findings = loaded(form_text("- use: library/a\n"), files, limits=DefinitionLimits(max_nodes=2_000))
    assert [finding.code for finding in findings] == ["too-many-parts"]
