"""A separate program that parses a PDF, so that a hostile one does no harm: run by `contents`.

It reads the file from standard input under limits on memory and time that it sets itself first, imports nothing of
formengine, and writes one line of JSON, then the attached files' bytes one after the other. The line is
``{"refused": reason}`` or ``{"attachments": [[name, size], …], "fields": [[name, kind, [text, …]], …]}``; started with
the argument ``objection`` it is ``{"objection": reason}``, the reason "" where nothing speaks against the file.
"""

from __future__ import annotations

import io
import json
import re
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


# Of those, the ones that only lead to another file.
LEADING_ELSEWHERE = {"/GoToR", "/GoToE"}
# What further actions bring another file or a player; a link to a page of the same file is none.
PLAYERS = {"/Movie", "/Sound", "/GoTo3DView"}
PLAYED = {"/RichMedia", "/Movie", "/Screen", "/3D", "/Sound"}
# Where a link may lead; other schemes hand what follows to some program.
LINKS = {"", "file", "ftp", "http", "https", "mailto", "sms", "tel"}
SCHEME = re.compile(rb"\s*([a-z][a-z0-9+-]+):", re.IGNORECASE)
# Names that stand for the same in the bytes of a file that had to be repaired.
RAW_NAMES = re.compile(
    rb"/(JavaScript|Launch|ImportData|SubmitForm|GoToR|GoToE|Rendition|RichMedia|EmbeddedFiles?|XFA)(?![A-Za-z0-9_])"
)
# In what qpdf writes of an object, which spells each name in one way: one of these stands in all that is not harmless,
# streams apart.
TELLING_NAMES = re.compile(
    rb"/(3D|AA|Collection|EF|GoTo3DView|GoToE|GoToR|ImportData|JS|JavaScript|Launch|Movie|OpenAction|Rendition|"
    rb"RichMedia(Content|Execute)?|Screen|Sound|SubmitForm|Thread|URI|XFA)(?![A-Za-z0-9_])"
)
ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
# In which order of several reasons one is given.
REASONS = ("program", "dynamic_form", "fetches", "embedded")


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


def objection(content: bytes) -> str:
    """What speaks against handing the file on, "" for nothing; raises `RefusedError` where it cannot be read."""
    import pikepdf

    try:
        try:
            return _objection(content, is_whole=True)
        except pikepdf.PasswordError:
            raise
        except pikepdf.PdfError:
            # Many programs write files with small faults that every viewer mends.
            return _objection(content, is_whole=False)
    except pikepdf.PasswordError:
        raise RefusedError("encrypted") from None
    except pikepdf.PdfError as error:
        if "bad_alloc" in str(error):
            raise RefusedError("too_much") from None
        raise RefusedError("encrypted" if "encrypt" in str(error).lower() else "damaged") from None


def _objection(content: bytes, *, is_whole: bool) -> str:
    import pikepdf

    with pikepdf.open(io.BytesIO(content), attempt_recovery=not is_whole, suppress_warnings=True) as pdf:
        if len(pdf.objects) > MOST_OBJECTS:
            raise RefusedError("too_much")
        found = {
            reason
            for thing in (pdf.trailer, *pdf.objects)
            if _may_tell(thing)
            for reason in _reasons(thing, 0)
        }
        if not found and not is_whole and _may_come_back(content, pdf):
            return "repaired"
        for reason in REASONS:
            if reason in found:
                return reason
        return "" if len(pdf.pages) else "no_pages"


def _may_tell(thing: Any) -> bool:
    """Whether an object is worth a closer look: most of a file's hundred thousands are told apart by this alone."""
    import pikepdf

    return isinstance(thing, pikepdf.Stream) or TELLING_NAMES.search(thing.unparse(resolved=True)) is not None


def _reasons(thing: Any, depth: int) -> Iterator[str]:
    """Why an object, or what stands directly in it, is not harmless."""
    import pikepdf

    if depth > DEEPEST:
        raise RefusedError("too_much")
    if isinstance(thing, pikepdf.Array):
        for part in thing:
            if not _apart(part):
                yield from _reasons(part, depth + 1)
    if isinstance(thing, pikepdf.Name) and not depth and str(thing) in ACTIONS | PLAYERS | PLAYED:
        # The kind of an action or annotation, as an object of its own: a way to hide it, and to nothing else.
        yield "program"
    if not isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        return
    yield from _own_reasons(thing)
    for value in dict(thing.items()).values():
        if not _apart(value):
            yield from _reasons(value, depth + 1)


def _own_reasons(thing: Any) -> Iterator[str]:
    """Why a dictionary is not harmless, apart from what stands in it."""
    import pikepdf

    kind = str(thing.get("/S", ""))
    if kind in LEADING_ELSEWHERE or (kind == "/Thread" and "/F" in thing):
        yield "fetches"
    elif kind in ACTIONS | PLAYERS or (str(thing.get("/Subtype", "")) in PLAYED and "/Rect" in thing):
        yield "program"
    script = thing.get("/JS")
    if (
        "/JavaScript" in thing
        or isinstance(script, pikepdf.String | pikepdf.Stream)
        or "/RichMediaContent" in thing
    ):
        yield "program"
    if kind == "/URI" and _scheme(thing.get("/URI")) not in LINKS:
        yield "program"
    if "/XFA" in thing:
        yield "dynamic_form"
    if _goes_by_itself(thing):
        yield "fetches"
    # The data of a stream, or the page of a picture, that stand in another file (ISO 32000-2, 7.3.8 and 8.10.4).
    if isinstance(thing, pikepdf.Stream) and ("/F" in thing or "/Ref" in thing):
        yield "fetches"
    if "/Collection" in thing or ("/EF" in thing and not _is_data(thing)):
        yield "embedded"
    if isinstance(thing, pikepdf.Stream) and thing.get("/Type") == "/EmbeddedFile" and not _is_json(thing):
        yield "embedded"


def _scheme(target: Any) -> str:
    found = SCHEME.match(bytes(target)) if target is not None and hasattr(target, "__bytes__") else None
    return "" if found is None else found[1].decode().lower()


def _goes_by_itself(thing: Any) -> bool:
    """Whether an action that needs no click, or one that follows it, leads to the web."""
    import pikepdf

    triggers = thing.get("/AA")
    waiting = [
        thing.get("/OpenAction"),
        *(triggers.values() if isinstance(triggers, pikepdf.Dictionary) else ()),
    ]
    left = 1_000
    while waiting:
        action, left = waiting.pop(), left - 1
        if left < 0:
            raise RefusedError("too_much")
        # An array in place of an action is a place in the file.
        if isinstance(action, pikepdf.Dictionary):
            if action.get("/S") == "/URI":
                return True
            then = action.get("/Next")
            waiting += list(then) if isinstance(then, pikepdf.Array) else [then]
    return False


def _is_data(filespec: Any) -> bool:
    """Whether an attached file is data of a form: JSON, and called so. No program does anything by itself with it."""
    names = [str(filespec.get(key, "")) for key in ("/F", "/UF", "/DOS", "/Mac", "/Unix")]
    streams = list(filespec.get("/EF", {}).values()) if hasattr(filespec.get("/EF"), "values") else [None]
    return all(name.endswith(".json") for name in names if name) and all(_is_json(each) for each in streams)


def _is_json(stream: Any) -> bool:
    try:
        return isinstance(json.loads(bytes(stream.read_bytes())), dict)
    except (ValueError, AttributeError, RecursionError):
        return False


def _may_come_back(content: bytes, pdf: Any) -> bool:
    """Whether a program that mends the file in another way may find in it what is not harmless."""
    import pikepdf

    packed = [
        bytes(thing.read_bytes())
        for thing in pdf.objects
        if isinstance(thing, pikepdf.Stream) and thing.get("/Type") == "/ObjStm"
    ]
    return any(
        RAW_NAMES.search(ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), part))
        for part in (content, *packed)
    )


def main() -> None:
    """Read the PDF from standard input and write the reply, as the module describes, to standard output."""
    limit()
    attachments: list[tuple[str, bytes]] = []
    try:
        content = sys.stdin.buffer.read()
        if sys.argv[1:] == ["objection"]:
            reply: dict[str, object] = {"objection": objection(content)}
        else:
            attachments, fields = take_apart(content)
            reply = {"attachments": [[name, len(each)] for name, each in attachments], "fields": fields}
    except RefusedError as error:
        reply = {"refused": error.reason}
    except MemoryError:
        reply = {"refused": "too_much"}
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError):
        # Whatever else such a file makes of objects that are not what the format says they are.
        reply = {"refused": "damaged"}
    sys.stdout.buffer.write(json.dumps(reply).encode() + b"\n")
    for _, attached in attachments:
        sys.stdout.buffer.write(attached)


if __name__ == "__main__":
    main()
