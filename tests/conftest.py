"""What every test shares: no skips, no clock in Hypothesis, tiers, and the browser."""

from asyncio import events
from collections.abc import Callable, Generator, Iterator

import pytest
from hypothesis import settings

# The stores' suite shows the values of what fails; this must be said before anything imports it.
pytest.register_assert_rewrite("formengine.store.conformance")

from tests.support.service_app import person, service, site  # noqa: E402
from tests.support.service_parts import parts  # noqa: E402
from tests.support.tiers import cases, pytest_collection_modifyitems, pytest_runtest_protocol, uses_a_browser  # noqa: E402
from tests.tools.browser import browser, page, page_without_javascript  # noqa: E402

__all__ = [
    "browser",
    "page",
    "page_without_javascript",
    "parts",
    "person",
    "pytest_collection_modifyitems",
    "pytest_runtest_protocol",
    "service",
    "site",
]

# Generated cases are judged by what they find, never by how long they took on a busy machine.
settings.register_profile("formengine", deadline=None, print_blob=True, max_examples=cases(100, long=1000))
settings.load_profile("formengine")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The report of a test; a skipped one has failed, so that a missing tool cannot look like a pass."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped ({call.excinfo}); this suite skips nothing"
    return report


@pytest.fixture(autouse=True)
def _no_loop_of_the_browser(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hides the event loop of the shared browser from tests without a page: it counts as running between its calls,
    and a test that runs a loop of its own would be refused.
    """
    loop = events._get_running_loop()
    if loop is None or uses_a_browser(request.node):
        yield
        return
    events._set_running_loop(None)
    yield
    events._set_running_loop(loop)


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Takes a line to be shown under the results, where figures are what a test is for."""
    return lambda line: record_property("figures", line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Shows the lines that tests gave to `figures`."""
    reports = [each for kind in terminalreporter.stats.values() for each in kind]
    lines = [
        str(value)
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in report.user_properties
        if name == "figures"
    ]
    if lines:
        terminalreporter.section("figures")
        terminalreporter.write_line("\n".join(sorted(lines)))
