"""What people do with a draft and an account besides sending: told step by step, and what must be there of it.

Somebody comes back after the session has ended and posts what they had typed; removes a person from the list and a
file from its page; deletes the draft; changes their details, chooses a new password by e-mail, and closes the account.
What was deleted must be gone: nothing that was destroyed may come back after a crash.
"""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from formengine.form.actions.drafts import Answers
from formengine.service.accounts.identity import address_index, person_of
from tests.chaos import referral
from tests.chaos.nursery import tell
from tests.chaos.referral import DATABASE, Known, Way, reopened, unsound
from tests.support.journey_people import brought_back
from tests.support.service_app import BEGUN, Service
from tests.support.signing_in import EMAIL, PASSWORD, enter_password

LATE = "Robin Example, called Rob"
NEW_PASSWORD = "seven quiet lamps"
TEACHER = "Head teacher"
_BEFORE: list[tuple[Service, Path, Known]] = []


class Upkeep(Way):
    """The same person, later."""

    def go(self) -> None:
        for step in (self.post_late, self.come_back, self.remove_person, self.take_file_out, self.change_details,
                     self.choose_password, self.delete_draft, self.close_account):  # fmt: skip
            step()

    @property
    def password(self) -> str:
        return NEW_PASSWORD if self.known.get("new_password") else PASSWORD

    def sign_in_again(self) -> None:
        """In with the password they know; where it was not told that it had changed, with either."""
        if self.browser.get("/account").status_code == 200:
            return
        begun = enter_password(self.browser, password=self.password)
        if begun.status_code != 303:
            begun = enter_password(self.browser, password=NEW_PASSWORD)
        assert begun.status_code == 303, begun.status_code
        done = self.browser.submit("/account/code", {"code": self.service.code(EMAIL)})
        assert done.status_code == 303, done.status_code

    def post_late(self) -> None:
        """The page was opened in time, and posted after the session had ended."""
        if self.known.get("posted_late"):
            return
        if "late_page" not in self.known:
            self.learn(late_page=brought_back(self.browser.get(f"{self.known['way']}child")))
        self.service.clock.move(minutes=25)
        # Sent once more from the same window: with all that the page had, its key too.
        texts = {"-action": "next", "child_name": LATE, **self.known["late_page"]}
        answer = self.browser.submit(f"{self.known['way']}child", texts)
        assert answer.status_code == 303, answer.status_code
        self.learn(posted_late=True)

    def come_back(self) -> None:
        """Signed in again, the person stands on their page with what they had typed, or is shown it to choose it."""
        if self.known.get("came_back"):
            return
        self.sign_in_again()
        answer = self.browser.get(f"{self.known['way']}child")
        while answer.status_code == 303:
            address = answer.headers["location"]
            answer = self.browser.get(address)
            if "/conflict?" in address and answer.status_code == 200:
                assert LATE in answer.text
                answer = self.browser.submit(address, {"keep": "yours", **brought_back(answer)})
        assert LATE in self.browser.get(f"{self.known['way']}child").text
        self.learn(came_back=True)

    def remove_person(self) -> None:
        way = self.known["way"]
        if self.known.get("removed"):
            return
        buttons = re.findall(r'value="remove:(people\.[^"]+)"', self.browser.get(f"{way}people").text)
        if buttons:
            shown = self.browser.get(f"{way}{buttons[0]}.remove")
            texts = {"-action": f"remove:{buttons[0]}", **brought_back(shown)}
            assert self.browser.submit(f"{way}{buttons[0]}.remove", texts).status_code == 303
        self.learn(removed=True)

    def take_file_out(self) -> None:
        """The page is posted without the file that was there."""
        if self.known.get("taken_out"):
            return
        way = self.known["way"]
        shown = self.browser.get(f"{way}worry")
        if "letter.pdf" in shown.text:
            kept = {
                name: text for name, text in brought_back(shown).items() if not name.startswith("documents")
            }
            answer = self.browser.submit(
                f"{way}worry", {"-action": "next", **self.known["saved"]["worry"], **kept}
            )
            assert answer.status_code == 303, answer.status_code
        self.learn(taken_out=True)

    def change_details(self) -> None:
        if self.known.get("details"):
            return
        self.sign_in_again()
        texts = {"first_name": "Alex", "last_name": "Morgan", "job_title": TEACHER}
        assert self.browser.submit("/account/details", texts).status_code == 303
        self.learn(details=True)

    def choose_password(self) -> None:
        if self.known.get("new_password"):
            return
        if self.browser.get("/account").status_code == 200:
            self.browser.submit("/account/sign-out")
        self.browser.cookies.clear()
        assert self.browser.submit("/account/forgotten", {"email": EMAIL}).status_code == 303
        assert self.browser.submit("/account/code", {"code": self.service.code(EMAIL)}).status_code == 303
        texts = {"new_password": NEW_PASSWORD, "confirm": NEW_PASSWORD}
        assert self.browser.submit("/account/reset", texts).status_code == 303
        self.learn(new_password=True)

    def delete_draft(self) -> None:
        if self.known.get("deleted"):
            return
        self.sign_in_again()
        answer = self.browser.submit(f"{self.known['way']}cancel", {"-action": "delete"})
        assert answer.status_code in {200, 303}, answer.status_code
        self.learn(deleted=True)

    def close_account(self) -> None:
        if self.known.get("closed"):
            return
        if self.account() is not None:
            self.sign_in_again()
            answer = self.browser.submit("/account/close", {"password": self.password})
            assert answer.status_code == 303, answer.status_code
        self.learn(closed=True)

    def account(self) -> object:
        """The account with the address: whether it was closed is what the person sees when they try to sign in."""
        with self.service.store.read() as tx:
            return tx.accounts.by_email(address_index(self.service.service, EMAIL))


class Findings:
    """What is wrong with what is kept, given what was acknowledged."""

    def __init__(self, service: Service, known: Known) -> None:
        self.service = service
        self.known = known
        self.lost: list[str] = []
        self.twice: list[str] = []
        with service.store.read() as tx:
            self.account = tx.accounts.by_email(address_index(service.service, EMAIL))
            self.draft = tx.drafts.get(known["way"].split("/")[2])
            self.files = tx.files.of_draft(known["way"].split("/")[2])
        self._look_at_account()
        self._look_at_draft()

    def _look_at_account(self) -> None:
        known, account = self.known, self.account
        if account is None:
            # Closing is the last thing: it may have happened once everything before was told.
            self.lost += [] if known.get("deleted") else ["account"]
            return
        if known.get("closed"):
            self.twice.append("account")
        if known.get("details") and person_of(self.service.service, account).job_title != TEACHER:
            self.lost.append("details")
        passwords = self.service.context.passwords
        if known.get("new_password") and not passwords.fits(NEW_PASSWORD, account.password_hash):
            self.lost.append("password")

    def _look_at_draft(self) -> None:
        known, draft = self.known, self.draft
        if draft is None:
            self.lost.append("draft")
        elif draft.status == "open":
            self.twice += ["draft"] if known.get("deleted") else []
            self._look_at_answers(self.service.context.drafts.unsealed(draft).answers)
        elif draft.answers or draft.data_key or self.files:
            self.twice.append("what was deleted")

    def _look_at_answers(self, answers: Answers) -> None:
        known = self.known
        if known.get("came_back") and answers.get("child_name") != LATE:
            self.lost.append(f"what was posted late: {answers.get('child_name')}")
        if known.get("removed") and answers.get("people"):
            self.twice.append("person")
        # A file that no answer names any more may be left, sealed, by a crash: it goes with the draft at the latest.
        if known.get("taken_out") and answers.get("documents"):
            self.twice.append("file")

    def told(self) -> dict[str, list[str]]:
        return {"lost": self.lost, "twice": self.twice, "broken": unsound(self.service)}


def prepare() -> None:
    """Warms the service, and keeps a database in which the way was walked up to the file."""
    referral.prepare()
    service, empty = referral.warmed()
    before = empty.with_name("before")
    shutil.copy(empty, before)
    reopened(service, before)
    way = Way(service, {}, hear=lambda _: None)
    way.go_up_to_sending()
    shutil.copy(before, empty.with_name("kept"))
    upkeep = Upkeep(service, way.known, hear=lambda _: None)
    upkeep.go()
    _BEFORE[:] = [(service, empty.with_name("kept"), way.known)]


def upkeep(folder: Path, what: Any) -> None:
    """One life of the service, as `tests.chaos.referral.referral`."""
    service, kept, before = _BEFORE[0]
    known = what["known"] or before
    database = folder / DATABASE
    if not database.exists():
        shutil.copy(kept, database)
    reopened(service, database)
    service.clock.now = BEGUN + timedelta(minutes=1 + 30 * what["life"])
    if what["look"]:
        tell({"found": Findings(service, known).told()})
    way = Upkeep(service, known)
    way.go()
    tell({"found": Findings(service, way.known).told()})
