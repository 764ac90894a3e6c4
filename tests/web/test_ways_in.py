"""Who has pages of a role is led to them from the frame of every page; nobody else is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from formengine.service.accounts import users
from formengine.store.rows import Role
from tests.support.service_app import Service, make_service
from tests.support.signing_in import EMAIL, PASSWORD, register

OWN = ("/desk", "/studio")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = make_service(tmp_path)
    yield made
    made.store.close()


@pytest.mark.parametrize(
    ("role", "led_to"),
    [("applicant", []), ("staff", ["/desk"]), ("author", ["/studio"]), ("approver", ["/studio"])],
)
def test_the_frame_leads_to_the_pages_of_the_role_that_signed_in(
    service: Service, role: Role, led_to: list[str]
) -> None:
    register(service.person())
    assert users.set_role(service.context.service, EMAIL, role)
    person = service.person()
    service.clock.move(minutes=2)
    person.submit("/account/sign-in", {"email": EMAIL, "password": PASSWORD})
    person.submit("/account/code", {"code": service.code(EMAIL)})
    page = person.get("/hub").text
    assert "/account/sign-out" in page
    assert [link for link in re.findall(r'href="([^"]+)"', page) if link in OWN] == led_to


def test_who_has_not_signed_in_finds_the_way_in_for_staff(service: Service) -> None:
    page = service.person().get("/hub").text
    assert [link for link in re.findall(r'href="([^"]+)"', page) if link in OWN] == ["/desk"]
