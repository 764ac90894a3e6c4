"""What the answers have to keep across fields: hidden is absent, required is present, checks are not broken.

A node's rules are demands, which bind where a condition is definitely true, and bans, which bind where one
is not. At the form's own level they nest as the nodes do: ``if`` a page counts ``then`` the rules within it
``else`` nothing of it is there. So each condition stands once.

Within an item that is the same as long as nothing reads an answer outside. Where something does, its rules
stand at the form's answers, each with the conditions around it (`Schemas.for_items`).
"""

from __future__ import annotations

from collections.abc import Iterator

from formengine.form.plan import Check, Field, Form, Group, Node, Note, Page, Repeat, Section
from formengine.form.schema.calculated import calculated_bans, calculated_demands
from formengine.form.schema.relevance import condition_of
from formengine.language.expressions.ast import And, Expr, Not
from formengine.language.expressions.json_schema import TRUE, Schemas
from formengine.language.expressions.operands import operands
from formengine.language.expressions.schema_fragments import (
    ALWAYS,
    Fragment,
    absent,
    all_of,
    present,
    when,
    wherever,
)

SchemaNode = Page | Node
Binding = tuple[Expr, Fragment]  # a condition, and what binds where it is true (demand) or is not (ban)


class Rules:
    """The rules of one form as schemas."""

    def __init__(self, form: Form, schemas: Schemas) -> None:
        self.form = form
        self.schemas = schemas

    def of_form(self) -> Fragment:
        """The rules that stand at the form's answers."""
        pages = [self._page(page) for page in self.form.every_page if not page.spec.paper_only]
        return all_of([*pages, *map(self._of_items_from_outside, self.form.repeats.values())])

    def of_item(self, repeat: Repeat) -> Fragment:
        """The rules that stand at each item of `repeat`: those that read nothing outside it."""
        inside = (piece for piece in item_pieces(repeat) if not self._reads_outside(piece, repeat.key))
        return all_of(map(self._nested, inside))

    def _page(self, page: Page) -> Fragment:
        if not page.spec.stop:
            return self._nested(page)
        # The journey ends where the page counts, so such answers cannot be sent.
        return all_of((when(self.schemas.true(condition_of(page)), False), self._nested(page)))

    def _nested(self, piece: SchemaNode) -> Fragment:
        """The rules of `piece` and all within it, at the answers of their level."""
        bound = [when(self.schemas.true(condition), demand) for condition, demand in self._demands(piece)]
        banned = [self._ban(condition, fragment) for condition, fragment in self._bans(piece)]
        rules = all_of([*bound, *banned, *map(self._nested, children(piece))])
        condition, nothing = condition_of(piece), nothing_of(piece)
        is_true = self.schemas.true(condition)
        if not self.schemas.inexact(condition):
            return when(is_true, rules, nothing)
        return all_of((when(is_true, rules), self._banned(piece), self._ban(condition, nothing)))

    def _banned(self, piece: SchemaNode) -> Fragment:
        """The bans in `piece` alone; unlike demands they may bind where it is not known that it counts."""
        own = [self._ban(condition, fragment) for condition, fragment in self._bans(piece)]
        for child in children(piece):
            own += [self._ban(condition_of(child), nothing_of(child)), self._banned(child)]
        return all_of(own)

    def _ban(self, condition: Expr, fragment: Fragment) -> Fragment:
        return when(self.schemas.true(condition, unsure=True), ALWAYS, fragment)

    def _demands(self, piece: SchemaNode) -> Iterator[Binding]:
        """What is demanded where `piece` counts, beside what is demanded of its children."""
        if isinstance(piece, Field):
            if not piece.holds_answer:
                return
            if piece.spec.required:
                yield TRUE, present(piece.key)
            if piece.required_if is not None:
                yield piece.required_if.expr, present(piece.key)
            yield from calculated_demands(piece, self.form)
        if isinstance(piece, Repeat) and (piece.spec.min_items or piece.decides_stop):
            yield TRUE, present(piece.key)
        for check in blocking_checks(piece):
            yield Not(check.condition.expr), False

    def _bans(self, piece: SchemaNode) -> Iterator[Binding]:
        """What must not be there unless a condition holds, beside `piece` itself."""
        if isinstance(piece, Field) and piece.holds_answer:
            for code, offer in piece.offers.items():
                yield offer.expr, wherever(piece.key, {"not": _holds_code(piece, code)})
            yield from calculated_bans(piece)

    def _reads_outside(self, piece: SchemaNode, repeat: str) -> bool:
        """Whether a condition of `piece`, or of anything within it, reads an answer outside the item."""
        bindings = (*self._demands(piece), *self._bans(piece))
        own = (condition_of(piece), *(condition for condition, _ in bindings))
        # A list is never of the item: a repeat in a repeat is refused.
        outside = any(getattr(read, "repeat", None) != repeat for expr in own for read in operands(expr))
        return outside or any(self._reads_outside(child, repeat) for child in children(piece))

    def _of_items_from_outside(self, repeat: Repeat) -> Fragment:
        """The rules of the items that read something outside them, at the form's answers."""
        outside = (piece for piece in item_pieces(repeat) if self._reads_outside(piece, repeat.key))
        return all_of(self._flat(piece, (), repeat.key) for piece in outside)

    def _flat(self, piece: SchemaNode, around: tuple[Expr, ...], repeat: str) -> Fragment:
        """The rules of `piece`, where `around` are the conditions of what is around it in the item."""
        for_items = self.schemas.for_items
        if not self._reads_outside(piece, repeat):
            banned = for_items(repeat, TRUE, self._banned(piece))
            return all_of((for_items(repeat, And(around), self._nested(piece)), banned))
        condition = condition_of(piece)
        here = around if condition == TRUE else (*around, condition)
        rules = [for_items(repeat, condition, ALWAYS, nothing_of(piece), unsure=True)]
        for demanding, fragment in self._demands(piece):
            rules.append(for_items(repeat, And((*here, demanding)), fragment))
        for allowing, fragment in self._bans(piece):
            rules.append(for_items(repeat, allowing, ALWAYS, fragment, unsure=True))
        return all_of([*rules, *(self._flat(child, here, repeat) for child in children(piece))])


def item_pieces(repeat: Repeat) -> tuple[SchemaNode, ...]:
    """What an item consists of: its pages, or its nodes."""
    return repeat.pages or repeat.nodes


def children(piece: SchemaNode) -> tuple[Node, ...]:
    """The nodes at the same level of answers that stand within `piece` and are not for paper alone."""
    if not isinstance(piece, Page | Section | Group):
        return ()
    return tuple(node for node in piece.nodes if not node.spec.paper_only)


def blocking_checks(piece: SchemaNode) -> tuple[Check, ...]:
    """The checks of `piece` that are errors and no advice."""
    checks = piece.checks if isinstance(piece, Page | Group | Field | Repeat) else ()
    return tuple(check for check in checks if check.spec.level == "error")


def nothing_of(piece: SchemaNode) -> Fragment:
    """A schema of answers that hold nothing of `piece`."""
    match piece:
        case Note():
            return True
        case Field():
            return absent(piece.key) if piece.holds_answer else True
        case Group() | Repeat():
            return absent(piece.key)
    return all_of(map(nothing_of, children(piece)))


def _holds_code(field: Field, code: str) -> Fragment:
    many = field.spec.type.shape(field.spec.settings).get("type") == "array"
    return {"contains": {"const": code}} if many else {"const": code}
