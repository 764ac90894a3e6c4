"""What makes a journey unsafe although each part is right: stops that can be skipped, hidden answers that show."""

from __future__ import annotations

from collections.abc import Iterator

from formengine.form.compiler.conditions import Expressions
from formengine.form.compiler.positions import Position, Positions
from formengine.language import model
from formengine.language.diagnostics import Findings, Related, near
from formengine.language.expressions import operands
from formengine.language.expressions.ast import Expr, ListOperand, Operand

MOST_OUTER_PARTS = 3
# What the pages send beside the answers, each under a name as short as an id. A question of the same name would be
# taken for it, and its answer lost.
PAGES_OWN = frozenset({"base", "csrf", "move", "new", "rev"})
# What the address of an item ends with where it is to be removed.
ITEMS_OWN = "remove"


def check_journey(
    definition: model.Definition, places: Positions, expressions: Expressions, findings: Findings
) -> None:
    """Report what is unsafe about the journey as a whole."""
    _sign_in(definition, places, findings)
    _on_screen(definition, findings)
    for place in places.walk():
        node = place.node
        _own_names(place, findings)
        if isinstance(node, model.Page) and node.stop:
            _stop(place, expressions, findings)
        if place.show_if is not None:
            _presence_tells(place, expressions, findings)
            _outer_parts(place, place.show_if.expr, findings)
        if place.required_if is not None:
            _outer_parts(place, place.required_if.expr, findings)


def _sign_in(definition: model.Definition, places: Positions, findings: Findings) -> None:
    access = definition.access
    if not access.sign_in_from:
        return
    ids = [page.id for page in definition.pages]
    if access.sign_in_from not in ids:
        close = near(access.sign_in_from, ids)
        findings.add(
            "sign-in-page-unknown",
            f"`sign_in_from` names `{access.sign_in_from}`, which is no page of this form",
            access.sign_in_from_span,
            help=f"there is a page with a similar id: `{close}`" if close else "name the id of a page",
        )
        return
    for page in places.pages[: ids.index(access.sign_in_from)]:
        field = next((place for place in page.walk() if isinstance(place.node, model.Field)), None)
        if field is not None and isinstance(field.node, model.Field):
            findings.add(
                "field-before-sign-in",
                f"`{field.node.id}` is asked before people sign in, so its answer could not be kept",
                field.node.id_span,
                help="move the field behind the sign-in page, or to `start`",
            )


def _own_names(place: Position, findings: Findings) -> None:
    """An id that the pages use themselves; in a group or a list the path before it distinguishes the two."""
    node = place.node
    if isinstance(node, model.Field) and place.repeat is None and place.key in PAGES_OWN:
        taken = "Every page sends something of its own"
    elif isinstance(node, model.Page) and place.repeat is not None and node.id == ITEMS_OWN:
        taken = "The page on which an entry is removed is"
    else:
        return
    findings.add(
        "reserved-id",
        f"{taken} called `{node.id}`, so it cannot be an id here",
        node.id_span,
        help=f"choose another name, such as `the_{node.id}`",
    )


def _on_screen(definition: model.Definition, findings: Findings) -> None:
    """A form of paper pages alone could be sent by everybody who opens it, and would contain nothing."""
    asked_around = definition.start.nodes or definition.submit.nodes
    if definition.pages and not asked_around and all(page.paper_only for page in definition.pages):
        findings.add(
            "nothing-on-screen",
            "Every page is `paper_only`, so on screen the form asks nothing, and can be sent",
            definition.pages[0].id_span,
            help="take `paper_only` away from the pages that are to be filled in on screen",
            severity="warning",
        )


def _stop(place: Position, expressions: Expressions, findings: Findings) -> None:
    """A stop that hangs on an answer which may be left blank lets people past it (docs/language.md, Stop pages)."""
    node = place.node
    assert isinstance(node, model.Page)
    if place.repeat is not None:
        findings.add(
            "stop-in-repeat",
            f"The page `{node.id}` stands in the entries of a list, so it cannot end the journey",
            node.id_span,
            help="move it behind the list and ask there, such as `show_if: any of children where (consent is no)`",
        )
        return
    if place.show_if is None:
        if node.show_if is None:
            findings.add(
                "stop-without-condition",
                f"The page `{node.id}` stops everybody, because it has no `show_if`",
                node.id_span,
                help="say when it is shown, such as `show_if: consent is no`",
            )
        return
    seen: set[tuple[str | None, str]] = set()
    for field in _deciding(place.show_if.expr, expressions, seen):
        spec = field.node
        assert isinstance(spec, model.Field)
        findings.add(
            "stop-can-be-skipped",
            f"Who leaves `{field.key}` blank gets past the stop page `{node.id}`",
            place.show_if.span,
            help=f"write `required: true` at `{field.key}`",
            related=(Related(spec.id_span, "this may be left blank"),),
        )


def _deciding(expr: Expr, expressions: Expressions, seen: set[tuple[str | None, str]]) -> Iterator[Position]:
    """The fields that decide `expr` and may be left blank, and those that decide whether these are asked.

    Of lists that do, it is kept that they must be answered, if only with "none".
    """
    for read in operands(expr):
        key = None if isinstance(read, ListOperand) else read.repeat, read.key
        if key in seen:
            continue
        seen.add(key)
        place = (
            expressions.by_key(read.key)
            if isinstance(read, ListOperand)
            else expressions.places.by_field[key]
        )
        assert place is not None
        node = place.node
        if isinstance(node, model.Repeat):
            place.decides_stop = True
        elif isinstance(node, model.Field) and not node.required and node.calculation is None:
            yield place
        if place.calculation is not None and place.calculation.count is not None:
            _count_decides(place.calculation.count.expr, expressions)
        for around in (place, *place.ancestors()):
            if around.show_if is not None:
                yield from _deciding(around.show_if.expr, expressions, seen)


def _count_decides(expr: Expr, expressions: Expressions) -> None:
    for read in operands(expr):
        if isinstance(read, ListOperand):
            place = expressions.by_key(read.key)
            assert place is not None
            place.decides_stop = True


def _presence_tells(place: Position, expressions: Expressions, findings: Findings) -> None:
    """A shown question whose condition reads a hidden answer tells that answer by being there.

    Rule: docs/language.md, Copies.
    """
    assert place.show_if is not None
    for read in operands(place.show_if.expr):
        if not isinstance(read, Operand):
            continue
        source = expressions.places.by_field[read.repeat, read.key]
        shown_to = sorted(source.hidden - place.hidden)
        if shown_to:
            findings.add(
                "presence-tells",
                f"`{read.key}` is hidden from {shown_to[0]}, but that this stands in their copy tells its answer",
                place.show_if.span,
                help=f"write `hide_from: {shown_to[0]}` here too if that matters",
                severity="warning",
            )


def _outer_parts(place: Position, expr: Expr, findings: Findings) -> None:
    """The exact JSON Schema of an item's condition needs 3^k cases for its k outer parts.

    Rule: docs/language.md, Conditions of items in a schema.
    """
    if place.repeat is None:
        return
    outer = {read for read in operands(expr) if isinstance(read, Operand) and read.repeat is None}
    if len(outer) > MOST_OUTER_PARTS:
        findings.add(
            "too-many-outer-parts",
            f"This condition of an item reads {len(outer)} answers from outside; at most {MOST_OUTER_PARTS} can be",
            expr.span,
            help="give part of it a field of its own before the repeat, or split the question",
        )
