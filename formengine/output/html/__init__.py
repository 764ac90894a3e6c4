"""A state as HTML pages."""

from __future__ import annotations

from formengine.output.html.frame import Site, SiteLink
from formengine.output.html.links import Links, StaticLinks
from formengine.output.html.renderer import HtmlRenderer
from formengine.output.html.static_site import render_site, write_site

__all__ = ["HtmlRenderer", "Links", "Site", "SiteLink", "StaticLinks", "render_site", "write_site"]
