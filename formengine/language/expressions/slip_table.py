"""The slips authors make in expressions, the likeliest reading first.

Collected from trials of the language (the order is a judgement, not a count). A pattern matches the author's
text with quoted values blotted out; it explains a failure that lies inside it or right behind it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

SlipFacts = dict[str, str]


@dataclass(frozen=True, slots=True)
class Slip:
    """One slip: `code` and `message` of its finding, and its mending, with the pattern's groups as facts.

    The group ``at``, where there is one, is what the caret points at.
    """

    pattern: re.Pattern[str]
    code: str
    message: str
    help: str | Callable[[SlipFacts], str]


def _slip(pattern: str, code: str, message: str, help_: str | Callable[[SlipFacts], str]) -> Slip:
    return Slip(re.compile(pattern), code, message, help_)


_SYMBOLS = {
    "=": "`is`",
    "==": "`is`",
    "===": "`is`",
    "!=": "`is not`",
    "!==": "`is not`",
    "<>": "`is not`",
    "≠": "`is not`",
    "<": "`is less than`, for dates `is before`",
    ">": "`is more than`, for dates `is after`",
    "<=": "`is at most`, for dates `is on or before`",
    "≤": "`is at most`, for dates `is on or before`",
    ">=": "`is at least`, for dates `is on or after`",
    "≥": "`is at least`, for dates `is on or after`",
    "=>": "`is at least`, for dates `is on or after`",
    "&&": "`and`",
    "&": "`and`",
    "||": "`or`",
    "|": "`or`",
    "!": "`not`",
    ":": "`is`",
}

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_OPPOSITES = {
    "before": "on or after",
    "after": "on or before",
    "on or before": "after",
    "on or after": "before",
    "at least": "less than",
    "at most": "more than",
    "more than": "at most",
    "less than": "at least",
    "the same as": "different from",
    "different from": "the same as",
}

_COMPARATIVES = {
    "at least": ("no less than", "not less than", "greater than or equal to", "more than or equal to"),
    "at most": ("up to", "no more than", "not more than", "less than or equal to", "fewer than or equal to"),
    "less than": ("under", "below", "fewer than", "younger than", "smaller than", "lower than"),
    "more than": ("over", "above", "greater than", "older than", "bigger than", "larger than", "higher than"),
}
_COMPARATIVE_WORDS = {
    wrong: right for right, wrongs in _COMPARATIVES.items() for wrong in sorted(wrongs, key=len, reverse=True)
}
_COMPARATIVE_PATTERN = "|".join(
    wrong.replace(" ", r"\s+") for wrong in sorted(_COMPARATIVE_WORDS, key=len, reverse=True)
)


def _symbol(facts: SlipFacts) -> str:
    words = _SYMBOLS.get(facts["written"])
    return f"write {words}" if words else "write it in words, such as `is`, `is not`, `is at least`"


def _small(words: str) -> str:
    return " ".join(words.split())


def _iso(year: str, month: int, day: str) -> str:
    """The help for a date in another notation; two digits of a year are not guessed at."""
    if len(year) == 4:
        try:
            return f"write `{date(int(year), month, int(day)).isoformat()}` (year, month, day)"
        except ValueError:
            pass
    return "write year, month and day, such as `2026-09-01`"


def _comparative(facts: SlipFacts) -> str:
    right = _COMPARATIVE_WORDS[_small(facts["wrong"])]
    limit = facts["rest"].split(maxsplit=1)[:1] or ["16"]
    years = f"; for an age, with a date of birth, `is {right} {limit[0]} years ago`"
    if facts["wrong"].startswith(("younger", "under")):
        years = f"; for an age, with a date of birth, `is less than {limit[0]} years ago`"
    return f"write `is {right} {limit[0]}`{years}"


_VERBS = {
    "contain": "`includes` (options that were ticked), or `starts with` (text)",
    "has": "`includes` (options that were ticked), or `is`",
    "have": "`includes` (options that were ticked), or `is`",
    "equal": "`is`",
    "match": "`is`, or `starts with`",
    "like": "`is`, or `starts with`",
    "exist": "`is answered`",
    "are": "`is`, or for a list `all of … where (…)`",
    "was": "`is`",
    "were": "`is`",
    "in": "`is one of`",
    "includes": "`includes`",
}


def _verb(facts: SlipFacts) -> str:
    verb = facts["verb"]
    known = next((words for start, words in _VERBS.items() if verb.startswith(start)), "`is`")
    return f"write {known}"


SLIPS: tuple[Slip, ...] = (
    _slip(
        r"\(\(\s*(?P<name>[\w.]+)\s*\)\)\s*",
        "insert-in-expression",
        "Double brackets put an answer into a text; an expression names it as it is",
        "write `{name}`",
    ),
    _slip(
        r"\b(?P<at>(?P<verb>is|does|are|has|was|were)n['’]?t)\b['’]?t?",
        "shortened-word",
        "`{written}` is not a word of the language",
        lambda facts: "write `does not include`" if facts["verb"] == "does" else "write `is not`",
    ),
    _slip(
        r"(?P<at>['‘’“”`´«»](?P<value>[^'‘’“”`´«»\"]*)['‘’“”`´«»])",
        "wrong-quotes",
        "Values are quoted with straight double quotes, and here stand others",
        'write `"{value}"`, or without quotes if it is one word',
    ),
    _slip(
        r"['‘’“”`´«»]",
        "wrong-quotes",
        "`{written}` is no quotation mark of the language",
        'quotes are straight and double: `"…"`',
    ),
    _slip(
        r"\"[^\"\n]*$", "wrong-quotes", "A quotation mark is opened and not closed", 'write `"` where it ends'
    ),
    _slip(
        r"(?P<at>[=!<>≤≥≠&|:]+)",
        "symbol-not-word",
        "`{written}` is a symbol, and expressions are in words",
        _symbol,
    ),
    _slip(
        r"\b(?P<day>\d{1,2})[/.](?P<month>0?[1-9]|1[0-2])[/.](?P<year>\d{2,4})\b",
        "date-format",
        "`{written}` is not how a date is written here",
        lambda facts: _iso(facts["year"], int(facts["month"]), facts["day"]),
    ),
    _slip(
        r"\b\d{1,4}[/.]\d{1,2}[/.]\d{1,4}\b",
        "date-format",
        "`{written}` is not how a date is written here",
        "write year, month and day, such as `2026-09-01`",
    ),
    _slip(
        r"(?i)\b(?P<day>\d{1,2})(?:st|nd|rd|th)?\s+"
        rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\s+(?P<year>\d{{4}})\b",
        "date-format",
        "`{written}` is not how a date is written here",
        lambda facts: _iso(facts["year"], _MONTHS.index(facts["month"].lower()) + 1, facts["day"]),
    ),
    _slip(
        r"\b(?P<at>\d{1,3}(?:,\d{3})+)\b",
        "thousands-comma",
        "The comma in `{written}` makes two values of it",
        lambda facts: f"write `{facts['written'].replace(',', '')}`",
    ),
    _slip(
        r"(?P<at>[£$€]\s*(?P<number>\d+(?:\.\d+)?))",
        "number-format",
        "`{written}` is not a bare number",
        "write `{number}`",
    ),
    _slip(
        r"(?P<at>(?P<number>\d+(?:\.\d+)?)\s*%)",
        "number-format",
        "`{written}` is not a bare number",
        "write `{number}`",
    ),
    _slip(
        rf"\bis\s+(?P<at>(?P<wrong>{_COMPARATIVE_PATTERN}))\s*",
        "comparison-words",
        "`{written}` is not a word of the language",
        _comparative,
    ),
    _slip(
        r"\bis\s+(?P<at>between)\s*",
        "comparison-words",
        "`{written}` is not a word of the language",
        "write `x is at least 5 and x is at most 10`",
    ),
    _slip(
        r"\bis\s+(?P<at>not\s+(?P<wrong>on\s+or\s+(?:before|after)|before|after"
        r"|(?:at|more|less)\s+(?:least|most|than)|the\s+same\s+as|different\s+from))\b",
        "comparison-words",
        "`not` does not go with `{wrong}`",
        lambda facts: f"write `is {_OPPOSITES.get(_small(facts['wrong']), facts['wrong'])}`",
    ),
    _slip(
        r"\bis\s+(?:not\s+)?(?P<at>(?:any|either)\s+of|in|among)\b\s*\(?",
        "list-words",
        "`{written}` is not how one of several values is asked for",
        "write `is one of a, b`",
    ),
    _slip(
        r"\bincludes\s+(?P<at>(?P<word>one|all|none)\s+of)\b",
        "list-words",
        "`{written}` does not go with `includes`",
        "write `includes any of a, b`, or `x includes a and x includes b`",
    ),
    _slip(
        r"\bis\s+(?P<at>on)\s+(?!or\b)",
        "comparison-words",
        "`is on` is not how a day is asked for",
        lambda facts: f"write `is {facts['rest'].split(maxsplit=1)[0] if facts['rest'] else '2026-09-01'}`",
    ),
    _slip(
        r"\bwhere\s+(?!\()",
        "brackets-missing",
        "After `where` the condition stands in brackets",
        "write `where ({rest})`",
    ),
    _slip(
        r"\b(?P<at>any|all|none|count)\s+(?!of\b)(?P<name>[\w.]+)",
        "of-missing",
        "After `{written}` stands `of`",
        "write `{at} of {name}`",
    ),
    _slip(
        r"\b(?P<quantifier>any|all|none)\s+of\s+(?P<name>[\w.]+)\s*",
        "where-missing",
        "`{quantifier} of {name}` does not say what is asked of its items",
        "write `{quantifier} of {name} where (…)`",
    ),
    _slip(
        r"(?P<at>\b(?:each|every|some(?=.*\bwhere\b)|no(?=.*\bwhere\b))\s+(?:of\s+)?(?P<name>[\w.]+))\s*",
        "list-words",
        "`{written}` is not how a list is asked",
        "write `any of {name} where (…)`, or `all of`, `none of`, `count of`",
    ),
    _slip(
        r"(?P<at>-?\d+(?:\.\d+)?)\s+(?=(?:ago|from|before|after)\b)",
        "unit-missing",
        "`{written}` has no unit",
        "write `{written} years`, `months`, `weeks` or `days`",
    ),
    _slip(
        r"\b(?P<at>\d+\s+(?:day|week|month|year)s?)\s*(?=$|\)|and\b|or\b)",
        "unit-missing",
        "`{written}` does not say from when it is counted",
        "write `{written} ago` or `{written} from today`",
    ),
    _slip(
        r"\d+\s+(?:years?|months?)\s+(?P<at>old|of\s+age)\b",
        "comparison-words",
        "`{written}` is not a word of the language: an age is how long ago the date of birth is",
        "write `ago`",
    ),
    _slip(
        r"^\s*(?P<at>if|when|unless|show|only|where)\b\s*",
        "filler-word",
        "An expression begins with a name, not with `{written}`",
        lambda facts: "write `not (…)`" if facts["written"] == "unless" else "leave it out",
    ),
    _slip(
        r"\b(?P<at>then|else|please)\b\s*",
        "filler-word",
        "`{written}` is not a word of the language",
        "leave it out",
    ),
    _slip(
        r"\b(?P<name>[\w.]+)\s+is\s+(?P<not>not\s+)?(?P<first>[\w:.-]+)\s+(?:or|and)\s+(?P<at>-?\d[\d.:-]*)",
        "value-after-or",
        "`{written}` stands alone, and a value alone is no condition",
        "write `{name} is {not}one of {first}, {written}`",
    ),
    _slip(
        r"\b(?P<at>either|both|neither)\b\s*",
        "filler-word",
        "`{written}` is not a word of the language",
        "leave it out; for several values write `is one of a, b` or `is not one of a, b`",
    ),
    _slip(
        r"(?:^|(?<=[\s(]))(?P<at>(?:does\s+not\s+|is\s+)?"
        r"(?P<verb>contain(?:s|ing)?|has|have|equal(?:s|\s+to)?|match(?:es)?|like|exists?|are|was|were|in))\b\s*",
        "unknown-verb",
        "`{written}` is not a word of the language",
        _verb,
    ),
    _slip(
        r"\bis\s+(?:not\s+)?(?P<at>[A-Za-z_]\w*(?:\.\w+)+)",
        "name-as-value",
        "After `is` stands a fixed value, and `{written}` is the name of an answer",
        "two answers are compared only in a `check`: `is the same as {written}`",
    ),
    _slip(
        r"\bis\s+(?:not\s+)?[\w-]+\s*(?P<at>,)",
        "stray-comma",
        "A comma stands only between values after `one of` or `any of`",
        "write `is one of a, b`; between two conditions write `and` or `or`",
    ),
    _slip(
        r"\b(?:is|includes|not|include|with|of)\s+(?P<at>"
        r"(?!(?:not|one|any|the|at|on|more|less|before|after|and|or|is|where)\b)"
        r"[A-Za-z0-9_-]+(?:\s+(?!and\b|or\b|is\b|not\b|where\b|ago\b|from\b)[A-Za-z0-9_-]+)+)",
        "needs-quotes",
        "`{written}` has a space in it, so as a value it needs quotes",
        'write `"{written}"` if that is one value; between two conditions write `and` or `or`',
    ),
    _slip(
        r"(?P<at>[\w-]*[^\W\da-zA-Z_][\w-]*)",
        "needs-quotes",
        "`{written}` has letters beyond a to z, so as a value it needs quotes",
        'write `"{written}"`',
    ),
    _slip(
        r"(?P<at>[-+*/^])",
        "symbol-not-word",
        "`{written}` is a symbol, and expressions do no arithmetic",
        'if it belongs to a value, put the value in quotes: `"…"`',
    ),
    _slip(
        r"(?P<at>[\[\]{}])",
        "symbol-not-word",
        "`{written}` is not a bracket of the language",
        "write round brackets, `(` and `)`, or none: `is one of a, b`",
    ),
)
