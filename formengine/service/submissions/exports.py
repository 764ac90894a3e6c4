"""A submission as files: the data, the record as a PDF, and what was uploaded, each checked before it is handed out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from formengine.engine import Engine
from formengine.form.schema.envelope import submission_schema
from formengine.form.schema.validators import judge
from formengine.form.state.counted import fields_with_answers
from formengine.language.fields.stored_files import files_in
from formengine.output.paper.record.attachments import Signature
from formengine.service.context import ServiceContext
from formengine.service.files.file_names import clean_name
from formengine.service.files.uploads import UploadedFile, Uploads
from formengine.service.submissions.submissions import Sent

DATA = "submission.json"


@dataclass(frozen=True, slots=True)
class Export:
    """A submission's files by name, and what is wrong with them, in sentences that contain no answer.

    waits: whether an upload still waits for the virus scanner.
    """

    reference: str
    files: Mapping[str, bytes]
    problems: tuple[str, ...]
    waits: bool = False


class Exports:
    """Exports submissions as files. author: who issues the PDF."""

    def __init__(self, context: ServiceContext, engine: Engine, uploads: Uploads, *, author: str) -> None:
        self._context = context
        self._engine = engine
        self._uploads = uploads
        self._author = author

    def of(self, sent: Sent) -> Export:
        """The files of one submission: ``submission.json``, ``<reference>.pdf``, and ``files/1-<name>`` for uploads."""
        reference = sent.receipt.reference
        uploaded = {file.id: file for file in self._uploads.of_draft(sent.receipt.draft)}
        files = {
            DATA: json.dumps(sent.envelope, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace"),
            f"{reference}.pdf": self._pdf(sent),
        }
        problems = [*self._wrong_data(sent)]
        waits = False
        for number, (place, name, file_id) in enumerate(_named(sent), 1):
            file = uploaded.get(file_id)
            waits = waits or (file is not None and file.check == "waiting")
            content = self._content(sent, file)
            if isinstance(content, str):
                problems.append(f"The file of {place} {content}")
            else:
                files[f"files/{number}-{clean_name(name)}"] = content
        return Export(reference, files, tuple(problems), waits)

    def text(self, sent: Sent) -> str:
        """The submission as plain text."""
        at = sent.receipt.submitted_at.astimezone(self._context.zone)
        return self._engine.text(sent.state, author=self._author, at=at, reference=sent.receipt.reference)

    def _pdf(self, sent: Sent) -> bytes:
        signer = self._context.keys.signer
        written = self._engine.pdf(
            sent.state,
            author=self._author,
            at=sent.receipt.submitted_at.astimezone(self._context.zone),
            reference=sent.receipt.reference,
            sign=lambda data: Signature(*signer.sign(data)),
        )
        return written.content

    def _content(self, sent: Sent, file: UploadedFile | None) -> bytes | str:
        """The bytes of an uploaded file, or a sentence on why there are none."""
        if file is None:
            return "is not there"
        if file.check == "refused":
            return "was refused by the virus scanner after it had been sent; it is destroyed"
        if file.check == "waiting":
            return "waits for the virus scanner; export it again later"
        content = self._uploads.content(sent.receipt.draft, file.id)
        return content if len(content) == file.size_bytes else "has another size than was kept of it"

    @staticmethod
    def _wrong_data(sent: Sent) -> Iterator[str]:
        if not judge(submission_schema())(dict(sent.envelope)):
            yield "The envelope does not fit the schema of submission/1"
        if not sent.state.complete or dict(sent.state.answers) != sent.envelope["answers"]:
            yield "The answers are not complete by the definition that they were given to"


def _named(sent: Sent) -> Iterator[tuple[str, str, str]]:
    """Path, name and id of each file that the answers name, in their order."""
    for place, _, value in fields_with_answers(sent.definition, sent.answers):
        for file in files_in(value):
            yield place, str(file["name"]), str(file["id"])
