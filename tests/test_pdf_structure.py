"""The order in which copies are read: the tags with their text as poppler tells them, as approved.

A difference is a change in what a screen reader says. Look at it, then approve it by
``python -m tests.test_pdf_structure``.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.pdf_samples import REFERENCE, SAMPLES, Sample
from tests.shipped import EXAMPLES, EXPECTED
from tests.torture_samples import TORTURE, sent_torture_answers

ALLOTMENT = EXAMPLES / "allotment-waiting-list"
SUPPORT = SAMPLES["example-request-for-support"]
NOTIFICATION = SAMPLES["early-help-notification-1"]

COPIES = {
    "allotment-waiting-list": (
        Sample(ALLOTMENT / "form.yaml", json.loads((ALLOTMENT / "answers.json").read_text(encoding="utf-8"))),
        "",
    ),
    "request-for-support": (SUPPORT, REFERENCE),
    "request-for-support.family": (Sample(SUPPORT.form, SUPPORT.answers, "family"), REFERENCE),
    "early-help-notification.family": (Sample(NOTIFICATION.form, NOTIFICATION.answers, "family"), REFERENCE),
    "torture": (Sample(TORTURE, sent_torture_answers()), REFERENCE),
    "torture.family": (Sample(TORTURE, sent_torture_answers(), "family"), ""),
}


def structure(name: str, folder: Path) -> str:
    """What ``pdfinfo -struct-text`` says of a copy, without the numbers of objects, which mean nothing."""
    sample, reference = COPIES[name]
    (folder / "copy.pdf").write_bytes(sample.pdf(reference))
    command = ["pdfinfo", "-struct-text", str(folder / "copy.pdf")]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    return re.sub(r"Object \d+ \d+", "Object", run.stdout)


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_is_read_in_the_approved_order(name: str, tmp_path: Path) -> None:
    approved = EXPECTED / f"{name}.structure.txt"
    assert structure(name, tmp_path) == approved.read_text(encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        for each in COPIES:
            (EXPECTED / f"{each}.structure.txt").write_text(
                structure(each, Path(temporary)), encoding="utf-8"
            )
