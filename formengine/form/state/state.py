"""The state of a form: everything computed from form, answers and day, each part when it is first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property

from formengine.form.plan import Form, Node, Page, Run
from formengine.form.plan.forward_pass import run_blank_item
from formengine.form.state.build_views import ViewBuilder
from formengine.form.state.counted import counted_answers
from formengine.form.state.field_errors import FieldError, Problems, find_problems
from formengine.form.state.piping import FilledTexts
from formengine.form.state.submission import (
    AudienceCopyError,
    NotCompleteError,
    Submission,
    make_submission,
)
from formengine.form.state.views import ItemState, PageName, PageState
from formengine.language.json_types import Json


class State:
    """What is true of `form` for the draft `draft` on the day `on`. Made by `evaluate`; never stored, never changed.

    Its parts are worked out when first read, so that asking what counts costs no validation.

    audience: whose copy it is (`formengine.form.state.copy_for`), "" for the whole. withheld: the paths of
    questions that a copy leaves out for what was answered.
    """

    audience = ""
    withheld: frozenset[str] = frozenset()

    def __init__(self, form: Form, draft: Json, on: date, run: Run) -> None:
        self.form = form
        self.draft = draft
        self.on = on
        self._run = run
        self._drawn: dict[
            tuple[str, bool], PageState
        ] = {}  # by page id and whether judged, as far as asked for
        self._drawings: dict[tuple[str, bool], ViewBuilder] = {}

    def __repr__(self) -> str:
        # Without an answer: a representation ends in logs and in tracebacks.
        copy = f", the copy for {self.audience!r}" if self.audience else ""
        return f"<State of {self.form!r} on {self.on}{copy}>"

    @cached_property
    def answers(self) -> Mapping[str, Json]:
        """The answers that count, nested as stored: relevant, readable and offered. The JSON Schema judges these."""
        return counted_answers(self.form, self._run)

    @cached_property
    def errors(self) -> Mapping[str, FieldError]:
        """What must be put right before sending, by answer path (``household.h2.agrees``), in reading order."""
        if isinstance(self.draft, Mapping) and all(check(self._run) for check in self.form.plan.quick_checks):
            return {}
        return self._problems.in_reading_order(self._problems.errors)

    @cached_property
    def warnings(self) -> Mapping[str, FieldError]:
        """What the author advises to look at again, by answer path, in reading order; it blocks nothing."""
        if all(check(self._run) for check in self.form.plan.quiet):
            return {}
        return self._problems.in_reading_order(self._problems.warnings)

    @property
    def complete(self) -> bool:
        """Whether the form can be sent as it is."""
        return not self.errors

    @property
    def stopped_at(self) -> Page | None:
        """The stop page that ends the journey, or None."""
        return next((page for page in self.form.pages if page.spec.stop and self.is_relevant(page)), None)

    @property
    def urgent(self) -> bool:
        """Whether the request is to be treated as urgent; unknown counts as urgent (docs/language.md, Urgency)."""
        condition = self.form.urgent_if
        if condition is None:
            return False
        return condition.test(self._run.values, None, self._run.today) is not False

    @property
    def route(self) -> str | None:
        """The answer that decides where the submission goes, or None."""
        field = self.form.route_by
        value = self._run.values.get(field.key) if field is not None else None
        return value if isinstance(value, str) else None

    def is_relevant(self, node: Page | Node) -> bool:
        """Whether a page or a node at the form's own level counts."""
        return self._run.relevance[node.gate] is True

    @cached_property
    def pages(self) -> tuple[PageState, ...]:
        """The pages that count and have something to show, in order, the start and submit page among them.

        A page whose questions all do not count is passed over (docs/language.md, Pages passed over).
        """
        return tuple(self._drawing.page(name.page, self._run) for name in self.page_names)

    @cached_property
    def page_names(self) -> tuple[PageName, ...]:
        """The pages of `pages` by their titles alone: nothing on them is looked at."""
        relevance, texts = self._run.relevance, self.texts
        return tuple(
            PageName(page, texts.label(page.title, "", self._run))
            for page, gates in self.form.gates_asked
            if relevance[page.gate] and (not gates or any(relevance[gate] for gate in gates))
        )

    def page(self, page_id: str, *, judged: bool = True) -> PageState | None:
        """The page with this id as it stands, or None when it has none or does not count.

        Only what this page asks is judged, unless the whole form has been; with judged=False nothing is, and its
        views have no errors.
        """
        page = self.form.page(page_id)
        if page is None or not self.is_relevant(page):
            return None
        found = self._drawn.get((page_id, judged))
        if found is None:
            found = self._drawn[page_id, judged] = self._drawing_of(page, judged=judged).page(page, self._run)
        return found

    def item(self, repeat: str, item_id: str, *, judged: bool = True) -> ItemState | None:
        """One item of the repeat with this key as it stands, or None when it is not there or does not count.

        judged: as for `page`.
        """
        node = self.form.repeats[repeat]
        for number, run in enumerate(self._run.items.get(repeat, ()), 1):
            if run.answers["id"] == item_id:
                page = self.form.page(node.page)
                assert page is not None
                return self._drawing_of(page, judged=judged).item(node, run, number)
        return None

    def _drawing_of(self, page: Page, *, judged: bool) -> ViewBuilder:
        """The builder of views of one page, for which no other page is judged."""
        if judged and "_drawing" in self.__dict__:
            return self._drawing
        found = self._drawings.get((page.id, judged))
        if found is None:
            problems = self._find_problems(page) if judged else Problems(self.form, self.texts.label)
            found = self._drawings[page.id, judged] = self._make_drawing(problems)
        return found

    def run(self, repeat: str | None = None, item_id: str = "") -> Run:
        """The pass over the form's own answers, or over one item's; an unknown item is one without answers."""
        if repeat is None:
            return self._run
        runs = self._run.items.get(repeat, [])
        found = next((run for run in runs if run.answers["id"] == item_id), None)
        return (
            found if found is not None else run_blank_item(self.form.repeats[repeat].plan, self._run, item_id)
        )

    @cached_property
    def texts(self) -> FilledTexts:
        """The texts of this state, with answers filled in."""
        return FilledTexts(self.form, self._run)

    def submission(self, *, at: str, reference: str = "") -> Submission:
        """The envelope ``submission/1`` of a complete state; raises `NotCompleteError` on any other.

        at: the moment of sending as RFC 3339 text with its offset. reference: as read aloud, "" when not yet given.
        Raises `AudienceCopyError` on a copy for one audience.
        """
        if self.audience:
            raise AudienceCopyError(self.audience)
        if not self.complete:
            raise NotCompleteError(self.errors)
        return make_submission(
            self.form, self.answers, on=self.on, urgent=self.urgent, at=at, reference=reference
        )

    @cached_property
    def _problems(self) -> Problems:
        return self._find_problems()

    def _find_problems(self, only: Page | None = None) -> Problems:
        """What is wrong on one page, or in the whole form."""
        return find_problems(self.form, self.draft, self._run, self.texts.label, only=only)

    @cached_property
    def _drawing(self) -> ViewBuilder:
        return self._make_drawing()

    def _make_drawing(self, problems: Problems | None = None) -> ViewBuilder:
        """The builder of views with these problems, or with all there are."""
        if problems is None:
            return ViewBuilder(self.form, self.texts, self.errors, self.warnings)
        errors, warnings = (problems.in_reading_order(kind) for kind in (problems.errors, problems.warnings))
        return ViewBuilder(self.form, self.texts, errors, warnings)
