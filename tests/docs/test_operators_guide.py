"""Every piece of docs/operating.md that is to be copied is run as it stands, by the programs that it is for.

What differs from an operator's machine is where things are: the guide's paths and ports become those of a folder of the
test's own, its user the one who runs the tests. `sudo` and `systemctl` are stand-ins; the service that `systemctl`
starts is what the guide's unit says, with the environment that the guide's unit names.
"""

from __future__ import annotations

import getpass
import grp
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pytest

from formengine.engine import Engine
from formengine.service.crypto.keyring import Keyring
from formengine.service.settings import settings_of
from formengine.store.sqlite import SqliteStore
from formengine.web.app import create_app
from formengine.web.http.prefix import Prefixed
from tests.support.docs_pages import DOCS, text_of
from tests.support.outside_browser import OutsideBrowser
from tests.support.served_process import ServedProcess, free_port
from tests.support.service_app import make_service, running
from tests.support.smtp_server import mail_server_beside, make_certificate

pytestmark = pytest.mark.slow

GUIDE = text_of(DOCS / "operating.md")
HOST = "forms.example.org"
FORMS = Path(__file__).parents[1] / "chaos/definitions"
UPGRADES = Path(__file__).parents[1] / "upgrade"


def under(heading: str) -> list[str]:
    """The indented blocks below a heading of the guide, as they are copied."""
    part = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    assert part is not None
    return [
        _dedented(found[0])
        for found in re.finditer(r"(?:^ {4,}\S.*\n|^\n(?= {4,}\S))+", part[1], re.MULTILINE)
    ]


def _dedented(block: str) -> str:
    lines = block.strip("\n").split("\n")
    width = min(len(line) - len(line.lstrip()) for line in lines if line)
    return "\n".join(line[width:] for line in lines) + "\n"


# Each block by what a test calls it; `test_no_piece_of_the_guide_is_left_out` counts them.
INSTALL, (ENVIRONMENT, ALIAS, UNIT) = under("Install")[0], under("Configure")
MOUNT, (NGINX, NGINX_BELOW) = under("Inside another program")[0], under("Reverse proxy")
BACK_UP, RESTORE = under("Back up")
UPGRADE, ROTATE, (AUDIT, HEADS) = under("Upgrade")[0], under("Rotate keys")[0], under("Read the audit")


def test_no_piece_of_the_guide_is_left_out() -> None:
    every = [
        block
        for heading in re.findall(r"^## (.+)$", GUIDE, re.MULTILINE)
        for block in under(re.escape(heading))
    ]
    assert every == [
        *(
            INSTALL,
            ENVIRONMENT,
            ALIAS,
            UNIT,
            MOUNT,
            NGINX,
            NGINX_BELOW,
            BACK_UP,
            RESTORE,
            UPGRADE,
            ROTATE,
            AUDIT,
            HEADS,
        ),
    ]


# --- a machine to try them on -----------------------------------------------------------------------------------------


@dataclass
class Machine:
    """A folder that is an operator's machine. port: the service's; smtp_port: its mail server's."""

    root: Path
    smtp_port: int
    certificate: Path
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        for name in ("var/lib/formengine", "etc/formengine", "opt/formengine/bin", "backup", "bin", "run"):
            (self.root / name).mkdir(parents=True)
        serve = f'if [ "$1" = serve ]; then set -- "$@" --port {self.port} --definitions {FORMS}; fi\n'
        self._program(
            "opt/formengine/bin/formengine", f'{serve}exec {sys.executable} -u -m formengine "$@"\n'
        )
        self._program("opt/formengine/bin/pip", f'echo "$@" >> {self.root}/pip\n')
        self._program("bin/sudo", 'test "$1 $2" = "-u formengine" || exit 1\nshift 2\nexec "$@"\n')
        asked, answered = (self.root / "run" / name for name in ("asked", "answered"))
        os.mkfifo(asked)
        os.mkfifo(answered)
        self._program("bin/systemctl", f'echo "$@" > {asked}\nread code < {answered}\nexit "$code"\n')
        (self.root / "etc/formengine/environment").write_text(self.here(ENVIRONMENT) + self._nearby())
        (self.root / "etc/formengine/smtp-password").write_text("seven quiet lamps\n")
        command = re.findall(r"^ExecStart=(.+)$", self.here(UNIT), re.MULTILINE)[0]
        files = re.findall(r"^EnvironmentFile=(.+)$", self.here(UNIT), re.MULTILINE)[0]
        started = f"set -a; . {files}; exec {command}"
        self.service = ServedProcess(["sh", "-c", started], self.port, self.root, host=HOST)

    def _program(self, path: str, script: str) -> None:
        (self.root / path).write_text(f"#!/bin/sh\n{script}")
        (self.root / path).chmod(0o755)

    def _nearby(self) -> str:
        return f"FORMENGINE_SMTP_PORT={self.smtp_port}\nFORMENGINE_SMTP_CA_FILE={self.certificate}\n"

    def here(self, text: str) -> str:
        """The text with the guide's places, users and hosts become this machine's."""
        for place in ("/var/lib/formengine", "/etc/formengine", "/opt/formengine", "/backup", "/run/clamav"):
            text = text.replace(place, f"{self.root}{place}")
        text = text.replace("-o formengine -g formengine", "-o $(id -un) -g $(id -gn)")
        return text.replace("mail.example.org", "127.0.0.1").replace(
            "127.0.0.1:8000", f"127.0.0.1:{self.port}"
        )

    def run(self, *blocks: str, code: int = 0) -> str:
        """What the blocks print, run one after the other by a shell; it stops at the first that fails."""
        script = "\n".join(map(self.here, (ALIAS, *blocks)))
        done = subprocess.run(
            ["sh", "-eu", "-c", script],
            env={**os.environ, "PATH": f"{self.root}/bin:{os.environ['PATH']}"},
            cwd=self.root,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, (done.stdout, done.stderr)
        return done.stdout

    @contextmanager
    def with_systemctl(self) -> Iterator[None]:
        """Starts and stops the service when `systemctl` asks for it."""
        asked, answered = (self.root / "run" / name for name in ("asked", "answered"))
        thread = threading.Thread(target=self._systemctl, args=(asked, answered))
        thread.start()
        try:
            yield
        finally:
            asked.write_text("over\n")
            thread.join()
            if self.service.process is not None and self.service.process.poll() is None:
                self.service.end()

    def _systemctl(self, asked: Path, answered: Path) -> None:
        while (words := asked.read_text().split()) != ["over"]:
            verb, name = words
            well = name == "formengine"
            if verb in {"stop", "restart"}:
                self.service.end(signal.SIGTERM)
            if verb in {"start", "restart"}:
                well = well and self.service.start().up
            answered.write_text(f"{int(not well)}\n")

    @property
    def database(self) -> Path:
        return self.root / "var/lib/formengine/data/formengine.sqlite3"

    def texts(self) -> dict[str, str]:
        """What each open draft of the form `note` says, by the draft's id, as the service would read it."""
        settings = settings_of(dict(line.split("=", 1) for line in self._environment()))
        service = make_service(
            self.root,
            engine=Engine(folders=(FORMS,)),
            data=settings.data,
            keys_file=settings.keys_file,
        )
        with closing(service.store), closing(sqlite3.connect(self.database)) as database:
            drafts = [str(row[0]) for row in database.execute("SELECT id FROM drafts WHERE status = 'open'")]
            with service.store.read() as tx:
                rows = [row for draft in drafts if (row := tx.drafts.get(draft)) is not None]
            opened = [service.context.drafts.unsealed(row) for row in rows]
        return {draft.id: str(draft.answers.get("words", "")) for draft in opened if draft.form.id == "note"}

    def _environment(self) -> list[str]:
        return (self.root / "etc/formengine/environment").read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    certificate = make_certificate(tmp_path)
    with mail_server_beside(certificate, user="forms", password="seven quiet lamps") as port:
        yield Machine(tmp_path / "machine", port, certificate[0])


# --- installing and configuring ---------------------------------------------------------------------------------------


def test_the_commands_that_install_are_there_and_take_these_options(machine: Machine) -> None:
    useradd, *rest = INSTALL.splitlines(keepends=True)
    assert useradd.split()[0] == "useradd"
    shown = subprocess.run(["/usr/sbin/useradd", "--help"], capture_output=True, text=True, check=False)
    assert all(option in shown.stdout for option in re.findall(r"--[a-z-]+", useradd))
    for folder in ("var/lib/formengine", "etc/formengine"):
        shutil.rmtree(machine.root / folder)
    made_by_venv = machine.root / "opt/formengine/pyvenv.cfg"
    without_pip = "".join(rest).replace("-m venv", "-m venv --without-pip")

    machine.run(without_pip)

    assert [
        oct((machine.root / each).stat().st_mode)[-3:] for each in ("var/lib/formengine", "etc/formengine")
    ] == [
        "700",
        "700",
    ]
    assert made_by_venv.is_file()
    assert (machine.root / "pip").read_text() == "install formengine[web,pdf]\n"
    pyproject = (DOCS.parent / "pyproject.toml").read_text()
    assert all(re.search(rf"^{extra} = \[", pyproject, re.MULTILINE) for extra in ("web", "pdf"))


def test_the_unit_is_one_that_systemd_takes(machine: Machine) -> None:
    unit = machine.root / "formengine.service"
    unit.write_text(machine.here(UNIT))
    found = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )
    complaints = [line for line in found.stderr.splitlines() if unit.name in line]
    assert (complaints, found.returncode) == ([], 0)


def test_a_service_configured_as_the_guide_says_starts_and_doctor_finds_nothing_bad(machine: Machine) -> None:
    with machine.with_systemctl():
        machine.run("systemctl start formengine")
        said = machine.run("fe doctor")
        curl = re.findall(r"`(curl -H [^`]+)`", GUIDE)
        hub = machine.run(*curl)
    assert "ok   mail     The mail server 127.0.0.1" in said
    assert "bad  " not in said
    assert len(curl) == 1
    assert "<title>" in hub


def test_a_program_mounts_the_service_as_the_guide_says(tmp_path: Path) -> None:
    service = make_service(tmp_path)
    Keyring.new().write_new(tmp_path / "keys")
    service.store.close()

    class Mounting:
        """Stands for the program's own app."""

        mounted: dict[str, object] = {}  # noqa: RUF012 - read once

        def mount(self, prefix: str, app: object) -> None:
            self.mounted[prefix] = app

    app, stores = Mounting(), []

    def opened(path: Path) -> SqliteStore:
        stores.append(SqliteStore(path))
        return stores[0]

    given = {
        "app": app,
        "path": service.settings.database,
        "keys": tmp_path / "keys",
        "settings": service.settings,
    }
    exec(MOUNT.replace("SqliteStore(path)", "opened(path)"), {**given, "opened": opened})  # noqa: S102 - ours
    stores[0].close()
    assert list(app.mounted) == ["/forms"]
    assert isinstance(app.mounted["/forms"], type(service.own))
    assert create_app.__module__ == "formengine.web.app"


# --- nginx ------------------------------------------------------------------------------------------------------------


@contextmanager
def nginx(folder: Path, server: str) -> Iterator[None]:
    """A real nginx with this server in its configuration, once `nginx -t` has taken it."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    group = grp.getgrgid(os.getgid()).gr_name
    temporary = "".join(
        f"    {name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "scgi", "uwsgi")
    )
    (folder / "nginx.conf").write_text(
        f"{f'user {getpass.getuser()} {group};' if not os.getuid() else ''}\n"
        f"pid {folder}/nginx.pid;\nevents {{}}\nhttp {{\n    access_log off;\n{temporary}{server}}}\n"
    )
    command = [program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
    assert "[warn]" not in tried.stderr
    # It goes to the background as soon as it listens.
    subprocess.run(command, check=True)
    try:
        yield
    finally:
        subprocess.run([*command, "-s", "stop"], check=True)


def by_tls(folder: Path, port: int) -> OutsideBrowser:
    """A browser that asks nginx at `port`, under the name that people know; it trusts the test's own certificate."""
    return OutsideBrowser(f"https://127.0.0.1:{port}", host=HOST, certificate=folder / "certificate.pem")


def behind_nginx(folder: Path, snippet: str, upstream: str, port: int) -> str:
    """The guide's server at a port of this machine, in front of `upstream`, with a certificate of the test's."""
    certificate, key = make_certificate(folder)
    for guides, ours in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("/etc/ssl/forms.example.org.pem", str(certificate)),
        ("/etc/ssl/private/forms.example.org.key", str(key)),
        ("http://127.0.0.1:8000", upstream),
    ):
        assert guides in snippet, guides
        snippet = snippet.replace(guides, ours)
    return snippet


def test_nginx_takes_the_guides_server_and_passes_on_a_whole_way_through_a_form(tmp_path: Path) -> None:
    proxied = {"proxy_headers": True, "forwarded_allow_ips": "127.0.0.1"}
    made = make_service(
        tmp_path, engine=Engine(folders=(FORMS,)), base_url=f"https://{HOST}", trusted_proxies=("127.0.0.1",)
    )
    port = free_port()
    with (
        closing(made.store),
        running(made.own, **proxied) as upstream,
        nginx(tmp_path, behind_nginx(tmp_path, NGINX, upstream, port)),
        by_tls(tmp_path, port) as browser,
    ):
        way = browser.begin("note")
        saved = browser.submit(f"{way}about", words="The gate at the park is broken")
        much = browser.submit(f"{way}more", further="x" * 2_000_000)
        metrics = browser.get("/metrics")
        assert saved.status_code == 303
        assert browser.cookies.keys() == {"__Host-sid"}
        # The page that says what was too large comes from the service, not from nginx.
        assert (much.status_code, "03000 41 11 11" in much.text) == (413, True)
        assert metrics.status_code == 403
        assert metrics.headers["server"].startswith("nginx")
        assert "The gate at the park is broken" in browser.get(f"{way}about").text


def test_nginx_passes_on_a_path_as_the_guide_says_and_no_address_leads_out_of_it(tmp_path: Path) -> None:
    server = NGINX[: NGINX.index("    location / {")] + NGINX_BELOW + "}\n"
    base_url = f"https://{HOST}/forms"
    made = make_service(
        tmp_path, engine=Engine(folders=(FORMS,)), base_url=base_url, trusted_proxies=("127.0.0.1",)
    )
    port = free_port()
    app = Prefixed(made.own, made.settings.prefix)
    with (
        closing(made.store),
        running(app, proxy_headers=True, forwarded_allow_ips="127.0.0.1") as upstream,
        nginx(tmp_path, behind_nginx(tmp_path, server, upstream, port)),
        by_tls(tmp_path, port) as browser,
    ):
        way = browser.begin("note", below="/forms")
        saved = browser.submit(f"{way}about", words="The gate at the park is broken")
        elsewhere, metrics = browser.get("/hub"), browser.get("/forms/metrics")
    assert way.startswith("/forms/drafts/")
    assert saved.headers["location"] == f"{way}more"
    assert (elsewhere.status_code, elsewhere.headers["server"][:5]) == (404, "nginx")
    assert (metrics.status_code, metrics.headers["server"][:5]) == (403, "nginx")


def test_nginx_gives_up_a_request_whose_head_does_not_end(tmp_path: Path) -> None:
    port = free_port()
    snippet = behind_nginx(tmp_path, NGINX, f"http://127.0.0.1:{free_port()}", port)
    # Only so that the test need not wait for as long as people may.
    quick = snippet.replace("client_header_timeout 10s;", "client_header_timeout 50ms;")
    context = ssl.create_default_context(cafile=tmp_path / "certificate.pem")
    with (
        nginx(tmp_path, quick),
        socket.create_connection(("127.0.0.1", port)) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as slow,
    ):
        slow.sendall(b"GET / HTTP/1.1\r\nHost: forms.example.org\r\nX-Slow: ")
        assert slow.recv(1000) == b""


# --- backup, restore, upgrade, rotation ----------------------------------------------------------------------------


class Load:
    """People who save, each in a draft of their own, until the block ends. said: what each draft was told was saved."""

    def __init__(self, machine: Machine, people: int) -> None:
        self._machine = machine
        self._over = threading.Event()
        self._each_has_saved = threading.Barrier(people + 1)
        self.said: dict[str, list[str]] = {}
        self.refused: list[int] = []
        self._threads = [threading.Thread(target=self._save, args=(number,)) for number in range(people)]

    def _save(self, number: int) -> None:
        with self._machine.service.browser() as browser:
            way = browser.begin("note")
            said = self.said[way.split("/")[-2]] = []
            turn = 0
            while not self._over.is_set():
                turn += 1
                words = f"Note {turn} of person {number}"
                answer = browser.submit(f"{way}about", words=words)
                if answer.status_code == 303:
                    said.append(words)
                else:
                    self.refused.append(answer.status_code)
                if turn == 1:
                    self._each_has_saved.wait()

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        self._each_has_saved.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


def test_a_backup_under_load_is_whole_and_restored_it_goes_on(machine: Machine) -> None:
    rehearsed = RESTORE.replace("formengine-2026-11-24", "formengine-$(date +%F)")
    assert rehearsed != RESTORE
    with machine.with_systemctl():
        machine.run("systemctl start formengine")
        with Load(machine, people=3) as load:
            before = {draft: len(said) for draft, said in load.said.items()}
            assert machine.run(BACK_UP) == ""
        copies = list((machine.root / "backup").iterdir())
        # What a crash leaves beside the file must not be played into the restored one.
        machine.service.end(signal.SIGKILL)
        machine.service.start()
        Path(f"{machine.database}-journal").write_bytes(b"left by what was there before")
        restored = machine.run(rehearsed)
        texts = machine.texts()
    assert [oct(copy.stat().st_mode)[-3:] for copy in copies] == ["600"]
    assert load.refused == []
    assert "bad  " not in restored
    # Of each person the newest of what they were told was saved when the backup began, or something later.
    assert texts.keys() >= before.keys()
    for draft, count in before.items():
        assert load.said[draft].index(texts[draft]) >= count - 1 if texts[draft] in load.said[draft] else True
        assert texts[draft].startswith("Note ")


def test_a_backup_waits_for_who_keeps_the_database_locked(machine: Machine) -> None:
    with machine.with_systemctl():
        machine.run("systemctl start formengine", "systemctl stop formengine")
    held = sqlite3.connect(machine.database, isolation_level=None, check_same_thread=False)
    held.execute("BEGIN EXCLUSIVE")
    without_patience = BACK_UP.replace("'.timeout 20000' ", "")
    assert without_patience != BACK_UP
    machine.run(without_patience, code=1)
    released = threading.Timer(0.3, held.rollback)
    released.start()
    machine.run(BACK_UP)
    released.join()
    held.close()
    assert len(list((machine.root / "backup").iterdir())) == 1


def test_data_of_an_earlier_version_goes_through_the_guides_upgrade(machine: Machine) -> None:
    told = json.loads((UPGRADES / "0.1/expected.json").read_text())
    machine.database.parent.mkdir(mode=0o700)
    shutil.copy(UPGRADES / "0.1/formengine.sqlite3", machine.database)
    shutil.copy(UPGRADES / "0.1/test-keys.json", machine.root / "etc/formengine/keys")
    for path in (machine.database, machine.root / "etc/formengine/keys"):
        path.chmod(0o600)
    with machine.with_systemctl():
        # What runs before the upgrade is the new version as well: there is no other here.
        machine.run("systemctl start formengine")
        said = machine.run(UPGRADE)
        with machine.service.browser() as browser:
            healthy = browser.get("/hub").status_code
    assert (machine.root / "pip").read_text() == "install --upgrade formengine[web,pdf]\n"
    assert "bad  " not in said
    assert healthy == 200
    with closing(sqlite3.connect(machine.database)) as database:
        (drafts,) = database.execute("SELECT count(*) FROM drafts").fetchone()
    assert drafts == told["rows"]["drafts"]


def test_keys_are_rotated_under_load_and_the_audit_is_read_as_the_guide_says(machine: Machine) -> None:
    rotate, retire = (line + "\n" for line in ROTATE.splitlines())
    with machine.with_systemctl():
        machine.run("systemctl start formengine")
        with Load(machine, people=2) as load:
            rotated = machine.run(rotate)
        # An hour or more later.
        machine.run("touch -d '2 hours ago' /etc/formengine/keys")
        retired = machine.run(rotate.replace("rotate", "check"), retire)
        read = machine.run(AUDIT)
        # "sound: 182:9f86…": as the service keeps it each day, after the moment.
        (head,) = re.findall(r"\b[0-9]+:[0-9a-f]{64}\b", machine.run("fe audit verify"))
        (machine.root / "backup/heads").write_text(f"2026-11-30T09:00:00Z {head}\n", encoding="utf-8")
        against_the_head = machine.run(HEADS)
        texts = machine.texts()
        assert "bad  " not in machine.run("fe doctor")
    assert rotated.startswith("Added the key ")
    assert "Removed " in retired
    assert "draft.saved" in read
    assert head in against_the_head
    assert load.refused == []
    assert {draft: said[-1] for draft, said in load.said.items()} == texts
