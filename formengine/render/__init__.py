"""A state as HTML pages and as plain text."""

from __future__ import annotations

from formengine.render.frame import Site, SiteLink
from formengine.render.html import Html
from formengine.render.links import Links, StaticLinks
from formengine.render.site import render_site, write_site
from formengine.render.text import render_text

__all__ = ["Html", "Links", "Site", "SiteLink", "StaticLinks", "render_site", "render_text", "write_site"]
