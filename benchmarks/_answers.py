"""The form and the answers that the benchmarks work on: Request for Support, filled in."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from formengine.engine import Engine
from formengine.form.analysis.samples import sample_answers
from formengine.form.plan import Form

ON = date(2026, 11, 22)
LONG_SEED = 10  # twenty people in most lists

_EXAMPLE = Path(__file__).parent.parent / "examples/request-for-support/answers.json"


@cache
def request_for_support() -> Form:
    """The bundled form."""
    return Engine().form("request-for-support")


def example_answers() -> dict[str, Any]:
    """The answers of the example: a full request, five people in its lists."""
    answers: dict[str, Any] = json.loads(_EXAMPLE.read_text(encoding="utf-8"))
    return answers


def long_answers() -> dict[str, Any]:
    """Valid answers with as many people as the lists hold."""
    return sample_answers(request_for_support(), on=ON, seed=LONG_SEED)


def number_of_values(answers: Any) -> int:
    """How many questions are answered; a list of codes is one answer."""
    if isinstance(answers, dict):
        return sum(number_of_values(value) for key, value in answers.items() if key != "id")
    if isinstance(answers, list) and answers and isinstance(answers[0], dict):
        return sum(number_of_values(item) for item in answers)
    return 1
