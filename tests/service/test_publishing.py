"""Publishing: what is checked is published whole or not at all, is never changed, and is brought back by its number."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from formengine.engine import Engine
from formengine.language.loader import digest_of
from formengine.language.source import Source
from formengine.service import fault_points
from formengine.service.audit import entries, verify
from formengine.service.context import ServiceContext
from formengine.service.crypto.keyring import Keyring
from formengine.service.forms import Forms
from formengine.service.studio.publishing import PublicationRefusedError, Publishing
from formengine.service.studio.working_copies import ChangedMeanwhileError, FormTexts, WorkingCopies
from formengine.store.conformance.sample_rows import a_definition, a_publication
from formengine.store.sqlite import SqliteStore
from tests.support.service_app import MovableClock
from tests.support.studio import FORM, MAIN, TOWNS, definitions

pytestmark = pytest.mark.slow

KEYS = Keyring.new()
NEW = FORM.replace("label: Your name", "label: Your full name")


class Bench:
    """The parts that publish, on a file of their own."""

    def __init__(self, folder: Path, form: str = FORM) -> None:
        self.engine = Engine((definitions(folder / "forms", form),))
        self.store = SqliteStore(folder / "store.sqlite3")
        self.clock = MovableClock()
        self.context = ServiceContext(self.store, KEYS, self.clock, monotonic=self.clock.monotonic)
        self.forms = Forms(self.context, self.engine)
        self.publishing = Publishing(self.context, self.engine, self.forms)
        self.copies = WorkingCopies(self.context, self.engine)

    def now(self) -> FormTexts:
        """The texts as they are being changed."""
        found = self.copies.now("visit")
        assert found is not None
        return found

    def save(self, text: str = NEW) -> FormTexts:
        """The change after this text was saved."""
        seen = self.now()
        return self.copies.save("visit", {MAIN: text}, rev=seen.rev, base=seen.base, account="ash")

    def publish(self, *, after: int | None = None) -> None:
        """Publish the change."""
        now = self.now()
        self.publishing.publish("visit", now.texts, account="ash", reason="Unclear", rev=now.rev, after=after)

    def labels(self) -> str:
        """The label of the first question, as it is filled in now."""
        form = self.forms.current("visit")
        assert form is not None
        return form.fields["name"].spec.settings.label


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.store.close()


def test_a_publication_comes_back_byte_for_byte(bench: Bench) -> None:
    odd = NEW.replace("Your town", "“Town”, ünïcode £") + "\n\n# the end"
    bench.save(odd)
    bench.publish()
    assert bench.publishing.texts("visit", 2) == {MAIN: odd, "lists/towns.yaml": TOWNS}
    assert bench.publishing.texts("visit", 1) == {MAIN: FORM, "lists/towns.yaml": TOWNS}


def test_a_publication_needs_no_file_any_more(bench: Bench, tmp_path: Path) -> None:
    bench.save()
    bench.publish()
    for name in (MAIN, "lists/towns.yaml"):
        (tmp_path / "forms" / name).unlink()
    again = Forms(bench.context, bench.engine)
    form = again.current("visit")
    assert form is not None
    texts = bench.publishing.texts("visit", 2)
    assert form.digest == digest_of(Source(name, text) for name, text in texts.items())
    assert again.ids() == ["visit"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (FORM.replace("type: date", "type: dat"), "findings"),
        (FORM.replace("form: visit", "form: other"), "other_form"),
        # In use it would go on, as an author once wrote it; it is not published.
        (f"{FORM}      - {{id: sum, type: calculated, label: Sum, value: name + town}}\n", "findings"),
        ("", "findings"),
        ("\0", "findings"),
    ],
)
def test_what_cannot_be_published_is_refused_and_changes_nothing(bench: Bench, text: str, why: str) -> None:
    bench.save(text)
    with pytest.raises(PublicationRefusedError) as refused:
        bench.publish()
    assert refused.value.why == why
    assert bool(refused.value.findings) == (why == "findings")
    assert bench.publishing.history("visit") == []
    assert bench.now().rev == 1


def test_what_is_live_already_is_not_published_again(bench: Bench) -> None:
    bench.save()
    bench.publish()
    with pytest.raises(PublicationRefusedError) as refused:
        bench.publishing.publish("visit", bench.now().texts, account="ash", reason="")
    assert refused.value.why == "unchanged"


def test_who_saw_an_older_publication_as_the_newest_publishes_nothing(bench: Bench) -> None:
    bench.save()
    bench.publish(after=0)
    bench.save(NEW.replace("version: 1", "version: 2"))
    with pytest.raises(PublicationRefusedError) as refused:
        bench.publish(after=1)
    assert refused.value.why == "changed"
    with pytest.raises(PublicationRefusedError):
        bench.publishing.roll_back("visit", 1, account="ash", reason="", after=1)
    assert [line.row.number for line in bench.publishing.history("visit")] == [2, 1]


def test_bringing_back_leaves_a_change_as_it_is(bench: Bench) -> None:
    bench.save()
    bench.publish()
    half_way = NEW.replace("version: 1", "version: 2")
    bench.save(half_way)
    row = bench.publishing.roll_back("visit", 1, account="ash", reason="Back")
    assert (row.number, row.origin, bench.labels()) == (3, 1, "Your name")
    assert (bench.now().texts[MAIN], bench.now().rev) == (half_way, 2)
    with pytest.raises(KeyError):
        bench.publishing.roll_back("visit", 9, account="ash", reason="Back")


def test_a_publication_that_cannot_be_used_leaves_what_was_there(bench: Bench) -> None:
    assert bench.labels() == "Your name"
    packed = '{"visit/form.yaml": "form: visit\\npages: 3\\n"}'
    with bench.store.write() as tx:
        tx.definitions.keep(a_definition("broken", form="visit", packed=packed))
        tx.publications.add(a_publication(name="visit", digest="broken"))
    bench.clock.move(seconds=1)
    assert bench.labels() == "Your name"
    # Mended by the next.
    bench.publishing.publish("visit", {MAIN: NEW, "lists/towns.yaml": TOWNS}, account="ash", reason="")
    assert bench.labels() == "Your full name"


def test_a_save_on_an_older_base_is_refused(bench: Bench) -> None:
    seen = bench.now()
    bench.save()
    bench.publish()
    with pytest.raises(ChangedMeanwhileError) as refused:
        bench.copies.save("visit", {MAIN: f"{FORM}# mine\n"}, rev=seen.rev, base=seen.base, account="kit")
    assert refused.value.newest.texts[MAIN] == NEW


def killed(folder: Path, number: int) -> bool:
    """Whether the process that saves and publishes in this folder was killed, at this fault point."""
    child = os.fork()
    if child == 0:
        try:
            fault_points.arm(number)
            bench = Bench(folder)
            bench.save()
            bench.publish()
            bench.publishing.roll_back("visit", 1, account="ash", reason="Back")
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def test_killed_at_each_fault_point_one_clear_state_is_there_and_goes_on(tmp_path: Path) -> None:
    number, seen = 1, set()
    while True:
        folder = tmp_path / str(number)
        folder.mkdir()
        dead = killed(folder, number)
        bench = Bench(folder)
        publications = [line.row.number for line in bench.publishing.history("visit")]
        label = {3: "Your name", 2: "Your full name", 0: "Your name"}[len(publications)]
        assert (publications, bench.labels()) == (list(range(len(publications), 0, -1)), label)
        assert (bench.now().rev > 0) == (not publications and bench.now().texts[MAIN] == NEW)
        assert verify(entries(bench.store), KEYS).problem == ""
        assert list(bench.store.check()) == []
        seen.add((len(publications), bench.now().rev))
        bench.save(NEW.replace("version: 1", "version: 5"))
        bench.publish()
        assert bench.labels() == "Your full name"
        bench.store.close()
        if not dead:
            break
        number += 1
    assert number == 13
    assert seen == {(0, 0), (0, 1), (2, 0), (3, 0)}


def test_a_scheduled_publication_holds_by_itself_from_its_moment(bench: Bench) -> None:
    bench.save()
    at, now = bench.clock() + timedelta(hours=2), bench.now()
    publish = bench.publishing.publish
    with pytest.raises(PublicationRefusedError, match="past"):
        publish("visit", now.texts, account="ash", reason="", rev=now.rev, from_at=bench.clock())
    publish("visit", now.texts, account="ash", reason="From May", rev=now.rev, from_at=at)
    assert (bench.labels(), bench.now().live, bench.now().to_come) == ("Your name", 1, at)
    states = [(line.is_current, line.is_to_come) for line in bench.publishing.history("visit")]
    assert states == [(False, True), (True, False)]
    bench.clock.move(hours=2)
    assert (bench.labels(), bench.now().live, bench.now().to_come) == ("Your full name", 2, None)
    assert [each.action for each in entries(bench.store)][-1] == "form.scheduled"


def test_what_is_published_meanwhile_takes_the_place_of_what_was_to_come(bench: Bench) -> None:
    bench.save()
    now = bench.now()
    at = bench.clock() + timedelta(hours=2)
    bench.publishing.publish("visit", now.texts, account="ash", reason="", rev=now.rev, from_at=at)
    # What is live is published again, so that nothing comes.
    bench.publishing.roll_back("visit", 1, account="ash", reason="Not yet")
    bench.clock.move(hours=3)
    assert (bench.labels(), bench.now().live) == ("Your name", 3)
    assert not any(line.is_to_come for line in bench.publishing.history("visit"))
