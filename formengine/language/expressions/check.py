"""Gives an untyped tree its meaning: names looked up, values read, tests held against their kinds."""

from __future__ import annotations

from typing import Literal

from formengine.language.diagnostics import Findings, near
from formengine.language.expressions.ast import (
    And,
    Answered,
    Counted,
    Expr,
    Kind,
    Not,
    Operand,
    Or,
    Quantified,
    Ticked,
)
from formengine.language.expressions.check_order import check_order, check_order_of_answers, check_same_answer
from formengine.language.expressions.check_value import check_value, described, listed_fix
from formengine.language.expressions.lints import lint
from formengine.language.expressions.names import Names
from formengine.language.expressions.operands import size
from formengine.language.expressions.scope import CheckedCondition, Scope
from formengine.language.expressions.syntax import (
    Chain,
    ConditionName,
    CountTest,
    Distance,
    Name,
    Negation,
    OrderTest,
    QuantifiedTest,
    SameAnswerTest,
    StateTest,
    Syntax,
    SyntaxNode,
    ValueTest,
)

ExpressionUse = Literal["condition", "check"]

# Named conditions are written once and expanded at each use, so an expression can grow far beyond its text.
MAX_TESTS = 1_000
MAX_TREE_DEPTH = 60


def check(syntax: Syntax, scope: Scope, findings: Findings, *, place: ExpressionUse) -> Expr | None:
    """The typed tree of `syntax` as `scope` sees it, or None when `findings` hold an error about it.

    `place`: where the expression is used; two answers may be compared only in a "check". Infos and warnings may be
    added to `findings` beside a tree. A tree has at most `MAX_TESTS` tests and `MAX_TREE_DEPTH` levels.
    """
    expr = _Checker(syntax, findings, place).node(syntax.root, scope)
    if expr is None:
        return None
    tests, depth = size(expr)
    if tests > MAX_TESTS or depth > MAX_TREE_DEPTH:
        findings.add(
            "expression-too-large",
            "With the conditions it uses, this expression is too large: "
            f"{tests:,} tests in {depth} levels; {MAX_TESTS:,} in {MAX_TREE_DEPTH} are allowed",
            syntax.span(syntax.root),
        )
        return None
    lint(expr, findings, place=place)
    return expr


_OR_MORE = {
    "over": "at least",
    "older": "at least",
    "above": "at least",
    "under": "at most",
    "younger": "at most",
    "below": "at most",
}


class _Checker:
    def __init__(self, syntax: Syntax, findings: Findings, place: ExpressionUse) -> None:
        self.syntax = syntax
        self.findings = findings
        self.place = place
        self.names = Names(syntax, findings)

    def node(self, node: SyntaxNode, scope: Scope) -> Expr | None:
        match node:
            case Chain():
                return self.chain(node, scope)
            case Negation():
                part = self.node(node.part, scope)
                return None if part is None else Not(part, self.syntax.span(node))
            case ConditionName():
                return self.names.condition(node.name, scope)
            case StateTest():
                return self.state(node, scope)
            case ValueTest():
                operand = self.names.answer(node.name, scope)
                return None if operand is None else check_value(node, operand, self.syntax, self.findings)
            case SameAnswerTest():
                return self.two_answers(node, node.other, scope)
            case OrderTest(limit=Name() as other) | OrderTest(limit=Distance(other=Name() as other)):
                return self.two_answers(node, other, scope)
            case OrderTest():
                operand = self.names.answer(node.name, scope)
                return None if operand is None else check_order(node, operand, self.syntax, self.findings)
            case QuantifiedTest():
                return self.quantified(node, scope)
            case CountTest():
                return self.count(node, scope)

    def chain(self, chain: Chain, scope: Scope) -> Expr | None:
        if len(set(chain.words)) > 1:
            self.mixed(chain)
            return None
        parts: list[Expr | None] = []
        for index, part in enumerate(chain.parts):
            if index and isinstance(part, ConditionName) and self.is_stray_value(chain, index, scope):
                parts.append(None)
            else:
                parts.append(self.node(part, scope))
        checked = [part for part in parts if part is not None]
        if len(checked) < len(parts):
            return None
        kind = And if chain.words[0] == "and" else Or
        flat: list[Expr] = []
        for expr in checked:
            flat.extend(expr.parts if isinstance(expr, kind) else (expr,))
        return kind(tuple(flat), self.syntax.span(chain))

    def mixed(self, chain: Chain) -> None:
        """Report that brackets are missing, with one way to write them."""
        at = next(i for i, word in enumerate(chain.words) if word != chain.words[0])
        gap = self.syntax.text.text[chain.parts[at].end : chain.parts[at + 1].start]
        start = chain.parts[at].end + gap.index(chain.words[at])
        groups: list[list[str]] = [[self.syntax.written(chain.parts[0])]]
        for word, part in zip(chain.words, chain.parts[1:], strict=True):
            if word == "or":
                groups.append([])
            groups[-1].append(self.syntax.written(part))
        written = " or ".join(f"({' and '.join(group)})" if len(group) > 1 else group[0] for group in groups)
        self.findings.add(
            "and-or-mixed",
            "`and` and `or` stand side by side, and without brackets this can be read in two ways",
            self.syntax.text.part(start, start + len(chain.words[at])),
            label="brackets are needed",
            help=f"put brackets round what belongs together, such as `{' '.join(written.split())}`",
        )

    def is_stray_value(self, chain: Chain, index: int, scope: Scope) -> bool:
        """Whether the part is one more value, as in ``agreement is refused or not-sought``."""
        part, before = chain.parts[index], chain.parts[index - 1]
        while isinstance(before, ConditionName) and index > 1:
            index -= 1
            before = chain.parts[index - 1]
        if (
            not isinstance(part, ConditionName)
            or len(part.name.names) > 1
            or not isinstance(before, ValueTest)
        ):
            return False
        if isinstance(scope.find(part.name.names), CheckedCondition):
            return False
        operand = scope.find(before.name.names)
        raw = part.name.names[0]
        if raw in _OR_MORE and before.values[0].form == "number" and scope.find((raw,)) is None:
            words = _OR_MORE[raw]
            self.findings.add(
                "comparison-words",
                f"`{chain.words[0]} {raw}` is not how an amount is compared",
                self.syntax.span(part),
                help=f"write `{before.name.dotted} is {words} {before.values[0].raw}`",
            )
            return True
        codes = operand.codes if isinstance(operand, Operand) else ()
        if raw not in codes and (scope.find((raw,)) is not None or ("-" not in raw and not near(raw, codes))):
            return False
        self.findings.add(
            "value-after-or",
            f"After `{chain.words[0]}` stands `{raw}` alone, which is no condition",
            self.syntax.span(part),
            label="a value cannot stand alone",
            help=listed_fix(before, raw, chain.words[0], self.syntax),
        )
        return True

    def state(self, test: StateTest, scope: Scope) -> Expr | None:
        operand = self.names.answer(test.name, scope)
        if operand is None:
            return None
        span = self.syntax.span(test)
        name = test.name.dotted
        not_ = "not " if test.negated else ""
        if (operand.kind is Kind.TICK) != (test.state == "ticked"):
            help_ = f"write `{name} is {not_}answered`, or what the answer should be"
            if operand.kind is Kind.CHOICES:
                help_ = f"write `{name} {'does not include' if test.negated else 'includes'} …`"
            if operand.kind is Kind.TICK:
                help_ = f"write `{name} is {not_}ticked`"
            self.findings.add(
                "operator-does-not-fit",
                f"`{name}` is {described(operand.kind)}, and `is {not_}{test.state}` does not go with it",
                span,
                help=help_,
            )
            return None
        atom: Expr = Ticked(operand, span) if test.state == "ticked" else Answered(operand, span)
        return Not(atom, span) if test.negated else atom

    def two_answers(self, test: SameAnswerTest | OrderTest, other_name: Name, scope: Scope) -> Expr | None:
        operand = self.names.answer(test.name, scope)
        if self.place == "condition":
            self.findings.add(
                "compares-two-answers",
                "A condition compares one answer with a fixed value; two answers are compared in a `check`",
                self.syntax.span(test),
                help="move the comparison to `check:` with `that:` and `else:`",
            )
            return None
        other = self.names.answer(other_name, scope)
        if operand is None or other is None:
            return None
        if isinstance(test, SameAnswerTest):
            return check_same_answer(test, operand, other, self.syntax, self.findings)
        return check_order_of_answers(test, operand, other, self.syntax, self.findings)

    def quantified(self, test: QuantifiedTest, scope: Scope) -> Expr | None:
        items = self.names.items(test.items, scope)
        if items is None:
            return None
        where = self.node(test.where, scope.item_of(items))
        if where is None:
            return None
        return Quantified(test.quantifier, items, where, self.syntax.span(test))

    def count(self, test: CountTest, scope: Scope) -> Expr | None:
        items = self.names.items(test.items, scope)
        if items is None:
            return None
        where = None if test.where is None else self.node(test.where, scope.item_of(items))
        if test.where is not None and where is None:
            return None
        raw = test.number.raw
        if not raw.isdigit() or len(raw) > 6:
            self.findings.add(
                "value-does-not-fit",
                f"`{raw}` is not a number of items",
                self.syntax.span(test.number),
                help="write a whole number from 0 on",
            )
            return None
        counted = Counted(items, where, test.order, int(raw), self.syntax.span(test))
        return Not(counted, self.syntax.span(test)) if test.negated else counted
