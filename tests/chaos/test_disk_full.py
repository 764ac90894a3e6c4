"""The disk is full while somebody fills in: they keep what they typed, see whom to call, and then go on."""

from __future__ import annotations

from pathlib import Path

from argon2 import PasswordHasher

from formengine.engine import Engine
from tests.chaos.referral import DEFINITIONS, Way, unsound
from tests.support.journey_people import brought_back
from tests.support.service_app import make_service

TYPED = "Robin has not been at school since Monday. " * 1000


def test_a_page_posted_on_a_full_disk_comes_back_with_the_numbers_to_call_and_can_be_sent_again(
    tmp_path: Path,
) -> None:
    service = make_service(tmp_path, engine=Engine(folders=(DEFINITIONS,)))
    service.context.passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    way = Way(service, {}, hear=lambda _: None)
    way.start()
    way.register()
    way.save("child", child_name="Robin Example")
    page, connection = f"{way.known['way']}worry", service.store._connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone() or (0,)
    connection.execute(f"PRAGMA max_page_count = {pages}")

    shown = way.browser.get(page)
    answer = way.browser.submit(page, {"-action": "next", **brought_back(shown), "worry": TYPED})

    assert answer.status_code == 503
    assert "03000 41 11 11" in answer.text
    assert brought_back(answer)["worry"] == TYPED
    # What was saved before is there, also while nothing can be written.
    assert "Robin Example" in way.browser.get(f"{way.known['way']}child").text

    connection.execute("PRAGMA max_page_count = 1000000")
    again = way.browser.submit(page, brought_back(answer))
    assert again.status_code == 303
    assert TYPED.strip() in way.browser.get(page).text
    assert unsound(service) == []
    service.store.close()
