"""Budgets: how much one person, one browser, one address may take before others would have to wait for them.

What is counted over time is in `formengine.service.rate_limits`. `docs/budgets.md` prints both.
"""

from __future__ import annotations

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
