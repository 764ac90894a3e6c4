"""Drafts that nobody saves: who is told, when, of what, and what is destroyed when."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from formengine.service.drafts.drafts import Draft
from formengine.service.fault_points import arm, disarm
from formengine.store.rows import DraftRow
from tests.support.sending import add_account
from tests.support.service_app import Service

FORM = "request-for-support"
ANSWER = "Zebedee Canary"


def begun(service: Service, account: str = "ada") -> Draft:
    """A draft of somebody's with an account of this name, with an answer in it."""
    add_account(service.service, account)
    draft = service.context.drafts.start(FORM, account=account, holder=None)
    return service.context.drafts.save(
        draft, {"child_name": ANSWER}, step="about_you", shown=(), urgent=False
    )


def kept(service: Service, draft: Draft) -> DraftRow:
    with service.store.read() as tx:
        row = tx.drafts.get(draft.id)
    assert row is not None
    return row


def warnings(service: Service, account: str = "ada") -> list[str]:
    """The e-mails that tell of a draft's end, the newest first."""
    return [
        letter.email.text
        for letter in service.mail(f"{account}@example.org")
        if letter.email.subject.startswith("Your form will be deleted")
    ]


def actions(service: Service) -> list[tuple[str, str, str]]:
    with service.store.read() as tx:
        return [(entry.actor, entry.action, entry.subject) for entry in tx.audit.every()]


def test_the_owner_is_told_five_days_before_of_form_day_and_way_and_of_no_answer(service: Service) -> None:
    draft = begun(service)
    service.clock.move(days=23)
    assert service.context.draft_expiry.warn() == 0
    service.clock.move(minutes=1)
    assert service.context.draft_expiry.warn() == 1
    (text,) = warnings(service)
    assert "Request for Support" in text
    assert "You saved it last on 24 November 2026." in text
    assert "We delete it, with the files in it, on 22 December 2026." in text
    assert f"/drafts/{draft.id}/\n" in text
    assert ANSWER not in text
    assert actions(service)[-1] == ("system", "draft.warned", draft.id)


def test_the_link_leads_the_owner_to_the_draft_after_signing_in(service: Service) -> None:
    draft = begun(service)
    answer = service.person().get(f"/drafts/{draft.id}/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/sign-in")


def test_the_owner_is_told_once_and_after_another_save_once_again(service: Service) -> None:
    draft, draft_expiry = begun(service), service.context.draft_expiry
    service.clock.move(days=24)
    assert (draft_expiry.warn(), draft_expiry.warn()) == (1, 0)
    draft = service.context.drafts.save(draft, {}, step="about_you", shown=(), urgent=False)
    service.clock.move(days=22)
    assert (draft_expiry.warn(), draft_expiry.purge()) == (0, 0)
    service.clock.move(days=2)
    assert (draft_expiry.warn(), draft_expiry.warn()) == (1, 0)
    assert len(warnings(service)) == 2


def test_a_save_that_changes_no_answer_begins_the_four_weeks_anew(service: Service) -> None:
    draft, draft_expiry = begun(service), service.context.draft_expiry
    service.clock.move(days=24)
    assert draft_expiry.warn() == 1
    same = service.context.drafts.save(draft, draft.answers, step="about_you", shown=(), urgent=False)
    assert (same.rev, same.row.saved_at) == (draft.rev, service.clock.now)
    service.clock.move(days=4, minutes=1)
    assert draft_expiry.purge() == 0
    assert kept(service, draft).status == "open"


def test_a_draft_is_destroyed_four_weeks_after_its_last_save_and_no_other(service: Service) -> None:
    draft, draft_expiry = begun(service), service.context.draft_expiry
    service.clock.move(days=20)
    other = service.context.drafts.start(FORM, account=draft.row.account, holder=None)
    service.clock.move(days=3, minutes=1)
    assert (draft_expiry.warn(), draft_expiry.mark(), draft_expiry.mark()) == (1, 1, 0)
    service.clock.move(days=5)
    assert draft_expiry.purge() == 0
    service.clock.move(minutes=1)
    assert (draft_expiry.purge(), draft_expiry.purge()) == (1, 0)
    row = kept(service, draft)
    assert (row.status, row.answers, row.data_key) == ("cancelled", b"", b"")
    assert kept(service, other).status == "open"
    assert actions(service)[-1] == ("system", "draft.expired", draft.id)


def test_where_the_service_stood_still_the_owner_is_told_first_and_has_five_days(service: Service) -> None:
    draft, draft_expiry = begun(service), service.context.draft_expiry
    service.clock.move(days=40)
    assert draft_expiry.purge() == 0
    assert (draft_expiry.warn(), draft_expiry.mark()) == (1, 1)
    assert "on 8 January 2027." in warnings(service)[0]
    service.clock.move(days=4, hours=23)
    assert draft_expiry.purge() == 0
    found = service.context.drafts.open(draft.id, account=draft.row.account, holder=None)
    assert found is not None
    assert found.kept_until.date().isoformat() == "2027-01-08"
    service.clock.move(hours=2)
    assert draft_expiry.purge() == 1


def test_a_draft_without_account_is_destroyed_on_its_day_without_a_word(service: Service) -> None:
    drafts, draft_expiry = service.context.drafts, service.context.draft_expiry
    old = drafts.start(FORM, account=None, holder="left alone")
    service.clock.move(days=20)
    new = drafts.start(FORM, account=None, holder="at work")
    service.clock.move(days=3, minutes=1)
    assert (draft_expiry.warn(), draft_expiry.mark(), draft_expiry.purge()) == (0, 1, 0)
    service.clock.move(days=5)
    assert (draft_expiry.warn(), draft_expiry.purge()) == (0, 1)
    assert drafts.open(old.id, account=None, holder="left alone") is None
    assert drafts.open(new.id, account=None, holder="at work") is not None
    assert service.mail() == []


def test_a_draft_claimed_by_an_account_since_it_was_found_waits_for_its_warning(service: Service) -> None:
    draft_expiry = service.context.draft_expiry
    draft = service.context.drafts.start(FORM, account=None, holder="left alone")
    service.clock.move(days=29)
    add_account(service.service, "ada")
    with service.store.write() as tx:
        tx.drafts.claim("left alone", "ada")
    assert draft_expiry._expire(draft.id, service.clock.now) is False
    assert kept(service, draft).status == "open"


def test_an_account_that_does_not_open_keeps_nobody_else_from_being_told(service: Service) -> None:
    begun(service, "broken")
    begun(service, "ada")
    with service.store.write() as tx:
        row = tx.accounts.get("broken")
        assert row is not None
        tx.accounts.replace(replace(row, profile=row.profile[:-1] + bytes([row.profile[-1] ^ 1])))
    service.clock.move(days=24)
    assert service.context.draft_expiry.warn() == 1
    assert len(warnings(service, "ada")) == 1
    # That draft goes on towards its end as if its owner had been told.
    assert service.context.draft_expiry.warn() == 0


def test_all_changes_pass_their_fault_points(service: Service) -> None:
    begun(service)
    passed: list[str] = []
    service.clock.move(days=24)
    arm(0, passed.append)
    try:
        service.context.draft_expiry.warn()
        service.context.draft_expiry.mark()
        service.clock.move(days=6)
        service.context.draft_expiry.purge()
    finally:
        disarm()
    assert passed == [
        "draft.warn.before",
        "draft.warn.before_commit",
        "draft.warn.committed",
        "draft.mark.before_commit",
        "draft.mark.committed",
        "draft.expire.before",
        "draft.expire.before_commit",
        "draft.expire.committed",
    ]


def test_the_background_work_warns_and_destroys_by_the_clock(service: Service) -> None:
    draft = begun(service)
    service.clock.move(days=24)
    asyncio.run(service.context.background.once("drafts"))
    assert len(warnings(service)) == 1
    service.clock.move(days=5, minutes=1)
    asyncio.run(service.context.background.once("drafts"))
    assert kept(service, draft).status == "cancelled"
