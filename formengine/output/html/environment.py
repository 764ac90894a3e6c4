"""The Jinja environment that draws HTML: templates from themes alone, everything escaped, nothing undefined."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial

from jinja2 import Environment, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.meta import find_referenced_templates

from formengine.language.words import Wording
from formengine.language.words.file_sizes import size_text
from formengine.output.template_texts import TemplateTexts
from formengine.output.themes import ThemeError, theme_folders

FRONTEND = "vendor/govuk-frontend.min.css"


@cache
def environment(words: Wording) -> Environment:
    """The environment for these words and their themes, in front of the bundled one; each template is compiled once.

    Raises `formengine.output.themes.ThemeError` for a folder that is no theme.
    """
    folders = theme_folders("html", words.themes)
    made = Environment(
        loader=TemplateTexts([folder / "templates" for folder in folders], ".html"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        cache_size=-1,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["words"] = words
    made.globals["lang"] = words.language
    # govuk-frontend's files are fetched when formengine is built; without them pages use a plain style of their own.
    made.globals["frontend"] = any((folder / "static" / FRONTEND).is_file() for folder in folders)
    made.filters["kind"] = _kind
    made.filters["size_text"] = partial(size_text, words=words)
    return made


def check_templates(words: Wording) -> None:
    """Refuse themes with a template that cannot be read, or that takes from one that is not there.

    Raises `formengine.output.themes.ThemeError`, which names the template.
    """
    made = environment(words)
    for folder in theme_folders("html", words.themes)[:-1]:
        templates = folder / "templates"
        for path in sorted(templates.rglob("*.html")):
            with template_errors():
                tree = made.parse(path.read_text(encoding="utf-8"), filename=str(path))
            for name in find_referenced_templates(tree):
                if name is not None and name not in made.list_templates():
                    raise ThemeError(f"The template {path} takes from {name}, which no theme has")


@contextmanager
def template_errors() -> Iterator[None]:
    """Raise a `formengine.output.themes.ThemeError` of one sentence for an error that Jinja finds in a template."""
    try:
        yield
    except TemplateSyntaxError as error:
        raise ThemeError(f"The template {error.filename}, line {error.lineno}: {error.message}") from None
    except TemplateError as error:
        raise ThemeError(f"A template of the theme cannot be used: {error.message}") from None


def _kind(value: object) -> str:
    """What a block of content is, for templates to choose by: "Paragraph", "BulletList"."""
    return type(value).__name__
