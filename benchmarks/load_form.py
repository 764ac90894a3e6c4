"""Loading, checking and compiling a form against bare `yaml.CSafeLoader` on the same files.

The bundled forms with all lists and fragments they use, then a generated form of 250, 500 and 1,000 pages of five
questions each, every fifth of them on a condition: what a page costs must not grow with their number. Both sides open
and read the files. What is kept between loads (validators, trees of conditions) is forgotten before each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path

import yaml

from benchmarks._rounds import Figure, median_times_s, report
from formengine.engine import Engine
from formengine.form.schema import validators
from formengine.language.bundled import bundled_folder
from formengine.language.loader import DefinitionLimits

FORMS = ("request-for-support", "early-help-notification")
PAGES = (250, 500, 1000)
AIM = 2.5
ROOMY = DefinitionLimits(max_bytes=10_000_000, max_nodes=1_000_000)

PAGE = """\
  - id: page_{n}
    title: What we should know about part {n}
    intro: |
      Tell us what you know about part {n}. Leave out what you do **not** know.
    fields:
      - id: applies_{n}
        type: yes_no
        label: Does part {n} apply to the child?
        required: true
      - id: kind_{n}
        type: choice
        label: Which kind is it?
        options:
          first: The first kind
          second: The second kind
          third: Another kind
      - id: since_{n}
        type: date
        label: Since when?
        hint: For example 27 3 2024
      - id: name_{n}
        type: text
        label: Who told you about part {n}?
        max_length: 100
      - id: more_{n}
        type: long_text
        label: What else is there to say?
        show_if: applies_{n} is yes and kind_{n} is not third
"""


def generated_form(pages: int) -> bytes:
    """A form of so many pages of five questions."""
    head = "form: generated\ntitle: A long form\nversion: 2026.1\npages:\n"
    return (head + "".join(PAGE.format(n=n) for n in range(1, pages + 1))).encode()


def bundled_files(form: str) -> list[Path]:
    """The files of a bundled form: its own, its lists and its fragments."""
    return [bundled_folder("definitions") / source.name for source in Engine().form(form).definition.sources]


def forget() -> None:
    """Clear the caches, so that no round profits from an earlier one."""
    validators._judge_of_text.cache_clear()  # noqa: SLF001 - no part of what the module offers
    import_module("formengine.language.expressions.parse")._tree.cache_clear()  # noqa: SLF001 - as above


def load_file(engine: Engine, form: str) -> None:
    """Ours: from the files to a compiled form."""
    forget()
    engine.form(form)


def load_text(engine: Engine, text: bytes) -> None:
    """Ours: from a text to a compiled form."""
    forget()
    engine.form_of_text(text)


def bare_files(files: Sequence[Path]) -> None:
    """The reference: the same files, to dicts and lists."""
    for file in files:
        yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)


def figures(rounds: int, *, pages: Sequence[int] = PAGES) -> Iterator[Figure]:
    """The bundled forms, then the generated ones."""
    engine = Engine(limits=ROOMY)
    for form in FORMS:
        sides = [partial(load_file, engine, form), partial(bare_files, bundled_files(form))]
        ours, theirs = median_times_s(sides, rounds)
        yield Figure(f"load, check and compile {form}", ours, theirs, at_most=AIM)
    per_page = []
    for count in pages:
        text = generated_form(count)
        sides = [partial(load_text, engine, text), partial(yaml.load, text, Loader=yaml.CSafeLoader)]
        ours, theirs = median_times_s(sides, max(1, rounds // 3))
        per_page.append(ours / count)
        yield Figure(f"the same, a generated form of {count:,} pages", ours, theirs, at_most=AIM)
    yield Figure(
        f"a page of {pages[-1]:,} against a page of {pages[0]:,}", per_page[-1], per_page[0], at_most=1.2
    )


def main(rounds: int = 9) -> None:
    """Print the figures."""
    report(figures(rounds))


if __name__ == "__main__":
    main()
