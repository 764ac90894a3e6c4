"""What people send, and what becomes of it: for every type ten posts that are read and ten that are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import jsonschema_rs
import pytest

from formengine.language.fields import FIELD_TYPES
from formengine.language.fields.base import FieldSettings, Option, Posted, Problem, is_blank
from formengine.language.words import words

OPTIONS = (
    Option("school", "School or college"),
    Option("gp", "GP"),
    Option("00", "Not recorded"),
    Option("none", "None of these", exclusive=True),
)
DATE_LIMITS = {"minimum": "1900-01-01", "maximum": "2026-11-22"}
CONTEXT: Mapping[str, FieldSettings] = {
    "text": FieldSettings("name", "First name", limits={"max_length": 20, "pattern": "[^0-9]*"}),
    "long_text": FieldSettings("why", "Why are you worried?", "your worries", limits={"max_length": 40}),
    "number": FieldSettings(
        "n", "Number of children", limits={"minimum": -5, "maximum": 12345, "unit": "weeks"}
    ),
    "money": FieldSettings("m", "Weekly rent", limits={"minimum": 0, "maximum": 5000.5}),
    "date": FieldSettings("d", "Date of birth", limits=DATE_LIMITS),
    "approximate_date": FieldSettings("d", "When it began"),
    "month": FieldSettings("d", "Month of the move"),
    "time": FieldSettings("t", "Time of the call"),
    "tick": FieldSettings("u", "This child is not born yet"),
    "yes_no": FieldSettings("y", "Is there a social worker?", "whether there is a social worker"),
    "choice": FieldSettings("c", "Agency type", options=OPTIONS),
    "choices": FieldSettings("c", "Agencies", options=OPTIONS, limits={"max_choices": 2}),
    "email": FieldSettings("e", "Email address"),
    "phone": FieldSettings("p", "Telephone number"),
    "postcode": FieldSettings("p", "Postcode"),
    "nhs_number": FieldSettings("n", "NHS number"),
    "national_insurance_number": FieldSettings("n", "National Insurance number"),
    "upn": FieldSettings("u", "UPN"),
    "url": FieldSettings("u", "Web page"),
    "file": FieldSettings("f", "Attachment", limits={"max_size_mb": 2}),
    "files": FieldSettings("f", "Attachments", limits={"max_files": 2, "accept": ("pdf", ".PNG")}),
    "declaration": FieldSettings(
        "d", "I have told the family", limits={"statement": "I have told the family"}
    ),
    "calculated": FieldSettings("c", "Number of children", limits={"value_kind": "number"}),
    "signature": FieldSettings("s", "Signature"),
}


def post(**parts: str) -> Posted:
    """A post of several boxes."""
    return Posted({part: (text,) for part, text in parts.items()})


def box(*texts: str) -> Posted:
    """A post of the field's own box, or of several checkboxes."""
    return Posted({"": texts})


def stored(name: str, size: int = 1000, file_id: str = "f1") -> dict[str, Any]:
    """A stored file."""
    return {"id": file_id, "name": name, "type": "application/pdf", "size": size}


def upload(*files: Any, keep: tuple[str, ...] = ()) -> Posted:
    """A post with files, as the shell hands it on."""
    return Posted({"keep": keep} if keep else {}, files)


def day(day: str, month: str, year: str) -> Posted:
    """A post of the three boxes of a date."""
    return post(day=day, month=month, year=year)


GOOD: Mapping[str, list[tuple[Posted, Any]]] = {
    "text": [
        (box("Zoë"), "Zoë"),
        (box("  Mary  Jane  "), "Mary  Jane"),
        (box("O'Neil-Example"), "O'Neil-Example"),
        (box("李小明"), "李小明"),
        (box("محمد"), "محمد"),
        (box("Tab\there"), "Tab here"),
        (box("From\r\na letter"), "From a letter"),
        (box("Hid\x02den"), "Hidden"),
        (box("\u00a0\u200b"), None),
        (box("<b>((name))</b>"), "<b>((name))</b>"),
    ],
    "long_text": [
        (box("One line"), "One line"),
        (box("Two\r\nlines"), "Two\nlines"),
        (box("Old\rMac"), "Old\nMac"),
        (box("\n\n  Indented\n\n"), "  Indented"),
        (box("a\tb"), "a\tb"),
        (box("page\x0cend"), "page\nend"),
        (box("soft\x0bend"), "soft\nend"),
        (box(" \n\t\n "), None),
        (box("x" * 40), "x" * 40),
        (box("é" * 20 + "\r\n" + "😀" * 19), "é" * 20 + "\n" + "😀" * 19),
    ],
    "number": [
        (box("12"), 12),
        (box(" 1,000 "), 1000),
        (box("1 000"), 1000),
        (box("-3"), -3),
        (box("−3"), -3),
        (box("+7"), 7),
        (box("007"), 7),
        (box("12.0"), 12),
        (box("6 weeks"), 6),
        (box("٣"), 3),
    ],
    "money": [
        (box("£1,234.50"), 123450),
        (box("1234.5"), 123450),
        (box("12"), 1200),
        (box("0.01"), 1),
        (box(".5"), 50),
        (box("£ 12"), 1200),
        (box("GBP 12"), 1200),
        (box("12.50 "), 1250),
        (box("5,000.50"), 500050),
        (box("0"), 0),
    ],
    "date": [
        (day("1", "9", "2016"), "2016-09-01"),
        (day("01", "09", "2016"), "2016-09-01"),
        (day("1st", "September", "2016"), "2016-09-01"),
        (day(" 22 ", " nov ", " 2016 "), "2016-11-22"),
        (day("22", "Sept.", "2016"), "2016-09-22"),
        (day("29", "2", "2024"), "2024-02-29"),
        (day("29", "February", "2000"), "2000-02-29"),
        (day("5", "Tachwedd", "2016"), "2016-11-05"),
        (day("٥", "١", "٢٠١٦"), "2016-01-05"),
        (day("", " ", ""), None),
    ],
    "approximate_date": [
        (day("5", "10", "2016"), "2016-10-05"),
        (day("", "10", "2016"), "2016-10"),
        (day("", "October", "2016"), "2016-10"),
        (day("", "", "2016"), "2016"),
        (day(" ", " ", " 2016"), "2016"),
        (day("29", "2", "2024"), "2024-02-29"),
        (post(year="1999"), "1999"),
        (post(month="jan", year="1999"), "1999-01"),
        (day("31st", "dec", "1999"), "1999-12-31"),
        (day("", "", ""), None),
    ],
    "month": [
        (post(month="10", year="2026"), "2026-10"),
        (post(month="1", year="2026"), "2026-01"),
        (post(month="01", year="2026"), "2026-01"),
        (post(month="January", year="2026"), "2026-01"),
        (post(month="DEC", year="2026"), "2026-12"),
        (post(month="sept", year="2026"), "2026-09"),
        (post(month="May.", year="2026"), "2026-05"),
        (post(month="rhagfyr", year="2026"), "2026-12"),
        (post(month=" 7 ", year=" 1999 "), "1999-07"),
        (post(month="", year=""), None),
    ],
    "time": [
        (box("14:30"), "14:30"),
        (box("14.30"), "14:30"),
        (box("1430"), "14:30"),
        (box("2:30pm"), "14:30"),
        (box("2.30 p.m."), "14:30"),
        (box("2pm"), "14:00"),
        (box("12am"), "00:00"),
        (box("12:15 PM"), "12:15"),
        (box("midday"), "12:00"),
        (box("9:05"), "09:05"),
    ],
    "tick": [
        (box("yes"), "yes"),
        (box(), None),
        (Posted(), None),
        (box(""), None),
        (box(" yes "), "yes"),
        (box("", "yes"), "yes"),
        (Posted({"other": ("yes",)}), None),
        (box(" "), None),
        (box("yes", "yes"), "yes"),
        (box("\n"), None),
    ],
    "yes_no": [
        (box("yes"), "yes"),
        (box("no"), "no"),
        (box(), None),
        (Posted(), None),
        (box(""), None),
        (box(" no "), "no"),
        (box("", "no"), "no"),
        (box("yes", "no"), "no"),
        (box(" "), None),
        (Posted({"other": ("no",)}), None),
    ],
    "choice": [
        (box("school"), "school"),
        (box("gp"), "gp"),
        (box("00"), "00"),
        (box("none"), "none"),
        (box(" gp "), "gp"),
        (box(""), None),
        (Posted(), None),
        (box("gp", "school"), "school"),
        (box("", "gp"), "gp"),
        (box(" "), None),
    ],
    "choices": [
        (box("school"), ["school"]),
        (box("school", "gp"), ["school", "gp"]),
        (box("gp", "school"), ["gp", "school"]),
        (box("none"), ["none"]),
        (box("00"), ["00"]),
        (box("gp", "gp"), ["gp"]),
        (box("", "gp"), ["gp"]),
        (box(), None),
        (Posted(), None),
        (box(" gp "), ["gp"]),
    ],
    "email": [
        (box("sam@example.com"), "sam@example.com"),
        (box(" sam@example.com "), "sam@example.com"),
        (box("Sam.O'Neil+forms@Example.COM"), "Sam.O'Neil+forms@Example.COM"),
        (box("a@b.example"), "a@b.example"),
        (box("mailto:sam@example.com"), "sam@example.com"),
        (box("a" * 65 + "@example.com"), "a" * 65 + "@example.com"),
        (box("x_y-z@sub.example.co.uk"), "x_y-z@sub.example.co.uk"),
        (box("1@2.example.org"), "1@2.example.org"),
        (box("sam@xn--80akhbyknj4f.example"), "sam@xn--80akhbyknj4f.example"),
        (box("a#b@example.net"), "a#b@example.net"),
    ],
    "phone": [
        (box("020 7946 0123"), "020 7946 0123"),
        (box("(0113) 496 0999"), "(0113) 496 0999"),
        (box("+44 20 7946 0123"), "+44 20 7946 0123"),
        (box("0808 157 0192"), "0808 157 0192"),
        (box("03069 990123"), "03069 990123"),
        (box("07700 900982"), "07700 900982"),
        (box("01632 960001"), "01632 960001"),
        (box("020 7946 0123 ext. 45"), "020 7946 0123 ext. 45"),
        (box("0044 20 7946 0123"), "0044 20 7946 0123"),
        (box("020-7946-0123 "), "020-7946-0123"),
    ],
    "postcode": [
        (box("ME14 1XQ"), "ME14 1XQ"),
        (box("me141xq"), "ME14 1XQ"),
        (box(" m e14-1xq. "), "ME14 1XQ"),
        (box("M1 1AE"), "M1 1AE"),
        (box("W1A 0AX"), "W1A 0AX"),
        (box("EC1A 1BB"), "EC1A 1BB"),
        (box("gir0aa"), "GIR 0AA"),
        (box("BFPO58"), "BFPO 58"),
        (box("GX11 1AA"), "GX11 1AA"),
        (box("BF1 0AA"), "BF1 0AA"),
    ],
    "nhs_number": [
        (box("999 000 0018"), "9990000018"),
        (box("9990000018"), "9990000018"),
        (box("999-000-0018"), "9990000018"),
        (box(" 999 0000 018 "), "9990000018"),
        (box("999.000.0018"), "9990000018"),
        (box("９９９０００００１８"), "9990000018"),
        (box("999\u00a0000\u00a00018"), "9990000018"),
        (box("999–000–0018"), "9990000018"),
        (box("(999) 000 0018"), "9990000018"),
        (box(""), None),
    ],
    "national_insurance_number": [
        (box("NC 12 34 56 C"), "NC123456C"),
        (box("nc123456c"), "NC123456C"),
        (box("MW-12-34-56-A"), "MW123456A"),
        (box("PZ000000D"), "PZ000000D"),
        (box(" PZ 999999 B "), "PZ999999B"),
        (box("OA 12 34 56 C"), "OA123456C"),
        (box("ZY123456A"), "ZY123456A"),
        (box("GY123456A"), "GY123456A"),
        (box("NZ123456A"), "NZ123456A"),
        (box(""), None),
    ],
    "upn": [
        (box("C886200019001"), "C886200019001"),
        (box("c886200019001"), "C886200019001"),
        (box("C 886 2000 19 001"), "C886200019001"),
        (box("N88620001900A"), "N88620001900A"),
        (box("n8862000-1900a"), "N88620001900A"),
        (box("P207000016049"), "P207000016049"),
        (box(" C886200019001 "), "C886200019001"),
        (box("C８８６200019001"), "C886200019001"),
        (box("C.886.200.019.001"), "C886200019001"),
        (box(""), None),
    ],
    "url": [
        (box("https://www.example.org/"), "https://www.example.org/"),
        (box("http://example.com"), "http://example.com"),
        (box("www.example.org"), "https://www.example.org"),
        (box("HTTPS://example.org/A"), "https://example.org/A"),
        (box("https://example.org:8080/a?b=c#d"), "https://example.org:8080/a?b=c#d"),
        (box("example.org/a"), "https://example.org/a"),
        (box("https://example.org?x=1"), "https://example.org?x=1"),
        (box("https://example.org/ä(1)"), "https://example.org/ä(1)"),
        (box("https://a-b.example.co.uk/~x"), "https://a-b.example.co.uk/~x"),
        (box(""), None),
    ],
    "file": [
        (upload(stored("a.pdf")), stored("a.pdf")),
        (upload(stored("A.PDF")), stored("A.PDF")),
        (upload(stored("a.docx")), stored("a.docx")),
        (upload(stored("x.y.jpeg")), stored("x.y.jpeg")),
        (upload(stored("Bericht für Zoë.pdf")), stored("Bericht für Zoë.pdf")),
        (upload(stored("a.pdf", 2_000_000)), stored("a.pdf", 2_000_000)),
        (upload(stored("a.pdf"), keep=("f1",)), stored("a.pdf")),
        (upload(stored("a.pdf"), stored("b.pdf", file_id="f2"), keep=("f1",)), stored("b.pdf", file_id="f2")),
        (upload(), None),
        (upload(keep=("f9",)), None),
    ],
    "files": [
        (upload(stored("a.pdf")), [stored("a.pdf")]),
        (upload(stored("a.png")), [stored("a.png")]),
        (upload(stored("a.pdf"), stored("b.pdf", 1, "f2")), [stored("a.pdf"), stored("b.pdf", 1, "f2")]),
        (upload(stored("a.pdf"), stored("a.pdf")), [stored("a.pdf")]),
        (upload(stored("a.pdf"), keep=("f1",)), [stored("a.pdf")]),
        (upload(stored("a.PDF")), [stored("a.PDF")]),
        (upload(stored("a.b.pdf")), [stored("a.b.pdf")]),
        (upload(stored("ü.pdf")), [stored("ü.pdf")]),
        (upload(), None),
        (upload(keep=("f9",)), None),
    ],
    "declaration": [
        (box("yes"), "yes"),
        (box(), None),
        (Posted(), None),
        (box(""), None),
        (box(" yes "), "yes"),
        (box("", "yes"), "yes"),
        (Posted({"other": ("yes",)}), None),
        (box(" "), None),
        (box("yes", "yes"), "yes"),
        (box("\t"), None),
    ],
    "calculated": [
        (box(text), None) for text in ("", "1", "-1", "yes", "9" * 30, "<b>", "0", " ", "x", "1.5")
    ],
    "signature": [
        (box(text), None) for text in ("", "1", "Sam", "yes", "9" * 30, "<b>", "0", " ", "x", "1.5")
    ],
}

WORDS_FOR_NUMBER = "Number of children must be a number, like 12"
TEN_NUMBERS = "NHS number must be 10 numbers, like 999 000 0018"
NOT_REAL_NHS = "NHS number must be a real NHS number. Check that each number is right"
NINO = "Enter National Insurance number in the correct format, like QQ 12 34 56 C"
UPN = "UPN must be 13 characters, like C886200019001"
POSTCODE = "Enter postcode in full, like ME14 1XQ"
EMAIL = "Enter email address in the correct format, like name@example.com"
PHONE = "Enter telephone number in full, like 01632 960 001, 07700 900 982 or +44 808 157 0192"
URL = "Enter web page in the correct format, like https://www.example.org"
TIME = "Time of the call must be a time, like 2:30pm or 14:30"
REAL = "Date of birth must be a real date"
BOX = "Tick the box “This child is not born yet”, or leave it empty"
TOLD = "Tick the box “I have told the family”, or leave it empty"
WORKER = "Select whether there is a social worker from the options offered"
AGENCY = "Select agency type from the options offered"
AGENCIES = "Select agencies from the options offered"

BAD: Mapping[str, list[tuple[Posted, str, str]]] = {
    "text": [
        (box("x" * 21), "max_length", "First name must be 20 characters or less"),
        (box("é" * 21), "max_length", "First name must be 20 characters or less"),
        (box("😀" * 21), "max_length", "First name must be 20 characters or less"),
        *((box(f"Sam{n}"), "pattern", "Enter first name in the format asked for") for n in range(7)),
    ],
    "long_text": [
        (box(text), "max_length", "Your worries must be 40 characters or less")
        for text in [
            "x" * 41,
            "é" * 41,
            "😀" * 41,
            "x" * 1000,
            "a\n" * 21 + "b",
            "a" * 39 + "\r\nb",
            "1" * 50,
            "x" * 20 + " " * 20 + "y",
            "-" * 41,
            "<" * 41,
        ]
    ],
    "number": [
        (box("twelve"), "not_a_number", WORDS_FOR_NUMBER),
        (box("1,50"), "not_a_number", WORDS_FOR_NUMBER),
        (box("1e5"), "not_a_number", WORDS_FOR_NUMBER),
        (box("½"), "not_a_number", WORDS_FOR_NUMBER),
        (box("1²"), "not_a_number", WORDS_FOR_NUMBER),
        (
            box("1.000"),
            "unclear_point",
            "Number of children: 1.000 can be read in two ways. For 1,000, write 1,000",
        ),
        (box("1.5"), "whole_number", "Number of children must be a whole number, like 12"),
        (box("-6"), "minimum", "Number of children must be -5 or more"),
        (box("12346"), "maximum", "Number of children must be 12,345 or less"),
        (
            box("1" + "0" * 16),
            "too_large",
            "Number of children must be between -1,000,000,000,000,000 and 1,000,000,000,000,000",
        ),
    ],
    "money": [
        *(
            (box(text), "not_an_amount", "Weekly rent must be an amount of money, like £12 or £12.50")
            for text in ("a lot", "1,50", "5 pounds", "£", "1.2.3")
        ),
        (
            box("£1.500"),
            "unclear_point",
            "Weekly rent: 1.500 can be read in two ways. For 1,500, write 1,500",
        ),
        (box("1.2345"), "part_of_a_penny", "Weekly rent must be in pounds and pence, like £12.50"),
        (box("-1"), "minimum", "Weekly rent must be £0 or more"),
        (box("5000.51"), "maximum", "Weekly rent must be £5,000.50 or less"),
        (box("9" * 20), "too_large", "Weekly rent must be £10,000,000,000,000 or less"),
    ],
    "date": [
        (day("31", "2", "2026"), "not_real", REAL),
        (day("29", "2", "1900"), "not_real", REAL),
        (day("0", "1", "2016"), "not_real", REAL),
        (day("1", "13", "2016"), "not_real", REAL),
        (day("1", "1", "16"), "short_year", "Date of birth must include a year with 4 numbers, like 2016"),
        (day("", "2", "2026"), "incomplete", "Date of birth must include a day"),
        (day("1", "", "2026"), "incomplete", "Date of birth must include a month"),
        (day("31", "2", ""), "incomplete", "Date of birth must include a year"),
        (day("1", "1", "1899"), "minimum", "Date of birth must be the same as or after 1 January 1900"),
        (
            day("23", "11", "2026"),
            "maximum",
            "Date of birth must be the same as or before 22 November 2026",
        ),
    ],
    "approximate_date": [
        (day("5", "", "2016"), "incomplete", "When it began must include a month"),
        (day("5", "10", ""), "incomplete", "When it began must include a year"),
        (day("", "10", ""), "incomplete", "When it began must include a year"),
        (day("5", "", ""), "incomplete", "When it began must include a month and year"),
        (day("", "", "16"), "short_year", "When it began must include a year with 4 numbers, like 2016"),
        (day("31", "4", "2016"), "not_real", "When it began must be a real date"),
        (day("", "13", "2016"), "not_real", "When it began must be a real date"),
        (day("", "", "0000"), "not_real", "When it began must be a real date"),
        (day("", "", "soon"), "not_real", "When it began must be a real date"),
        (day("x", "1", "2016"), "not_real", "When it began must be a real date"),
    ],
    "month": [
        (post(month="", year="2026"), "incomplete", "Month of the move must include a month"),
        (post(month="5", year=""), "incomplete", "Month of the move must include a year"),
        (post(month="5"), "incomplete", "Month of the move must include a year"),
        (
            post(month="5", year="26"),
            "short_year",
            "Month of the move must include a year with 4 numbers, like 2016",
        ),
        *(
            (
                post(month=month, year=year),
                "not_real",
                "Month of the move must be a real month and year, like 9 2016",
            )
            for month, year in [
                ("13", "2026"),
                ("0", "2026"),
                ("x", "2026"),
                ("5", "20266"),
                ("5", "soon"),
                ("5", "0000"),
            ]
        ),
    ],
    "time": [
        (box(text), "not_a_time", TIME)
        for text in ["25:00", "14:60", "14", "soon", "13pm", "0am", "2:3pm", "14:30:00", "-1:00", "2:30 xm"]
    ],
    "tick": [
        (box(text), "not_offered", BOX)
        for text in ["on", "no", "true", "1", "YES", "ticked", "x", "0", "false", "ja"]
    ],
    "yes_no": [
        (box(text), "not_offered", WORKER)
        for text in ["Yes", "true", "1", "y", "not_known", "n", "YES", "maybe", "no no", "0"]
    ],
    "choice": [
        (box(text), "not_offered", AGENCY)
        for text in ["School", "0", "School or college", "x", "gp,school", "[]", "GP", "000", "<b>", "None"]
    ],
    "choices": [
        (box("x"), "not_offered", AGENCIES),
        (box("gp", "x"), "not_offered", AGENCIES),
        (box("GP"), "not_offered", AGENCIES),
        (box("gp,school"), "not_offered", AGENCIES),
        (box("0"), "not_offered", AGENCIES),
        (box("[]"), "not_offered", AGENCIES),
        (box("none", "gp"), "exclusive", "Select agencies, or select “None of these”"),
        (box("gp", "none"), "exclusive", "Select agencies, or select “None of these”"),
        (box("gp", "school", "00"), "max_choices", "Select no more than 2 options for agencies"),
        (box("00", "gp", "school"), "max_choices", "Select no more than 2 options for agencies"),
    ],
    "email": [
        *(
            (box(text), "not_an_email", EMAIL)
            for text in [
                "sam",
                "sam@",
                "@example.com",
                "sam@example",
                "sam@@example.com",
                "a b@example.com",
                "sam@example.test",
                "sam@localhost",
                "sam@example.com.",
            ]
        ),
        (box("a" * 250 + "@example.com"), "max_length", "Email address must be 254 characters or less"),
    ],
    "phone": [
        *(
            (box(text), "not_a_number", PHONE)
            for text in ["999", "none", "12", "020 7946", "ask mum", "0" * 20, "+", "+999 1", "07700"]
        ),
        (box("0" * 61), "max_length", "Telephone number must be 60 characters or less"),
    ],
    "postcode": [
        (box(text), "not_a_postcode", POSTCODE)
        for text in [
            "ME14",
            "ME14 1X",
            "QQ1 1AA",
            "ME14 1CQ",
            "xx DA3 7PW",
            "GIR 0AAzzz",
            "12345",
            "XM4 5HQ",
            "ASCN 1ZZ",
            "BFPO",
        ]
    ],
    "nhs_number": [
        (box("999 000 0019"), "checksum", NOT_REAL_NHS),
        (box("987 654 4321"), "checksum", NOT_REAL_NHS),
        (box("0000000000"), "checksum", NOT_REAL_NHS),
        (box("1111111111"), "checksum", NOT_REAL_NHS),
        (box("999 000 001"), "not_an_nhs_number", TEN_NUMBERS),
        (box("999 000 00181"), "not_an_nhs_number", TEN_NUMBERS),
        (box("999 000 001O"), "not_an_nhs_number", TEN_NUMBERS),
        (box("not known"), "not_an_nhs_number", TEN_NUMBERS),
        (box("999000001²"), "not_an_nhs_number", TEN_NUMBERS),
        (box("x9990000018"), "not_an_nhs_number", TEN_NUMBERS),
    ],
    "national_insurance_number": [
        (box(text), "not_a_national_insurance_number", NINO)
        for text in [
            "QQ 12 34 56 C",
            "BG123456A",
            "GB123456A",
            "NK123456A",
            "TN123456A",
            "ZZ123456A",
            "AO123456A",
            "NC123456E",
            "NC12345C",
            "NC1234567C",
        ]
    ],
    "upn": [
        *(
            (box(text), "not_a_upn", UPN)
            for text in ["C88620001900", "C8862000190011", "I886200019001", "UN1"]
        ),
        *((box(text), "not_a_upn", UPN) for text in ["none", "C88620001900O", "C88620001900É"]),
        *(
            (
                box(text),
                "checksum",
                "UPN must be a real unique pupil number. Check that each character is right",
            )
            for text in ["A886200019001", "Q207000016049", "N88620001900B"]
        ),
    ],
    "url": [
        (box(text), "not_a_url", URL)
        for text in [
            "example",
            "ftp://example.org",
            "javascript:alert(1)",
            "https://",
            "https://a b.example",
            "https://sam:secret@example.org",
            "https://127.0.0.1",
            "http://example.org/a b",
            "//example.org",
            "https://example.org/<script>",
        ]
    ],
    "file": [
        *(
            (
                upload(stored(name)),
                "wrong_type",
                "The file for attachment must be one of these types: PDF, DOC, DOCX, JPG, JPEG, PNG",
            )
            for name in ["a.exe", "a.docm", "a.pdf.exe", "pdf", "a.", "a.pdf "]
        ),
        (upload(stored("a.pdf", 0)), "empty_file", "The file for attachment is empty"),
        *(
            (
                upload(stored("a.pdf", size)),
                "too_large_file",
                "The file for attachment must be 2 MB or smaller",
            )
            for size in (2_000_001, 3_000_000, 10**12)
        ),
    ],
    "files": [
        *(
            (
                upload(stored(name)),
                "wrong_type",
                "The file for attachments must be one of these types: PDF, PNG",
            )
            for name in ["a.exe", "a.docx", "a.pdf.exe", "pdf", "a.", "a.jpg"]
        ),
        (
            upload(stored("a.pdf"), stored("b.exe", 1, "f2")),
            "wrong_type",
            "The file for attachments must be one of these types: PDF, PNG",
        ),
        (upload(stored("a.pdf", 0)), "empty_file", "The file for attachments is empty"),
        (
            upload(stored("a.pdf"), stored("b.pdf", 0, "f2")),
            "empty_file",
            "The file for attachments is empty",
        ),
        (
            upload(stored("a.pdf"), stored("b.pdf", 1, "f2"), stored("c.pdf", 1, "f3")),
            "max_files",
            "Select no more than 2 files for attachments",
        ),
    ],
    "declaration": [
        (box(text), "not_offered", TOLD)
        for text in ["on", "no", "true", "1", "YES", "ticked", "x", "0", "false", "ja"]
    ],
}


@dataclass(frozen=True)
class Judged:
    """A post on its way to a value: the value, and the problems in the order the engine meets them."""

    value: Any
    problems: tuple[Problem, ...]


def judge(type_name: str, posted: Posted) -> Judged:
    """What the engine does with a post: decode, shape, limits, inspection."""
    field_type, settings = FIELD_TYPES[type_name], CONTEXT[type_name]
    decoded = field_type.decode(posted, settings)
    if decoded.problem or is_blank(decoded.value):
        return Judged(decoded.value, (decoded.problem,) if decoded.problem else ())
    if not _valid(field_type.shape(settings), decoded.value):
        return Judged(decoded.value, (field_type.type_error(decoded.value, settings),))
    broken = [r.problem for r in field_type.rules(settings) if not _valid(r.fragment, decoded.value)]
    return Judged(decoded.value, (*broken, *field_type.validate(decoded.value, settings)))


def _valid(schema: Any, value: Any) -> bool:
    validator = jsonschema_rs.Draft202012Validator(schema, pattern_options=jsonschema_rs.RegexOptions())
    return validator.is_valid(value)


def _rows(table: Mapping[str, list[Any]]) -> list[Any]:
    return [
        pytest.param(name, *row, id=f"{name}-{n}")
        for name, rows in table.items()
        for n, row in enumerate(rows)
    ]


@pytest.mark.parametrize(("type_name", "posted", "value"), _rows(GOOD))
def test_a_good_post_becomes_its_stored_value(type_name: str, posted: Posted, value: Any) -> None:
    judged = judge(type_name, posted)
    assert judged.value == value
    assert type(judged.value) is type(value)
    assert [problem for problem in judged.problems if problem.level == "error"] == []


@pytest.mark.parametrize(("type_name", "posted", "rule", "message"), _rows(BAD))
def test_a_bad_post_is_told_in_plain_words(type_name: str, posted: Posted, rule: str, message: str) -> None:
    problem = judge(type_name, posted).problems[0]
    assert (problem.rule, problem.level) == (rule, "error")
    error = SimpleNamespace(
        type=type_name,
        rule=problem.rule,
        facts=problem.facts,
        name=CONTEXT[type_name].name,
        message="",
    )
    assert words(error) == message


def test_every_type_has_ten_posts_of_each_kind_and_only_those_without_an_answer_refuse_none() -> None:
    assert {name: len(rows) for name, rows in GOOD.items()} == dict.fromkeys(FIELD_TYPES, 10)
    asked = set(FIELD_TYPES) - {"calculated", "signature"}
    assert {name: len(rows) for name, rows in BAD.items()} == dict.fromkeys(asked, 10)


@pytest.mark.parametrize(("type_name", "posted", "rule", "message"), _rows(BAD))
def test_a_bad_post_is_kept_as_typed_and_shown_again(
    type_name: str, posted: Posted, rule: str, message: str
) -> None:
    field_type, settings = FIELD_TYPES[type_name], CONTEXT[type_name]
    decoded = field_type.decode(posted, settings)
    again = Posted(field_type.encode(decoded.value, settings), posted.files)
    assert field_type.decode(again, settings) == decoded
