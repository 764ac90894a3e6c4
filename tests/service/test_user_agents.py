"""Which browser somebody signs in with, in a few known words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formengine.service.accounts.user_agents import browser_facts

_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
_ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("header", "browser", "system"),
    [
        (f"{_WINDOWS}Chrome/156.0.0.0 Safari/537.36", "Chrome", "Windows"),
        (f"{_WINDOWS}Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0", "Edge", "Windows"),
        (f"{_WINDOWS}Chrome/156.0.0.0 Safari/537.36 OPR/140.0.0.0", "Opera", "Windows"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:150.0) Gecko/20100101 Firefox/150.0", "Firefox", "Windows"),
        (f"{_MAC}Version/26.1 Safari/605.1.15", "Safari", "Mac"),
        (f"{_IPHONE}Version/26.1 Mobile/15E148 Safari/604.1", "Safari", "iPhone"),
        (f"{_IPHONE}CriOS/156.0 Mobile/15E148 Safari/604.1", "Chrome", "iPhone"),
        ("Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) FxiOS/150.0 Mobile/15E148 Safari/605.1.15", "Firefox", "iPad"),
        (f"{_ANDROID}Chrome/156.0.0.0 Mobile Safari/537.36", "Chrome", "Android"),
        (f"{_ANDROID}SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36", "Samsung Internet", "Android"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36", "Chrome",
         "ChromeOS"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0", "Firefox", "Linux"),
        ("curl/8.11.0", "", ""),
        ("", "", ""),
    ],
)  # fmt: skip
def test_what_browsers_say_of_themselves_becomes_two_names(header: str, browser: str, system: str) -> None:
    assert browser_facts(header) == {"browser": browser, "system": system}


@given(st.text())
def test_whatever_is_said_only_known_names_come_out(header: str) -> None:
    known = {"Chrome", "Edge", "Firefox", "Opera", "Safari", "Samsung Internet", "Windows", "iPhone", "iPad", "Android",
             "ChromeOS", "Mac", "Linux", ""}  # fmt: skip
    assert set(browser_facts(header).values()) <= known
