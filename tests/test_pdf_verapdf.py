"""veraPDF's verdict on copies of both forms and every example, and what no copy may hold."""

import io
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from tests.pdf_samples import SAMPLES, content_of
from tests.tools import verapdf

ACTIONS = {"/JavaScript", "/JS", "/Launch", "/AA", "/SubmitForm", "/GoToR", "/RichMedia"}

each_sample = pytest.mark.parametrize("name", SAMPLES)


def test_every_copy_is_pdf_ua_1_and_pdf_a_3a(tmp_path: Path) -> None:
    files = []
    for name in SAMPLES:
        files.append(tmp_path / f"{name}.pdf")
        files[-1].write_bytes(content_of(name))
    verdicts = verapdf.check(files)
    assert [(v.path.stem, v.flavour, v.broken) for v in verdicts if not v.passed] == []
    assert len(verdicts) == 2 * len(SAMPLES)


@each_sample
def test_a_copy_is_well_formed_and_starts_nothing(name: str) -> None:
    with pikepdf.open(io.BytesIO(content_of(name))) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert names_in(pdf) & ACTIONS == set()
        # A place in the document, at the reader's own magnification, is all that opening it leads to.
        _, *place = pdf.Root.OpenAction
        assert [str(part) for part in place] == ["/XYZ", "None", "None", "0.0"]


def names_in(pdf: pikepdf.Pdf) -> set[str]:
    """Every name in the file, as a key or a value: all that could start something has one."""
    found: set[str] = set()

    def collect(thing: Any) -> None:
        if isinstance(thing, pikepdf.Name):
            found.add(str(thing))
        elif isinstance(thing, pikepdf.Array):
            for part in thing:
                if not getattr(part, "is_indirect", False):
                    collect(part)
        elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            for key, value in thing.items():
                found.add(key)
                if not getattr(value, "is_indirect", False):
                    collect(value)

    for thing in pdf.objects:
        collect(thing)
    return found
