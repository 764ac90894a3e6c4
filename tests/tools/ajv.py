"""Verdicts of ajv, the JSON Schema validator of the JavaScript world, on 2020-12 schemas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.tools import TOOLS
from tests.tools.node import run_module


def validate(schema: Any, instances: Sequence[Any]) -> list[bool]:
    """Whether each instance is valid, in order.

    ajv runs strict: an unknown keyword (other than ``x-…``), an unknown format or an ignored keyword in
    `schema` raises `JavaScriptError`.
    """
    return [complaint is None for complaint in complaints(schema, instances)]


def complaints(schema: Any, instances: Sequence[Any]) -> list[str | None]:
    """What ajv first objects to in each instance ("/child/age must be integer"), None where it is valid."""
    result: list[str | None] = run_module(
        TOOLS / "ajv_validate.mjs", {"schema": schema, "instances": list(instances)}
    )
    return result
