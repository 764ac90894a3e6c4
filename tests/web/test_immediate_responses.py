"""What cannot give its caller what was asked for raises the response; nothing returns "a value or a response"."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator

import pytest

from tests.packaging.checkout import ROOT
from tests.support.service_app import Person

WEB = ROOT / "formengine" / "web"


def names_in(union: ast.expr) -> Iterator[str]:
    """The members of a union in an annotation: ``A | B``, `Optional` or `Union`."""
    if isinstance(union, ast.BinOp):
        yield from names_in(union.left)
        yield from names_in(union.right)
    else:
        yield ast.unparse(union)


def unions_in(annotation: ast.expr) -> Iterator[set[str]]:
    """Every union within an annotation, by its members: those of ``Awaitable[A | B]`` too."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        annotation = ast.parse(annotation.value, mode="eval").body
    for node in ast.walk(annotation):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            yield set(names_in(node))
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith(("Union", "Optional")):
            members = (
                node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice, ast.Constant(None)]
            )
            yield {name for member in members for name in names_in(member)}


def mixed_returns(source: str) -> list[str]:
    """The functions that return a response, or something that is none."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.returns is None:
            continue
        for members in unions_in(node.returns):
            responses = {name for name in members if name.endswith("Response")}
            if responses and responses != members:
                found.append(node.name)
    return found


def test_no_function_of_the_web_returns_a_value_or_a_response() -> None:
    found = {path.name: mixed_returns(path.read_text(encoding="utf-8")) for path in WEB.rglob("*.py")}
    assert len(found) > 30
    assert {name: functions for name, functions in found.items() if functions} == {}


@pytest.mark.parametrize(
    "planted",
    [
        "def planted() -> Draft | Response: ...",
        "async def planted() -> HTMLResponse | None: ...",
        "def planted() -> Awaitable[Response | None]: ...",
        "def planted() -> Optional[Response]: ...",
        "def planted() -> Union[Draft, JSONResponse]: ...",
        "def planted() -> 'Draft | Response': ...",
        "class Planted:\n    def planted(self) -> Draft | RedirectResponse: ...",
    ],
)
def test_a_planted_one_is_found(planted: str) -> None:
    assert mixed_returns(planted) == ["planted"]


def test_one_kind_of_response_or_another_is_none() -> None:
    assert mixed_returns("def fine() -> HTMLResponse | JSONResponse: ...") == []


def test_a_raised_response_is_sent_and_logged_as_any_other(
    person: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = person.get("/drafts/nobodys/child")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/sign-in")
    assert answer.headers["set-cookie"].startswith("sid=")
    assert answer.headers["cache-control"] == "no-store"
    assert "content-security-policy" in answer.headers
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line.get("route"), line.get("status")) for line in lines] == [
        ("access_refused", "/drafts/{draft}/{name}", None),
        ("request", "/drafts/{draft}/{name}", 303),
    ]
    assert lines[0]["request"] == answer.headers["x-request-id"]
