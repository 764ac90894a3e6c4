"""What holds for every field type, and the rules of single ones held against their sources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, replace
from datetime import date, timedelta
from random import Random
from typing import Any

import email_validator
import jsonschema
import jsonschema_rs
import phonenumbers
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from formengine.language.expressions.ast import Kind
from formengine.language.expressions.iso_days import DAY, MONTH, YEAR, on_or_after, on_or_before
from formengine.language.fields import COMPOSITE_TYPES, FIELD_TYPES, phone
from formengine.language.fields.base import (
    Control,
    Decoded,
    Display,
    FieldSettings,
    FieldType,
    Option,
    PaperSpace,
    Posted,
    Problem,
    Word,
    is_blank,
)
from formengine.language.fields.dates import settled
from formengine.language.fields.nhs_number import check_figure
from formengine.language.fields.patterns import whole
from formengine.language.fields.upn import check_letter
from formengine.language.json_types import Json
from tests.language.test_fields_posts import BAD, CONTEXT, GOOD
from tests.support.tiers import cases
from tests.tools.ajv import validate

NAMES = sorted(FIELD_TYPES)
VALUED = [name for name in NAMES if name != "signature"]
PLAIN = {
    name: FieldSettings("x", "Question", options=CONTEXT[name].options, limits={"value_kind": "text"})
    for name in NAMES
}

KINDS = {
    **dict.fromkeys(("text", "long_text", "email", "phone", "postcode", "nhs_number"), Kind.TEXT),
    **dict.fromkeys(("national_insurance_number", "upn", "url"), Kind.TEXT),
    **dict.fromkeys(("number", "money", "calculated"), Kind.NUMBER),
    **dict.fromkeys(("approximate_date", "month"), Kind.PARTIAL_DATE),
    **dict.fromkeys(("tick", "declaration"), Kind.TICK),
    **dict.fromkeys(("yes_no", "choice"), Kind.CHOICE),
    **dict.fromkeys(("file", "files", "signature"), Kind.OPAQUE),
    "date": Kind.DATE,
    "time": Kind.TIME,
    "choices": Kind.CHOICES,
}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def rust(schema: Any) -> jsonschema_rs.Draft202012Validator:
    """The validator the engine runs, with its linear engine of patterns."""
    return jsonschema_rs.Draft202012Validator(schema, pattern_options=jsonschema_rs.RegexOptions())


def seeded(seed: int) -> Random:
    """Randomness that is the same every time."""
    return Random(seed)


def again(field_type: FieldType, value: Any, context: FieldSettings) -> Any:
    """A value sent to a page and back; the shell hands in the files it keeps."""
    files = value if isinstance(value, list) else [value]
    kept = tuple(files) if field_type.name in {"file", "files"} and value is not None else ()
    return field_type.decode(Posted(field_type.encode(value, context), kept), context)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("face", [face.name for face in fields(FieldType)])
def test_every_type_has_every_face_of_its_own(name: str, face: str) -> None:
    field_type, context = FIELD_TYPES[name], CONTEXT[name]
    value = field_type.sample(context, seeded(1))
    problem = field_type.type_error({"not": "a value"}, context)
    claims: Mapping[str, bool] = {
        "name": field_type.name == name,
        "doc": field_type.doc.endswith(".") and len(field_type.doc) > 10,
        "keys": all(
            key.doc.endswith(".") and bool(key.choices) == (key.value == "one_of") for key in field_type.keys
        ),
        "has_options": field_type.has_options == (name in {"choice", "choices"}),
        "kind": field_type.kind(context) == KINDS[name],
        "codes": bool(field_type.codes(context)) == (name in {"choice", "choices", "yes_no"}),
        "decode": field_type.decode(Posted(), context).value is None,
        "encode": field_type.encode(None, context) == {},
        "shape": rust(field_type.shape(context)).is_valid(value) or name == "signature",
        "rules": all(rust(rule.fragment).is_valid(value) for rule in field_type.rules(context)),
        "type_error": problem.rule in field_type.error_codes and problem.level == "error",
        "validate": value is None or all(p.level == "warn" for p in field_type.validate(value, context)),
        "checks": set(field_type.checks(context)).isdisjoint(
            rule.problem.rule for rule in field_type.rules(context)
        ),
        "error_codes": len(field_type.error_codes) > 0,
        "words": field_type.words == {},
        "reading": field_type.reading(context)["by"] != "service",
        "scale": field_type.scale == (100 if name == "money" else 1),
        "control": isinstance(field_type.control(context), Control),
        "display": isinstance(field_type.display(value, context), Display),
        "paper_space": isinstance(field_type.paper_space(context), PaperSpace),
        "sample": is_blank(value) == (name == "signature"),
    }
    assert claims[face]


@pytest.mark.parametrize("name", VALUED)
@pytest.mark.parametrize("contexts", [CONTEXT, PLAIN], ids=["limits", "plain"])
@settings(max_examples=cases(40, long=400))
@given(seed=st.integers(0, 10**6))
def test_a_sample_keeps_every_rule_and_survives_a_page(
    name: str, contexts: Mapping[str, FieldSettings], seed: int
) -> None:
    field_type, context = FIELD_TYPES[name], contexts[name]
    value = field_type.sample(context, seeded(seed))
    assert value == field_type.sample(context, seeded(seed))
    assert rust(field_type.shape(context)).is_valid(value)
    assert all(rust(rule.fragment).is_valid(value) for rule in field_type.rules(context))
    assert [p for p in field_type.validate(value, context) if p.level == "error"] == []
    if name != "calculated":
        assert again(field_type, value, context).value == value


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=cases(60, long=600))
@given(texts=st.lists(st.text(max_size=30), max_size=3), part=st.sampled_from(["", "day", "month", "year"]))
@example(texts=["\ud800"], part="")
def test_whatever_is_posted_is_read_or_told_and_comes_back_the_same(
    name: str, texts: list[str], part: str
) -> None:
    field_type, context = FIELD_TYPES[name], CONTEXT[name]
    decoded = field_type.decode(Posted({part: tuple(texts)}), context)
    if decoded.problem:
        assert decoded.problem.rule in field_type.error_codes
        assert not is_blank(decoded.value)
    elif decoded.value is not None:
        assert rust(field_type.shape(context)).is_valid(decoded.value)
    assert again(field_type, decoded.value, context) == decoded


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=cases(60, long=600))
@given(value=JSON)
def test_any_json_value_can_be_judged_shown_and_sent_to_a_page(name: str, value: Any) -> None:
    field_type, context = FIELD_TYPES[name], CONTEXT[name]
    if rust(field_type.shape(context)).is_valid(value):
        assert all(isinstance(problem, Problem) for problem in field_type.validate(value, context))
    else:
        assert field_type.type_error(value, context).rule in field_type.error_codes
    assert field_type.display(value, context).shape in {"text", "lines", "list", "link"}
    assert all(
        isinstance(text, str) for texts in field_type.encode(value, context).values() for text in texts
    )


def _near(value: Any) -> list[Any]:
    """A value and others like it, such as one with a line end behind."""
    if isinstance(value, str):
        ends = ["\n", "\r\n", " ", "\u2028", "\u0085", "\x00", "é"]
        return [
            value,
            value.lower(),
            value.upper(),
            value[:-1],
            value[1:],
            *(value + e for e in ends),
            f"\n{value}",
        ]
    if isinstance(value, list):
        return [value, [], value * 2, [*value, "x"], value[:1], [value]]
    if isinstance(value, dict):
        return [
            value,
            {},
            value | {"x": 1},
            value | {"size": -1},
            value | {"name": "a.pdf\n"},
            value | {"id": "f1\n"},
        ]
    return [value, str(value), [value], value + 0.5, value * 10**15, -value, value + 0.0]


@pytest.mark.parametrize("name", NAMES)
def test_three_validators_give_one_verdict_on_every_fragment(name: str) -> None:
    field_type = FIELD_TYPES[name]
    random = seeded(7)
    posts = [row[0] for row in GOOD[name]] + [row[0] for row in BAD.get(name, [])]
    fragments: list[Any] = []
    verdicts: list[tuple[int, Any, bool]] = []
    for context in (CONTEXT[name], PLAIN[name]):
        decoded = [field_type.decode(posted, context).value for posted in posts]
        values: list[Json] = [value for value in decoded if value is not None]
        values += [field_type.sample(context, random) for _ in range(10)]
        instances = [near for value in values if value is not None for near in _near(value)]
        instances += [None, True, 1, 1.0, 0.5, "", " ", "yes", "2026-02-31", [], {}, 10**16, "0000-01-01"]
        for fragment in (field_type.shape(context), *(rule.fragment for rule in field_type.rules(context))):
            jsonschema.Draft202012Validator.check_schema(fragment)
            judge = rust(fragment)
            verdicts += [(len(fragments), instance, judge.is_valid(instance)) for instance in instances]
            fragments.append(fragment)
    for number, instance, verdict in verdicts:
        assert jsonschema.Draft202012Validator(fragments[number]).is_valid(instance) == verdict, instance
    schema = {"type": "object", "properties": {str(n): fragment for n, fragment in enumerate(fragments)}}
    answers = validate(schema, [{str(number): instance} for number, instance, _ in verdicts])
    assert answers == [verdict for _, _, verdict in verdicts]


@settings(max_examples=cases(10, long=200))
@given(texts=st.lists(st.text(max_size=12), min_size=100, max_size=100))
def test_three_validators_give_one_verdict_on_any_text(texts: list[str]) -> None:
    shapes = {name: FIELD_TYPES[name].shape(CONTEXT[name]) for name in NAMES}
    schema = {"type": "object", "properties": shapes}
    assume(all(character < "\ud800" or character > "\udfff" for text in texts for character in text))
    instances = [{name: text} for text, name in zip(texts, NAMES * 5, strict=False)]
    verdicts = [rust(schema).is_valid(instance) for instance in instances]
    python = jsonschema.Draft202012Validator(schema)
    assert [python.is_valid(instance) for instance in instances] == verdicts
    assert validate(schema, instances) == verdicts


# --- choices and choosing among people -------------------------------------------------------------------


@pytest.mark.parametrize("name", ["choice", "choices", "yes_no"])
def test_every_option_comes_up_in_samples(name: str) -> None:
    random = seeded(3)
    field_type, context = FIELD_TYPES[name], CONTEXT[name]
    seen: set[str] = set()
    for _ in range(200):
        value: Any = field_type.sample(context, random)
        seen |= {value} if isinstance(value, str) else set(value)
    assert seen == set(field_type.codes(context))


@pytest.mark.parametrize(
    ("count", "template"), [(2, "radios"), (8, "radios"), (9, "select"), (20, "select"), (21, "type_ahead")]
)
def test_a_choice_looks_as_its_length_asks(count: int, template: str) -> None:
    options = tuple(Option(str(n), f"Option {n}") for n in range(count))
    assert FIELD_TYPES["choice"].control(FieldSettings("c", "C", options=options)).template == template
    told = FieldSettings("c", "C", options=options, limits={"control": "radios"})
    assert FIELD_TYPES["choice"].control(told).template == "radios"


def test_a_third_answer_is_offered_only_when_asked_for() -> None:
    yes_no = FIELD_TYPES["yes_no"]
    assert yes_no.codes(FieldSettings("y", "Y", limits={"not_known": True})) == ("yes", "no", "not_known")
    assert yes_no.codes(FieldSettings("y", "Y")) == ("yes", "no")
    assert yes_no.display("not_known", FieldSettings("y", "Y")).texts == (Word("values.not_known"),)


PEOPLE = FieldSettings("s", "Supports", limits={"options_from": ("child", "agencies", "home.people")})


@pytest.mark.parametrize(
    ("pointer", "fits"),
    [
        ("child", True),
        ("agencies/a1", True),
        ("home.people/x-9_Z", True),
        ("homexpeople/a", False),
        ("nobody", False),
        ("agencies/", False),
        ("agencies/a/b", False),
        ("child\n", False),
        ("", False),
    ],
)
def test_a_pointer_to_a_person_is_a_path_and_an_item(pointer: str, fits: bool) -> None:
    choice, choices = FIELD_TYPES["choice"], FIELD_TYPES["choices"]
    assert choice.kind(PEOPLE) == choices.kind(PEOPLE) == Kind.OPAQUE
    assert choice.codes(PEOPLE) == choices.codes(PEOPLE) == ()
    assert rust(choice.shape(PEOPLE)).is_valid(pointer) == fits
    assert rust(choices.shape(PEOPLE)).is_valid([pointer]) == fits
    assert validate(choices.shape(PEOPLE), [[pointer]]) == [fits]
    if pointer.strip() == pointer:
        assert (choice.decode(Posted({"": (pointer,)}), PEOPLE).problem is None) == (fits or not pointer)


# --- numbers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("places", [1, 2, 6])
@given(data=st.data())
def test_a_number_with_decimals_is_kept_to_its_last_figure(places: int, data: st.DataObject) -> None:
    number = FIELD_TYPES["number"]
    context = FieldSettings("n", "N", limits={"decimal_places": places})
    digits = data.draw(st.integers(-(10**15), 10**15))
    sign, figures = "-" if digits < 0 else "", f"{abs(digits):0{places + 1}}"
    text = f"{sign}{figures[:-places]}.{figures[-places:]}"
    decoded = number.decode(Posted({"": (text,)}), context)
    assert decoded.problem is None
    assert round(decoded.value * 10**places) == digits
    assert number.validate(decoded.value, context) == ()
    assert again(number, decoded.value, context).value == decoded.value


def test_too_many_decimals_are_found_in_values_no_schema_can_judge() -> None:
    number, context = FIELD_TYPES["number"], FieldSettings("n", "N", limits={"decimal_places": 2})
    assert rust(number.shape(context)).is_valid(19.999)
    assert number.validate(19.999, context) == (Problem("decimal_places", {"decimal_places": 2}),)
    assert number.validate(19.99, context) == ()
    assert number.checks(context) == ("decimal_places",)
    assert number.checks(FieldSettings("n", "N")) == ()


@given(pence=st.integers(-(10**15), 10**15))
def test_money_survives_a_page_to_the_penny(pence: int) -> None:
    assert again(FIELD_TYPES["money"], pence, FieldSettings("m", "M")).value == pence


# --- dates -----------------------------------------------------------------------------------------------


def _fits(pattern: str, text: str) -> bool:
    return re.fullmatch(whole(pattern), text) is not None


def test_the_calendar_pattern_knows_each_day_from_the_year_1_to_9999() -> None:
    for year in (1, 4, 99, 100, 400, 999, 1000, 1582, 1700, 1900, 1999, 2000, 2023, 2024, 2026, 2100, 9999):
        for month in range(14):
            for day in range(33):
                try:
                    real = bool(date(year, month, day))
                except ValueError:
                    real = False
                assert _fits(DAY, f"{year:04}-{month:02}-{day:02}") == real, (year, month, day)
    for year in range(1, 10_000):
        leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
        assert _fits(DAY, f"{year:04}-02-29") == leap
        assert _fits(YEAR, f"{year:04}")
    assert not _fits(DAY, "0000-01-01")
    assert not _fits(YEAR, "0000")
    assert [_fits(MONTH, f"2026-{month:02}") for month in (0, 1, 12, 13)] == [False, True, True, False]


@given(day=st.dates(), bound=st.dates(), near=st.integers(-400, 400))
def test_a_bound_is_a_pattern_over_days(day: date, bound: date, near: int) -> None:
    for other in (day, bound, _moved(bound, near)):
        assert _fits(on_or_before(bound), other.isoformat()) == (other <= bound)
        assert _fits(on_or_after(bound), other.isoformat()) == (other >= bound)


def _moved(day: date, days: int) -> date:
    return date.fromordinal(min(max(1, day.toordinal() + days), date.max.toordinal()))


@given(day=st.dates())
def test_every_day_survives_a_page(day: date) -> None:
    assert again(FIELD_TYPES["date"], day.isoformat(), FieldSettings("d", "D")).value == day.isoformat()


def test_an_impossible_day_is_kept_as_it_was_typed() -> None:
    typed = Posted({"day": ("31",), "month": ("2",), "year": ("2026",)})
    decoded = FIELD_TYPES["date"].decode(typed, FieldSettings("d", "D"))
    assert decoded.value == {"day": "31", "month": "2", "year": "2026"}
    assert decoded.problem == Problem("not_real", {"parts": ("day", "month", "year")})
    assert FIELD_TYPES["date"].type_error(decoded.value, FieldSettings("d", "D")) == decoded.problem
    assert FIELD_TYPES["date"].display(decoded.value, FieldSettings("d", "D")).texts == ("31 2 2026",)


def test_a_problem_names_the_boxes_to_mend() -> None:
    date_type = FIELD_TYPES["date"]
    missing = date_type.decode(Posted({"day": ("3",)}), FieldSettings("d", "D")).problem
    assert missing is not None
    assert missing.facts["parts"] == ("month", "year")
    month = Posted({"day": ("3",), "month": ("Febuary",), "year": ("2026",)})
    wrong = date_type.decode(month, FieldSettings("d", "D")).problem
    assert wrong == Problem("not_real", {"parts": ("month",)})


def test_a_limit_of_today_is_a_rule_once_the_day_is_known() -> None:
    date_type = FIELD_TYPES["date"]
    context = FieldSettings("d", "D", limits={"maximum": "today"})
    assert date_type.rules(context) == ()
    on = date(2026, 11, 22)
    (rule,) = date_type.rules(settled(context, on))
    assert rule.problem.rule == "maximum_today"
    assert rust(rule.fragment).is_valid("2026-11-22")
    assert not rust(rule.fragment).is_valid((on + timedelta(days=1)).isoformat())


@pytest.mark.parametrize("text", ["2026-10-05", "2026-10", "2026", "0001", "9999-12-31"])
def test_what_is_known_of_a_date_is_kept_and_nothing_is_invented(text: str) -> None:
    assert again(FIELD_TYPES["approximate_date"], text, FieldSettings("d", "D")).value == text


# --- numbers with a check --------------------------------------------------------------------------------


def test_a_figure_changed_or_two_swapped_is_found_in_an_nhs_number() -> None:
    nhs = FIELD_TYPES["nhs_number"]
    good = "9990000018"
    for place in range(10):
        for figure in "0123456789":
            changed = good[:place] + figure + good[place + 1 :]
            errors = [p.rule for p in nhs.validate(changed, CONTEXT["nhs_number"]) if p.level == "error"]
            assert errors == ([] if figure == good[place] else ["checksum"])
    assert check_figure("999000001") == 8


@pytest.mark.parametrize(
    ("number", "rules"),
    [
        ("9990000018", []),
        ("4010232137", []),
        ("0101010104", ["from_elsewhere"]),
        ("3200000015", ["from_elsewhere"]),
    ],
)
def test_an_nhs_number_from_elsewhere_is_advice_and_no_error(number: str, rules: list[str]) -> None:
    number = number[:9] + str(check_figure(number[:9]))
    assert [p.rule for p in FIELD_TYPES["nhs_number"].validate(number, CONTEXT["nhs_number"])] == rules


def test_an_nhs_number_is_shown_in_threes() -> None:
    assert FIELD_TYPES["nhs_number"].display("9990000018", PLAIN["nhs_number"]).texts == ("999 000 0018",)


@pytest.mark.parametrize(
    "authority", ["838", "839", "940", "941", "942", "943", "660", "681", "001", "005", "886"]
)
def test_authorities_that_libraries_lack_are_known(authority: str) -> None:
    rest = f"{authority}200019001"
    assert FIELD_TYPES["upn"].validate(check_letter(rest) + rest, PLAIN["upn"]) == ()


def test_an_unknown_authority_is_advice() -> None:
    upn = check_letter("999200019001") + "999200019001"
    (problem,) = FIELD_TYPES["upn"].validate(upn, PLAIN["upn"])
    assert (problem.rule, problem.level) == ("unknown_authority", "warn")


# The rule as it is published, with the look-ahead that linear engines refuse.
PUBLISHED_NINO = "^(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]$"


def test_the_prefixes_of_national_insurance_numbers_are_those_of_the_published_rule() -> None:
    shape = rust(FIELD_TYPES["national_insurance_number"].shape(PLAIN["text"]))
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for number in (f"{first}{second}000000A" for first in letters for second in letters):
        assert shape.is_valid(number) == (re.match(PUBLISHED_NINO, number) is not None)


@pytest.mark.parametrize(
    ("number", "rules"),
    [
        ("020 7946 0123", []),
        ("0113 496 0999", []),
        ("07700 900982", ["unusual"]),
        ("01632 960001", ["unusual"]),
        ("07700 90098", ["not_a_number"]),
        ("999", ["not_a_number"]),
        ("07781 123456", []),
        ("+353 1 234 5678", []),
    ],
)
def test_a_telephone_number_that_cannot_be_is_an_error_and_an_unusual_one_advice(
    number: str, rules: list[str]
) -> None:
    assert [p.rule for p in FIELD_TYPES["phone"].validate(number, PLAIN["phone"])] == rules


@given(st.from_regex(phone._USUAL, fullmatch=True))
@settings(max_examples=cases(150, long=3000))
def test_what_passes_as_a_usual_british_number_is_a_valid_one_to_phonenumbers(number: str) -> None:
    parsed = phonenumbers.parse(number, "GB")
    assert not phone._is_usual(number) or phonenumbers.is_valid_number(parsed)


@pytest.mark.parametrize("number", ["020 7946 0123", "+44 20 7946 0456", "+441134960999", "0113-496-0999"])
def test_usual_british_numbers_are_known_at_once(number: str) -> None:
    assert phone._is_usual(number)


_LOCAL = st.text("abzAZ09.+-_'#@ \"", min_size=1, max_size=8)
_DOMAIN = st.lists(st.text("abxnXN09-", min_size=1, max_size=6), min_size=1, max_size=3).map(".".join)
_TOP = st.sampled_from(["com", "test", "TEST", "invalid", "c0m", "co2", "arpa", "example", "localhost", ""])


@settings(max_examples=cases(250, long=5000))
@given(local=_LOCAL, domain=_DOMAIN, top=_TOP)
@example(local="a", domain="ab--cd", top="com")
@example(local="a", domain="x" * 63, top="com")
@example(local="a", domain="x" * 64, top="com")
@example("0", "0---0", "com")
def test_the_email_pattern_agrees_with_the_email_validator(local: str, domain: str, top: str) -> None:
    address = f"{local}@{domain}.{top}"
    assume(address == address.strip())
    assume("xn--" not in address.lower())  # names in other scripts: the pattern does not decode them
    try:
        email_validator.validate_email(address, check_deliverability=False, allow_smtputf8=False)
        good = True
    except email_validator.EmailNotValidError:
        good = False
    assert rust(FIELD_TYPES["email"].shape(PLAIN["email"])).is_valid(address) == good
    assert (FIELD_TYPES["email"].decode(Posted({"": (address,)}), PLAIN["email"]).problem is None) == good


# --- composites ------------------------------------------------------------------------------------------


def test_an_address_is_read_as_on_an_envelope() -> None:
    parts = {
        "house": Display("text", ("12",)),
        "street": Display("text", ("River Lane",)),
        "postcode": Display("text", ("ME14 1XQ",)),
    }
    address = COMPOSITE_TYPES["address"]
    assert [part.id for part in address.parts] == ["house", "street", "town", "postcode"]
    assert address.display(parts).texts == ("12 River Lane", "ME14 1XQ")
    assert address.display({}).texts == ()


def test_a_persons_name_is_read_in_one_line() -> None:
    name = COMPOSITE_TYPES["person_name"]
    assert [part.id for part in name.parts] == ["first_name", "last_name"]
    assert name.display({"last_name": Display("text", ("Example",))}).texts == ("Example",)
    both = {"first_name": Display("text", ("Sam",)), "last_name": Display("text", ("Example",))}
    assert name.display(both).texts == ("Sam Example",)


# --- a type of one's own ---------------------------------------------------------------------------------


def _decode_ward(posted: Posted, _: FieldSettings) -> Decoded:
    typed = posted.text().strip().upper()
    return Decoded(typed or None, None if typed in {"", "NORTH", "SOUTH"} else Problem("not_a_ward"))


WARD = FieldType(
    name="ward",
    doc="One of the two wards.",
    decode=_decode_ward,
    shape=lambda _: {"enum": ["NORTH", "SOUTH"]},
    error_codes=("not_a_ward",),
    sample=lambda _, random: random.choice(("NORTH", "SOUTH")),
    words={"not_a_ward": "{Name} must be North or South", "types.ward.hint": "North or South"},
)


def test_a_type_needs_six_faces_and_has_the_others_as_most_types_do() -> None:
    settings = FieldSettings("w", "Ward")
    given = {"name", "doc", "decode", "shape", "error_codes", "sample"}
    assert {face.name for face in fields(FieldType) if _has_no_default(face)} == given
    assert (WARD.keys, WARD.has_options, WARD.scale) == ((), False, 1)
    assert WARD.kind(settings) == Kind.TEXT
    assert (WARD.codes(settings), WARD.rules(settings), WARD.checks(settings)) == ((), (), ())
    assert WARD.validate("NORTH", settings) == ()
    assert WARD.encode("EAST", settings) == {"": ("EAST",)}
    assert WARD.display("NORTH", settings) == Display("text", ("NORTH",))
    assert WARD.control(settings) == Control("input", {"input_type": "text"})
    assert WARD.paper_space(settings) == PaperSpace("line")
    assert WARD.type_error("EAST", settings) == Problem("not_a_ward")


def _has_no_default(face: Field[Any]) -> bool:
    return face.default is MISSING and face.default_factory is MISSING


def test_the_first_error_code_is_what_a_value_of_another_shape_breaks_whoever_the_type_was_made_from() -> (
    None
):
    other = replace(WARD, name="parish", error_codes=("not_a_parish", "not_a_ward"), words={})
    assert other.type_error("EAST", FieldSettings("p", "Parish")) == Problem("not_a_parish")


def test_a_type_that_can_report_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="ward has neither a type_error nor error_codes"):
        replace(WARD, error_codes=())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"errors.email.not_an_email": "No"}, "'errors.email.not_an_email'"),
        ({"types.parish.hint": "No"}, "'types.parish.hint'"),
        ({"Not a ward": "No"}, "'Not a ward'"),
        ({"not_a_ward": {"one": "No"}}, "not_a_ward are neither a text nor counted"),
    ],
)
def test_words_that_are_not_the_type_s_own_are_refused(words: Mapping[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=f"field type ward.*{re.escape(told)}"):
        replace(WARD, words=words)


@pytest.mark.parametrize(("name", "shown"), [("number", "100"), ("money", "£1")])
def test_a_whole_number_that_a_program_hands_over_as_a_fraction_reads_as_a_whole_one(
    name: str, shown: str
) -> None:
    field_type = FIELD_TYPES[name]
    plain_settings = FieldSettings("f", "F")
    assert field_type.display(100.0, plain_settings).texts == (shown,)
    encoded = field_type.encode(100.0, plain_settings)
    assert encoded == field_type.encode(100, plain_settings)
