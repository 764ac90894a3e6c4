"""The bill of materials: every pinned package, no download address, and as fresh as the pins."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import version
from typing import Any

from tests.packaging.checkout import ROOT
from tests.tools import sbom

TEXT = (ROOT / sbom.FILE).read_text(encoding="utf-8")
BILL: dict[str, Any] = json.loads(TEXT)


def test_the_bill_lists_every_pinned_package_of_the_extras() -> None:
    listed = {
        each["name"]: each["version"] for each in BILL["components"] if each["purl"].startswith("pkg:pypi/")
    }
    assert listed == dict(sbom.pinned())
    assert len(listed) > 50
    (front_end,) = (each for each in BILL["components"] if each["purl"].startswith("pkg:npm/"))
    assert (front_end["name"], front_end["hashes"][0]["alg"]) == ("govuk-frontend", "SHA-512")


def test_the_bill_is_as_fresh_as_the_pins() -> None:
    wanted = sbom.bill()
    assert {each["bom-ref"]: each for each in BILL["components"]} == {
        each["bom-ref"]: each for each in wanted["components"]
    }
    assert sbom.text_of_bill() == TEXT, "run `make sbom`"


def test_the_bill_names_itself_as_cyclonedx_1_6_and_each_reference_once() -> None:
    assert (BILL["bomFormat"], BILL["specVersion"]) == ("CycloneDX", "1.6")
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", BILL["serialNumber"])
    assert BILL["metadata"]["component"]["version"] == version("formengine")
    refs = [each["bom-ref"] for each in BILL["components"]]
    known = {*refs, BILL["metadata"]["component"]["bom-ref"]}
    assert len(set(refs)) == len(refs)
    assert [each["ref"] for each in BILL["dependencies"]][1:] == refs
    assert {each for row in BILL["dependencies"] for each in (row["ref"], *row["dependsOn"])} == known


def test_the_bill_has_no_download_address_and_no_moment() -> None:
    assert "://" not in TEXT
    assert "timestamp" not in TEXT


def test_most_packages_say_their_licence() -> None:
    without = [each["name"] for each in BILL["components"] if not each.get("licenses")]
    assert without == []


def test_writing_it_again_changes_nothing() -> None:
    again = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from tests.tools import sbom; sys.stdout.write(sbom.text_of_bill())",
        ],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    assert again.stdout.decode() == TEXT
