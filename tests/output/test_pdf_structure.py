"""The order in which copies are read: the tags with their text, as approved.

A difference is a change in what a screen reader says. Look at it, then approve it by
``python -m tests.output.test_pdf_structure``.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paper_reading import Node, read
from tests.support.pdf_samples import REFERENCE, SAMPLES, Sample
from tests.support.shipped import EXAMPLES, EXPECTED
from tests.support.torture_samples import TORTURE, sent_torture_answers

pytestmark = pytest.mark.slow

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


# Poppler goes through the pages anew for each element, which takes it many seconds for more than these.
BY_POPPLER = {"allotment-waiting-list", "request-for-support.family"}


def structure(name: str, folder: Path) -> str:
    """The tags of a copy with their text, a line each: as poppler tells them, or as our own reader does."""
    sample, reference = COPIES[name]
    content = sample.pdf(reference)
    if name not in BY_POPPLER:
        return "\n".join(lines(read(content), "")) + "\n"
    (folder / "copy.pdf").write_bytes(content)
    command = ["pdfinfo", "-struct-text", str(folder / "copy.pdf")]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    # The numbers of objects mean nothing.
    return re.sub(r"Object \d+ \d+", "Object", run.stdout)


def lines(node: Node, indent: str) -> Iterator[str]:
    """An element and all in it."""
    yield f"{indent}{node.tag}" + (f" of the {node.scope.lower()}" if node.scope else "")
    for part in node.parts:
        if isinstance(part, Node):
            yield from lines(part, indent + "  ")
        else:
            yield f"{indent}  {part!r}"


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
