"""Each change of somebody's credentials with every right that is pending: what ends, and what stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import argon2
import pyotp
import pytest

from formengine.service.accounts import users
from formengine.service.accounts.authentication import Authentication, Passed, Refused
from formengine.service.accounts.credentials import (
    CHANGES,
    RIGHTS,
    CredentialChange,
    PendingRight,
    ends,
)
from formengine.service.accounts.email_codes import CodeRequest, EmailCodes, Issued
from formengine.service.accounts.identity import address_index
from formengine.service.accounts.known_browsers import NOBODY, Asker
from formengine.service.accounts.passwords import Passwords
from formengine.service.accounts.profile import Profile
from formengine.service.accounts.recovery_codes import RecoveryCodes
from formengine.service.accounts.sessions import Sessions
from formengine.store.rows import AccountRow, HeldPostRow, SessionRow
from tests.service.test_sessions import draft_of
from tests.support.service_parts import ALEX, CHEAP, EMAIL, PASSWORD, Parts, passed

pytestmark = pytest.mark.slow

OTHER_PASSWORD = "four green windows"

# By the change: the rights in the order of the heading, "x" where the change ends it.
#
# session_here                     register_code
# | session_elsewhere              | human_code
# | | sign_in_begun                | | draft_link
# | | | sign_in_code               | | | held_post
# | | | | reset_code               | | | |
# | | | | | reset_begun            | | | |
# | | | | | | email_code           | | | |
# | | | | | | | app_begun          | | | |
# | | | | | | | | recovery_code    | | | |
# | | | | | | | | | known_browser  | | | |
EXPECTED: Mapping[CredentialChange, str] = {
    "password_changed": ". x x x x x x x . x . . . .",
    "password_reset": ". x x x x x x x . x . . . .",
    "address_changed": ". x x x x x x x . x . . . .",
    "app_on": ". . x x . . x x x . . . . .",
    "app_off": ". . x x . . x x x . . . . .",
    "recovery_codes_made": ". . . . . . . . x . . . . .",
    "sessions_ended": ". x x x x x x x . x . . . .",
    "sessions_ended_by_operator": "x x x x x x x x . x . . . .",
    "role_changed": "x x x x x x x x . x . . . .",
    "account_closed": "x x x x x x x x x x . . . x",
}
ORDER: tuple[PendingRight, ...] = (
    "session_here", "session_elsewhere", "sign_in_begun", "sign_in_code", "reset_code", "reset_begun", "email_code",
    "app_begun", "recovery_code", "known_browser", "register_code", "human_code", "draft_link", "held_post",
)  # fmt: skip
WITH_AN_APP = frozenset({"app_off", "recovery_codes_made"})


@dataclass
class World:
    """Somebody with an account, signed in here."""

    parts: Parts
    email: str
    account: str
    here: Passed
    app: pyotp.TOTP | None = None
    recovery: tuple[str, ...] = ()
    password: str = PASSWORD

    @property
    def row(self) -> AccountRow:
        with self.parts.context.store.read() as tx:
            row = tx.accounts.get(self.account)
        assert row is not None
        return row

    def elsewhere(self) -> tuple[str, SessionRow]:
        return self.parts.sessions.start(account=self.account, stage="signed_in")

    def found(self, token: str) -> SessionRow:
        session = self.parts.sessions.find(token)
        assert session is not None
        return session

    def switch_on(self) -> None:
        self.app = pyotp.TOTP(self.parts.own.begin_app(self.here.token, self.account))
        code = self.app.at(self.parts.clock())
        self.here = passed(self.parts.own.confirm_app(self.here.token, self.account, PASSWORD, code))
        self.recovery = self.here.codes
        self.parts.clock.move(minutes=2)


def world_of(parts: Parts, email: str, *, app: bool = False) -> World:
    here = parts.registered(replace(ALEX, email=email))
    assert here.session.account is not None
    made = World(parts, email, here.session.account, here)
    if app:
        made.switch_on()
    return made


# --- the changes ------------------------------------------------------------------------------------------------------


def _password_changed(world: World) -> None:
    own = world.parts.own
    world.here = passed(own.change_password(world.here.token, world.account, PASSWORD, OTHER_PASSWORD))
    world.password = OTHER_PASSWORD


def _password_reset(world: World) -> None:
    accounts = world.parts.accounts
    begun = accounts.forgotten("", world.email)
    due = passed(accounts.enter_code(begun.token, world.parts.code(world.email)))
    world.here = passed(accounts.choose_password(due.token, OTHER_PASSWORD))
    world.password = OTHER_PASSWORD


def _address_changed(world: World) -> None:
    own, new = world.parts.own, f"moved.{world.email}"
    session = world.found(world.here.token)
    assert own.begin_email(session, world.account, PASSWORD, new) is None
    code = world.parts.code(new)
    world.here = passed(own.confirm_email(world.here.token, session, world.account, code))
    world.email = new


def _app_off(world: World) -> None:
    world.here = passed(world.parts.own.stop_app(world.here.token, world.account, PASSWORD))


def _recovery_codes_made(world: World) -> None:
    world.here = passed(world.parts.own.new_recovery_codes(world.here.token, world.account, PASSWORD))


def _sessions_ended(world: World) -> None:
    world.here = passed(world.parts.own.end_others(world.here.token, world.account, PASSWORD))


def _by_operator(world: World) -> None:
    assert users.end_sessions(world.parts.context, world.email)


def _role_changed(world: World) -> None:
    assert users.set_role(world.parts.context, world.email, "staff")


def _closed(world: World) -> None:
    assert world.parts.own.close(world.account, PASSWORD) is None


MAKE: Mapping[CredentialChange, Callable[[World], None]] = {
    "password_changed": _password_changed,
    "password_reset": _password_reset,
    "address_changed": _address_changed,
    "app_on": World.switch_on,
    "app_off": _app_off,
    "recovery_codes_made": _recovery_codes_made,
    "sessions_ended": _sessions_ended,
    "sessions_ended_by_operator": _by_operator,
    "role_changed": _role_changed,
    "account_closed": _closed,
}

# --- the rights: each is begun, and then used; whether it still counts ------------------------------------------------

Use = Callable[[], bool]


def _session_here(world: World) -> Use:
    return lambda: world.parts.sessions.find(world.here.token) is not None


def _session_elsewhere(world: World) -> Use:
    token, _ = world.elsewhere()
    return lambda: world.parts.sessions.find(token) is not None


def _sign_in_begun(world: World) -> Use:
    token = passed(world.parts.accounts.sign_in("", world.email, PASSWORD)).token
    app, code = world.app, world.parts.code(world.email) if world.app is None else ""

    def use() -> bool:
        typed = code or (app.at(world.parts.clock()) if app is not None else "")
        return isinstance(world.parts.accounts.enter_code(token, typed), Passed)

    return use


def _sign_in_code(world: World) -> Use:
    codes = EmailCodes(world.parts.context, world.parts.limits)
    address = address_index(world.parts.context, world.email)

    def request() -> CodeRequest:
        return CodeRequest(
            owner=world.account, purpose="sign_in", session="s", address=address, account=world.row
        )

    with world.parts.context.store.write() as tx:
        issued = codes.issue(tx, request())
    assert isinstance(issued, Issued)

    def use() -> bool:
        asked = request()
        with world.parts.context.store.write() as tx:
            return codes.enter(tx, asked, issued.code) == "right"

    return use


def _reset_code(world: World) -> Use:
    begun = world.parts.accounts.forgotten("", world.email)
    code = world.parts.code(world.email)
    return lambda: isinstance(world.parts.accounts.enter_code(begun.token, code), Passed)


def _reset_begun(world: World) -> Use:
    begun = world.parts.accounts.forgotten("", world.email)
    due = passed(world.parts.accounts.enter_code(begun.token, world.parts.code(world.email)))
    return lambda: isinstance(
        world.parts.accounts.choose_password(due.token, "mallory's own password"), Passed
    )


def _email_code(world: World) -> Use:
    token, session = world.elsewhere()
    new = f"new.{world.email}"
    assert world.parts.own.begin_email(session, world.account, PASSWORD, new) is None
    code = world.parts.code(new)
    return lambda: isinstance(world.parts.own.confirm_email(token, session, world.account, code), Passed)


def _app_begun(world: World) -> Use:
    token, _ = world.elsewhere()
    app = pyotp.TOTP(world.parts.own.begin_app(token, world.account))

    def use() -> bool:
        code = app.at(world.parts.clock())
        done = world.parts.own.confirm_app(token, world.account, world.password, code)
        return isinstance(done, Passed)

    return use


def _recovery_code(world: World) -> Use:
    codes = RecoveryCodes(world.parts.context)
    if not world.recovery:
        with world.parts.context.store.write() as tx:
            world.recovery = codes.make(tx, world.account)
    code = world.recovery[0]

    def use() -> bool:
        with world.parts.context.store.write() as tx:
            return codes.spend(tx, world.account, code)

    return use


def _known_browser(world: World) -> Use:
    cookie = world.parts.accounts.known_cookie(world.account, NOBODY)
    assert cookie is not None
    assert world.parts.accounts.knows(world.email, Asker(cookie=cookie))
    return lambda: world.parts.accounts.knows(world.email, Asker(cookie=cookie))


def _register_code(world: World) -> Use:
    email = f"other.{world.email}"
    begun = world.parts.accounts.register("", replace(ALEX, email=email), PASSWORD)
    code = world.parts.code(email)
    return lambda: isinstance(world.parts.accounts.enter_code(begun.token, code), Passed)


def _human_code(world: World) -> Use:
    _, session = world.parts.sessions.start()
    assert world.parts.captcha.send_code(session, world.email) is None
    code = world.parts.code(world.email)
    return lambda: world.parts.captcha.enter_code(session, code) is None


def _draft_link(world: World) -> Use:
    _, visitor = world.parts.sessions.start()
    draft, link = f"linked {world.account}", f"link of {world.account}"
    draft_of(world.parts, draft, visitor.token_hash)
    with world.parts.context.store.write() as tx:
        tx.drafts.set_link(draft, link)

    def use() -> bool:
        with world.parts.context.store.read() as tx:
            return tx.drafts.by_link(link) is not None

    return use


def _held_post(world: World) -> Use:
    _, visitor = world.parts.sessions.start()
    draft, post = f"draft of {world.account}", f"post of {world.account}"
    draft_of(world.parts, draft, visitor.token_hash)
    ends_at = world.parts.clock() + timedelta(hours=24)
    with world.parts.context.store.write() as tx:
        tx.drafts.claim(visitor.token_hash, world.account)
        tx.drafts.hold_post(
            HeldPostRow(id=post, draft=draft, data_key=b"k", body=b"b", writer="", ends_at=ends_at)
        )

    def use() -> bool:
        with world.parts.context.store.read() as tx:
            return tx.drafts.held_post(post) is not None

    return use


BEGIN: Mapping[PendingRight, Callable[[World], Use]] = {
    "session_here": _session_here,
    "session_elsewhere": _session_elsewhere,
    "sign_in_begun": _sign_in_begun,
    "sign_in_code": _sign_in_code,
    "reset_code": _reset_code,
    "reset_begun": _reset_begun,
    "email_code": _email_code,
    "app_begun": _app_begun,
    "recovery_code": _recovery_code,
    "known_browser": _known_browser,
    "register_code": _register_code,
    "human_code": _human_code,
    "draft_link": _draft_link,
    "held_post": _held_post,
}


# --- the table --------------------------------------------------------------------------------------------------------


def expected(change: CredentialChange) -> dict[PendingRight, bool]:
    """Whether each right ends."""
    return {right: cell == "x" for right, cell in zip(ORDER, EXPECTED[change].split(), strict=True)}


def test_the_table_has_every_change_and_every_right() -> None:
    assert list(CHANGES) == list(EXPECTED) == list(MAKE)
    assert list(RIGHTS) == list(ORDER) == list(BEGIN)
    assert {change: {right: ends(change, right) for right in RIGHTS} for change in CHANGES} == {
        change: expected(change) for change in EXPECTED
    }


@pytest.mark.parametrize("change", EXPECTED)
def test_a_change_ends_what_the_table_says_and_nothing_else(parts: Parts, change: CredentialChange) -> None:
    ended = {}
    for number, right in enumerate(ORDER):
        world = world_of(parts, f"alex.{number}@example.org", app=change in WITH_AN_APP)
        use = BEGIN[right](world)
        MAKE[change](world)
        parts.clock.move(seconds=31)
        ended[right] = not use()
    assert ended == expected(change)


@pytest.mark.parametrize("right", ORDER)
def test_a_right_counts_while_nothing_changes(parts: Parts, right: PendingRight) -> None:
    world = world_of(parts, EMAIL)
    use = BEGIN[right](world)
    parts.clock.move(minutes=5)
    assert use()


# --- what the table rests on ------------------------------------------------------------------------------------------


def test_a_right_is_judged_when_it_is_used_whatever_was_done_to_end_it(parts: Parts) -> None:
    world = world_of(parts, EMAIL)
    rights: tuple[PendingRight, ...] = (
        "session_elsewhere",
        "sign_in_begun",
        "reset_code",
        "reset_begun",
        "email_code",
        "known_browser",
    )
    uses = {right: BEGIN[right](world) for right in rights}
    row = world.row
    with parts.context.store.write() as tx:
        tx.accounts.replace(replace(row, password_hash=parts.passwords.hash(OTHER_PASSWORD)))
    assert {right: use() for right, use in uses.items()} == dict.fromkeys(rights, False)


def test_a_reset_that_was_begun_is_good_for_half_an_hour(parts: Parts) -> None:
    world = world_of(parts, EMAIL)
    use, other = _reset_begun(world), _sign_in_begun(world)
    for _ in range(10):
        parts.clock.move(minutes=3)
        for row in _waiting(parts):
            parts.sessions.touch(row)
    assert not use()
    assert not other()


def _waiting(parts: Parts) -> list[SessionRow]:
    with parts.context.store.read() as tx:
        (account,) = (row.id for row in tx.accounts.every() if row.status == "open")
        return [row for row in tx.sessions.of_account(account) if row.stage == "code_due"]


def test_a_void_step_leaves_a_visitor_their_session_and_its_drafts(parts: Parts) -> None:
    world = world_of(parts, EMAIL)
    token, visitor = parts.sessions.start()
    draft_of(parts, "draft", visitor.token_hash)
    halfway = passed(parts.accounts.sign_in(token, EMAIL, PASSWORD))
    _password_changed(world)
    session = parts.sessions.find(halfway.token)
    assert session is not None
    assert parts.accounts.due(session) is None
    with parts.context.store.read() as tx:
        assert [row.id for row in tx.drafts.of_holder(session.token_hash)] == ["draft"]


def test_a_new_token_does_not_revive_a_void_step(parts: Parts) -> None:
    world = world_of(parts, EMAIL)
    begun = parts.accounts.forgotten("", EMAIL)
    due = passed(parts.accounts.enter_code(begun.token, parts.code()))
    _password_changed(world)
    token, session = parts.sessions.change_token(due.token)
    assert parts.accounts.due(session) is None
    assert parts.accounts.choose_password(token, "mallory's own password") == Refused("gone")


def test_a_right_without_a_stamp_is_of_before_and_counts_until_the_first_change(parts: Parts) -> None:
    world = world_of(parts, EMAIL)
    token, session = world.elsewhere()
    begun = parts.accounts.forgotten("", EMAIL)
    due = passed(parts.accounts.enter_code(begun.token, parts.code()))
    with parts.context.store.write() as tx:
        for row in (session, due.session):
            tx.sessions.replace(replace(row, stamp=""))
    assert parts.sessions.find(token) is not None
    assert parts.accounts.due(parts.sessions.find(due.token)) == "choose"
    # Which ends neither, where there is a stamp.
    world.switch_on()
    assert parts.sessions.find(token) is None
    assert parts.accounts.due(parts.sessions.find(due.token)) is None


def test_a_hash_with_other_parameters_ends_nothing(parts: Parts) -> None:
    world = world_of(parts, EMAIL)
    uses = [_session_elsewhere(world), _sign_in_begun(world), _reset_code(world), _reset_begun(world)]
    stronger = Passwords(argon2.PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    accounts = Authentication(parts.context, parts.sessions, parts.limits, stronger)
    before = world.row.password_hash
    passed(accounts.sign_in("", EMAIL, PASSWORD))
    assert world.row.password_hash != before
    assert [use() for use in uses] == [True, True, True, True]


class Meanwhile(Passwords):
    """Lets something happen while a password is being checked."""

    def __init__(self, happens: Callable[[], object]) -> None:
        super().__init__(CHEAP)
        self._happens = happens

    def fits(self, password: str, kept: str | None) -> bool:
        fitted = super().fits(password, kept)
        self._happens()
        return fitted


@pytest.mark.parametrize(
    "act",
    [
        lambda own, token, account: own.change_password(token, account, PASSWORD, "mallory's own password"),
        lambda own, token, account: own.end_others(token, account, PASSWORD),
        lambda own, token, account: own.stop_app(token, account, PASSWORD),
        lambda own, _, account: own.close(account, PASSWORD),
    ],
)
def test_a_password_that_was_right_when_it_was_checked_and_is_not_any_more_changes_nothing(
    parts: Parts, act: Callable[[Profile, str, str], object]
) -> None:
    world = world_of(parts, EMAIL)
    token, _ = world.elsewhere()
    own = Profile(parts.context, parts.sessions, parts.limits, Meanwhile(lambda: _password_changed(world)))
    assert act(own, token, world.account) == Refused("gone")
    assert parts.sessions.find(world.here.token) is not None
    assert world.row.status == "open"


# --- the eight hours --------------------------------------------------------------------------------------------------

RENEWALS: Mapping[str, Callable[[World], None]] = {
    "password_changed": _password_changed,
    "address_changed": _address_changed,
    "app_on": World.switch_on,
    "app_off": _app_off,
    "recovery_codes_made": _recovery_codes_made,
    "sessions_ended": _sessions_ended,
    "link_opened": lambda world: setattr(
        world, "here", Passed(*world.parts.sessions.change_token(world.here.token))
    ),
}


@pytest.mark.parametrize("renewal", RENEWALS)
def test_no_renewal_begins_the_eight_hours_again(parts: Parts, renewal: str) -> None:
    world = world_of(parts, EMAIL, app=renewal in WITH_AN_APP)
    before, ends_at = world.here.token, world.found(world.here.token).ends_at
    for _ in range(31):
        parts.clock.move(minutes=15)
        parts.sessions.touch(world.found(world.here.token))
    RENEWALS[renewal](world)
    assert world.here.token != before
    assert world.found(world.here.token).ends_at == ends_at


def test_a_renewal_signs_nobody_out_elsewhere(parts: Parts) -> None:
    world = world_of(parts, EMAIL)
    sessions: Sessions = parts.sessions
    others = [world.elsewhere()[0] for _ in range(2)]
    sessions.change_token(world.here.token)
    assert [sessions.find(token) is not None for token in others] == [True, True]
