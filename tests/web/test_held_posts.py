"""A page that came late is held for who could have owned the draft, within a budget, and offered to who wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from formengine.service.budgets import HELD_BYTES, HELD_POSTS
from formengine.service.drafts import drafts
from formengine.service.drafts.drafts import HeldFullError
from tests.support.journey_forms import engine_of
from tests.support.journey_people import (
    begun,
    brought_back,
    come_back,
    draft_at,
    give_token,
    post,
    sign_in,
    signed_in,
)
from tests.support.service_app import Person, Service, make_service
from tests.support.upload_files import pdf

PLANTED = "Planted by a stranger"


@pytest.fixture
def helping(tmp_path: Path) -> Iterator[Service]:
    """A service with small forms."""
    made = make_service(tmp_path, engine=engine_of(tmp_path / "forms"))
    yield made
    made.store.close()


def kept_posts(service: Service) -> int:
    with service.store.read() as tx:
        return sum(tx.sealed.count("held_posts").values())


def planted(stranger: Person, way: str, **more: str) -> int:
    typed = {"-action": "next", "name": PLANTED, "rev": "1", **more}
    return stranger.submit(f"{way}you", typed).status_code


def test_a_stranger_who_knows_a_drafts_id_plants_nothing_and_reads_what_they_typed(helping: Service) -> None:
    owner = signed_in(helping)
    way = begun(owner.browser, "ask-for-help", safe="yes", nearby="yes")
    stranger = helping.person()
    answer = stranger.submit(f"{way}you", {"-action": "next", "name": PLANTED})
    assert answer.status_code == 403
    assert PLANTED in answer.text
    assert kept_posts(helping) == 0
    assert owner.account is not None
    sign_in(helping, owner.browser, owner.account)
    assert owner.browser.get(f"{way}you").status_code == 200


def test_no_key_of_another_page_holds_a_post(helping: Service) -> None:
    victim, stranger = signed_in(helping), signed_in(helping, "stranger@example.org")
    way = begun(victim.browser, "ask-for-help", safe="yes", nearby="yes")
    own = begun(stranger.browser, "ask-for-help", safe="yes", nearby="yes")
    visitor = helping.person()
    visited = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    keys = [
        *(
            brought_back(who.get(f"{at}you"))["own"]
            for who, at in ((stranger.browser, own), (visitor, visited))
        ),
        *("", "0" * 32, "é", "9" * 5_000),
    ]
    assert {planted(helping.person(), way, own=key) for key in keys} == {403}
    assert kept_posts(helping) == 0


def test_who_had_the_password_and_not_the_code_holds_nothing(helping: Service) -> None:
    owner = signed_in(helping)
    way = begun(owner.browser, "ask-for-help", safe="yes", nearby="yes")
    token, _ = helping.context.sessions.start(account=owner.account, stage="code_due")
    thief = helping.person()
    give_token(thief, token)
    helping.clock.move(minutes=30)
    assert planted(thief, way) == 403
    assert kept_posts(helping) == 0


def test_who_was_signed_in_is_held_with_the_files_though_the_page_brings_no_key(helping: Service) -> None:
    owner = signed_in(helping)
    way = begun(owner.browser, "visit", kind="home")
    # As a page drawn by a version of before.
    shown = {
        name: text for name, text in brought_back(owner.browser.get(f"{way}why")).items() if name != "own"
    }
    helping.clock.move(minutes=30)
    letter = ("letters", ("late.pdf", pdf(), "application/pdf"))
    answer = owner.browser.submit(
        f"{way}why", {**shown, "-action": "index", "reason": "Late"}, files=[letter]
    )
    assert "timed-out?held=1" in answer.headers["location"]
    assert owner.account is not None
    come_back(helping, owner.browser, owner.account)
    assert draft_at(helping, way, owner.account).answers["reason"] == "Late"
    assert "late.pdf" in owner.browser.get(f"{way}why").text


def test_whoever_is_signed_in_elsewhere_is_told_that_there_is_no_such_page(helping: Service) -> None:
    way = begun(signed_in(helping).browser, "ask-for-help", safe="yes", nearby="yes")
    assert planted(signed_in(helping, "stranger@example.org").browser, way) == 404
    assert kept_posts(helping) == 0


def test_a_page_whose_cookie_is_lost_is_held_by_its_own_key_and_offered_to_who_wrote_it(
    helping: Service,
) -> None:
    owner = signed_in(helping)
    way = begun(owner.browser, "ask-for-help", safe="yes", nearby="yes")
    shown = brought_back(owner.browser.get(f"{way}you"))
    lost, elsewhere = helping.person(), helping.person()
    answer = lost.submit(f"{way}you", {"-action": "next", **shown, "name": "Written late"})
    assert answer.headers["location"].startswith(f"{way}timed-out?held=1")
    assert owner.account is not None
    helping.clock.move(minutes=5)
    come_back(helping, elsewhere, owner.account)
    asked = elsewhere.get(f"{way}you")
    assert asked.headers["location"].startswith(f"{way}conflict?post=")
    assert "Written late" in elsewhere.get(asked.headers["location"]).text


def test_what_a_visitor_wrote_before_the_draft_was_claimed_is_offered_to_that_browser_alone(
    helping: Service,
) -> None:
    visitor = helping.person()
    way = begun(visitor, "ask-for-help", safe="yes", nearby="yes")
    shown = brought_back(visitor.get(f"{way}you"))
    owner = signed_in(helping)
    assert owner.account is not None
    sign_in(helping, visitor, owner.account)
    lost = helping.person()
    lost.submit(f"{way}you", {"-action": "next", **shown, "name": "A visitor's"})
    helping.clock.move(minutes=5)
    sign_in(helping, owner.browser, owner.account)
    # Anybody may have sat at that browser before: the owner is not shown what they did not write.
    assert owner.browser.get(f"{way}you").status_code == 200
    landed = come_back(helping, lost, owner.account).headers["location"]
    assert "A visitor" in lost.get(landed).text or "A visitor" in lost.get(f"{way}you").text


def test_a_draft_holds_so_many_posts_and_what_is_one_too_many_stands_on_the_page(helping: Service) -> None:
    owner = signed_in(helping)
    way = begun(owner.browser, "ask-for-help", safe="yes", nearby="yes")
    shown = brought_back(owner.browser.get(f"{way}you"))
    answers = [planted(helping.person(), way, own=shown["own"]) for _ in range(HELD_POSTS)]
    assert answers == [303] * HELD_POSTS
    answer = helping.person().submit(f"{way}you", {"-action": "next", "name": PLANTED, "own": shown["own"]})
    assert answer.status_code == 429
    assert PLANTED in answer.text
    assert kept_posts(helping) == HELD_POSTS
    # The owner's own work goes on.
    assert post(owner.browser, f"{way}you", name="Ada").status_code in {303, 200}


def test_a_draft_holds_so_many_bytes(helping: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "HELD_BYTES", 1_000)
    assert HELD_BYTES == 40_000_000
    draft = helping.context.drafts.start("ask-for-help", account=None, holder="a")
    assert helping.context.drafts.hold(draft.id, {"name": "a" * 600}, writer="") is not None
    with pytest.raises(HeldFullError):
        helping.context.drafts.hold(draft.id, {"name": "a" * 600}, writer="")
    assert kept_posts(helping) == 1
