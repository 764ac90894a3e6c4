"""What keeps the quick tier quick: nothing dear runs in a test that does not say so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import tiers
from tests.support.tiers import NEEDS, RANKS, cases, uses_a_browser
from tests.tools import nu, verapdf
from tests.tools.browser import launched


def test_java_starts_in_no_test_that_does_not_say_so(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for start in (nu.messages, verapdf.check):
        with pytest.raises(pytest.fail.Exception, match=r"needs a marker: pytest\.mark\.java"):
            start([file])


def test_a_browser_starts_in_no_test_that_does_not_say_so() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"needs a marker: pytest\.mark\.browser"), launched():
        pass


def test_what_needs_a_browser_java_or_a_build_is_slow(page: object, request: pytest.FixtureRequest) -> None:
    own = {mark.name for mark in request.node.iter_markers()}
    assert own == {"browser", "slow"}
    for item in request.session.items:
        needs = {name for name in NEEDS if item.get_closest_marker(name)}
        if uses_a_browser(item):
            assert "browser" in needs, item.nodeid
        assert not needs or item.get_closest_marker("slow"), item.nodeid


def test_files_stay_whole_and_the_dearest_come_first(request: pytest.FixtureRequest) -> None:
    ranks: dict[str, int] = {}
    order: list[str] = []
    for item in request.session.items:
        file = item.nodeid.partition("::")[0]
        if file not in order[-1:]:
            order.append(file)
        rank = next((at for at, name in enumerate(RANKS) if item.get_closest_marker(name)), len(RANKS))
        ranks[file] = min(rank, ranks.get(file, rank))
    assert len(order) == len(set(order))
    assert [ranks[file] for file in order] == sorted(ranks[file] for file in order)


@pytest.mark.parametrize(
    ("tier", "number"), [("quick", 10), ("usual", 40), ("long", 400)], ids=["quick", "usual", "long"]
)
def test_a_tier_says_how_many_cases_are_tried(
    monkeypatch: pytest.MonkeyPatch, tier: str, number: int
) -> None:
    monkeypatch.setattr(tiers, "TIER", tier)
    assert cases(40, long=400) == number


def test_there_is_always_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "TIER", "quick")
    assert cases(2, long=40) == 1


def test_a_tier_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "TIER", "quik")
    with pytest.raises(ValueError, match="TEST_TIER is 'quik'; it may be quick, usual or long"):
        cases(40, long=400)
