"""What a PDF that somebody hands in carries: attached files, what was entered into its form fields, and what it starts.

    contents = open_pdf(Path("filled.pdf").read_bytes())
    contents.attachments, contents.fields

A file from outside may be hostile. It is parsed in a process of its own with little memory and time, and whatever
cannot be read is refused by one `UnreadablePdfError` with a plain sentence.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from formengine.language.json_types import Json, expect_list, expect_object, expect_text, expect_whole_number
from formengine.language.words import Wording

MAX_BYTES = 25_000_000
TIMEOUT_S = 30.0
_CHILD = Path(__file__).with_name("sandbox.py")


class UnreadablePdfError(Exception):
    """A PDF that is not read. `reason` is a key under ``reading`` in a theme's words, with `facts` for its braces.

    `str` is the English sentence.
    """

    def __init__(self, reason: str, **facts: str) -> None:
        super().__init__(reason, facts)
        self.reason = reason
        self.facts = facts

    def words(self, language: str = "en") -> str:
        """Why the file is not read, a sentence."""
        return Wording(language).text(
            f"reading.{self.reason}", **self.facts, max_size_mb=MAX_BYTES // 1_000_000
        )

    def __str__(self) -> str:
        return self.words()


@dataclass(frozen=True, slots=True)
class FormFieldValue:
    """What stands in one form field: its full name, its kind ("/Tx", "/Btn", "/Ch"), and texts, none where it is empty.

    Of a button the texts are the names of the states that are on.
    """

    name: str
    kind: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PdfContents:
    """What a PDF carries: attached files by name, and its form fields in order."""

    attachments: Mapping[str, bytes]
    fields: tuple[FormFieldValue, ...]


def open_pdf(content: bytes) -> PdfContents:
    """What the PDF `content` carries.

    Raises `UnreadablePdfError` for anything that is not an unencrypted, undamaged PDF of at most `MAX_BYTES` without
    programs in it, or that takes more than its share of memory or time; ModuleNotFoundError without the extra
    ``fillable``.
    """
    reply, rest = _taken_apart("contents", content)
    attachments, at = {}, 0
    for name, size in map(expect_list, expect_list(reply["attachments"])):
        end = at + expect_whole_number(size)
        attachments[expect_text(name)] = rest[at:end]
        at = end
    return PdfContents(attachments, tuple(map(_field_value, expect_list(reply["fields"]))))


def _field_value(reply: Json) -> FormFieldValue:
    """One form field, as the process that took the file apart describes it."""
    name, kind, texts = expect_list(reply)
    return FormFieldValue(expect_text(name), expect_text(kind), tuple(map(expect_text, expect_list(texts))))


def objection_to(content: bytes) -> str:
    """What speaks against handing the PDF `content` on to other people, "" for nothing.

    program: it holds JavaScript, or an action or a player that starts something. fetches: it brings in something from
    elsewhere. embedded: it carries files; data of a form, attached as JSON, are none. dynamic_form: it is a form in XML
    (XFA). no_pages: it is empty. repaired: it is damaged, and what a repair might bring back is not harmless.

    Raises as `open_pdf` does, but reads a PDF that is encrypted and opens without a password, and one that is damaged
    slightly.
    """
    reply, _ = _taken_apart("objection", content)
    return expect_text(reply["objection"])


def _taken_apart(what: str, content: bytes) -> tuple[Mapping[str, Json], bytes]:
    """The reply of the process about `content`, and the bytes that follow it. what: "contents" or "objection"."""
    if len(content) > MAX_BYTES:
        raise UnreadablePdfError("too_large")
    if find_spec("pikepdf") is None:
        raise ModuleNotFoundError("No module named 'pikepdf'", name="pikepdf")
    try:
        # -I keeps the environment and the current folder out of what the child imports.
        run = subprocess.run(
            [sys.executable, "-I", str(_CHILD), what],
            input=content,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UnreadablePdfError("too_much") from None
    line, _, rest = run.stdout.partition(b"\n")
    if run.returncode != 0 or not line:
        # The system ended it, or its memory was too little even for a reply.
        raise UnreadablePdfError("too_much")
    reply = expect_object(json.loads(line))
    if "refused" in reply:
        raise UnreadablePdfError(expect_text(reply["refused"]))
    return reply, rest
