"""Retention: how long each table of the store keeps its rows and what destroys them, printed in the operators' docs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from formengine.service.accounts.authentication import UNCONFIRMED_FOR
from formengine.service.accounts.captcha import GOOD_FOR
from formengine.service.accounts.email_codes import LASTS, LIVES
from formengine.service.accounts.sessions import LONGEST, REMEMBERED
from formengine.service.drafts.drafts import HELD_FOR, KEPT_FOR, WARNED_FOR
from formengine.service.drafts.expiry import MARKED_FOR
from formengine.service.files.uploads import LINKED_WITHIN, ROOM_AFTER
from formengine.service.mail.outbox import REMEMBERED as MAIL_REMEMBERED
from formengine.service.steady_clock import BORNE_OUT_BY
from formengine.service.studio.working_copies import SAVES_KEPT


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """What a table holds, for how long, and what destroys it."""

    what: str
    how_long: str
    ends_by: str


def _time(span: timedelta) -> str:
    """``28 days``, ``24 hours``, ``10 minutes``."""
    seconds = int(span.total_seconds())
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        number = seconds // length
        if seconds % length == 0 and number > (1 if unit == "day" else 0):
            return f"{number} {unit}{'s' if number != 1 else ''}"
    raise ValueError("a time is whole minutes")


_CLOCK: Final = "the background work, by the clock"

# By the table's name in the database.
KEPT: Final[Mapping[str, RetentionRule]] = {
    "drafts": RetentionRule(
        "A form that somebody has begun, with its answers",
        f"{_time(KEPT_FOR)} from its last save. The owner of an account is told by e-mail {_time(WARNED_FOR)} before "
        "that, and a draft whose owner was not told in time waits until then. A draft without account ends without "
        "an e-mail: its address is not kept",
        f"{_CLOCK}; sending, *Cancel*, closing the account. The row stays, without answers and without its key",
    ),
    "marked_drafts": RetentionRule(
        "That a draft is to be destroyed: it is marked first, when its owner is told, or there is nobody to tell",
        f"until the service has run for {_time(MARKED_FOR)} since; longer, where the draft's time is not over by then",
        f"{_CLOCK}, with its draft; whatever the draft's owner changes; `formengine drafts restore`",
    ),
    "held_posts": RetentionRule(
        "A page that was posted after the session had ended",
        _time(HELD_FOR),
        f"{_CLOCK}; saving it after signing in; the end of its draft",
    ),
    "files": RetentionRule(
        "An uploaded file's name, size and kind; the name of a file that was refused, and why",
        f"as long as its draft, or what became of it. One that no answer names: {_time(LINKED_WITHIN)}, or "
        f"{_time(ROOM_AFTER)} where its draft is full. A refusal: until another file is chosen, or its draft is sent",
        f"{_CLOCK}; sending, where no answer that counts names it; *Cancel*, closing the account",
    ),
    "file_contents": RetentionRule(
        "What is in an uploaded file", "as long as its row in `files`", "as there; a virus, at once"
    ),
    "submissions": RetentionRule("What was sent", "for good", "nothing: that is for the council to decide"),
    "definitions": RetentionRule(
        "The text of a form, as it was when somebody began to fill it in", "for good", "nothing"
    ),
    "publications": RetentionRule("What was published, by whom, when and why", "for good", "nothing"),
    "reviews": RetentionRule(
        "Who changed a form, asked for a review, approved it or sent it back, and their notes on it",
        "for good",
        "nothing",
    ),
    "working_copies": RetentionRule(
        "The texts of forms as authors saved them",
        f"the last {SAVES_KEPT} saves of a change; of one that was published the last alone",
        "saving once more; publishing",
    ),
    "accounts": RetentionRule(
        "A person's address, name, details and password hash",
        "until it is closed. One whose address was never confirmed, and an address without an account for which a new "
        f"password was asked: {_time(UNCONFIRMED_FOR)}",
        f"{_CLOCK}; closing it, by its owner or with `formengine users close`. The row of a closed one stays, "
        "without its details and without its key",
    ),
    "recovery_codes": RetentionRule(
        "Keyed hashes of recovery codes, for who has an authenticator app",
        "until each is used",
        "using it, making new ones, no longer using the app, `formengine users without-app`, closing the account",
    ),
    "sessions": RetentionRule(
        "That a browser is signed in, and a name of browser and system such as *Chrome*, *Windows*",
        f"{_time(LONGEST)} at most; that there was one, {_time(REMEMBERED)} more, so that a late page is held",
        f"{_CLOCK}; signing out",
    ),
    "codes": RetentionRule(
        "A keyed hash of an e-mailed code; how many wrong passwords were tried, and by whom: the keyed hash of a "
        "network, or a known browser's random name",
        f"a code works {_time(LIVES)}, the last one of many a day {_time(LASTS)}; its row, and the count of tries, "
        f"stay {_time(UNCONFIRMED_FOR)} more",
        f"{_CLOCK}; entering it rightly",
    ),
    "counters": RetentionRule("How often something was done, for limits", "a day at most", _CLOCK),
    "spent": RetentionRule("That a puzzle or an app's code was used", f"{_time(GOOD_FOR)} at most", _CLOCK),
    "outbox": RetentionRule(
        "E-mails and deliveries",
        f"the text until it is sent. That there was one, and the text of one given up: {_time(MAIL_REMEMBERED)} from "
        "when it was made. Deliveries: as long as the submission",
        f"sending; {_CLOCK}",
    ),
    "cases": RetentionRule(
        "Where a submission stands, and how it ended: stages, deadlines, the mailbox, and nothing that was typed",
        "for good",
        "nothing: that is for the council to decide",
    ),
    "case_events": RetentionRule(
        "What happened to a case: who read it when, which moves, and what staff answered and why, sealed",
        "for good: entries are only added",
        "nothing: that is for the council to decide",
    ),
    "case_work": RetentionRule(
        "What somebody has typed into a case's stage and not decided yet, sealed",
        "until they decide; where a colleague was faster, until they enter something else",
        "their decision",
    ),
    "staff_roles": RetentionRule(
        "Which account may work on the cases of which form, in which role",
        "until it is taken away",
        "`formengine users revoke`",
    ),
    "audit": RetentionRule(
        "Who did what to which row, and no answer", "for good", "nothing: its chain would break"
    ),
    "clock_readings": RetentionRule(
        "By how much the clock was found to have jumped, to know the steady moment by",
        f"until the service has run for {_time(BORNE_OUT_BY)} since",
        "the background work",
    ),
    "canaries": RetentionRule("A sealed text by which a key is known", "for good", "nothing"),
}
