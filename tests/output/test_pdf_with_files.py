"""A PDF that carries the uploaded files: where people choose it, of what a scanner found clean, up to a size."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from formengine.output.paper.reading.contents import open_pdf
from formengine.output.paper.reading.pdf_answers import carried_by
from formengine.web.journey import receipts
from tests.support.help_forms import engine_with_helps
from tests.support.journey_people import begun
from tests.support.paper_reading import read
from tests.support.service_app import Person, Service, make_service
from tests.support.upload_files import VIRUS, pdf
from tests.tools.clamd import clamd
from tests.web.test_uploads_pages import LETTER, send

pytestmark = pytest.mark.slow

OFFER = 'href="answers-pdf?files=yes"'
Making = Callable[..., Service]


@pytest.fixture
def making(tmp_path: Path) -> Iterator[Making]:
    made: list[Service] = []

    def make(**settings: Any) -> Service:
        engine = engine_with_helps(tmp_path / "forms")
        made.append(make_service(tmp_path, engine=engine, demo=False, **settings))
        return made[-1]

    yield make
    for each in made:
        each.store.close()


@pytest.fixture
def scanner() -> Iterator[Path]:
    with clamd(VIRUS) as socket:
        yield socket


def with_letter(service: Service) -> tuple[Person, str]:
    """Somebody who has uploaded a letter, and the way into their draft."""
    person = service.person()
    way = begun(person, "helps")
    assert send(person, f"{way}papers", ("papers", LETTER)).headers["location"] == f"{way}place"
    return person, way


def carried(content: bytes) -> dict[str, bytes]:
    """The files embedded in a PDF."""
    with pikepdf.open(io.BytesIO(content)) as opened:
        return {name: found.get_file().read_bytes() for name, found in opened.attachments.items()}


def test_who_chooses_it_gets_the_files_inside_the_pdf(making: Making, scanner: Path) -> None:
    person, way = with_letter(making(clamd_socket=scanner))
    page = person.get(f"{way}create-pdf").text
    assert OFFER in page
    assert "with your files inside the PDF (less than 1 KB of files)" in page
    plain = person.get(f"{way}answers-pdf")
    assert set(carried(plain.content)) == {"answers.json", "signature.json"}
    assert "letter.pdf" in read(plain.content).text
    whole = person.get(f"{way}answers-pdf?files=yes")
    assert whole.headers["content-disposition"].endswith('-with-files.pdf"')
    assert carried(whole.content)["file-1-letter.pdf"] == pdf()
    assert "file-1-letter.pdf" in read(whole.content).text


def test_the_receipt_offers_it_too_and_the_signature_covers_the_files(making: Making, scanner: Path) -> None:
    person, way = with_letter(making(clamd_socket=scanner))
    send(person, f"{way}place", home__postcode="ME14 1XQ", language="l1")
    assert send(person, f"{way}check-answers", action="submit").headers["location"] == f"{way}sent"
    assert OFFER in person.get(f"{way}sent").text
    content = person.get(f"{way}answers-pdf?files=yes").content
    assert set(carried(content)) == {
        *("answers.json", "submission.json", "signature.json"),
        "file-1-letter.pdf",
    }
    contents = open_pdf(content)
    assert carried_by(contents, verify=lambda *_: True).standing == "signed"
    changed = {**contents.attachments, "file-1-letter.pdf": b"another"}
    altered = type(contents)(changed, contents.fields)
    assert carried_by(altered, verify=lambda *_: True).standing == "altered"


@pytest.mark.parametrize("socket", [None, "none.sock"])
def test_a_file_that_no_scanner_has_found_clean_is_listed_and_stays_out(
    making: Making, tmp_path: Path, socket: str | None
) -> None:
    person, way = with_letter(making(clamd_socket=tmp_path / socket if socket else None))
    assert OFFER not in person.get(f"{way}create-pdf").text
    content = person.get(f"{way}answers-pdf?files=yes").content
    assert set(carried(content)) == {"answers.json", "signature.json"}
    assert "letter.pdf" in read(content).text


def test_files_too_large_together_stay_out(
    making: Making, scanner: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, way = with_letter(making(clamd_socket=scanner))
    monkeypatch.setattr(receipts, "MOST_EMBEDDED_BYTES", len(pdf()) - 1)
    assert OFFER not in person.get(f"{way}create-pdf").text
    assert len(carried(person.get(f"{way}answers-pdf?files=yes").content)) == 2


@pytest.mark.parametrize("query", ["files=no", "files=yes&audience=family", "files=../x"])
def test_there_is_no_other_copy_with_files(making: Making, scanner: Path, query: str) -> None:
    person, way = with_letter(making(clamd_socket=scanner))
    assert person.get(f"{way}answers-pdf?{query}").status_code == 404


def test_without_files_nothing_is_offered(making: Making, scanner: Path) -> None:
    person = making(clamd_socket=scanner).person()
    assert OFFER not in person.get(f"{begun(person, 'helps')}create-pdf").text
