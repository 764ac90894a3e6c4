"""What a field type is: its faces, as values and functions over values.

A type draws nothing. It defines how a post becomes a JSON value and back, what JSON Schema describes that
value, which rules an author's settings add, which control, display and blank shape suit it, and how to make
a sample. What most types have alike has a default; a type that leaves out one of the others does not construct.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from typing import Any, Literal

from formengine.language.expressions.ast import Kind
from formengine.language.json_types import Json

# A JSON Schema 2020-12 fragment in the safe dialect; `Any`, since what a keyword holds is the keyword's own.
Schema = Mapping[str, Any]

# How a browser reads what is typed, `by` the function of that name in `renderers/html/static/typed.js`, with the
# patterns, tables and limits of the type itself: there is no second account of them.
TypedReading = Mapping[str, Json]

NOTHING: Mapping[str, Any] = MappingProxyType({})


def _nothing() -> Mapping[str, Any]:
    """`NOTHING`, as a factory: Python 3.11 takes a mapping proxy for a mutable default."""
    return NOTHING


# Characters that count as blank in every execution (Python, browser, JSON Schema), written out because the
# whitespace classes of their regular expressions differ. An answer of nothing but these is missing.
BLANK_CHARACTERS = (
    "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff\u200b"
)


def is_blank(value: Json) -> bool:
    """Whether a stored value counts as no answer: None, blank text, an empty list or an empty object."""
    if isinstance(value, str):
        return not value.strip(BLANK_CHARACTERS)
    return value is None or value in ([], {})


@dataclass(frozen=True, slots=True)
class Key:
    """One key an author may write: what its value looks like, and a sentence for editors and the guide.

    The loader reads by it and `definitions/form.schema.json` is generated from it.
    """

    name: str
    value: Literal[
        "text",  # plain text
        "markdown",
        "template",  # plain text with ((answers))
        "expression",
        "boolean",
        "whole_number",
        "number",
        "day",  # 2026-09-01 or today
        "words",  # a list of plain texts
        "endings",  # a list of the endings of files' names
        "pattern",  # a regular expression in the safe dialect
        "one_of",
        "special",  # the loader has a function for it
    ]
    doc: str
    required: bool = False
    choices: tuple[str, ...] = ()  # for one_of


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose: a stable `code`, a label people read, others' codes (``{"cin": "WBRI"}``)."""

    code: str
    label: str
    hint: str = ""
    codes: Mapping[str, str] = field(default_factory=_nothing)
    exclusive: bool = False
    basis: str = "confirmed"
    hide_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldSettings:
    """An author's settings of one field, as far as its type needs them.

    `limits` holds the values of the keys the type declares, by name (``{"max_length": 512}``); what is not
    written is absent. `label` is the field's question; `name` is its name in messages.
    """

    id: str
    label: str
    short_label: str = ""
    options: tuple[Option, ...] = ()
    limits: Mapping[str, Any] = field(default_factory=_nothing)

    @property
    def name(self) -> str:
        """The name of the field in messages and columns: the short label, else the label."""
        return self.short_label or self.label

    # `Any`: which type a setting's value has, its `Key.value` says.
    def limit(self, key: str, default: Any = None) -> Any:  # noqa: ANN401
        """The value of setting `key`, or `default` where the author wrote none."""
        return self.limits.get(key, default)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a value: the rule's name and the facts its words need; "warn" blocks nothing."""

    rule: str
    facts: Mapping[str, Any] = field(default_factory=_nothing)
    level: Literal["error", "warn"] = "error"


@dataclass(frozen=True, slots=True)
class Rule:
    """A limit on well-formed values: the schema fragment that holds it and the problem a breach is."""

    problem: Problem
    fragment: Schema


@dataclass(frozen=True, slots=True)
class Posted:
    """What an HTML form sent for one field: texts by part ("" for the field itself, "day" for one box of it).

    `files` are the stored files that the caller received under the field's name: ``{id, name, type, size}`` each.
    Raises TypeError for a part with one text in place of a tuple, of which only the last letter would be read.
    """

    parts: Mapping[str, tuple[str, ...]] = field(default_factory=_nothing)
    files: tuple[Json, ...] = ()

    def __post_init__(self) -> None:
        parts: Mapping[str, object] = self.parts  # from programs that no type checker has seen
        for part, texts in parts.items():
            if isinstance(texts, str):
                raise TypeError(f"the part {part!r} of a post must be a tuple of texts, not one text")

    def text(self, part: str = "") -> str:
        r"""The last text sent for `part`, line ends as ``\n``, or "" when nothing was sent."""
        texts = self.parts.get(part, ())
        return texts[-1].replace("\r\n", "\n").replace("\r", "\n") if texts else ""

    def texts(self, part: str = "") -> tuple[str, ...]:
        """Every text sent for `part`, in order."""
        return self.parts.get(part, ())


@dataclass(frozen=True, slots=True)
class Decoded:
    """A value to store in the draft, and what is wrong with it; None: nothing was entered.

    With a problem, `value` is what was typed, so that it can be shown again; the engine treats it as missing.
    """

    value: Json = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Control:
    """The template that draws the question in a theme, and what it needs beyond the field itself."""

    template: str
    context: Mapping[str, Any] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class Word:
    """A text that the theme's wording supplies in the reader's language, such as a date or "Yes"."""

    key: str
    facts: Mapping[str, Any] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class Display:
    """An answer to be read: one text, several lines of one text, a list of texts, or a link."""

    shape: Literal["text", "lines", "list", "link"]
    texts: tuple[str | Word, ...]
    href: str = ""


@dataclass(frozen=True, slots=True)
class PaperSpace:
    """The room paper leaves for an answer."""

    shape: Literal["line", "lines", "boxes", "tick", "options", "date", "signature", "none"]
    facts: Mapping[str, Any] = field(default_factory=_nothing)


# --- what most types have alike: the defaults of `FieldType` ----------------------------------------------


def text_kind(_: FieldSettings) -> Kind:
    """Text, to an expression."""
    return Kind.TEXT


def no_codes(_: FieldSettings) -> tuple[str, ...]:
    """No codes: the answer is not chosen from a list."""
    return ()


def no_rules(_: FieldSettings) -> tuple[Rule, ...]:
    """No limits."""
    return ()


def no_checks(_: FieldSettings) -> tuple[str, ...]:
    """No rules outside the schema."""
    return ()


def nothing_to_validate(_value: Json, _settings: FieldSettings) -> tuple[Problem, ...]:
    """No problems: the schema covers everything."""
    return ()


def read_by_service(_: FieldSettings) -> TypedReading:
    """No reading: what is typed must be sent before anybody knows what it is, unless nothing is."""
    return {"by": "service"}


def as_typed(value: Json, _: FieldSettings) -> Mapping[str, tuple[str, ...]]:
    """A value as the one text of its box."""
    return {"": (value if isinstance(value, str) else str(value),)} if value is not None else {}


def shown(*texts: str | Word) -> Display:
    """A display of one text, or of several one below the other."""
    return Display("text" if len(texts) == 1 else "lines", texts)


def shown_as_text(value: Json, _: FieldSettings) -> Display:
    """The value itself as one text."""
    return shown(str(value))


def text_box(_: FieldSettings) -> Control:
    """A box for one line of text."""
    return Control("input", {"input_type": "text"})


def line_on_paper(_: FieldSettings) -> PaperSpace:
    """One line to write on."""
    return PaperSpace("line")


@dataclass(frozen=True, slots=True)
class FirstErrorCode:
    """A `type_error` that reports the first of a type's error codes, whatever the value."""

    codes: tuple[str, ...]

    def __call__(self, _value: Json, _settings: FieldSettings) -> Problem:
        """The problem without facts."""
        return Problem(self.codes[0])


# A type's own words by rule (``"checksum"``) or by a key of its own (``"types.uprn.hint"``): a text, or for one that
# differs by a number the same as in ``words/en.yaml``: ``{"count": "most", "one": "…", "other": "…"}``.
TypeWords = Mapping[str, str | Mapping[str, str]]

_RULE = re.compile("[a-z][a-z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class FieldType:
    """One field type with all its faces. Those without a default must be given.

    decode: a post to a JSON value; encode: a JSON value to a post's parts, so that ``decode(encode(v)) ==
      v``; a value that could not be decoded (as typed) encodes to what was typed.
    shape: the schema of a readable value. rules: the limits, each with its own fragment.
    error_codes: the rules that `decode` and `type_error` may report, and the advice (level "warn") of `validate`.
      With the names in `rules` and `checks`, and "required", these are all the rules that can be reported,
      so there must be words for each: in `words`, or in the theme.
    type_error: the problem of a value that is not of this shape; unless given, the first of `error_codes`.
    validate: the problems of a well-formed value that no schema can express (checksums), in order; checks: the names of
    the
      error rules `validate` may report, for ``x-check``.
    words: the type's own words, in English, in the shape of ``words/en.yaml``. A key is the name of a rule, which
      stands for ``errors.<type>.<rule>``, or begins with ``types.<type>.``. A theme may replace each.
    codes: the codes an answer can have, in order, for choice and choices; else empty.
    reading: how the browser reads what is typed into the boxes, for conditions of the same page. It must give the value
      that `decode` and `shape` give together, none where they give none, or say that it is not sure. Unless given, the
      browser is never sure, and what depends on the answer stays open with its note.
    scale: by how much a number is greater as stored than as authors write it in expressions: 100 for money.
    display: an answer as people read it. control: how HTML asks. paper_space: how paper asks.
    sample: a valid value; the same `Random` state gives the same value, and every option comes up in time.

    Raises ValueError for words that are no texts or have a key that is not the type's own.
    """

    name: str
    doc: str
    decode: Callable[[Posted, FieldSettings], Decoded]
    shape: Callable[[FieldSettings], Schema]
    error_codes: tuple[str, ...]
    sample: Callable[[FieldSettings, Random], Json]
    keys: tuple[Key, ...] = ()
    has_options: bool = False
    kind: Callable[[FieldSettings], Kind] = text_kind
    codes: Callable[[FieldSettings], tuple[str, ...]] = no_codes
    encode: Callable[[Json, FieldSettings], Mapping[str, tuple[str, ...]]] = as_typed
    rules: Callable[[FieldSettings], tuple[Rule, ...]] = no_rules
    type_error: Callable[[Json, FieldSettings], Problem] = FirstErrorCode(())
    validate: Callable[[Json, FieldSettings], tuple[Problem, ...]] = nothing_to_validate
    checks: Callable[[FieldSettings], tuple[str, ...]] = no_checks
    words: TypeWords = field(default_factory=_nothing, hash=False)
    reading: Callable[[FieldSettings], TypedReading] = read_by_service
    scale: int = 1
    control: Callable[[FieldSettings], Control] = text_box
    display: Callable[[Json, FieldSettings], Display] = shown_as_text
    paper_space: Callable[[FieldSettings], PaperSpace] = line_on_paper

    def __post_init__(self) -> None:
        if isinstance(self.type_error, FirstErrorCode):
            if not self.error_codes:
                raise ValueError(f"The field type {self.name} has neither a type_error nor error_codes")
            object.__setattr__(self, "type_error", FirstErrorCode(self.error_codes))
        for key, text in self.words.items():
            if not _RULE.fullmatch(key) and not key.startswith(f"types.{self.name}."):
                raise ValueError(
                    f"The words of the field type {self.name} have the key {key!r}: it is neither the name of a rule "
                    f"nor begins with types.{self.name}."
                )
            if not isinstance(text, str) and not {"count", "other"} <= set(text):
                raise ValueError(
                    f"The field type {self.name}: its words for {key} are neither a text nor counted"
                )


@dataclass(frozen=True, slots=True)
class Part:
    """One fixed field of a composite type."""

    id: str
    type: FieldType
    label: str
    limits: Mapping[str, Any] = field(default_factory=_nothing)


@dataclass(frozen=True)
class CompositeType:
    """A group with fixed fields, such as an address: an object whose parts read as ``address.postcode``.

    display: the whole as people read it, from the parts' displays by id (parts without an answer are left
    out).
    """

    name: str
    doc: str
    keys: tuple[Key, ...]
    parts: tuple[Part, ...]
    control: Callable[[], Control]
    display: Callable[[Mapping[str, Display]], Display]
    paper_space: Callable[[], PaperSpace]
