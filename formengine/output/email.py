"""E-mails as plain text, from the themes' ``email/*.txt``: the first line is the subject.

No template is given an answer, and no subject a code: a subject is shown on locked telephones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from formengine.output.template_texts import TemplateTexts
from formengine.output.themes import theme_folders

ENGLISH = "en"
# Whatever would end a header's line or is not seen.
_BREAKS = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Email:
    """What an e-mail says. The subject is one line; the text ends with a line end."""

    subject: str
    text: str


def draw_email(
    name: str,
    facts: Mapping[str, str],
    themes: Iterable[Path] = (),
    language: str = ENGLISH,
    *,
    paragraphs: Iterable[str] = (),
) -> Email:
    """The e-mail of the template ``email/{name}.txt``, or of ``email/{language}/{name}.txt`` where there is one.

    paragraphs: texts that an author wrote, for the templates that have a place for them.

    Line ends and control characters within a fact become spaces, so that none can end the subject or begin a line of
    its own. Raises `jinja2.UndefinedError` for a fact that the template wants and was not given, and
    `formengine.output.themes.ThemeError` for a folder that is no theme.
    """
    environment = _environment(tuple(themes))
    template = environment.select_template([f"{language}/{name}.txt", f"{name}.txt"])
    written = [_BREAKS.sub(" ", text).strip() for text in paragraphs]
    cleaned = {key: _BREAKS.sub(" ", text).strip() for key, text in facts.items()}
    drawn = template.render(cleaned, paragraphs=written)
    subject, _, text = drawn.lstrip().partition("\n")
    return Email(subject.strip(), text.strip() + "\n")


@cache
def _environment(themes: tuple[Path, ...]) -> Environment:
    return Environment(
        loader=TemplateTexts(theme_folders("email", themes), ".txt"),
        autoescape=False,  # noqa: S701 - plain text: nothing in it is markup
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
