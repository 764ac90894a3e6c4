"""The desk and the studio are closed to whoever has no part in them, at each address, and each try is an event."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from formengine.web.browser_session import CSRF_FIELD
from tests.support.begun_world import paths
from tests.support.desk_people import NOTIFICATION, open_case, path_of, sent_by, staff
from tests.support.journey_people import signed_in
from tests.support.service_app import Person, Service

pytestmark = pytest.mark.slow

FORM = "request-for-support"


def addresses(service: Service, area: str, reference: str) -> Iterator[tuple[str, str]]:
    """Every address of an area with each method that it answers to; a form's own only leads on to its text."""
    given = {"{reference}": reference, "{form}": FORM, "{file}": "0" * 22}
    for route in service.own.routes:
        for pattern in paths([route]):
            if not pattern.startswith(area) or pattern == "/studio/forms/{form}":
                continue
            path = pattern
            for name, value in given.items():
                path = path.replace(name, value)
            methods: set[str] = set(getattr(route, "methods", ())) & {"GET", "POST"}
            yield from ((method, path) for method in sorted(methods))


def asked(browser: Person, method: str, path: str) -> int:
    """The status of the answer; a post brings its token."""
    data = {CSRF_FIELD: browser.csrf, "-action": "open"} if method == "POST" else None
    return browser.request(method, path, data=data).status_code


def refused(said: str) -> list[tuple[str | None, str]]:
    """The accounts and routes of the refusals that were logged."""
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    return [(line.get("account"), line["route"]) for line in lines if line["event"] == "access_refused"]


@pytest.mark.parametrize(
    ("area", "role", "methods"),
    [
        ("/desk", "applicant", {"GET", "POST"}),
        ("/desk", "author", {"GET", "POST"}),
        ("/desk", "approver", {"GET", "POST"}),
        # Of staff, but with no role in any form's process.
        ("/desk", "staff", {"GET", "POST"}),
        ("/studio", "applicant", {"GET", "POST"}),
        ("/studio", "staff", {"GET", "POST"}),
        # An approver looks at everything, decides on the page of the review and changes nothing.
        ("/studio", "approver", {"POST"}),
    ],
)
def test_each_address_is_closed_to_other_roles_and_each_try_is_an_event(
    service: Service, capsys: pytest.CaptureFixture[str], area: str, role: str, methods: set[str]
) -> None:
    reference = sent_by(service, None).reference
    somebody = signed_in(service, "mallory@example.org", role)  # type: ignore[arg-type]
    tried = 0
    for method, path in addresses(service, area, reference):
        if method in methods and not (role == "approver" and path.endswith("/review")):
            tried += 1
            capsys.readouterr()
            assert asked(somebody.browser, method, path) in {403, 404}, (method, path)
            found = refused(capsys.readouterr().err)
            assert [account for account, _ in found] == [somebody.account], (method, path)
    assert tried >= 4


def test_the_staff_of_another_form_find_no_case_and_each_try_is_an_event(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    reference = sent_by(service, None).reference
    others = staff(service, form=NOTIFICATION, roles=("triage",))
    capsys.readouterr()
    for method, path in addresses(service, "/desk/cases", reference):
        assert asked(others.browser, method, path) == 404, (method, path)
        assert [account for account, _ in refused(capsys.readouterr().err)] == [others.account], (
            method,
            path,
        )
    assert others.browser.get(f"/desk?form={FORM}").status_code == 404
    assert refused(capsys.readouterr().err) == [(others.account, "/desk")]


def test_documents_of_a_case_that_was_not_opened_and_moves_of_others_are_refused_events(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    receipt = sent_by(service, None)
    officer = staff(service, roles=("officer",))
    assert officer.browser.get(f"{path_of(receipt.reference)}/answers-pdf").status_code == 404
    assert refused(capsys.readouterr().err) == [(officer.account, "/desk/cases/{reference}/answers-pdf")]
    open_case(officer, receipt.reference)
    assert service.context.staff_roles.revoke("officer@example.org", FORM, "officer")
    service.context.staff_roles.grant("officer@example.org", FORM, "manager")
    capsys.readouterr()
    post = {"-action": "claim", "-rev": "1", "-stage": "contact"}
    assert officer.browser.submit(path_of(receipt.reference), post).status_code == 403
    assert refused(capsys.readouterr().err) == [(officer.account, "/desk/cases/{reference}")]
