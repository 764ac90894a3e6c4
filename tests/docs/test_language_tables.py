"""Tables of the page about the definition language that say a rule: what may be asked, names, order, pieces."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from formengine.form.schema.validators import judge
from formengine.form.state import evaluate
from formengine.language.expressions.syntax import LANGUAGE_WORDS, RESERVED_IDS
from formengine.language.fields import COMPOSITE_TYPES, FIELD_TYPES
from formengine.language.fields.base import FieldSettings, Option
from formengine.language.loader.keys import GROUP, SECTION, Structure
from tests.support import docs_language as page
from tests.support.docs_language import code, each_row
from tests.support.docs_pages import blocks, text_of

Truth = bool | None

# Two questions that make "… is yes" true, false and unknown.
TWO_QUESTIONS = {
    "form": "example",
    "title": "Example",
    "version": "1",
    "pages": [
        {
            "id": "first",
            "title": "First",
            "fields": [
                {"id": "a", "type": "yes_no", "label": "Answer A"},
                {"id": "b", "type": "yes_no", "label": "Answer B"},
            ],
        }
    ],
}
ANSWER: Mapping[str, str | None] = {"T": "yes", "F": "no", "U": None}


def answers_of(**truths: str) -> dict[str, str]:
    """Answers that make ``a is yes`` and ``b is yes`` as true as written."""
    return {key: answer for key, truth in truths.items() if (answer := ANSWER[truth]) is not None}


def two_questions(*fields: Mapping[str, Any], **keys: Any) -> str:
    """The form with the two questions, further fields on a second page, and further keys of the form."""
    definition = page.loaded(page.written(TWO_QUESTIONS)) | keys
    if fields:
        definition["pages"].append({"id": "second", "title": "Second", "fields": [dict(f) for f in fields]})
    return page.written(definition)


def truth_of(text: str, answers: Any, field: str = "asked") -> Truth:
    """The relevance of a field."""
    form = page.form_of(text)
    return evaluate(form, answers, on=page.ON).run().relevance[form.fields[field].gate]


@pytest.mark.parametrize("word", ["and", "or"])
def test_a_connective_has_the_table_shown(word: str) -> None:
    table = page.table("Logic", f"`{word}`")
    text = two_questions(page.asked(f"a is yes {word} b is yes"))
    for left, *truths in table.rows:
        found = [truth_of(text, answers_of(a=left, b=right)) for right in table.head[1:]]
        assert found == [page.TRUTHS[truth] for truth in truths], left


def test_negation_has_the_table_shown() -> None:
    text = two_questions(page.asked("not a is yes"))
    found = {truth: truth_of(text, answers_of(a=truth)) for truth in ANSWER}
    assert {left: page.TRUTHS[right] for left, right in page.table("Logic", "`not`").rows} == found


# --- what may be asked ---------------------------------------------------------------------------------------

CONSTANTS = {"brothers": "3", "rent": "3", "born": "2026-09-01", "moved": "2026-09-01", "bedtime": "19:30"}
CODES = {"reason": "refused", "needs": "housing"}
TESTS = {
    "answered": "{x} is answered",
    "ticked": "{x} is ticked",
    "`is V`": "{x} is {v}",
    "`includes V`": "{x} includes {v}",
    "`starts with V`": "{x} starts with {v}",
    "amount": "{x} is at least 3",
    "day": "{x} is before 2026-09-01",
    "amount and distance": "{x} is at least 3 days ago",
    "same as": "{x} is the same as y",
    "amount of another": "{x} is at least y",
    "day of another": "{x} is before y",
    "distance of another": "{x} is at least 3 days after y",
}


@each_row(page.table("Tests of one answer", "Kind, example"))
def test_a_kind_can_be_asked_what_the_table_says(row: tuple[str, ...]) -> None:
    name = code(row[0].partition(", ")[2])
    definition = page.loaded(page.example())
    fields = definition["pages"][-1]["fields"]
    same = next(field for field in fields if field["id"] == name)
    fields.append(deepcopy(same) | {"id": "y", "label": "Other"})
    text = page.written(definition)
    value = CONSTANTS.get(name) or CODES.get(name, "Ann")
    found = []
    for head in page.table("Tests of one answer", "Kind, example").head[1:]:
        that = TESTS[head].format(x=name, v=value)
        found.append("no" if page.codes_of(page.with_check(text, that)) else "yes")
    assert found == list(row[1:])


ORDERS = {"<": [True, False, False], "≤": [True, True, False], "=": [False, True, False]}
ORDERS |= {">": [False, False, True], "≥": [False, True, True]}


def around(day: date) -> list[str]:
    """The day before, the day and the day after."""
    return [(day + timedelta(days=days)).isoformat() for days in (-1, 0, 1)]


@each_row(page.table("Dates", "Words"))
def test_the_words_of_dates_compare_with_the_cut_as_shown(row: tuple[str, ...]) -> None:
    cuts = {"2026-09-01": date(2026, 9, 1), "today": page.ON}
    cuts |= {"10 days ago": date(2026, 11, 12), "10 days from today": date(2026, 12, 2)}
    shown = dict(zip(cuts, (row[1], *row[1:]), strict=True))
    for written, cut in cuts.items():
        text = page.with_condition(page.example(), f"born {code(row[0])} {written}")
        if shown[written] == "an error":
            assert page.codes_of(text)
        else:
            found = [truth_of(text, {"born": day}) for day in around(cut)]
            assert found == ORDERS[shown[written].split()[1]], written


@each_row(page.table("Two answers", "Words", "`… after y`"))
def test_the_words_of_distances_compare_as_shown(row: tuple[str, ...]) -> None:
    other = date(2026, 6, 15)
    for shown, way, distance in ((row[1], "after", 10), (row[2], "before", -10)):
        form = page.form_of(page.with_check(page.example(), f"seen {code(row[0])} 10 days {way} born"))
        test = form.pages[-1].checks[-1].condition.test
        found = [
            test({"born": other.isoformat(), "seen": day}, None, evaluate(form, {}, on=page.ON).run().today)
            for day in around(other + timedelta(days=distance))
        ]
        assert found == ORDERS[shown.split()[1]], way


# --- answers, names, order -----------------------------------------------------------------------------------

OPTIONS = (Option("refused", "Refused"), Option("not_sought", "Not sought"))


@each_row(page.table("Answers", "Type"))
def test_an_example_of_a_stored_value_is_one_and_has_the_kind_shown(row: tuple[str, ...]) -> None:
    field_type = FIELD_TYPES[code(row[0])]
    settings = FieldSettings("example", "Example", options=OPTIONS if field_type.has_options else ())
    value = json.loads(code(row[1]))
    rules = [rule.fragment for rule in field_type.rules(settings)]
    assert judge({"allOf": [field_type.shape(settings), *rules]})(value)
    assert field_type.validate(value, settings) == ()
    assert field_type.kind(settings).replace("_", " ") == row[2]


def test_every_type_has_its_stored_value_on_the_page() -> None:
    shown = {code(row[0]) for row in page.table("Answers", "Type").rows}
    assert shown == FIELD_TYPES.keys() - {"calculated", "signature"}
    assert all(f"`{name}`" in text_of(page.PAGE) for name in (*FIELD_TYPES, *COMPOSITE_TYPES))


def structure_says(row: str, structure: Structure) -> bool:
    return "id" in structure.keys if "scope" in row else set(re.findall(r"`(\w+)`", row)) <= {*structure.keys}


@each_row(page.table("Sections and groups"))
def test_a_section_and_a_group_take_the_keys_shown(row: tuple[str, ...]) -> None:
    says = tuple("yes" if structure_says(row[0], structure) else "no" for structure in (SECTION, GROUP))
    assert row[1:] == says


def place_of_name(where: str, definition: Any) -> tuple[list[Any], str]:
    """The fields among which a question reads a name there, and its condition."""
    fields = definition["pages"][-1]["fields"]
    inner = {field["id"]: field["fields"] for field in fields if "fields" in field}
    if where == "the form":
        return fields, "{} is answered"
    if where.startswith("`where`"):
        return fields, "any of children where ({} is answered)"
    return inner["child" if "group" in where else "children"], "{} is answered"


@each_row(page.table("Names", "Written in"))
def test_a_name_stands_for_what_the_table_says(row: tuple[str, ...]) -> None:
    where, name, meant = row[0], code(row[1]), code(row[2])
    definition = page.loaded(page.example())
    fields, condition = place_of_name(where, definition)
    fields.append(page.asked(condition.format(name)))
    text = page.written(definition)
    if "-" in meant:
        assert page.codes_of(text) == {meant}
        return
    form = page.form_of(text)
    asked = [
        field
        for level in (form.fields, *form.item_fields.values())
        for field in level.values()
        if field.id == "asked"
    ]
    (field,) = asked
    assert field.show_if is not None
    expr = field.show_if.expr
    operand = expr.where.operand if where.startswith("`where`") else expr.operand  # type: ignore[union-attr]
    assert (f"{operand.repeat}[]." if operand.repeat else "") + operand.key == meant


def yes_no(name: str, **keys: Any) -> dict[str, Any]:
    return {"id": name, "type": "yes_no", "label": f"Question {name}", **keys}


def node(of: str, name: str) -> tuple[dict[str, Any], str]:
    """A piece that reads `name` in the way the table calls `of`, and what it or something in it is called."""
    condition = f"{name} is answered"
    check = [{"that": f"not ({condition} and {name} is no)", "else": "It does not hold"}]
    inside = {"label": "Piece", "fields": [yes_no("within")]}
    note = {"type": "note", "text": "Note.", "show_if": condition}
    options = {"x": {"label": "X", "show_if": condition}, "y": "Y"}
    calculated = {"id": "self", "type": "calculated", "label": "Calculated"}
    pieces = {
        "`show_if` of a field": (yes_no("self", show_if=condition), "self"),
        "`show_if` of a group": (
            inside | {"id": "piece", "type": "group", "show_if": condition},
            "piece.within",
        ),
        "`show_if` of a section": (inside | {"type": "section", "show_if": condition}, "within"),
        "`show_if` of a note": (note, ""),
        "`show_if` of an option": (
            {"id": "self", "type": "choice", "label": "Self", "options": options},
            "self",
        ),
        "`required_if`": (yes_no("self", required_if=condition), "self"),
        "`when` of a calculated answer": (
            calculated | {"value": [{"when": condition, "then": "One"}]},
            "self",
        ),
        "an insertion in a calculated answer": (calculated | {"value": f"(({name} or nothing))"}, "self"),
        "`prefill`": (yes_no("self", prefill=name), "self"),
        "`check` of a field": (yes_no("self", check=check), "self"),
        "`check` of a group": (inside | {"id": "piece", "type": "group", "check": check}, "piece.within"),
        "an insertion in a label": (yes_no("self") | {"label": f"So (({name} or nothing))"}, "self"),
    }
    return pieces.get(of, (yes_no("self"), "self"))


# What a name that stands later, or on the same page where only earlier ones may be repeated, is told as.
TOO_LATE = {"name-later", "insert-later", "insert-same-page", "prefill-unknown", "route-by-unknown"}


def reading(of: str, name: str) -> str:
    """A form of three pages in which the second reads `name`."""
    piece, _ = node(of, name)
    condition = f"{name} is answered"
    second: dict[str, Any] = {"id": "second", "title": "Second", "fields": [yes_no("near"), piece]}
    second["fields"].append(yes_no("late"))
    first = {"id": "first", "title": "First", "fields": [yes_no("early")]}
    third = {"id": "third", "title": "Third", "fields": [yes_no("last")]}
    form: dict[str, Any] = {"form": "example", "title": "Example", "version": "1"}
    if of == "`show_if` of a page":
        second["show_if"] = condition
    elif of == "`check` of a page":
        second["check"] = [{"that": f"not ({condition} and {name} is no)", "else": "It does not hold"}]
    elif of == "an insertion in a page's title":
        second["title"] = f"After (({name} or nothing))"
    elif of in {"`urgent_if`", "`route_by`"}:
        form[code(of)] = condition if of == "`urgent_if`" else name
    return page.written(form | {"pages": [first, second, third]})


@each_row(page.table("Order", "Written in"))
def test_what_is_written_somewhere_sees_what_the_table_says(row: tuple[str, ...]) -> None:
    of = row[0]
    _, own = node(of, "early")
    whole_page = "page" in of
    for name, shown in zip(("early", "near", own, "last" if whole_page else "late"), row[1:], strict=True):
        if shown == "–":
            continue
        codes = page.codes_of(reading(of, name))
        assert codes <= TOO_LATE
        assert ("no" if codes else "yes") == shown, name


def test_the_page_lists_the_words_that_cannot_be_ids() -> None:
    text = text_of(page.PAGE)
    assert sorted(word for word in RESERVED_IDS - LANGUAGE_WORDS if f"`{word}`" not in text) == []
    grammar = next(block.text for block in blocks(page.PAGE, "text"))
    assert set(re.findall(r'"([a-z]+)"', grammar)) >= LANGUAGE_WORDS


# --- pieces --------------------------------------------------------------------------------------------------


@each_row(page.table("Relevance", "Around it"))
def test_relevance_is_what_the_table_says(row: tuple[str, ...]) -> None:
    inner = {"id": "asked", "type": "text", "label": "Asked"}
    for own, shown in zip((None, "T", "F", "U"), row[1:], strict=True):
        field = inner if own is None else inner | {"show_if": "b is yes"}
        section = {"type": "section", "label": "Around", "show_if": "a is yes", "fields": [field]}
        answers = answers_of(a=row[0], **({"b": own} if own else {}))
        assert truth_of(two_questions(section), answers) is page.TRUTHS[shown], own


@each_row(page.table("Lists", "Relevance of the list"))
def test_a_list_has_the_value_shown(row: tuple[str, ...]) -> None:
    stored: dict[str, list[Any]] = {
        "none, or no array": [None, {}, "a"],
        "`[]`": [[]],
        "an array": [[{"id": "a"}, {}, {"id": "b"}]],
    }
    values = stored.get(row[1]) or [None, {}, [], [{"id": "a"}]]
    counts = {"unknown": (None, None), "empty": (True, False), "its usable items": (False, True)}
    for value, (condition, expected) in product(
        values,
        zip(
            ("count of children is 0", "count of children is 2"),
            counts[row[2].partition(":")[0]],
            strict=True,
        ),
    ):
        answers = {"T": {"has_children": "yes"}, "F": {"has_children": "no"}, "U": {}}[row[0]]
        given = answers if value is None else answers | {"children": value}
        assert truth_of(page.with_condition(page.example(), condition), given) is expected, given


FORMULAS: Mapping[str, Callable[[int, int, int], bool]] = {
    "lo ≥ n": lambda lo, _hi, n: lo >= n,
    "lo > n": lambda lo, _hi, n: lo > n,
    "hi < n": lambda _lo, hi, n: hi < n,
    "hi ≤ n": lambda _lo, hi, n: hi <= n,
    "lo = hi = n": lambda lo, hi, n: lo == hi == n,
    "n < lo or n > hi": lambda lo, hi, n: n < lo or n > hi,
}


@each_row(page.table("Half-filled items", "Count"))
def test_a_count_follows_the_formulas_shown(row: tuple[str, ...]) -> None:
    assert row[3] == "else"
    for n, yes, open_ in product(range(4), range(3), range(3)):
        items = [{"id": f"y{number}", "subject": "yes"} for number in range(yes)]
        items += [{"id": f"o{number}"} for number in range(open_)] + [{"id": "n", "subject": "no"}]
        words = code(row[0]).removesuffix("n")
        text = page.with_condition(page.example(), f"count of children where (subject is yes) {words}{n}")
        found = truth_of(text, {"has_children": "yes", "children": items})
        is_true, is_false = (FORMULAS[cell](yes, yes + open_, n) for cell in row[1:3])
        assert found is (True if is_true else False if is_false else None), (n, yes, open_)


def rules_of(text: str, answers: Any) -> dict[str, str]:
    """The rule that each path breaks."""
    return {
        path: error.rule for path, error in evaluate(page.form_of(text), answers, on=page.ON).errors.items()
    }


@each_row(page.table("Required answers", "Relevance"))
def test_an_answer_is_demanded_where_the_table_says(row: tuple[str, ...]) -> None:
    for truth, shown in zip((None, "T", "F", "U"), row[1:], strict=True):
        demand = {"required": "true"} if truth is None else {"required_if": "b is yes"}
        field = {"id": "asked", "type": "text", "label": "Asked", "show_if": "a is yes"} | demand
        answers = answers_of(a=row[0], **({"b": truth} if truth else {}))
        text = two_questions(field).replace("required: 'true'", "required: true")
        assert ("asked" in rules_of(text, answers)) == (shown == "demanded"), truth


@each_row(page.table("Checks", "Piece"))
def test_a_check_speaks_where_the_table_says(row: tuple[str, ...]) -> None:
    check = [{"that": "b is yes", "else": "It does not hold"}]
    text = two_questions(
        {"id": "asked", "type": "text", "label": "Asked", "show_if": "a is yes", "check": check}
    )
    for truth, shown in zip("TFU", row[1:], strict=True):
        answers = answers_of(a="T" if row[0] == "counts" else "F", b=truth)
        assert ("asked" in rules_of(text, answers)) == (shown == "speaks"), truth


@each_row(page.table("Urgency", "`urgent_if`"))
def test_a_request_is_as_urgent_as_the_table_says(row: tuple[str, ...]) -> None:
    written = {} if row[0] == "not written" else {"urgent_if": "a is yes"}
    answers = answers_of(a=row[0]) if written else {}
    state = evaluate(page.form_of(two_questions(**written)), answers, on=page.ON)
    assert state.submission(at="2026-11-22T10:00:00Z")["urgency"] == code(row[1])


@each_row(page.table("Options", "`show_if` of an option"))
def test_an_option_is_offered_where_the_table_says(row: tuple[str, ...]) -> None:
    option = {"label": "X"} if row[0] == "not written" else {"label": "X", "show_if": "a is yes"}
    field = {"id": "asked", "type": "choice", "label": "Asked", "options": {"x": option, "y": "Y"}}
    answers = answers_of(a=row[0] if row[0] in ANSWER else "U") | {"asked": "x"}
    state = evaluate(page.form_of(two_questions(field)), answers, on=page.ON)
    assert ("asked" in state.answers) == (row[1] == "yes") == (row[2] == "counts")
    assert {path: error.rule for path, error in state.errors.items()} == (
        {} if row[1] == "yes" else {"asked": "not_offered"}
    )
