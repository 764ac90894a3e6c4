"""The preview in a browser: `formengine serve`."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from socket import socket
from urllib.request import urlopen

from formengine.engine import Engine

PROGRAM = [sys.executable, "-u", "-c", "from formengine.cli import main; main()"]


@contextmanager
def served(*args: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of a running `formengine serve`, which ends with the block."""
    with subprocess.Popen(
        [*PROGRAM, "serve", *args, "--port", "0"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            found = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())
            assert found is not None
            yield found[0], process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)


def page(address: str) -> str:
    with urlopen(address) as answer:  # noqa: S310 - our own address on this machine
        text: str = answer.read().decode("utf-8")
        return text


def test_the_list_leads_to_each_form() -> None:
    with served() as (address, _):
        assert '<a class="govuk-link" href="request-for-support/index.html">' in page(address)
        assert "Request for Support (Professionals)" in page(address + "request-for-support/index.html")
        assert "Early Help Notification" in page(address + "early-help-notification/index.html")


def test_scripts_come_as_javascript() -> None:
    with served("request-for-support") as (address, _), urlopen(address + "static/form.js") as answer:  # noqa: S310
        assert answer.headers["Content-Type"] == "text/javascript"


def test_ctrl_c_ends_it_without_a_traceback() -> None:
    with served("request-for-support") as (_, process):
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=20)
        assert process.returncode == 0
        assert "Ended." in out


def test_a_port_in_use_is_told_in_one_sentence() -> None:
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*PROGRAM, "serve", "request-for-support", "--port", port],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == f"Port {port} cannot be used: Address already in use. Name another with --port\n"


def test_forms_of_ones_own_folder_are_listed_alone(tmp_path: Path) -> None:
    form = tmp_path / "forms" / "mine" / "form.yaml"
    form.parent.mkdir(parents=True)
    form.write_text(
        "form: mine\ntitle: My form\ndescription: For <trying>\nversion: 1\n"
        "pages:\n  - id: a\n    title: A\n    fields:\n"
        "      - id: name\n        type: text\n        label: Name\n",
        encoding="utf-8",
    )
    engine = Engine(folders=(tmp_path / "forms",))
    assert engine.form_ids() == ["mine"]
    index = engine.forms_site([engine.form("mine")], tmp_path / "site", on=date(2026, 11, 22))
    text = index.read_text(encoding="utf-8")
    assert text.count('<h2 class="govuk-heading-m') == 1
    assert "For &lt;trying&gt;" in text
    assert (tmp_path / "site" / "mine" / "a.html").is_file()
