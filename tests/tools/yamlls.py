"""What an editor tells the author of a definition, by the language server that editors use for YAML.

It speaks the Language Server Protocol 3.17 over pipes: JSON bodies behind a Content-Length header.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

from tests.tools import ToolError
from tests.tools.node import node, package_file

TIMEOUT_S = 60
SEVERITIES = {1: "error", 2: "warning", 3: "information", 4: "hint"}


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One message under the author's text; line and column count from 1."""

    line: int
    column: int
    severity: str
    message: str


def diagnostics(yaml_path: Path, schema_path: Path | None = None) -> list[Diagnostic]:
    """What the editor shows for the file, judged by the JSON Schema at `schema_path`, in the server's order.

    None: by the schema that the file's own first line names (``# yaml-language-server: $schema=…``).
    """
    schemas = {schema_path.resolve(strict=True).as_uri(): [str(yaml_path.resolve())]} if schema_path else {}
    with subprocess.Popen(
        [node(), str(package_file("yaml-language-server/bin/yaml-language-server")), "--stdio"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as server:
        timer = Timer(TIMEOUT_S, server.kill)
        timer.start()
        try:
            return _conversation(server, yaml_path.resolve(strict=True), schemas)
        finally:
            timer.cancel()
            server.kill()


def _conversation(
    server: subprocess.Popen[bytes], file: Path, schemas: dict[str, list[str]]
) -> list[Diagnostic]:
    """Open `file` as an editor does and wait for what the server publishes about it."""
    uri = file.as_uri()
    settings = {"yaml": {"schemas": schemas, "schemaStore": {"enable": False}, "validate": True}}
    document = {"uri": uri, "languageId": "yaml", "version": 1, "text": file.read_text(encoding="utf-8")}
    _send(server, {"id": 1, "method": "initialize", "params": _INITIALIZE})
    while True:
        message = _receive(server)
        match message.get("method"):
            case None:  # the answer to "initialize"
                _send(server, {"method": "initialized", "params": {}})
            case "workspace/configuration":
                sections = [item["section"] for item in message["params"]["items"]]
                result = [settings.get(section, {}) for section in sections]
                _send(server, {"id": message["id"], "result": result})
                _send(server, {"method": "textDocument/didOpen", "params": {"textDocument": document}})
            case "textDocument/publishDiagnostics" if message["params"]["uri"] == uri:
                return [_diagnostic(entry) for entry in message["params"]["diagnostics"]]
            case _ if "id" in message:  # another question to the editor, such as a registration
                _send(server, {"id": message["id"], "result": None})


_INITIALIZE: dict[str, Any] = {
    "processId": None,
    "rootUri": None,
    "capabilities": {"textDocument": {"publishDiagnostics": {}}},
}


def _diagnostic(entry: dict[str, Any]) -> Diagnostic:
    start = entry["range"]["start"]
    return Diagnostic(
        line=start["line"] + 1,
        column=start["character"] + 1,
        severity=SEVERITIES[entry.get("severity", 1)],
        message=entry["message"],
    )


def _send(server: subprocess.Popen[bytes], message: dict[str, Any]) -> None:
    assert server.stdin is not None
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    server.stdin.flush()


def _receive(server: subprocess.Popen[bytes]) -> dict[str, Any]:
    """The next message. Raises `ToolError` when the server has ended."""
    assert server.stdout is not None
    length = 0
    while (header := server.stdout.readline().strip()) or not length:
        if not header:
            raise ToolError(f"yaml-language-server ended or said nothing for {TIMEOUT_S} s")
        name, _, value = header.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    message: dict[str, Any] = json.loads(server.stdout.read(length))
    return message
