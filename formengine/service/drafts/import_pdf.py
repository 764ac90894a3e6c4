"""Importing a PDF that somebody kept of a form, as a new draft.

A copy that this service signed goes on with the very definition it was made with, where the store still has it. Every
other file, altered, unsigned or filled in on a computer, is read as if somebody had just typed it. Either way nothing
is trusted that a person could not type: files are not imported, and values from the account are filled in again.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec

from formengine.form.actions import prefilled, prefilled_item
from formengine.form.actions.drafts import Answers
from formengine.form.actions.import_answers import Leftover, import_answers
from formengine.form.actions.items import items_of
from formengine.form.plan import Form
from formengine.output.paper.reading.contents import UnreadablePdfError, open_pdf
from formengine.output.paper.reading.pdf_answers import CarriedAnswers, carried_by, filled_in
from formengine.output.paper.reading.signatures import Standing
from formengine.service.context import ServiceContext
from formengine.service.drafts.drafts import Draft, Drafts
from formengine.service.drafts.page_posts import new_item_id
from formengine.service.fault_points import point

# Larger than any copy the service makes.
MAX_BYTES = 10_000_000
_MARK_LENGTH = 32


def can_read_pdfs() -> bool:
    """Whether PDFs can be read here, which needs the extra ``fillable``."""
    return find_spec("pikepdf") is not None


class PartialCopyError(Exception):
    """A copy that leaves questions out: going on from it would lose them silently. `title` is the copy's name."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.title = title


@dataclass(frozen=True, slots=True)
class ImportedPdf:
    """The contents of an imported PDF, from which a draft can be begun.

    leftovers: the answers that were not imported as given, for the person to read. mark: a digest, to recognise the
    same file again. other_version: the file was made with another definition than `form`. reference: that of the copy
    of what was sent, "" for a draft's.
    """

    form: Form
    answers: Answers
    mark: str
    standing: Standing
    other_version: bool
    reference: str
    leftovers: tuple[Leftover, ...]


class PdfImport:
    """Begins drafts from PDFs."""

    def __init__(self, context: ServiceContext, drafts: Drafts) -> None:
        self._context = context
        self._drafts = drafts

    def read(self, content: bytes, facts: Mapping[str, str]) -> ImportedPdf:
        """Read a PDF for a form of the service; slow, so call it in a thread.

        facts: the person's details by name, for read-only questions. Raises
        `formengine.output.paper.reading.contents.UnreadablePdfError` and `PartialCopyError`.
        """
        if len(content) > MAX_BYTES:
            raise UnreadablePdfError("too_large")
        carried = carried_by(open_pdf(content), self._context.keys.signer.check)
        if not carried.form:
            raise UnreadablePdfError("no_form")
        current = self._drafts.forms.current(carried.form)
        if current is None:
            raise UnreadablePdfError("unknown_form", form=carried.form)
        was = current if carried.digest == current.digest else self._kept(carried)
        if carried.audience:
            audiences = (was or current).definition.audiences
            raise PartialCopyError(audiences.get(carried.audience, carried.audience))
        form = was if was is not None and carried.standing == "signed" else current
        answers, leftovers = self._answers(form, carried, was)
        return ImportedPdf(
            form=form,
            answers=self._prefilled_again(form, answers, facts),
            mark=self._context.keys.index("continued", sha256(content).hexdigest())[:_MARK_LENGTH],
            standing=carried.standing,
            other_version=bool(carried.digest) and carried.digest != form.digest,
            reference=carried.reference,
            leftovers=leftovers,
        )

    def begin(self, found: ImportedPdf, *, account: str | None, holder: str | None) -> Draft:
        """A new draft with these answers."""
        point("draft.continue.before")
        draft = self._drafts.begin(
            found.form, account=account, holder=holder, answers=found.answers, action="draft.continued"
        )
        point("draft.continue.committed")
        return draft

    def _kept(self, carried: CarriedAnswers) -> Form | None:
        """The definition that the file names as its own, None where the store has it not."""
        try:
            form = self._drafts.form_of(carried.digest)
        except KeyError:
            return None
        return form if form.id == carried.form else None

    def _answers(
        self, form: Form, carried: CarriedAnswers, was: Form | None
    ) -> tuple[Answers, tuple[Leftover, ...]]:
        if carried.answers is not None:
            taken = import_answers(form, carried.answers, new_item=new_item_id, was=was)
            return taken.draft, taken.leftovers
        filled = filled_in(form, carried.entered)
        taken = import_answers(form, filled.draft, new_item=new_item_id)
        unread = tuple(
            Leftover("no_question", "", each.name, ", ".join(each.texts)) for each in filled.unread
        )
        return taken.draft, (*taken.leftovers, *unread)

    def _prefilled_again(self, form: Form, answers: Answers, facts: Mapping[str, str]) -> Answers:
        """The answers with read-only values filled in again, as if each page had just been shown."""
        on = self._context.today()
        for page in {field.page: None for field in form.fields.values() if field.spec.read_only}:
            # What does not count now is shown before it is sent.
            with suppress(KeyError):
                answers = prefilled(form, answers, page, account=facts, on=on, first=False)
        for key, fields in form.item_fields.items():
            if any(field.spec.read_only for field in fields.values()):
                for item in items_of(answers, key):
                    with suppress(KeyError):
                        answers = prefilled_item(
                            form, answers, key, str(item["id"]), account=facts, on=on, first=False
                        )
        return answers
