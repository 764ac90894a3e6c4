"""The options of `formengine serve`: none is ignored without a word, with --demo or without."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from formengine.cli import serve as module
from formengine.cli.program import program
from formengine.service.settings import Settings

pytestmark = pytest.mark.slow

ANY_PORT = ("--port", "0")


@dataclass(frozen=True)
class Started:
    """A start that got as far as running: the settings, and the address that it listens at."""

    settings: Settings
    host: str
    port: int


@dataclass(frozen=True)
class Effect:
    """An option with a value, and what shows that it was followed."""

    args: Callable[[Path], tuple[str, ...]]
    shows: Callable[[Path, Started], bool]


def free_port(_: Path) -> tuple[str, ...]:
    return ("--port", "0")


EFFECTS: Mapping[str, Effect] = {
    "demo": Effect(lambda _: ("--demo",), lambda _, started: started.settings.demo),
    "data": Effect(
        lambda folder: ("--data", str(folder / "here")),
        lambda folder, started: started.settings.data.is_relative_to(folder / "here"),
    ),
    "keys_file": Effect(
        lambda folder: ("--keys-file", str(folder / "own-keys")),
        lambda folder, started: started.settings.keys_path == folder / "own-keys",
    ),
    "host": Effect(lambda _: ("--host", "127.0.0.2"), lambda _, started: started.host == "127.0.0.2"),
    "port": Effect(free_port, lambda _, started: started.settings.base_url.endswith(f":{started.port}")),
    "folders": Effect(
        lambda folder: ("--definitions", str(folder)),
        lambda folder, started: folder in started.settings.definitions,
    ),
    "field_types": Effect(
        lambda _: ("--field-types", "council_types:FIELD_TYPES"),
        lambda _, started: "council_types:FIELD_TYPES" in started.settings.field_types,
    ),
}


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Result, Started | None]]:
    """Starts a service with these arguments and variables, as far as opening its store; nothing is served."""
    for name in list(os.environ):
        if name.startswith("FORMENGINE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    started: list[Started] = []

    def run(settings: Settings, *given: Any) -> None:
        started.append(Started(settings, *given[-1].getsockname()[:2]))

    monkeypatch.setattr(module, "_run", run)
    # It holds for the process, and other tests read the log.
    monkeypatch.setattr(module, "say_only_problems", lambda: None)

    def begin(*args: str, **variables: str) -> tuple[Result, Started | None]:
        started.clear()
        environment = {f"FORMENGINE_{name}": text for name, text in variables.items()}
        result = CliRunner().invoke(program, ["serve", *args], env=environment)
        return result, started[0] if started else None

    return begin


def options_of_serve() -> set[str]:
    command = program.get_command(click.Context(program), "serve")
    assert command is not None
    return {option.name or "" for option in command.params} - {"help"}


def test_every_option_is_tried_here() -> None:
    assert options_of_serve() == {*EFFECTS, "demo_open_to_all"}


@pytest.mark.parametrize("demo", [True, False], ids=["demo", "no demo"])
@pytest.mark.parametrize(
    "pair",
    [*((name,) for name in EFFECTS), *combinations(EFFECTS, 2)],
    ids="+".join,
)
def test_every_option_is_followed_beside_every_other(
    start: Callable[..., tuple[Result, Started | None]], tmp_path: Path, pair: tuple[str, ...], demo: bool
) -> None:
    names = [*pair, "demo"] if demo and "demo" not in pair else list(pair)
    args = [arg for name in names for arg in EFFECTS[name].args(tmp_path)]
    result, started = start(*args, *(() if "port" in names else ANY_PORT))
    assert started is not None, result.output
    assert [name for name in names if not EFFECTS[name].shows(tmp_path, started)] == []


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "forms.example.org"])  # noqa: S104 - refused
def test_a_demonstration_refuses_any_address_but_this_machines(
    start: Callable[..., tuple[Result, Started | None]], host: str
) -> None:
    for given, variables in ((("--demo",), {}), ((), {"DEMO": "yes"})):
        result, started = start(*given, "--host", host, *ANY_PORT, **variables)
        assert (result.exit_code, started) == (1, None)
        assert f"{host} is not this machine alone" in result.output
        assert "--demo-open-to-all" in result.output


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2"])
def test_a_demonstration_listens_to_this_machine(
    start: Callable[..., tuple[Result, Started | None]], host: str
) -> None:
    result, started = start("--demo", "--host", host, *ANY_PORT)
    assert started is not None, result.output
    assert started.host.startswith("127.0.0.")


def test_said_twice_a_demonstration_is_open_to_all_and_may_have_an_address_of_its_own(
    start: Callable[..., tuple[Result, Started | None]],
) -> None:
    twice = ("--demo", "--host", "0.0.0.0", "--demo-open-to-all", *ANY_PORT)  # noqa: S104 - what is tried
    _, started = start(*twice)
    assert started is not None
    assert started.host == "0.0.0.0"  # noqa: S104
    assert started.settings.base_url == f"http://127.0.0.1:{started.port}"
    result, started = start(*twice, BASE_URL="https://demo.example.org")
    assert started is not None
    assert started.settings.base_url == "https://demo.example.org"
    assert "Not used" not in result.output


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--demo-open-to-all",), "--demo-open-to-all is only for --demo"),
        (("--demo-open-to-all", "--host", "0.0.0.0"), "--demo-open-to-all is only for --demo"),  # noqa: S104
        (("--demo", "--demo-open-to-all"), "opens nothing while --host is 127.0.0.1"),
    ],
)
def test_opening_a_demonstration_is_refused_where_it_would_do_nothing(
    start: Callable[..., tuple[Result, Started | None]], args: tuple[str, ...], said: str
) -> None:
    result, started = start(*args, *ANY_PORT)
    assert (result.exit_code, started) == (2, None)
    assert said in result.output


def test_variables_that_a_demonstration_does_not_use_are_named(
    start: Callable[..., tuple[Result, Started | None]], tmp_path: Path
) -> None:
    result, started = start(
        "--demo",
        *ANY_PORT,
        KEYS_FILE=str(tmp_path / "real-keys"),
        SMTP_HOST="mail.example.org",
        BASE_URL="https://forms.example.org",
    )
    assert started is not None
    assert result.output.splitlines()[0] == (
        "Not used by a demonstration: FORMENGINE_KEYS_FILE, FORMENGINE_SMTP_HOST, FORMENGINE_BASE_URL."
    )
    assert not (tmp_path / "real-keys").exists()
