"""The texts that people read, by key, from one file a language: ``renderers/words/en.yaml``.

A text's words in braces are replaced by facts, once: braces within a fact are not replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from formengine.language.bundled import bundled_folder
from formengine.language.diagnostics import DefinitionError, Findings
from formengine.language.reader import Mapping as MappingNode
from formengine.language.reader import Scalar, Sequence, YamlNode, read
from formengine.language.source import Source

ENGLISH = "en"
_FACT = re.compile(r"\{([A-Za-z_]+)\}")
_FIRST_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


class WordLike(Protocol):
    """A text by key with its facts, such as a field type's date."""

    @property
    def key(self) -> str:
        """The text's key."""

    @property
    def facts(self) -> Mapping[str, Any]:
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
    def facts(self) -> Mapping[str, Any]:
        """The values for the braces of the rule's words, by name."""

    @property
    def name(self) -> str:
        """What to call the field."""

    @property
    def message(self) -> str:
        """The author's own words; "" for the theme's."""


class UnknownTextError(LookupError):
    """A key that no file of words has, or a fact that a text needs and was not given."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """A text that differs by a number."""

    count: str
    forms: Mapping[str, str]

    def form(self, facts: Mapping[str, Any]) -> str:
        number = facts.get(self.count)
        return self.forms[_form_of(number) if _form_of(number) in self.forms else "other"]


def _form_of(number: Any) -> str:
    """The form for a number: "one" for 1 thing, else the number itself, as some languages need."""
    amount = len(number) if isinstance(number, list | tuple) else number
    return "one" if str(amount) == "1" else str(amount)


@dataclass(frozen=True)
class Wording:
    """The texts of one language; English ones where its file lacks a text."""

    language: str = ENGLISH
    _texts: Mapping[str, str | _Counted] = field(init=False, repr=False, compare=False)
    _keep_capital: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        texts, keep_capital = _texts_of(self.language)
        object.__setattr__(self, "_texts", texts)
        object.__setattr__(self, "_keep_capital", keep_capital)

    def has(self, key: str) -> bool:
        """Whether there is a text with this key."""
        return key in self._texts

    def text(self, key: str, /, **facts: Any) -> str:
        """The text `key` with `facts` in its braces. Raises `UnknownTextError`."""
        return self._filled(key, facts)

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

    def _filled(self, key: str, facts: Mapping[str, Any]) -> str:
        template = self._texts.get(key)
        if template is None:
            raise UnknownTextError(key)
        text = template if isinstance(template, str) else template.form(facts)
        return _FACT.sub(lambda found: self._fact(key, found[1], facts), text)

    def _fact(self, key: str, name: str, facts: Mapping[str, Any]) -> str:
        if name not in facts:
            raise UnknownTextError(f"{key} needs the fact {name}")
        fact = facts[name]
        if isinstance(fact, str):
            return fact
        if isinstance(fact, int):
            return f"{fact:,}"
        return self._filled(fact.key, fact.facts)


def words(error: ErrorLike, language: str = ENGLISH) -> str:
    """The message of an error, the same in HTML, PDF, commands and answers to programs; see `Wording.words`."""
    return _wording(language).words(error)


def display_text(display: DisplayLike, language: str = ENGLISH) -> str:
    """An answer as one text, several texts with commas between."""
    wording = _wording(language)
    return wording.text("values.list_separator").join(wording.word(text) for text in display.texts)


@cache
def _wording(language: str) -> Wording:
    return Wording(language)


@cache
def _texts_of(language: str) -> tuple[Mapping[str, str | _Counted], tuple[str, ...]]:
    """The texts of a language by dotted key, over the English ones, and the names that keep their capital.

    Raises `DefinitionError` when the file is not as it should be.
    """
    texts: dict[str, str | _Counted] = {}
    keep_capital: tuple[str, ...] = ()
    if language != ENGLISH:
        english, keep_capital = _texts_of(ENGLISH)
        texts.update(english)
    # A tag such as en-GB uses the words of its language; a name with a path in it is no tag.
    tag = language.partition("-")[0]
    path = bundled_folder("renderers") / "words" / f"{tag if tag.isalpha() else ENGLISH}.yaml"
    if not path.is_file():
        return texts, keep_capital
    findings = Findings()
    root = read(Source(f"words/{path.name}", path.read_text(encoding="utf-8")), findings)
    if root is None or findings.has_errors:
        raise DefinitionError(findings.in_file_order())
    for key, node in _leaves(root, ""):
        if isinstance(node, Sequence):
            keep_capital = tuple(item.text for item in node.items if isinstance(item, Scalar))
        elif isinstance(node, Scalar):
            texts[key] = node.text
        elif isinstance(node, MappingNode):
            texts[key] = _counted(node)
    return texts, keep_capital


def _leaves(mapping: MappingNode, prefix: str) -> Iterable[tuple[str, YamlNode]]:
    """Each text, list and counted text with its dotted key."""
    for entry in mapping:
        key = f"{prefix}{entry.key.text}"
        if isinstance(entry.value, MappingNode) and entry.value.get("other") is None:
            yield from _leaves(entry.value, f"{key}.")
        else:
            yield key, entry.value


def _counted(node: MappingNode) -> _Counted:
    forms = {entry.key.text: entry.value.text for entry in node if isinstance(entry.value, Scalar)}
    return _Counted(forms.pop("count"), forms)
