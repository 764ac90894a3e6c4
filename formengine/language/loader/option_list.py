"""The options of one question or list file as they were read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from formengine.language.fields.base import NOTHING, Option
from formengine.language.source import Located


@dataclass(frozen=True, slots=True)
class OptionList:
    """Options in order, and the conditions of those that have one, by code."""

    options: tuple[Option, ...]
    show_if: Mapping[str, Located] = field(default_factory=lambda: NOTHING)

    def without(self, codes: frozenset[str]) -> OptionList:
        """The list without these codes."""
        return OptionList(
            tuple(option for option in self.options if option.code not in codes),
            MappingProxyType({code: text for code, text in self.show_if.items() if code not in codes}),
        )
