"""What is stored says no address: pages are named by what they are, and only the web knows where they are."""

from __future__ import annotations

import ast
import re

import pytest
from starlette.routing import Route

from formengine.service.accounts.destinations import NOWHERE, PageTarget
from formengine.service.drafts.step import CHECK_ANSWERS
from formengine.web.addresses import (
    IN_DRAFT,
    PATHS,
    TAKEN,
    address_of_kept,
    destination_in,
    page_id_of,
    page_name,
    path_of,
)
from tests.packaging.checkout import ROOT
from tests.support.service_app import Service

IN_ONE = "/drafts/{draft}/"


@pytest.mark.parametrize(
    ("name", "destination"),
    [
        ("", PageTarget("menu", "d1")),
        ("child", PageTarget("", "d1", "child")),
        ("page-close", PageTarget("", "d1", "close")),
        ("close", PageTarget("close", "d1")),
        ("children.new", PageTarget("", "d1", "children.new")),
        ("children.i1.school", PageTarget("", "d1", "children.i1.school")),
        ("children.i1.remove", PageTarget("remove", "d1", "children.i1")),
        ("check-answers", PageTarget("check_answers", "d1")),
        ("save-for-later", PageTarget("save_for_later", "d1")),
        ("no-page-of-ours", PageTarget("", "d1", "no-page-of-ours")),
    ],
)
def test_a_page_of_a_draft_is_remembered_by_what_it_is_and_found_again(
    name: str, destination: PageTarget
) -> None:
    assert destination_in("d1", name) == destination
    assert path_of(destination) == f"/drafts/d1/{name}"


@pytest.mark.parametrize("destination", [None, PageTarget("of_a_later_version"), PageTarget(step="child")])
def test_what_has_no_address_leads_to_the_hub(destination: PageTarget | None) -> None:
    assert path_of(destination) == "/hub"


def test_every_page_that_can_be_remembered_has_a_route(service: Service) -> None:
    routes = {route.path for route in service.own.routes if isinstance(route, Route)}
    assert set(PATHS.values()) <= routes
    assert {f"{IN_ONE}{name}" for name in IN_DRAFT.values()} <= routes


def test_every_address_within_a_draft_is_a_page_or_takes_posts_of_scripts_alone(service: Service) -> None:
    within = {
        route.path.removeprefix(IN_ONE)
        for route in service.own.routes
        if isinstance(route, Route) and route.path.startswith(IN_ONE) and "{" not in route.path[len(IN_ONE) :]
    }
    # A page of these is asked for by its own name, or by a visitor who needs no signing in.
    assert within - set(IN_DRAFT.values()) == {"answer-question", "autosave", "save-by-email", "link-sent"}
    # An id of a page holds no hyphen.
    assert {name for name in within if re.fullmatch(r"[a-z0-9_]+", name)} == TAKEN


@pytest.mark.parametrize("page_id", ["child", *sorted(TAKEN)])
def test_a_page_called_like_an_address_is_told_apart_from_it(page_id: str) -> None:
    assert page_id_of(page_name(page_id)) == page_id
    assert address_of_kept(page_id) == page_name(page_id)
    assert page_name(page_id) not in IN_DRAFT.values()


def test_what_was_kept_of_a_draft_leads_to_its_page() -> None:
    assert [address_of_kept(name) for name in ("", "children.i1.school", CHECK_ANSWERS)] == [
        "",
        "children.i1.school",
        "check-answers",
    ]


def test_a_destination_is_kept_as_facts_and_dropped_by_those_of_nowhere() -> None:
    facts = PageTarget("remove", "d1", "children.i1").facts()
    assert facts == {"next_page": "remove", "next_draft": "d1", "next_step": "children.i1"}
    assert PageTarget.of_facts({"human": "1", **facts}) == PageTarget("remove", "d1", "children.i1")
    assert PageTarget.of_facts(facts, "then") is None
    assert PageTarget.of_facts({**facts, **NOWHERE.facts()}) is None
    # What was remembered before is not mixed with it.
    assert PageTarget("my_forms").facts() == {"next_page": "my_forms", "next_draft": "", "next_step": ""}


def test_no_path_of_the_web_stands_in_the_service_or_the_store_but_in_the_migration_that_takes_them_out() -> (
    None
):
    paths = {*PATHS.values(), *filter(None, IN_DRAFT.values())} - TAKEN
    found = {
        path.name: sorted(paths & {each.value for each in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                                   if isinstance(each, ast.Constant) and isinstance(each.value, str)})
        for wing in ("service", "store", "form")
        for path in (ROOT / "formengine" / wing).rglob("*.py")
    }  # fmt: skip
    assert [name for name, words in found.items() if words] == ["migrations.py"]
