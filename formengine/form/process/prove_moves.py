"""The proof that no case is stuck: whatever staff answer in a stage, some move is open; and every move is, for some.

Only the answers on which a move turns are tried, with all their values: of a choice every option, of a number or a day
both sides of every turn that a condition has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations, product
from math import prod
from random import Random
from typing import Final

from formengine.form.analysis.candidates import candidates
from formengine.form.plan import Condition, Field, Form
from formengine.form.state import State, evaluate
from formengine.language.diagnostics import Findings
from formengine.language.expressions import Kind, operands
from formengine.language.expressions.ast import ListOperand, Operand
from formengine.language.json_types import Json
from formengine.language.process_model import Move, Stage

# Ways to answer a stage that are tried; with more, nothing is proved, and a warning says so.
MOST_TRIED: Final = 20_000
# Of a question with many boxes, so many ticked ones are tried together.
_TICKED: Final = 2
_ON: Final = date(2026, 6, 15)
_FINITE: Final = frozenset({Kind.CHOICE, Kind.TICK})

_Moves = Sequence[tuple[Move, Condition | None]]


def prove_moves(stage: Stage, form: Form, moves: _Moves, findings: Findings) -> bool:
    """Whether there is neither a way to answer after which no move is open, nor a move that no way to answer opens.

    Each is reported. Where there are too many ways to try them, a warning says so, and the stage passes.
    """
    conditions = [when for _, when in moves if when is not None]
    always = len(conditions) < len(moves)
    deciding = list(_deciding(form, conditions))
    values = [_values(field, form, conditions) for field in deciding]
    if prod(map(len, values)) > MOST_TRIED or any(_reads_lists(each) for each in conditions):
        if not always:
            findings.add(
                "moves-not-proved",
                f"The moves of `{stage.id}` hang on more answers than can be tried",
                stage.span,
                help="ask fewer questions that decide about moves, or give one move no `when`",
                severity="warning",
            )
        return True
    never = {move.id: move for move, when in moves if when is not None}
    stuck: State | None = None
    for answers in _fillings(deciding, values):
        state = evaluate(form, answers, on=_ON)
        if not _is_right(state, deciding):
            continue
        run = state.run()
        opened = [
            move.id for move, when in moves if when is None or when.test(run.values, None, run.today) is True
        ]
        for name in opened:
            never.pop(name, None)
        if not opened and stuck is None:
            stuck = state
    if stuck is not None:
        _report_stuck(stage, deciding, stuck, findings)
    if not all(field.spec.type.kind(field.spec.settings) in _FINITE for field in deciding):
        return stuck is None
    for move in never.values():
        findings.add(
            "move-never-open",
            f"Nothing that is answered in `{stage.id}` opens the move `{move.id}`",
            move.when.span if move.when is not None else move.span,
            help="change `when`, or delete the move",
        )
    return stuck is None and not never


def _report_stuck(stage: Stage, deciding: list[Field], state: State, findings: Findings) -> None:
    run = state.run()
    said = [
        f"`{field.key}` is {_said(run.values[field.key])}"
        for field in deciding
        if run.relevance[field.gate] is True and run.values.get(field.key) is not None
    ]
    blank = [
        f"`{field.key}` is left blank"
        for field in deciding
        if run.relevance[field.gate] is True and run.values.get(field.key) is None
    ]
    findings.add(
        "stage-stuck",
        f"In `{stage.id}` no move is open when {' and '.join([*said, *blank]) or 'nothing is answered'}",
        stage.span,
        help="give a move a condition that holds then, or one move no condition",
    )


def _said(value: Json) -> str:
    if isinstance(value, list):
        return " and ".join(map(str, value)) or "empty"
    return "ticked" if value is True else str(value)


def _deciding(form: Form, conditions: Sequence[Condition]) -> Iterator[Field]:
    """The fields that the conditions read, and those that decide whether these are asked or must be answered."""
    left = list(conditions)
    found: dict[str, Field] = {}
    while left:
        for read in operands(left.pop().expr):
            if not isinstance(read, Operand) or read.repeat is not None or read.key in found:
                continue
            field = found[read.key] = form.fields[read.key]
            left += [each for each in (field.required_if, *_around(form, field)) if each is not None]
    # In the order of the page, so that a finding reads as the page does.
    return (field for key, field in form.fields.items() if key in found)


def _around(form: Form, field: Field) -> Iterator[Condition | None]:
    """The conditions on which it hangs whether a field is asked: its own, and those of the groups around it."""
    yield field.show_if
    yield from field.offers.values()
    parts = field.key.split(".")
    for end in range(1, len(parts)):
        group = form.groups.get(".".join(parts[:end]))
        if group is not None:
            yield group.show_if


def _reads_lists(condition: Condition) -> bool:
    return any(isinstance(read, ListOperand) or read.repeat is not None for read in operands(condition.expr))


def _values(field: Field, form: Form, conditions: Sequence[Condition]) -> list[Json]:
    """The values of a field that are tried, None for no answer among them."""
    settings, kind = field.spec.settings, field.spec.type.kind(field.spec.settings)
    codes = list(field.spec.type.codes(settings))
    if kind is Kind.CHOICE:
        return [None, *codes]
    if kind is Kind.TICK:
        return [None, True]
    if kind is Kind.CHOICES:
        some = [list(each) for number in range(1, _TICKED + 1) for each in combinations(codes, number)]
        return [None, [], *some, codes] if len(codes) > _TICKED else [None, [], *some]
    turns = candidates(form, _ON, conditions).get((None, field.key), [])
    sample = field.spec.type.sample(settings, Random(1))
    return [None, *dict.fromkeys(map(_hashable, (*turns, sample)))]


def _hashable(value: Json) -> Json:
    return tuple(value) if isinstance(value, list) else value


def _fillings(deciding: list[Field], values: list[list[Json]]) -> Iterator[dict[str, Json]]:
    for chosen in product(*values):
        answers: dict[str, Json] = {}
        for field, value in zip(deciding, chosen, strict=True):
            if value is not None:
                _put(answers, field.path, list(value) if isinstance(value, tuple) else value)
        yield answers


def _put(answers: dict[str, Json], path: tuple[str, ...], value: Json) -> None:
    *groups, last = path
    for group in groups:
        inner = answers.setdefault(group, {})
        assert isinstance(inner, dict)
        answers = inner
    answers[last] = value


def _is_right(state: State, deciding: list[Field]) -> bool:
    """Whether nothing is wrong with what was tried, and nothing was tried that is not asked."""
    run = state.run()
    for field in deciding:
        if run.relevance[field.gate] is not True:
            if run.values.get(field.key) is not None or _given(state, field):
                return False
        elif field.key in state.errors:
            return False
    return True


def _given(state: State, field: Field) -> bool:
    held: Json = state.draft
    for part in field.path:
        held = held.get(part) if isinstance(held, dict) else None
    return held is not None
