"""The service's log: one line of JSON an event, with these keys and no others.

What people type, their addresses and names, cookies, paths with ids and query strings cannot get into it: a key that
is not listed is left out, and of an exception only its type and the positions in our code are logged, never its text.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from traceback import extract_tb
from typing import Any, TextIO

import structlog

from formengine.store.protocol import StoreError

# Each key that may appear in the log, with its meaning.
KEYS: Mapping[str, str] = {
    "at": "when, in UTC",
    "level": "`info`, `warning` or `error`",
    "event": "what happened",
    "request": "the request's id, which its response carries as `X-Request-Id`",
    "method": "the request's method",
    "route": "the pattern of the address, such as `/drafts/{draft}/{page}`; never the address itself",
    "status": "the response's status",
    "ms": "how long it took, in milliseconds",
    "task": "which background task",
    "kind": "the kind of an exception",
    "where": "the places in the code that an exception passed",
    "fault": "a failure by its code",
    "count": "how many",
    "outbox": "the id of an e-mail or delivery",
    "attempt": "which attempt it was",
    "urgent": "whether it is about an urgent request",
    "version": "formengine's version",
    "store": "what keeps the data",
    "limit": "which rate limit was reached",
    "security": "`true` for a security event ([the table of them](security-events.md))",
    "owasp": "what OWASP's logging vocabulary calls a security event",
    "client": "a keyed hash of the client's network, the same for all its requests; never the address",
    "address": "the blind index of an e-mail address, the same whenever it is entered; never the address",
    "account": "an account's id",
    "subject": "the id of a draft or a file",
    "step": "what a code was for",
    "logger": "which library wrote a line; where in its code it did so is in `where`, and its text is left out",
    "seconds": "by how much the system's clock jumped, or for how long the service stood still",
}
# How many frames of an exception are logged, the innermost last.
_PLACES = 12


class _Lines:
    """Writes a line to wherever standard error is now, so that whoever redirects it gets what follows."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self.only_problems = False

    def info(self, message: str) -> None:
        """Write the line."""
        stream = self._stream or sys.stderr
        stream.write(message + "\n")
        stream.flush()

    warning = error = info


def _wanted(lines: _Lines, level: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The event; raises `structlog.DropEvent` where only problems are written and it is none."""
    if lines.only_problems and level == "info":
        raise structlog.DropEvent
    return event


def _allowed(_: Any, level: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The event with the keys of `KEYS` alone, and its level."""
    return {name: value for name, value in {**event, "level": level}.items() if name in KEYS}


# Made once: structlog's own renderer makes an encoder for every line.
_ENCODER = json.JSONEncoder(sort_keys=True, default=repr)


def _line(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
    """The event as a line of JSON."""
    return _ENCODER.encode(event)


def make_log(lines: _Lines) -> Any:
    """A log that writes to `lines`."""
    return structlog.wrap_logger(
        lines,
        processors=[
            _wanted,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _allowed,
            _line,
        ],
        wrapper_class=structlog.BoundLogger,
    ).bind()


_LINES = _Lines()
log = make_log(_LINES)


def say_only_problems() -> None:
    """Log from now on no requests that succeeded."""
    _LINES.only_problems = True


class LibraryLines(logging.Handler):
    """Writes what libraries log as lines of the service's own log: who wrote it and where, never its text.

    A library's text can repeat what came with a request.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record as one line."""
        where = [f"{record.filename}:{record.lineno} {record.funcName}"]
        error = record.exc_info[1] if record.exc_info else None
        failure = {"kind": type(error).__name__} if error is not None else {}
        places_ = places(error) if error is not None else []
        write = log.error if record.levelno >= logging.ERROR else log.warning
        write("library", logger=record.name, where=[*places_, *where], **failure)


def take_library_lines() -> None:
    """Have what libraries log from now on written by `LibraryLines` alone, and Python's warnings with it."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    root.addHandler(LibraryLines(logging.WARNING))
    logging.captureWarnings(capture=True)


def log_failure(event: str, error: BaseException, **facts: Any) -> None:
    """Log an exception that should not have happened: its type, the frames it passed, and a store's fault.

    The fault tells a full disk from a lock and from a file that must not be written to: `StoreFault`.
    """
    coded = {"fault": error.fault} if isinstance(error, StoreError) else {}
    log.error(event, kind=type(error).__name__, where=places(error), **{**coded, **facts})


def places(error: BaseException) -> list[str]:
    """Where an exception passed: ``context.py:31 today``, the innermost last. No source line and no value is in it."""
    frames = extract_tb(error.__traceback__)[-_PLACES:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
