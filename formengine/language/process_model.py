"""A process as its author wrote it: what becomes of a form after it was sent, stage by stage, each piece with its span.

It stands in a file of its own beside the form, so that a change for staff leaves the form's digest alone. Conditions
are text; `formengine.form.process` compiles them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from formengine.language.fields.base import NOTHING
from formengine.language.model import Basis, Node
from formengine.language.source import NOWHERE, Located, Source, Span

TimeUnit = Literal["minutes", "hours", "days", "weeks", "working_hours", "working_days"]
# Which deliveries a mailbox takes; "" for urgent and standard ones.
Takes = Literal["", "urgent", "standard", "alarms"]


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """How long something may take: ``4 working days``."""

    amount: int
    unit: TimeUnit
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The hours of a working day, in minutes from midnight; the end is at most 1440."""

    begins_min: int
    ends_min: int

    @property
    def length_min(self) -> int:
        """How long a working day is."""
        return self.ends_min - self.begins_min


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Who is told of a submission; the address is configuration, under the mailbox's id.

    routes: the answers to the form's `route_by` that it takes, () for all. takes: which urgency, or alarms.
    """

    id: str
    title: str
    routes: tuple[Located, ...] = ()
    takes: Takes = ""
    basis: Basis = "confirmed"
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A way out of a stage: to another stage, or to an outcome that ends the case.

    when: the condition over the stage's answers, None for always. reason: whether the reason must be typed.
    """

    id: str
    label: str
    when: Located | None = None
    to: Located | None = None
    ends: Located | None = None
    reason: bool = False
    letter: Located | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


# The moves of a stage that waits: the notifier has answered, or has not in time.
ANSWERED = "answered"
LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where a case stands: who works on it, until when, what they are asked, and how it goes on.

    notifier_sees: the words on the notifier's timeline. by: the role whose work it is, None where it waits for the
    notifier. urgent_deadline: None for the usual one. asks: the field of the stage before that holds the question to
    the notifier; a stage that asks has two moves, `ANSWERED` and `LATE`, which nobody presses.
    """

    id: str
    title: str
    notifier_sees: str
    by: Located | None
    deadline: TimeLimit | None
    urgent_deadline: TimeLimit | None = None
    nodes: tuple[Node, ...] = ()
    moves: tuple[Move, ...] = ()
    asks: Located | None = None
    basis: Basis = "confirmed"
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOutcome:
    """How a case can end: what people read, and the letter that the notifier gets."""

    id: str
    label: str
    letter: Located | None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLetter:
    """An e-mail to the notifier. paragraphs: its text, with ``((reference))`` and the like not yet filled in."""

    id: str
    subject: str
    paragraphs: tuple[str, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessDefinition:
    """One process: `id` is that of the form it belongs to, `digest` the SHA-256 over `sources`, as a form's.

    roles: the names of the roles by id. starts_at: the first stage's id. contact: whom to talk to in disagreement.
    """

    id: str
    title: str
    version: str
    sources: tuple[Source, ...] = field(repr=False)
    digest: str
    hours: WorkingHours
    contact: str
    starts_at: Located | None
    basis: Basis = "confirmed"
    roles: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    role_spans: Mapping[str, Span] = field(default_factory=lambda: NOTHING, compare=False, repr=False)
    mailboxes: tuple[Mailbox, ...] = ()
    stages: tuple[Stage, ...] = ()
    outcomes: Mapping[str, CaseOutcome] = field(default_factory=lambda: NOTHING)
    letters: Mapping[str, CaseLetter] = field(default_factory=lambda: NOTHING)
    span: Span = field(default=NOWHERE, compare=False, repr=False)

    def __repr__(self) -> str:
        return f"<ProcessDefinition {self.id!r} {self.version}, digest {self.digest[:12]}>"
