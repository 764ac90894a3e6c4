"""Whether what a PDF carries is as the service signed it: signed, unsigned, altered, or by somebody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from formengine.engine import Engine
from formengine.form.analysis.samples import NoSampleFoundError, sample_answers
from formengine.output.paper.reading.contents import open_pdf
from formengine.output.paper.reading.pdf_answers import carried_by
from formengine.service.crypto.keyring import Keyring
from tests.support.command_line import Run, run
from tests.support.generators.forms import generated_form
from tests.support.pdf_samples import FORMS, ON, filled, form_of, pdf_of
from tests.support.pdf_signing import signed_again, signing, unsigned, with_attachments, with_data
from tests.support.tiers import cases

pytestmark = pytest.mark.slow

KEYS, OTHERS = Keyring.new(), Keyring.new()
FORM = FORMS[0]


@cache
def record() -> bytes:
    state = Engine().evaluate(form_of(FORM), filled(FORM, 1), on=ON)
    return pdf_of(state, sign=signing(KEYS))


def standing(content: bytes, keys: Keyring | None = KEYS) -> str:
    return carried_by(open_pdf(content), keys.signer.check if keys is not None else None).standing


def test_what_the_service_signed_and_nobody_changed_is_signed() -> None:
    assert standing(record()) == "signed"


@settings(max_examples=cases(4, long=60))
@given(st.integers(0, 10_000))
def test_generated_answers_come_back_the_same_and_signed(seed: int) -> None:
    form = generated_form(f"signed{seed}")
    try:
        answers = sample_answers(form, on=ON, seed=seed)
    except NoSampleFoundError:
        assume(False)
    state = Engine().evaluate(form, answers, on=ON)
    found = Engine().read_pdf(pdf_of(state, sign=signing(KEYS)), form, verify=KEYS.signer.check)
    assert (found.draft, found.standing, found.is_current) == (answers, "signed", True)


def test_a_signature_outlives_the_key_that_signs_now() -> None:
    kept = json.loads(KEYS.text())
    kept["signing"] |= json.loads(OTHERS.text())["signing"]
    newer = Keyring.of_text(json.dumps(kept))
    assert newer.signer.current != KEYS.signer.current
    assert standing(record(), newer) == "signed"


def one_byte_changed(files: dict[str, bytes]) -> None:
    answers = bytearray(files["answers.json"])
    at = answers.rindex(b'"')
    answers[at - 1] ^= 1
    files["answers.json"] = bytes(answers)


def a_file_more(files: dict[str, bytes]) -> None:
    files["file-1-letter.pdf"] = b"%PDF-1.4"


def of_no_format(files: dict[str, bytes]) -> None:
    files["signature.json"] = b"[]"


def of_no_json(files: dict[str, bytes]) -> None:
    files["signature.json"] = b"{"


def said_differently(**said: Any) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        files["signature.json"] = json.dumps({**json.loads(files["signature.json"]), **said}).encode()

    return change


ALTERED: dict[str, Callable[[dict[str, bytes]], None]] = {
    "one byte": one_byte_changed,
    "a file more": a_file_more,
    "a signature of no format": of_no_format,
    "a signature that is no JSON": of_no_json,
    "no files": said_differently(files=None),
    "another signature": said_differently(signature="A" * 86 + "=="),
    "a signature that is no base64": said_differently(signature="never"),
    "another algorithm": said_differently(algorithm="none"),
    "a key that is a list": said_differently(key=[]),
}


@pytest.mark.parametrize("what", ALTERED)
def test_what_was_changed_since_it_was_signed_is_altered(what: str) -> None:
    changed = with_attachments(record(), ALTERED[what])
    assert standing(changed) == "altered"


def test_another_service_s_signature_vouches_for_nothing_here() -> None:
    theirs = signed_again(record(), OTHERS)
    assert standing(theirs) == "unknown_key"
    assert standing(theirs, OTHERS) == "signed"


def test_what_is_not_signed_is_unsigned_and_without_keys_nothing_is_checked() -> None:
    assert standing(unsigned(record())) == "unsigned"
    assert standing(record(), None) == "unchecked"
    assert standing(with_data(record(), version="0"), None) == "altered"


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def keys_file(tmp_path: Path) -> Path:
    KEYS.write_new(tmp_path / "keys.json")
    return tmp_path / "keys.json"


def read(folder: Path, content: bytes, *options: str) -> Run:
    file = folder / "record.pdf"
    file.write_bytes(content)
    return run("read", str(file), "--on", ON.isoformat(), *options)


def test_the_command_returns_signed_answers(tmp_path: Path, keys_file: Path) -> None:
    found = read(tmp_path, record(), "--keys-file", str(keys_file))
    said = json.loads(found.out)
    assert (found.code, said["answers"]) == (0, filled(FORM, 1))
    assert said["signature"] == {
        "standing": "signed",
        "message": "The data was signed by this service, and nothing in it was changed since.",
    }


def test_the_command_returns_unsigned_answers_and_says_so(tmp_path: Path, keys_file: Path) -> None:
    found = read(tmp_path, unsigned(record()), "--keys-file", str(keys_file))
    said = json.loads(found.out)
    assert (found.code, said["answers"]) == (0, filled(FORM, 1))
    assert said["signature"] == {
        "standing": "unsigned",
        "message": "The data is not signed. Nobody vouches for it.",
    }


def test_the_command_shows_altered_answers_and_ends_with_one(tmp_path: Path, keys_file: Path) -> None:
    altered = with_data(record(), answers={**filled(FORM, 1), "urgency": "standard"})
    found = read(tmp_path, altered, "--keys-file", str(keys_file))
    assert found.code == 1
    assert (
        found.err
        == f"{tmp_path}/record.pdf: The data was changed after it was signed. Nobody vouches for it.\n"
    )
    assert json.loads(found.out)["signature"]["standing"] == "altered"
    alone = read(tmp_path, altered, "--answers")
    assert (alone.code, "urgency" in json.loads(alone.out)) == (1, True)


def test_without_a_key_file_the_command_says_that_it_cannot_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys_file: Path
) -> None:
    monkeypatch.delenv("FORMENGINE_KEYS_FILE", raising=False)
    assert json.loads(read(tmp_path, record()).out)["signature"]["standing"] == "unchecked"
    monkeypatch.setenv("FORMENGINE_KEYS_FILE", str(keys_file))
    assert json.loads(read(tmp_path, record()).out)["signature"]["standing"] == "signed"


def test_a_key_file_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    found = read(tmp_path, record(), "--keys-file", str(tmp_path / "none.json"))
    assert (found.code, found.out) == (2, "")
    assert "There is no key file at" in found.err
