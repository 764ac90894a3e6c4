"""The issuer of a blank form: who issues it, whom to call, where it goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from formengine.portal import Portal

# So many blocks a list of items has, unless it holds fewer or must hold more.
BLOCKS = 3


@dataclass(frozen=True, slots=True)
class Issuer:
    """What a blank form shows besides its questions.

    author: who issues it. at: when it was made, with its time zone. send_to: where to send it, a line each. portal:
    whom to call in danger, and the council's contacts, which stand in for `send_to` where that is empty. blocks: how
    many blocks a list of items has where it may have so many.
    """

    author: str
    at: datetime
    send_to: tuple[str, ...] = ()
    portal: Portal | None = None
    blocks: int = BLOCKS
