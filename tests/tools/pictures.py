"""Writes the pictures that the documentation shows: `make pictures`.

Each is made by the commands a reader can run: sample answers, their pages in Chromium, their PDF by poppler.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize

from tests.tools import TOOLS, ToolError
from tests.tools.browser import launched, opened, served

PICTURES = TOOLS.parents[1] / "docs" / "pictures"
EXAMPLES = TOOLS.parents[1] / "examples"
SEED = "3"
WHO_AND_WHEN = ("--author", "Exampleshire Council", "--at", "2026-11-22T10:30:00")
REFERENCE = "XK4-7PM"
PDF_DOTS_PER_INCH = "80"
# The blank form begins with whom to call and its contents; this page shows questions.
PAGE_OF_BLANK = 5
# Words that head a table of questions on the blank form: its page is shown.
HEADS_OF_TABLES = {"request-for-support": "Practitioner full name"}
WINDOW = ViewportSize(width=1100, height=800)
PHONE = ViewportSize(width=360, height=740)
# Pages shown, by form: files of `formengine render`, named after the page's id.
PAGES = {
    "request-for-support": ("child", "children_same_address", "agreement", "check-answers"),
    "early-help-notification": ("index", "family", "consent"),
}
# A page as it looks when nothing was entered and what is wrong is said.
WITH_ERRORS = ("request-for-support", "child")
ON_A_PHONE = ("request-for-support", "child")


def formengine(*arguments: str | Path) -> str:
    """What the command wrote to standard output. Raises `ToolError` with its messages when it fails."""
    command = [Path(sys.executable).parent / "formengine", *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise ToolError(f"formengine {' '.join(map(str, arguments))}: {run.stderr or run.stdout}")
    return run.stdout


def draw_form(browser: Browser, form: str, scratch: Path) -> list[Path]:
    """The pictures of one form: its chosen pages, its record and the family's copy, and a page of the blank form."""
    answers, site, pdf = scratch / "answers.json", scratch / "site", scratch / "answers.pdf"
    example = EXAMPLES / form / "answers.json"
    text = (
        example.read_text(encoding="utf-8") if example.is_file() else formengine("fill", form, "--seed", SEED)
    )
    answers.write_text(text, encoding="utf-8")
    formengine("render", form, answers, "--to", "html", "-o", site)
    formengine("pdf", form, answers, *WHO_AND_WHEN, "--reference", REFERENCE, "-o", pdf)
    family = scratch / "family.pdf"
    formengine("pdf", form, answers, *WHO_AND_WHEN, "--audience", "family", "-o", family)

    made = [draw_page(browser, site, page, WINDOW, f"{form}-{page}") for page in PAGES[form]]
    if WITH_ERRORS[0] == form:
        wrong = scratch / "wrong"
        formengine("render", form, "--to", "html", "--errors", "-o", wrong)
        made.append(draw_page(browser, wrong, WITH_ERRORS[1], WINDOW, f"{'-'.join(WITH_ERRORS)}-errors"))
    if ON_A_PHONE[0] == form:
        made.append(draw_page(browser, site, ON_A_PHONE[1], PHONE, f"{'-'.join(ON_A_PHONE)}-phone"))
    blank = scratch / "blank.pdf"
    formengine("pdf", form, "--blank", "-o", blank)
    if form in HEADS_OF_TABLES:
        made.append(draw_sheet(blank, page_with(blank, HEADS_OF_TABLES[form]), f"{form}-table"))
    return [
        *made,
        draw_sheet(pdf, 1, f"{form}-pdf"),
        draw_sheet(family, 1, f"{form}-family"),
        draw_sheet(blank, PAGE_OF_BLANK, f"{form}-blank"),
    ]


def draw_sheet(pdf: Path, page: int, name: str) -> Path:
    """A picture of one page of a PDF."""
    picture = PICTURES / f"{name}.png"
    pages = ["-f", str(page), "-l", str(page)]
    command = ["pdftoppm", "-png", "-singlefile", "-r", PDF_DOTS_PER_INCH, *pages, str(pdf)]
    subprocess.run([*command, str(picture.with_suffix(""))], check=True)
    return picture


def page_with(pdf: Path, words: str) -> int:
    """The number of the first page of a PDF that says `words`; raises `ToolError` where none does."""
    run = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True)
    for number, text in enumerate(run.stdout.split("\f"), 1):
        if words in " ".join(text.split()):
            return number
    raise ToolError(f"no page of {pdf.name} says {words!r}")


def draw_page(browser: Browser, site: Path, page_id: str, window: ViewportSize, name: str) -> Path:
    """A picture of the top of a page, as large as the window."""
    picture = PICTURES / f"{name}.png"
    file = page_file(site, page_id)
    with served(site) as address, opened(browser, viewport=window) as page:
        page.goto(f"{address}/{file.relative_to(site)}")
        page.screenshot(path=picture)
    return picture


def page_file(site: Path, page_id: str) -> Path:
    """The page's file, wherever in `site` it stands."""
    found = list(site.rglob(f"{page_id}.html"))
    if len(found) != 1:
        raise ToolError(f"{len(found)} files called {page_id}.html among the rendered pages")
    return found[0]


def main() -> None:
    """Draw everything anew."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with launched() as browser:
        for form in PAGES:
            with tempfile.TemporaryDirectory() as scratch:
                for picture in draw_form(browser, form, Path(scratch)):
                    sys.stdout.write(f"{picture.relative_to(PICTURES.parents[1])}\n")


if __name__ == "__main__":
    main()
