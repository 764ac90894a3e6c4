"""Why a file is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from formengine.language.json_types import Json


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file is refused: the rule, whose words are under ``errors.any``, and the facts for their braces."""

    rule: str
    facts: Mapping[str, Json] = field(default_factory=dict)
