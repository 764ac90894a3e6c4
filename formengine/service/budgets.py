"""Budgets: how much one person, one browser, one address may take before others would have to wait for them.

What is counted over time is in `formengine.service.rate_limits`. `docs/budgets.md` prints both.
Lengths of time are in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# --- a draft ---------------------------------------------------------------------------------------------------------

# The answers of a draft together, sealed: some 150,000 words.
ANSWERS_BYTES: Final = 1_000_000
# From here on a draft's pages are drawn beside the event loop, one at a time.
LARGE_ANSWERS_BYTES: Final = 50_000
# What waits to be saved for one draft.
HELD_POSTS: Final = 20
HELD_BYTES: Final = 40_000_000
# One entry of a list on a page of *My forms*.
LISTED: Final = 20

# --- connections and bodies ------------------------------------------------------------------------------------------

# Of one address (a household's or a school's /64 of IPv6), a trusted proxy's not counted.
CONNECTIONS: Final = 256
# A request's line and headers.
HEADERS_S: Final = 10.0
HEADERS_BYTES: Final = 65_536
# A body comes at least so fast, measured over the time for which the service waited for it.
BODY_BYTES_S: Final = 1_000
LARGE_BODY_BYTES_S: Final = 20_000
BODY_WINDOW_S: Final = 20.0
# Posts of one address that are being read at the same moment.
POSTS_AT_ONCE: Final = 64
# Larger posts than one with texts alone: each is held in memory, and takes more than that while it is sealed.
LARGE_POSTS_AT_ONCE: Final = 4
LARGE_POSTS_OF_ONE: Final = 2
# Of browsers that have done nothing yet, such as with a PDF to continue from: apart, so that they block nobody else.
LARGE_POSTS_OF_STRANGERS: Final = 1
# How long one waits for another to be answered; browsers wait meanwhile, and proxies do for a minute.
LARGE_POST_WAIT_S: Final = 20.0

# --- a session -------------------------------------------------------------------------------------------------------

# An id or the name of a step that a session remembers as where somebody was going.
TARGET_CHARACTERS: Final = 200


# --- for people ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Budget:
    """A line of the operators' table: what is bounded, how much there is of it, for whom, and what happens beyond."""

    what: str
    most: str
    whose: str
    beyond: str


# Checking the text of a large form takes a second of the processor that all share.
TEXTS_CHECKED_AT_ONCE: Final = 1

_LEFT_OUT: Final = "the page is not saved, says so and keeps what was typed"

BUDGETS: Final = (
    Budget(
        "answers",
        f"{ANSWERS_BYTES / 1e6:g} MB, some 150,000 words",
        "draft",
        f"{_LEFT_OUT}; what was saved before stays, and an answer can always be made shorter",
    ),
    Budget(
        "answers whose pages are drawn beside all others, one at a time",
        f"from {LARGE_ANSWERS_BYTES // 1000} kB",
        "draft",
        "a page of it takes a little longer; nobody else waits",
    ),
    Budget(
        "texts of forms that are checked, previewed or published in the studio",
        str(TEXTS_CHECKED_AT_ONCE),
        "service",
        "an author waits for another; nobody else does",
    ),
    Budget(
        "pages that wait to be saved",
        f"{HELD_POSTS}, and {HELD_BYTES // 10**6} MB",
        "draft",
        f"{_LEFT_OUT}",
    ),
    Budget("forms on a page of *My forms*", f"{LISTED} of each list", "page", "the next page"),
    Budget("open connections", str(CONNECTIONS), "address, of who connects", "a further one is closed"),
    Budget("a request's line and headers", f"{HEADERS_S:g} seconds", "connection", "it is closed"),
    Budget(
        "a request's line and headers while they come",
        f"{HEADERS_BYTES // 1024} KiB",
        "connection",
        "it is closed",
    ),
    Budget(
        "posts that are being read", str(POSTS_AT_ONCE), "address", "503, to be sent again in half a minute"
    ),
    Budget(
        "the pace of a body",
        f"{BODY_BYTES_S // 1000} kB a second, over {BODY_WINDOW_S:g} seconds each",
        "request",
        "408, with what was typed as far as it came; its memory is free",
    ),
    Budget(
        "the pace of a post of more than a page of text",
        f"{LARGE_BODY_BYTES_S // 1000} kB a second, over {BODY_WINDOW_S:g} seconds each",
        "request",
        "408, with what was typed as far as it came; its place is free",
    ),
    Budget(
        "such posts at once, of pages of ours",
        str(LARGE_POSTS_AT_ONCE),
        "service",
        f"waits for at most {LARGE_POST_WAIT_S:g} seconds; then the page asks for it again and keeps what was typed",
    ),
    Budget("such posts at once", str(LARGE_POSTS_OF_ONE), "address, and session", "as above"),
    Budget(
        "such posts at once of browsers that have done nothing yet",
        str(LARGE_POSTS_OF_STRANGERS),
        "service",
        "as above; nobody else waits for them",
    ),
)
