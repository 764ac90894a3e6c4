"""The programs on the page for embedders work as they stand there, in every web framework shown."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import httpx
import jsonschema_rs
import pytest
from starlette.testclient import TestClient

from formengine import submission_schema
from tests.support.docs_pages import CHECKOUT, DOCS, blocks
from tests.support.html_dom import parse

FRAMEWORKS = ("starlette", "fastapi", "django", "flask")
YOU = {"full_name": "Sam Example", "email": "sam@example.com"}


def programs() -> dict[str, str]:
    """The modules on the page by name, which stands in each one's first line."""
    found = {}
    for block in blocks(DOCS / "embedding.md", "py"):
        name = block.text.partition("\n")[0].removeprefix("# ")
        found[name] = block.text
    return found


@pytest.fixture(scope="module", params=FRAMEWORKS)
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """One framework's program, imported in a folder with the examples."""
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "examples").symlink_to(CHECKOUT / "examples")
    for name, text in programs().items():
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        patched.syspath_prepend(folder)
        yield importlib.import_module(f"{request.param}_app")
    for name in ("forms", f"{request.param}_app"):
        sys.modules.pop(name, None)


@pytest.fixture
def client(program: ModuleType) -> Iterator[httpx.Client | TestClient]:
    """A browser of somebody's own at the program."""
    if program.__name__.removesuffix("_app") in {"django", "flask"}:
        with httpx.Client(
            transport=httpx.WSGITransport(app=program.app), base_url="http://testserver"
        ) as client:
            yield client
    else:
        with TestClient(program.app, follow_redirects=False) as client:
            yield client


def sent(client: Any, path: str, **texts: str) -> Any:
    """The answer to the form of the page at `path`, posted with what it brings back unseen."""
    page = parse(client.get(path).text)
    hidden = {
        str(each.attributes["name"]): str(each.attributes["value"]) for each in page.find_all(type="hidden")
    }
    assert hidden
    named = {name.replace("__", "."): text for name, text in texts.items()}
    if "action" in named:
        named["-action"] = named.pop("action")
    return client.post(path, data={**hidden, **named})


def test_the_way_from_the_start_to_the_receipt(program: ModuleType, client: Any) -> None:
    forms = sys.modules["forms"]
    assert "Exampleshire Council" in client.get("/").text
    assert sent(client, "/", action="next").headers["location"] == "/pages/you"
    assert "Join the allotment waiting list" in client.get("/overview").text
    assert sent(client, "/pages/you", **YOU, action="next").headers["location"] == "/pages/plot"
    assert sent(client, "/pages/plot", size="half", action="next").headers["location"] == "/pages/helpers"
    assert sent(client, "/pages/helpers", action="add:helpers").headers["location"] == "/lists/helpers/new"
    new = {"helpers__new__name": "Kim Example", "helpers__new__age": "30", "action": "save_item"}
    assert sent(client, "/lists/helpers/new", **new).headers["location"] == "/pages/helpers"
    assert "Kim Example" in client.get("/pages/helpers").text
    assert sent(client, "/pages/helpers", action="next").headers["location"] == "/check-answers"
    receipt = sent(client, "/check-answers", action="submit")
    assert receipt.status_code == 303
    assert receipt.headers["location"].startswith("/sent/A-")
    assert receipt.headers["location"].removeprefix("/sent/") in client.get(receipt.headers["location"]).text
    submission = forms.SENT[-1]
    assert (submission["answers"]["queue"], submission["answers"]["helpers_count"]) == ("Half plots", 1)
    assert jsonschema_rs.is_valid(submission_schema(), submission)
    assert "Kim Example" not in client.get("/pages/helpers").text


def test_what_is_wrong_is_shown_and_what_was_typed_is_kept(client: Any) -> None:
    shown = sent(client, "/pages/you", full_name="Sam Example", email="sam at example", action="next")
    assert shown.status_code == 422
    assert "Enter email address in the correct format" in shown.text
    assert "sam at example" in client.get("/pages/you").text
    assert sent(client, "/check-answers", action="submit").status_code == 422
    wrong = sent(client, "/lists/helpers/new", helpers__new__age="old", action="save_item")
    assert wrong.status_code == 422
    assert "Age must be a number" in wrong.text


def test_an_entry_is_changed_and_removed(client: Any) -> None:
    sent(client, "/lists/helpers/new", helpers__new__name="Kim Example", action="save_item")
    page = client.get("/pages/helpers").text
    item = page.partition('value="change:helpers.')[2].partition('"')[0]
    change = sent(client, "/pages/helpers", move=f"change:helpers.{item}").headers["location"]
    assert change == f"/lists/helpers/{item}"
    renamed = sent(client, change, **{f"helpers__{item}__name": "Robin"}, action="save_item")
    assert renamed.headers["location"] == "/pages/helpers"
    assert "Robin" in client.get("/pages/helpers").text
    remove = sent(client, "/pages/helpers", move=f"remove:helpers.{item}").headers["location"]
    assert sent(client, remove, action="remove").headers["location"] == "/pages/helpers"
    assert "Robin" not in client.get("/pages/helpers").text


def test_a_post_without_the_page_s_token_is_refused_and_changes_nothing(client: Any) -> None:
    client.get("/pages/you")
    assert client.post("/pages/you", data={**YOU, "action": "next"}).status_code == 403
    assert "Sam Example" not in client.get("/pages/you").text


@pytest.mark.parametrize(
    "path", ["/nowhere", "/pages/nothing", "/lists/nothing/i1", "/lists/helpers/i1", "/static/no.css"]
)
def test_what_is_not_there_is_not_found(client: Any, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("action", ["page:/evil.example", "add:/evil.example", "change:x.y", "nonsense:", ""])
def test_no_post_leads_elsewhere(client: Any, action: str) -> None:
    assert sent(client, "/pages/you", **YOU, action=action).headers["location"] == "/overview"


def test_two_people_have_two_drafts(program: ModuleType, client: Any) -> None:
    sent(client, "/pages/you", **YOU, action="next")
    client.cookies.clear()
    assert "Sam Example" not in client.get("/pages/you").text


def test_static_files_are_served_and_nothing_beside_them(client: Any) -> None:
    assert "css" in client.get("/static/council.css").headers["content-type"]
    assert client.get("/static/..%2Ftemplates%2Fpage.html").status_code == 404
