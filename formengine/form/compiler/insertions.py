"""Answers inserted in texts: what each ``((name))`` stands for, and whether it may stand there.

Rule: docs/language.md, Inserted answers.
"""

from __future__ import annotations

from formengine.form import plan
from formengine.form.compiler.conditions import Expressions
from formengine.form.compiler.positions import NameLevel, Position
from formengine.language import model
from formengine.language.content import Block, insertions
from formengine.language.diagnostics import Findings, near
from formengine.language.expressions import Insert, Template
from formengine.language.expressions.ast import Operand
from formengine.language.expressions.scope import NotReadable


class Insertions:
    """Resolves the insertions of one definition.

    `inserts` and `templates` become those of `plan.Form`.
    """

    def __init__(self, expressions: Expressions, findings: Findings) -> None:
        self.expressions = expressions
        self.findings = findings
        self.inserts: dict[tuple[str, str], plan.Target] = {}
        self.templates: dict[str, Template] = {}

    def resolve(
        self,
        template: Template,
        level: NameLevel,
        *,
        before: int,
        free: bool = False,
        place: Position | None = None,
    ) -> plan.Text:
        """The text with the field each insertion stands for.

        free: no fallback is required, as in an item's title. place: the position where the text is shown, which decides
        what it may show.
        """
        reads: dict[str, plan.Target] = {}
        for part in template.parts:
            if isinstance(part, Insert):
                target = self._target(part, level, before, free, place)
                if target is not None:
                    reads[".".join(part.names)] = target
        return plan.Text(template, reads)

    def collect_place(self, place: Position) -> None:
        """Resolve and record the insertions in the texts of `place`."""
        level = (
            place.inner if isinstance(place.node, model.Group) and place.inner is not None else place.level
        )
        # Outside an item only earlier pages may be repeated; in an item its own earlier answers too.
        for key, template in place.node.templates.items():
            self.templates[_written(place.node, key)] = template
            self._keep(self.resolve(template, level, before=place.start, place=place), level)
        for insert in insertions(_blocks(place.node)):
            self._keep(self.resolve(Template((insert,)), level, before=place.start, place=place), level)

    def collect_confirmation(self, confirmation: model.Confirmation, root: NameLevel, end: int) -> None:
        """Resolve and record the insertions of the receipt, which may repeat every answer."""
        for insert in insertions(confirmation.text):
            self._keep(self.resolve(Template((insert,)), root, before=end), root)

    def _keep(self, text: plan.Text, level: NameLevel) -> None:
        for name, target in text.reads.items():
            self.inserts[plan.scope_name(level.repeat, level.key), name] = target

    def _target(
        self, insert: Insert, level: NameLevel, before: int, free: bool, place: Position | None
    ) -> plan.Target | None:
        name = ".".join(insert.names)
        found = self.expressions.scope(level, before).find(insert.names)
        if not isinstance(found, Operand):
            self._unknown(name, found, insert, level, before)
            return None
        target = self.expressions.places.by_field[found.repeat, found.key]
        if place is not None:
            if found.repeat is None and target.page_start == place.page_start:
                self.findings.add(
                    "insert-same-page",
                    f"`(({name}))` is asked on the same page, so its answer is not known when the page is shown",
                    insert.span,
                    help="use an answer from an earlier page, or move the question to one",
                )
            self._hidden(name, insert, target, place)
        if not free and not insert.fallback and may_be_missing(target):
            self.findings.add(
                "insert-needs-fallback",
                f"`{name}` may be left unanswered, and the text says nothing for that case",
                insert.span,
                help=f"say what stands there instead: `(({name} or the child))`",
            )
        return plan.Target(found.repeat, found.key)

    def _hidden(self, name: str, insert: Insert, target: Position, place: Position) -> None:
        shown_to = sorted(target.hidden - place.hidden)
        if shown_to:
            self.findings.add(
                "insert-hidden",
                f"`{name}` is hidden from {shown_to[0]}, but this text shows it to them",
                insert.span,
                help=f"write `hide_from: {shown_to[0]}` here too, or leave the answer out of the text",
            )

    def _unknown(self, name: str, found: object, insert: Insert, level: NameLevel, before: int) -> None:
        if isinstance(found, NotReadable) and found.reason == "ambiguous_in_group":
            self.findings.add(
                "name-ambiguous",
                f"`{name}` is a question of the group and of the form around it",
                insert.span,
                label="which one?",
                help="write the group's id in front, or give one of the two another id",
            )
            return
        if isinstance(found, NotReadable) and found.reason == "ambiguous":
            self.findings.add(
                "name-ambiguous",
                f"`{name}` is a question of the item and of the form around it",
                insert.span,
                label="which one?",
                help=f"write `((item.{name}))` or `((form.{name}))`",
            )
            return
        later = isinstance(found, NotReadable) and found.reason == "later"
        close = near(name, self.expressions.scope(level, before).names())
        self.findings.add(
            "insert-later" if later else "insert-unknown",
            f"`{name}` is asked later, so its answer is not known here"
            if later
            else f"No answer is called `{name}` here",
            insert.span,
            help="use an answer from an earlier page, or move the question forward"
            if later
            else f"there is a field with a similar name: `{close}`"
            if close
            else "name a field of an earlier page",
        )


def may_be_missing(place: Position) -> bool:
    """Whether a valid submission can lack this answer: not required, or asked only on a condition."""
    node = place.node
    if not isinstance(node, model.Field):
        return True
    given = node.required or node.calculation is not None
    return not given or any(
        getattr(around.node, "show_if", None) is not None for around in (place, *place.ancestors())
    )


def _written(node: model.Page | model.Node, key: str) -> str:
    """The label, short label or title of `node`, as the author wrote it."""
    holder = node.settings if isinstance(node, model.Field) else node
    text: str = getattr(holder, key)
    return text


def _blocks(node: model.Page | model.Node) -> tuple[Block, ...]:
    if isinstance(node, model.Note):
        return node.text
    if isinstance(node, model.Field):
        return node.hint
    return node.intro
