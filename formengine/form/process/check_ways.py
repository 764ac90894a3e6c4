"""Whether every case finds its way: each stage is come to, and from each a case can end."""

from __future__ import annotations

from collections.abc import Mapping

from formengine.language.diagnostics import Findings, Related, near
from formengine.language.model import Field
from formengine.language.process_model import ProcessDefinition
from formengine.language.source import Located

# The types of fields that can hold a question to the notifier.
_WRITTEN = frozenset({"text", "long_text"})


def check_ways(definition: ProcessDefinition, findings: Findings) -> None:
    """Report names of stages that are not there, stages that no case comes to, and those from which none ends."""
    stages = {stage.id: stage for stage in definition.stages}
    named = [definition.starts_at, *(move.to for stage in definition.stages for move in stage.moves)]
    unknown = [each for each in named if each is not None and each.text.strip() not in stages]
    for each in unknown:
        _unknown(each, stages, findings)
    if unknown or definition.starts_at is None:
        # Further findings would only repeat it.
        return
    _waits(definition, findings)
    ways = {
        stage.id: {move.to.text.strip() for move in stage.moves if move.to is not None}
        for stage in definition.stages
    }
    reached = _reached(ways, {definition.starts_at.text.strip()})
    for stage in definition.stages:
        if stage.id not in reached:
            findings.add(
                "stage-unreached",
                f"No case comes to the stage `{stage.id}`",
                stage.span,
                help=f"add a move with `to: {stage.id}`, or delete the stage",
            )
    back: dict[str, set[str]] = {name: set() for name in ways}
    for name, following in ways.items():
        for led_to in following:
            back[led_to].add(name)
    ending = {stage.id for stage in definition.stages if any(move.ends is not None for move in stage.moves)}
    leads_to_an_end = _reached(back, ending)
    for stage in definition.stages:
        if stage.id not in leads_to_an_end:
            findings.add(
                "stage-without-end",
                f"From the stage `{stage.id}` a case comes to no outcome",
                stage.span,
                help="add a move with `ends:` and an outcome",
            )


def _waits(definition: ProcessDefinition, findings: Findings) -> None:
    """Report waits that do not end at a person, and those of a question that the stage before does not hold."""
    waiting = {stage.id: stage for stage in definition.stages if stage.asks is not None}
    for stage in definition.stages:
        for move in stage.moves:
            target = waiting.get(move.to.text.strip()) if move.to is not None else None
            if target is None or target.asks is None or move.to is None:
                continue
            if stage.asks is not None:
                findings.add(
                    "wait-ends-at-nobody",
                    f"The wait `{stage.id}` leads to the wait `{target.id}`",
                    move.to.span,
                    help="name a stage that is the work of a role",
                )
            elif target.asks.text.strip() not in {
                node.id for node in stage.nodes if isinstance(node, Field) and node.type.name in _WRITTEN
            }:
                findings.add(
                    "question-not-asked",
                    f"`{target.id}` asks `{target.asks.text.strip()}`, which is no text of the stage `{stage.id}`",
                    target.asks.span,
                    help="name a question of type `long_text` that stands in each stage that leads here",
                    related=(Related(move.to.span, "from here"),),
                )


def _reached(ways: Mapping[str, set[str]], begins: set[str]) -> set[str]:
    """Everything that the ways lead to from there, the beginnings included."""
    found, left = set(begins), list(begins)
    while left:
        for following in ways[left.pop()]:
            if following not in found:
                found.add(following)
                left.append(following)
    return found


def _unknown(written: Located, stages: Mapping[str, object], findings: Findings) -> None:
    close = near(written.text.strip(), stages)
    findings.add(
        "unknown-stage",
        f"There is no stage `{written.text.strip()}`",
        written.span,
        help=f"there is a similar one: `{close}`" if close else "name the id of one of `stages:`",
    )
