"""Codes: six figures, ten minutes, five tries, one a session; and one that lasts, where many were asked for."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from formengine.service.accounts.email_codes import (
    CodeRequest,
    CodeVerdict,
    EmailCodes,
    Issued,
    NotYet,
    Purpose,
)
from formengine.store.sqlite import SqliteStore
from tests.support.service_parts import Parts, parts_on


class Sent:
    """Codes of one owner, asked for and tried in named sessions."""

    def __init__(self, parts: Parts, purpose: Purpose = "register") -> None:
        self.parts = parts
        self.purpose = purpose
        self.codes = EmailCodes(parts.context, parts.limits)

    def request(self, session: str = "s", owner: str = "o", browser: str = "") -> CodeRequest:
        return CodeRequest(
            owner=owner,
            purpose=self.purpose,
            session=session,
            address=f"address of {owner}",
            browser=browser,
        )

    def issue(
        self, session: str = "s", *, before: str = "", again: bool = False, browser: str = ""
    ) -> Issued | NotYet:
        with self.parts.context.store.write() as tx:
            request = self.request(session, browser=browser)
            return self.codes.issue(tx, request, before=before, again=again)

    def code(self, session: str = "s", before: str = "") -> str:
        issued = self.issue(session, before=before)
        assert isinstance(issued, Issued)
        return issued.code

    def enter(self, typed: str, session: str = "s") -> CodeVerdict:
        with self.parts.context.store.write() as tx:
            return self.codes.enter(tx, self.request(session), typed)

    def used_up(self) -> str:
        """The code that lasts, after all others were asked for in other sessions."""
        for number in range(5):
            assert len(self.code(f"stranger {number}")) == 6
        return self.code("the last stranger")


@pytest.fixture
def sent(parts: Parts) -> Sent:
    return Sent(parts)


def wrong(code: str) -> str:
    """Another code."""
    return f"{(int(code) + 1) % 10**6:06}"


def test_a_code_is_six_figures_and_kept_as_a_hash(parts: Parts, sent: Sent) -> None:
    code = sent.code()
    assert re.fullmatch("[0-9]{6}", code)
    with parts.context.store.read() as tx:
        row = tx.codes.live("o", "register", "s")
    assert row is not None
    assert code not in repr(row)


@pytest.mark.parametrize("typed", ["{a}{b}", " {a} {b} ", "{a}-{b}", "{a}\u2013{b}\t"])
def test_spaces_and_hyphens_do_not_matter(sent: Sent, typed: str) -> None:
    code = sent.code()
    assert sent.enter(typed.format(a=code[:3], b=code[3:])) == "right"


def test_a_code_is_good_once(sent: Sent) -> None:
    code = sent.code()
    assert sent.enter(code) == "right"
    assert sent.enter(code) == "gone"


def test_a_code_is_good_for_ten_minutes(parts: Parts, sent: Sent) -> None:
    code = sent.code()
    parts.clock.move(minutes=10)
    assert sent.enter(code) == "late"


def test_the_fifth_wrong_try_burns_the_code(sent: Sent) -> None:
    code = sent.code()
    tries = [sent.enter(wrong(code)) for _ in range(5)]
    assert tries == ["wrong", "wrong", "wrong", "wrong", "burnt"]
    assert sent.enter(code) == "burnt"


def test_a_code_is_good_in_the_session_alone_that_asked_for_it(sent: Sent) -> None:
    code = sent.code("mine")
    assert sent.enter(code, "another") == "gone"
    assert sent.enter(code, "mine") == "right"


def test_tries_in_another_session_do_not_burn_the_code(sent: Sent) -> None:
    code = sent.code("mine")
    for _ in range(10):
        sent.enter(wrong(code), "another")
    assert sent.enter(code, "mine") == "right"


def test_whoever_else_asks_neither_moves_nor_voids_nor_uses_up_a_code(parts: Parts, sent: Sent) -> None:
    code = sent.code("mine")
    for number in range(12):
        sent.issue(f"stranger {number}")
        for _ in range(6):
            sent.enter(wrong(code), f"stranger {number}")
        parts.clock.move(seconds=10)
    assert sent.enter(code, "mine") == "right"


def test_a_new_code_in_one_browser_ends_the_old_one(parts: Parts, sent: Sent) -> None:
    old = sent.code("first")
    parts.clock.move(seconds=60)
    new = sent.code("second", before="first")
    assert new
    assert sent.enter(old, "first") == "gone"
    assert sent.enter(old, "second") == ("right" if old == new else "wrong")
    assert sent.enter(new, "second") == "right"


def test_another_code_can_be_asked_for_after_a_minute(parts: Parts, sent: Sent) -> None:
    sent.issue()
    parts.clock.move(seconds=20)
    assert sent.issue(again=True) == NotYet(40)
    parts.clock.move(seconds=40)
    assert isinstance(sent.issue(again=True), Issued)


def test_who_begins_again_within_a_minute_uses_the_code_that_is_on_its_way(parts: Parts, sent: Sent) -> None:
    code = sent.code("first")
    parts.clock.move(seconds=20)
    assert sent.issue("second", before="first") == Issued("")
    assert sent.enter(code, "first") == "gone"
    assert sent.enter(code, "second") == "right"


def test_tries_go_along_with_a_code_that_moves(sent: Sent) -> None:
    code = sent.code("0")
    for session in range(1, 5):
        sent.enter(wrong(code), str(session - 1))
        sent.issue(str(session), before=str(session - 1))
    assert sent.enter(wrong(code), "4") == "burnt"
    assert sent.enter(code, "4") == "burnt"


def test_five_codes_an_hour_and_ten_a_day_go_to_an_address_and_then_one_that_lasts(
    parts: Parts, sent: Sent
) -> None:
    def asked() -> int:
        parts.clock.move(minutes=2)
        return len(sent.code(str(parts.clock.running_s)))

    assert [asked() for _ in range(8)] == [6, 6, 6, 6, 6, 16, 0, 0]
    parts.clock.move(hours=1)
    assert [asked() for _ in range(6)] == [6, 6, 0, 0, 0, 0]
    # The last one is over, and so is the day.
    parts.clock.move(hours=24)
    assert [asked() for _ in range(8)] == [6, 6, 6, 6, 6, 16, 0, 0]


def test_the_code_that_lasts_is_good_in_every_session_that_waits_for_one_and_once(
    parts: Parts, sent: Sent
) -> None:
    lasting = sent.used_up()
    parts.clock.move(hours=23)
    sent.issue("mine")
    assert sent.enter(lasting, "nobody's") == "gone"
    assert sent.enter(f"{lasting[:4]}-{lasting[4:8]} {lasting[8:]}", "mine") == "right"
    sent.issue("another")
    assert sent.enter(lasting, "another") == "wrong"


def test_a_code_stays_good_though_others_asked_so_often_that_no_other_can_be_sent(
    parts: Parts, sent: Sent
) -> None:
    code = sent.code("mine")
    for number in range(12):
        sent.issue(f"stranger {number}")
    parts.clock.move(seconds=61)
    assert sent.issue("mine", again=True) == Issued("")
    assert sent.issue("mine too", before="mine") == Issued("")
    assert sent.enter(code, "mine too") == "right"


def test_the_code_that_lasts_is_void_after_a_day(parts: Parts, sent: Sent) -> None:
    lasting = sent.used_up()
    parts.clock.move(hours=24)
    sent.issue("mine")
    assert sent.enter(lasting, "mine") == "wrong"


def test_no_tries_void_the_code_that_lasts(sent: Sent) -> None:
    lasting = sent.used_up()
    sent.issue("mine")
    verdicts = [
        sent.enter(typed, "mine") for typed in ("123456", "0" * 16, "1" * 16, "2" * 16, "3" * 16, "4" * 16)
    ]
    assert verdicts == ["wrong", "wrong", "wrong", "wrong", "burnt", "burnt"]
    assert sent.enter(lasting, "mine") == "right"


def test_a_session_without_a_code_of_its_own_answers_as_one_that_has_it(sent: Sent) -> None:
    sent.used_up()
    for session in ("stranger 0", "the last stranger"):
        verdicts = [sent.enter("no code", session) for _ in range(6)]
        assert verdicts == ["wrong", "wrong", "wrong", "wrong", "burnt", "burnt"]


def test_a_known_browser_has_codes_of_its_own_left(sent: Sent) -> None:
    sent.used_up()
    issued = sent.issue("mine", browser="its name")
    assert isinstance(issued, Issued)
    assert len(issued.code) == 6


def test_codes_for_one_purpose_are_not_counted_against_another(parts: Parts, sent: Sent) -> None:
    sent.used_up()
    assert sent.code("mine") == ""
    assert len(Sent(parts, "human").code("mine")) == 6


def test_a_code_entered_rightly_lets_more_be_sent(parts: Parts, sent: Sent) -> None:
    for _ in range(12):
        parts.clock.move(minutes=2)
        code = sent.code()
        assert len(code) == 6
        assert sent.enter(code) == "right"
        with parts.context.store.write() as tx:
            sent.codes.entered_rightly(tx, sent.request())


def test_a_hundred_guesses_at_once_are_a_hundred(tmp_path: Path) -> None:
    with parts_on(SqliteStore(tmp_path / "store.sqlite3")) as parts:
        sent = Sent(parts)
        code = sent.code()
        with ThreadPoolExecutor(20) as pool:
            verdicts = list(pool.map(lambda _: sent.enter(wrong(code)), range(100)))
        assert verdicts.count("wrong") == 4
        assert verdicts.count("burnt") == 96
        with parts.context.store.read() as tx:
            row = tx.codes.live("o", "register", "s")
        assert row is not None
        assert row.attempts == 100
        assert sent.enter(code) == "burnt"


def test_codes_and_tries_are_forgotten_a_day_after_their_end(parts: Parts, sent: Sent) -> None:
    sent.issue()
    parts.clock.move(hours=24)
    parts.accounts.purge()
    with parts.context.store.read() as tx:
        assert tx.codes.live("o", "register", "s") is not None
    parts.clock.move(minutes=11)
    parts.accounts.purge()
    with parts.context.store.read() as tx:
        assert tx.codes.live("o", "register", "s") is None
