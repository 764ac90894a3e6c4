"""What every store does, whichever database it stands on: the tests of the protocol, for whoever writes a store.

A test module subclasses `StoreConformance` and gives it a fixture ``store``, an empty store for each test; pytest runs
the rest. For failures that show values, call ``pytest.register_assert_rewrite("formengine.store.conformance")`` first.
"""

from __future__ import annotations

from formengine.store.conformance.accounts_suite import AccountsSuite
from formengine.store.conformance.cases_suite import CasesSuite
from formengine.store.conformance.drafts_suite import DraftsSuite
from formengine.store.conformance.keeping_suite import KeepingSuite
from formengine.store.conformance.publications_suite import PublicationsSuite
from formengine.store.conformance.submissions_suite import SubmissionsSuite
from formengine.store.conformance.transactions_suite import TransactionsSuite

__all__ = ["StoreConformance"]


class StoreConformance(
    TransactionsSuite,
    AccountsSuite,
    PublicationsSuite,
    DraftsSuite,
    SubmissionsSuite,
    CasesSuite,
    KeepingSuite,
):
    """Every claim about a store, a test each; a subclass has the fixture ``store``."""
