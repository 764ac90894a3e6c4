"""Nothing hidden from an audience is anywhere in its copy: pages, bookmarks, data, metadata, plain text, HTML."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from formengine.engine import Engine
from formengine.form.plan import Field, Form
from formengine.form.state import FieldState, State, copy_for
from formengine.form.state.views import NodeState
from formengine.language.diagnostics import DefinitionError
from formengine.output.paper.record.attachments import AttachedFile
from tests.support.generators.audiences import TOKEN, hidden_form, telling_answers
from tests.support.paper_reading import artifacts, read
from tests.support.pdf_samples import AT, FORMS, ON, attached, filled, form_of
from tests.support.tiers import cases
from tests.support.torture_samples import SECRET, SECRET_LABELS, TORTURE, torture_answers

pytestmark = pytest.mark.slow

ENGINE = Engine()


def family_pdf(state: State, *, reference: str = "", files: tuple[AttachedFile, ...] = ()) -> bytes:
    made = ENGINE.pdf(
        state, author="Council", at=AT, reference=reference, audience="family", attachments=files
    )
    return made.content


def everything_in(content: bytes) -> str:
    """All that a file says anywhere: pages by their tags and their artifacts, every string, stream and name."""
    said = [read(content).text, *artifacts(content)]
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for thing in pdf.objects:
            said += strings_in(thing)
        with pdf.open_outline() as outline:
            said += [item.title for item in outline.root]
    return "\n".join(said)


def strings_in(thing: Any) -> Iterator[str]:
    if isinstance(thing, pikepdf.Stream):
        yield thing.read_bytes().decode("utf-8", "replace")
    if isinstance(thing, pikepdf.String | pikepdf.Name):
        yield str(thing)
    elif isinstance(thing, pikepdf.Array):
        for part in thing:
            if not getattr(part, "is_indirect", False):
                yield from strings_in(part)
    elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        for key, value in thing.items():
            yield str(key)
            if not getattr(value, "is_indirect", False):
                yield from strings_in(value)


def hidden_fields(form: Form) -> list[Field]:
    """The fields of a shipped form that are in none of the family's views, those of items among them."""
    whole = [*form.fields.values(), *(one for each in form.item_fields.values() for one in each.values())]
    left = copy_for(ENGINE.evaluate(form, {}, on=ON), "family").form
    kept = {*left.fields, *(f"{repeat}[]{key}" for repeat, each in left.item_fields.items() for key in each)}
    return [
        field
        for field in whole
        if (field.key if field.repeat is None else f"{field.repeat}[]{field.key}") not in kept
    ]


@settings(
    max_examples=cases(12, long=300),
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 10**6))
def test_no_text_of_anything_hidden_is_in_any_copy_of_any_generated_form(seed: int) -> None:
    try:
        form, secret = hidden_form(seed)
    except DefinitionError:
        assume(False)
    answers = telling_answers(form, secret, ON, seed)
    state = ENGINE.evaluate(form, answers, on=ON)
    assert TOKEN not in ENGINE.text(state, audience="family", reference="R", at=AT)
    assert TOKEN not in everything_in(family_pdf(state))
    assert TOKEN not in str(copy_for(state, "family").draft)
    assert TOKEN not in str([dict(found) for found in (copy_for(state, "family").errors,)])


def test_the_generated_forms_do_hide_things_and_the_whole_shows_them() -> None:
    told = 0
    for seed in range(12):
        try:
            form, secret = hidden_form(seed)
        except DefinitionError:
            continue
        state = ENGINE.evaluate(form, telling_answers(form, secret, ON, seed), on=ON)
        told += TOKEN in ENGINE.text(state)
    assert told >= 6


@pytest.mark.parametrize("reference", ["", "RS-4K7P"])
def test_nothing_hidden_of_the_torture_form_is_in_its_family_copy(reference: str, tmp_path: Path) -> None:
    state = ENGINE.evaluate(ENGINE.form(TORTURE), torture_answers(), on=ON)
    names = ("file", f"A name of a file that goes on and on {'x' * 3}"), ("files", f"{SECRET}.pdf")
    files = tuple(AttachedFile(path, name, "application/pdf", SECRET.encode()) for path, name in names)
    ENGINE.site(copy_for(state, "family"), tmp_path, show_errors=True)
    written = [file.read_text(encoding="utf-8") for file in tmp_path.glob("*.html")]
    copies = {
        "pdf": everything_in(family_pdf(state, reference=reference, files=files)),
        "text": ENGINE.text(state, audience="family", reference=reference),
        "html": "\n".join(written),
    }
    hidden = (SECRET, *SECRET_LABELS)
    assert {name: [word for word in hidden if word in said] for name, said in copies.items()} == {
        "pdf": [],
        "text": [],
        "html": [],
    }
    whole = ENGINE.text(state)
    assert [
        word for word in (SECRET, "The second, not for the family", "What was seen") if word not in whole
    ] == ["What was seen"]


@pytest.mark.parametrize("form_id", FORMS)
def test_what_a_shipped_form_hides_from_the_family_is_nowhere_in_their_copy(form_id: str) -> None:
    form = form_of(form_id)
    hidden = hidden_fields(form)
    assert len(hidden) >= 5
    for seed in (1, 2, 3):
        state = ENGINE.evaluate(form, filled(form_id, seed), on=ON)
        keys = {(field.repeat, field.key) for field in hidden}
        copy = copy_for(state, "family")
        seen = [one for page in copy.pages for one in _fields(page.nodes)]
        assert [one.path for one in seen if (one.field.repeat, one.field.key) in keys] == []
        data = attached(family_pdf(state))["answers.json"]
        assert data["audience"] == "family"
        assert data["answers"] == copy.answers


def _fields(nodes: tuple[NodeState, ...]) -> Iterator[FieldState]:
    for node in nodes:
        if isinstance(node, FieldState):
            yield node
        for inner in getattr(node, "items", ()):
            yield from _fields(inner.nodes)
        yield from _fields(getattr(node, "nodes", ()))


def test_a_family_copy_says_whose_it_is_on_its_face_on_each_page_and_in_its_metadata() -> None:
    state = ENGINE.evaluate(form_of("request-for-support"), filled("request-for-support", 1), on=ON)
    content = family_pdf(state)
    text = read(content).text
    assert "The family's copy" in text
    assert "Questions that are not meant for this copy are left out of it." in text
    assert all("The family's copy" in page for page in artifacts(content)[1:])
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.open_metadata()["dc:title"] == "Request for Support (Professionals) - The family's copy"
    assert ENGINE.text(state, audience="family").splitlines()[3] == "The family's copy"
