"""What is typed reads in the browser as it reads to the engine, or the browser says that it is not sure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import jsonschema_rs
import pytest

from formengine.language.bundled import bundled_folder
from formengine.language.fields import FIELD_TYPES
from formengine.language.fields.base import (
    BLANK_CHARACTERS,
    FieldSettings,
    FieldType,
    Option,
    Posted,
    is_blank,
)
from formengine.language.fields.single_line import LINE_TABLES
from tests.support.tiers import cases
from tests.tools.node import JavaScriptError, run_module

BATCH = Path(__file__).parents[1] / "support" / "generators" / "typed_batch.mjs"
MODULE = bundled_folder("renderers") / "html" / "static" / "typed.js"
OPTIONS = (Option("red", "Red"), Option("blue", "Blue"), Option("none", "None", exclusive=True))
PEOPLE = ("child", "agencies")


def of(type_name: str, **limits: Any) -> tuple[FieldType, FieldSettings]:
    return FIELD_TYPES[type_name], FieldSettings("f", "F", options=OPTIONS, limits=limits)


# Every type, and each setting that changes how it reads.
FIELDS = {
    **{name: of(name) for name in FIELD_TYPES},
    "number to one place": of("number", decimal_places=1),
    "number to three places": of("number", decimal_places=3),
    "number to six places": of("number", decimal_places=6),
    "number of weeks": of("number", unit="weeks"),
    "number of kelvins": of("number", unit="\u212a", decimal_places=2),
    "number within limits": of("number", minimum=1, maximum=5),
    "text with a pattern": of("text", pattern="[A-Z]{2}", max_length=5),
    "yes, no or not known": of("yes_no", not_known=True),
    "one of the people": of("choice", options_from=PEOPLE),
    "some of the people": of("choices", options_from=PEOPLE),
    "calculated number": of("calculated", value_kind="number"),
}
SEEDS = (
    "",
    " ",
    "\u200b",
    "x",
    "yes",
    "no",
    "not_known",
    " yes ",
    "red",
    "blue",
    "none",
    "green",
    "child",
    "agencies/a1",
    "agencies/",
    "agencies/a 1",
    "18",
    "18.5",
    "£18",
    "18£",
    "GBP 18",
    "££18",
    "1,50",
    "1,500",
    "1.500",
    "0.500",
    "1 500",
    "1\u00a0500",
    "1,500,000.00",
    "100.999",
    "100.990",
    "-3",
    "- 3",
    "-0",
    "+7",
    "\u22123",
    ".",
    ".5",
    "5.",
    "-.5",
    "1e3",
    "NaN",
    "Infinity",
    "0x10",
    "007",
    "999999999999999",
    "1000000000000000",
    "1000000000000001",
    "10000000000000.01",
    "9007199254740993",
    "0.1234567",
    "0.123456",
    "999999999.999999",
    "1000000000.000001",
    "12 weeks",
    "12WEEKS",
    "12 week",
    "weeks",
    "5k",
    "5 K",
    "5 \u212a",
    "\u0661\u0662",
    "\uff11\uff12",
    "sam@example.com",
    "mailto:sam@example.com",
    "MAILTO:sam@example.com",
    "sam@example",
    "sam@example.test",
    "sam@xn--bcher-kva.example",
    "sam@ab--c.example",
    "0@0---0.com",
    "s\u00e4m@example.com",
    "sam@b\u00fccher.example",
    "a@b.c\n",
    "020 7946 0123",
    "+44 20 7946 0123",
    "me141xq",
    "ME14 1XQ",
    "ME14-1XQ",
    "ME14\u00a01XQ",
    "bfpo58",
    "BFPO 12345",
    "GIR0AA",
    "ME14 OXQ",
    "999 000 0018",
    "9990000018",
    "999-000-0018",
    "AA123456A",
    "mw 12 34 56 a",
    "BG123456A",
    "A886999911111",
    "a886999911111",
    "14:30",
    "2:30pm",
    "2.30 p.m.",
    "1430",
    "14",
    "12am",
    "12pm",
    "13pm",
    "0am",
    "midday",
    "12 noon",
    "MIDNIGHT",
    "24:00",
    "23:60",
    "9:5",
    "www.example.org",
    "HTTP://Example.org/a?b#c",
    "https://sam@example.org",
    "ftp://example.org",
    "javascript:alert(1)",
    "http://example.org/\u00e9",
    "http://example.org:99999/",
    "first\nsecond",
    "first\r\nsecond\rthird",
    "\n\n  indented\n\n",
    "a\tb",
    "a\x00b",
    "\x07",
    "a\u2028b",
    "\ufeff",
    "Zo\u00eb",
    "\u5f20\u4f1f",
    "\U0001f600",
    "\ud800",
    "a\udc00",
    "1",
    "01",
    "1st",
    "2ND",
    "31",
    "32",
    "0",
    "00",
    "29",
    "30",
    "2",
    "02",
    "13",
    "sep",
    "Sept",
    "SEPT.",
    "september",
    "Medi",
    "mawrth",
    "ma",
    "\u017fept",
    "feb..",
    "2024",
    "2023",
    "1900",
    "2000",
    "0000",
    "0026",
    "26",
    "999",
    "20245",
    "12/3/2015",
)


@dataclass(frozen=True)
class Entered:
    """What the boxes of one field hold, by part."""

    field: str
    parts: dict[str, list[str]]


def parts_of(field: str) -> tuple[str, ...]:
    type_, settings = FIELDS[field]
    found: tuple[str, ...] = tuple(type_.control(settings).context.get("parts", ("",)))
    return found


def mutated(text: str, random: Random) -> str:
    """`text` with a slip or two in it."""
    for _ in range(random.choice((0, 1, 1, 2))):
        at = random.randint(0, len(text))
        other = random.choice(SEEDS)
        piece = random.choice((*"0159aApZ.,-+ /£@:\u00a0", *BLANK_CHARACTERS, other[:2], other[-2:]))
        text = random.choice((text[:at] + piece + text[at:], text[:at] + text[at + 1 :], text[:at] + piece))
    return text


def entered(field: str, number: int, random: Random) -> list[Entered]:
    """`number` ways to fill in one field: the texts of `SEEDS`, samples as they are shown again, and slips."""
    type_, settings = FIELDS[field]
    parts = parts_of(field)
    found = [Entered(field, {part: [text] for part in parts}) for text in SEEDS] if len(parts) == 1 else []
    while len(found) < number:
        shown = type_.encode(type_.sample(settings, random), settings)
        texts = {
            part: [shown.get(part, ("",))[-1] if random.random() < 0.5 else random.choice(SEEDS)]
            for part in parts
        }
        if random.random() < 0.5:
            texts = {part: [mutated(text, random) for text in each] for part, each in texts.items()}
        if type_.name == "choices" and random.random() < 0.5:
            texts[""].append(random.choice(("red", "blue", "none", "child", "green")))
        found.append(Entered(field, texts))
    return found


@cache
def shape_of(field: str) -> jsonschema_rs.Draft202012Validator:
    type_, settings = FIELDS[field]
    return jsonschema_rs.Draft202012Validator(dict(type_.shape(settings)))


def engine(typed: Entered) -> Any:
    """The value that conditions see in the service, None for none."""
    type_, settings = FIELDS[typed.field]
    # A browser sends half a character as the replacement character.
    parts = {part: tuple(map(sent, texts)) for part, texts in typed.parts.items()}
    value = type_.decode(Posted(parts), settings).value
    return value if not is_blank(value) and shape_of(typed.field).is_valid(value) else None


def sent(text: str) -> str:
    return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)


def browser(typed: list[Entered], module: Path) -> list[list[Any]]:
    readings = {field: type_.reading(settings) for field, (type_, settings) in FIELDS.items()}
    payload = [[readings[each.field], each.parts] for each in typed]
    found: list[list[Any]] = run_module(
        BATCH, {"module": str(module), "line": LINE_TABLES, "cases": payload}, timeout_s=120
    )
    return found


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("typed") / "typed.mjs"
    copy.write_text(MODULE.read_text(encoding="utf-8"), encoding="utf-8")
    return copy


def differences(typed: list[Entered], module: Path) -> list[tuple[Entered, list[Any], Any]]:
    """What the browser is sure of and the engine reads otherwise."""
    found = []
    for each, read in zip(typed, browser(typed, module), strict=True):
        expected = engine(each)
        said = read[1] if read[0] == "value" else None
        if read[0] != "unsure" and (said != expected or type(said) is bool):
            found.append((each, read, expected))
    return found


def test_the_browser_reads_what_is_typed_as_the_engine_does_in_every_type(module: Path) -> None:
    random = Random()
    number = cases(300, long=20_000)
    typed = [each for field in FIELDS for each in entered(field, len(SEEDS) + number, random)]
    assert differences(typed, module) == []


@pytest.mark.parametrize(
    "field", sorted(set(FIELDS) - {"file", "files", "signature", "calculated", "calculated number"})
)
def test_the_browser_is_sure_of_every_usual_answer(field: str, module: Path) -> None:
    random = Random(field)
    type_, settings = FIELDS[field]
    samples = [type_.sample(settings, random) for _ in range(40)]
    typed = [
        Entered(field, {part: list(texts) for part, texts in type_.encode(value, settings).items()})
        for value in samples
    ]
    assert browser(typed, module) == [["value", engine(each)] for each in typed]


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_the_browser_knows_that_an_empty_box_is_no_answer(field: str, module: Path) -> None:
    blank = [Entered(field, {part: [text] for part in parts_of(field)}) for text in ("", "  ", "\t")]
    blank.append(Entered(field, {}))
    expected = [["none"]] * 4
    if FIELDS[field][0].name in {"file", "files"}:  # their boxes have nothing typed in them
        blank, expected = [blank[0], blank[3]], expected[:2]
    assert browser(blank, module) == expected


READS = [
    ("number", {"": ["18.5"]}, ["none"]),
    ("number", {"": ["£18"]}, ["none"]),
    ("number", {"": ["1,500"]}, ["value", 1500]),
    ("number", {"": ["1.500"]}, ["none"]),
    ("number", {"": ["\u0661\u0668"]}, ["unsure"]),
    ("number of weeks", {"": ["12 Weeks"]}, ["value", 12]),
    ("money", {"": ["1,50"]}, ["none"]),
    ("money", {"": ["100.999"]}, ["none"]),
    ("money", {"": ["£1,234.50"]}, ["value", 123450]),
    ("money", {"": ["-0.01"]}, ["value", -1]),
    ("email", {"": ["x"]}, ["none"]),
    ("email", {"": ["sam@example.com"]}, ["value", "sam@example.com"]),
    ("month", {"year": ["2026"], "month": [""]}, ["none"]),
    ("month", {"year": ["2026"], "month": ["Medi"]}, ["value", "2026-09"]),
    ("date", {"day": ["29"], "month": ["2"], "year": ["2023"]}, ["none"]),
    ("date", {"day": ["29th"], "month": ["Feb."], "year": ["2024"]}, ["value", "2024-02-29"]),
    ("date", {"day": ["\u0661"], "month": ["2"], "year": ["2023"]}, ["unsure"]),
    ("approximate_date", {"day": [""], "month": [""], "year": ["2023"]}, ["value", "2023"]),
    ("approximate_date", {"day": ["1"], "month": [""], "year": ["2023"]}, ["none"]),
    ("time", {"": ["2.30 p.m."]}, ["value", "14:30"]),
    ("time", {"": ["14"]}, ["none"]),
    ("postcode", {"": ["me141xq"]}, ["value", "ME14 1XQ"]),
    ("url", {"": ["WWW.example.org"]}, ["value", "https://WWW.example.org"]),
    ("choices", {"": ["red", "green"]}, ["none"]),
    ("long_text", {"": ["\n  a\n\n"]}, ["value", "  a"]),
    ("file", {"": ["C:\\fakepath\\a.pdf"]}, ["unsure"]),
    ("files", {"": [""], "keep": ["f1"]}, ["value", ["f1"]]),
]


@pytest.mark.parametrize(("field", "parts", "expected"), READS)
def test_what_the_browser_reads(
    field: str, parts: dict[str, list[str]], expected: list[Any], module: Path
) -> None:
    assert browser([Entered(field, parts)], module) == [expected]


def test_a_type_that_says_nothing_of_its_reading_is_left_to_the_service(module: Path) -> None:
    from formengine.language.fields.base import read_by_service

    reading = read_by_service(FieldSettings("f", "F"))
    payload = {
        "module": str(module),
        "line": LINE_TABLES,
        "cases": [[reading, {"": [text]}] for text in ("", " ", "x")],
    }
    assert run_module(BATCH, payload) == [["none"], ["none"], ["unsure"]]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("places.length > reading.places", "false"),
        ("whole(reading.thousands).test(typed)", "false"),
        ("typed.toUpperCase()", "typed"),
        ("hour < 1 ||", ""),
        ("month === 2 && leap", "false"),
        ("every((part) => part in typed)", "some((part) => part in typed)"),
        ('if (/[^\\p{ASCII}]/u.test(text.replaceAll(known, ""))) throw', "if (false) throw"),
        ("size > BigInt(reading.largest)", "false"),
        ("refused !== undefined", "false"),
    ],
)
def test_a_slip_planted_in_the_browser_s_reading_is_found(tmp_path: Path, right: str, wrong: str) -> None:
    text = MODULE.read_text(encoding="utf-8")
    assert right in text
    copy = tmp_path / "typed.mjs"
    copy.write_text(text.replace(right, wrong), encoding="utf-8")
    random = Random(1)
    typed = [Entered(field, parts) for field, parts, _ in READS]
    typed += [each for field in FIELDS for each in entered(field, len(SEEDS), random)]
    try:
        found: object = differences(typed, copy)
    except JavaScriptError as error:
        found = error
    assert found


def test_readings_are_json() -> None:
    for type_, settings in FIELDS.values():
        reading = type_.reading(settings)
        assert json.loads(json.dumps(reading)) == reading
