"""Whether what a process names is there and used: roles, outcomes, letters, mailboxes, and times that fit together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Final

from formengine.form.plan import Form
from formengine.form.process.working_time import add_time
from formengine.language.diagnostics import Findings, near
from formengine.language.process_model import Mailbox, ProcessDefinition, Stage
from formengine.language.source import Located, Span

# Two weeks, hour by hour, with the holidays of Easter in them: no deadline turns on more.
_SINCE: Final = datetime(2026, 3, 30, tzinfo=UTC)
_HOURS_TRIED: Final = 14 * 24


def check_parts(definition: ProcessDefinition, form: Form, findings: Findings) -> None:
    """Report what is named and not there, what is there and not named, and forms that nobody would be told of."""
    used = _Used(definition, findings)
    for stage in definition.stages:
        used.name("role", stage.by, definition.roles)
        for move in stage.moves:
            used.name("outcome", move.ends, definition.outcomes)
            used.name("letter", move.letter, definition.letters)
        _times(definition, stage, findings)
    for outcome in definition.outcomes.values():
        used.name("letter", outcome.letter, definition.letters)
        _contact(definition, outcome.letter, findings)
    if not findings.has_errors:
        # A slip elsewhere often is why a part seems to be unused: the slip is reported, and no more.
        used.report_unused()
    _mailboxes(definition, form, findings)


class _Used:
    """What has been named so far, by kind."""

    def __init__(self, definition: ProcessDefinition, findings: Findings) -> None:
        self._definition = definition
        self._findings = findings
        self._named: dict[str, set[str]] = {"role": set(), "outcome": set(), "letter": set()}

    def name(self, kind: str, written: Located | None, known: Collection[str]) -> None:
        """Record that something is named; a finding where it is not known."""
        if written is None:
            return
        name = written.text.strip()
        self._named[kind].add(name)
        if name in known:
            return
        close = near(name, known)
        self._findings.add(
            "unknown-role"
            if kind == "role"
            else "unknown-outcome"
            if kind == "outcome"
            else "unknown-letter",
            f"There is no {kind} `{name}`",
            written.span,
            help=f"there is a similar one: `{close}`" if close else f"add it below `{kind}s:`",
        )

    def report_unused(self) -> None:
        """Report what is declared and never named."""
        spans: Mapping[str, Mapping[str, Span]] = {
            "role": self._definition.role_spans,
            "outcome": {name: each.span for name, each in self._definition.outcomes.items()},
            "letter": {name: each.span for name, each in self._definition.letters.items()},
        }
        for kind, declared in spans.items():
            for name, span in declared.items():
                if name not in self._named[kind]:
                    self._findings.add(
                        "unused-part",
                        f"Nothing uses the {kind} `{name}`",
                        span,
                        help="delete it, or use it where it was forgotten",
                        severity="warning",
                    )


def _contact(definition: ProcessDefinition, named: Located | None, findings: Findings) -> None:
    letter = definition.letters.get(named.text.strip()) if named is not None else None
    if letter is not None and not any("((contact))" in each for each in letter.paragraphs):
        findings.add(
            "letter-without-contact",
            f"The letter `{letter.id}` tells an outcome and not whom to talk to in disagreement",
            letter.span,
            help="add a sentence such as “If you disagree, talk to ((contact)).”",
        )


def _times(definition: ProcessDefinition, stage: Stage, findings: Findings) -> None:
    usual, urgent = stage.deadline, stage.urgent_deadline
    if usual is None or urgent is None:
        return
    starts = (_SINCE + timedelta(hours=hour) for hour in range(_HOURS_TRIED))
    later = next(
        (
            since
            for since in starts
            if add_time(since, urgent, definition.hours) > add_time(since, usual, definition.hours)
        ),
        None,
    )
    if later is not None:
        findings.add(
            "urgent-is-later",
            f"What comes on a {later:%A} at {later:%H:%M} would be due later when it is urgent",
            urgent.span,
            help="make `urgent_deadline` shorter than `deadline`, or leave it out",
        )


# --- mailboxes -------------------------------------------------------------------------------------------------------


def _mailboxes(definition: ProcessDefinition, form: Form, findings: Findings) -> None:
    codes = _route_codes(form)
    for mailbox in definition.mailboxes:
        for route in mailbox.routes:
            if route.text not in codes:
                close = near(route.text, codes)
                findings.add(
                    "unknown-route",
                    f"`{route.text}` is no answer to the form's `route_by`",
                    route.span,
                    help=f"there is a similar answer: `{close}`"
                    if close
                    else "write a code of the question that `route_by` of the form names",
                )
    missing = next(_without_mailbox(definition, form, codes), "")
    if not missing and not any(each.takes == "alarms" for each in definition.mailboxes):
        missing = "alarms"
    if missing:
        span = definition.mailboxes[-1].span if definition.mailboxes else definition.span
        findings.add(
            "mailbox-missing",
            f"No mailbox takes {missing}",
            span,
            help="add a mailbox with `takes: alarms`"
            if missing == "alarms"
            else "add a mailbox that takes them",
        )


def _route_codes(form: Form) -> tuple[str, ...]:
    field = form.route_by
    return tuple(option.code for option in field.spec.settings.options) if field is not None else ()


def _without_mailbox(definition: ProcessDefinition, form: Form, codes: tuple[str, ...]) -> Iterator[str]:
    """Kinds of forms that no mailbox takes, in words."""
    field = form.route_by
    always = field is not None and field.spec.required and field.gate == 0
    urgencies = ("urgent", "standard") if form.urgent_if is not None else ("standard",)
    for route, urgency in product((*codes, *(() if always else ("",))), urgencies):
        if mailbox_for(definition, route, urgency) is None:
            answer = f"`{route}`" if route else "no answer"
            yield f"{urgency} forms" + (f" with {answer} to `{field.key}`" if field is not None else "")


def mailbox_for(definition: ProcessDefinition, route: str, urgency: str) -> Mailbox | None:
    """The first mailbox that takes this answer to `route_by` and this urgency; None where none does."""
    for each in definition.mailboxes:
        if each.takes in {"", urgency} and (not each.routes or route in {code.text for code in each.routes}):
            return each
    return None
