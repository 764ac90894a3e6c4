"""A draft has so many answers together; nothing stored is lost at that limit, and a large one keeps nobody waiting."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from formengine.output.html import HtmlRenderer
from formengine.service.budgets import ANSWERS_BYTES, LARGE_ANSWERS_BYTES
from formengine.service.drafts.drafts import DraftFullError
from tests.support.desk_people import path_of, staffed_case
from tests.support.journey_forms import engine_of
from tests.support.journey_people import begun, brought_back, draft_at, signed_in
from tests.support.service_app import Service, make_service

pytestmark = pytest.mark.slow

LETTER = """
form: letter
title: A letter
version: 1
access: anyone
pages:
  - id: one
    title: One
    fields:
      - id: first
        type: long_text
        label: The first part
        max_length: 1000000
      - id: second
        type: long_text
        label: The second part
        max_length: 1000000
"""


@pytest.fixture
def letters(tmp_path: Path) -> Iterator[Service]:
    made = make_service(tmp_path, engine=engine_of(tmp_path / "forms", letter=LETTER))
    yield made
    made.store.close()


def test_a_page_too_many_is_refused_in_plain_words_and_what_was_stored_stays(
    letters: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("formengine.service.drafts.drafts.ANSWERS_BYTES", 10_000)
    owner = signed_in(letters)
    way = begun(owner.browser, "letter")

    def posted(**typed: str) -> tuple[int, str]:
        shown = brought_back(owner.browser.get(f"{way}one"))
        answer = owner.browser.submit(f"{way}one", {**shown, "-action": "next", **typed})
        return answer.status_code, answer.text

    first, second = "a" * 6_000, "b" * 4_000
    assert posted(first=first)[0] == 303
    status, page = posted(first=first, second=second)
    assert status == 413
    assert "Sorry, this form cannot hold more text" in page
    assert "What you saved before is kept" in " ".join(page.split())
    assert second in page
    kept = draft_at(letters, way, owner.account)
    assert kept.answers == {"first": first}
    # Making it shorter always works, and then there is room again.
    assert posted(first="short", second=second)[0] == 303


def test_a_script_that_saves_too_much_is_told_so(letters: Service) -> None:
    owner = signed_in(letters)
    way = begun(owner.browser, "letter")
    shown = brought_back(owner.browser.get(f"{way}one"))
    answer = owner.browser.submit(
        f"{way}autosave",
        {**shown, "-place": "one", "first": "é" * 600_000},
        headers={"accept": "application/json"},
    )
    assert answer.status_code == 413
    assert draft_at(letters, way, owner.account).answers == {}


def test_a_draft_that_is_larger_already_may_stay_as_large_and_shrink(
    letters: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts = letters.context.drafts
    draft = drafts.start("letter", account=None, holder="h", answers={"first": "a" * 5_000})
    monkeypatch.setattr("formengine.service.drafts.drafts.ANSWERS_BYTES", 1_000)
    draft = drafts.save(draft, {"first": "b" * 5_000}, step="one", shown=(), urgent=False)
    with pytest.raises(DraftFullError):
        drafts.save(draft, {"first": "b" * 5_001}, step="one", shown=(), urgent=False)
    assert drafts.save(draft, {"first": "b"}, step="one", shown=(), urgent=False).answers == {"first": "b"}
    with pytest.raises(DraftFullError):
        drafts.start("letter", account=None, holder="h", answers={"first": "a" * 2_000})


def test_a_large_drafts_pages_are_drawn_beside_the_event_loop_one_at_a_time(
    letters: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = letters.context
    assert LARGE_ANSWERS_BYTES < ANSWERS_BYTES
    at_once, most = 0, 0
    lock = threading.Lock()

    def work() -> int:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        with lock:
            at_once -= 1
        return threading.get_ident()

    async def tried() -> tuple[list[int], int]:
        large = [context.beside_large(LARGE_ANSWERS_BYTES + 1, work) for _ in range(5)]
        return list(await asyncio.gather(*large)), await context.beside_large(LARGE_ANSWERS_BYTES, work)

    beside, here = asyncio.run(tried())
    assert threading.get_ident() not in beside
    assert here == threading.get_ident()
    assert most == 1


def test_every_page_of_a_large_draft_is_answered(letters: Service) -> None:
    owner = signed_in(letters)
    draft = letters.context.drafts.start(
        "letter", account=owner.account, holder=None, answers={"first": "word " * 20_000}
    )
    for name in ("", "one", "check-answers", "print", "create-pdf"):
        assert owner.browser.get(f"/drafts/{draft.id}/{name}").status_code == 200, name


@pytest.mark.parametrize(("large_bytes", "turns"), [(10, 1), (ANSWERS_BYTES, 0)])
def test_a_large_forms_case_is_drawn_one_at_a_time_as_its_pages_were(
    service: Service, monkeypatch: pytest.MonkeyPatch, large_bytes: int, turns: int
) -> None:
    monkeypatch.setattr("formengine.web.context.LARGE_ANSWERS_BYTES", large_bytes)
    officer, reference = staffed_case(service)
    taken: list[int] = []
    draw = HtmlRenderer.answers

    def watched(self: HtmlRenderer, *args: Any, **kwargs: Any) -> str:
        taken.append(int(service.context.large_drafts_at_once.borrowed_tokens))
        return draw(self, *args, **kwargs)

    monkeypatch.setattr(HtmlRenderer, "answers", watched)
    assert officer.browser.get(path_of(reference)).status_code == 200
    assert set(taken) == {turns}
