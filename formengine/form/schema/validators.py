"""Validators: judges of values by a JSON Schema 2020-12 in the safe dialect.

`jsonschema-rs` with its linear-time regular expressions where it can be imported, `jsonschema` where there is
no wheel of it. Neither looks at ``format``. Generated tests hold the two to the same verdicts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from formengine.form.plan.forward_pass import Judge
from formengine.language.fields.base import Schema
from formengine.language.json_types import Json, JsonObject

FAST = find_spec("jsonschema_rs") is not None


class _LazyJudge:
    """A judge whose validator is made when it is first asked: loading a form need not wait for hundreds of them.

    A fast path for `benchmarks.load_form`: with validators made at once, loading Request for Support takes 31 % longer.
    """

    __slots__ = ("_is_valid", "_schema")

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._is_valid: Judge = self._first

    def __call__(self, value: Json) -> bool:
        try:
            return self._is_valid(value)
        except UnicodeEncodeError:
            return False

    def _first(self, value: Json) -> bool:
        self._is_valid = _judge_of_text(canonical_text(self._schema))
        return self._is_valid(value)


def judge(schema: Schema) -> Judge:
    """Whether a value is valid under `schema`, as a plain function.

    Its validator is made at the first value; equal schemas share one, so a form of 1,000 like questions makes one.
    A text that no UTF-8 can hold (a lone surrogate) is not valid. The first value raises ValueError on what is no
    schema.
    """
    return _LazyJudge(schema)


def canonical_text(schema: Schema) -> str:
    """The schema as JSON text, the same for equal schemas."""
    return json.dumps(plain(schema), sort_keys=True, separators=(",", ":"))


def plain(value: Json) -> Json:
    """The same JSON value in plain dicts and lists, which are all that validators and `json` take."""
    if isinstance(value, Mapping):
        return plain_object(value)
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def plain_object(value: JsonObject) -> dict[str, Json]:
    """The same for an object."""
    return {key: plain(inner) for key, inner in value.items()}


@lru_cache(maxsize=4096)
def _judge_of_text(text: str) -> Judge:
    """The judge by a schema's text; equal schemas share one.

    A fast path for the first answers after a start: without sharing, the first errors of Request for Support take 1.6
    times as long to find.
    """
    schema = json.loads(text)
    return _fast_is_valid(schema) if FAST else portable_judge(schema)


def _fast_is_valid(schema: dict[str, Any]) -> Judge:
    """The verdict of jsonschema-rs, which raises UnicodeEncodeError on a lone surrogate.

    Within lists and objects it takes one for another character, so there we look ourselves.
    """
    import jsonschema_rs

    validator = jsonschema_rs.Draft202012Validator(
        schema, pattern_options=jsonschema_rs.RegexOptions(), validate_formats=False, offline=True
    )
    is_valid = validator.is_valid

    def judge_value(value: Json) -> bool:
        return is_valid(value) and (isinstance(value, str) or _is_unicode(value))

    return judge_value


def fast_judge(schema: dict[str, Any]) -> Judge:
    """A judge by jsonschema-rs: one call into it a value, regular expressions in linear time."""
    is_valid = _fast_is_valid(schema)

    def judge_value(value: Json) -> bool:
        try:
            return is_valid(value)
        except UnicodeEncodeError:
            return False

    return judge_value


def portable_judge(schema: dict[str, Any]) -> Judge:
    """A judge by jsonschema, in pure Python."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise ValueError(error.message) from error
    validator = Draft202012Validator(schema)

    def judge_value(value: Json) -> bool:
        return _is_unicode(value) and validator.is_valid(value)

    return judge_value


def _is_unicode(value: Json) -> bool:
    match value:
        case str():
            return not any("\ud800" <= character <= "\udfff" for character in value)
        case Mapping():
            return all(_is_unicode(key) and _is_unicode(inner) for key, inner in value.items())
        case list() | tuple():
            return all(map(_is_unicode, value))
    return True
