"""Why a file is not taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from formengine.language.fields.base import Json


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that is not taken: the rule, whose words are under ``errors.any``, and the facts these need."""

    rule: str
    facts: Mapping[str, Json] = field(default_factory=dict)
