"""Files through the real app: with a page, by a script, back to their owner alone; nothing on disk in clear."""

from __future__ import annotations

import asyncio
import re
import tempfile
import threading
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx2
import pytest

from formengine.service.files.clamd import Clamd, ScannerError, ScanVerdict
from formengine.service.files.scanning import Scanning
from formengine.service.submissions.exports import Exports
from tests.support.help_forms import engine_with_helps
from tests.support.html_dom import parse
from tests.support.journey_people import begun, brought_back
from tests.support.service_app import Person, Service, make_service, running
from tests.support.upload_files import VIRUS, docx, jpeg, pdf
from tests.tools.clamd import clamd

pytestmark = pytest.mark.slow

LETTER = ("letter.pdf", pdf(), "application/pdf")
PAPERS = "papers"
NO_PDF = (
    "“bad.pdf” is not a PDF file, although its name says so. "
    "Open it, save it again, best as a PDF, and choose that"
)
A_GIF = (
    "“photo.gif” is a GIF picture. "
    "Open it, save it as a JPEG or PNG and choose that, or take a screenshot of it and choose that"
)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = make_service(tmp_path, engine=engine_with_helps(tmp_path / "forms"), demo=False)
    yield made
    made.store.close()


@pytest.fixture
def person(service: Service) -> Person:
    return service.person()


@pytest.fixture
def way(person: Person) -> str:
    """The way into a new draft."""
    return begun(person, "helps")


def send(
    person: Person,
    path: str,
    *files: tuple[str, tuple[str, bytes, str]],
    action: str = "next",
    **texts: str | list[str],
) -> httpx2.Response:
    """The page posted as it stands, with files."""
    shown = person.get(path)
    typed = {name.replace("__", "."): value for name, value in texts.items()}
    return person.submit(path, {"-action": action, **hidden(shown), **typed}, files=files)


def hidden(shown: httpx2.Response) -> dict[str, Any]:
    """What the page brings back unseen, several of a name among it."""
    found: dict[str, Any] = dict(brought_back(shown))
    for name in re.findall(r'name="([^"]+-keep)"', shown.text):
        found[name] = re.findall(rf'name="{name}" value="([^"]*)"', shown.text)
    return found


def files_on(answer: httpx2.Response) -> list[str]:
    """What the page says of its files, one text each."""
    page = parse(answer.text)
    return [each.text for each in page.find_all(class_="app-files__file")]


def problems_on(answer: httpx2.Response) -> list[tuple[str, str]]:
    """The lines of the page's error summary, with where each leads."""
    summary = parse(answer.text).find_all(class_="govuk-error-summary__list")
    return [(a.attributes["href"], a.text) for each in summary for a in each.walk() if a.tag == "a"]


def stored(service: Service, way: str) -> dict[str, Any]:
    """The draft's answers."""
    with service.store.read() as tx:
        row = tx.drafts.get(way.split("/")[2])
    assert row is not None
    return dict(service.context.drafts.unsealed(row).answers)


def upload(
    person: Person, way: str, file: tuple[str, bytes, str] | None, field: str = PAPERS, **texts: str
) -> httpx2.Response:
    """The answer to a script that sends one file, or none."""
    return person.post(
        f"{way}files",
        data={"field": field, **texts},
        files=[("file", file)] if file is not None else [],
        headers={"accept": "application/json", "x-csrf-token": person.csrf, "sec-fetch-site": "same-origin"},
    )


# --- with the page --------------------------------------------------------------------------------------------------


def test_files_posted_with_the_page_are_kept_and_listed(person: Person, way: str, service: Service) -> None:
    answer = send(person, f"{way}papers", ("papers", LETTER), ("papers", ("photo.jpg", jpeg(), "image/jpeg")))
    assert answer.headers["location"] == f"{way}place"
    assert [file["name"] for file in stored(service, way)["papers"]] == ["letter.pdf", "photo.jpg"]
    first, second = files_on(person.get(f"{way}papers"))
    assert first == "letter.pdf (less than 1 KB) Not checked for viruses Remove letter.pdf"
    assert second.startswith("photo.jpg (")


def test_files_kept_from_before_stay_when_the_page_is_posted_again(
    person: Person, way: str, service: Service
) -> None:
    send(person, f"{way}papers", ("papers", LETTER))
    send(person, f"{way}papers", ("papers", ("more.docx", docx(), "")), name="Ann")
    assert [file["name"] for file in stored(service, way)["papers"]] == ["letter.pdf", "more.docx"]


def test_a_page_posted_without_any_file_chosen_keeps_what_was_there(
    person: Person, way: str, service: Service
) -> None:
    send(person, f"{way}papers", ("letter", LETTER))
    send(person, f"{way}papers", ("letter", ("", b"", "application/octet-stream")))
    assert stored(service, way)["letter"]["name"] == "letter.pdf"


def test_a_second_file_takes_the_place_of_the_first_where_one_is_asked_for(
    person: Person, way: str, service: Service
) -> None:
    send(person, f"{way}papers", ("letter", LETTER))
    first = stored(service, way)["letter"]["id"]
    send(person, f"{way}papers", ("letter", ("second.pdf", pdf(b"2"), "")))
    assert stored(service, way)["letter"]["name"] == "second.pdf"
    assert person.get(f"{way}files/{first}").status_code == 404


def test_a_refused_file_is_told_at_its_question_and_the_rest_of_the_page_is_kept(
    person: Person, way: str, service: Service
) -> None:
    answer = send(
        person,
        f"{way}papers",
        ("papers", ("bad.pdf", b"MZ", "application/pdf")),
        ("papers", ("photo.gif", b"GIF89a", "image/gif")),
        ("papers", LETTER),
        name="Ann",
    )
    assert answer.status_code == 422
    assert problems_on(answer) == [
        ("#papers", NO_PDF),
        ("#papers", A_GIF),
    ]
    page = parse(answer.text)
    assert page.find(id="papers-error").text.startswith("Error: “bad.pdf” is not a PDF file")
    assert "papers-error" in page.find(id="papers").attributes["aria-describedby"]
    assert page.find(name="name").attributes["value"] == "Ann"
    assert [file["name"] for file in stored(service, way)["papers"]] == ["letter.pdf"]


def test_the_remove_button_takes_a_file_out_and_destroys_it(
    person: Person, way: str, service: Service
) -> None:
    send(person, f"{way}papers", ("papers", LETTER), ("papers", ("more.docx", docx(), "")))
    gone = stored(service, way)["papers"][0]["id"]
    answer = send(person, f"{way}papers", action=f"remove_file:papers:{gone}", name="Ann")
    assert answer.headers["location"] == f"{way}papers#papers"
    assert [file["name"] for file in stored(service, way)["papers"]] == ["more.docx"]
    assert stored(service, way)["name"] == "Ann"
    assert [file.name for file in service.context.uploads.of_draft(way.split("/")[2])] == ["more.docx"]


def test_a_file_can_be_added_to_an_item_of_a_list(person: Person, way: str, service: Service) -> None:
    shown = person.get(f"{way}documents.new")
    path = next(name for name in re.findall(r'name="(documents\.[^"]+\.paper)"', shown.text))
    answer = person.submit(
        f"{way}documents.new", {"-action": "save_item", **brought_back(shown)}, files=[(path, LETTER)]
    )
    (document,) = stored(service, way)["documents"]
    assert answer.headers["location"] == f"{way}documents?added={document['id']}#notice"
    assert document["paper"]["name"] == "letter.pdf"
    assert files_on(person.get(f"{way}documents.{document['id']}"))[0].startswith("letter.pdf")


def test_another_drafts_file_cannot_be_kept_in_this_one(person: Person, way: str, service: Service) -> None:
    send(person, f"{way}papers", ("papers", LETTER))
    foreign = stored(service, way)["papers"][0]["id"]
    other = begun(person, "helps")
    answer = send(person, f"{other}papers", **{"papers-keep": foreign})
    assert problems_on(answer) == [
        ("#papers", "“A file” is no longer here. Choose it again, or go on without it")
    ]
    assert "papers" not in stored(service, other)


def test_a_name_of_whatever_kind_is_kept_clean_and_shown_as_text(
    person: Person, way: str, service: Service
) -> None:
    send(person, f"{way}papers", ("papers", ("..\\<b>Łukasz\u202e{{7*7}}\r\nX: y.pdf", pdf(), "")))
    name = stored(service, way)["papers"][0]["name"]
    shown = person.get(f"{way}papers").text
    assert "<b>" not in name
    assert "\u202e" not in name
    assert name in unescape(shown)


def test_a_request_that_is_too_large_gets_a_page_that_keeps_what_was_typed(person: Person, way: str) -> None:
    big = ("big.pdf", b"%PDF-" + b"x" * 7_000_000, "application/pdf")
    answer = send(person, f"{way}papers", *[("papers", big)] * 3, name="Ann typed this")
    assert answer.status_code == 413
    page = parse(answer.text)
    assert page.find(name="name").attributes["value"] == "Ann typed this"


# --- by a script ----------------------------------------------------------------------------------------------------


def test_a_script_gets_what_it_needs_to_list_the_file(person: Person, way: str, service: Service) -> None:
    answer = upload(person, way, LETTER)
    assert answer.status_code == 201
    file_id = answer.json().pop("id")
    assert answer.json() == {
        "id": file_id,
        "name": "letter.pdf",
        "size": "less than 1 KB",
        "said": "Not checked for viruses",
        "waits": False,
    }
    send(person, f"{way}papers", **{"papers-keep": file_id})
    assert stored(service, way)["papers"][0]["id"] == file_id


def test_a_script_is_told_in_words_why_a_file_is_not_taken(person: Person, way: str) -> None:
    answer = upload(person, way, ("bad.pdf", b"MZ", ""))
    assert answer.status_code == 422
    assert answer.json() == {"error": NO_PDF}


@pytest.mark.parametrize("field", ["name", "nothing", ""])
def test_a_question_without_files_takes_none_from_a_script(person: Person, way: str, field: str) -> None:
    assert upload(person, way, LETTER, field).status_code == 404


def test_a_script_without_the_token_uploads_nothing(person: Person, way: str, service: Service) -> None:
    answer = person.post(
        f"{way}files",
        data={"field": PAPERS},
        files=[("file", LETTER)],
        headers={"accept": "application/json", "sec-fetch-site": "same-origin"},
    )
    assert answer.status_code == 403
    assert service.context.uploads.of_draft(way.split("/")[2]) == []


def test_a_script_takes_a_file_out_before_its_page_was_posted(
    person: Person, way: str, service: Service
) -> None:
    file_id = upload(person, way, LETTER).json()["id"]
    headers = {"accept": "application/json", "x-csrf-token": person.csrf, "sec-fetch-site": "same-origin"}
    assert person.post(f"{way}files/{file_id}/remove", headers=headers).json() == {"removed": True}
    assert service.context.uploads.of_draft(way.split("/")[2]) == []
    assert person.post(f"{way}files/{file_id}/remove", headers=headers).json() == {"removed": False}


def test_somebody_else_s_browser_uploads_nothing_and_is_told_nothing(service: Service, way: str) -> None:
    other = service.person()
    assert upload(other, way, LETTER).status_code in {401, 404}
    assert service.context.uploads.of_draft(way.split("/")[2]) == []


# --- refusals that stay ---------------------------------------------------------------------------------------------

BAD_FILE = ("bad.pdf", b"MZ", "application/pdf")


def test_why_a_file_was_refused_stays_on_its_page_until_another_is_chosen(person: Person, way: str) -> None:
    send(person, f"{way}papers", ("papers", BAD_FILE))
    assert problems_on(person.get(f"{way}papers")) == [("#papers", NO_PDF)]
    # Going on without it is allowed, and does not end what the page says.
    assert send(person, f"{way}papers", name="Ann").headers["location"] == f"{way}place"
    shown = person.get(f"{way}papers")
    assert problems_on(shown) == [("#papers", NO_PDF)]
    assert parse(shown.text).find(id="papers-error").text == f"Error: {NO_PDF}"
    assert problems_on(person.get(f"{way}place")) == []
    send(person, f"{way}papers", ("letter", LETTER))
    assert problems_on(person.get(f"{way}papers")) == [("#papers", NO_PDF)]
    send(person, f"{way}papers", ("papers", LETTER))
    assert problems_on(person.get(f"{way}papers")) == []


def test_why_a_file_was_refused_stays_at_its_item_of_a_list(person: Person, way: str) -> None:
    shown = person.get(f"{way}documents.new")
    path = next(name for name in re.findall(r'name="(documents\.[^"]+\.paper)"', shown.text))
    fields = {"-action": "save_item", **brought_back(shown)}
    answer = person.submit(f"{way}documents.new", fields, files=[(path, BAD_FILE)])
    item = path.removesuffix(".paper")
    assert answer.headers["location"] == f"{way}{item}"
    assert problems_on(person.get(f"{way}{item}")) == [(f"#{path}", NO_PDF)]
    assert problems_on(person.get(f"{way}papers")) == []


def test_the_right_file_after_a_refused_one_goes_into_the_same_new_entry(
    person: Person, way: str, service: Service
) -> None:
    shown = person.get(f"{way}documents.new")
    for file in (BAD_FILE, LETTER):
        address = str(shown.url.path)
        path = next(name for name in re.findall(r'name="(documents\.[^"]+\.paper)"', shown.text))
        answer = person.submit(address, {"-action": "save_item", **brought_back(shown)}, files=[(path, file)])
        shown = person.get(answer.headers["location"].partition("#")[0])
    (document,) = stored(service, way)["documents"]
    assert document["paper"]["name"] == "letter.pdf"


def test_a_virus_found_at_once_stays_too(with_scanner: Callable[..., Service]) -> None:
    with clamd(VIRUS) as socket:
        person = with_scanner(clamd_socket=socket).person()
        way = begun(person, "helps")
        send(person, f"{way}papers", ("papers", ("bad.pdf", pdf(VIRUS), "")))
        assert problems_on(person.get(f"{way}papers")) == [
            (
                "#papers",
                "“bad.pdf” contains a virus and was deleted. Choose another file, or go on without it",
            )
        ]


def test_what_a_script_was_told_stays_until_it_sends_the_first_file_of_another_choice(
    person: Person, way: str
) -> None:
    upload(person, way, BAD_FILE)
    upload(person, way, LETTER)
    assert problems_on(person.get(f"{way}papers")) == [("#papers", NO_PDF)]
    upload(person, way, LETTER, first="1")
    assert problems_on(person.get(f"{way}papers")) == []


def test_a_script_tells_of_a_file_that_it_did_not_send_for_its_size(person: Person, way: str) -> None:
    large = (
        "“film.pdf” must be 2 MB or smaller. "
        "Save it smaller, such as with smaller pictures, or in parts, and choose that"
    )
    answer = upload(person, way, None, "letter", too_large="film.pdf")
    assert (answer.status_code, answer.json()) == (422, {"error": large})
    assert problems_on(person.get(f"{way}papers")) == [("#letter", large)]


@pytest.mark.parametrize("field", ["name", "nothing", ""])
def test_no_other_question_is_told_of_a_file_that_was_too_large(person: Person, way: str, field: str) -> None:
    assert upload(person, way, None, field, too_large="film.pdf").status_code == 404


# --- handing out ----------------------------------------------------------------------------------------------------


def test_the_owner_gets_the_file_as_a_download_that_no_browser_shows(person: Person, way: str) -> None:
    file_id = upload(person, way, ('Bericht über "Łukasz".pdf', pdf(), "text/html")).json()["id"]
    answer = person.get(f"{way}files/{file_id}")
    assert answer.content == pdf()
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="Bericht _ber __ukasz_.pdf"; '
        "filename*=UTF-8''Bericht%20%C3%BCber%20_%C5%81ukasz_.pdf"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "sandbox" in answer.headers["content-security-policy"]


def test_nobody_else_gets_it(person: Person, way: str, service: Service) -> None:
    file_id = upload(person, way, LETTER).json()["id"]
    for other, path in ((service.person(), way), (person, begun(person, "helps"))):
        answer = other.get(f"{path}files/{file_id}")
        assert answer.status_code != 200
        assert pdf() not in answer.content


@pytest.mark.parametrize("file", ["nothing", "..%2f..%2fetc%2fpasswd", "%00", "a" * 500])
def test_what_is_no_file_is_not_found(person: Person, way: str, file: str) -> None:
    assert person.get(f"{way}files/{file}").status_code == 404


# --- the scanner ----------------------------------------------------------------------------------------------------


@pytest.fixture
def with_scanner(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    made: list[Service] = []

    def make(**settings: Any) -> Service:
        made.append(
            make_service(tmp_path, engine=engine_with_helps(tmp_path / "forms"), demo=False, **settings)
        )
        return made[-1]

    yield make
    for each in made:
        each.store.close()


def test_a_virus_is_told_at_once_and_the_page_is_kept(with_scanner: Callable[..., Service]) -> None:
    with clamd(VIRUS) as socket:
        service = with_scanner(clamd_socket=socket)
        person = service.person()
        way = begun(person, "helps")
        answer = send(
            person, f"{way}papers", ("papers", ("bad.pdf", pdf(VIRUS), "")), ("papers", LETTER), name="Ann"
        )
        assert problems_on(answer) == [
            (
                "#papers",
                "“bad.pdf” contains a virus and was deleted. Choose another file, or go on without it",
            )
        ]
        assert files_on(answer) == ["letter.pdf (less than 1 KB) Remove letter.pdf"]
        assert (
            upload(person, way, ("bad.pdf", pdf(VIRUS), ""))
            .json()["error"]
            .startswith("“bad.pdf” contains a virus")
        )
        assert stored(service, way)["name"] == "Ann"


def test_clamd_that_is_away_never_keeps_a_form_from_going_on(
    with_scanner: Callable[..., Service], tmp_path: Path
) -> None:
    service = with_scanner(clamd_socket=tmp_path / "none.sock")
    person = service.person()
    way = begun(person, "helps")
    assert send(person, f"{way}papers", ("papers", LETTER)).headers["location"] == f"{way}place"
    assert files_on(person.get(f"{way}papers")) == [
        "letter.pdf (less than 1 KB) Waiting for the virus check Remove letter.pdf"
    ]
    with clamd(VIRUS) as socket:
        scanning = Scanning(service.context.uploads, Clamd(socket), service.clock)
        assert asyncio.run(scanning.scan_waiting()) == 1
    assert files_on(person.get(f"{way}papers")) == ["letter.pdf (less than 1 KB) Remove letter.pdf"]


def test_a_file_that_waits_for_the_scanner_is_given_to_nobody(
    with_scanner: Callable[..., Service], tmp_path: Path
) -> None:
    service = with_scanner(clamd_socket=tmp_path / "none.sock")
    person = service.person()
    way = begun(person, "helps")
    told = upload(person, way, LETTER).json()
    assert told["waits"] is True
    send(person, f"{way}papers", **{"papers-keep": told["id"]})
    link = f'href="files/{told["id"]}"'
    assert files_on(person.get(f"{way}papers")) == [
        "letter.pdf (less than 1 KB) Waiting for the virus check Remove letter.pdf"
    ]
    assert link not in person.get(f"{way}papers").text
    answer = person.get(f"{way}files/{told['id']}")
    assert (answer.status_code, answer.headers["retry-after"]) == (423, "60")
    assert parse(answer.text).find(class_="govuk-heading-l").text == "This file cannot be opened yet"
    assert pdf() not in answer.content
    with clamd(VIRUS) as socket:
        assert (
            asyncio.run(Scanning(service.context.uploads, Clamd(socket), service.clock).scan_waiting()) == 1
        )
    assert link in person.get(f"{way}papers").text
    assert person.get(f"{way}files/{told['id']}").content == pdf()


def test_a_virus_found_later_is_told_when_the_page_is_next_seen_and_the_form_goes_on_without_the_file(
    with_scanner: Callable[..., Service], tmp_path: Path
) -> None:
    class Later:
        says: ScannerError | None = ScannerError("unreachable")

        async def scan(self, content: bytes) -> ScanVerdict:
            assert content == pdf()
            return ScanVerdict("Some.Virus")

        async def version(self) -> str:
            return "ClamAV"

    service = with_scanner(clamd_socket=tmp_path / "none.sock")
    person = service.person()
    way = begun(person, "helps")
    send(person, f"{way}papers", ("papers", LETTER))
    assert asyncio.run(Scanning(service.context.uploads, Later(), service.clock).scan_waiting()) == 1
    told = [
        ("#papers", "“letter.pdf” contains a virus and was deleted. Choose another file, or go on without it")
    ]
    assert problems_on(person.get(f"{way}papers")) == told
    assert problems_on(send(person, f"{way}papers")) == told
    assert "papers" not in stored(service, way)
    assert send(person, f"{way}papers").headers["location"] == f"{way}place"


def exported(service: Service, exports: Exports, draft: str) -> tuple[set[str], tuple[str, ...], bool]:
    """The names of the exported files, the PDF's apart, and what is said to be wrong with them."""
    with service.store.read() as tx:
        row = tx.submissions.by_draft(draft)
    assert row is not None
    sent = service.context.submissions.export(row.reference, actor="system")
    assert sent is not None
    export = exports.of(sent)
    return (
        {name for name in export.files if not name.endswith(f"{row.reference}.pdf")},
        export.problems,
        export.waits,
    )


def test_receipt_and_export_say_what_became_of_files_that_were_scanned_after_sending(
    with_scanner: Callable[..., Service], tmp_path: Path
) -> None:
    service = with_scanner(clamd_socket=tmp_path / "none.sock")
    person = service.person()
    way = begun(person, "helps")
    send(person, f"{way}papers", ("papers", LETTER), ("letter", ("bad.pdf", pdf(VIRUS), "")))
    send(person, f"{way}place", home__postcode="ME14 1XQ", language="l1")
    sent = send(person, f"{way}check-answers", action="submit")
    assert sent.headers["location"] == f"{way}sent"
    exports = Exports(
        service.service, service.context.engine, service.context.uploads, author="Example Council"
    )
    draft = way.split("/")[2]
    waits = "waits for the virus scanner; export it again later"
    assert exported(service, exports, draft) == (
        {"submission.json"},
        (f"The file of letter {waits}", f"The file of papers {waits}"),
        True,
    )
    shown = person.get(f"{way}sent").text
    assert "“letter.pdf” is still waiting for the virus check. There is nothing for you to do" in shown
    with clamd(VIRUS) as socket:
        scanning = Scanning(service.context.uploads, Clamd(socket), service.clock)
        assert asyncio.run(scanning.scan_waiting()) == 2
    destroyed = "was refused by the virus scanner after it had been sent; it is destroyed"
    assert exported(service, exports, draft) == (
        {"submission.json", "files/2-letter.pdf"},
        (f"The file of letter {destroyed}",),
        False,
    )
    shown = person.get(f"{way}sent").text
    assert "letter.pdf" not in shown
    assert "“bad.pdf” contains a virus and was deleted. We do not have it. Call us if it matters" in shown


# --- nothing on disk ------------------------------------------------------------------------------------------------


def test_nothing_of_fifteen_megabytes_of_uploads_is_written_to_disk_in_clear(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = b"CANARY-IN-AN-UPLOAD"
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    made: list[str] = []
    # A spooled file that outgrows memory has no name: it is seen only as it is made. Any other stands in the folder.
    real = tempfile.TemporaryFile

    def noted(*given: Any, **more: Any) -> Any:
        made.append("a file without a name")
        return real(*given, **more)

    monkeypatch.setattr(tempfile, "TemporaryFile", noted)
    seen: set[str] = set()
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.005):
            seen.update(path.name for path in scratch.iterdir())

    watcher = threading.Thread(target=watch)
    watcher.start()
    with running(service.own) as address, httpx2.Client(base_url=address, timeout=60) as browser:
        token, _ = service.context.sessions.start(account=None)
        browser.cookies.set("sid", token)
        csrf = service.keys.index("csrf", token)
        same = {"sec-fetch-site": "same-origin", "accept": "text/html"}
        way = browser.post("/forms/helps", data={"csrf": csrf}, headers=same).headers["location"]
        shown = browser.get(f"{way}papers")
        content = pdf(canary * 390_000)
        assert 7_400_000 < len(content) < 7_500_000
        files = [("papers", (f"{canary.decode()}.pdf", content, "application/pdf"))] * 2
        answer = browser.post(
            f"{way}papers", data={"csrf": csrf, **brought_back(shown)}, files=files, headers=same
        )
        assert answer.headers["location"] == f"{way}place"
    over.set()
    watcher.join()
    assert [file["size"] for file in stored(service, way)["papers"]] == [len(content)] * 2
    assert (seen, made) == (set(), [])
    service.store.close()
    on_disk = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert len(on_disk) > 14_000_000
    assert canary not in on_disk
