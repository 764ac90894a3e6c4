"""The verdict on the drafts that are open in the store: each is unsealed in memory alone, and only counts come out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from formengine.form.actions.drafts import Answers
from formengine.form.analysis.verdict import Verdict, judge_drafts
from formengine.form.plan import Form
from formengine.service.context import ServiceContext
from formengine.service.crypto.keyring import KeyringError, SealError
from formengine.service.drafts.drafts import Drafts
from formengine.service.logging import log_failure

# So many drafts are judged while somebody waits for a page.
JUDGED_AT_ONCE: Final = 200
_ROWS_A_LOOK: Final = 200


def judge_open_drafts(
    context: ServiceContext, drafts: Drafts, after: Form, *, most: int | None = None
) -> Verdict:
    """What becomes of the open drafts of this form where `after` takes the place of what each was begun with.

    most: how many are judged at most, None for all. A draft that does not open is logged and left out: `doctor` finds
    it as well. Raises `StoreError`.
    """
    return judge_drafts(islice(_open(context, drafts, after.id), most), after, on=context.today())


def _open(context: ServiceContext, drafts: Drafts, form_id: str) -> Iterator[tuple[Form, Answers]]:
    """The open drafts of the form, read in short transactions."""
    after = ""
    while True:
        with context.store.read() as tx:
            keys = tx.sealed.wrapped_by_others("drafts", "", _ROWS_A_LOOK, after)
            rows = [row for draft, _ in keys if (row := tx.drafts.get(draft)) is not None]
        for row in rows:
            if row.form == form_id and row.status == "open":
                try:
                    draft = drafts.unsealed(row)
                except (SealError, KeyringError) as error:
                    log_failure("draft_unopened", error)
                    continue
                yield draft.form, draft.answers
        if not keys:
            return
        after = keys[-1][0]
