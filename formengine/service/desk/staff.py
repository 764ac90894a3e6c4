"""Who may do what on the desk: roles in the processes of forms, for all answers to `route_by` or for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from formengine.service.accounts.identity import address_index, open_account, person_of
from formengine.service.audit import note
from formengine.service.cases.cases import CaseRecord
from formengine.service.context import ServiceContext
from formengine.store.rows import CaseRow, StaffRoleRow


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody signed in who has roles. roles: at least one."""

    account: str
    name: str
    roles: tuple[StaffRoleRow, ...]

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms that they have a role in, in order."""
        return tuple(sorted({role.form for role in self.roles}))

    def routes(self, form: str) -> Sequence[str] | None:
        """The answers to the form's `route_by` whose cases they may see; None for all."""
        routes = sorted({role.route for role in self.roles if role.form == form})
        return None if "" in routes else routes

    def may_see(self, row: CaseRow) -> bool:
        """Whether they may open a case: with any role in its form that covers its route."""
        return any(role.form == row.form and role.route in {"", row.route} for role in self.roles)

    def may_decide(self, case: CaseRecord) -> bool:
        """Whether the stage in which the case stands is theirs to decide."""
        return any(
            (role.form, role.role) == (case.row.form, case.stage.role) and role.route in {"", case.row.route}
            for role in self.roles
        )


class StaffRoles:
    """The roles of staff in a store."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    def of_account(self, account: str) -> Staff | None:
        """The staff member with this account; None for anybody else, and for staff without a role."""
        with self._context.store.read() as tx:
            row = open_account(tx, account)
            roles = tuple(tx.staff.of_account(account)) if row is not None else ()
        if row is None or row.role != "staff" or not roles:
            return None
        return Staff(account, person_of(self._context, row).full_name, roles)

    def names(self, accounts: Sequence[str]) -> dict[str, str]:
        """The names of accounts by id, those that are closed left out; for the timeline of a case."""
        with self._context.store.read() as tx:
            rows = [
                row for account in dict.fromkeys(accounts) if (row := open_account(tx, account)) is not None
            ]
        return {row.id: person_of(self._context, row).full_name for row in rows}

    def grant(self, email: str, form: str, role: str, route: str = "") -> bool | None:
        """Give a role to the account of staff with this address; whether it did not have it.

        None where there is no such account, or it is not one of staff: a role given to anybody else would begin to
        count whenever they became staff.
        """
        return self._change(email, form, role, route, give=True)

    def revoke(self, email: str, form: str, role: str, route: str = "") -> bool | None:
        """Take a role away; whether the account had it, None where there is no such account."""
        return self._change(email, form, role, route, give=False)

    def _change(self, email: str, form: str, role: str, route: str, *, give: bool) -> bool | None:
        with self._context.store.write() as tx:
            account = tx.accounts.by_email(address_index(self._context, email))
            if account is None or (give and account.role != "staff"):
                return None
            row = StaffRoleRow(account=account.id, form=form, role=role, route=route)
            changed = tx.staff.grant(row) if give else tx.staff.revoke(row)
            if changed:
                action = "staff.role_given" if give else "staff.role_taken"
                note(
                    tx,
                    self._context,
                    actor=self._context.operator,
                    action=action,
                    subject=account.id,
                    fields=(form, role, route),
                )
        return changed
