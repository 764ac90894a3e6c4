"""People on both sides of the desk for tests: who sends a form, and staff with roles."""

from __future__ import annotations

from typing import Any

import httpx2

from formengine.form.analysis.samples import sample_answers
from formengine.service.submissions.submissions import Receipt
from tests.support.journey_people import Somebody, signed_in
from tests.support.service_app import Service

REQUEST, NOTIFICATION = "request-for-support", "early-help-notification"
TEACHER, OFFICER, MANAGER = "teacher@example.org", "officer@example.org", "manager@example.org"
BOTH = ("officer", "manager")


def sent_by(service: Service, account: str | None, form_id: str = REQUEST, **answers: Any) -> Receipt:
    """The receipt of a form of invented answers, sent by this account; further answers win."""
    form = service.context.drafts.forms.current(form_id)
    assert form is not None
    made = sample_answers(form, on=service.service.today(), seed=1, minimal=True) | answers
    draft = service.context.drafts.begin(form, account=account, holder="visitor", answers=made)
    return service.context.submissions.submit(draft, rev=draft.rev)


def staff(
    service: Service,
    email: str = OFFICER,
    roles: tuple[str, ...] = BOTH,
    form: str = REQUEST,
    route: str = "",
) -> Somebody:
    """Somebody of staff, signed in, with these roles in the form's process."""
    somebody = signed_in(service, email, "staff")
    for role in roles:
        assert service.context.staff_roles.grant(email, form, role, route)
    return somebody


def path_of(reference: str) -> str:
    """The address of a case."""
    return f"/desk/cases/{reference}"


def open_case(somebody: Somebody, reference: str) -> str:
    """The page of a case, opened by its button."""
    path = path_of(reference)
    opened = somebody.browser.submit(path, {"-action": "open"})
    assert opened.headers["location"] == path, opened.status_code
    shown = somebody.browser.get(path)
    assert shown.status_code == 200
    return shown.text


def decide(
    somebody: Somebody, reference: str, move: str, *, stage: str, rev: int = 1, **answers: str
) -> httpx2.Response:
    """The answer to a press of a move's button, with these answers in the stage."""
    texts = {"-action": f"move:{move}", "-rev": str(rev), "-stage": stage, **answers}
    return somebody.browser.submit(path_of(reference), texts)


def staffed_case(service: Service) -> tuple[Somebody, str]:
    """Somebody of staff who has opened a case, and its reference."""
    somebody = staff(service)
    reference = sent_by(service, None).reference
    open_case(somebody, reference)
    return somebody, reference
