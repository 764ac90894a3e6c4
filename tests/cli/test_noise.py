"""Whatever a command is given, it ends with 0, 1 or 2 and says why: no exception ever comes out of it."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.form.features import features, path_of
from tests.support.command_line import run
from tests.support.tiers import cases

FORMS = [path_of(feature).read_bytes() for feature in features()]
REQUIRED = str(path_of("required"))

# Pieces that a form is made of, and what people and attackers put among them.
PIECES = [
    *[line + b"\n" for form in FORMS for line in form.splitlines()],
    b"\t",
    b"- ",
    b": ",
    b"&a *a\n",
    b"!!python/object:x\n",
    b"{{ x }}\n",
    b"((name))",
    b"\xff",
    b"\x00",
    b'"',
    b"    ",
    b"show_if: any of people where (x is y\n",
]


@st.composite
def broken_forms(draw: st.DrawFn) -> bytes:
    """A form of the features with a few pieces put in, left out or cut off."""
    form = draw(st.sampled_from(FORMS))
    for _ in range(draw(st.integers(1, 4))):
        at, to = sorted((draw(st.integers(0, len(form))), draw(st.integers(0, len(form)))))
        what = draw(st.sampled_from(["insert", "cut", "end"]))
        piece = draw(st.sampled_from(PIECES))
        form = {"insert": form[:at] + piece + form[at:], "cut": form[:at] + form[to:], "end": form[:to]}[what]
    return form


def json_of(value: Any) -> bytes:
    return json.dumps(value).encode()


def _json(numbers: st.SearchStrategy[float]) -> st.SearchStrategy[Any]:
    return st.recursive(
        st.none() | st.booleans() | st.integers() | numbers | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["urgency", "people", "id", "name", "format", "answers"]), inner
            )
        ),
        max_leaves=15,
    )


ANSWERS = _json(st.floats())
# What JSON can hold: Python writes NaN and Infinity, and the command refuses them.
READABLE = _json(st.floats(allow_nan=False, allow_infinity=False))


@given(form=broken_forms() | st.binary(max_size=200))
@settings(max_examples=cases(60, long=1500))
@example(form=b"form: a\ntitle: \xf0\x9f\x98\x80\nversion: 1\npages: [")
def test_check_ends_with_a_verdict_on_any_definition(form: bytes) -> None:
    told = run("check", "-", stdin=form)
    assert told.code in {0, 1}
    assert told.out.strip()
    assert "Traceback" not in told.out + told.err


@given(form=broken_forms())
@settings(max_examples=cases(30, long=600))
def test_every_command_tells_a_broken_form_or_takes_it(form: bytes) -> None:
    for args in (["outline", "-"], ["schema", "-"], ["explain", "-", "/dev/null", "x"]):
        assert run(*args, stdin=form).code in {0, 1, 2}


@given(answers=ANSWERS.map(json_of) | st.binary(max_size=100))
@settings(max_examples=cases(60, long=1500))
@example(answers=b'{"\\ud800": "\\ud800", "people": [{"id": "\\ud800"}]}')
@example(answers=b'{"format": "submission/1"}')
@example(answers=b'{"format": "submission/1", "answers": [1]}')
def test_validate_ends_with_a_verdict_on_any_answers(answers: bytes) -> None:
    told = run("validate", REQUIRED, "-", stdin=answers)
    assert told.code in {0, 1}
    assert (told.out + told.err).strip()
    as_json = run("validate", REQUIRED, "-", "--format", "json", stdin=answers)
    assert as_json.code == told.code
    if as_json.out:
        assert json.loads(as_json.out)["valid"] == (told.code == 0)


@given(answers=READABLE)
@settings(max_examples=cases(12, long=250))
@example(answers=None)
@example(answers=[])
def test_text_and_pages_are_written_of_any_group_of_answers_and_of_nothing_else(answers: object) -> None:
    code = 0 if isinstance(answers, dict) else 1
    assert run("render", REQUIRED, "-", "--to", "text", stdin=json_of(answers)).code == code
    page = ["render", REQUIRED, "-", "--page", "about", "--errors"]
    assert run(*page, stdin=json_of(answers)).code == code
