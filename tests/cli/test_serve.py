"""The service from the command line: `formengine serve`."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from urllib.request import urlopen

import pytest
from click.testing import CliRunner, Result

from formengine.cli.program import program
from formengine.cli.serve import _start_lines
from tests.support.service_app import make_service

pytestmark = pytest.mark.slow

PROGRAM = [sys.executable, "-u", "-c", "from formengine.cli import main; main()"]
NO_SETTINGS = {name: text for name, text in os.environ.items() if not name.startswith("FORMENGINE_")}


@contextmanager
def served(folder: Path, *args: str) -> Iterator[tuple[str, str, subprocess.Popen[str]]]:
    """The address of a running `formengine serve`, what it said before, and the process, which ends with the block."""
    with subprocess.Popen(
        [*PROGRAM, "serve", *args, "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=NO_SETTINGS,
    ) as process:
        assert process.stdout is not None
        said = ""
        try:
            while (found := re.search(r"The service is at (http://127\.0\.0\.1:\d+)/", said)) is None:
                line = process.stdout.readline()
                assert line, f"it ended and had said: {said}"
                said += line
            page(f"{found[1]}/healthz")  # now it answers, and has said all
            yield found[1], said, process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)


def rest_of(process: subprocess.Popen[str]) -> str:
    process.send_signal(signal.SIGINT)
    assert process.stdout is not None
    out = process.stdout.read()
    process.wait(timeout=20)
    return out


def page(address: str) -> str:
    with urlopen(address) as answer:  # noqa: S310 - our own address on this machine
        text: str = answer.read().decode("utf-8")
        return text


def serve(folder: Path, *args: str, environment: Mapping[str, str] | None = None) -> Result:
    """What a start says that ends at once."""
    given = {"FORMENGINE_DATA": str(folder / "data"), **(environment or {})}
    return CliRunner().invoke(program, ["serve", "--port", "0", *args], env=given)


def test_the_demo_shows_the_hub_and_says_where_to_begin(tmp_path: Path) -> None:
    with served(tmp_path, "--demo") as (address, said, process):
        assert "Request for Support" in page(f"{address}/hub")
        assert "These emails would have been sent" in page(f"{address}/demo/mailbox")
        out = rest_of(process)
    assert "Made the key file formengine-demo/data.keys, readable by you alone (mode 600)." in said
    assert re.search(r"An account: sam\.carter@example\.org, password [a-z]+-[a-z]+-[a-z]+-\d\d ", out)
    assert f"A form: {address}/forms/request-for-support" in out
    assert f"A form: {address}/forms/early-help-notification" in out
    assert process.returncode == 0
    assert out.endswith("Ended.\n")


def test_the_key_file_lies_outside_the_folder_of_the_database_and_is_the_owners(tmp_path: Path) -> None:
    with served(tmp_path, "--demo", "--data", "here"):
        keys, data = tmp_path / "here/data.keys", tmp_path / "here/data"
        assert stat.S_IMODE(keys.stat().st_mode) == 0o600
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        assert stat.S_IMODE((data / "formengine.sqlite3").stat().st_mode) == 0o600
        assert not any(path.name.endswith(".keys") for path in data.iterdir())


def test_a_second_start_goes_on_with_what_is_kept_and_shows_no_password(tmp_path: Path) -> None:
    with served(tmp_path, "--demo"):
        pass
    keys = (tmp_path / "formengine-demo/data.keys").read_bytes()
    with served(tmp_path, "--demo") as (_, said, process):
        out = rest_of(process)
    assert "Made" not in said
    assert "password was shown at the first start" in out
    assert (tmp_path / "formengine-demo/data.keys").read_bytes() == keys


def test_a_service_that_is_no_demo_has_no_mailbox_page(tmp_path: Path) -> None:
    with served(tmp_path) as (address, _, process):
        answer = subprocess.run(
            ["curl", "-s", "-o", os.devnull, "-w", "%{http_code}", f"{address}/demo/mailbox"],
            capture_output=True,
            text=True,
            check=True,
        )
        out = rest_of(process)
    assert answer.stdout == "404"
    assert "No mail server is set (FORMENGINE_SMTP_HOST): nobody can register or sign in." in out


def test_a_port_in_use_is_told_in_one_sentence(tmp_path: Path) -> None:
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        found = serve(tmp_path, "--port", port)
    assert found.exit_code == 1
    assert (
        found.output
        == f"Port {port} of 127.0.0.1 cannot be used: Address already in use. Name another with --port\n"
    )
    assert not (tmp_path / "data").exists()


def test_a_database_without_its_keys_is_not_given_new_ones(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/formengine.sqlite3").touch()
    found = serve(tmp_path)
    assert found.exit_code == 1
    assert found.output.startswith(
        f"There is a database at {tmp_path}/data/formengine.sqlite3, and no key file at "
    )
    assert not (tmp_path / "data.keys").exists()


def test_keys_beside_the_database_are_refused(tmp_path: Path) -> None:
    found = serve(tmp_path, environment={"FORMENGINE_KEYS_FILE": str(tmp_path / "data/keys")})
    assert found.exit_code == 1
    assert "in the folder of the database: who copies one has both" in found.output
    assert not (tmp_path / "data").exists()


def test_a_variable_that_cannot_be_used_ends_the_start_with_its_name(tmp_path: Path) -> None:
    found = serve(tmp_path, environment={"FORMENGINE_SMTP_PORT": "many"})
    assert (found.exit_code, found.output) == (
        1,
        "FORMENGINE_SMTP_PORT must be a port, a number from 1 to 65535\n",
    )


def test_a_portal_with_faults_is_told_as_check_tells_it(tmp_path: Path) -> None:
    portal = tmp_path / "portal.yaml"
    portal.write_text("portal: mine\ntitle: Mine\n", encoding="utf-8")
    found = serve(tmp_path, environment={"FORMENGINE_PORTAL": str(portal)})
    assert found.exit_code == 1
    assert "error[missing-key]" in found.output
    assert "Traceback" not in found.output


def test_a_form_with_faults_stops_the_start_as_check_tells_it(tmp_path: Path) -> None:
    form = tmp_path / "forms" / "mine" / "form.yaml"
    form.parent.mkdir(parents=True)
    form.write_text("form: mine\ntitle: Mine\nversion: 1\naccess: anyone\npages: []\n", encoding="utf-8")
    found = serve(tmp_path, "--definitions", str(tmp_path / "forms"))
    assert found.exit_code == 1
    assert "mine/form.yaml:5" in found.output
    assert "Traceback" not in found.output


def test_beyond_this_machine_the_address_must_be_encrypted(tmp_path: Path) -> None:
    found = serve(tmp_path, environment={"FORMENGINE_BASE_URL": "http://forms.example.org"})
    assert (found.exit_code, found.output) == (
        1,
        "FORMENGINE_BASE_URL is http://forms.example.org: beyond this machine it must be https://\n",
    )


def test_without_the_web_extra_one_line_names_it(tmp_path: Path) -> None:
    for name in ("starlette", "uvicorn"):
        (tmp_path / f"{name}.py").write_text(
            f"raise ModuleNotFoundError('No module named {name}', name='{name}')\n", encoding="utf-8"
        )
    environment = {**NO_SETTINGS, "PYTHONPATH": f"{tmp_path}{os.pathsep}{Path.cwd()}"}
    done = subprocess.run(
        [*PROGRAM, "serve", "--demo"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=tmp_path,
    )
    assert done.returncode == 1
    assert done.stderr == "`formengine serve` needs the web extra: pip install 'formengine[web]'\n"


@pytest.mark.parametrize("proxies", [(), ("127.0.0.1",)])
def test_the_start_says_that_no_proxy_is_named_where_people_come_by_https(
    tmp_path: Path, proxies: tuple[str, ...]
) -> None:
    service = make_service(
        tmp_path, demo=False, base_url="https://forms.example.org", trusted_proxies=proxies
    )
    lines = list(_start_lines(service.context, ()))
    service.store.close()
    assert any("FORMENGINE_TRUSTED_PROXIES is not set" in line for line in lines) == (not proxies)
