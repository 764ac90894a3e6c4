from types import MappingProxyType
from typing import Any

import pytest

from formengine.form.plan.forward_pass import Judge
from formengine.form.schema import validators
from formengine.form.schema.validators import canonical_text, fast_judge, judge, portable_judge

EITHER = pytest.mark.parametrize("make", [fast_judge, portable_judge], ids=["jsonschema-rs", "jsonschema"])


@EITHER
@pytest.mark.parametrize(
    ("schema", "value", "verdict"),
    [
        ({"type": "string", "maxLength": 3}, "abc", True),
        ({"type": "string", "maxLength": 3}, "abcd", False),
        ({"type": "string", "maxLength": 1}, "\U0001f600", True),
        ({"type": "integer"}, 3.0, True),
        ({"type": "integer"}, True, False),
        ({"const": 1}, 1.0, True),
        ({"type": "number", "maximum": 3}, 10**400, False),
        ({"format": "date"}, "31 February", True),
        ({"type": "string"}, "\ud800", False),
        ({"items": {"type": "string"}}, ["a", "\udfff"], False),
        ({"properties": {"a": {"type": "string"}}}, {"a": "\ud800"}, False),
        ({"type": "object"}, {"\ud800": 1}, False),
        ({"type": "object"}, {"a": [1, None, True]}, True),
        ({"pattern": "^[0-9]{2}$"}, "12", True),
        ({"pattern": "^[0-9]{2}$"}, "٣٤", False),
    ],
)
def test_a_validator_gives_this_verdict(*, make: Any, schema: Any, value: Any, verdict: bool) -> None:
    assert make(schema)(value) is verdict


def test_equal_schemas_share_one_validator() -> None:
    made = validators._judge_of_text.cache_info().misses
    like = [{"type": "string", "maxLength": 31}, MappingProxyType({"maxLength": 31, "type": "string"})]
    assert [judge(schema)("abc") for schema in like] == [True, True]
    assert validators._judge_of_text.cache_info().misses == made + 1
    assert judge({"type": "string", "maxLength": 2})("abc") is False


def test_tuples_and_read_only_mappings_are_written_as_plain_json() -> None:
    assert canonical_text(MappingProxyType({"enum": ("b", "a")})) == '{"enum":["b","a"]}'


@EITHER
def test_a_schema_that_is_none_is_refused(make: Any) -> None:
    with pytest.raises(ValueError, match="nonsense"):
        make({"type": "nonsense"})


def test_an_evil_regular_expression_takes_linear_time() -> None:
    evil: Judge = judge({"pattern": "^(a+)+$"})
    assert evil("a" * 20_000 + "b") is False


def test_look_around_is_refused() -> None:
    with pytest.raises(ValueError, match="regex"):
        judge({"pattern": "(?=a)"})("a")
