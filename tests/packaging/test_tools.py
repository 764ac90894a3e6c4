"""The judges judge: each finds a planted fault, and passes what is right."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from fpdf import FPDF
from playwright.sync_api import Page

from tests.tools import ToolError, ajv, nu, verapdf, yamlls
from tests.tools.browser import axe, served
from tests.tools.node import JavaScriptError, run_module

GOOD_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Your name</title></head>
<body><main><h1>Your name</h1><form action="/" method="post">
<label for="name">Full name</label> <input id="name" name="name" type="text"> <button>Continue</button>
</form></main></body>
</html>
"""


def write_pdf(path: Path, compliance: str | None = None) -> Path:
    """A one-line PDF as fpdf2 makes it: untagged, so never PDF/UA."""
    fonts = files("font_source_sans_pro") / "files"
    pdf = FPDF(enforce_compliance=compliance) if compliance else FPDF()
    pdf.add_font("Source", fname=str(fonts / "SourceSansPro-Regular.ttf"))
    pdf.set_font("Source", size=12)
    pdf.set_title("Your name")
    pdf.set_lang("en-GB")
    pdf.add_page()
    pdf.cell(text="Full name: Ada Example")
    pdf.output(str(path))
    return path


# --- veraPDF ---------------------------------------------------------------------------------------------


@pytest.mark.java
def test_verapdf_fails_an_untagged_pdf_and_names_the_clause(tmp_path: Path) -> None:
    plain, archival = write_pdf(tmp_path / "plain.pdf"), write_pdf(tmp_path / "archival.pdf", "PDF/A-3U")

    verdicts = verapdf.check([plain, archival], flavours=("ua1", "3u"))

    assert [(verdict.path, verdict.flavour, verdict.passed) for verdict in verdicts] == [
        (plain, "ua1", False),
        (plain, "3u", False),
        (archival, "ua1", False),
        (archival, "3u", True),
    ]
    untagged = verdicts[2].broken
    assert "Content shall be marked as Artifact or tagged as real content" in [
        rule.description for rule in untagged if rule.clause == "7.1" and rule.count > 0
    ]
    assert verdicts[3].broken == ()
    assert verdicts[3].assertions > 100


@pytest.mark.java
def test_verapdf_refuses_what_is_no_pdf(tmp_path: Path) -> None:
    file = tmp_path / "text.pdf"
    file.write_text("This is no PDF.")
    with pytest.raises(ToolError, match="veraPDF broke off"):
        verapdf.check([file])


# --- Nu HTML checker -------------------------------------------------------------------------------------


@pytest.mark.java
def test_nu_passes_a_good_page_and_finds_a_misspelt_role(tmp_path: Path) -> None:
    good, bad = tmp_path / "good page.html", tmp_path / "bad.html"
    good.write_text(GOOD_PAGE)
    bad.write_text(GOOD_PAGE.replace("<button>", '<button role="buton">'))

    (error,) = nu.errors([good, bad])

    assert (error.path, error.line) == (bad, 5)
    assert "buton" in error.text


def test_nu_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        nu.errors([tmp_path / "absent.html"])


# --- Chromium and axe ------------------------------------------------------------------------------------


def test_axe_passes_a_good_page_and_finds_an_input_without_a_label(page: Page) -> None:
    page.set_content(GOOD_PAGE)
    assert axe(page) == []

    page.set_content(GOOD_PAGE.replace('<label for="name">Full name</label>', "Full name"))
    (violation,) = axe(page)
    assert (violation.rule, violation.impact, violation.elements) == ("label", "critical", ("#name",))


def test_a_page_without_javascript_runs_no_script(page_without_javascript: Page, page: Page) -> None:
    scripted = GOOD_PAGE.replace("</main>", "</main><script>document.title = 'changed'</script>")
    page.set_content(scripted)
    page_without_javascript.set_content(scripted)
    assert (page.title(), page_without_javascript.title()) == ("changed", "Your name")


def test_a_served_page_loads_its_modules(page: Page, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        GOOD_PAGE.replace("</main>", '</main><script type="module" src="title.js"></script>')
    )
    (tmp_path / "title.js").write_text("document.title = 'changed by a module';")
    with served(tmp_path) as address:
        page.goto(f"{address}/page.html")
        assert page.title() == "changed by a module"


def test_the_browser_reaches_no_other_machine(page: Page) -> None:
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.set_content('<img src="http://example.com/picture.png" alt="">')
    assert failed == ["http://example.com/picture.png"]


# --- JavaScript and ajv ----------------------------------------------------------------------------------


@pytest.fixture
def module(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a JavaScript module with the given text."""

    def write(text: str) -> Path:
        file = tmp_path / "module.js"
        file.write_text(text)
        return file

    return write


def test_a_module_gets_json_and_returns_json(module: Callable[[str], Path]) -> None:
    file = module(
        "export default ({ names }) => { console.log('aside'); return names.map((n) => n + '!'); };"
    )
    assert run_module(file, {"names": ["Zoë", "Łukasz\n"]}) == ["Zoë!", "Łukasz\n!"]


def test_a_changed_module_is_read_again(module: Callable[[str], Path]) -> None:
    assert run_module(module("export default () => 1;"), None) == 1
    assert run_module(module("export default async () => 2;"), None) == 2


def test_what_a_module_throws_is_raised_with_its_stack(module: Callable[[str], Path]) -> None:
    with pytest.raises(JavaScriptError, match=r"RangeError: too many[^$]*module\.js"):
        run_module(module("export default () => { throw new RangeError('too many'); };"), None)


def test_a_module_that_never_returns_is_ended_and_the_next_one_runs(module: Callable[[str], Path]) -> None:
    with pytest.raises(ToolError, match="took longer than 1 s"):
        run_module(module("export default () => { for (;;) {} };"), None, timeout_s=1)
    assert run_module(module("export default () => 'well';"), None) == "well"


SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {"age": {"type": "integer", "minimum": 0}, "names": {"prefixItems": [{"type": "string"}]}},
    "required": ["age"],
    "unevaluatedProperties": False,
    "x-check": ["age"],
}


def test_ajv_gives_a_verdict_on_each_instance() -> None:
    assert ajv.validate(SCHEMA, [{"age": 3}, {"age": -1}, {"age": 3, "nmae": "Ada"}, {}, {"age": 1.0}]) == [
        True,
        False,
        False,
        False,
        True,
    ]
    assert ajv.complaints(SCHEMA, [{"age": -1}]) == ["/age must be >= 0"]


def test_ajv_keeps_schemas_apart_that_call_themselves_the_same() -> None:
    schemas = [{"$id": "https://example.org/form", "maximum": limit, "x-limit": limit} for limit in range(60)]
    assert [ajv.validate(schema, [0, 30]) for schema in schemas] == [
        [True, limit >= 30] for limit in range(60)
    ]


def test_ajv_is_not_taken_in_by_names_that_every_object_inherits() -> None:
    assert ajv.validate({"type": "object", "required": ["toString"]}, [{}, {"toString": 1}]) == [False, True]


@pytest.mark.parametrize("schema", [{"requierd": ["age"]}, {"type": "string", "format": "email"}])
def test_ajv_refuses_a_keyword_or_format_that_it_would_ignore(schema: dict[str, object]) -> None:
    with pytest.raises(JavaScriptError, match=r"unknown (keyword|format)"):
        ajv.validate(schema, ["a"])


# --- the editor ------------------------------------------------------------------------------------------

FORM_SCHEMA = """\
{"type": "object", "properties": {"title": {"type": "string"}}, "additionalProperties": false}
"""


def test_the_editor_finds_a_wrong_key_and_where_it_stands(tmp_path: Path) -> None:
    schema, form = tmp_path / "form.schema.json", tmp_path / "form.yaml"
    schema.write_text(FORM_SCHEMA)
    form.write_text("# A form\ntitle: Référral\n")
    assert yamlls.diagnostics(form, schema) == []

    form.write_text("title: Referral\ntitel: Referral\n")
    (found,) = yamlls.diagnostics(form, schema)
    assert (found.line, found.column, found.message) == (2, 1, "Property titel is not allowed.")


def test_the_editor_heeds_the_schema_that_the_first_line_names(tmp_path: Path) -> None:
    (tmp_path / "form.schema.json").write_text(FORM_SCHEMA)
    form = tmp_path / "form.yaml"
    form.write_text("# yaml-language-server: $schema=form.schema.json\ntitle:\n  - 1\n")
    assert [(found.line, found.severity) for found in yamlls.diagnostics(form)] == [(3, "error")]
