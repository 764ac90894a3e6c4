"""A form as finished static pages in a folder: for looking at, printing and checking; nothing entered is sent."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from formengine.form.plan import Form
from formengine.form.state import RepeatState, State, evaluate
from formengine.form.state.views import repeats_in
from formengine.language.json_types import Json
from formengine.output.html.body import NEW
from formengine.output.html.frame import Site
from formengine.output.html.links import StaticLinks
from formengine.output.html.renderer import HtmlRenderer
from formengine.output.themes import theme_folders, with_themes


def render_site(
    form: Form,
    answers: Json,
    on: date,
    folder: Path,
    *,
    with_errors: bool = False,
    themes: Iterable[Path] = (),
    site: Site | None = None,
) -> list[Path]:
    """The files written into `folder`: every relevant page, each item's, ``check-answers.html``, ``index.html``.

    Pages are named by their ids (``child.html``, ``children.i1.html``) and linked with one another; the theme's css and
    js lie in ``static/``. with_errors: show on each page what is wrong on it. Raises `OSError` when the folder cannot
    be written, and `formengine.output.themes.ThemeError` for a folder in `themes` that is no theme.
    """
    return write_site(
        evaluate(form, answers, on=on), folder, with_errors=with_errors, themes=themes, site=site
    )


def write_site(
    state: State,
    folder: Path,
    *,
    with_errors: bool = False,
    themes: Iterable[Path] = (),
    site: Site | None = None,
) -> list[Path]:
    """The files of `render_site` for a state that is there; a copy for one audience says on each page whose it is."""
    themes = tuple(themes)
    if state.audience and site is None:
        words = with_themes(state.form.wording, themes)
        name = state.form.definition.audiences[state.audience]
        site = Site(banner=f"{name}. {words.text('paper.audience_text')}")
    html = HtmlRenderer(state.form, themes=themes, links=StaticLinks(), site=site)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in static_pages(html, state, with_errors=with_errors):
        path = folder / name
        path.write_text(text, encoding="utf-8")
        written.append(path)
    copy_assets(folder / "static", themes)
    return written


def static_pages(html: HtmlRenderer, state: State, *, with_errors: bool = False) -> Iterator[tuple[str, str]]:
    """Each page's file name and text."""
    links = StaticLinks()
    yield links.index, html.index(state)
    for page in state.pages:
        if page.page.spec.paper_only:
            continue
        yield links.page(page.id), html.page(state, page.id, show_errors=with_errors)
        for node in repeats_in(page.nodes):
            if node.repeat.spec.layout == "cards":
                yield from _item_pages(html, state, node, with_errors=with_errors)
    yield links.check_answers, html.check_answers(state, show_errors=with_errors)
    yield links.confirmation, html.confirmation(state)


def _item_pages(
    html: HtmlRenderer, state: State, node: RepeatState, *, with_errors: bool
) -> Iterator[tuple[str, str]]:
    links = StaticLinks()
    for item in node.items:
        for page_id in [page.id for page in item.pages] or [""]:
            text = html.item(state, node.path, item.id, page_id, show_errors=with_errors)
            yield links.item(node.path, item.id, page_id), text
        yield links.remove(node.path, item.id), html.remove(state, node.path, item.id)
    yield links.item(node.path, NEW), html.item(state, node.path, NEW)


def copy_assets(folder: Path, themes: tuple[Path, ...] = ()) -> None:
    """The themes' css and js in `folder`, those of the theme asked first over the others'."""
    for theme in reversed(theme_folders("html", themes)):
        if (theme / "static").is_dir():
            shutil.copytree(theme / "static", folder, dirs_exist_ok=True)
