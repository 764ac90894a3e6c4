"""From a definition to a form: names resolved, conditions compiled, the plan of the one forward pass made."""

from __future__ import annotations

from formengine.form import plan
from formengine.form.compiler.assemble import Assembler, give_gates
from formengine.form.compiler.conditions import Expressions
from formengine.form.compiler.fast_valid import fast_valid_of_form
from formengine.form.compiler.insertions import Insertions
from formengine.form.compiler.lints import check_journey
from formengine.form.compiler.positions import Positions, lay_out
from formengine.form.compiler.sources import compile_sources
from formengine.language import model
from formengine.language.diagnostics import DefinitionError, Diagnostic, Findings, near, stops
from formengine.language.expressions.ast import Operand
from formengine.language.fields.base import FieldType
from formengine.language.fields.type_words import words_of
from formengine.language.loader import with_places
from formengine.language.words import Wording
from formengine.language.words.texts import ENGLISH


def compile_form(definition: model.Definition, words: Wording | None = None) -> plan.Form:
    """The form of `definition`; raises DefinitionError with every finding when it has errors.

    words: what formengine itself says in the form, such as an engine's `words`; without, formengine's own and those of
    the field types that the form uses.
    """
    findings = Findings()
    compiled = check_form(definition, findings, words)
    if compiled is None:
        raise DefinitionError(findings.in_file_order())
    return compiled


def check_form(
    definition: model.Definition, findings: Findings, words: Wording | None = None
) -> plan.Form | None:
    """The form of `definition`, or None when there are errors; warnings and errors alike are added to `findings`."""
    before = len(findings.found)
    compiled = _check(definition, findings, before, words)
    own = [found for found in findings.found[before:] if not _follows(found, definition.unreadable)]
    findings.found[before:] = with_places(own, definition.included)
    return compiled


# The codes of findings about a name that cannot be found. Where a piece could not be read, so that its id is missing,
# the piece itself has been reported already.
_UNKNOWN = frozenset(
    {"unknown-field", "insert-unknown", "options-source-unknown", "prefill-unknown", "check-at-unknown"}
)


def _follows(finding: Diagnostic, unreadable: frozenset[str]) -> bool:
    """Whether a finding only repeats that a piece which could not be read is missing."""
    if finding.code not in _UNKNOWN or not unreadable:
        return False
    return "*" in unreadable or any(f"`{name}" in finding.message for name in unreadable)


def _check(
    definition: model.Definition, findings: Findings, before: int, words: Wording | None
) -> plan.Form | None:
    places = lay_out(definition, findings)
    expressions = Expressions(definition, places, findings)
    texts = Insertions(expressions, findings)
    expressions.compile_places()
    for place in places.walk():
        node = place.node
        if isinstance(node, model.Field):
            compile_sources(place, expressions, texts)
        elif isinstance(node, model.Repeat) and place.inner is not None:
            place.item_title = texts.resolve(node.item_title, place.inner, before=place.end + 1, free=True)
        texts.collect_place(place)
    last = max((page.end for page in places.every_page), default=0)
    texts.collect_confirmation(definition.confirmation, places.root, last + 1)
    urgent_if = (
        expressions.compile(definition.urgent_if, places.root, last + 1) if definition.urgent_if else None
    )
    check_journey(definition, places, expressions, findings)
    route_by = _route_by(definition, expressions, last, findings)
    if any(map(stops, findings.found[before:])):
        return None
    wording = (words or Wording(own=words_of(_types(places)))).in_language(definition.language or ENGLISH)
    return _assemble(
        definition, places, expressions, texts, urgent_if=urgent_if, route_by=route_by, wording=wording
    )


def _types(places: Positions) -> list[FieldType]:
    """The field types that a form uses, each once."""
    fields = (place.node for place in places.walk() if isinstance(place.node, model.Field))
    return list({field.type.name: field.type for field in fields}.values())


def _route_by(
    definition: model.Definition, expressions: Expressions, last: int, findings: Findings
) -> Operand | None:
    """The answer that decides where a submission goes."""
    written = definition.route_by
    if written is None:
        return None
    found = expressions.scope(expressions.places.root, last + 1).find(tuple(written.text.split(".")))
    if isinstance(found, Operand):
        expressions.reads.add((found.repeat, found.key))
        return found
    close = near(written.text, expressions.scope(expressions.places.root, last + 1).names())
    findings.add(
        "route-by-unknown",
        f"`route_by` names `{written.text}`, which is no field of this form",
        written.span,
        help=f"there is a field with a similar name: `{close}`"
        if close
        else "name the field whose answer decides where the form is sent",
    )
    return None


def _assemble(
    definition: model.Definition,
    places: Positions,
    expressions: Expressions,
    texts: Insertions,
    *,
    urgent_if: plan.Condition | None,
    route_by: Operand | None,
    wording: Wording,
) -> plan.Form:
    gates = give_gates(places)
    assembler = Assembler(places, expressions, texts, wording.without_themes())
    steps: list[plan.PlanStep] = []
    start = assembler.page(places.start, 0, steps) if places.start else None
    pages = tuple(assembler.page(page, number, steps) for number, page in enumerate(places.pages, 1))
    submit = assembler.page(places.submit, len(pages) + 1, steps) if places.submit else None
    every_page = [*filter(None, [start]), *pages, *filter(None, [submit])]
    quick_checks = fast_valid_of_form(every_page)
    named = {name: expressions.named_condition(name) for name in expressions.named}
    return plan.Form(
        definition=definition,
        pages=pages,
        start=start,
        submit=submit,
        fields=assembler.fields,
        groups=assembler.groups,
        repeats=assembler.repeats,
        item_fields=assembler.item_fields,
        conditions={name: condition for name, condition in named.items() if condition is not None},
        urgent_if=urgent_if,
        route_by=assembler.fields[route_by.key] if route_by is not None else None,
        plan=plan.Plan(tuple(steps), gates, quick_checks.right, quick_checks.quiet),
        inserts=texts.inserts,
        templates=texts.templates,
        wording=wording,
    )


__all__ = ["check_form", "compile_form"]
