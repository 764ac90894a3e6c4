"""What leaves the engine: the envelope ``submission/1``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from formengine.form.plan import Form
from formengine.form.state.counted import national_codes
from formengine.form.state.field_errors import FieldError
from formengine.language.json_types import Json

Submission = dict[str, Json]


class NotCompleteError(Exception):
    """A state that cannot be sent: `errors` says what must be put right first."""

    def __init__(self, errors: Mapping[str, FieldError]) -> None:
        super().__init__(errors)
        self.errors = errors

    def __str__(self) -> str:
        number = len(self.errors)
        return f"the form cannot be sent: {number} thing{'' if number == 1 else 's'} must be put right first"


class AudienceCopyError(Exception):
    """A copy for one audience cannot be sent: answers are left out of it."""

    def __init__(self, audience: str) -> None:
        super().__init__(audience)
        self.audience = audience

    def __str__(self) -> str:
        return f"the copy for {self.audience!r} leaves answers out, so it cannot be sent"


def make_submission(
    form: Form, answers: Mapping[str, Json], *, on: date, urgent: bool, at: str, reference: str
) -> Submission:
    """The envelope with these answers, all that count; its schema is `formengine.form.schema.envelope`.

    notices: the privacy notices the form shows, with version and for whom. codes: what other systems call the options
    chosen. urgency: "urgent" or "standard".
    """
    return {
        "format": "submission/1",
        "form": form.id,
        "version": form.version,
        "digest": form.digest,
        "on": on.isoformat(),
        "at": at,
        "reference": reference,
        "urgency": "urgent" if urgent else "standard",
        "notices": [
            {"id": notice.id, "version": notice.version, "for": notice.audience}
            for notice in form.definition.notices
        ],
        "answers": dict(answers),
        "codes": national_codes(form, answers),
    }
