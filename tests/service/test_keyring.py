"""Keys and sealing: what is sealed opens in its own place alone, and a key file that is not right is refused."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formengine.service.crypto.keyring import Keyring, KeyringError, SealError
from formengine.service.ids import new_id

KEYS = Keyring.new()
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def altered(sealed: bytes, place: int) -> bytes:
    return sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]


# --- sealing ---------------------------------------------------------------------------------------------------------


@given(value=JSON_VALUES)
def test_what_was_sealed_comes_back(value: Any) -> None:
    data_key = KEYS.open_data_key(KEYS.new_data_key("drafts", "one"), "drafts", "one")
    assert data_key.open_json("answers", data_key.seal_json("answers", value)) == value


def test_half_a_character_as_browsers_post_it_comes_back() -> None:
    data_key = KEYS.open_data_key(KEYS.new_data_key("drafts", "one"), "drafts", "one")
    assert data_key.open_json("answers", data_key.seal_json("answers", {"notes": "\ud83d"})) == {
        "notes": "\ud83d"
    }


def test_equal_texts_do_not_look_equal_when_sealed() -> None:
    data_key = KEYS.open_data_key(KEYS.new_data_key("drafts", "one"), "drafts", "one")
    assert data_key.seal("answers", b"same") != data_key.seal("answers", b"same")


@pytest.mark.parametrize("place", range(35))
def test_a_sealed_value_with_any_byte_altered_does_not_open(place: int) -> None:
    data_key = KEYS.open_data_key(KEYS.new_data_key("drafts", "one"), "drafts", "one")
    sealed = data_key.seal("answers", b"abcdef")
    assert len(sealed) == 35
    with pytest.raises(SealError, match=r"drafts\.answers of row one does not open"):
        data_key.open("answers", altered(sealed, place))


@pytest.mark.parametrize("length", [0, 1, 12, 13, 28])
def test_a_sealed_value_that_was_cut_short_does_not_open(length: int) -> None:
    data_key = KEYS.open_data_key(KEYS.new_data_key("drafts", "one"), "drafts", "one")
    with pytest.raises(SealError):
        data_key.open("answers", data_key.seal("answers", b"abcdef")[:length])


def test_a_value_does_not_open_as_another_field_or_with_another_rows_key() -> None:
    one = KEYS.open_data_key(KEYS.new_data_key("drafts", "one"), "drafts", "one")
    two = KEYS.open_data_key(KEYS.new_data_key("drafts", "two"), "drafts", "two")
    sealed = one.seal("answers", b"abc")
    with pytest.raises(SealError):
        one.open("envelope", sealed)
    with pytest.raises(SealError):
        two.open("answers", sealed)


def test_a_row_moved_whole_with_its_data_key_does_not_open() -> None:
    wrapped = KEYS.new_data_key("drafts", "one")
    with pytest.raises(SealError, match="data key of drafts row two does not open"):
        KEYS.open_data_key(wrapped, "drafts", "two")
    with pytest.raises(SealError, match="data key of files row one does not open"):
        KEYS.open_data_key(wrapped, "files", "one")


def test_a_destroyed_data_key_is_told_from_an_altered_one() -> None:
    with pytest.raises(SealError, match="The data key of drafts row one was destroyed"):
        KEYS.open_data_key(b"", "drafts", "one")
    wrapped = KEYS.new_data_key("drafts", "one")
    with pytest.raises(SealError, match="was altered or belongs elsewhere"):
        KEYS.open_data_key(altered(wrapped, len(wrapped) - 1), "drafts", "one")


def test_a_data_key_of_another_key_file_names_the_key_that_is_missing() -> None:
    other = Keyring.new()
    with pytest.raises(KeyringError, match=f"drafts row one needs the key '{other.current}'"):
        KEYS.open_data_key(other.new_data_key("drafts", "one"), "drafts", "one")


def test_two_rows_cannot_be_mistaken_by_a_bar_in_a_name() -> None:
    with pytest.raises(ValueError, match="bar"):
        KEYS.new_data_key("drafts", "one|two")


# --- blind index and signing -----------------------------------------------------------------------------------------


def test_the_index_finds_equal_texts_of_one_purpose_with_the_same_keys_alone() -> None:
    assert KEYS.index("email", "ada@example.org") == KEYS.index("email", "ada@example.org")
    assert KEYS.index("email", "ada@example.org") != KEYS.index("code", "ada@example.org")
    assert KEYS.index("email", "ada@example.org") != KEYS.index("email", "bea@example.org")
    assert KEYS.index("email", "ada@example.org") != Keyring.new().index("email", "ada@example.org")
    assert len(KEYS.index("email", "\ud83d")) == 64


def test_a_signature_is_checked_by_the_key_that_made_it() -> None:
    key_id, signature = KEYS.signer.sign(b"document")
    assert KEYS.signer.verify(key_id, b"document", signature) is True
    assert KEYS.signer.verify(key_id, b"another", signature) is False
    assert KEYS.signer.verify(key_id, b"document", altered(signature, 0)) is False
    assert KEYS.signer.verify("nobody", b"document", signature) is False
    assert Keyring.new().signer.verify(key_id, b"document", signature) is False
    assert len(KEYS.signer.public()[key_id]) == 32


def test_nothing_that_is_printed_shows_a_key() -> None:
    kept = json.loads(KEYS.text())
    secrets = [*kept["sealing"].values(), kept["index"], *kept["signing"].values()]
    data_key = KEYS.open_data_key(KEYS.new_data_key("drafts", "one"), "drafts", "one")
    shown = f"{KEYS!r} {KEYS} {KEYS.signer!r} {data_key!r} {KEYS._kept!r}"
    assert [secret for secret in secrets if secret in shown] == []
    assert f"current {KEYS.current}" in repr(KEYS)


# --- the key file ----------------------------------------------------------------------------------------------------


def test_a_key_file_is_for_its_owner_alone_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    KEYS.write_new(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Keyring.of_file(path) == KEYS
    assert Keyring.of_text(KEYS.text()) == KEYS


def test_a_key_file_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    KEYS.write_new(path)
    with pytest.raises(KeyringError, match="exists; a key file is never written over"):
        Keyring.new().write_new(path)
    assert Keyring.of_file(path) == KEYS


def refused(path: Path) -> str:
    with pytest.raises(KeyringError) as problem:
        Keyring.of_file(path)
    return str(problem.value).replace(str(path), "FILE")


def test_a_missing_key_file_names_the_command_that_makes_one(tmp_path: Path) -> None:
    assert refused(tmp_path / "keys") == "There is no key file at FILE; `formengine keys new` makes one"


def test_a_key_file_open_to_others_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    KEYS.write_new(path)
    path.chmod(0o640)
    assert refused(path) == (
        "The key file FILE is open to other users of this machine (mode 640); `chmod 600 FILE` closes it"
    )


def test_a_folder_in_place_of_a_key_file_is_said(tmp_path: Path) -> None:
    assert refused(tmp_path) == "The key file FILE cannot be read: Is a directory"


def _changed(**parts: Any) -> str:
    return json.dumps({**json.loads(KEYS.text()), **parts})


OTHER_SIGNING = dict.fromkeys(json.loads(KEYS.text())["signing"], json.loads(Keyring.new().text())["index"])


SPOILT = [
    ("", "it is no JSON; it was cut short or altered"),
    (KEYS.text()[:-20], "it is no JSON; it was cut short or altered"),
    ("[" * 100_000, "it is no JSON; it was cut short or altered"),
    ("[]", 'it does not say "format": "formengine-keys/1"'),
    (_changed(format="formengine-keys/2"), 'it does not say "format": "formengine-keys/1"'),
    (_changed(sealing={}), "it has no keys under `sealing`"),
    (_changed(signing=[]), "it has no keys under `signing`"),
    (_changed(current="k1234567"), "`current` names no key under `sealing`"),
    (_changed(current=None), "`current` names no key under `sealing`"),
    (
        _changed(index="AAAA"),
        "a key under `index` is not 32 bytes in base64; it was cut short or altered",
    ),
    (_changed(index=5), "a key under `index` is not 32 bytes in base64; it was cut short or altered"),
    (
        _changed(sealing={"k": KEYS._kept.index.hex()}),
        "a key under `sealing` is not 32 bytes in base64; it was cut short or altered",
    ),
    (
        _changed(sealing={"k": json.loads(KEYS.text())["index"]}),
        "an id under `sealing` is not 8 letters and digits",
    ),
    (_changed(signing=OTHER_SIGNING), "a key under `signing` was altered: it does not match its id"),
]


@pytest.mark.parametrize("number", range(len(SPOILT)))
def test_an_altered_key_file_is_refused_in_plain_words(tmp_path: Path, number: int) -> None:
    text, problem = SPOILT[number]
    path = tmp_path / "keys"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    assert refused(path) == f"The key file FILE cannot be used: {problem}"


def test_a_key_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_bytes(b"\xff\xfe\x00")
    path.chmod(0o600)
    assert refused(path) == "The key file FILE cannot be read: it is no UTF-8 text"


# --- while the service runs ------------------------------------------------------------------------------------------


def test_a_running_service_takes_over_the_new_key_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    KEYS.write_new(path)
    running = Keyring.of_file(path)
    newer = running.with_new_current()
    newer.replace(path)
    assert running.new_data_key("drafts", "one").startswith(newer.current.encode())
    assert running.current == newer.current


def test_a_running_service_opens_what_a_key_it_has_not_seen_yet_wraps(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    KEYS.write_new(path)
    running = Keyring.of_file(path)
    newer = running.with_new_current()
    newer.replace(path)
    data_key = newer.new_data_key("drafts", "one")
    sealed = newer.open_data_key(data_key, "drafts", "one").seal("answers", b"abc")
    assert running.open_data_key(data_key, "drafts", "one").open("answers", sealed) == b"abc"


@pytest.mark.parametrize("replaced", ["", Keyring.new().text()], ids=["empty", "another's"])
def test_a_running_service_goes_on_with_its_keys_when_the_file_is_spoilt_and_says_why(
    tmp_path: Path, replaced: str
) -> None:
    path = tmp_path / "keys"
    KEYS.write_new(path)
    running = Keyring.of_file(path)
    assert running.trouble == ""
    path.write_text(replaced, encoding="utf-8")
    assert running.new_data_key("drafts", "one").startswith(KEYS.current.encode())
    assert str(path) in running.trouble
    KEYS.replace(path)
    running.new_data_key("drafts", "one")
    assert running.trouble == ""


def test_a_new_key_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    KEYS.write_new(path)
    path.with_name("keys.new").mkdir()
    with pytest.raises(KeyringError, match="cannot be written: Is a directory"):
        KEYS.with_new_current().replace(path)
    assert Keyring.of_file(path) == KEYS


# --- ids -------------------------------------------------------------------------------------------------------------


def test_an_id_has_twenty_two_signs_that_nobody_takes_for_another() -> None:
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert {len(each) for each in ids} == {22}
    assert set("".join(ids)) == set("0123456789abcdefghjkmnpqrstvwxyz")
