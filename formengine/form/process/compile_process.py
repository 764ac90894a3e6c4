"""A process compiled: each stage is a form of one page by the same engine, each move knows when it is open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from formengine.form.compiler import check_form
from formengine.form.plan import Condition, Form
from formengine.form.process.check_parts import check_parts, mailbox_for
from formengine.form.process.check_ways import check_ways
from formengine.form.process.prove_moves import prove_moves
from formengine.form.process.working_time import add_time
from formengine.form.state import State
from formengine.language import model
from formengine.language.diagnostics import Findings
from formengine.language.process_model import CaseLetter, Mailbox, Move, ProcessDefinition, Stage
from formengine.language.words import Wording

# The id of the one page on which staff answer a stage.
STAGE_PAGE = "stage"


@dataclass(frozen=True, slots=True)
class ProcessMove:
    """A move. when: None for one that is always open."""

    spec: Move
    when: Condition | None

    @property
    def id(self) -> str:
        """The move's id, unique in its stage."""
        return self.spec.id

    def is_open(self, state: State) -> bool:
        """Whether it can be chosen after these answers; an unknown condition is none that holds."""
        run = state.run()
        return self.when is None or self.when.test(run.values, None, run.today) is True


@dataclass(frozen=True, slots=True)
class ProcessStage:
    """A stage. form: what staff are asked, on its page `STAGE_PAGE`."""

    spec: Stage
    form: Form
    moves: tuple[ProcessMove, ...]

    @property
    def id(self) -> str:
        """The stage's id."""
        return self.spec.id

    @property
    def role(self) -> str:
        """The id of the role whose work it is."""
        return self.spec.by.text if self.spec.by is not None else ""

    def move(self, move_id: str) -> ProcessMove | None:
        """The move with this id, or None."""
        return next((move for move in self.moves if move.id == move_id), None)


@dataclass(frozen=True)
class Process:
    """A process, compiled once and shared by threads. stages: by id, in order."""

    definition: ProcessDefinition
    stages: Mapping[str, ProcessStage] = field(repr=False)

    @property
    def id(self) -> str:
        """The id of the form that it belongs to."""
        return self.definition.id

    @property
    def digest(self) -> str:
        """The identity of the process: the SHA-256 of its file with all it includes, in hexadecimal."""
        return self.definition.digest

    @property
    def first(self) -> ProcessStage:
        """The stage in which a case begins."""
        starts_at = self.definition.starts_at
        return self.stages[starts_at.text if starts_at is not None else ""]

    def mailbox(self, route: str, *, urgent: bool) -> Mailbox:
        """Who is told of a submission with this answer to the form's `route_by`, "" for none.

        For an answer that nobody takes, as of a form that was begun with an earlier definition, the first mailbox that
        takes others of its urgency: somebody is always told.
        """
        urgency = "urgent" if urgent else "standard"
        found = mailbox_for(self.definition, route, urgency)
        return found or next(each for each in self.definition.mailboxes if each.takes in {"", urgency})

    @property
    def alarm_mailboxes(self) -> tuple[Mailbox, ...]:
        """Who is told that a delivery failed."""
        return tuple(each for each in self.definition.mailboxes if each.takes == "alarms")

    def due_at(self, stage: ProcessStage, since: datetime, *, urgent: bool) -> datetime:
        """Until when the stage is to be left that began at `since`, in the zone of whoever works."""
        spec = stage.spec
        limit = spec.urgent_deadline if urgent and spec.urgent_deadline is not None else spec.deadline
        return add_time(since, limit, self.definition.hours) if limit is not None else since

    def letter(self, move: ProcessMove) -> CaseLetter | None:
        """The letter that goes out with a move: its own, or that of the outcome."""
        named = move.spec.letter
        if named is None and move.spec.ends is not None:
            named = self.definition.outcomes[move.spec.ends.text].letter
        return self.definition.letters[named.text] if named is not None else None


def check_process(
    definition: ProcessDefinition | None,
    form: Form | None,
    findings: Findings,
    words: Wording | None = None,
) -> Process | None:
    """The process of `definition`, or None when there are errors; warnings and errors alike are added to `findings`.

    form: the form that it belongs to; None where there is none that can be used.
    """
    if definition is None:
        return None
    if form is None or form.id != definition.id:
        findings.add(
            "process-without-form",
            f"There is no form `{definition.id}` beside this process that can be used",
            definition.span,
            help="write the id of the form in the same folder, and see that `formengine check` finds no error in it",
        )
        return None
    made = compile_process(definition, findings, words)
    check_parts(definition, form, findings)
    check_ways(definition, findings)
    if made is None or findings.has_errors:
        return None
    proved = [
        prove_moves(stage.spec, stage.form, [(move.spec, move.when) for move in stage.moves], findings)
        for stage in made.stages.values()
    ]
    return made if all(proved) else None


def compile_process(
    definition: ProcessDefinition, findings: Findings, words: Wording | None = None
) -> Process | None:
    """The process of `definition` without the proofs; None, with findings, where a stage cannot be compiled."""
    stages = {stage.id: _stage(definition, stage, findings, words) for stage in definition.stages}
    made = {name: stage for name, stage in stages.items() if stage is not None}
    return Process(definition, MappingProxyType(made)) if len(made) == len(stages) else None


def _stage(
    definition: ProcessDefinition, stage: Stage, findings: Findings, words: Wording | None
) -> ProcessStage | None:
    """The stage with its questions compiled; None with findings."""
    form = check_form(_as_form(definition, stage), findings, words)
    if form is None:
        return None
    moves = (ProcessMove(move, form.conditions.get(_condition_name(move))) for move in stage.moves)
    return ProcessStage(stage, form, tuple(moves))


def _as_form(definition: ProcessDefinition, stage: Stage) -> model.Definition:
    """The definition of a form of one page, with the moves' conditions under names that no author can write."""
    page = model.Page(
        id=STAGE_PAGE,
        title=stage.title,
        nodes=stage.nodes,
        basis=stage.basis,
        id_span=stage.span,
        span=stage.span,
    )
    return model.Definition(
        id=definition.id,
        title=stage.title,
        version=definition.version,
        language="en",
        sources=definition.sources,
        digest=definition.digest,
        basis=stage.basis,
        pages=(page,),
        conditions=tuple(_conditions(stage.moves)),
        span=stage.span,
    )


def _conditions(moves: Iterable[Move]) -> Iterable[model.NamedCondition]:
    for move in moves:
        if move.when is not None:
            yield model.NamedCondition(name=_condition_name(move), expression=move.when, span=move.span)


def _condition_name(move: Move) -> str:
    return f"move {move.id}"
