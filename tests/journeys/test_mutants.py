"""Every definition gets findings with an error in them, or everything that formengine makes of a form works."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from itertools import islice
from random import Random
from typing import Any

import pytest

from formengine.engine import Engine
from tests.support.every_output import STEPS, Journeys, form_of
from tests.support.mutants import definitions, folders, garbled, mutants
from tests.support.service_app import make_service

pytestmark = pytest.mark.slow

ENGINE = Engine(folders=folders())
HEAD = "form: mutant\ntitle: A form\nversion: 1\n"
# Those of a few questions: a form of hundreds is for an afternoon, and holds no other structures.
SMALL = {name: path for name, path in definitions().items() if path.stat().st_size < 3000}
MUTANTS_EACH = 2
PAPER_EVERY = 8


@pytest.fixture(scope="module")
def journeys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journeys]:
    """A service, in which somebody goes through each form."""
    service = make_service(tmp_path_factory.mktemp("service"), engine=ENGINE)
    yield Journeys(service)
    service.store.close()


@pytest.fixture(autouse=True)
def failures(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What fails inside the service fails the test: the service itself shows a page, and logs no text of ours."""
    found: list[BaseException] = []

    def keep(event: str, error: BaseException, **facts: Any) -> None:
        del event, facts
        found.append(error)

    monkeypatch.setattr("formengine.web.middleware.errors_and_log.log_failure", keep)
    yield
    assert [traceback.format_exception(error)[-1] for error in found] == []


def made_of(text: str, random: Random, journeys: Journeys, *, paper: bool) -> bool:
    """Whether the text is a form; then everything was made of it."""
    form = form_of(ENGINE, text)
    if form is None:
        return False
    for name, step in STEPS.items():
        if paper or name != "on_paper":
            step(form, random)
    journeys.walk(form, random)
    return True


@pytest.mark.parametrize("name", SMALL)
def test_a_changed_definition_gets_errors_or_everything_can_be_made_of_it(
    name: str, journeys: Journeys
) -> None:
    random = Random(name)
    number = list(SMALL).index(name)
    for text in islice(mutants(SMALL[name], random), MUTANTS_EACH):
        made_of(text, random, journeys, paper=number % PAPER_EVERY == 0)


@pytest.mark.parametrize("name", definitions())
def test_a_garbled_definition_ends_in_findings_or_a_form(name: str) -> None:
    for text in islice(garbled(definitions()[name], Random(name)), MUTANTS_EACH):
        form_of(ENGINE, text)


# Each was a traceback, or lost an answer, once.
REFUSED = {
    "no page": "pages: []\n",
    "a hidden character": 'pages:\n  - id: p\n    title: "A\\a"\n',
    "a file of no size": (
        "pages:\n  - id: p\n    title: P\n    fields:\n"
        "      - {id: f, type: file, label: Letter, max_size_mb: 0}\n"
    ),
    "a file of no kind": (
        "pages:\n  - id: p\n    title: P\n    fields:\n      - {id: f, type: file, label: Letter, accept: []}\n"
    ),
    "a list of a million": (
        "pages:\n  - id: p\n    title: P\n    fields:\n"
        "      - {id: r, type: repeat, label: L, item_name: i, item_title: t, min_items: 1000000, fields: ["
        "{id: a, type: text, label: A}]}\n"
    ),
    "a box of no lines": (
        "pages:\n  - id: p\n    title: P\n    fields:\n      - {id: q, type: long_text, label: Story, rows: 0}\n"
    ),
    "a file of every kind": (
        "pages:\n  - id: p\n    title: P\n    fields:\n"
        "      - {id: f, type: file, label: Letter, accept: '*'}\n"
    ),
}
WORKING = {
    "pages called as files beside them": (
        "pages:\n  - {id: index, title: I, intro: Read.}\n  - {id: confirmation, title: C, intro: Read.}\n"
    ),
    "paper pages alone": (
        "pages:\n  - id: p\n    title: P\n    paper_only: true\n    fields:\n"
        "      - {id: q, type: text, label: Name}\n"
    ),
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_once_failed_further_on_is_refused(text: str) -> None:
    assert form_of(ENGINE, HEAD + text) is None


@pytest.mark.parametrize("text", WORKING.values(), ids=WORKING)
def test_what_once_failed_works(text: str, journeys: Journeys) -> None:
    assert made_of(HEAD + text, Random(1), journeys, paper=True)


@pytest.mark.parametrize("own", ["base", "csrf", "move", "new", "rev"])
def test_no_question_can_be_called_what_a_page_sends_itself(own: str) -> None:
    question = f"{{id: {own}, type: text, label: Name}}"
    page = "pages:\n  - id: p\n    title: P\n    fields:\n      - "
    assert form_of(ENGINE, HEAD + page + question) is None
    group = f"{{id: about, type: group, label: About, fields: [{question}]}}"
    assert form_of(ENGINE, HEAD + page + group) is not None
