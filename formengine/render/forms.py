"""Several forms as one set of static pages, with a page that lists them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from formengine.form import Form
from formengine.packs import Wording
from formengine.render.environment import environment
from formengine.render.frame import Site
from formengine.render.links import StaticLinks
from formengine.render.site import copy_assets, render_site

ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class _Listed:
    """One form in the list."""

    title: str
    description: str
    href: str


@dataclass(frozen=True, slots=True)
class _List:
    """What the frame of the list's page is told in place of a form."""

    title: str
    version: str


def render_forms(
    forms: Iterable[Form], on: date, folder: Path, *, packs: Iterable[Path] = (), site: Site | None = None
) -> Path:
    """The page that lists the forms, ``index.html`` in `folder`; each form's own pages lie in the folder of its id.

    The pages are blank and send nothing; see `render_site`. Raises OSError when the folder cannot be written.
    """
    packs = tuple(packs)
    listed = []
    own = site or Site()
    for form in forms:
        home = "../index.html"
        render_site(form, {}, on, folder / form.id, packs=packs, site=replace(own, home=home))
        listed.append(_Listed(form.title, form.definition.description, f"{form.id}/index.html"))
    title = Wording(ENGLISH).text("pages.forms")
    text = (
        environment(ENGLISH, packs)
        .get_template("forms.html")
        .render(
            title=title,
            forms=listed,
            form=_List(title, ""),
            links=StaticLinks(),
            site=own,
            problems=(),
        )
    )
    index = folder / "index.html"
    index.write_text(text, encoding="utf-8")
    copy_assets(folder / "static", packs)
    return index
