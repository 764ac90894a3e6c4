"""Reviews: an approval holds for one text alone, and never comes from whoever changed it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from formengine.service.accounts.users import close_user, set_role
from formengine.service.audit import entries
from formengine.service.studio.publishing import PublicationRefusedError
from formengine.service.studio.reviews import ReviewRefusedError
from tests.support.journey_people import account_of
from tests.support.service_app import Service
from tests.support.studio import FORM, MAIN, studio_service

pytestmark = pytest.mark.slow

NEW = FORM.replace("label: Your name", "label: Your full name")
OTHER = FORM.replace("label: Your name", "label: What is your name?")


class Board:
    """A service with two authors and, once made, an approver."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.ash = account_of(service, "ash@example.org", "author")
        self.kit = account_of(service, "kit@example.org", "author")
        self.reviews, self.copies = service.context.reviews, service.context.working_copies
        self.publishing = service.context.publishing

    def approver(self, name: str = "noor") -> str:
        return account_of(self.service, f"{name}@example.org", "approver")

    def save(self, text: str, account: str) -> str:
        """The digest of the text, once it is saved."""
        seen = self.copies.now("visit")
        assert seen is not None
        self.copies.save("visit", {MAIN: text}, rev=seen.rev, base=seen.base, account=account)
        return self.digest()

    def digest(self) -> str:
        now = self.copies.now("visit")
        assert now is not None
        form = self.service.context.engine.check_texts(now.texts).form
        assert form is not None
        return form.digest

    def ask(self) -> None:
        self.reviews.ask("visit", self.digest(), account=self.ash, written="It was unclear")

    def answer(self, account: str, *, approves: bool = True) -> None:
        self.reviews.answer("visit", self.digest(), approves=approves, account=account, written="Fine")

    def publish(self, *, alone: bool = False) -> None:
        now = self.copies.now("visit")
        assert now is not None
        self.publishing.publish(
            "visit", now.texts, account=self.ash, reason="Unclear", rev=now.rev, alone=alone
        )

    def stage(self) -> str:
        return self.reviews.of("visit", self.digest(), self.ash).stage

    def mail(self) -> list[tuple[str, str]]:
        """To whom, and its subject, the newest first."""
        mailbox = self.service.context.mailbox
        assert mailbox is not None
        return [
            (letter.to.partition("@")[0], letter.email.subject.partition(":")[0])
            for letter in mailbox.newest()
        ]


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    service = studio_service(tmp_path)
    yield Board(service)
    service.store.close()


def refused(call: Callable[[], None]) -> str:
    with pytest.raises((ReviewRefusedError, PublicationRefusedError)) as found:
        call()
    assert isinstance(found.value, ReviewRefusedError | PublicationRefusedError)
    return found.value.why


def test_without_an_approver_an_author_publishes_alone(board: Board) -> None:
    board.save(NEW, board.ash)
    assert not board.reviews.of("visit", board.digest(), board.ash).needed
    board.publish()
    assert [line.row.approved_by for line in board.publishing.history("visit")] == ["", ""]
    assert board.mail() == []


def test_with_an_approver_only_an_approved_text_is_published(board: Board) -> None:
    noor = board.approver()
    board.save(NEW, board.ash)
    assert (board.stage(), refused(board.publish)) == ("draft", "not_approved")
    board.ask()
    assert (board.stage(), refused(board.publish)) == ("in_review", "not_approved")
    board.answer(noor)
    assert board.stage() == "approved"
    board.publish()
    newest = board.publishing.history("visit")[0]
    assert (newest.row.number, newest.row.approved_by, newest.approver) == (2, noor, "Sam Example")
    assert board.reviews.of("visit", board.digest(), board.ash).lines == []
    assert board.mail() == [
        ("ash", "Ask for a visit was approved"),
        ("noor", "A change of Ask for a visit waits for review"),
    ]
    assert [(each.actor, each.action) for each in entries(board.service.store)][-4:] == [
        (board.ash, "form.text_saved"),
        (board.ash, "form.review_asked"),
        (noor, "form.approved"),
        (board.ash, "form.published"),
    ]


def test_an_approval_ends_with_the_next_change_of_the_text(board: Board) -> None:
    noor = board.approver()
    board.save(NEW, board.ash)
    board.ask()
    board.answer(noor)
    board.save(OTHER, board.kit)
    assert (board.stage(), refused(board.publish)) == ("draft", "not_approved")
    assert [line.is_of_this_text for line in board.reviews.of("visit", board.digest(), noor).lines] == [
        False,
        False,
    ]


def test_a_text_that_was_sent_back_is_not_published_until_it_is_asked_for_and_approved(board: Board) -> None:
    noor = board.approver()
    board.save(NEW, board.ash)
    board.ask()
    board.answer(noor, approves=False)
    assert (board.stage(), refused(board.publish)) == ("sent_back", "not_approved")
    assert refused(lambda: board.answer(noor)) == "not_asked"
    board.ask()
    board.answer(noor)
    board.publish()


def test_whoever_changed_the_text_cannot_approve_it_whatever_their_role_is_now(board: Board) -> None:
    board.approver()
    board.save(OTHER, board.kit)
    board.save(NEW, board.ash)
    board.ask()
    with board.service.store.write() as tx:
        row = tx.accounts.get(board.kit)
        assert row is not None
        tx.accounts.replace(replace(row, role="approver"))
    assert refused(lambda: board.answer(board.kit)) == "own"
    assert refused(lambda: board.answer(board.ash)) == "not_approver"


def test_fifty_saves_later_an_editor_is_still_known(board: Board) -> None:
    noor = board.approver()
    board.save(OTHER, board.kit)
    seen = board.copies.now("visit")
    assert seen is not None
    for number in range(51):
        seen = board.copies.save(
            "visit", {MAIN: f"{NEW}# {number}\n"}, rev=seen.rev, base=seen.base, account=board.ash
        )
    assert board.reviews.of("visit", board.digest(), board.kit).is_editor
    assert not board.reviews.of("visit", board.digest(), noor).is_editor


def test_a_review_of_another_text_than_the_one_shown_is_refused(board: Board) -> None:
    noor = board.approver()
    shown = board.save(NEW, board.ash)
    board.ask()
    board.save(OTHER, board.kit)
    call = board.reviews.answer
    assert refused(lambda: call("visit", shown, approves=True, account=noor, written="")) == "changed"
    assert refused(lambda: board.reviews.ask("visit", shown, account=board.ash, written="")) == "changed"


def test_alone_it_is_published_at_once_and_every_approver_is_told(board: Board) -> None:
    for name in ("noor", "lee"):
        board.approver(name)
    board.save(NEW, board.ash)
    board.publish(alone=True)
    assert board.publishing.history("visit")[0].row.approved_by == "nobody"
    assert sorted(board.mail()) == [
        ("lee", "Ask for a visit was published without an approval"),
        ("noor", "Ask for a visit was published without an approval"),
    ]
    assert [each.action for each in entries(board.service.store)][-1] == "form.published_alone"
    board.publishing.roll_back("visit", 1, account=board.ash, reason="Nobody understood it")
    assert len(board.mail()) == 4


def test_a_comment_stands_at_its_question_until_the_change_ends(board: Board) -> None:
    noor = board.approver()
    digest = board.save(NEW, board.ash)
    board.reviews.comment("visit", digest, account=noor, written="Is it needed?", place="name")
    (line,) = board.reviews.of("visit", digest, noor).lines
    assert (line.event, line.place, line.note) == ("commented", "name", "Is it needed?")
    board.copies.discard("visit", rev=1, account=board.ash)
    assert board.reviews.of("visit", digest, noor).stage == "none"
    assert board.reviews.of("visit", digest, noor).lines == []


@pytest.mark.parametrize("ending", ["another role", "closed"])
def test_an_approval_ends_with_the_right_to_give_it(board: Board, ending: str) -> None:
    noor, _ = board.approver(), board.approver("lee")
    board.save(NEW, board.ash)
    board.ask()
    board.answer(noor)
    assert board.stage() == "approved"
    if ending == "closed":
        assert close_user(board.service.service, "noor@example.org")
    else:
        assert set_role(board.service.service, "noor@example.org", "author")
    assert board.stage() == "draft"
    assert refused(board.publish) == "not_approved"


def test_asking_again_before_anybody_has_answered_tells_nobody_again(board: Board) -> None:
    noor = board.approver()
    board.save(NEW, board.ash)
    for _ in range(3):
        board.ask()
    assert [to for to, _ in board.mail()].count("noor") == 1
    board.answer(noor, approves=False)
    board.ask()
    assert [to for to, _ in board.mail()].count("noor") == 2
