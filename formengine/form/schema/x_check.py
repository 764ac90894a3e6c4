"""``x-check``: what the engine checks and a schema cannot express."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from formengine.form.plan import Calculation, Check, Condition, Field, Form, Group, Page, Repeat, Section
from formengine.form.plan.check_places import check_places
from formengine.form.schema.calculated import is_exact
from formengine.form.schema.relevance import repeat_relevance
from formengine.form.schema.rules import SchemaNode, blocking_checks, children, item_pieces
from formengine.form.schema.shapes import settings_on
from formengine.language.expressions.ast import Expr
from formengine.language.expressions.json_schema import Schemas


def x_checks(form: Form, on: date | None = None) -> list[dict[str, Any]]:
    """The rules that the schema of `form` as of `on` leaves to the engine, in the form's order.

    Each has the `path` of the answer (``children[].upn``; a page's id for what hangs on a page), the `rule`,
    and where it comes from an expression, its text. A check stands at each path where its error may appear, as
    `State.errors` has it (``page:`` and an id for a page).
    """
    return list(_Unchecked(form, on).all())


class _Unchecked:
    """Walks one form once."""

    def __init__(self, form: Form, on: date | None) -> None:
        self.form = form
        self.on = on
        self.schemas = Schemas(on, repeat_relevance(form))

    def all(self) -> Iterator[dict[str, Any]]:
        for page in self.form.every_page:
            if not page.spec.paper_only:
                yield from self._piece(page, "")

    def _piece(self, piece: SchemaNode, prefix: str) -> Iterator[dict[str, Any]]:
        path = _path(piece, prefix)
        yield from self._condition(piece, path)
        if isinstance(piece, Field):
            yield from self._field(piece, path)
        if isinstance(piece, Repeat):
            yield {"path": path, "rule": "unique_ids"}
            for part in item_pieces(piece):
                yield from self._piece(part, f"{path}[].")
        for child in children(piece):
            yield from self._piece(child, prefix)
        for check in blocking_checks(piece):
            if self._is_inexact(check.condition.expr):
                for at in self._places(check, piece, prefix):
                    yield {"path": at, "rule": "check", "that": check.spec.that.text}

    def _places(self, check: Check, piece: SchemaNode, prefix: str) -> Iterator[str]:
        """The paths where the error of `check` may appear: up to the first that is asked whenever `piece` is."""
        for place in check_places(check, self.form, prefix.removesuffix("[].") or None):
            yield f"{prefix}{place.key}"
            if place.gate == piece.gate:
                return
        if not isinstance(piece, Page):
            yield _path(piece, prefix)
        else:
            yield prefix.removesuffix(".") or f"page:{piece.id}"

    def _condition(self, piece: SchemaNode, path: str) -> Iterator[dict[str, Any]]:
        conditions: list[tuple[str, Condition | None]] = [("show_if", piece.show_if)]
        if isinstance(piece, Field):
            conditions.append(("required_if", piece.required_if))
            conditions += [("offered_if", offer) for offer in piece.offers.values()]
        for rule, condition in conditions:
            if condition is not None and self._is_inexact(condition.expr):
                yield {"path": path, "rule": rule, "that": condition.text}

    def _field(self, field: Field, path: str) -> Iterator[dict[str, Any]]:
        if not field.holds_answer:
            return
        settings = settings_on(field, self.on)
        for key in ("minimum", "maximum"):
            if settings.limit(key) == "today":
                yield {"path": path, "rule": f"{key}_today"}
        if field.sources:
            yield {"path": path, "rule": "not_offered"}
        for rule in field.spec.type.checks(settings):
            yield {"path": path, "rule": rule}
        if field.calculation is not None and not self._says_value(field.calculation):
            yield {"path": path, "rule": "calculated"}

    def _says_value(self, calculation: Calculation) -> bool:
        read = [calculation.count, *(condition for condition, _ in calculation.cases)]
        inexact = any(condition is not None and self._is_inexact(condition.expr) for condition in read)
        return is_exact(calculation, self.form) and not inexact

    def _is_inexact(self, expr: Expr) -> bool:
        return bool(self.schemas.inexact(expr))


def _path(piece: SchemaNode, prefix: str) -> str:
    match piece:
        case Page():
            return f"{prefix}{piece.id}"
        case Field() | Group() | Repeat():
            return f"{prefix}{piece.key}"
        case Section():
            return f"{prefix}{piece.spec.label}"
    return prefix.removesuffix(".")
