"""The identity of an account: its person's details, sealed in the account's row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime

from formengine.language.json_types import expect_text
from formengine.service.context import ServiceContext
from formengine.service.ids import LENGTH, new_id
from formengine.store.protocol import Transaction
from formengine.store.rows import AccountRow, Role

_TABLE = "accounts"
_PROFILE = "profile"
_APP = "totp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person's details, "" where not given; `new_email` and `new_app` wait to be confirmed by a code."""

    email: str = ""
    first_name: str = ""
    last_name: str = ""
    job_title: str = ""
    organisation: str = ""
    phone: str = ""
    address: str = ""
    new_email: str = ""
    new_app: str = ""

    @property
    def full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()

    def facts(self) -> Mapping[str, str]:
        """What ``prefill: account.…`` and texts can name: `email`, `first_name`, `full_name`, `phone` and the like."""
        facts: dict[str, str] = {name: getattr(self, name) for name in _NAMES if not name.startswith("new_")}
        return {**facts, "full_name": self.full_name, "name": self.full_name}


_NAMES = tuple(each.name for each in fields(Person))


class AccountFacts(Mapping[str, str]):
    """`Person.facts` of an account's person; the account is read and unsealed at first use.

    Most pages have nothing to fill in from an account. No facts where there is no such account.
    """

    def __init__(self, context: ServiceContext, account: str) -> None:
        self._context = context
        self._account = account
        self._known: Mapping[str, str] | None = None

    @property
    def _facts(self) -> Mapping[str, str]:
        # No `cached_property`: in Python 3.11 one lock is for all accounts, and would be kept while the store waits.
        if self._known is None:
            with self._context.store.read() as tx:
                row = tx.accounts.get(self._account)
            self._known = person_of(self._context, row).facts() if row is not None else {}
        return self._known

    def __getitem__(self, name: str) -> str:
        return self._facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)


def address_index(context: ServiceContext, email: str) -> str:
    """The blind index of an e-mail address; capital letters make no difference."""
    return context.keys.index("accounts.email", email.strip().casefold())


def open_account(tx: Transaction, account: str) -> AccountRow | None:
    """The account with this id, None where it is not confirmed or closed."""
    row = tx.accounts.get(account)
    return row if row is not None and row.status == "open" else None


def person_of(context: ServiceContext, row: AccountRow) -> Person:
    """The person of an account that is not closed. Raises `SealError` and `KeysError`."""
    kept = context.keys.open_data_key(row.data_key, _TABLE, row.id).open_object(_PROFILE, row.profile)
    return Person(**{name: expect_text(text) for name, text in kept.items() if name in _NAMES})


def with_person(context: ServiceContext, row: AccountRow, person: Person) -> AccountRow:
    """The account with the details of `person` sealed in it."""
    key = context.keys.open_data_key(row.data_key, _TABLE, row.id)
    return replace(row, profile=key.seal_json(_PROFILE, asdict(person)))


def app_secret(context: ServiceContext, row: AccountRow) -> str:
    """The secret that the account shares with an authenticator app, "" without one."""
    if row.totp is None:
        return ""
    return context.keys.open_data_key(row.data_key, _TABLE, row.id).open(_APP, row.totp).decode()


def with_app(context: ServiceContext, row: AccountRow, secret: str) -> AccountRow:
    """The account with this secret; without an app for ""."""
    if not secret:
        return replace(row, totp=None)
    key = context.keys.open_data_key(row.data_key, _TABLE, row.id)
    return replace(row, totp=key.seal(_APP, secret.encode()))


def unconfirmed_account(
    context: ServiceContext,
    person: Person,
    password_hash: str,
    *,
    role: Role = "applicant",
    at: datetime,
    account: str = "",
) -> AccountRow:
    """A new account that counts for nothing until its code was entered; its address is still anybody's.

    Each registration is one of its own: nobody can prepare an account for somebody else's address and wait until they
    confirm it. account: its id, "" for a new one.
    """
    account = account or new_id()
    wrapped = context.keys.new_data_key(_TABLE, account)
    return AccountRow(
        id=account,
        email_index=context.keys.index("accounts.unconfirmed", account),
        role=role,
        status="unconfirmed",
        data_key=wrapped,
        profile=context.keys.open_data_key(wrapped, _TABLE, account).seal_json(_PROFILE, asdict(person)),
        password_hash=password_hash,
        created_at=at,
    )


def decoy_account(context: ServiceContext, email: str, *, at: datetime) -> AccountRow:
    """What stands for the account of an address that has none, so that it has a state as one that has: always the same.

    It cannot be opened: nobody is ever sent its code.
    """
    person = Person(email=email.strip())
    account = context.keys.index("accounts.decoy", address_index(context, email))[:LENGTH]
    return unconfirmed_account(context, person, "", at=at, account=account)


def closed_account(row: AccountRow) -> AccountRow:
    """The account closed: its key is destroyed, and with it everything that was sealed."""
    return replace(
        row,
        email_index=f"closed:{row.id}",
        status="closed",
        data_key=b"",
        profile=b"",
        password_hash="",
        totp=None,
    )
