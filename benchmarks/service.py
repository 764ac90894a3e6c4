"""The service under load: `python -m benchmarks.service`.

Four requests of somebody who fills in Request for Support, at the same moment from eight connections: a page of twelve
fields is looked at, posted and saved, a child is added, the answers are checked. Each is also asked of the two sides in
`benchmarks._sides`, in turn in the same run. The server has one processor, the driver another. What counts is how many
requests a second ours answers for each of theirs.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from socket import create_connection, socket
from typing import Any

from starlette.testclient import TestClient

from benchmarks._answers import example_answers
from benchmarks._load import (
    MULTIPART,
    NextRequest,
    Seen,
    cpu_s,
    load,
    median_of,
    multipart,
    request,
    stand_on,
)
from benchmarks._rounds import WIDTH
from benchmarks._sides import SIDES, prepare_ideal
from formengine.engine import Engine
from formengine.service.context import ServiceContext
from formengine.service.crypto.keyring import Keyring
from formengine.service.drafts.drafts import Drafts
from formengine.service.settings import Settings
from formengine.store.rows import AccountRow
from formengine.store.sqlite import SqliteStore
from formengine.web.app import create_app
from formengine.web.context import AppContext

PAGE = "child"
LIST = "children_same_address"
CONNECTIONS = 8
# A draft takes so many children before the next one is used, so that the list stays as long as lists are.
ITEMS = 10
DRAFTS = 2_000
ROUNDS = 3
SECONDS = 3.0
AIM = 0.6
MEMORY_AIM = 1.8
ACCOUNT = "a" * 22
EVERY = ("look", "save", "add", "check")
WHAT = {
    "look": "GET a page of twelve fields",
    "save": "POST it and save",
    "add": "add an entry to a list",
    "check": "GET check answers",
}


@dataclass(frozen=True)
class Plan:
    """What the driver needs to know: the cookie, the drafts in their order, and what the two pages post."""

    token: str
    csrf: str
    drafts: list[str]
    boxes: dict[str, list[tuple[str, str]]]


# --- what the sides are asked ----------------------------------------------------------------------------------------

_INPUT = re.compile(r"<(input|textarea|select)\b([^>]*)>([^<]*)")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_CHOSEN = re.compile(r'<option value="([^"]*)" selected')


def boxes_of(page: str) -> list[tuple[str, str]]:
    """What a browser posts of a page, names and texts."""
    form = page.partition('id="answers"')[2].partition("</form>")[0]
    boxes = []
    for found in _INPUT.finditer(form):
        attributes = dict(_ATTRIBUTE.findall(found[2]))
        kind = attributes.get("type", "text")
        if found[1] == "input" and kind in {"radio", "checkbox"} and " checked" not in found[2]:
            continue
        text = attributes.get("value", "") if found[1] == "input" else found[3].removeprefix("\n")
        if found[1] == "select":
            chosen = _CHOSEN.search(form, found.end())
            text = chosen[1] if chosen else ""
        if "name" in attributes and kind not in {"submit", "file"}:
            boxes.append((attributes["name"], unescape(text)))
    return boxes


def posted(boxes: list[tuple[str, str]], csrf: str, rev: int, **changes: str) -> bytes:
    """The body of a page's post, as of a revision of the draft."""
    changes |= {"csrf": csrf, "rev": str(rev)}
    return multipart([(name, changes.get(name, text)) for name, text in boxes])


def prepare(folder: Path, drafts: int = DRAFTS) -> Plan:
    """The databases of the service and of the ideal: a session, and drafts with the example's answers."""
    settings = Settings(data=folder / "data")
    settings.data.mkdir()
    keys, store = Keyring.new(), SqliteStore(settings.database)
    keys.write_new(settings.keys_path)
    app = create_app(Engine(), store, keys, settings=settings, background=False)
    context: AppContext = app.state.context
    with store.write() as tx:
        tx.accounts.add(account(context.service))
    token, _ = context.sessions.start(account=ACCOUNT, stage="signed_in")
    answers = example_answers()
    made = [
        context.drafts.start("request-for-support", account=ACCOUNT, holder=None, answers=answers).id
        for _ in range(drafts)
    ]
    names = {"look": PAGE, "check": "check-answers", "add": f"{LIST}.new"}
    with TestClient(app, base_url="http://127.0.0.1:8000", cookies={"sid": token}) as browser:
        pages = {what: browser.get(f"/drafts/{made[0]}/{name}").text for what, name in names.items()}
    store.close()
    boxes = {"save": boxes_of(pages["look"]), "add": boxes_of(pages["add"])}
    texts = {"type": "string", "maxLength": 2_000}
    schemas = {
        what: {"type": "object", "properties": dict.fromkeys(dict(own), texts), "additionalProperties": texts}
        for what, own in boxes.items()
    }
    prepare_ideal(folder, token, drafts, {name: pages[name] for name in ("look", "check")}, schemas)
    return Plan(token, keys.index("csrf", token), made, boxes)


def account(context: ServiceContext) -> AccountRow:
    """An account of nobody."""
    data_key = context.keys.new_data_key("accounts", ACCOUNT)
    profile = {"email": "sam@example.org", "first_name": "Sam", "last_name": "Example"}
    return AccountRow(
        id=ACCOUNT,
        email_index=ACCOUNT,
        role="applicant",
        status="open",
        data_key=data_key,
        profile=context.keys.open_data_key(data_key, "accounts", ACCOUNT).seal_json("profile", profile),
        password_hash="",
        created_at=context.clock(),
    )


class Asked:
    """The requests of one side, in the order of each connection. It knows which revision a draft has come to."""

    def __init__(self, side: str, plan: Plan, port: int, *, connections: int = CONNECTIONS) -> None:
        self.side, self.plan, self.port, self.connections = side, plan, port, connections
        self.cookie = f"sid={plan.token}"
        self.posts = {"save": [0] * connections, "add": [0] * connections}

    def look(self, connection: int, _: int) -> bytes:
        return self._get("look", PAGE, connection)

    def check(self, connection: int, _: int) -> bytes:
        return self._get("check", "check-answers", connection)

    def save(self, connection: int, _: int) -> bytes:
        number = self.posts["save"][connection]
        self.posts["save"][connection] += 1
        body = posted(
            self.plan.boxes["save"], self.plan.csrf, number + 1, **{"child.last_name": f"Example{number:08}"}
        )
        return self._post("save", PAGE, self.connections + connection, body)

    def add(self, connection: int, _: int) -> bytes:
        number = self.posts["add"][connection]
        self.posts["add"][connection] += 1
        turn, item = divmod(number, ITEMS)
        body = posted(self.plan.boxes["add"], self.plan.csrf, item + 1, new="", **{"-action": "save_item"})
        draft = 2 * self.connections + turn * self.connections + connection
        if self.side != "service":
            draft %= len(self.plan.drafts)
        assert draft < len(self.plan.drafts), "more drafts are needed"
        return self._post("add", f"{LIST}.new", draft, body)

    def _get(self, what: str, name: str, draft: int) -> bytes:
        return request("GET", self._path(what, name, draft), self.port, cookie=self.cookie)

    def _post(self, what: str, name: str, draft: int, body: bytes) -> bytes:
        path = self._path(what, name, draft)
        return request("POST", path, self.port, cookie=self.cookie, body=body, kind=MULTIPART)

    def _path(self, what: str, name: str, draft: int) -> str:
        if self.side == "service":
            return f"/drafts/{self.plan.drafts[draft]}/{name}"
        return f"/{what}?draft={draft}"


# --- running ---------------------------------------------------------------------------------------------------------


@contextmanager
def running(side: str, folder: Path) -> Iterator[tuple[int, int]]:
    """The port and the process id of a server of this side."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks._sides", side, str(folder), str(port)]
    with subprocess.Popen(command) as process:
        try:
            _wait_for(port, process)
            yield port, process.pid
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    while True:
        assert process.poll() is None, "the server ended before it listened"
        try:
            create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return


def memory_mb(process: int) -> float:
    """The resident memory of a process, its peak, in MB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024


def measure(folder: Path, plan: Plan, *, rounds: int = ROUNDS, seconds: float = SECONDS) -> None:
    """Prints the figures. A round before the first, of a third of the time, is not counted."""
    with ExitStack() as stack:
        servers = {side: stack.enter_context(running(side, folder)) for side in SIDES}
        asked = {side: Asked(side, plan, port) for side, (port, _) in servers.items()}
        for what in EVERY:
            seen: dict[str, list[Seen]] = {side: [] for side in SIDES}
            for turn in range(rounds + 1):
                for side, own in asked.items():
                    ask: NextRequest = getattr(own, what)
                    before_s = cpu_s(servers[side][1])
                    got = load(
                        own.port,
                        ask,
                        status=200 if what in {"look", "check"} else 303,
                        connections=CONNECTIONS,
                        seconds=seconds if turn else seconds / 3,
                    )
                    got.cpu_s = cpu_s(servers[side][1]) - before_s
                    assert got.wrong == 0, (side, what, got.wrong)
                    if turn:
                        seen[side].append(got)
            tell(what, seen)
        assert nothing_lost(folder, plan, asked["service"]) == 0
        used = {side: memory_mb(process) for side, (_, process) in servers.items()}
    print(
        f"{'memory after the load, MB':{WIDTH}} {used['service']:6.0f} against {used['bare']:6.0f}"
        f"   {used['service'] / used['bare']:7.2f} ×   (at most {MEMORY_AIM:g})"
    )


def tell(what: str, seen: dict[str, list[Seen]]) -> None:
    """Prints one request's figures: ours against the ideal, and all three sides' own."""
    per_s = {side: median_of(rounds)[0] for side, rounds in seen.items()}
    ratio = per_s["service"] / per_s["ideal"]
    print(
        f"{WHAT[what]:{WIDTH}} {per_s['service']:6.0f}/s against {per_s['ideal']:6.0f}/s"
        f"   {ratio:7.2f} ×   (at least {AIM:g} of the ideal)"
    )
    for side, rounds in seen.items():
        rate, half_s, most_s = median_of(rounds)
        share = per_s["service"] / rate
        print(
            f"    {side:8} {rate:8.0f}/s   p50 {half_s * 1e3:6.2f} ms   p99 {most_s * 1e3:6.2f} ms"
            f"   processor {statistics.median(each.cpu_each_s for each in rounds) * 1e3:6.3f} ms"
            f"   ours {share:5.3f} of it",
            flush=True,
        )


def nothing_lost(folder: Path, plan: Plan, asked: Asked) -> int:
    """How many saves that were answered with the way on are not there: by revision, last answer and entries."""
    settings = Settings(data=folder / "data")
    store, keys = SqliteStore(settings.database), Keyring.of_file(settings.keys_path)
    drafts, lost = Drafts(ServiceContext(store, keys), Engine()), 0
    children: Any = example_answers().get(LIST, [])
    for connection, number in enumerate(asked.posts["save"]):
        draft = drafts.open(plan.drafts[asked.connections + connection], account=ACCOUNT, holder=None)
        assert draft is not None
        child: Any = draft.answers["child"]
        there = draft.rev == number + 1 and (not number or child["last_name"] == f"Example{number - 1:08}")
        lost += 0 if there else 1
    for connection, number in enumerate(asked.posts["add"]):
        for turn in range(number // ITEMS + 1):
            place = 2 * asked.connections + turn * asked.connections + connection
            draft = drafts.open(plan.drafts[place], account=ACCOUNT, holder=None)
            assert draft is not None
            kept: Any = draft.answers[LIST]
            lost += min(ITEMS, number - turn * ITEMS) - (len(kept) - len(children))
    store.close()
    return lost


def main() -> None:
    stand_on(1)
    with tempfile.TemporaryDirectory(prefix="formengine-bench-") as folder:
        measure(Path(folder), prepare(Path(folder)))


if __name__ == "__main__":
    main()
