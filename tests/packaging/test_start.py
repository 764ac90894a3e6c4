"""What a start imports: a list of commands nothing but click, a check no template, no PDF, no service.

Modules are named, not times: what is not imported costs nothing, on every machine.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.packaging.checkout import ROOT

FORM = "definitions/request-for-support/form.yaml"
# What a form's definition needs, and nothing of the rest.
READING = {"yaml", "lark", "markdown_it"}
HEAVY = READING | {
    *(
        "jsonschema",
        "jsonschema_rs",
        "jinja2",
        "phonenumbers",
        "fpdf",
        "fontTools",
        "uharfbuzz",
        "pikepdf",
        "docx",
    ),
    *(
        "starlette",
        "uvicorn",
        "anyio",
        "httpx",
        "structlog",
        "sqlite3",
        "sqlite_utils",
        "cryptography",
        "argon2",
    ),
    *(
        "PIL",
        "pyotp",
        "segno",
        "altcha",
        "zxcvbn",
        "prometheus_client",
        "aiosmtplib",
        "asyncio",
        "hypothesis",
    ),
}
SHOWS_MODULES = """\
import sys
{start}
sys.stderr.write("\\n".join(sorted(sys.modules)))
"""
COMMAND = """\
from formengine.cli import main
try:
    main({arguments!r})
except SystemExit as end:
    assert not end.code, end.code
"""


def modules_after(start: str) -> set[str]:
    """The modules that a Python of its own has imported at the end of `start`, with the packages around them."""
    run = subprocess.run(
        [sys.executable, "-c", SHOWS_MODULES.format(start=start)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return set(run.stderr.splitlines())


def modules_of(*arguments: str) -> set[str]:
    """The modules that the command line has imported when it has done what `arguments` ask."""
    return modules_after(COMMAND.format(arguments=list(arguments)))


def own(modules: set[str]) -> set[str]:
    """The modules of formengine among `modules`."""
    return {name for name in modules if name.partition(".")[0] == "formengine"}


def below(modules: set[str], *packages: str) -> list[str]:
    """The modules that are one of these or stand below one, in order."""
    return sorted(
        name
        for name in modules
        if name.startswith(tuple(f"{each}." for each in packages)) or name in packages
    )


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], []])
def test_the_list_of_commands_imports_none_of_them(arguments: list[str]) -> None:
    found = modules_after(
        f"from formengine.cli import main\ntry:\n    main({arguments!r})\nexcept SystemExit: pass"
    )
    assert own(found) == {"formengine", "formengine.cli", "formengine.cli.program", "formengine.version"}
    assert found & HEAVY == set()
    # The installed version is looked up where it is asked for.
    assert "importlib.metadata" not in found


def test_importing_the_package_imports_no_other_module_of_it() -> None:
    assert own(modules_after("import formengine")) == {"formengine"}


def test_one_public_name_brings_along_what_it_needs_alone() -> None:
    found = modules_after("from formengine import FieldError, words")
    assert below(found, "formengine.output", "formengine.service", "formengine.web", "formengine.cli") == []
    assert found & HEAVY == {"yaml"}


def test_a_check_imports_what_reads_a_definition_and_nothing_heavy_besides() -> None:
    found = modules_of("check", FORM)
    assert found & HEAVY == READING
    assert below(found, "importlib.metadata", "importlib.resources") == []


def test_a_check_imports_no_states_no_outputs_and_no_service() -> None:
    found = modules_of("check", FORM)
    others = (
        "form.state",
        "form.actions",
        "form.analysis",
        "output.html",
        "output.paper",
        "store",
        "service",
        "web",
    )
    assert below(found, *(f"formengine.{each}" for each in others)) == []
    assert below(found, "formengine.portal", "formengine.language.diagnostics.sarif") == []


def test_what_a_check_prints_as_sarif_is_imported_when_it_is_asked_for() -> None:
    assert (
        below(modules_of("check", FORM, "--format", "sarif"), "formengine.language.diagnostics.sarif") != []
    )


def test_a_portal_is_checked_by_its_own_reader() -> None:
    assert below(modules_of("check", "definitions/portal.yaml"), "formengine.portal") == ["formengine.portal"]


def test_judging_answers_imports_no_template_and_no_service() -> None:
    found = modules_after(
        "from datetime import date\n"
        "from formengine import compile_form, evaluate, load\n"
        "state = evaluate(compile_form(load('request-for-support')), {}, on=date(2026, 11, 22))\n"
        "assert state.errors"
    )
    assert below(found, "formengine.output", "formengine.store", "formengine.service", "formengine.web") == []
    assert found & HEAVY <= READING | {"jsonschema_rs"}
