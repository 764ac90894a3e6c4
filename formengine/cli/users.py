"""Commands that manage accounts. Each may run while the service does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import click

from formengine.cli.operating import Verbs, acting_options, end, opened_context, service_engine, settings_here
from formengine.language.diagnostics import DefinitionError
from formengine.language.diagnostics.terminal import render_text
from formengine.language.fields.base import FieldSettings, Posted
from formengine.language.fields.email import EMAIL
from formengine.service.accounts import users as accounts
from formengine.service.accounts.identity import Person
from formengine.service.accounts.passwords import Passwords
from formengine.service.accounts.roles import ROLES, ROLES_WITH_PAGES
from formengine.service.context import ServiceContext
from formengine.service.desk.staff import StaffRoles
from formengine.store.rows import Role

_ROLE = click.option(
    "--role", type=click.Choice(ROLES), default="applicant", show_default=True, help="What they may do."
)

_ROUTE = click.option(
    "--route",
    default="",
    metavar="CODE",
    help="Only cases with this answer to the form's route_by; else all.",
)


def _role(role: str) -> Role:
    """The role; ends the command where it has no pages yet."""
    found = cast(Role, role)
    if found not in ROLES_WITH_PAGES:
        end(f"No page is there for the role {role} yet, so nobody can be given it")
    return found


@contextmanager
def _context(data: Path | None, keys_file: Path | None) -> Iterator[ServiceContext]:
    settings = settings_here(data, keys_file)
    with opened_context(settings, service_engine(settings).words) as context:
        yield context


def _address(text: str) -> str:
    """The e-mail address; ends the command where `text` is no address."""
    found = EMAIL.decode(Posted({"": (text,)}), FieldSettings(id="email", label=""))
    if found.value is None or found.problem is not None:
        end(f"{text!r} is no e-mail address")
    return str(found.value)


def _nobody(email: str) -> None:
    end(f"There is no account with the address {email}")


@click.group(cls=Verbs)
def users() -> None:
    r"""List, add and close accounts, and change what people may do.

    \b
    Example:
      formengine users list
      formengine users add robin.cole@example.org --first-name Robin --last-name Cole
    """


@users.command("list", short_help="List who has an account.")
@acting_options
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def users_list(data: Path | None, keys_file: Path | None, format_: str) -> None:
    r"""List who has an account, the oldest first: address, role, where codes come from, since when, name.

    That the list was read stands in the audit.

    \b
    Example:
      formengine users list
    """
    with _context(data, keys_file) as context:
        found = accounts.users(context)
    if format_ == "json":
        kept = [
            {
                "email": user.email,
                "name": user.name,
                "role": user.role,
                "codes": "app" if user.app else "email",
                "since": user.created_at.date().isoformat(),
            }
            for user in found
        ]
        click.echo(json.dumps(kept, indent=2, ensure_ascii=False))
        return
    for user in found:
        codes = "app" if user.app else "e-mail"
        click.echo(f"{user.email}\t{user.role}\t{codes}\t{user.created_at:%Y-%m-%d}\t{user.name}")
    click.echo(f"{len(found)} account{'' if len(found) == 1 else 's'}", err=True)


@users.command("add", short_help="Make an account for somebody.")
@acting_options
@click.argument("email")
@click.option("--first-name", required=True, help="Their first name.")
@click.option("--last-name", required=True, help="Their last name.")
@_ROLE
def users_add(
    data: Path | None, keys_file: Path | None, email: str, first_name: str, last_name: str, role: str
) -> None:
    r"""Make an account for somebody, who chooses its password by a code that is e-mailed to them.

    \b
    Example:
      formengine users add robin.cole@example.org --first-name Robin --last-name Cole
    """
    given = _role(role)
    person = Person(email=_address(email), first_name=first_name.strip(), last_name=last_name.strip())
    with _context(data, keys_file) as context:
        if not accounts.add_user(context, Passwords(), person, given):
            end(f"{person.email} has an account already")
    click.echo(f"{person.email} has an account. The service e-mails how to choose a password.")


@users.command("role", short_help="Change what somebody may do.")
@acting_options
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
def users_role(data: Path | None, keys_file: Path | None, email: str, role: str) -> None:
    r"""Change what somebody may do. They are signed out everywhere, so that it holds at once.

    \b
    Example:
      formengine users role robin.cole@example.org applicant
    """
    given = _role(role)
    with _context(data, keys_file) as context:
        if not accounts.set_role(context, email, given):
            _nobody(email)
    click.echo(f"{email} is {role} now and has been signed out.")


@users.command("end-sessions", short_help="Sign somebody out everywhere.")
@acting_options
@click.argument("email")
def users_end_sessions(data: Path | None, keys_file: Path | None, email: str) -> None:
    r"""Sign somebody out everywhere, at once: for when a device was lost, or somebody else may be signed in.

    Codes that were sent and resets that were begun end too, and no browser is known to the account any more. The
    password stays: if somebody else may know it, have its owner choose another one.

    \b
    Example:
      formengine users end-sessions robin.cole@example.org
    """
    with _context(data, keys_file) as context:
        if not accounts.end_sessions(context, email):
            _nobody(email)
    click.echo(f"{email} has been signed out everywhere.")


@users.command("grant", short_help="Let somebody work on the cases of a form.")
@acting_options
@click.argument("email")
@click.argument("form")
@click.argument("role")
@_ROUTE
def users_grant(
    data: Path | None, keys_file: Path | None, email: str, form: str, role: str, route: str
) -> None:
    r"""Let somebody of staff work on the cases of a form, in a role that the form's process declares.

    With any role in it they may open its cases; what the role is for they may decide.

    \b
    Example:
      formengine users grant robin.cole@example.org early-help-notification triage --route ashford
    """
    with _context(data, keys_file) as context:
        _check_role(form, role, route)
        given = StaffRoles(context).grant(email, form, role, route)
        if given is None:
            end(
                f"There is no account of staff with the address {email}. "
                f"`formengine users role {email} staff` makes an account one of staff"
            )
    click.echo(f"{email} is {role} of {form} now." if given else f"{email} was {role} of {form} already.")


@users.command("revoke", short_help="Take back what grant gave.")
@acting_options
@click.argument("email")
@click.argument("form")
@click.argument("role")
@_ROUTE
def users_revoke(
    data: Path | None, keys_file: Path | None, email: str, form: str, role: str, route: str
) -> None:
    r"""Take a role in the cases of a form away from somebody; it holds at once.

    \b
    Example:
      formengine users revoke robin.cole@example.org early-help-notification triage --route ashford
    """
    with _context(data, keys_file) as context:
        taken = StaffRoles(context).revoke(email, form, role, route)
        if taken is None:
            _nobody(email)
    click.echo(
        f"{email} is not {role} of {form} any more." if taken else f"{email} was not {role} of {form}."
    )


def _check_role(form_id: str, role: str, route: str) -> None:
    """End the command where the form's process has no such role, or the form no such answer to `route_by`."""
    engine = service_engine(settings_here(None, None))
    if engine.path_of(form_id) is None:
        end(f"There is no form {form_id}")
    try:
        form = engine.form(form_id)
        process = engine.process(form)
    except DefinitionError as error:
        end(render_text(error.diagnostics).rstrip())
    if process is None:
        end(f"The form {form_id} has no process: there is no process.yaml beside it")
    if role not in process.definition.roles:
        end(f"{form_id} has no role {role}: its roles are {', '.join(process.definition.roles)}")
    codes = (
        [option.code for option in form.route_by.spec.settings.options] if form.route_by is not None else []
    )
    if route and route not in codes:
        end(f"{route} is no answer that cases of {form_id} are routed by")


@users.command("without-app", short_help="Let codes come by e-mail again.")
@acting_options
@click.argument("email")
def users_without_app(data: Path | None, keys_file: Path | None, email: str) -> None:
    r"""Let somebody's codes come by e-mail again: for who has lost the telephone with the authenticator app.

    Make sure first that it is them who ask, and not somebody who knows their password. They are told by e-mail.

    \b
    Example:
      formengine users without-app robin.cole@example.org
    """
    with _context(data, keys_file) as context:
        if not accounts.stop_app(context, email):
            _nobody(email)
    click.echo(f"Codes for {email} come by e-mail again.")


@users.command("close", short_help="Close somebody's account.")
@acting_options
@click.argument("email")
@click.confirmation_option(prompt="This deletes their details and every form they have not sent. Go on?")
def users_close(data: Path | None, keys_file: Path | None, email: str) -> None:
    r"""Close somebody's account: its details, drafts and their files are destroyed. What was sent stays.

    \b
    Example:
      formengine users close robin.cole@example.org
    """
    with _context(data, keys_file) as context:
        if not accounts.close_user(context, email):
            _nobody(email)
    click.echo(f"The account of {email} is closed.")
