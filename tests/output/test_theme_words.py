"""What comes out says formengine's texts in the words of the theme, whatever it is."""

from __future__ import annotations

import html
import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import docx
import pytest

from formengine.engine import Engine
from formengine.form.state import State
from formengine.language.words import words
from tests.support.marked_words import MARK, marked_theme, said_in
from tests.support.paper_filling import AT, SENDING
from tests.support.pdf_samples import ON
from tests.support.shipped import DEFINITIONS

pytestmark = pytest.mark.slow

FORM = "early-help-notification"
# What is wrong, advice, a date, a list with and without items.
ANSWERS = {"child": {"first_name": "Sam", "date_of_birth": "2016-02-30"}, "start": {"agreed": "yes"}}


def pdf_text(content: bytes) -> str:
    """What a PDF shows, lines joined."""
    made = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True)
    return " ".join(made.stdout.decode().split())


def page(engine: Engine, state: State) -> str:
    return engine.html(state.form).page(state, state.pages[1].id, show_errors=True)


def check_answers(engine: Engine, state: State) -> str:
    return engine.html(state.form).check_answers(state, show_errors=True)


def confirmation(engine: Engine, state: State) -> str:
    return engine.html(state.form).confirmation(state, reference="A-1")


def index(engine: Engine, state: State) -> str:
    return engine.html(state.form).index(state)


def start(engine: Engine, state: State) -> str:
    return engine.html(state.form).start(state)


def plain_text(engine: Engine, state: State) -> str:
    return engine.text(state, reference="", at=AT)


def pdf(engine: Engine, state: State) -> str:
    return pdf_text(engine.pdf(state, author="Council", at=AT).content)


def blank_pdf(engine: Engine, state: State) -> str:
    return pdf_text(engine.blank_pdf(state.form, SENDING).content)


def blank_word_document(engine: Engine, state: State) -> str:
    found = docx.Document(io.BytesIO(engine.blank_docx(state.form, SENDING)))
    cells = [cell.text for table in found.tables for row in table.rows for cell in row.cells]
    return " ".join([*(paragraph.text for paragraph in found.paragraphs), *cells])


def errors(engine: Engine, state: State) -> str:
    return " ".join(words(error) for error in state.errors.values())


OUTPUTS = [page, check_answers, confirmation, index, start]
PRINTS = [plain_text, pdf, blank_pdf, blank_word_document, errors]


@pytest.mark.parametrize("output", [*OUTPUTS, *PRINTS])
def test_every_text_of_formengine_in_an_output_is_the_theme_s(
    tmp_path: Path, output: Callable[[Engine, State], str]
) -> None:
    own = Engine(themes=(marked_theme(tmp_path),))
    said, unmarked = (
        html.unescape(output(engine, engine.evaluate(engine.form(FORM), ANSWERS, on=ON)))
        for engine in (own, Engine())
    )
    definition = (DEFINITIONS / FORM / "form.yaml").read_text(encoding="utf-8")
    # Errors are sentences with braces, so that none stands whole in them.
    assert MARK in said
    assert MARK not in unmarked
    if output is not errors:
        assert said_in(unmarked, besides=definition) != []
    assert said_in(said, besides=definition) == []
