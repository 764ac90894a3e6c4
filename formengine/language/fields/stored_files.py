"""What file and files share: how a stored file is described, which are accepted, and how large they may be.

The bytes never come here. The caller stores what was uploaded and passes descriptions: the new files, and
those kept from before, whose ids the page sent back in the part `KEEP`. So a tampered post can name only
files of its own draft.
"""

from __future__ import annotations

from random import Random

from formengine.language.fields.base import FieldSettings, Key, Problem, Rule, Schema
from formengine.language.fields.patterns import CONTROL_CHARACTER, LINE_END, NOT_BLANK, any_case, line_of
from formengine.language.json_types import Json

KEEP = "keep"
DEFAULT_ACCEPT = ("pdf", "doc", "docx", "jpg", "jpeg", "png")
# Media types by ending, for samples.
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "txt": "text/plain",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "heic": "image/heic",
}
_BYTES_PER_MB = 1_000_000

_ONE_LINE: Schema = {"type": "string", "pattern": NOT_BLANK, "not": {"pattern": CONTROL_CHARACTER}}
FILE_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "id": line_of("[A-Za-z0-9_-]{1,64}"),
        "name": {**_ONE_LINE, "maxLength": 255},
        "type": {**_ONE_LINE, "maxLength": 255},
        "size": {"type": "integer", "minimum": 0, "maximum": 10**15},
    },
    "required": ["id", "name", "type", "size"],
    "additionalProperties": False,
}
KEYS = (
    Key(
        "accept", "endings", "The endings accepted, such as `pdf`; when not written, Word, PDF and pictures."
    ),
    Key("max_size_mb", "number", "How large one file may be, in megabytes of 1,000,000 bytes."),
)


def accepted(settings: FieldSettings) -> tuple[str, ...]:
    """The endings a file's name may have, without point, in small letters."""
    return tuple(str(ending).lower().lstrip(".") for ending in settings.limit("accept", DEFAULT_ACCEPT))


def file_rules(settings: FieldSettings) -> tuple[tuple[Problem, Schema], ...]:
    """The limits on one file, with the schema of a file that keeps each."""
    endings = accepted(settings)
    pattern = f"[.](?:{'|'.join(any_case(ending) for ending in endings)})$"
    rules: list[tuple[Problem, Schema]] = [
        (
            Problem("wrong_type", {"accept": ", ".join(endings).upper(), "endings": endings}),
            {"properties": {"name": {"pattern": pattern, "not": {"pattern": LINE_END}}}},
        ),
        (Problem("empty_file"), {"properties": {"size": {"minimum": 1}}}),
    ]
    largest = settings.limit("max_size_mb")
    if largest is not None:
        most = {"properties": {"size": {"maximum": int(largest * _BYTES_PER_MB)}}}
        rules.append((Problem("too_large_file", {"max_size_mb": f"{largest:g}"}), most))
    return tuple(rules)


def rules_of_one(settings: FieldSettings) -> tuple[Rule, ...]:
    """The limits of a field that takes one file."""
    return tuple(Rule(problem, schema) for problem, schema in file_rules(settings))


def control_context(settings: FieldSettings) -> dict[str, Json]:
    """What a file control needs: the chooser's `accept` list and the limits to show."""
    endings = accepted(settings)
    return {
        "accept": ",".join(f".{ending}" for ending in endings),
        "endings": endings,
        "max_size_mb": settings.limit("max_size_mb"),
        "keep": KEEP,
    }


def name_of(value: Json) -> str:
    """What people read of a stored file: its name."""
    return str(value["name"]) if isinstance(value, dict) and "name" in value else str(value)


def files_in(value: Json) -> list[dict[str, Json]]:
    """The descriptions of stored files that an answer is made of, in order; none for any other answer."""
    parts = value if isinstance(value, list) else [value]
    return [
        part for part in parts if isinstance(part, dict) and part.keys() == FILE_SCHEMA["properties"].keys()
    ]


def id_of(value: Json) -> str:
    """A stored file's id."""
    return str(value["id"]) if isinstance(value, dict) and "id" in value else str(value)


def sample_file(settings: FieldSettings, random: Random) -> dict[str, Json]:
    """A description of a file that keeps every limit."""
    ending = random.choice(accepted(settings))
    largest = settings.limit("max_size_mb")
    most = 500_000 if largest is None else min(500_000, int(largest * _BYTES_PER_MB))
    return {
        "id": f"f{random.randint(1, 10**9)}",
        "name": f"{random.choice(('report', 'chronology', 'letter'))}.{ending}",
        "type": MEDIA_TYPES.get(ending, "application/octet-stream"),
        "size": random.randint(1, most),
    }
