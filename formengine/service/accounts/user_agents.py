"""Which browser somebody signs in with, in a few known words: what they can recognise, and no more."""

from __future__ import annotations

from typing import Final

# By what stands in the header, the first that does: each browser also says the names of those below it.
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
# The facts of a session that say so.
BROWSER: Final = "browser"
SYSTEM: Final = "system"


def browser_facts(user_agent: str) -> dict[str, str]:
    """What a session remembers of its browser: `browser` and `system`, each a name listed here, or "".

    user_agent: the header as it came; nothing of it is kept.
    """
    return {BROWSER: _name(user_agent, _BROWSERS), SYSTEM: _name(user_agent, _SYSTEMS)}


def _name(said: str, known: tuple[tuple[tuple[str, ...], str], ...]) -> str:
    return next((name for signs, name in known if any(sign in said for sign in signs)), "")
