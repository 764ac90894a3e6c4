"""Drafts: sealed, pinned to their definition, opened for nobody else, and never saved over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from formengine.engine import Engine
from formengine.language.json_types import Json, expect_object
from formengine.service.accounts.sessions import Sessions
from formengine.service.context import ServiceContext
from formengine.service.crypto.envelope import SealError
from formengine.service.crypto.keyring import Keyring
from formengine.service.drafts.drafts import Draft, Drafts, changed_names
from formengine.service.drafts.page_posts import PagePost, PagePosts, Saved, Unsaved
from formengine.service.drafts.step import Step, step_of
from formengine.service.fault_points import arm, disarm
from formengine.store.protocol import StaleRevisionError
from formengine.store.rows import AccountRow, DraftRow
from formengine.store.sqlite import SqliteStore
from tests.support.service_app import MovableClock

FORM = """
form: visits
title: Visits
version: 1
access: anyone
pages:
  - id: visitor
    title: The visitor
    fields:
      - id: name
        type: text
        label: Name
        required: true
      - id: phone
        type: phone
        label: Telephone
  - id: children
    title: Children
    fields:
      - id: children
        type: repeat
        label: Children
        item_name: child
        item_title: ((first_name))
        fields:
          - id: first_name
            type: text
            label: First name
  - id: rooms
    title: Rooms
    fields:
      - id: rooms
        type: repeat
        layout: table
        label: Rooms
        item_name: room
        item_title: ((number))
        fields:
          - id: number
            type: text
            label: Number
"""


class Desk:
    """A store with one form, and what stands on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "visits").mkdir(exist_ok=True)
        self.file = folder / "visits" / "form.yaml"
        self.file.write_text(FORM, encoding="utf-8")
        self.clock = MovableClock()
        self.keys = Keyring.new()
        self.context = ServiceContext(SqliteStore(folder / "test.db"), self.keys, self.clock)
        self.restart()

    def restart(self) -> None:
        """Nothing; the service begins anew, on the same file."""
        self.context.store.close()
        self.context = ServiceContext(SqliteStore(self.folder / "test.db"), self.keys, self.clock)
        self.drafts = Drafts(self.context, Engine(folders=(self.folder,)))
        self.posts = PagePosts(self.context, self.drafts)

    def account(self, account: str) -> None:
        """Nothing; there is an account with this id."""
        row = AccountRow(
            id=account,
            email_index=account,
            role="applicant",
            status="open",
            data_key=b"key",
            profile=b"",
            password_hash="",
            created_at=self.clock(),
        )
        with self.context.store.write() as tx:
            tx.accounts.add(row)

    def start(self, account: str | None = None, holder: str | None = "h1") -> Draft:
        """A new draft; its account is made along."""
        if account is not None:
            self.account(account)
        return self.drafts.start("visits", account=account, holder=holder)

    def newest(self, draft: Draft) -> Draft:
        """The draft as it is kept now."""
        found = self.drafts.open(draft.id, account=draft.row.account, holder=draft.row.holder)
        assert found is not None
        return found

    def post(
        self, draft: Draft, step: str, shown: Draft, new_item: str = "", action: str = "next", **texts: str
    ) -> Saved | Unsaved | None:
        """What becomes of a page that was drawn from `shown`; ``__`` in a name stands for a dot."""
        at = step_of(shown.form, step, new_item)
        assert at is not None
        return self.posts.save(
            draft,
            PagePost(
                step=step,
                texts={name.replace("__", "."): (text,) for name, text in texts.items()}
                | {"-action": (action,)},
                rev=shown.rev,
                base=self.posts.base(shown, at),
                new_item=new_item,
            ),
            {},
        )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.context.store.close()


def save(desk: Desk, draft: Draft, **answers: str) -> Draft:
    return desk.drafts.save(
        draft, {**draft.answers, **answers}, step="visitor", shown=("visitor",), urgent=False
    )


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_what_was_saved_is_there_after_the_service_was_started_again(desk: Desk) -> None:
    draft = save(desk, desk.start(), name="Ada")
    desk.restart()
    found = desk.newest(draft)
    assert (found.rev, found.answers, found.row.step, tuple(found.row.shown)) == (
        2,
        {"name": "Ada"},
        "visitor",
        ("visitor",),
    )


def test_no_answer_stands_in_clear_in_the_file(desk: Desk) -> None:
    save(desk, desk.start(), name="Canary Ophelia")
    desk.context.store.close()
    kept = b"".join(path.read_bytes() for path in desk.folder.glob("test.db*"))
    assert b"visits" in kept
    assert b"Ophelia" not in kept


def test_answers_moved_to_another_draft_do_not_open(desk: Desk) -> None:
    mine, other = save(desk, desk.start(), name="Ada"), save(desk, desk.start(), name="Bea")
    with desk.context.store.write() as tx:
        tx.drafts.save(
            other.id, 2, answers=mine.row.answers, step="", shown=(), urgent=False, at=desk.clock()
        )
    with pytest.raises(SealError):
        desk.newest(other)


def test_the_audit_names_what_changed_and_says_no_value(desk: Desk) -> None:
    draft = save(desk, desk.start(account="acc"), name="Ada", phone="020 7946 0123")
    with desk.context.store.read() as tx:
        entries = list(tx.audit.every())
    assert [(each.actor, each.action, each.subject, tuple(each.fields)) for each in entries] == [
        ("acc", "draft.started", draft.id, ()),
        ("acc", "draft.saved", draft.id, ("name", "phone")),
    ]


def test_changed_names_are_those_added_changed_and_taken_away() -> None:
    assert changed_names({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 4, "d": 5}) == ("b", "c", "d")


def test_a_save_that_changes_no_answer_makes_no_revision(desk: Desk) -> None:
    draft = save(desk, desk.start(), name="Ada")
    again = desk.drafts.save(draft, draft.answers, step="children", shown=("visitor",), urgent=False)
    assert (again.rev, desk.newest(draft).row.step) == (2, "children")


def test_a_draft_is_kept_for_four_weeks_after_it_was_last_saved(desk: Desk) -> None:
    draft = desk.start()
    desk.clock.move(days=3)
    saved = save(desk, draft, name="Ada")
    assert saved.kept_until == desk.clock.now + timedelta(days=28)
    assert [each.kept_until for each in desk.drafts.mine(None, "h1")] == [saved.kept_until]


# --- whose it is ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "holder", "opens"),
    [
        ("owner", "h1", True),
        ("owner", None, True),
        ("other", "h1", False),
        (None, "h1", False),  # the draft has an account: the session alone does not show it
        (None, None, False),
    ],
)
def test_a_draft_with_an_account_opens_for_it_alone(
    desk: Desk, account: str | None, holder: str | None, opens: bool
) -> None:
    draft = desk.start(account="owner", holder="h1")
    assert (desk.drafts.open(draft.id, account=account, holder=holder) is not None) is opens


@pytest.mark.parametrize(
    ("account", "holder", "opens"),
    [
        (None, "h1", True),
        ("someone", "h1", True),
        (None, "h2", False),
        (None, None, False),
        ("someone", None, False),
    ],
)
def test_a_draft_without_account_opens_in_its_own_session_alone(
    desk: Desk, account: str | None, holder: str | None, opens: bool
) -> None:
    draft = desk.start(holder="h1")
    assert (desk.drafts.open(draft.id, account=account, holder=holder) is not None) is opens


def test_a_draft_that_nobody_holds_opens_for_nobody(desk: Desk) -> None:
    draft = desk.start(account=None, holder=None)
    assert desk.drafts.open(draft.id, account=None, holder=None) is None


def test_signing_in_makes_the_sessions_drafts_the_accounts(desk: Desk) -> None:
    sessions = Sessions(desk.context)
    token, row = sessions.start()
    draft = desk.start(holder=row.token_hash)
    desk.account("acc")
    _, after = sessions.renew(token, account="acc", stage="signed_in")
    assert desk.drafts.open(draft.id, account=None, holder=row.token_hash) is None
    assert desk.drafts.open(draft.id, account="acc", holder=after.token_hash) is not None
    assert [each.id for each in desk.drafts.mine("acc", None)] == [draft.id]


def test_a_cancelled_draft_has_lost_its_answers_and_opens_no_more(desk: Desk) -> None:
    draft = save(desk, desk.start(), name="Ada")
    desk.drafts.cancel(draft)
    row = desk.drafts.find(draft.id, account=None, holder="h1")
    assert isinstance(row, DraftRow)
    assert (row.status, row.answers, row.data_key) == ("cancelled", b"", b"")
    assert desk.drafts.open(draft.id, account=None, holder="h1") is None
    with pytest.raises(StaleRevisionError):
        save(desk, draft, name="Bea")


# --- the definition ---------------------------------------------------------------------------------------------------


def test_a_draft_keeps_the_form_it_was_begun_with(desk: Desk) -> None:
    draft = desk.start()
    desk.file.write_text(FORM.replace("label: Name", "label: Full name"), encoding="utf-8")
    desk.restart()
    assert desk.newest(draft).form.digest == draft.form.digest
    assert desk.newest(draft).form.fields["name"].spec.settings.label == "Name"
    assert desk.start().form.fields["name"].spec.settings.label == "Full name"


def test_a_draft_opens_though_its_form_has_gone(desk: Desk) -> None:
    draft = save(desk, desk.start(), name="Ada")
    desk.file.unlink()
    desk.restart()
    assert desk.newest(draft).answers == {"name": "Ada"}
    assert desk.drafts.forms.current("visits") is None


def test_a_file_changed_while_the_service_runs_reaches_nobody(desk: Desk) -> None:
    first = desk.start()
    desk.file.write_text("form: visits\ntitle: half of a f", encoding="utf-8")
    assert desk.start().form.digest == first.form.digest


# --- two windows ------------------------------------------------------------------------------------------------------


def test_a_stale_save_changes_nothing(desk: Desk) -> None:
    first = desk.start()
    save(desk, first, name="Ada")
    with pytest.raises(StaleRevisionError):
        save(desk, first, name="Bea")
    assert desk.newest(first).answers == {"name": "Ada"}


def test_pages_that_nobody_else_touched_are_saved_on_top_of_the_newest_draft(desk: Desk) -> None:
    shown = desk.start()
    desk.post(
        desk.newest(shown),
        "children.new",
        shown,
        new_item="i0123456789ab",
        children__i0123456789ab__first_name="Cy",
    )
    saved = desk.post(desk.newest(shown), "visitor", shown, name="Ada")
    assert isinstance(saved, Saved)
    assert desk.newest(shown).answers["name"] == "Ada"
    assert desk.newest(shown).answers["children"] == [{"id": "i0123456789ab", "first_name": "Cy"}]


def test_a_page_changed_elsewhere_is_not_saved_over(desk: Desk) -> None:
    shown = desk.start()
    desk.post(shown, "visitor", shown, name="Ada")
    result = desk.post(desk.newest(shown), "visitor", shown, name="Bea")
    assert isinstance(result, Unsaved)
    assert result.why == "changed"
    assert desk.newest(shown).answers == {"name": "Ada"}


def test_the_same_post_twice_is_saved_once(desk: Desk) -> None:
    shown = desk.start()
    first = desk.post(shown, "visitor", shown, name="Ada")
    second = desk.post(desk.newest(shown), "visitor", shown, name="Ada")
    assert isinstance(first, Saved)
    assert isinstance(second, Saved)
    assert (first.draft.rev, second.draft.rev) == (2, 2)


def test_a_second_press_adds_no_second_item(desk: Desk) -> None:
    shown = desk.start()
    for _ in range(2):
        saved = desk.post(
            desk.newest(shown),
            "children.new",
            shown,
            new_item="i0123456789ab",
            children__i0123456789ab__first_name="Cy",
        )
        assert isinstance(saved, Saved)
    assert desk.newest(shown).answers["children"] == [{"id": "i0123456789ab", "first_name": "Cy"}]


def test_a_new_entry_that_is_left_blank_is_none(desk: Desk) -> None:
    shown, new = desk.start(), "i0123456789ab"
    for move in ("page:children", "print", "autosave"):
        left = desk.post(desk.newest(shown), "children.new", shown, new_item=new, action=move)
        assert isinstance(left, Saved)
        assert left.step.new
    assert "children" not in desk.newest(shown).answers
    desk.post(desk.newest(shown), "children.new", shown, new_item=new, action="save_item")
    assert desk.newest(shown).answers["children"] == [{"id": new}]


def test_a_second_press_adds_no_second_row_to_a_table(desk: Desk) -> None:
    shown = desk.start()
    for _ in range(2):
        saved = desk.post(
            desk.newest(shown), "rooms", shown, new_item="i0123456789ab", rooms__new__number="12"
        )
        assert isinstance(saved, Saved)
    assert desk.newest(shown).answers["rooms"] == [{"id": "i0123456789ab", "number": "12"}]


def test_an_item_removed_elsewhere_is_not_put_back_unasked(desk: Desk) -> None:
    desk_draft = desk.start()
    new = "i0123456789ab"
    desk.post(desk_draft, "children.new", desk_draft, new_item=new, children__i0123456789ab__first_name="Cy")
    shown = desk.newest(desk_draft)
    left = desk.posts.remove(shown, "children", new, desk.posts.item_base(shown, "children", new))
    assert left is not None
    result = desk.post(
        desk.newest(shown), f"children.{new}", shown, children__i0123456789ab__first_name="Cyril"
    )
    assert isinstance(result, Unsaved)
    assert desk.newest(shown).answers["children"] == []


def test_an_item_changed_after_the_question_is_not_removed(desk: Desk) -> None:
    draft, new = desk.start(), "i0123456789ab"
    desk.post(draft, "children.new", draft, new_item=new, children__i0123456789ab__first_name="Cy")
    asked = desk.newest(draft)
    base = desk.posts.item_base(asked, "children", new)
    desk.post(asked, f"children.{new}", asked, children__i0123456789ab__first_name="Cyril")
    assert desk.posts.remove(desk.newest(draft), "children", new, base) is None
    assert desk.newest(draft).answers["children"] == [{"id": new, "first_name": "Cyril"}]


def test_a_post_to_a_draft_that_was_sent_or_cancelled_says_so(desk: Desk) -> None:
    draft = desk.start()
    desk.drafts.cancel(draft)
    assert desk.post(draft, "visitor", draft, name="Ada") is None


def test_the_digest_of_a_page_tells_nothing_without_the_keys(desk: Desk) -> None:
    first, second = desk.start(), desk.start()
    assert desk.posts.base(first, Step("visitor")) != desk.posts.base(second, Step("visitor"))


# --- posts that wait --------------------------------------------------------------------------------------------------


def test_a_held_post_comes_back_with_all_that_it_came_with() -> None:
    file: Json = {"id": "f1", "name": "a.pdf", "type": "application/pdf", "size": 1}
    post = PagePost(
        step="visitor",
        texts={"name": ["Ophelia", "Canary"]},
        files={"letter": [file]},
        rev=3,
        base="0a1b",
        new_item="i1",
    )
    assert PagePost.of_json(post.to_json()) == post


def test_a_held_post_without_what_came_later_has_the_defaults() -> None:
    post = PagePost.of_json({"step": "visitor", "texts": {"name": ["Ophelia"]}})
    assert post == PagePost(step="visitor", texts={"name": ["Ophelia"]})


def test_a_held_post_is_sealed_opens_for_its_draft_alone_and_ends_after_a_day(desk: Desk) -> None:
    draft, other = desk.start(), desk.start()
    post = PagePost(step="visitor", texts={"name": ("Canary Ophelia",)}, rev=1)
    held = desk.drafts.hold(draft.id, post.to_json(), writer="")
    assert held is not None
    found = desk.drafts.held(held, draft)
    assert found is not None
    assert PagePost.of_json(expect_object(found.body)).to_json() == post.to_json()
    assert desk.drafts.held(held, other) is None
    with desk.context.store.read() as tx:
        row = tx.drafts.held_post(held)
    assert row is not None
    assert b"Ophelia" not in row.body
    desk.clock.move(hours=24)
    assert desk.drafts.held(held, draft) is None


def test_a_post_that_version_0_1_held_is_read_as_one_of_today() -> None:
    kept: dict[str, Json] = {
        "place": "children.new",
        "texts": {"place": ["Here"], "-action": ["save_item"]},
        "files": {"papers": [{"id": "f1"}]},
        "rev": 3,
        "base": "0123456789abcdef",
        "new_item": "i0123456789ab",
    }
    post = PagePost.of_json(kept)
    assert post == PagePost(
        step="children.new",
        texts={"place": ["Here"], "-action": ["save_item"]},
        files={"papers": [{"id": "f1"}]},
        rev=3,
        base="0123456789abcdef",
        new_item="i0123456789ab",
    )
    today = {"step" if name == "place" else name: value for name, value in kept.items()}
    assert post.to_json() == {**today, "way_back": "", "advice_seen": ""}


def test_nothing_is_held_for_a_draft_that_is_not_there(desk: Desk) -> None:
    assert desk.drafts.hold("nobody", {}, writer="") is None


# --- steps ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("visitor", Step("visitor")),
        ("children.i1", Step("children", "children", "i1")),
        ("children.new", Step("children", "children", "new", new=True)),
        ("nowhere", None),
        ("children.i1.school", None),
        ("children.../x", None),
        ("rooms.i1", None),  # the rows of a table have no page of their own
        ("", None),
    ],
)
def test_a_step_is_a_page_or_an_item_of_the_form(desk: Desk, name: str, step: Step | None) -> None:
    assert step_of(desk.start().form, name) == step


# --- fault points -----------------------------------------------------------------------------------------------------


def test_every_write_passes_its_fault_points(desk: Desk) -> None:
    passed: list[str] = []
    arm(0, passed.append)
    try:
        draft = desk.start()
        saved = save(desk, draft, name="Ada")
        desk.drafts.hold(draft.id, {}, writer="")
        desk.drafts.cancel(saved)
    finally:
        disarm()
    assert [name for name in passed if name.startswith("draft.")] == [
        "draft.start.before",
        "draft.start.definition_kept",
        "draft.start.before_commit",
        "draft.start.committed",
        "draft.save.before",
        "draft.save.saved",
        "draft.save.before_commit",
        "draft.save.committed",
        "draft.hold.before",
        "draft.hold.before_commit",
        "draft.hold.committed",
        "draft.cancel.before",
        "draft.cancel.before_commit",
        "draft.cancel.committed",
    ]


def test_what_is_kept_of_a_definition_is_its_own_text(desk: Desk) -> None:
    draft = desk.start()
    with desk.context.store.read() as tx:
        row = tx.definitions.get(draft.form.digest)
    assert row is not None
    assert json.loads(row.packed) == {"visits/form.yaml": FORM}
