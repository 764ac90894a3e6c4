"""Whole-form validation on top of `evaluate` against bare jsonschema-rs on the form's exported schema.

Ours ends in every error with the name of its question, theirs in a verdict, or in `iter_errors` where answers are
wrong. Every set of answers has other names, telephone numbers and so on.
"""

from __future__ import annotations

import copy
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jsonschema_rs

from benchmarks._answers import ON, example_answers, long_answers, number_of_values, request_for_support
from benchmarks._rounds import Figure, report
from formengine.form.plan import Form
from formengine.form.schema.export import schema
from formengine.form.state import evaluate
from formengine.language.json_types import Json

AIM_VALID, AIM_INVALID = 3, 5


def broken(answers: dict[str, Any]) -> dict[str, Any]:
    """The same answers with three slips: a mandatory answer left out, a code not offered, a date that is none."""
    wrong = copy.deepcopy(answers)
    del wrong["child"]["relationship"]
    wrong["child"]["gender"] = "unheard of"
    wrong["agreement_on"] = "2026-13-45"
    return wrong


def varied(answers: dict[str, Any], number: int) -> dict[str, Any]:
    """The same answers as another family would write them: other numbers, addresses, postcodes and dates."""
    return {key: _varied(value, number) for key, value in answers.items()}


def _varied(value: Json, number: int, key: str = "") -> Json:
    if isinstance(value, dict):
        return {inner: _varied(part, number, inner) for inner, part in value.items()}
    if isinstance(value, list):
        return [_varied(part, number) for part in value]
    if key == "telephone":
        return f"020 7946 {number % 1000:04d}"
    if key == "email":
        return f"n{number}.{value}"
    return value


def validator_of(form: Form) -> jsonschema_rs.Draft202012Validator:
    """The reference: the exported schema, compiled as the engine compiles its own."""
    return jsonschema_rs.Draft202012Validator(
        schema(form, ON), pattern_options=jsonschema_rs.RegexOptions(), validate_formats=False
    )


def on_top_s(form: Form, sets: Sequence[dict[str, Any]]) -> float:
    """The seconds that the errors of one of `sets` take, `evaluate` being done already."""
    states = [evaluate(form, answers, on=ON) for answers in sets]
    start = time.process_time()
    for state in states:
        state.errors  # noqa: B018 - worked out when first read
    return (time.process_time() - start) / len(sets)


def theirs_s(judge: Callable[[Json], object], sets: Sequence[dict[str, Any]]) -> float:
    """The seconds that the reference's verdict on one of `sets` takes."""
    start = time.process_time()
    for answers in sets:
        judge(answers)
    return (time.process_time() - start) / len(sets)


def figures(rounds: int, *, families: int = 100) -> Iterator[Figure]:
    """Valid and invalid answers, the example's and long lists."""
    form = request_for_support()
    validator = validator_of(form)

    def every_error(answers: Json) -> object:
        return list(validator.iter_errors(answers))

    for name, answers in (("example", example_answers()), ("long lists", long_answers())):
        wrong = broken(answers)
        assert evaluate(form, answers, on=ON).complete
        assert len(evaluate(form, wrong, on=ON).errors) == 3
        counted = f"{name}, {number_of_values(answers)} values"
        sets = [varied(answers, number) for number in range(families)]
        assert all(validator.is_valid(each) for each in sets)
        assert not validator.is_valid(wrong)
        wrong_sets = [broken(each) for each in sets]
        valid, invalid = validator.is_valid, every_error
        for verdict, given, judge, aim in (
            ("valid", sets, valid, AIM_VALID),
            ("invalid", wrong_sets, invalid, AIM_INVALID),
        ):
            pairs = [(on_top_s(form, given), theirs_s(judge, given)) for _ in range(rounds + 1)][1:]
            ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
            yield Figure(f"errors of {verdict} answers ({counted})", ours, theirs, at_most=aim)


def main(rounds: int = 9) -> None:
    """Print the figures."""
    report(figures(rounds))


if __name__ == "__main__":
    main()
