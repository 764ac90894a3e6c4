"""The service says formengine's texts in the words of its theme."""

from __future__ import annotations

import html
from datetime import date
from pathlib import Path

import pytest

from formengine.engine import Engine
from formengine.language.words.moments import day_text
from tests.support.marked_words import MARK, marked_theme, said_in
from tests.support.service_app import Service, make_service, service
from tests.support.shipped import DEFINITIONS

pytestmark = pytest.mark.slow

__all__ = ["service"]
PAGES = (
    "/hub",
    "/contacts",
    "/account/sign-in",
    "/account/register",
    "/forms/early-help-notification",
    "/nowhere",
)


def themed_service(folder: Path) -> Service:
    """A service whose every text is marked."""
    folder.mkdir()
    return make_service(folder, engine=Engine(themes=(marked_theme(folder / "theme"),)))


@pytest.mark.parametrize("path", PAGES)
def test_every_text_of_formengine_on_a_page_is_the_theme_s(
    tmp_path: Path, service: Service, path: str
) -> None:
    themed = themed_service(tmp_path / "themed")
    said, unmarked = (html.unescape(each.person().get(path).text) for each in (themed, service))
    themed.store.close()
    besides = "".join(path.read_text(encoding="utf-8") for path in DEFINITIONS.rglob("*.yaml"))
    assert said_in(unmarked, besides=besides) != []
    assert said_in(said, besides=besides) == []
    assert MARK in said


def test_days_in_e_mails_are_said_in_the_theme_s_words(tmp_path: Path) -> None:
    themed = themed_service(tmp_path / "themed")
    themed.store.close()
    assert day_text(date(2026, 11, 22), themed.service.words) == "22 §November§ 2026"
