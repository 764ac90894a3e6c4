"""How a condition has changed: compared as a tree, with renamed answers followed, so that spelling never counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from typing import Any, Final, Literal

from formengine.form.plan import Condition, Form
from formengine.language.expressions import ListOperand, Operand, sentence
from formengine.language.expressions.ast import And, Expr, Or

# By the path now, the path before, of every answer and list that was renamed.
Renamed = Mapping[str, str]
ConditionChange = Literal["same", "added", "dropped", "wider", "narrower", "other"]

# {name} is the thing, {does} what happens to it.
_SAY: Final[Mapping[str, str]] = {
    "added": "{name} {does} only when {new}; until now always",
    "dropped": "{name} {does} always; until now only when {old}",
    "wider": "{name} {now_also} when {part}",
    "narrower": "{name} {no_longer} when {part}",
    "stricter": "{name} {does} only when besides {part}",
    "looser": "{name} {does} also where this is not so: {part}",
    "other": "{name} {does} when {new}; until now when {old}",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """What happens under a condition, as a part of a sentence in three forms."""

    does: str
    now_also: str
    no_longer: str


def happens(done: str) -> Happening:
    """``is asked``, ``is now also asked``, ``is no longer asked``."""
    return Happening(f"is {done}", f"is now also {done}", f"is no longer {done}")


MUST_BE_ANSWERED: Final = Happening(
    "must be answered", "must now also be answered", "need not be answered any more"
)

# Of conditions joined by a word: what it means that parts came, and that parts went.
_BY_PARTS: Final[
    tuple[tuple[type[And | Or], tuple[ConditionChange, str], tuple[ConditionChange, str]], ...]
] = (
    (Or, ("wider", "wider"), ("narrower", "narrower")),
    (And, ("narrower", "stricter"), ("wider", "looser")),
)


def condition_change(
    before: Condition | None, after: Condition | None, renamed: Renamed
) -> tuple[ConditionChange, str, tuple[Expr, ...]]:
    """How the condition changed, the key of its sentence, and the parts that came or went.

    "wider" holds whenever the one before held, and more often; "narrower" the other way round.
    """
    if before is None or after is None:
        if before is after:
            return "same", "", ()
        return ("added", "added", ()) if before is None else ("dropped", "dropped", ())
    old, new = as_before(before.expr, {}), as_before(after.expr, renamed)
    if old == new:
        return "same", "", ()
    for kind, came_is, went_is in _BY_PARTS:
        was, now = _parts(old, kind), _parts(new, kind)
        came, went = [part for part in now if part not in was], [part for part in was if part not in now]
        if came and not went:
            return *came_is, tuple(came)
        if went and not came:
            return *went_is, tuple(went)
    return "other", "other", ()


def condition_sentence(
    name: str,
    happening: Happening,
    before: tuple[Form, Condition | None],
    after: tuple[Form, Condition | None],
    renamed: Renamed,
) -> tuple[ConditionChange, str]:
    """How the condition changed, and a sentence that says it; "" where it is the same.

    name: what the condition is about, in quotes. happening: what happens under it.
    """
    kind, key, parts = condition_change(before[1], after[1], renamed)
    if kind == "same":
        return kind, ""
    old = in_words(before[0], before[1].expr) if before[1] is not None else ""
    new = in_words(after[0], after[1].expr) if after[1] is not None else ""
    joined: Expr | None = None
    if parts:
        joined = parts[0] if len(parts) == 1 else (Or if key in {"wider", "narrower"} else And)(parts)
    # A part that went is named by the form that had it; the trees of both go by the paths before.
    part = in_words(before[0], joined, others=after[0]) if joined is not None else ""
    return kind, f"{_SAY[key].format(name=name, old=old, new=new, part=part, **asdict(happening))}."


def in_words(form: Form, expr: Expr, others: Form | None = None) -> str:
    """What the condition asks, as a clause, with questions and options by their labels."""
    return sentence(expr, option_label=_labels(form, others))


def as_before(expr: Expr, renamed: Renamed) -> Expr:
    """The same tree with every answer and list by the path that it had before, and without the options it may have."""
    changed: Expr = _renamed(expr, renamed)
    return changed


def _renamed(node: Any, renamed: Renamed) -> Any:  # noqa: ANN401 - a tree of any node, its values among them
    if isinstance(node, Operand):
        repeat = renamed.get(node.repeat, node.repeat) if node.repeat else None
        now = f"{node.repeat}.{node.key}" if node.repeat else node.key
        before = renamed.get(now, now if repeat == node.repeat else f"{repeat}.{node.key}")
        return replace(
            node, repeat=repeat, key=before.removeprefix(f"{repeat}.") if repeat else before, codes=()
        )
    if isinstance(node, ListOperand):
        return replace(node, key=renamed.get(node.key, node.key))
    if isinstance(node, tuple):
        return tuple(_renamed(part, renamed) for part in node)
    if is_dataclass(node) and not isinstance(node, type):
        return replace(
            node,
            **{
                each.name: _renamed(getattr(node, each.name), renamed)
                for each in fields(node)
                if each.name != "span"
            },
        )
    return node


def _parts(expr: Expr, kind: type[And | Or]) -> tuple[Expr, ...]:
    return expr.parts if isinstance(expr, kind) else (expr,)


def _labels(form: Form, others: Form | None) -> Callable[[Operand, str], str]:
    def label(operand: Operand, code: str) -> str:
        for each in filter(None, (form, others)):
            owner = each.fields if operand.repeat is None else each.item_fields.get(operand.repeat, {})
            found = owner.get(operand.key)
            for option in found.spec.settings.options if found is not None else ():
                if option.code == code:
                    return option.label
        return code

    return label
