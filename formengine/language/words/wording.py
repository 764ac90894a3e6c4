"""The texts that people read, by key, from one file a language: ``renderers/words/en.yaml``.

A text's words in braces are replaced by facts, once: braces within a fact are not replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from formengine.language.words.texts import (
    ENGLISH,
    FACT,
    LanguageTexts,
    WordingText,
    bundled_texts,
    check_theme_texts,
    tag_of,
    theme_texts,
)

OwnTexts = tuple[tuple[str, WordingText], ...]
"""Texts of field types, by whole key."""

_FIRST_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


class WordLike(Protocol):
    """A text by key with its facts, such as a field type's date."""

    @property
    def key(self) -> str:
        """The text's key."""

    @property
    def facts(self) -> Mapping[str, object]:
        """The values for its braces, by name."""


class DisplayLike(Protocol):
    """An answer to be read, as texts and texts by key."""

    @property
    def texts(self) -> Iterable[str | WordLike]:
        """The texts, in order."""


class ErrorLike(Protocol):
    """What is wrong with an answer, as far as its words need it."""

    @property
    def type(self) -> str:
        """The field type's name, or "repeat", "group", "page", "form"."""

    @property
    def rule(self) -> str:
        """The rule's name."""

    @property
    def facts(self) -> Mapping[str, object]:
        """The values for the braces of the rule's words, by name."""

    @property
    def name(self) -> str:
        """What to call the field."""

    @property
    def message(self) -> str:
        """The author's own words; "" for the theme's."""


class UnknownTextError(LookupError):
    """A key that no file of words has, or a fact that a text needs and was not given."""


@dataclass(frozen=True)
class Wording:
    """The texts of one language; English ones where its file lacks a text.

    themes: folders whose ``words/<language>.yaml`` stands over formengine's own, the first over the others. own: texts
    of field types; a theme may override these, too.

    Raises `ThemeError`, in one sentence with file and line, for a theme's words that cannot be used.
    """

    language: str = ENGLISH
    themes: tuple[Path, ...] = ()
    own: OwnTexts = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if self.themes:
            known = {**_english().texts, **dict(self.own)}
            for theme in self.themes:
                check_theme_texts(theme, known)

    @cached_property
    def _texts(self) -> Mapping[str, WordingText]:
        tag = tag_of(self.language)
        tags = (ENGLISH,) if tag == ENGLISH else (ENGLISH, tag)
        texts: dict[str, WordingText] = {}
        for each in tags:
            bundled = bundled_texts(each)
            texts.update(bundled.texts if bundled is not None else {})
            if each == ENGLISH:
                texts.update(self.own)
            for theme in reversed(self.themes):
                if each in theme_texts(theme):
                    texts.update(theme_texts(theme)[each].texts)
        return texts

    @cached_property
    def _keep_capital(self) -> tuple[str, ...]:
        bundled = bundled_texts(self.language)
        names = bundled.keep_capital if bundled is not None and bundled.keep_capital else ()
        tag = tag_of(self.language)
        added = [theme_texts(theme)[tag].keep_capital for theme in self.themes if tag in theme_texts(theme)]
        return tuple(dict.fromkeys((*(names or _english().keep_capital), *chain.from_iterable(added))))

    def in_language(self, language: str) -> Wording:
        """The same themes' and field types' words in another language."""
        return self if language == self.language else _wording(language, self.themes, self.own)

    def without_themes(self) -> Wording:
        """Formengine's and the field types' own words, for what must be the same in every theme."""
        return _wording(self.language, (), self.own) if self.themes else self

    def has(self, key: str) -> bool:
        """Whether there is a text with this key."""
        return key in self._texts

    def text(self, key: str, /, **facts: object) -> str:
        """The text `key` with `facts` in its braces. Raises `UnknownTextError`."""
        return self._filled(key, facts)

    def display(self, display: DisplayLike) -> str:
        """An answer as one text, several texts with commas between."""
        return self.text("values.list_separator").join(self.word(text) for text in display.texts)

    def word(self, word: str | WordLike) -> str:
        """A plain text as it is; a text by key in this language."""
        return word if isinstance(word, str) else self._filled(word.key, word.facts)

    def words(self, error: ErrorLike) -> str:
        """The message of an error, without full stop; the author's own words if there are any.

        Raises `UnknownTextError` for a rule that has no words.
        """
        if error.message:
            return error.message
        names = {
            "label": error.name,
            "name": self.name_inside(error.name),
            "Name": self.name_at_start(error.name),
        }
        for key in (f"errors.{error.type}.{error.rule}", f"errors.any.{error.rule}"):
            if key in self._texts:
                return self._filled(key, {**error.facts, **names})
        raise UnknownTextError(f"errors.{error.type}.{error.rule}")

    def name_inside(self, label: str) -> str:
        """A label inside a sentence: its first letter small, except of names and abbreviations."""
        plain = label.strip().removesuffix(":").rstrip()
        if plain.endswith("?"):
            return self.text("names.question_inside", label=plain)
        first = _FIRST_WORD.match(plain)
        if first is None or self._keeps_capital(plain, first[0]):
            return plain
        return plain[0].lower() + plain[1:]

    def name_at_start(self, label: str) -> str:
        """A label for the start of a sentence."""
        plain = label.strip().removesuffix(":").rstrip()
        if plain.endswith("?"):
            return self.text("names.question_start", label=plain)
        return plain[:1].upper() + plain[1:]

    def _keeps_capital(self, label: str, first: str) -> bool:
        """Whether a label's first word is "I", an abbreviation (NHS, GP, 2nd), or a name the file lists."""
        if len(first) == 1:
            return first == "I"
        if any(character.isupper() or character.isdigit() for character in first[1:]):
            return True
        return any(re.match(rf"{re.escape(name)}\b", label) for name in self._keep_capital)

    def _filled(self, key: str, facts: Mapping[str, object]) -> str:
        template = self._texts.get(key)
        if template is None:
            raise UnknownTextError(key)
        text = template if isinstance(template, str) else template.form(facts)
        return FACT.sub(lambda found: self._fact(key, found[1], facts), text)

    def _fact(self, key: str, name: str, facts: Mapping[str, object]) -> str:
        if name not in facts:
            raise UnknownTextError(f"{key} needs the fact {name}")
        fact: Any = facts[name]  # a text, a whole number, or another text by key
        if isinstance(fact, str):
            return fact
        if isinstance(fact, int):
            return f"{fact:,}"
        return self._filled(fact.key, fact.facts)


def words(error: ErrorLike, language: str = ENGLISH) -> str:
    """The message of an error, the same in HTML, PDF, commands and answers to programs; see `Wording.words`.

    The words for an error of a form are those of the form's own themes and field types.
    """
    known: Wording | None = getattr(error, "wording", None)
    return (known.in_language(language) if known is not None else _wording(language)).words(error)


def display_text(display: DisplayLike, language: str = ENGLISH) -> str:
    """An answer as one text, several texts with commas between, in formengine's own words."""
    return _wording(language).display(display)


@cache
def _wording(language: str, themes: tuple[Path, ...] = (), own: OwnTexts = ()) -> Wording:
    return Wording(language, themes, own)


def _english() -> LanguageTexts:
    english = bundled_texts(ENGLISH)
    if english is None:
        raise FileNotFoundError("formengine was installed without words/en.yaml")
    return english
