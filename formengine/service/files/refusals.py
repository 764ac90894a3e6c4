"""Why a file is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from formengine.language.json_types import Json


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file is refused: the rule, whose words are under ``errors.any``, and the facts for their braces."""

    rule: str
    facts: Mapping[str, Json] = field(default_factory=dict)


DAMAGED: Final = Refusal("damaged_file")
EMBEDDED_FILES: Final = Refusal("embedded_files")
EMPTY: Final = Refusal("empty_upload")
FETCHES: Final = Refusal("fetches_elsewhere")
MACROS: Final = Refusal("macros")
NOT_CHECKABLE: Final = Refusal("not_checkable")
PASSWORD: Final = Refusal("password_protected")
STARTS_PROGRAMS: Final = Refusal("starts_programs")
WRONG_CONTENT: Final = Refusal("wrong_content")
