"""What every store does, whichever database it stands on: the tests of the protocol, for whoever writes a store.

A test module subclasses `StoreConformance` and gives it a fixture ``store``, an empty store for each test; pytest runs
the rest. For failures that show values, call ``pytest.register_assert_rewrite("formengine.store.conformance")`` first.
"""

from __future__ import annotations

from formengine.store.conformance.accounts import Accounts
from formengine.store.conformance.drafts import Drafts
from formengine.store.conformance.keeping import Keeping
from formengine.store.conformance.submissions import Submissions
from formengine.store.conformance.transactions import Transactions

__all__ = ["StoreConformance"]


class StoreConformance(Transactions, Accounts, Drafts, Submissions, Keeping):
    """Every claim about a store, a test each; a subclass has the fixture ``store``."""
