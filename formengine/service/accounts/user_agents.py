"""The browser somebody signs in with, by a few known names: enough to recognise it, and no more."""

from __future__ import annotations

from typing import Final

# By text in the header, the first that matches: each browser also sends the names of those below it.
_BROWSERS: Final = (
    (("Edg/", "EdgA/", "EdgiOS/"), "Edge"),
    (("OPR/", "OPT/"), "Opera"),
    (("SamsungBrowser/",), "Samsung Internet"),
    (("Firefox/", "FxiOS/"), "Firefox"),
    (("Chrome/", "CriOS/", "Chromium/"), "Chrome"),
    (("Safari/",), "Safari"),
)
_SYSTEMS: Final = (
    (("Windows",), "Windows"),
    (("iPhone",), "iPhone"),
    (("iPad",), "iPad"),
    (("Android",), "Android"),
    (("CrOS",), "ChromeOS"),
    (("Macintosh", "Mac OS X"), "Mac"),
    (("Linux",), "Linux"),
)
# The names of these facts in a session.
BROWSER: Final = "browser"
SYSTEM: Final = "system"


def browser_facts(user_agent: str) -> dict[str, str]:
    """The facts of a session about its browser: `browser` and `system`, each a name listed here, or "".

    user_agent: the header as received; it is not stored.
    """
    return {BROWSER: _name(user_agent, _BROWSERS), SYSTEM: _name(user_agent, _SYSTEMS)}


def _name(header: str, known: tuple[tuple[tuple[str, ...], str], ...]) -> str:
    return next((name for signs, name in known if any(sign in header for sign in signs)), "")
