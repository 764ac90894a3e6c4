"""Reading a process: roles, mailboxes, stages, outcomes and letters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from formengine.language.diagnostics import Findings
from formengine.language.fields.base import CompositeType, FieldType
from formengine.language.loader import process_keys as keys
from formengine.language.loader import values
from formengine.language.loader.form import digest_of
from formengine.language.loader.form_nodes import read_nodes
from formengine.language.loader.includes import with_places
from formengine.language.loader.mappings import (
    DefinitionLimits,
    Loading,
    WrittenKeys,
    mapping,
    mappings,
    read_keys,
)
from formengine.language.loader.resolvers import Resolver
from formengine.language.loader.scopes import IdScope, file_id, take, written_id
from formengine.language.model import Field, Group, Node, Repeat, Section
from formengine.language.process_model import (
    ANSWERED,
    LATE,
    CaseLetter,
    CaseOutcome,
    Mailbox,
    Move,
    ProcessDefinition,
    Stage,
    TimeLimit,
    TimeUnit,
    WorkingHours,
)
from formengine.language.reader.nodes import Mapping as MappingNode
from formengine.language.reader.nodes import Scalar, Sequence, YamlNode
from formengine.language.source import Located, Source, Span

# What a letter may name; an answer never.
LETTER_FACTS: Final = frozenset({"reference", "form", "outcome", "contact", "link"})
_TIME: Final = re.compile(r"([1-9][0-9]{0,3}) (minute|hour|day|week|working hour|working day)s?\Z")
_HOURS: Final = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9]) to ([01][0-9]|2[0-4]):([0-5][0-9])\Z")
_UNITS: Final[Mapping[str, TimeUnit]] = {
    "minute": "minutes",
    "hour": "hours",
    "day": "days",
    "week": "weeks",
    "working hour": "working_hours",
    "working day": "working_days",
}
_INSERT: Final = re.compile(r"\(\(([^()]*)\)\)")
_USUAL_HOURS: Final = WorkingHours(9 * 60, 17 * 60)
_WHOLE_DAY_MIN: Final = 24 * 60
# No expression names a stage or an outcome, so these may be called by words of the language.
_NO_WORDS: Final[frozenset[str]] = frozenset()
# A stage is asked on one page of the desk: what needs a page, a room for files or a signature of its own is not there.
_NOT_IN_A_STAGE: Final = frozenset({"file", "files", "signature"})


def read_process(
    source: Source,
    resolver: Resolver,
    findings: Findings,
    *,
    field_types: Mapping[str, FieldType],
    composite_types: Mapping[str, CompositeType],
    limits: DefinitionLimits,
) -> ProcessDefinition | None:
    """The process in `source`, as far as it can be read; None, with findings, if it is no process."""
    loading = Loading(findings, resolver, field_types, composite_types, limits)
    before = len(findings.found)
    root = loading.read(source)
    made = None
    if root is not None and root.get("process") is None:
        findings.add(
            "wrong-kind",
            "A process is wanted here, but this file is none",
            values.caret(root),
            help="a process begins with `process:` and the id of its form",
        )
    elif root is not None:
        made = _process(loading, root)
    findings.found[before:] = with_places(findings.found[before:], loading.included)
    return made


def _process(loading: Loading, root: MappingNode) -> ProcessDefinition:
    given = read_keys(loading, root, keys.PROCESS)
    basis = given.get("basis", "confirmed")
    name = given.nodes.get("process")
    roles, role_spans = _roles(loading, given)
    stages = tuple(_stages(loading, given, basis))
    return ProcessDefinition(
        id=file_id(loading, name, "process") if isinstance(name, Scalar) else "",
        title=given.get("title", ""),
        version=given.get("version", ""),
        hours=_hours(loading, given),
        contact=given.get("contact", ""),
        starts_at=_word(loading, given, "starts_at"),
        basis=basis,
        roles=roles,
        role_spans=role_spans,
        mailboxes=tuple(_mailboxes(loading, given, basis)),
        stages=stages,
        outcomes=MappingProxyType({each.id: each for each in _outcomes(loading, given)}),
        letters=MappingProxyType({each.id: each for each in _letters(loading, given)}),
        # Last: stages include files.
        sources=tuple(loading.sources),
        digest=digest_of(loading.sources),
        span=name.span if isinstance(name, Scalar) else values.caret(root),
    )


# --- small values ----------------------------------------------------------------------------------------------------


def _word(loading: Loading, given: WrittenKeys, key: str) -> Located | None:
    """One word behind `key`; None where nothing, or something else, is written."""
    node = given.nodes.get(key)
    if node is None or isinstance(node, Scalar):
        return node.located if node is not None else None
    values.wrong_shape(loading.findings, key, "one word", node, "write it on the same line")
    return None


def _time(loading: Loading, given: WrittenKeys, key: str) -> TimeLimit | None:
    written = _word(loading, given, key)
    if written is None:
        return None
    found = _TIME.match(" ".join(written.text.split()))
    if found is None:
        loading.findings.add(
            "bad-time-limit",
            f"`{values.clip(written.text)}` is no length of time",
            written.span,
            help="write a whole number and minutes, hours, days, weeks, working hours or working days, such as "
            "`2 working days`",
        )
        return None
    return TimeLimit(int(found[1]), _UNITS[found[2]], written.span)


def _hours(loading: Loading, given: WrittenKeys) -> WorkingHours:
    written = _word(loading, given, "hours")
    if written is None:
        return _USUAL_HOURS
    found = _HOURS.match(" ".join(written.text.split()))
    begins, ends = (
        (int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])) if found else (0, 0)
    )
    if not begins < ends <= _WHOLE_DAY_MIN:
        loading.findings.add(
            "bad-time-limit",
            f"`{values.clip(written.text)}` are no hours of a day",
            written.span,
            help="write when the working day begins and ends, such as `09:00 to 17:00`",
        )
        return _USUAL_HOURS
    return WorkingHours(begins, ends)


def _id(loading: Loading, given: WrittenKeys, taken: dict[str, Span], what: str) -> tuple[str, Span] | None:
    node = given.nodes.get("id")
    name = written_id(loading, node, _NO_WORDS) if isinstance(node, Scalar) else None
    if not isinstance(node, Scalar) or name is None:
        return None
    return (name, node.span) if take(loading.findings, taken, name, node.span, what=what) else None


def _entries(
    loading: Loading, given: WrittenKeys, key: str, example: str
) -> Iterator[tuple[str, Span, YamlNode]]:
    """The entries of the mapping behind `key`, each under an id."""
    node = mapping(loading, given.nodes.get(key), key, example)
    for entry in node.entries if node is not None else ():
        name = written_id(loading, entry.key, _NO_WORDS)
        if name is not None:
            yield name, entry.key.span, entry.value


# --- roles, mailboxes ------------------------------------------------------------------------------------------------


def _roles(loading: Loading, given: WrittenKeys) -> tuple[Mapping[str, str], Mapping[str, Span]]:
    names: dict[str, str] = {}
    spans: dict[str, Span] = {}
    for name, span, value in _entries(loading, given, "roles", "triage: Triage officer"):
        if isinstance(value, Scalar) and not value.is_null:
            names[name], spans[name] = " ".join(value.text.split()), span
        else:
            values.wrong_shape(loading.findings, name, "the role's name", value, "write it on the same line")
    return MappingProxyType(names), MappingProxyType(spans)


def _mailboxes(loading: Loading, given: WrittenKeys, basis: str) -> Iterator[Mailbox]:
    taken: dict[str, Span] = {}
    for item in mappings(loading, given.nodes.get("mailboxes"), "mailboxes", "id: front_door"):
        found = read_keys(loading, item, keys.MAILBOX)
        named = _id(loading, found, taken, "mailboxes")
        if named is not None:
            yield Mailbox(
                id=named[0],
                title=found.get("title", ""),
                routes=_routes(found),
                takes=found.get("takes", ""),
                basis=found.get("basis", basis),
                span=named[1],
            )


def _routes(given: WrittenKeys) -> tuple[Located, ...]:
    node = given.nodes.get("for")
    items = node.items if isinstance(node, Sequence) else (node,)
    return tuple(item.located for item in items if isinstance(item, Scalar)) if "for" in given.values else ()


# --- stages ----------------------------------------------------------------------------------------------------------


def _stages(loading: Loading, given: WrittenKeys, basis: str) -> Iterator[Stage]:
    taken: dict[str, Span] = {}
    for item in mappings(loading, given.nodes.get("stages"), "stages", "id: screening"):
        if item.get("waits_for") is not None:
            waiting = _waiting(loading, item, taken, basis)
            if waiting is not None:
                yield waiting
            continue
        found = read_keys(loading, item, keys.STAGE)
        own = found.get("basis", basis)
        nodes = read_nodes(loading, found.nodes.get("fields"), IdScope(basis=own))
        _keep_to_one_page(loading, nodes)
        moves = tuple(_moves(loading, found))
        named = _id(loading, found, taken, "stages")
        if named is not None:
            yield Stage(
                id=named[0],
                title=found.get("title", ""),
                notifier_sees=found.get("notifier_sees", ""),
                by=_word(loading, found, "by"),
                deadline=_time(loading, found, "deadline"),
                urgent_deadline=_time(loading, found, "urgent_deadline"),
                nodes=nodes,
                moves=moves,
                basis=own,
                span=named[1],
            )


def _waiting(loading: Loading, item: MappingNode, taken: dict[str, Span], basis: str) -> Stage | None:
    """A stage that waits for the notifier; its moves are those that nobody presses."""
    found = read_keys(loading, item, keys.WAITING)
    named = _id(loading, found, taken, "stages")
    if named is None:
        return None
    moves = tuple(
        Move(id=name, label="", to=_word(loading, found, key), span=found.span(key))
        for name, key in ((ANSWERED, "on_answer"), (LATE, "when_late"))
    )
    return Stage(
        id=named[0],
        title=found.get("title", ""),
        notifier_sees=found.get("notifier_sees", ""),
        by=None,
        deadline=_time(loading, found, "deadline"),
        urgent_deadline=_time(loading, found, "urgent_deadline"),
        moves=moves,
        asks=_word(loading, found, "asks"),
        basis=found.get("basis", basis),
        span=named[1],
    )


def _keep_to_one_page(loading: Loading, nodes: tuple[Node, ...]) -> None:
    """Report the fields that the one page of a stage has no room for."""
    for node in nodes:
        if isinstance(node, Section | Group):
            _keep_to_one_page(loading, node.nodes)
        elif isinstance(node, Repeat) and (node.layout != "table" or node.pages):
            _not_here(
                loading, node.id_span, f"The list `{node.id}` needs pages of its own", "write `layout: table`"
            )
        elif isinstance(node, Field) and node.type.name in _NOT_IN_A_STAGE:
            text = f"A field of type `{node.type.name}` cannot be asked in a stage"
            _not_here(loading, node.id_span, text, "leave it out, or ask for it in the form")


def _not_here(loading: Loading, span: Span, text: str, help_text: str) -> None:
    loading.findings.add("not-in-a-stage", text, span, help=help_text)


def _moves(loading: Loading, given: WrittenKeys) -> Iterator[Move]:
    taken: dict[str, Span] = {}
    for item in mappings(loading, given.nodes.get("moves"), "moves", "id: allocate"):
        found = read_keys(loading, item, keys.MOVE)
        named = _id(loading, found, taken, "moves")
        if len({"to", "ends"} & found.keys.keys()) != 1:
            both = "ends" in found.keys
            loading.findings.add(
                "move-without-goal",
                f"The move leads to {'a stage and to an outcome' if both else 'nothing'}",
                found.span("ends" if both else "id"),
                help="write either `to:` with a stage or `ends:` with an outcome",
            )
        if named is not None:
            yield Move(
                id=named[0],
                label=found.get("label", ""),
                when=found.get("when"),
                to=_word(loading, found, "to"),
                ends=_word(loading, found, "ends"),
                reason=found.get("reason", False),
                letter=_word(loading, found, "letter"),
                span=named[1],
            )


# --- outcomes, letters -----------------------------------------------------------------------------------------------


def _outcomes(loading: Loading, given: WrittenKeys) -> Iterator[CaseOutcome]:
    for name, span, value in _entries(loading, given, "outcomes", "advice:"):
        node = mapping(loading, value, name, "label: Information and advice")
        if node is not None:
            found = read_keys(loading, node, keys.OUTCOME)
            yield CaseOutcome(
                id=name, label=found.get("label", ""), letter=_word(loading, found, "letter"), span=span
            )


def _letters(loading: Loading, given: WrittenKeys) -> Iterator[CaseLetter]:
    for name, span, value in _entries(loading, given, "letters", "outcome:"):
        node = mapping(loading, value, name, "subject: The outcome")
        if node is None:
            continue
        found = read_keys(loading, node, keys.LETTER)
        written = found.nodes.get("text")
        if written is not None and not isinstance(written, Scalar):
            values.wrong_shape(
                loading.findings, "text", "a text", written, "write `text: |` and the text below it"
            )
        text = written.text if isinstance(written, Scalar) else ""
        _check_facts(loading, written)
        paragraphs = tuple(" ".join(each.split()) for each in re.split(r"\n\s*\n", text) if each.strip())
        yield CaseLetter(id=name, subject=found.get("subject", ""), paragraphs=paragraphs, span=span)


def _check_facts(loading: Loading, node: YamlNode | None) -> None:
    """Report what a letter names beyond `LETTER_FACTS`: e-mail is read by others."""
    if not isinstance(node, Scalar):
        return
    for named in dict.fromkeys(_INSERT.findall(node.text)):
        if named.strip() not in LETTER_FACTS:
            known = ", ".join(f"`(({fact}))`" for fact in sorted(LETTER_FACTS))
            loading.findings.add(
                "letter-names-other",
                f"A letter cannot name `{values.clip(named)}`: e-mail is read by others",
                node.span,
                help=f"it may name {known}",
            )
