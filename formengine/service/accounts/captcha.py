"""The captcha: a puzzle that a browser solves by itself, or a code by e-mail where it cannot.

The puzzle is ALTCHA's proof of work (PBKDF2), made and checked by the `altcha` package; no other service is involved. A
solved puzzle is good once, in the browser that got it. Besides, a hidden field (honeypot) and a minimum time stop
programs that fill in everything at once.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

import altcha

from formengine.service.accounts.authentication import Refused, send_code
from formengine.service.accounts.email_codes import CodeRequest, EmailCodes, NotYet
from formengine.service.accounts.identity import address_index
from formengine.service.accounts.sessions import Sessions
from formengine.service.context import ServiceContext
from formengine.service.rate_limits import RateLimits
from formengine.store.rows import SessionRow

# PBKDF2 with so many rounds for each guess, and so many guesses: well under a second on a telephone of today's.
_ALGORITHM: Final = "PBKDF2/SHA-256"
_ROUNDS: Final = 5_000
_FEWEST_GUESSES: Final = 100
_MOST_GUESSES: Final = 300
GOOD_FOR: Final = timedelta(minutes=20)
# Nobody reads the page and presses the button in less time.
_LEAST: Final = timedelta(seconds=1)

# The fact that somebody passed and has not used it yet, and the one that names the drafts it was used for.
PASSED: Final = "human"
_PASSED_FOR: Final = "human_for"
_MOST_DRAFTS: Final = 20
# The fact with the blind index of the address to which a code was sent.
_CODE_TO: Final = "code_to"

# Why a solution is refused. "used": once before. "late": the puzzle is too old. "wrong": anything else.
NotHuman = Literal["wrong", "late", "used"]


@dataclass(frozen=True, slots=True)
class Puzzle:
    """The puzzle for a browser: `text` is its JSON; `most_guesses` the most attempts it can take."""

    text: str
    most_guesses: int = _MOST_GUESSES


class Captcha:
    """Makes puzzles and judges solutions; shared by threads."""

    def __init__(self, context: ServiceContext, sessions: Sessions, limits: RateLimits) -> None:
        self._context = context
        self._sessions = sessions
        self._codes = EmailCodes(context, limits)
        # The key that signs puzzles, and the one that signs their solutions, so that checking one is cheap.
        self._secret = context.keys.index("human", "challenge")
        self._key_secret = context.keys.index("human", "solution")

    def puzzle(self, browser: str) -> Puzzle:
        """A puzzle for this browser alone; `browser` is a text that no other has, such as its CSRF token."""
        made = altcha.create_challenge(
            _ALGORITHM,
            _ROUNDS,
            counter=_FEWEST_GUESSES + secrets.randbelow(_MOST_GUESSES - _FEWEST_GUESSES),
            data={"session": self._bound(browser), "made": int(self._context.clock().timestamp())},
            hmac_secret=self._secret,
            hmac_key_secret=self._key_secret,
        )
        return Puzzle(json.dumps(made.to_dict()))

    def fault(self, browser: str, solution: str, trap: str = "") -> NotHuman | None:
        """None where the browser's puzzle is solved, for the first time; else why the solution is refused.

        solution: the puzzle with its solution, JSON in base64, as the page's script makes it. trap: the content of the
        hidden field.
        """
        if (
            trap
            or not altcha.verify_solution(solution, self._secret, hmac_key_secret=self._key_secret).verified
        ):
            return "wrong"
        # What verifies was made and signed here: its parts are unchanged.
        parameters: Any = altcha.Payload.from_base64(solution).challenge.parameters
        made = datetime.fromtimestamp(parameters.data["made"], UTC)
        now = self._context.clock()
        if parameters.data["session"] != self._bound(browser) or now - made < _LEAST:
            return "wrong"
        if now - made > GOOD_FOR:
            return "late"
        with self._context.store.write() as tx:
            if not tx.counters.spend(f"human:{parameters.nonce}", made + GOOD_FOR):
                return "used"
        return None

    def passed(self, session: SessionRow) -> SessionRow:
        """The session, with the fact recorded that its person passed: it is good for one action."""
        return self._sessions.set_facts(session, **{PASSED: "1"})

    def spend(self, session: SessionRow, *, draft: str = "") -> bool:
        """Use up that the person passed; whether they had, which is True for one of several callers at once.

        draft: the id of the draft that it is spent on; from then on it is good for everything in that.
        """
        with self._context.store.write() as tx:
            newest = tx.sessions.get(session.token_hash)
            if newest is None or newest.facts.get(PASSED) != "1":
                return False
            facts = {name: fact for name, fact in newest.facts.items() if name != PASSED}
            if draft:
                drafts = [each for each in facts.get(_PASSED_FOR, "").split() if each != draft]
                facts[_PASSED_FOR] = " ".join([*drafts[-_MOST_DRAFTS:], draft])
            tx.sessions.replace(replace(newest, facts=facts))
        return True

    def grant(self, session: SessionRow, draft: str) -> None:
        """Record that the person passed for this draft, as with `spend`."""
        self.spend(self.passed(session), draft=draft)

    @staticmethod
    def spent_on(session: SessionRow, draft: str) -> bool:
        """Whether the person passed for this draft."""
        return draft in session.facts.get(_PASSED_FOR, "").split()

    def send_code(self, session: SessionRow, email: str, *, again: bool = False) -> Refused | None:
        """E-mail a code; None where it was sent, else why not. Of the address only a blind index is stored."""
        request = self._request(session, address_index(self._context, email))
        # Who has mistyped the address need not wait to correct it.
        same = session.facts.get(_CODE_TO) == request.address
        self._sessions.set_facts(session, **{_CODE_TO: request.address})
        with self._context.store.write() as tx:
            before = session.token_hash if same else ""
            issued = self._codes.issue(tx, request, before=before, again=again)
            if isinstance(issued, NotYet):
                return Refused("wait", issued.wait_s)
            if issued.code:
                send_code(tx, self._context, email, "human", issued)
        return None

    def _request(self, session: SessionRow, address: str) -> CodeRequest:
        return CodeRequest(
            owner=session.token_hash, purpose="human", session=session.token_hash, address=address
        )

    def enter_code(self, session: SessionRow, typed: str) -> Refused | None:
        """None where the code was right, which is recorded in the session; else why it was refused."""
        request = self._request(session, session.facts.get(_CODE_TO, ""))
        with self._context.store.write() as tx:
            verdict = self._codes.enter(tx, request, typed)
        if verdict != "right":
            return Refused(verdict)
        self.passed(session)
        return None

    def _bound(self, browser: str) -> str:
        return self._context.keys.index("human", browser)[:32]
