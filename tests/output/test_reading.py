"""PDFs that are not what they should be: refused in one plain sentence, whatever they hold."""

from __future__ import annotations

import io
import subprocess
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, Pdf, String

from formengine.output.paper.reading import contents
from formengine.output.paper.reading.contents import MAX_BYTES, UnreadablePdfError, open_pdf
from formengine.output.paper.reading.pdf_answers import carried_by
from tests.support.command_line import run
from tests.support.paper_filling import fillable, filled
from tests.support.pdf_samples import form_of, small_form
from tests.support.tiers import cases

pytestmark = pytest.mark.slow


@cache
def form_pdf() -> bytes:
    return fillable(form_of("early-help-notification"))


def saved(pdf: Pdf, **how: object) -> bytes:
    made = io.BytesIO()
    pdf.save(made, **how)  # type: ignore[arg-type]
    return made.getvalue()


def changed(change: Callable[[Pdf], None]) -> bytes:
    with pikepdf.open(io.BytesIO(form_pdf())) as pdf:
        change(pdf)
        return saved(pdf)


def attachment(pdf: Pdf, content: bytes) -> pikepdf.AttachedFileSpec:
    return pikepdf.AttachedFileSpec(
        pdf, content, description="", filename="", mime_type="", creation_date="", mod_date=""
    )


def with_attachment(name: str, content: bytes) -> bytes:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.attachments[name] = attachment(pdf, content)
        return saved(pdf)


def encrypted(owner_only: str) -> bytes:
    with pikepdf.open(io.BytesIO(form_pdf())) as pdf:
        return saved(pdf, encryption=pikepdf.Encryption(owner="secret", user=owner_only))


def bomb() -> bytes:
    """Two gigabytes in two megabytes, attached as the answers."""
    packer, size, times = zlib.compressobj(9), 10_000_000, 200
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush the same zeros are packed as the same bytes: packed once, they are there 200 times.
    block = packer.compress(bytes(size)) + packer.flush(zlib.Z_FULL_FLUSH)
    last, checksum = b"\x03\x00", (times * size % 65_521) << 16 | 1  # an empty last block; Adler-32 of zeros
    squeezed = head + block * times + last + checksum.to_bytes(4, "big")
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.attachments["answers.json"] = attachment(pdf, b"{}")
        stream = pdf.Root.Names.EmbeddedFiles.Names[1].EF.F
        stream.write(squeezed, filter=Name.FlateDecode)
        return saved(pdf, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)


def deep_array() -> bytes:
    deep = b"[" * 100_000 + b"]" * 100_000
    return form_pdf().replace(b"%%EOF", b"999999 0 obj\n" + deep + b"\nendobj\n%%EOF", 1)


def deep_fields(pdf: Pdf) -> None:
    inner = pdf.make_indirect(Dictionary(T=String("x"), FT=Name.Tx))
    for _ in range(200):
        inner = pdf.make_indirect(Dictionary(T=String("x"), Kids=Array([inner])))
    pdf.Root.AcroForm.Fields.append(inner)


def field_in_itself(pdf: Pdf) -> None:
    field = pdf.make_indirect(Dictionary(T=String("x"), Kids=Array()))
    field.Kids.append(field)
    pdf.Root.AcroForm.Fields.append(field)


def long_value(pdf: Pdf) -> None:
    field = pdf.make_indirect(Dictionary(T=String("x"), FT=Name.Tx, V=String("a" * 6_000_000)))
    pdf.Root.AcroForm.Fields.append(field)


def opens_with_script(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def launches(pdf: Pdf) -> None:
    pdf.Root.AcroForm.Fields[0].AA = Dictionary(K=Dictionary(S=Name.Launch, F=String("calc.exe")))


def sends(pdf: Pdf) -> None:
    pdf.pages[0].obj.Annots[0].A = pdf.make_indirect(
        Dictionary(S=Name.SubmitForm, F=String("https://example.org"))
    )


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "text": (lambda: b"Dear council, please find my answers.", "not_a_pdf"),
    "empty": (lambda: b"", "not_a_pdf"),
    "head alone": (lambda: b"%PDF-1.7\n", "damaged"),
    "truncated": (lambda: form_pdf()[:-5000], "damaged"),
    "first half": (lambda: form_pdf()[:100_000], "damaged"),
    "password": (lambda: encrypted("open me"), "encrypted"),
    "owner's password": (lambda: encrypted(""), "encrypted"),
    "script": (lambda: changed(opens_with_script), "program"),
    "launch": (lambda: changed(launches), "program"),
    "sends itself": (lambda: changed(sends), "program"),
    "deep fields": (lambda: changed(deep_fields), "too_much"),
    "field in itself": (lambda: changed(field_in_itself), "too_much"),
    "long value": (lambda: changed(long_value), "too_much"),
    "deep nesting": (deep_array, "damaged"),
    "bomb": (bomb, "too_much"),
    "another attachment": (lambda: with_attachment("holiday.jpg", b"\xff\xd8"), "nothing"),
    "answers that are no JSON": (lambda: with_attachment("answers.json", b"{"), "wrong_data"),
    "answers of somebody else": (
        lambda: with_attachment("answers.json", b'{"format": "other/1"}'),
        "wrong_data",
    ),
    "answers that are a list": (lambda: with_attachment("answers.json", b"[1]"), "wrong_data"),
    "answers without end": (lambda: with_attachment("answers.json", b"[" * 1_000_000), "wrong_data"),
    "answers that are a text": (
        lambda: with_attachment("answers.json", b'{"format": "draft/1", "answers": "x"}'),
        "wrong_data",
    ),
    "a form that is a number": (
        lambda: with_attachment("answers.json", b'{"format": "draft/1", "form": 1, "answers": {}}'),
        "wrong_data",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_pdf_is_refused_for_its_reason(name: str) -> None:
    make, reason = HOSTILE[name]
    with pytest.raises(UnreadablePdfError) as refused:
        carried_by(open_pdf(make()))
    assert refused.value.reason == reason


def test_a_pdf_of_fifty_megabytes_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(UnreadablePdfError) as refused:
        open_pdf(b"%PDF-1.7\n" + bytes(50_000_000))
    assert str(refused.value) == "The file is larger than 25 MB, so it is not read."
    assert MAX_BYTES == 25_000_000


def test_a_child_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "TIMEOUT_S", 0.001)
    with pytest.raises(UnreadablePdfError) as refused:
        open_pdf(form_pdf())
    assert refused.value.reason == "too_much"


def test_the_command_refuses_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "notes.pdf"
    file.write_bytes(b"Dear council")
    refused = run("read", str(file))
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == f"{file}: The file is not a PDF.\n"
    missing = run("read", str(tmp_path / "none.pdf"))
    assert missing.code == 2


def test_a_pdf_of_another_form_or_of_none_that_is_known_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "form.pdf"
    file.write_bytes(fillable(small_form(tmp_path, "- id: a\n  type: text\n  label: A")))
    unknown = run("read", str(file))
    assert unknown.code == 1
    assert unknown.err == f"{file}: The PDF is of the form “small”, which is not among the forms here.\n"
    other = run("read", str(file), "--form", "request-for-support")
    assert other.code == 1
    assert other.err == f"{file}: The PDF is of the form “small”, not of “request-for-support”.\n"
    named = run("read", str(file), "--form", str(tmp_path / "form.yaml"))
    assert named.code == 0


@settings(max_examples=cases(6, long=100))
@given(st.integers(0, 200_000), st.binary(min_size=1, max_size=40))
def test_a_pdf_with_bytes_overwritten_is_read_or_refused(at: int, other: bytes) -> None:
    content = good()
    at %= len(content) - len(other)
    said = outcome(content[:at] + other + content[at + len(other) :])
    assert said in {"read", "not_a_pdf", "damaged", "encrypted", "program", "too_much"}


def outcome(content: bytes) -> str:
    """Whether it was "read", or why it is not."""
    try:
        open_pdf(content)
    except UnreadablePdfError as error:
        return error.reason
    return "read"


@cache
def good() -> bytes:
    return filled(form_pdf(), {"family_name": ("Example",)})
