"""Invented cases for trying the desk out, made once, with the roles of the demonstration's staff."""

from __future__ import annotations

from typing import Final

from formengine.form.analysis.samples import sample_answers
from formengine.form.process import Process
from formengine.service.accounts.demo_account import EMAIL, STAFF_EMAIL
from formengine.service.accounts.identity import address_index
from formengine.service.context import ServiceContext
from formengine.service.desk.staff import StaffRoles
from formengine.service.drafts.drafts import Drafts
from formengine.service.processes import Processes
from formengine.service.submissions.submissions import Submissions

# So many cases a form.
_CASES: Final = 3


def begin_cases(
    context: ServiceContext, drafts: Drafts, submissions: Submissions, processes: Processes
) -> int:
    """Give the demonstration's staff every role, and send some invented forms at the first start; returns how many."""
    roles, sent = StaffRoles(context), 0
    with context.store.read() as tx:
        account = tx.accounts.by_email(address_index(context, EMAIL))
        none_sent = next(iter(tx.submissions.listed(1)), None) is None
    for process in processes.read_every():
        for role in process.definition.roles:
            roles.grant(STAFF_EMAIL, process.id, role)
        if none_sent and account is not None:
            sent += _send(context, drafts, submissions, process, account.id)
    return sent


def _send(
    context: ServiceContext, drafts: Drafts, submissions: Submissions, process: Process, account: str
) -> int:
    """Send the form of the process, filled in with invented answers, a few times."""
    form = drafts.forms.current(process.id)
    if form is None:
        return 0
    for seed in range(_CASES):
        answers = sample_answers(form, on=context.today(), seed=seed, minimal=True)
        draft = drafts.begin(form, account=account, holder=None, answers=answers)
        submissions.submit(draft, rev=draft.rev)
    return _CASES
