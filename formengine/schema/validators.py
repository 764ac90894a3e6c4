"""What judges a value by a JSON Schema 2020-12 in the safe dialect.

`jsonschema-rs` with its linear-time regular expressions where it can be imported, `jsonschema` where there is
no wheel of it. Neither looks at ``format``. Generated tests hold the two to the same verdicts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from formengine.fields.base import Json, Schema

FAST = find_spec("jsonschema_rs") is not None

Judge = Callable[[Json], bool]


def judge(schema: Schema) -> Judge:
    """Whether a value is valid under `schema`, as a plain function.

    Equal schemas share one function, so a form of 1,000 like questions compiles one validator. A text that no
    UTF-8 can hold (a lone surrogate) is not valid. Raises ValueError on what is no schema.
    """
    return _judge_of_text(canonical_text(schema))


def canonical_text(schema: Schema) -> str:
    """The schema as JSON text, the same for equal schemas."""
    return json.dumps(plain(schema), sort_keys=True, separators=(",", ":"))


def plain(value: Json) -> Json:
    """The same JSON value in plain dicts and lists, which are all that validators and `json` take."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


@lru_cache(maxsize=4096)
def _judge_of_text(text: str) -> Judge:
    schema = json.loads(text)
    return fast_judge(schema) if FAST else portable_judge(schema)


def fast_judge(schema: dict[str, Any]) -> Judge:
    """A judge by jsonschema-rs: one call into it a value, regular expressions in linear time."""
    import jsonschema_rs

    validator = jsonschema_rs.Draft202012Validator(
        schema, pattern_options=jsonschema_rs.RegexOptions(), validate_formats=False, offline=True
    )
    is_valid = validator.is_valid

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
    return not isinstance(value, str) or not any("\ud800" <= character <= "\udfff" for character in value)
