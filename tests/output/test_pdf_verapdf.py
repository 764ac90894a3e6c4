"""The verdicts of veraPDF and qpdf on every kind of copy, and what no copy may hold."""

import io
import subprocess
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from tests.support.pdf_samples import SAMPLES, content_of, copies
from tests.tools import verapdf

pytestmark = pytest.mark.slow

ACTIONS = {"/JavaScript", "/JS", "/Launch", "/AA", "/SubmitForm", "/GoToR", "/RichMedia"}

each_sample = pytest.mark.parametrize("name", SAMPLES)


@pytest.mark.java
def test_every_copy_is_pdf_ua_1_and_pdf_a_3a_and_sound_to_qpdf(tmp_path: Path) -> None:
    files = []
    for name, make in copies():
        files.append(tmp_path / f"{name}.pdf")
        files[-1].write_bytes(make())
    verdicts = verapdf.check(files)
    assert [(v.path.stem, v.flavour, v.broken) for v in verdicts if not v.passed] == []
    assert len(verdicts) == 2 * len(files)
    for file in files:
        run = subprocess.run(["qpdf", "--check", file], capture_output=True, text=True, check=False)
        assert (file.stem, run.returncode, run.stderr) == (file.stem, 0, "")


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
