"""Whatever stands where a number is awaited, at every address: an answer, and never a fault of ours."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from formengine.web.http.posts import Post, whole_number
from tests.packaging.checkout import ROOT
from tests.support.begun_world import World, begun_world
from tests.support.journey_people import give_token
from tests.support.service_app import Service

pytestmark = pytest.mark.slow

# `int` refuses more than 4,300.
MANY = "9" * 5_000
HOSTILE = {
    "5,000 figures": MANY,
    "superscript": "²",
    "Arabic-Indic figures": "٣",
    "below zero": "-1",
    "a sign": "+7",
    "a blank": " 7",
    "an exponent": "1e400",
    "more than SQLite's": str(2**63),
    "no number": "nan",
}
# All inputs that our pages send back unseen, and what scripts add.
INPUTS = ("rev", "base", "new", "own", "-place", "-ends", "keep", "code", "solution", "step", "first")
QUERY = (
    *("at", "audience", "begun", "changed", "check", "done", "files", "find", "held", "post", "sent", "to"),
    *("page", "after", "file", "saved", "published", "stage", "moved", "why", "form", "answer"),
    *("path", "rev", "remove", "said", "from", "what"),
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = begun_world(tmp_path_factory.mktemp("world"))
    yield made
    made.service.store.close()


def one_of_each(world: World) -> list[str]:
    """An address of every pattern, in the first draft that has it."""
    found: dict[str, str] = {}
    for path in world.addresses:
        found.setdefault(re.sub("^/drafts/[^/]+", "", path), path)
    return list(found.values())


# First of all: what follows ends sessions.
def test_the_two_addresses_that_failed_answer(world: World) -> None:
    browser = world.service.person()
    give_token(browser, world.tokens["an owner"])
    drafts = [path for path in world.addresses if path.endswith("/check-answers")]
    conflict = next(path for path in world.addresses if "conflict?post=" in path)
    for path in drafts:
        assert browser.submit(path, {"-action": "submit", "rev": MANY}).status_code in {303, 404}, path
    assert browser.submit(conflict, {"keep": "yours", "rev": MANY, "base": MANY}).status_code == 303


@pytest.mark.parametrize("text", [MANY, "²"], ids=["many", "superscript"])
def test_no_address_fails_at_what_is_posted_in_place_of_a_number(world: World, text: str) -> None:
    browser = world.service.person()
    for path in one_of_each(world):
        give_token(browser, world.tokens["an owner"])
        if path != "/account/sign-out":
            answer = browser.submit(path, dict.fromkeys(INPUTS, text))
            assert answer.status_code < 500, (path, answer.status_code)


@pytest.mark.parametrize("text", [MANY, "-²"], ids=["many", "superscript"])
def test_no_address_fails_at_a_query_that_is_no_number(world: World, text: str) -> None:
    # All of them together must fit into an address.
    query = urlencode(dict.fromkeys(QUERY, text[:1_900]))
    browser = world.service.person()
    give_token(browser, world.tokens["an owner"])
    for path in one_of_each(world):
        answer = browser.get(f"{path.partition('?')[0]}?{query}")
        assert answer.status_code < 500, (path, answer.status_code)


@pytest.mark.parametrize("text", ["9" * 5_000, "²", "-1", "1e9", "+5", ""])
def test_no_address_fails_at_a_length_that_is_no_number(service: Service, text: str) -> None:
    browser = service.person()
    answer = browser.post("/hub", content=b"", headers={b"content-length": text.encode()})
    assert answer.status_code < 500


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("0", 0), ("7", 7), ("007", 7), ("999999999999", 999_999_999_999)),
        *((each, None) for each in ("", "1000000000000", *HOSTILE.values())),
    ],
)
def test_a_number_from_outside_is_plain_figures_and_not_many(text: str, number: int | None) -> None:
    assert whole_number(text) == number
    assert Post({"rev": ("1", text)}).whole_number("rev") == number


# What becomes a number elsewhere: figures that a pattern has bounded, and what is our own.
OWN = {
    "service/accounts/captcha.py": {"int(self._context.clock().timestamp())"},
    "service/accounts/known_browsers.py": {"int(day)", "int(self._context.clock().timestamp())"},
    "service/address_lookup.py": {"int(found[0])"},
    "service/audit.py": {"int(seq)"},
    "service/delivery/alarms.py": {"int((now - row.created_at) / timedelta(minutes=1))"},
    "service/delivery/digests.py": {"int(_DAY.total_seconds())"},
    "service/delivery/webhooks.py": {"int(at.timestamp())", "int(text)", "int(found)"},
    "service/fault_points.py": {"int(number)"},
    "service/rate_limits.py": {"int(found)"},
    "service/retention.py": {"int(span.total_seconds())"},
    "service/settings.py": {"int(text)"},
    "web/browser_session.py": {"int(KNOWN_FOR.total_seconds())"},
    "web/http/posts.py": {"int(text)"},
    "web/journey/links.py": {"int(self._context.sessions.idle.total_seconds() // _MINUTE_S)"},
    "web/journey/saving.py": {"int(context.sessions.idle.total_seconds() // 60)"},
}


def calls_of_numbers(path: Path) -> set[str]:
    """Each call of `int` or `float` in a module."""
    return {
        ast.unparse(node)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"int", "float"}
    }


def test_nothing_else_makes_numbers_of_texts() -> None:
    package = ROOT / "formengine"
    found = {
        path.relative_to(package).as_posix(): calls
        for wing in ("web", "service", "form/actions")
        for path in sorted((package / wing).rglob("*.py"))
        if (calls := calls_of_numbers(path))
    }
    assert found == OWN


def test_every_query_that_a_page_reads_is_tried() -> None:
    read = set()
    for path in sorted((ROOT / "formengine" / "web").rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        named = dict(re.findall(r'^(\w+)(?:: Final)? = "([\w-]+)"$', source, re.MULTILINE))
        for found in re.findall(
            r'query_params\.get\((\w+|"[\w-]+")|(\w+|"[\w-]+") in [\w.]*query_params', source
        ):
            name = "".join(found)
            read.add(name.strip('"') if name.startswith('"') else named.get(name, name))
    read -= {"FIND_QUERY", "FILE", "PAGE", "FROM", "PATH", "REV", "REMOVE", "SAID", "AT", "name"}
    assert read <= set(QUERY), read
