"""The studio's costly work goes one text at a time, on each of its addresses, so that nobody outside waits for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from formengine.engine import Engine
from formengine.form.analysis.rename import rename
from formengine.form.analysis.samples import sample_answers
from tests.support.studio import FORM, MAIN, WAY, author, hidden_in, publish, roll_back, save, studio_service


def test_a_text_is_checked_previewed_renamed_and_published_in_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = studio_service(tmp_path)
    turns = service.context.texts_checked_at_once
    worked: list[tuple[str, int]] = []

    def watched(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def watch(*args: Any, **kwargs: Any) -> Any:
            worked.append((name, int(turns.borrowed_tokens)))
            return work(*args, **kwargs)

        return watch

    monkeypatch.setattr(Engine, "check_texts", watched("check", Engine.check_texts))
    monkeypatch.setattr("formengine.web.studio.names.rename", watched("rename", rename))
    monkeypatch.setattr("formengine.web.studio.preview.sample_answers", watched("samples", sample_answers))
    ash = author(service).browser
    assert save(ash, FORM.replace("title: Ask for a visit", "title: Visits")).status_code == 303
    for path in (
        "/studio",
        *(f"{WAY}/{page}" for page in ("text", "names?path=town", "changes", "preview", "history")),
    ):
        assert ash.get(path).status_code == 200, path
    typed = {"text": FORM, "file": MAIN}
    assert ash.submit(f"{WAY}/check", typed).status_code == 200
    assert ash.submit(f"{WAY}/preview", {**typed, "sample": "yes"}).status_code == 200
    texts = {"-file": MAIN, "-text": FORM, "-draft": "{}", "-step": "about", "-action": "next"}
    assert ash.submit(f"{WAY}/preview", texts).status_code == 200
    shown = ash.get(f"{WAY}/names?path=town").text
    assert ash.submit(f"{WAY}/names", {**hidden_in(shown), "new": "place"}).status_code == 303
    assert publish(ash).status_code == 303
    assert roll_back(ash, 1).status_code == 303
    assert {name for name, _ in worked} == {"check", "rename", "samples"}
    assert {taken for _, taken in worked} == {1}
    service.store.close()
