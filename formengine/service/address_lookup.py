"""Addresses by postcode: the protocol of a look-up, and a client of OS Places.

Address and key of the service come from the operator's settings alone, nothing from a form or a person but the
postcode. A look-up that fails stops nobody: every address can be entered by hand.

The shape of the answers is that of the OS Places API, resource "postcode", datasets DPA (Royal Mail's delivery points)
and LPI (local authorities' own addresses, for what gets no post yet).
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import httpx

from formengine.language.fields import FIELD_TYPES
from formengine.language.fields.base import FieldSettings, Posted
from formengine.language.json_types import Json, JsonObject

TIMEOUT_S: Final = 5.0
_PAGE: Final = 100  # the most that OS Places gives at once
_MOST_PAGES: Final = 4
_MOST_BYTES: Final = 5_000_000
PARTS: Final = ("house", "street", "town", "postcode")

# Why a look-up failed. "refused": the key is not accepted. "busy": too many requests.
LookupFault = Literal["unreachable", "slow", "refused", "busy", "unintelligible"]


class SearchError(Exception):
    """The addresses could not be looked up; people enter theirs by hand."""

    def __init__(self, fault: LookupFault) -> None:
        super().__init__(fault)
        self.fault: LookupFault = fault


@dataclass(frozen=True, slots=True)
class Address:
    """One address in our parts. uprn: the unique property reference number, which identifies the property."""

    house: str
    street: str
    town: str
    postcode: str
    uprn: str = ""

    @property
    def parts(self) -> dict[str, str]:
        """The parts by name."""
        return {"house": self.house, "street": self.street, "town": self.town, "postcode": self.postcode}

    @property
    def line(self) -> str:
        """All of it on one line."""
        number = re.fullmatch(r"[0-9]+[A-Za-z]?(?:-[0-9]+[A-Za-z]?)?", self.house) is not None
        first = (
            f"{self.house} {self.street}" if number else ", ".join(filter(None, (self.house, self.street)))
        )
        return ", ".join(filter(None, (first.strip(), self.town, self.postcode)))

    @property
    def code(self) -> str:
        """The parts as one text, which a form can send back; see `address_of`."""
        return json.dumps([self.house, self.street, self.town, self.postcode], ensure_ascii=False)


class AddressBook(Protocol):
    """The protocol of a look-up: the addresses of a postcode."""

    async def at(self, postcode: str) -> Sequence[Address]:
        """The addresses at a full postcode as `normal_postcode` writes it, in the order of a street; may be none.

        Raises `SearchError`.
        """


def normal_postcode(typed: str) -> str | None:
    """The full postcode that was typed, such as ``ME14 1XQ``; None where it is none."""
    decoded = FIELD_TYPES["postcode"].decode(Posted({"": (typed,)}), FieldSettings("postcode", "Postcode"))
    return str(decoded.value) if decoded.problem is None and decoded.value is not None else None


def address_of(code: str) -> dict[str, str] | None:
    """The parts of the address with this `Address.code`; None where it is no code of ours."""
    try:
        parts = json.loads(code)
    except (ValueError, RecursionError):
        return None
    if (
        not isinstance(parts, list)
        or len(parts) != len(PARTS)
        or not all(isinstance(each, str) for each in parts)
    ):
        return None
    return dict(zip(PARTS, parts, strict=True))


def in_order(addresses: Sequence[Address], house: str) -> tuple[list[Address], str]:
    """The addresses along the street, and the code of the one whose house was typed, "" for none."""
    wanted = " ".join(house.lower().replace(",", " ").split())
    sorted_ = sorted(addresses, key=_turn)
    exact = [
        each
        for each in sorted_
        if wanted and " ".join(each.house.lower().replace(",", " ").split()) == wanted
    ]
    begun = [each for each in sorted_ if wanted and each.house.lower().startswith(f"{wanted},")]
    chosen = exact or begun
    return sorted_, chosen[0].code if chosen else ""


def _turn(address: Address) -> tuple[str, int, str, int, str]:
    """The sort key of an address: by street, by its building (names, then numbers), by the flat in it."""
    flat, _, building = address.house.rpartition(", ")
    return address.street, _number(building), building, _number(flat.removeprefix("Flat ")), flat


def _number(text: str) -> int:
    """The number a text begins with, so that 9 sorts before 10; 0 for none."""
    found = re.match("[0-9]{1,9}", text)
    return int(found[0]) if found else 0


class OsPlaces:
    """OS Places at `url`, such as ``https://api.os.uk/search/places/v1``, with the operator's key."""

    def __init__(self, url: str, key: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self._url = f"{url}/postcode"
        self._key = key
        self._timeout_s = timeout_s

    async def at(self, postcode: str) -> Sequence[Address]:
        """The addresses at the postcode. Raises `SearchError`; all of it takes `timeout_s` at most."""
        found: list[JsonObject] = []
        try:
            # The key goes in a header: addresses are written into logs, headers are not. No proxy, no password file
            # and no redirect: only the server in the operator's settings is asked.
            async with (
                asyncio.timeout(self._timeout_s),
                httpx.AsyncClient(
                    headers={"key": self._key}, follow_redirects=False, trust_env=False
                ) as client,
            ):
                for _ in range(_MOST_PAGES):
                    results, total = _results(await self._page(client, postcode, len(found)))
                    found += results
                    if not results or len(found) >= total:
                        break
        except (TimeoutError, httpx.TimeoutException):
            raise SearchError("slow") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise SearchError("unreachable") from None
        return addresses_in(found)

    async def _page(self, client: httpx.AsyncClient, postcode: str, offset: int) -> Json:
        """One answer, decoded; an empty one where the API calls the postcode none."""
        asked = {"postcode": postcode, "dataset": "DPA,LPI", "maxresults": str(_PAGE), "offset": str(offset)}
        async with client.stream("GET", self._url, params=asked) as response:
            body = b""
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > _MOST_BYTES:
                    raise SearchError("unintelligible")
        try:
            data: Json = json.loads(body)
        except (ValueError, RecursionError):
            data = None
        if response.status_code == httpx.codes.OK:
            return data
        if response.status_code == httpx.codes.BAD_REQUEST and isinstance(data, dict) and "error" in data:
            return {"header": {"totalresults": 0}}
        if response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            raise SearchError("refused")
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise SearchError("busy")
        raise SearchError("unintelligible")


def _results(data: Json) -> tuple[list[JsonObject], int]:
    """The results of one answer, and how many there are in all. Without any, `results` is left out."""
    header = data.get("header") if isinstance(data, dict) else None
    total = header.get("totalresults") if isinstance(header, dict) else None
    results = data.get("results", []) if isinstance(data, dict) else None
    if not isinstance(total, int) or not isinstance(results, list):
        raise SearchError("unintelligible")
    return [each for each in results if isinstance(each, dict)], total


def addresses_in(results: Sequence[JsonObject]) -> list[Address]:
    """The addresses in results of OS Places, each property once: as Royal Mail has it, else as its council has it."""
    found: dict[str, Address] = {}
    for kind, read in (("DPA", _delivery_point), ("LPI", _local_property)):
        for result in results:
            record = result.get(kind)
            address = read(record) if isinstance(record, dict) else None
            if address is not None:
                found.setdefault(address.uprn or address.line, address)
    return list(found.values())


def _delivery_point(record: JsonObject) -> Address | None:
    """A DPA record: names and numbers from the smallest part outwards."""
    box = _text(record, "PO_BOX_NUMBER")
    house = (
        _cased(record, "DEPARTMENT_NAME"),
        _cased(record, "ORGANISATION_NAME"),
        f"PO Box {box}" if box else "",
        _cased(record, "SUB_BUILDING_NAME"),
        _cased(record, "BUILDING_NAME"),
        _cased(record, "BUILDING_NUMBER"),
    )
    street = (
        _cased(record, "DEPENDENT_THOROUGHFARE_NAME"),
        _cased(record, "THOROUGHFARE_NAME"),
        _cased(record, "DOUBLE_DEPENDENT_LOCALITY"),
        _cased(record, "DEPENDENT_LOCALITY"),
    )
    return _address(house, street, _cased(record, "POST_TOWN"), _text(record, "POSTCODE"), record)


def _local_property(record: JsonObject) -> Address | None:
    """An LPI record in English that is in use: the secondary object (a flat), then the primary one (its building)."""
    if _text(record, "LOGICAL_STATUS_CODE") not in {"", "1"} or _text(record, "LANGUAGE") not in {"", "EN"}:
        return None
    house = (
        _cased(record, "ORGANISATION"),
        _cased(record, "SAO_TEXT"),
        _range(record, "SAO"),
        _cased(record, "PAO_TEXT"),
        _range(record, "PAO"),
    )
    street = (_cased(record, "STREET_DESCRIPTION"), _cased(record, "LOCALITY_NAME"))
    return _address(house, street, _cased(record, "TOWN_NAME"), _text(record, "POSTCODE_LOCATOR"), record)


def _address(
    house: Sequence[str], street: Sequence[str], town: str, postcode: str, record: JsonObject
) -> Address | None:
    normal = normal_postcode(postcode)
    if normal is None or not any(house):
        return None
    return Address(
        house=", ".join(dict.fromkeys(filter(None, house))),
        street=", ".join(dict.fromkeys(filter(None, street))),
        town=town,
        postcode=normal,
        uprn=_text(record, "UPRN"),
    )


def _range(record: JsonObject, object_: str) -> str:
    """``12A-14``, from the parts of a number of BS 7666."""
    start, end = (
        _text(record, f"{object_}_{which}_NUMBER") + _text(record, f"{object_}_{which}_SUFFIX")
        for which in ("START", "END")
    )
    return f"{start}-{end}" if end else start


def _text(record: JsonObject, key: str) -> str:
    value = record.get(key)
    return " ".join(str(value).split()) if isinstance(value, str | int) else ""


# Words that stay small within a name: Stoke-on-Trent, Isle of Wight.
_SMALL: Final = frozenset(
    {"and", "by", "cum", "de", "in", "le", "next", "of", "on", "the", "under", "upon", "with"}
)


def _cased(record: JsonObject, key: str) -> str:
    """A name as people write it: the data has capitals alone."""
    text = _text(record, key)

    def written(found: re.Match[str]) -> str:
        word, before = found[0].lower(), text[found.start() - 1 : found.start()]
        if before.isdigit():
            # 12A, yet 1st.
            return word.upper() if len(word) == 1 else word
        return word if word in _SMALL and before in {" ", "-"} else word[0].upper() + word[1:]

    return re.sub(r"[^\W\d_]+(?:['’][^\W\d_]+)*", written, text) if text.isupper() else text


# --- addresses for trying it out -------------------------------------------------------------------------------------


class InventedAddresses:
    """A book of invented addresses, for the demo: every postcode has the same few houses in streets that are nowhere.

    One that ends in ``9ZZ`` has none, so that this can be seen as well.
    """

    async def at(self, postcode: str) -> Sequence[Address]:
        """Six invented addresses at whatever postcode."""
        if postcode.endswith("9ZZ"):
            return []
        streets = (
            ("Invented Lane", ("1", "2", "3A", "Flat 1, Example House")),
            ("Nowhere Road", ("10", "The Old Barn")),
        )
        return [
            Address(house, street, "Sampletown", postcode, f"{turn}{house}")
            for turn, (street, houses) in enumerate(streets)
            for house in houses
        ]
