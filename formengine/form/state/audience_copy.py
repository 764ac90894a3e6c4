"""The copy of a state for one audience: what of it they may see, and nothing from which the rest could be read.

A copy is a `State`, so whatever prints a state prints it: pages, text, PDF, data. Conditions are those of the whole
state; what is hidden (`formengine.form.plan.audience`) is neither in its form, nor its answers, nor behind any of
its texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from formengine.form.plan import Field, Form, Group, Node, Page, Repeat, Run, Section
from formengine.form.plan.audience import form_for, hidden_codes
from formengine.form.plan.forward_pass import reach
from formengine.form.state.build_views import ViewBuilder
from formengine.form.state.field_errors import Problems
from formengine.form.state.state import State
from formengine.language.json_types import Json


def copy_for(state: State, audience: str) -> State:
    """What of `state` is for `audience`, one of the form's `audiences`; the state itself for "", which is everybody.

    Its `draft` holds the answers that count and may be seen, no others. A question whose answer is an option hidden
    from the audience is left out altogether: that it was not answered would be untrue. `complete` and `stopped_at` are
    those of the whole. Raises `formengine.form.plan.audience.UnknownAudienceError`.
    """
    if not audience or state.audience == audience:
        return state
    if state.audience:
        raise ValueError(f"a copy for {state.audience!r} cannot become one for {audience!r}")
    return _AudienceCopy(state, audience)


class _AudienceCopy(State):
    """The state of the rest of a form, over the rest of its answers; the pass over the whole decides."""

    def __init__(self, whole: State, audience: str) -> None:
        form = form_for(whole.form, audience)
        cut = _Cut(whole.form, form, audience)
        super().__init__(form, {}, whole.on, cut.run_left(whole.run()))
        self.draft = self.answers
        self.audience = audience
        self._whole = whole
        self.withheld = frozenset(cut.withheld)

    @property
    def complete(self) -> bool:
        return self._whole.complete

    @property
    def stopped_at(self) -> Page | None:
        return self._whole.stopped_at

    def _find_problems(self, only: Page | None = None) -> Problems:
        problems = super()._find_problems(only)
        for found in (problems.errors, problems.warnings):
            for path in self.withheld & found.keys():
                del found[path]
        return problems

    def _make_drawing(self, problems: Problems | None = None) -> ViewBuilder:
        return replace(super()._make_drawing(problems), withheld=self.withheld)


@dataclass(slots=True)
class _Cut:
    """Takes the answers that are left; `withheld` are the paths of questions left out for the option chosen."""

    whole: Form
    form: Form
    audience: str
    withheld: list[str] = field(default_factory=list)

    def run_left(self, run: Run) -> Run:
        """The pass over the form's own answers, the answers hidden, unknown or not relevant gone from it."""
        items = {
            key: [self._item(repeat, item_run) for item_run in run.items[key]]
            for key, repeat in self.form.repeats.items()
            if key in run.items
        }
        own: dict[str, Json] = {}
        for page in self.form.every_page:
            self._gather(page.nodes, run, run.answers, "", own)
        left = replace(run, answers=own, items=items)
        for key, runs in items.items():
            *groups, last = key.split(".")
            holder = own
            for group in groups:
                inner = holder.setdefault(group, {})
                assert isinstance(inner, dict)
                holder = inner
            holder[last] = [item.answers for item in runs]
        return left

    def _item(self, repeat: Repeat, run: Run) -> Run:
        answers: dict[str, Json] = {"id": run.answers["id"]}
        self._gather(repeat.nodes, run, run.answers, f"{repeat.key}.{answers['id']}.", answers)
        return replace(run, answers=answers)

    def _gather(
        self,
        nodes: tuple[Node, ...],
        run: Run,
        stored: Mapping[str, Json],
        prefix: str,
        into: dict[str, Json],
    ) -> None:
        for node in nodes:
            if not run.relevance[node.gate] or node.spec.paper_only:
                continue
            if isinstance(node, Section):
                self._gather(node.nodes, run, stored, prefix, into)
            elif isinstance(node, Group):
                value = reach(stored, (node.spec.id,))
                inner: dict[str, Json] = {}
                if isinstance(value, Mapping):
                    self._gather(node.nodes, run, value, prefix, inner)
                if inner:
                    into[node.spec.id] = inner
            elif isinstance(node, Field) and node.is_asked:
                value = self._value(node, stored.get(node.id), prefix)
                if value is not None:
                    into[node.id] = value

    def _value(self, node: Field, value: Json, prefix: str) -> Json:
        """The stored value without hidden options and people; None where nothing of it is left."""
        repeat = node.repeat
        whole = self.whole.fields[node.key] if repeat is None else self.whole.item_fields[repeat][node.key]
        codes = hidden_codes(whole, self.audience)
        people = {source.key for source in whole.sources} - {source.key for source in node.sources}
        if value is None or not (codes or people):
            return value

        def is_shown(code: Json) -> bool:
            return isinstance(code, str) and code not in codes and code.partition("/")[0] not in people

        if isinstance(value, list):
            left = [code for code in value if is_shown(code)]
            if left or not value:
                return left
        elif is_shown(value):
            return value
        self.withheld.append(f"{prefix}{node.key}")
        return None
