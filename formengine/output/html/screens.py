"""Draws the pages of a service that are no form's: the hub, signing in, errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from formengine.language.words import Wording
from formengine.output.html.environment import environment
from formengine.output.html.frame import Site

# What a screen has unless it says otherwise.
_NOTHING_MORE: Mapping[str, object] = {"problems": (), "back": "", "errors": {}, "values": {}}


@dataclass(frozen=True, slots=True)
class _NoForm:
    """What the frame gets in place of a form: a screen has a title of its own."""

    title: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class ScreenLinks:
    """Where a screen's frame leads: `root` is the mount prefix, `assets` the folder of static files."""

    root: str
    assets: str
    posts: bool = True

    @property
    def index(self) -> str:
        """The first screen."""
        return f"{self.root}/"

    def asset(self, name: str) -> str:
        """``/static/0a1b2c3d/council.css``."""
        return f"{self.assets}/{name}"


class Screens:
    """Draws screens from ``templates/screens``; shared by threads.

    words: what screens say, with the themes in front of the bundled one. assets: the folder of static files, below the
    mount prefix. Raises `formengine.output.themes.ThemeError` for a folder that is no theme.

    A template extends ``screens/base.html``, fills its block ``content`` and takes its controls from
    ``screens/parts.html``. Everything it is given is escaped.
    """

    def __init__(self, *, words: Wording | None = None, assets: str = "/static") -> None:
        self._environment = environment(words or Wording())
        self._assets = assets

    def draw(self, template: str, *, site: Site, root: str, title: str, **context: object) -> str:
        """The whole document that ``template`` in the themes' folder ``screens`` draws.

        problems: the lines of the error summary, each with `text` and `href`. errors: by a control's name, what is
        wrong. values: by a control's name, what was typed. back: where "Back" leads, "" for none.
        """
        facts: dict[str, object] = {
            **_NOTHING_MORE,
            **context,
            "site": site,
            "root": root,
            "title": title,
            "form": _NoForm(site.name),
            "links": ScreenLinks(root, root + self._assets),
        }
        return self._environment.get_template(f"screens/{template}").render(facts)
