"""The look-up of addresses, against a local server that answers as OS Places does, and as it does on bad days."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formengine.service.address_lookup import (
    Address,
    InventedAddresses,
    OsPlaces,
    SearchError,
    address_of,
    addresses_in,
    in_order,
    normal_postcode,
)

pytestmark = pytest.mark.slow

KEY = "key-of-the-operator"


def delivery_point(**more: Any) -> dict[str, Any]:
    """A DPA record with the fields of the API, about a place that is nowhere."""
    return {
        "DPA": {
            "UPRN": "200000000001",
            "UDPRN": "50000001",
            "ADDRESS": "4, INVENTED LANE, NOWHERE, SAMPLETOWN, ME14 1XQ",
            "BUILDING_NUMBER": "4",
            "THOROUGHFARE_NAME": "INVENTED LANE",
            "DEPENDENT_LOCALITY": "NOWHERE",
            "POST_TOWN": "SAMPLETOWN",
            "POSTCODE": "ME14 1XQ",
            "RPC": "1",
            "X_COORDINATE": 575000.0,
            "Y_COORDINATE": 155000.0,
            "STATUS": "APPROVED",
            "LOGICAL_STATUS_CODE": "1",
            "CLASSIFICATION_CODE": "RD04",
            "LANGUAGE": "EN",
            "MATCH": 1.0,
            "MATCH_DESCRIPTION": "EXACT",
            **more,
        }
    }


def local_property(**more: Any) -> dict[str, Any]:
    """An LPI record with the fields of the API."""
    return {
        "LPI": {
            "UPRN": "200000000002",
            "ADDRESS": "PLOT 7, INVENTED LANE, SAMPLETOWN, ME14 1XQ",
            "USRN": "16000001",
            "LPI_KEY": "1545L000000001",
            "PAO_TEXT": "PLOT 7",
            "STREET_DESCRIPTION": "INVENTED LANE",
            "TOWN_NAME": "SAMPLETOWN",
            "ADMINISTRATIVE_AREA": "SAMPLESHIRE",
            "POSTCODE_LOCATOR": "ME14 1XQ",
            "LOGICAL_STATUS_CODE": "1",
            "LANGUAGE": "EN",
            **more,
        }
    }


def answer(*results: Mapping[str, Any], total: int | None = None) -> bytes:
    """The API's answer with these results; where there are none it leaves `results` out."""
    header = {
        "uri": "https://api.os.uk/search/places/v1/postcode?postcode=ME14%201XQ",
        "query": "postcode=ME14 1XQ",
        "offset": 0,
        "totalresults": len(results) if total is None else total,
        "format": "JSON",
        "dataset": "DPA,LPI",
        "lr": "EN,CY",
        "maxresults": 100,
        "epoch": "121",
        "output_srs": "EPSG:27700",
    }
    said: dict[str, Any] = {"header": header}
    if results:
        said["results"] = list(results)
    return json.dumps(said).encode()


Answer = tuple[int, bytes, Mapping[str, str]]


class Asked(list[tuple[str, dict[str, list[str]], str]]):
    """The requests that came: path, query, key."""


@contextmanager
def places(respond: Callable[[dict[str, list[str]]], Answer]) -> Iterator[tuple[str, Asked]]:
    """The address of a server that answers each request as `respond` says, and what it was asked."""
    asked = Asked()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = parse_qs(parts.query)
            asked.append((parts.path, query, self.headers.get("key", "")))
            status, body, headers = respond(query)
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/search/places/v1", asked
        finally:
            server.shutdown()
            thread.join()


def found(*results: Mapping[str, Any]) -> list[Address]:
    with places(lambda _: (200, answer(*results), {})) as (url, _):
        return list(asyncio.run(OsPlaces(url, KEY).at("ME14 1XQ")))


def fault_of(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> str:
    with places(lambda _: (status, body, headers or {})) as (url, asked):
        with pytest.raises(SearchError) as failure:
            asyncio.run(OsPlaces(url, KEY).at("ME14 1XQ"))
        assert len(asked) == 1
        return failure.value.fault


# --- what OS Places knows -------------------------------------------------------------------------------------------


def test_the_postcode_is_asked_for_with_the_key_in_a_header_and_not_in_the_address() -> None:
    with places(lambda _: (200, answer(delivery_point()), {})) as (url, asked):
        asyncio.run(OsPlaces(url, KEY).at("ME14 1XQ"))
    ((path, query, key),) = asked
    assert path == "/search/places/v1/postcode"
    assert query == {"postcode": ["ME14 1XQ"], "dataset": ["DPA,LPI"], "maxresults": ["100"], "offset": ["0"]}
    assert key == KEY


def test_an_address_comes_in_our_four_parts_as_people_write_them() -> None:
    (address,) = found(delivery_point())
    assert address.parts == {
        "house": "4",
        "street": "Invented Lane, Nowhere",
        "town": "Sampletown",
        "postcode": "ME14 1XQ",
    }
    assert address.line == "4 Invented Lane, Nowhere, Sampletown, ME14 1XQ"


@pytest.mark.parametrize(
    ("record", "house", "street", "town"),
    [
        ({"SUB_BUILDING_NAME": "FLAT 2", "BUILDING_NAME": "ROSE COURT"}, "Flat 2, Rose Court, 4", None, None),
        ({"BUILDING_NUMBER": "", "BUILDING_NAME": "12A"}, "12A", None, None),
        ({"BUILDING_NUMBER": 12}, "12", None, None),
        ({"BUILDING_NUMBER": "", "BUILDING_NAME": "THE 1ST OLD BARN"}, "The 1st Old Barn", None, None),
        ({"ORGANISATION_NAME": "ST MARY'S SCHOOL"}, "St Mary's School, 4", None, None),
        ({"PO_BOX_NUMBER": "77", "BUILDING_NUMBER": ""}, "PO Box 77", None, None),
        ({"DEPENDENT_THOROUGHFARE_NAME": "INNER YARD"}, None, "Inner Yard, Invented Lane, Nowhere", None),
        (
            {"THOROUGHFARE_NAME": "", "DEPENDENT_LOCALITY": "NOWHERE IN THE WEALD"},
            None,
            "Nowhere in the Weald",
            None,
        ),
        ({"POST_TOWN": "STOKE-ON-TRENT"}, None, None, "Stoke-on-Trent"),
        ({"POST_TOWN": "YNYS MÔN"}, None, None, "Ynys Môn"),
        ({"POST_TOWN": "King's Lynn"}, None, None, "King's Lynn"),
    ],
)
def test_a_delivery_points_names_and_numbers_find_their_part(
    record: dict[str, Any], house: str | None, street: str | None, town: str | None
) -> None:
    (address,) = found(delivery_point(**record))
    assert address.house == (house or "4")
    assert address.street == (street or "Invented Lane, Nowhere")
    assert address.town == (town or "Sampletown")


@pytest.mark.parametrize(
    ("record", "house"),
    [
        ({}, "Plot 7"),
        (
            {"PAO_TEXT": "", "PAO_START_NUMBER": "12", "PAO_START_SUFFIX": "A", "PAO_END_NUMBER": "14"},
            "12A-14",
        ),
        ({"SAO_START_NUMBER": 2, "PAO_TEXT": "ROSE COURT"}, "2, Rose Court"),
        ({"SAO_TEXT": "FLAT 2", "PAO_TEXT": "", "PAO_START_NUMBER": "9"}, "Flat 2, 9"),
    ],
)
def test_a_place_that_gets_no_post_is_found_as_its_council_has_it(record: dict[str, Any], house: str) -> None:
    (address,) = found(local_property(**record))
    assert (address.house, address.street, address.town) == (house, "Invented Lane", "Sampletown")


def test_a_property_in_both_sets_is_one_address_as_royal_mail_has_it() -> None:
    (address,) = found(local_property(UPRN="200000000001"), delivery_point())
    assert address.house == "4"


@pytest.mark.parametrize("record", [{"LOGICAL_STATUS_CODE": "8"}, {"LANGUAGE": "CY"}, {"PAO_TEXT": ""}])
def test_what_is_no_address_in_use_is_left_out(record: dict[str, Any]) -> None:
    assert found(local_property(**record)) == []


def test_a_postcode_with_more_addresses_than_one_answer_holds_is_asked_for_again() -> None:
    every = [delivery_point(UPRN=str(turn), BUILDING_NUMBER=str(turn)) for turn in range(1, 251)]

    def page(query: dict[str, list[str]]) -> Answer:
        offset = int(query["offset"][0])
        return 200, answer(*every[offset : offset + 100], total=250), {}

    with places(page) as (url, asked):
        addresses = asyncio.run(OsPlaces(url, KEY).at("ME14 1XQ"))
    assert [query["offset"] for _, query, _ in asked] == [["0"], ["100"], ["200"]]
    assert [address.house for address in addresses] == [str(turn) for turn in range(1, 251)]


def test_a_count_that_lies_does_not_make_us_ask_for_ever() -> None:
    with places(lambda _: (200, answer(delivery_point(), total=10**9), {})) as (url, asked):
        asyncio.run(OsPlaces(url, KEY).at("ME14 1XQ"))
    assert len(asked) == 4


def test_a_postcode_that_nobody_has_is_no_fault() -> None:
    assert found() == []
    error = {
        "error": {"statuscode": 400, "message": "Requested postcode must contain a minimum of the sector …"}
    }
    with places(lambda _: (400, json.dumps(error).encode(), {})) as (url, _):
        assert asyncio.run(OsPlaces(url, KEY).at("ME14 1XQ")) == []


# --- bad days -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (401, b'{"fault": {"faultstring": "Invalid ApiKey"}}', "refused"),
        (403, b"", "refused"),
        (429, b"", "busy"),
        (500, b"<html>", "unintelligible"),
        (404, b"", "unintelligible"),
        (400, b"<html>", "unintelligible"),
        (200, b"", "unintelligible"),
        (200, b"<html>", "unintelligible"),
        (200, b"[]", "unintelligible"),
        (200, b'{"header": {}}', "unintelligible"),
        (200, b'{"header": {"totalresults": "x"}, "results": []}', "unintelligible"),
        (200, b'{"header": {"totalresults": 1}, "results": {}}', "unintelligible"),
        (200, b"[" * 100_000, "unintelligible"),
        (200, b" " * 5_000_001, "unintelligible"),
    ],
)
def test_an_answer_that_is_none_is_a_fault(status: int, body: bytes, fault: str) -> None:
    assert fault_of(status, body) == fault


def test_a_redirect_is_not_followed() -> None:
    with places(lambda _: (200, answer(delivery_point()), {})) as (elsewhere, asked):
        assert fault_of(302, b"", {"Location": f"{elsewhere}/postcode"}) == "unintelligible"
    assert asked == []


def test_nobody_at_the_address_is_a_fault() -> None:
    with places(lambda _: (200, b"", {})) as (url, _):
        pass
    with pytest.raises(SearchError) as failure:
        asyncio.run(OsPlaces(url, KEY).at("ME14 1XQ"))
    assert failure.value.fault == "unreachable"


def test_an_answer_that_does_not_come_is_given_up() -> None:
    over = Event()

    def never(_: object) -> Answer:
        over.wait(30)
        return 200, b"", {}

    with places(never) as (url, _):
        with pytest.raises(SearchError) as failure:
            asyncio.run(OsPlaces(url, KEY, timeout_s=0.05).at("ME14 1XQ"))
        over.set()
    assert failure.value.fault == "slow"


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["DPA", "LPI", "else"]),
            st.dictionaries(
                st.sampled_from([*delivery_point()["DPA"], *local_property()["LPI"], "PAO_START_NUMBER"]),
                st.none() | st.text(max_size=20) | st.integers() | st.lists(st.integers(), max_size=2),
            )
            | st.none()
            | st.text(),
        ),
        max_size=4,
    )
)
def test_no_record_whatever_stands_in_it_raises_or_gives_half_an_address(
    results: list[dict[str, Any]],
) -> None:
    for address in addresses_in(results):
        assert address.house
        assert normal_postcode(address.postcode) == address.postcode


# --- choosing -------------------------------------------------------------------------------------------------------


def at(house: str, street: str = "Invented Lane") -> Address:
    return Address(house, street, "Sampletown", "ME14 1XQ")


def test_addresses_stand_in_the_order_of_the_street() -> None:
    mixed = [
        at("10"),
        at("9"),
        at("Flat 2, 9"),
        at("1", "Another Road"),
        at("Flat 10, 9"),
        at("The Old Barn"),
    ]
    ordered, _ = in_order(mixed, "")
    assert [(each.street, each.house) for each in ordered] == [
        ("Another Road", "1"),
        ("Invented Lane", "The Old Barn"),
        ("Invented Lane", "9"),
        ("Invented Lane", "Flat 2, 9"),
        ("Invented Lane", "Flat 10, 9"),
        ("Invented Lane", "10"),
    ]


@pytest.mark.parametrize(
    ("typed", "house"),
    [
        ("9", "9"),
        (" flat 2 , 9 ", "Flat 2, 9"),
        ("the old barn", "The Old Barn"),
        ("Flat 10", "Flat 10, 9"),
        ("1", ""),
        ("", ""),
    ],
)
def test_the_house_that_was_typed_is_the_one_chosen_at_first(typed: str, house: str) -> None:
    some = [at("10"), at("9"), at("Flat 2, 9"), at("Flat 10, 9"), at("The Old Barn")]
    _, code = in_order(some, typed)
    parts = address_of(code)
    assert (parts["house"] if parts else "") == house


def test_a_chosen_address_comes_back_in_its_parts() -> None:
    assert address_of(at("4 “The Nook”").code) == at("4 “The Nook”").parts


@pytest.mark.parametrize(
    "code", ["", "4", "null", "[]", '["a", "b", "c"]', '["a", "b", "c", 4]', "{}", "[" * 10_000]
)
def test_what_is_no_chosen_address_is_none(code: str) -> None:
    assert address_of(code) is None


@pytest.mark.parametrize(
    ("typed", "normal"),
    [("me141xq", "ME14 1XQ"), (" ME14-1XQ ", "ME14 1XQ"), ("ME14", None), ("", None), ("<b>", None)],
)
def test_a_postcode_is_read_as_the_question_reads_it(typed: str, normal: str | None) -> None:
    assert normal_postcode(typed) == normal


def test_the_demos_addresses_are_invented_and_one_postcode_has_none() -> None:
    addresses = asyncio.run(InventedAddresses().at("ME14 1XQ"))
    assert len(addresses) == 6
    assert {address.town for address in addresses} == {"Sampletown"}
    assert asyncio.run(InventedAddresses().at("ME14 9ZZ")) == []
