"""Roles: what an account may do, and which of them have pages yet."""

from __future__ import annotations

from typing import Final

from formengine.store.rows import Role

ROLES: Final[tuple[Role, ...]] = ("applicant", "staff", "author", "approver", "administrator")
# A role whose pages are not there yet is given to nobody: it would open nothing, and would be forgotten until it does.
ROLES_WITH_PAGES: Final[frozenset[Role]] = frozenset({"applicant", "staff", "author", "approver"})
