"""People already entered as options, first values, and calculated values."""

from __future__ import annotations

from typing import Literal

from formengine.form import plan
from formengine.form.compiler.attempts import refuse_attempt
from formengine.form.compiler.conditions import Expressions
from formengine.form.compiler.insertions import Insertions
from formengine.form.compiler.positions import Position
from formengine.language import model
from formengine.language.diagnostics import near
from formengine.language.expressions.ast import Counted, Operand
from formengine.language.source import Located

ACCOUNT_FACTS = (
    "first_name",
    "last_name",
    "full_name",
    "email",
    "phone",
    "job_title",
    "organisation",
    "address",
)


def compile_sources(place: Position, expressions: Expressions, texts: Insertions) -> None:
    """Compile option sources, first value and calculation of the field at `place` into it."""
    node = place.node
    assert isinstance(node, model.Field)
    found = [_source(name, node, place, expressions, texts) for name in node.options_from]
    place.sources = tuple(source for source in found if source is not None)
    if node.prefill is not None:
        place.prefill = _prefill(node.prefill.origin, place, expressions)
    if node.calculation is not None:
        place.calculation = _calculation(node.calculation, place, expressions, texts)


def _source(
    name: Located, node: model.Field, place: Position, expressions: Expressions, texts: Insertions
) -> plan.OptionSource | None:
    there = {
        around.key: around
        for around in expressions.places.walk()
        if isinstance(around.node, model.Group | model.Repeat) and around.repeat is None
    }
    target = there.get(name.text.strip())
    if target is None:
        close = near(name.text, there)
        expressions.findings.add(
            "options-source-unknown",
            f"`options_from` names `{name.text}`, which is no group or repeat of this form",
            name.span,
            help=f"there is one with a similar name: `{close}`" if close else "name a group or a repeat",
        )
        return None
    if target.end >= place.start:
        expressions.findings.add(
            "options-source-later",
            f"`{name.text}` stands after this field, so nobody has been entered there yet",
            name.span,
            help="move the field after it",
        )
        return None
    kind: Literal["group", "repeat"] = "repeat" if isinstance(target.node, model.Repeat) else "group"
    assert target.inner is not None
    assert node.option_label is not None
    fields: tuple[str, ...] = ()
    if kind == "group":
        fields = tuple(inner.key for inner in target.walk() if _is_entered(inner))
        expressions.reads.update((None, key) for key in fields)
    label = texts.resolve(node.option_label, target.inner, before=target.end + 1, free=True)
    return plan.OptionSource(target.key, kind, fields, label)


def _is_entered(place: Position) -> bool:
    """Whether `place` is that of a field at the form's own level that people answer.

    A list in a group holds others than the one the group is about, and a calculated text is there without anybody.
    """
    node = place.node
    return isinstance(node, model.Field) and place.repeat is None and node.calculation is None


def _prefill(origin: Located, place: Position, expressions: Expressions) -> plan.Prefill | None:
    written = origin.text.strip()
    if written == "today":
        return plan.Prefill("today")
    if written.startswith("account."):
        fact = written.removeprefix("account.")
        if fact in ACCOUNT_FACTS:
            return plan.Prefill("account", fact)
        close = near(fact, ACCOUNT_FACTS)
        expressions.findings.add(
            "prefill-unknown",
            f"An account has no `{fact}`",
            origin.span,
            help=f"write `account.{close}`" if close else f"write one of: {', '.join(ACCOUNT_FACTS)}",
        )
        return None
    found = expressions.scope(place.level, place.start).find(tuple(written.split(".")))
    if not isinstance(found, Operand):
        close = near(written, ["today", *expressions.scope(place.level, place.start).names()])
        expressions.findings.add(
            "prefill-unknown",
            f"`prefill` names `{written}`, which is no earlier field",
            origin.span,
            help=f"did you mean `{close}`?"
            if close
            else "write `today`, `account.email` or the name of an earlier field",
        )
        return None
    # The earlier answer is read whatever else reads it.
    expressions.reads.add((found.repeat, found.key))
    return plan.Prefill("field", written, plan.Target(found.repeat, found.key))


def _calculation(
    calculation: model.Calculation, place: Position, expressions: Expressions, texts: Insertions
) -> plan.Calculation | None:
    if calculation.count is not None:
        count = calculation.count
        # "count of x where (…)" alone is no condition; with a comparison that always holds it is one, and its tree
        # holds the list and the condition we need.
        whole = Located(f"{count.text.rstrip()} is at least 0", count.span, count.locate)
        condition = expressions.compile(whole, place.level, place.start)
        if condition is None or not isinstance(condition.expr, Counted):
            return None
        return plan.Calculation(count=condition)
    scope = expressions.scope(place.level, place.start)
    for unquoted in (calculation.unquoted, *(case.unquoted for case in calculation.cases)):
        if unquoted is not None:
            refuse_attempt(unquoted, scope, expressions.findings)
    if calculation.template is not None:
        text = texts.resolve(calculation.template, place.level, before=place.start, free=True)
        _note(text, expressions)
        return plan.Calculation(text=text)
    cases = []
    for case in calculation.cases:
        text = texts.resolve(case.then, place.level, before=place.start, free=True)
        _note(text, expressions)
        cases.append((expressions.condition(case.when, place), text))
    return plan.Calculation(cases=tuple(cases))


def _note(text: plan.Text, expressions: Expressions) -> None:
    """The answers a calculated text repeats must be read in the pass; pointers to people are no text."""
    for insert in text.template.inserts:
        target = text.reads.get(".".join(insert.names))
        place = expressions.places.by_field[target.repeat, target.key] if target is not None else None
        if place is not None and isinstance(place.node, model.Field) and place.node.options_from:
            expressions.findings.add(
                "calculated-of-people",
                f"`{'.'.join(insert.names)}` points to people in a list, and a calculated text cannot name them",
                insert.span,
                help="insert a text, a date or a choice; the people chosen stand in the answers themselves",
            )
    expressions.reads.update((target.repeat, target.key) for target in text.reads.values())
