"""A separate program that parses a PDF, so that a hostile one does no harm: run by `contents`.

It reads the file from standard input under limits on memory and time that it sets itself first, imports nothing of
formengine, and writes one line of JSON, then the attached files' bytes one after the other. The line is
``{"refused": reason}`` or ``{"attachments": [[name, size], …], "fields": [[name, kind, [text, …]], …]}``.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from typing import Any

MEMORY_BYTES = 1_000_000_000
PROCESSOR_S = 15
MOST_OBJECTS = 200_000
MOST_FIELDS = 20_000
MOST_ATTACHMENTS = 60
MOST_ATTACHED_BYTES = 30_000_000
MOST_CHARACTERS = 5_000_000
DEEPEST = 30
# What starts something: no form of ours has any of it (ISO 32000-1, 12.6.4).
ACTIONS = {
    "/JavaScript",
    "/Launch",
    "/ImportData",
    "/SubmitForm",
    "/GoToR",
    "/GoToE",
    "/Rendition",
    "/RichMediaExecute",
}
PROGRAMS = {"/JS", "/JavaScript"}


class RefusedError(Exception):
    """The file is not read; `reason` is a key of the words under ``reading`` in a theme."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def limit() -> None:
    """Limit the memory and CPU time of this process from now on, where the system can do that."""
    try:
        import resource
    except ModuleNotFoundError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_S, PROCESSOR_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def take_apart(content: bytes) -> tuple[list[tuple[str, bytes]], list[tuple[str, str, list[str]]]]:
    """The attached files, and each field by full name, with its kind and what was entered; raises `RefusedError`."""
    import pikepdf

    if b"%PDF-" not in content[:1024]:
        raise RefusedError("not_a_pdf")
    try:
        # A file that ends too early could be mended by guessing; answers would be lost without a word.
        with pikepdf.open(io.BytesIO(content), attempt_recovery=False, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise RefusedError("encrypted")
            if len(pdf.objects) > MOST_OBJECTS:
                raise RefusedError("too_much")
            if any(_starts_something(thing, 0) for thing in pdf.objects):
                raise RefusedError("program")
            return list(_attachments(pdf)), list(_fields(pdf))
    except pikepdf.PasswordError:
        raise RefusedError("encrypted") from None
    except pikepdf.PdfError as error:
        # This is how qpdf reports that the memory limit was reached.
        raise RefusedError("too_much" if "bad_alloc" in str(error) else "damaged") from None


def _starts_something(thing: Any, depth: int) -> bool:
    """Whether an object, or what stands directly in it, is a program or an action that leads out of the file."""
    import pikepdf

    if depth > DEEPEST:
        raise RefusedError("too_much")
    if isinstance(thing, pikepdf.Array):
        return any(_starts_something(part, depth + 1) for part in thing if not _apart(part))
    if not isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        return False
    for key, value in thing.items():
        if key in PROGRAMS or (key == "/S" and str(value) in ACTIONS):
            return True
        if not _apart(value) and _starts_something(value, depth + 1):
            return True
    return False


def _apart(thing: Any) -> bool:
    return bool(getattr(thing, "is_indirect", False))


def _attachments(pdf: Any) -> Iterator[tuple[str, bytes]]:
    whole = 0
    for number, (name, file) in enumerate(pdf.attachments.items()):
        content = bytes(file.get_file().read_bytes())
        whole += len(content)
        if number >= MOST_ATTACHMENTS or whole > MOST_ATTACHED_BYTES:
            raise RefusedError("too_much")
        yield str(name)[:200], content


def _fields(pdf: Any) -> Iterator[tuple[str, str, list[str]]]:
    """Every field at the bottom of the tree, in order."""
    form = pdf.Root.get("/AcroForm")
    roots = form.get("/Fields") if form is not None and hasattr(form, "get") else None
    waiting: list[tuple[Any, tuple[str, ...], str, Any, int]] = [
        (field, (), "", None, 0) for field in reversed(list(roots if roots is not None else ()))
    ]
    left, characters = MOST_FIELDS, 0
    while waiting:
        field, names, kind, value, depth = waiting.pop()
        left -= 1
        if left < 0 or depth > DEEPEST or not hasattr(field, "get"):
            raise RefusedError("too_much")
        title = field.get("/T")
        names = names if title is None else (*names, str(title))
        kind = str(field.get("/FT", kind))
        value = field.get("/V", value)
        kids = [kid for kid in field.get("/Kids", ()) if hasattr(kid, "get")]
        if any("/T" in kid for kid in kids):
            waiting += [(kid, names, kind, value, depth + 1) for kid in reversed(kids)]
            continue
        texts = _texts(kind, value, [field, *kids])
        characters += sum(map(len, texts))
        if characters > MOST_CHARACTERS:
            raise RefusedError("too_much")
        yield ".".join(names), kind, texts


def _texts(kind: str, value: Any, widgets: list[Any]) -> list[str]:
    """What was entered into a field: texts, or the names of the states that are on."""
    import pikepdf

    if kind == "/Btn":
        states = [str(value)] if isinstance(value, pikepdf.Name) else []
        # Some programs tick a box without saying so in the field itself.
        states = [state for state in states if state != "/Off"] or [
            str(widget.get("/AS")) for widget in widgets if isinstance(widget.get("/AS"), pikepdf.Name)
        ]
        return [state[1:] for state in dict.fromkeys(states) if state != "/Off"]
    if isinstance(value, pikepdf.Array):
        return [str(part) for part in value if isinstance(part, pikepdf.String)]
    if isinstance(value, pikepdf.Stream):
        return [value.read_bytes().decode("utf-8", "replace")]
    return [str(value)] if isinstance(value, pikepdf.String) else []


def main() -> None:
    """Read the PDF from standard input and write the reply, as the module describes, to standard output."""
    limit()
    try:
        attachments, fields = take_apart(sys.stdin.buffer.read())
        reply: dict[str, object] = {
            "attachments": [[name, len(content)] for name, content in attachments],
            "fields": fields,
        }
    except RefusedError as error:
        attachments, reply = [], {"refused": error.reason}
    except MemoryError:
        attachments, reply = [], {"refused": "too_much"}
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError):
        # Whatever else such a file makes of objects that are not what the format says they are.
        attachments, reply = [], {"refused": "damaged"}
    sys.stdout.buffer.write(json.dumps(reply).encode() + b"\n")
    for _, content in attachments:
        sys.stdout.buffer.write(content)


if __name__ == "__main__":
    main()
