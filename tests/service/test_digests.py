"""The daily digest: once a day, with references and numbers and nothing that was answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from formengine.service.delivery.digests import Digests
from tests.support.desk_people import sent_by
from tests.support.service_app import Service, make_service

pytestmark = pytest.mark.slow

TO = "manager@council.example.org"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = make_service(tmp_path, demo=False, digest_mail=TO)
    yield made
    made.store.close()


def digests(service: Service) -> Digests:
    return Digests(service.service, service.settings)


def test_it_says_what_came_what_is_late_and_what_was_not_delivered(service: Service) -> None:
    older = sent_by(service, None, urgency="standard")
    service.clock.move(days=30)
    urgent = sent_by(service, None, urgency="urgent")
    service.clock.move(minutes=6)
    assert digests(service).send()
    (letter,) = service.mail(TO)
    text = " ".join(letter.email.text.split())
    assert letter.email.subject.startswith("Forms in the last 24 hours: 1 came, 1 late, 2 not delivered")
    assert "Came in the last 24 hours: 1, of them urgent: 1" in text
    assert f"Wait beyond their deadline: 1 {older.reference} " in text
    assert f"Were not delivered in time: 2 {urgent.reference}, {older.reference} " in text
    sent = service.context.submissions.of_case(urgent.submission)
    assert sent is not None
    child = sent.answers["child"]
    assert isinstance(child, dict)
    assert [name for name in child.values() if isinstance(name, str) and name in text] == []


def test_it_comes_once_a_day_also_on_a_day_without_anything(service: Service) -> None:
    assert [digests(service).send(), digests(service).send()] == [True, False]
    service.clock.move(hours=25)
    assert digests(service).send()
    subjects = [letter.email.subject for letter in service.mail(TO)]
    assert [each.partition(": ")[2].partition(":")[0] for each in subjects] == [
        "0 came, 0 late, 0 not delivered"
    ] * 2


def test_nobody_gets_one_without_an_address(tmp_path: Path) -> None:
    made = make_service(tmp_path, demo=False)
    assert not digests(made).send()
    assert made.mail() == []
    made.store.close()
