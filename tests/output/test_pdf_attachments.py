"""What a copy carries as data: answers to continue from, what was sent, uploaded files, a signature over them all."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from formengine.form.state import State
from formengine.language.json_types import as_object
from formengine.output.paper.record.answers_pdf import Copy, answers_pdf
from formengine.output.paper.record.attachments import AttachedFile, Signature, listed_files, signed_bytes
from tests.support.pdf_samples import (
    AT,
    ON,
    REFERENCE,
    SAMPLES,
    Sample,
    attached,
    content_of,
    filled,
    form_of,
    pdf_of,
)

pytestmark = pytest.mark.slow

each_sample = pytest.mark.parametrize("name", SAMPLES)
EXAMPLE = SAMPLES["example-request-for-support"]
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
DOCUMENT = "documents.d1.attachment"


def sign(message: bytes) -> Signature:
    return Signature("k1", KEY.sign(message))


def envelope(state: State, **others: Any) -> dict[str, Any]:
    """What ``answers.json`` says of a form without files."""
    return {
        "format": "draft/1",
        "form": state.form.id,
        "version": state.form.version,
        "digest": state.form.digest,
        "on": "2026-11-22",
        "at": "2026-11-22T10:30:00+00:00",
        "reference": "",
        "audience": "",
        **others,
    }


def files_of(content: bytes) -> dict[str, bytes]:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return {name: file.get_file().read_bytes() for name, file in pdf.attachments.items()}


@each_sample
def test_a_draft_carries_its_answers_as_stored(name: str) -> None:
    state = SAMPLES[name].state
    data = attached(pdf_of(state))
    assert list(data) == ["answers.json"]
    files = data["answers.json"].pop("files", [])
    assert [file["path"] for file in files] == [file.path for file in listed_files(state)]
    assert data["answers.json"] == json.loads(
        json.dumps(envelope(state, answers=dict(as_object(state.draft))))
    )


@each_sample
def test_what_was_sent_carries_the_answers_that_counted_and_its_envelope(name: str) -> None:
    state = SAMPLES[name].state
    data = attached(content_of(name))
    answers = data["answers.json"]
    answers.pop("files", None)
    if state.complete:
        said = envelope(state, reference=REFERENCE, answers=dict(state.answers))
        sent = state.submission(at=AT.isoformat(), reference=REFERENCE)
        assert data["submission.json"] == json.loads(json.dumps(sent))
    else:
        said = envelope(state, reference=REFERENCE, answers=dict(as_object(state.draft)))
        assert list(data) == ["answers.json"]
    assert answers == json.loads(json.dumps(said))


def test_answers_that_do_not_count_at_present_are_in_a_draft_and_not_in_what_was_sent() -> None:
    answers = {**filled("request-for-support", 1), "agreement": "yes", "no_agreement_reason": "Kept"}
    state = Sample("request-for-support", answers).state
    assert attached(pdf_of(state))["answers.json"]["answers"]["no_agreement_reason"] == "Kept"
    assert b"Kept" not in b"".join(files_of(pdf_of(state, REFERENCE)).values())


def test_poppler_too_finds_the_data(tmp_path: Path) -> None:
    sample = SAMPLES["early-help-notification-1"]
    (tmp_path / "copy.pdf").write_bytes(content_of("early-help-notification-1"))
    subprocess.run(["pdfdetach", "-saveall", "-o", tmp_path, tmp_path / "copy.pdf"], check=True)
    data = json.loads((tmp_path / "submission.json").read_text(encoding="utf-8"))
    assert data["format"] == "submission/1"
    assert data["answers"] == sample.state.answers


def test_half_of_a_character_in_the_data_is_written_as_json_writes_it() -> None:
    state = Sample("request-for-support", filled("request-for-support", 1)).state
    assert attached(pdf_of(state, "RS \ud83d"))["answers.json"]["reference"] == "RS \ud83d"


def test_a_draft_that_is_no_object_carries_none() -> None:
    state = Sample("request-for-support", ["nonsense"]).state  # type: ignore[arg-type]
    assert attached(pdf_of(state))["answers.json"]["answers"] == {}


# Uploaded files


def pdf_with(*files: AttachedFile, audience: str = "") -> bytes:
    copy = Copy("Exampleshire Council", AT, REFERENCE, audience, files)
    return answers_pdf(EXAMPLE.state, copy).content


def test_a_file_is_listed_with_where_it_was_asked_for_and_not_embedded_without_its_content() -> None:
    content = pdf_with(AttachedFile(DOCUMENT, "attendance.pdf", "application/pdf"))
    assert "file-1-attendance.pdf" not in files_of(content)
    (listed,) = attached(content)["answers.json"]["files"]
    assert listed == {
        "path": DOCUMENT,
        "id": listed["id"],
        "name": "attendance.pdf",
        "type": "application/pdf",
        "size": listed["size"],
        "embedded": None,
    }
    assert content == pdf_with()


def test_a_file_with_content_is_embedded_byte_for_byte_and_said_to_be() -> None:
    uploaded = AttachedFile(DOCUMENT, "attendance.pdf", "application/pdf", b"%PDF-1.4 \x00\xff")
    content = pdf_with(uploaded)
    assert files_of(content)["file-1-attendance.pdf"] == b"%PDF-1.4 \x00\xff"
    data = json.loads(files_of(content)["answers.json"])
    assert data["files"][0]["embedded"] == "file-1-attendance.pdf"


def test_a_file_that_answers_nothing_that_counts_stays_outside() -> None:
    stray = AttachedFile("documents.d9.attachment", "other.pdf", "application/pdf", b"x")
    assert pdf_with(stray) == pdf_with()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "file-1-etc-passwd"),
        ("C:\\temp\\a.pdf", "file-1-C-temp-a.pdf"),
        ("\u202egpj.exe", "file-1-gpj.exe"),
        ("名前.pdf", "file-1.pdf"),
        ("名前", "file-1"),
        ("x" * 250 + ".pdf", "file-1-" + "x" * 96 + ".pdf"),
    ],
)
def test_an_embedded_file_has_a_name_that_is_only_a_name(name: str, safe: str) -> None:
    answers = {"attachments": [{"id": "f1", "name": name, "type": "application/pdf", "size": 3}]}
    state = Sample("early-help-notification", answers).state
    (listed,) = listed_files(state, [AttachedFile("attachments", name, "application/pdf", b"abc")])
    assert (listed.name, listed.embedded) == (name, safe)


def test_a_media_type_that_is_none_is_not_written_into_the_file() -> None:
    answers = {"attachments": [{"id": "f1", "name": "a.pdf", "type": "a b/<</JS", "size": 3}]}
    (listed,) = listed_files(Sample("early-help-notification", answers).state)
    assert listed.media_type == "application/octet-stream"


def test_two_files_of_one_name_at_one_question_are_both_carried() -> None:
    stored = [{"id": f"f{n}", "name": "a.pdf", "type": "application/pdf", "size": 3} for n in (1, 2)]
    state = Sample("early-help-notification", {"attachments": stored}).state
    files = [AttachedFile("attachments", "a.pdf", "application/pdf", part) for part in (b"one", b"two")]
    assert [(one.embedded, one.content) for one in listed_files(state, files)] == [
        ("file-1-a.pdf", b"one"),
        ("file-2-a.pdf", b"two"),
    ]


# The signature


def signed() -> bytes:
    file = AttachedFile(DOCUMENT, "attendance.pdf", "application/pdf", b"%PDF")
    copy = Copy("Exampleshire Council", AT, REFERENCE, "", (file,))
    return answers_pdf(EXAMPLE.state, copy, sign=sign).content


def test_the_signature_covers_every_other_file_and_verifies() -> None:
    files = files_of(signed())
    signature = json.loads(files.pop("signature.json"))
    assert (signature["format"], signature["algorithm"], signature["key"]) == ("signature/1", "Ed25519", "k1")
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    assert signature["files"] == digests
    assert set(digests) == {"answers.json", "submission.json", "file-1-attendance.pdf"}
    KEY.public_key().verify(base64.b64decode(signature["signature"]), signed_bytes(digests))
    digests["answers.json"] = "0" * 64
    with pytest.raises(InvalidSignature):
        KEY.public_key().verify(base64.b64decode(signature["signature"]), signed_bytes(digests))


def test_what_is_signed_is_written_down_to_the_byte() -> None:
    assert signed_bytes({"b.json": "22", "a.json": "11"}) == (
        b'formengine signature/1\n{"a.json":"11","b.json":"22"}'
    )


def test_the_same_input_and_key_give_the_same_bytes() -> None:
    assert signed() == signed()


def test_the_form_and_day_in_the_data_are_those_of_the_state() -> None:
    data = attached(content_of("request-for-support-1"))["answers.json"]
    assert data["digest"] == form_of("request-for-support").digest
    assert data["on"] == ON.isoformat()
