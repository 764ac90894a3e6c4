"""The texts of a file of words by dotted key: formengine's own, one file a language, and those of themes.

A theme's texts stand over formengine's. Each must be a text that there is, with the same facts in its braces: a
misspelt key would change nothing, and a fact left out could be the reference number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from formengine.language.bundled import bundled_folder
from formengine.language.diagnostics import DefinitionError, Findings, near
from formengine.language.extensions import ThemeError
from formengine.language.reader import Mapping as MappingNode
from formengine.language.reader import Scalar, Sequence, YamlNode, read, read_file
from formengine.language.source import Source

ENGLISH = "en"
FACT = re.compile(r"\{([A-Za-z_]+)\}")
KEEP_CAPITAL = "names.keep_capital"
_MOST_BYTES = 1_000_000
# What any error's words may call the question, whatever its rule.
_NAMES = frozenset({"name", "Name", "label"})


@dataclass(frozen=True, slots=True)
class CountedText:
    """A text that differs by the number in the fact `count`: `forms` by number, "one" and "other" among them."""

    count: str
    forms: tuple[tuple[str, str], ...]

    def form(self, facts: Mapping[str, Any]) -> str:
        """The form for the number among `facts`."""
        forms, number = dict(self.forms), _form_of(facts.get(self.count))
        return forms[number if number in forms else "other"]


WordingText = str | CountedText


def _form_of(number: object) -> str:
    """The form for a number: "one" for 1 thing, else the number itself, as some languages need."""
    amount = len(number) if isinstance(number, list | tuple) else number
    return "one" if str(amount) == "1" else str(amount)


def text_of(written: str | Mapping[str, str]) -> WordingText:
    """A text as Python writes it: plain, or by number with ``count``, ``one`` and ``other``."""
    if isinstance(written, str):
        return written
    forms = dict(written)
    return CountedText(forms.pop("count"), tuple(forms.items()))


@dataclass(frozen=True, slots=True)
class LanguageTexts:
    """What one file of words holds: texts by dotted key, and the names that keep their capital in a sentence.

    places: where each stands, for messages; only a theme's file has them.
    """

    texts: Mapping[str, WordingText]
    keep_capital: tuple[str, ...] = ()
    places: tuple[tuple[str, str], ...] = ()


@cache
def bundled_texts(language: str) -> LanguageTexts | None:
    """Formengine's own texts in a language such as ``cy-GB``; None where there is no file for it.

    Raises `DefinitionError` when the file is not as it should be.
    """
    path = bundled_folder("renderers") / "words" / f"{tag_of(language)}.yaml"
    if not path.is_file():
        return None
    findings = Findings()
    root = read(Source(f"words/{path.name}", path.read_text(encoding="utf-8")), findings)
    if root is None or findings.has_errors:
        raise DefinitionError(findings.in_file_order())
    return _texts_in(root, path)


@cache
def theme_texts(theme: Path) -> Mapping[str, LanguageTexts]:
    """A theme's texts by language: of ``words/en.yaml`` under "en"; none where it has no folder ``words``.

    Raises `ThemeError`, in one sentence with file and line, for a file that cannot be read.
    """
    found = {}
    for path in sorted((theme / "words").glob("*")):
        if path.suffix != ".yaml" or not path.stem.isalpha():
            raise ThemeError(f"{path} is no file of words, which is called by its language, such as en.yaml")
        findings = Findings()
        source = read_file(path, findings, name=str(path), max_bytes=_MOST_BYTES)
        root = read(source, findings) if source is not None else None
        if root is None or findings.has_errors:
            first = findings.in_file_order()[0]
            raise ThemeError(f"{path}, line {first.span.line}: {first.message}")
        found[path.stem] = _texts_in(root, path)
    return found


def check_theme_texts(theme: Path, known: Mapping[str, WordingText]) -> None:
    """Refuse a theme whose words are not those of texts in `known`, or have other facts in their braces.

    Raises `ThemeError`, in one sentence with file and line.
    """
    for found in theme_texts(theme).values():
        for key, place in found.places:
            if key == KEEP_CAPITAL:
                if key in found.texts:
                    raise ThemeError(f"{place} is a list of names")
                continue
            original = known.get(key)
            if original is None:
                close = near(key, known)
                raise ThemeError(
                    f"{place} is no text of formengine" + (f"; did you mean {close}?" if close else "")
                )
            own = found.texts.get(key)
            if own is None:
                raise ThemeError(f"{place} is a list; it is one text")
            if not own:
                raise ThemeError(f"{place} is empty")
            _check_facts(key, own, original, place)


def _check_facts(key: str, own: WordingText, original: WordingText, place: str) -> None:
    facts, wanted = _facts(key, own), _facts(key, original)
    if facts != wanted:
        raise ThemeError(
            f"{place} has {_listed(facts)} in braces, where the text that it replaces has {_listed(wanted)}"
        )
    if isinstance(own, CountedText) and own.count not in wanted | _counts(original):
        raise ThemeError(f"{place} chooses by {own.count}, which the text that it replaces does not have")


def _counts(text: WordingText) -> frozenset[str]:
    return frozenset({text.count}) if isinstance(text, CountedText) else frozenset()


def _facts(key: str, text: WordingText) -> frozenset[str]:
    """The words in a text's braces; an error's may call its question as it likes, and that counts as "name"."""
    forms = [text] if isinstance(text, str) else [form for _, form in text.forms]
    found = {fact for form in forms for fact in FACT.findall(form)}
    if key.startswith("errors."):
        found = {"name" if fact in _NAMES else fact for fact in found}
    return frozenset(found)


def _listed(facts: Iterable[str]) -> str:
    return ", ".join(f"{{{fact}}}" for fact in sorted(facts)) or "nothing"


def tag_of(language: str) -> str:
    """The language of a tag such as ``en-GB``; English for what is no tag, such as a path."""
    tag = language.partition("-")[0]
    return tag if tag.isalpha() else ENGLISH


def _texts_in(root: MappingNode, path: Path) -> LanguageTexts:
    texts: dict[str, WordingText] = {}
    keep_capital: tuple[str, ...] = ()
    places = []
    for key, line, node in _leaves(root, ""):
        places.append((key, f"{path}, line {line}: {key}"))
        if isinstance(node, Sequence):
            if key == KEEP_CAPITAL:
                keep_capital = tuple(item.text for item in node.items if isinstance(item, Scalar))
        elif isinstance(node, Scalar):
            texts[key] = node.text
        elif isinstance(node, MappingNode):
            texts[key] = _counted(node, places[-1][1])
    return LanguageTexts(texts, keep_capital, tuple(places))


def _leaves(mapping: MappingNode, prefix: str) -> Iterator[tuple[str, int, YamlNode]]:
    """Each text, list and counted text with its dotted key and its line."""
    for entry in mapping:
        key = f"{prefix}{entry.key.text}"
        if isinstance(entry.value, MappingNode) and entry.value.get("other") is None:
            yield from _leaves(entry.value, f"{key}.")
        else:
            yield key, entry.key.span.line, entry.value


def _counted(node: MappingNode, place: str) -> CountedText:
    forms = {entry.key.text: entry.value.text for entry in node if isinstance(entry.value, Scalar)}
    count = forms.pop("count", "")
    if not count or "other" not in forms:
        raise ThemeError(f"{place} has no `count`, the fact whose number chooses between its texts")
    return CountedText(count, tuple(forms.items()))
