"""Security events: what a SIEM should see, as lines of the log with a name and fields from one table.

A name or a field that is not in the table is a mistake of ours and raises KeyError. No field is personal data: an
account, draft or file is its id, an e-mail address its blind index, a client a keyed hash of its network. The names in
`owasp` are those of OWASP's logging vocabulary, where it has one. `docs/security-events.md` is generated from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from formengine.service.logging import log

Level = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    """An event's description. owasp: its name in OWASP's vocabulary, "" without one. fields: what its line may have."""

    level: Level
    owasp: str
    meaning: str
    fields: tuple[str, ...] = ()


# Beside its own fields every line has those of the request that it belongs to, if any.
OF_REQUESTS: Final = ("request", "client")

EVENTS: Final[Mapping[str, SecurityEvent]] = {
    "sign_in_failed": SecurityEvent(
        "warning", "authn_login_fail", "A wrong password, or an address without an account", ("address",)
    ),
    "sign_in_locked": SecurityEvent(
        "warning",
        "authn_login_lock",
        "A password that was not looked at, so many were wrong before",
        ("address",),
    ),
    "password_wrong": SecurityEvent(
        "warning",
        "authn_login_fail",
        "A wrong password where somebody signed in was asked again",
        ("account",),
    ),
    "code_wrong": SecurityEvent(
        "warning",
        "authn_login_fail",
        "A code of six digits that was wrong, too late or used up; of an app or e-mailed",
        ("account", "step", "fault"),
    ),
    "link_word_wrong": SecurityEvent(
        "warning", "authn_login_fail", "A wrong word at the e-mailed link of a draft", ("subject",)
    ),
    "access_refused": SecurityEvent(
        "warning",
        "authz_fail",
        "A draft, file, case or page that is not the asker's to see or to change",
        ("account", "subject", "route"),
    ),
    "post_refused": SecurityEvent(
        "warning", "", "A post without the token of the browser's own page, or from another site (CSRF)"
    ),
    "host_refused": SecurityEvent("warning", "", "A request for a host that is not this service's"),
    "limit_reached": SecurityEvent(
        "warning", "excess_rate_limit_exceeded", "More than a limit allows", ("limit",)
    ),
    "seal_broken": SecurityEvent(
        "error",
        "crypt_decrypt_fail",
        "Something stored that does not open or was altered: `formengine doctor` names it",
        ("route",),
    ),
    "audit_cut": SecurityEvent(
        "error",
        "",
        "An entry of the audit that was there is gone: somebody wrote to the database",
        ("count",),
    ),
    "virus_found": SecurityEvent(
        "warning", "upload_validation", "The virus scanner refused a file", ("subject",)
    ),
    "account.signed_in": SecurityEvent("info", "authn_login_success", "Somebody signed in", ("account",)),
    "account.signed_out": SecurityEvent("info", "authn_token_delete", "Somebody signed out", ("account",)),
    "account.confirmed": SecurityEvent("info", "user_created", "A new account was confirmed", ("account",)),
    "account.reset_begun": SecurityEvent(
        "info", "authn_password_change", "A forgotten password: a code was asked for", ("account",)
    ),
    "account.password_changed": SecurityEvent(
        "info", "authn_password_change", "A password was changed or set anew", ("account",)
    ),
    "account.passwords_wrong": SecurityEvent(
        "warning", "authn_login_fail_max", "Ten wrong passwords: the owner is told by e-mail", ("account",)
    ),
    "account.recovery_code_used": SecurityEvent(
        "info", "authn_login_success", "A recovery code stood in for an app's", ("account",)
    ),
    "account.email_changed": SecurityEvent(
        "info", "user_updated", "The address of an account was changed", ("account",)
    ),
    "account.app_on": SecurityEvent(
        "info", "user_updated", "An authenticator app was switched on", ("account",)
    ),
    "account.app_off": SecurityEvent(
        "warning", "user_updated", "An authenticator app was switched off", ("account",)
    ),
    "account.recovery_codes_made": SecurityEvent(
        "info", "user_updated", "Recovery codes were made anew", ("account",)
    ),
    "account.session_ended": SecurityEvent(
        "info", "authn_token_revoked", "A session was ended from another browser", ("account",)
    ),
    "account.sessions_ended": SecurityEvent(
        "info", "authn_token_revoked", "The other sessions of an account were ended", ("account",)
    ),
    "account.closed": SecurityEvent("info", "user_deleted", "An account was closed", ("account",)),
    "draft.link_sent": SecurityEvent(
        "info", "authn_token_created", "A link to a draft was e-mailed", ("subject",)
    ),
    "draft.resumed": SecurityEvent(
        "info", "authn_token_reuse", "An e-mailed link opened a draft", ("subject",)
    ),
}

_Verdict = TypeVar("_Verdict", bound=str)

_REQUEST: ContextVar[Mapping[str, str] | None] = ContextVar("request", default=None)


def record(name: str, **facts: object) -> None:
    """Log a security event of the table with its fields; one that is None or "" is left out.

    Raises KeyError for a name or a field that the table has not.
    """
    event = EVENTS[name]
    unknown = set(facts) - set(event.fields)
    if unknown:
        raise KeyError(f"{name} has no field {', '.join(sorted(unknown))}")
    said = {field: fact for field, fact in facts.items() if fact not in {None, ""}}
    owasp = {"owasp": event.owasp} if event.owasp else {}
    write = {"info": log.info, "warning": log.warning, "error": log.error}[event.level]
    write(name, security=True, **owasp, **(_REQUEST.get() or {}), **said)


def record_audited(action: str, subject: str) -> None:
    """Log an entry of the audit that is a security event, where a request made it.

    A command writes no log: what an operator did stands in the audit alone.
    """
    event = EVENTS.get(action)
    if event is not None and _REQUEST.get() is not None:
        record(action, **{event.fields[0]: subject})


def judged(verdict: _Verdict, step: str, account: str) -> _Verdict:
    """The verdict on a code itself; one that is not "right" is logged. step: what the code was for."""
    if verdict != "right":
        # A code that only shows that somebody is human belongs to no account.
        record("code_wrong", step=step, fault=verdict, account="" if step == "human" else account)
    return verdict


@contextmanager
def during_request(request: str, client: str) -> Iterator[None]:
    """Give every event within the block the request's id, and the keyed hash of the client's network."""
    token = _REQUEST.set({"request": request, "client": client})
    try:
        yield
    finally:
        _REQUEST.reset(token)
