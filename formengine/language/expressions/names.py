"""Resolves the names in an expression, and reports why one cannot be read."""

from __future__ import annotations

from typing import NamedTuple

from formengine.language.diagnostics import Findings, Related, near
from formengine.language.expressions.ast import Expr, Kind, ListOperand, Operand
from formengine.language.expressions.scope import CheckedCondition, Found, NotReadable, Scope
from formengine.language.expressions.syntax import Name, Syntax
from formengine.language.source import Span


class NameFault(NamedTuple):
    """The texts of the finding about a name that cannot be read; `note` is shown where the name is defined."""

    code: str
    message: str
    help: str
    note: str


_NOT_READABLE: dict[str, NameFault] = {
    "later": NameFault(
        "name-later",
        "`{name}` is asked further on, so it has no answer yet at this place",
        "move `{name}` before this, or this after it",
        "`{name}` is asked here",
    ),
    "own_list": NameFault(
        "name-own-list",
        "`{name}` is the list this item belongs to; an item cannot look at its own list",
        "ask about the whole list after it, or in a check on the list itself",
        "the list",
    ),
    "ambiguous": NameFault(
        "name-ambiguous",
        "`{name}` is the name of an answer in this item and of another one outside it",
        "write `item.{name}` for the item's own answer, `form.{name}` for the other one",
        "one of the two",
    ),
    "ambiguous_in_group": NameFault(
        "name-ambiguous",
        "`{name}` is the name of an answer in this group and of another one outside it",
        "write the group's id in front for the group's own answer, as in `group.{name}`, or give one of the two "
        "another id",
        "one of the two",
    ),
    "into_items": NameFault(
        "name-in-list",
        "`{name}` stands in the items of a list, so it has one answer for each item",
        "write `any of {list} where ({last} …)`, or `all of`, `none of`, `count of`",
        "the list",
    ),
    "outer": NameFault(
        "name-outside-where",
        "`{name}` is not an answer of the list's items, and `where (…)` sees only those",
        "put what is tested about `{name}` in front: `{name} … and any of … where (…)`",
        "`{name}` is asked here",
    ),
    "cycle": NameFault(
        "condition-cycle",
        "The condition `{name}` uses itself",
        "take `{name}` out of what it is made of",
        "`{name}` is defined here",
    ),
    "no_value": NameFault(
        "name-no-value",
        "`{name}` has no answer that an expression can read",
        "",
        "`{name}` stands here",
    ),
}


class Names:
    """The names of one expression: each lookup returns what was wanted, or None after a finding."""

    def __init__(self, syntax: Syntax, findings: Findings) -> None:
        self.syntax = syntax
        self.findings = findings

    def answer(self, name: Name, scope: Scope) -> Operand | None:
        """The answer `name` stands for."""
        found = self._find(name, scope)
        if isinstance(found, Operand):
            return found
        if isinstance(found, ListOperand):
            self.findings.add(
                "list-as-answer",
                f"`{name.dotted}` is a list of items, not one answer",
                self.syntax.span(name),
                label="a list",
                help=f"write `any of {name.dotted} where (…)` or `count of {name.dotted} is at least 1`",
            )
        elif isinstance(found, CheckedCondition):
            self.findings.add(
                "condition-as-answer",
                f"`{name.dotted}` is a condition; it holds or it does not",
                self.syntax.span(name),
                label="a condition",
                help=f"write `{name.dotted}` or `not {name.dotted}` alone",
            )
        return None

    def items(self, name: Name, scope: Scope) -> ListOperand | None:
        """The list `name` stands for."""
        found = self._find(name, scope)
        if isinstance(found, ListOperand):
            return found
        if isinstance(found, Operand | CheckedCondition):
            what = "a condition" if isinstance(found, CheckedCondition) else "one answer"
            help_ = "after `of` stands the id of a field of type `repeat`"
            if isinstance(found, Operand) and found.kind is Kind.CHOICES:
                help_ = f"to ask which options were ticked write `{name.dotted} includes …`"
            self.findings.add(
                "not-a-list",
                f"`{name.dotted}` is {what}, not a list of items",
                self.syntax.span(name),
                label="not a list",
                help=help_,
            )
        return None

    def condition(self, name: Name, scope: Scope) -> Expr | None:
        """The named condition `name` stands for."""
        found = self._find(name, scope)
        if isinstance(found, CheckedCondition):
            return found.expr  # None: it has findings of its own
        if found is not None:
            self.findings.add(
                "answer-as-condition",
                f"`{name.dotted}` alone says nothing: it is {_what(found)}, not a condition",
                self.syntax.span(name),
                label="something is missing after this",
                help=_what_to_ask(name.dotted, found),
            )
        return None

    def _find(self, name: Name, scope: Scope) -> Operand | ListOperand | CheckedCondition | None:
        found = scope.find(name.names)
        if found is None:
            self._unknown(name, scope)
            return None
        if isinstance(found, NotReadable):
            self._not_readable(name, found, scope)
            return None
        return found

    def _unknown(self, name: Name, scope: Scope) -> None:
        close = near(name.dotted, scope.names())
        self.findings.add(
            "unknown-name",
            f"Nothing is called `{name.dotted}` here",
            self.syntax.span(name),
            label="not known",
            help=f"there is a similar name: `{close}`" if close else "",
        )

    def _not_readable(self, name: Name, found: NotReadable, scope: Scope) -> None:
        span = self.syntax.span(name)
        dotted = name.dotted
        if found.reason == "group":
            self._group(dotted, span, found, scope)
            return
        words = _NOT_READABLE[found.reason]
        facts = {"name": dotted, "last": name.names[-1], "list": ".".join(name.names[:-1]) or dotted}
        self.findings.add(
            words.code,
            words.message.format(**facts),
            span,
            help=words.help.format(**facts),
            related=_related(found.at, words.note.format(**facts)),
        )

    def _group(self, dotted: str, span: Span, found: NotReadable, scope: Scope) -> None:
        members = [known for known in scope.names() if known.startswith(f"{dotted}.")][:6]
        self.findings.add(
            "name-is-group",
            f"`{dotted}` is a group of questions, not one answer",
            span,
            label="a group",
            help=f"name one of its answers: {', '.join(f'`{member}`' for member in members)}"
            if members
            else "",
            related=_related(found.at, "the group"),
        )


def _related(at: Span | None, note: str) -> tuple[Related, ...]:
    return (Related(at, note),) if at is not None else ()


def _what(found: Found) -> str:
    return "a list of items" if isinstance(found, ListOperand) else "an answer"


def _what_to_ask(dotted: str, found: Found) -> str:
    if not isinstance(found, Operand):
        return f"write `any of {dotted} where (…)` or `count of {dotted} is at least 1`"
    if found.kind is Kind.TICK:
        return f"write `{dotted} is ticked`"
    if found.kind is Kind.CHOICE and found.codes:
        from formengine.language.expressions.unparse import written_value

        return f"say what it should be, such as `{dotted} is {written_value(found.codes[0])}`"
    if found.kind is Kind.CHOICES and found.codes:
        from formengine.language.expressions.unparse import written_value

        return f"say what it should include, such as `{dotted} includes {written_value(found.codes[0])}`"
    return f"write `{dotted} is answered`, or what the answer should be"
