"""Looking an address up from a page, without JavaScript and as a script does it; by hand it always goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx2
import pytest

from formengine.service.address_lookup import Address, InventedAddresses, OsPlaces, SearchError
from formengine.web.journey.address_lookup import with_address
from tests.support.help_forms import engine_with_helps
from tests.support.html_dom import Element, parse
from tests.support.journey_people import begun, brought_back
from tests.support.service_app import Person, Service, make_service

pytestmark = pytest.mark.slow


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = make_service(tmp_path, engine=engine_with_helps(tmp_path / "forms"))
    yield made
    made.store.close()


@pytest.fixture
def person(service: Service) -> Person:
    return service.person()


@pytest.fixture
def way(person: Person) -> str:
    return begun(person, "helps")


@pytest.fixture
def broken_book(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing; the look-up does not answer."""

    async def at(_: object, postcode: str) -> Sequence[Address]:
        assert postcode == "ME14 1XQ"
        raise SearchError("unreachable")

    monkeypatch.setattr(InventedAddresses, "at", at)


def press(person: Person, path: str, action: str, **texts: str) -> httpx2.Response:
    """The page with these texts after a button was pressed on it; redirects are followed."""
    shown = person.get(path)
    typed = {name.replace("__", "."): value for name, value in texts.items()}
    answer = person.submit(path, {"-action": action, **brought_back(shown), **typed})
    return person.get(answer.headers["location"].partition("#")[0])


def value(page: Element, name: str) -> str:
    return page.find(name=name).attributes["value"]


def said(answer: httpx2.Response) -> str:
    return parse(answer.text).find(id="home-said").text


def options(answer: httpx2.Response) -> list[str]:
    lists = parse(answer.text).find_all(name="home-found")
    return [each.text for each in lists[0].walk() if each.tag == "option"] if lists else []


# --- without JavaScript ---------------------------------------------------------------------------------------------


def test_find_address_saves_the_page_and_shows_the_addresses_as_a_list(person: Person, way: str) -> None:
    answer = press(person, f"{way}place", "find_address:home", home__postcode="me141xq", story="So far")
    assert said(answer) == "6 addresses found for ME14 1XQ. Choose one, or enter the address yourself"
    assert options(answer)[:4] == [
        "Select an address",
        "Flat 1, Example House, Invented Lane, Sampletown, ME14 1XQ",
        "1 Invented Lane, Sampletown, ME14 1XQ",
        "2 Invented Lane, Sampletown, ME14 1XQ",
    ]
    page = parse(answer.text)
    assert value(page, "home.postcode") == "ME14 1XQ"
    assert page.find(name="story").text == "So far"


def test_the_house_that_was_typed_is_chosen_at_first(person: Person, way: str) -> None:
    answer = press(person, f"{way}place", "find_address:home", home__postcode="ME14 1XQ", home__house="3a")
    (chosen,) = [
        each for each in parse(answer.text).walk() if "selected" in each.attributes and each.text[0] == "3"
    ]
    assert chosen.text == "3A Invented Lane, Sampletown, ME14 1XQ"


def test_use_this_address_fills_the_boxes_and_they_can_be_changed(person: Person, way: str) -> None:
    listed = press(person, f"{way}place", "find_address:home", home__postcode="ME14 1XQ")
    code = next(
        each
        for each in parse(listed.text).walk()
        if each.text.startswith("10 Nowhere") and each.tag == "option"
    )
    answer = press(
        person,
        f"{way}place",
        "use_address:home",
        home__postcode="ME14 1XQ",
        **{"home-found": code.attributes["value"]},
    )
    page = parse(answer.text)
    filled = {part: value(page, f"home.{part}") for part in ("house", "street", "town", "postcode")}
    assert filled == {"house": "10", "street": "Nowhere Road", "town": "Sampletown", "postcode": "ME14 1XQ"}
    assert options(answer) == []


def test_reset_address_empties_the_boxes(person: Person, way: str) -> None:
    press(person, f"{way}place", "next", home__house="10", home__postcode="ME14 1XQ", home__town="Sampletown")
    page = parse(press(person, f"{way}place", "reset_address:home", home__house="10", story="Stays").text)
    assert [value(page, f"home.{part}") for part in ("house", "street", "town", "postcode")] == [
        "",
        "",
        "",
        "",
    ]
    assert page.find(name="story").text == "Stays"


@pytest.mark.parametrize(
    ("postcode", "message"),
    [
        ("", "Enter a full postcode, like ME14 1XQ, then search; or enter the address yourself"),
        ("ME14", "Enter a full postcode, like ME14 1XQ, then search; or enter the address yourself"),
        ("<b>", "Enter a full postcode, like ME14 1XQ, then search; or enter the address yourself"),
        ("ME14 9ZZ", "No address was found for ME14 9ZZ. Check the postcode, or enter the address yourself"),
    ],
)
def test_where_nothing_is_found_the_page_says_why_and_that_it_goes_by_hand(
    person: Person, way: str, postcode: str, message: str
) -> None:
    answer = press(person, f"{way}place", "find_address:home", home__postcode=postcode)
    assert said(answer) == message
    assert options(answer) == []


@pytest.mark.usefixtures("broken_book")
def test_a_look_up_that_is_down_is_said_and_the_address_goes_by_hand(person: Person, way: str) -> None:
    answer = press(person, f"{way}place", "find_address:home", home__postcode="ME14 1XQ", home__house="4")
    assert said(answer) == "Addresses cannot be looked up at the moment. Enter the address yourself"
    assert value(parse(answer.text), "home.house") == "4"


def test_too_many_look_ups_are_said_and_the_address_goes_by_hand(
    service: Service, person: Person, way: str
) -> None:
    for _ in range(60):
        service.context.limits.allow("address_search", way.split("/")[2])
    answer = press(person, f"{way}place", "find_address:home", home__postcode="ME14 1XQ")
    assert said(answer) == "Addresses were looked up too often. Wait a minute, or enter the address yourself"


def test_an_item_of_a_list_has_a_look_up_of_its_own(person: Person, way: str) -> None:
    shown = person.get(f"{way}documents.new")
    item = brought_back(shown)["new"]
    texts = {**brought_back(shown), f"documents.{item}.from_where.postcode": "ME14 1XQ"}
    action = f"find_address:documents.{item}.from_where"
    answer = person.submit(f"{way}documents.new", {"-action": action, **texts})
    listed = parse(person.get(answer.headers["location"].partition("#")[0]).text)
    assert (
        len(
            [
                each
                for each in listed.find(id=f"documents.{item}.from_where-found").walk()
                if each.tag == "option"
            ]
        )
        == 7
    )


@pytest.mark.parametrize("path", ["nothing", "home.postcode", "", "../..", "documents.i1.from_where"])
def test_a_look_up_for_what_is_no_address_of_the_page_changes_nothing(
    person: Person, way: str, path: str
) -> None:
    answer = person.get(f"{way}place", params={"find": path})
    assert answer.status_code == 200
    assert options(answer) == []


@pytest.mark.parametrize("choice", ["", "[1]", "<b>"])
def test_where_no_address_of_the_list_was_chosen_the_list_is_shown_again(
    person: Person, way: str, choice: str
) -> None:
    typed = {"home__postcode": "ME14 1XQ", "home__town": "By hand", "home-found": choice}
    answer = press(person, f"{way}place", "use_address:home", **typed)
    assert len(options(answer)) == 7
    assert value(parse(answer.text), "home.town") == "By hand"


def test_a_page_without_such_a_button_is_posted_as_it_is() -> None:
    texts = {"-action": ("next",), "home-found": ("[1]",), "home.house": ("4",)}
    assert with_address(texts) is texts


def test_without_a_look_up_there_are_no_buttons_for_one(tmp_path: Path) -> None:
    service = make_service(tmp_path, engine=engine_with_helps(tmp_path / "forms"), demo=False)
    person = service.person()
    page = person.get(f"{begun(person, 'helps')}place").text
    assert "find_address" not in page
    assert 'name="home.postcode"' in page
    service.store.close()


@pytest.mark.parametrize(
    ("settings", "book"),
    [
        ({"demo": True}, InventedAddresses),
        ({"demo": False}, type(None)),
        ({"demo": True, "os_places_key": "k"}, OsPlaces),
        ({"demo": False, "os_places_key": "k"}, OsPlaces),
    ],
)
def test_the_operators_key_decides_who_is_asked(tmp_path: Path, settings: dict[str, Any], book: type) -> None:
    service = make_service(tmp_path, **settings)
    assert type(service.context.addresses) is book
    service.store.close()


# --- a script -------------------------------------------------------------------------------------------------------


def search(person: Person, way: str, **texts: str) -> httpx2.Response:
    headers = {"accept": "application/json", "x-csrf-token": person.csrf, "sec-fetch-site": "same-origin"}
    return person.post(f"{way}address-search", data=texts, headers=headers)


def test_a_script_gets_the_addresses_in_parts(person: Person, way: str) -> None:
    answer = search(person, way, postcode="me14 1xq", house="The Old Barn").json()
    assert answer["message"] == "6 addresses found for ME14 1XQ. Choose one, or enter the address yourself"
    (chosen,) = [each for each in answer["addresses"] if each["code"] == answer["chosen"]]
    assert chosen["label"] == "The Old Barn, Nowhere Road, Sampletown, ME14 1XQ"
    assert chosen["parts"] == {
        "house": "The Old Barn",
        "street": "Nowhere Road",
        "town": "Sampletown",
        "postcode": "ME14 1XQ",
    }


@pytest.mark.usefixtures("broken_book")
def test_a_script_is_told_what_people_are_told(person: Person, way: str) -> None:
    assert search(person, way, postcode="ME14 1XQ").json() == {
        "message": "Addresses cannot be looked up at the moment. Enter the address yourself",
        "chosen": "",
        "addresses": [],
    }


def test_nobody_looks_addresses_up_without_a_draft_of_their_own(service: Service, way: str) -> None:
    assert search(service.person(), way, postcode="ME14 1XQ").status_code in {401, 404}
