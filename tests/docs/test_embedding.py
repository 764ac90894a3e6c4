"""The two example programs do what the guide for embedders says."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from types import ModuleType

import jsonschema_rs
import pytest
from starlette.testclient import TestClient

from formengine.form.schema.envelope import submission_schema
from tests.support.docs_pages import CHECKOUT

YOU = {"full_name": "Sam Example", "email": "sam@example.com"}


def program(name: str) -> ModuleType:
    """The example, imported afresh."""
    spec = importlib.util.spec_from_file_location(name, CHECKOUT / "examples" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def shop() -> Iterator[ModuleType]:
    """The Starlette example with no drafts."""
    yield program("embed_starlette")
    del sys.modules["embed_starlette"]


@pytest.fixture
def people(shop: ModuleType) -> Iterator[TestClient]:
    """A browser at the Starlette example."""
    with TestClient(shop.app, follow_redirects=False) as client:
        yield client


@pytest.fixture
def programs() -> Iterator[TestClient]:
    """A program at the FastAPI example."""
    with TestClient(program("embed_fastapi").app) as client:
        yield client
    del sys.modules["embed_fastapi"]


def test_a_page_asks_its_questions(people: TestClient) -> None:
    response = people.get("/you")
    assert response.status_code == 200
    assert 'name="full_name"' in response.text
    assert 'name="email"' in response.text


def test_a_page_posted_empty_is_shown_again_with_what_is_wrong(people: TestClient) -> None:
    response = people.post("/you", data={"full_name": "Sam Example", "-action": "next"})
    assert response.status_code == 422
    assert "Enter email address" in response.text
    assert "Sam Example" in response.text


def test_the_whole_journey_ends_in_a_submission(people: TestClient, shop: ModuleType) -> None:
    assert people.post("/you", data={**YOU, "-action": "next"}).headers["location"] == "/plot"
    assert people.post("/plot", data={"size": "half", "-action": "next"}).headers["location"] == "/helpers"
    assert people.post("/helpers", data={"-action": "add:helpers"}).headers["location"] == "/helpers/new"
    assert 'name="helpers.new.name"' in people.get("/helpers/new").text
    new = {"helpers.new.name": "Kim", "helpers.new.age": "30", "-action": "save_item"}
    assert people.post("/helpers/new", data=new).headers["location"] == "/helpers"
    assert "Kim" in people.get("/helpers").text
    assert people.post("/helpers", data={"-action": "next"}).headers["location"] == "/check-answers"
    assert "Kim" in people.get("/check-answers").text
    assert people.post("/check-answers", data={"-action": "submit"}).headers["location"] == "/sent"
    assert "A-0001" in people.get("/sent").text
    submission = shop.SENT[0]
    assert submission["answers"]["queue"] == "Half plots"
    assert [helper["name"] for helper in submission["answers"]["helpers"]] == ["Kim"]
    assert jsonschema_rs.is_valid(submission_schema(), submission)


def test_an_entry_can_be_removed(people: TestClient) -> None:
    people.post("/you", data={**YOU, "-action": "next"})
    people.post("/helpers/new", data={"helpers.new.name": "Kim", "-action": "save_item"})
    page = people.get("/helpers").text
    address = page.partition('value="remove:')[2].partition('"')[0].replace(".", "/", 1)
    assert "Kim" in people.get(f"/{address}/remove").text
    assert people.post(f"/{address}/remove", data={"-action": "remove"}).headers["location"] == "/helpers"
    assert "Kim" not in people.get("/helpers").text


def test_what_is_not_complete_is_not_sent(people: TestClient, shop: ModuleType) -> None:
    response = people.post("/check-answers", data={"-action": "submit"})
    assert response.status_code == 422
    assert "Enter email address" in response.text
    assert shop.SENT == []


def test_a_page_that_does_not_exist_is_not_found(people: TestClient) -> None:
    assert people.get("/nowhere").status_code == 404
    assert people.get("/nothing/i1").status_code == 404


def test_two_people_have_two_drafts(people: TestClient, shop: ModuleType) -> None:
    people.post("/you", data={**YOU, "-action": "next"})
    with TestClient(shop.app) as other:
        assert "Sam Example" not in other.get("/you").text
    assert "Sam Example" in people.get("/you").text


def test_the_static_files_of_the_pages_are_served(people: TestClient) -> None:
    assert people.get("/static/council.css").status_code == 200


def test_a_program_gets_the_schema_of_a_form(programs: TestClient) -> None:
    schema = programs.get("/forms/fifteen-lines/schema", params={"on": "2026-11-22"}).json()
    assert jsonschema_rs.is_valid(schema, {"found": "no", "sought": "Opening times"})
    assert not jsonschema_rs.is_valid(schema, {"found": "yes", "sought": "Opening times"})


def test_a_program_is_told_what_is_wrong_in_plain_words(programs: TestClient) -> None:
    told = programs.post("/forms/allotment-waiting-list/check", json={"full_name": "Sam Example"}).json()
    assert told == {
        "complete": False,
        "errors": {"email": "Enter email address", "size": "Select the size of the plot"},
        "pages": ["you", "plot", "helpers"],
    }


def test_a_program_gets_a_submission_of_what_can_be_sent(programs: TestClient) -> None:
    sent = programs.post("/forms/allotment-waiting-list/submissions", json={**YOU, "size": "full"})
    assert sent.status_code == 201
    assert sent.json()["answers"]["queue"] == "Full plots"
    assert jsonschema_rs.is_valid(submission_schema(), sent.json())
    refused = programs.post("/forms/allotment-waiting-list/submissions", json=YOU)
    assert refused.status_code == 422
    assert refused.json() == {"errors": {"size": "Select the size of the plot"}}


def test_a_program_can_show_a_page(programs: TestClient) -> None:
    assert 'name="found"' in programs.get("/forms/fifteen-lines/pages/feedback").text
    assert programs.get("/forms/fifteen-lines/pages/nowhere").status_code == 404
    assert programs.get("/forms/nothing/pages/feedback").status_code == 404
