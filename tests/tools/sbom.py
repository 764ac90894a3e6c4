"""Write docs/sbom.cdx.json, the bill of every package that formengine is installed with: ``make sbom``.

CycloneDX 1.6 in JSON, made from constraints.txt, pyproject.toml and what the installed packages say of themselves. It
has no download address: where a package comes from is decided where it is installed, and its hash is in
constraints.txt. The wheel carries it in ``.dist-info/sboms`` (PEP 770). The same pins give the same bytes.
"""

from __future__ import annotations

import base64
import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).resolve().parents[2]
FILE: Final = "docs/sbom.cdx.json"
# What an installation needs and a running service does not.
BUILD_ONLY: Final = frozenset({"hatchling", "editables", "pluggy", "pathspec", "trove-classifiers"})
_PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_OID, "formengine sbom")


def pinned(root: Path = ROOT) -> Mapping[str, str]:
    """The version of each package that constraints.txt pins, by name."""
    return dict(_PIN.findall((root / "constraints.txt").read_text(encoding="utf-8")))


def bill(root: Path = ROOT) -> dict[str, Any]:
    """The bill of materials as a JSON object."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    packages = pinned(root)
    own = f"{project['name']}=={project['version']}"
    front_end = _front_end(root)
    components = [*(_component(name, version) for name, version in sorted(packages.items())), front_end]
    dependencies = [
        {"ref": own, "dependsOn": sorted({*_direct(project, packages), front_end["bom-ref"]})},
        *(
            {"ref": _ref(name, packages), "dependsOn": sorted(_needs(name, packages))}
            for name in sorted(packages)
        ),
        {"ref": front_end["bom-ref"], "dependsOn": []},
    ]
    found: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": project["name"],
                "version": project["version"],
                "description": project["description"],
                "licenses": [{"license": {"id": project["license"]}}],
                "purl": f"pkg:pypi/{project['name']}@{project['version']}",
            }
        },
        "components": components,
        "dependencies": dependencies,
    }
    serial = uuid.uuid5(_NAMESPACE, json.dumps(found, sort_keys=True))
    return {**found, "serialNumber": f"urn:uuid:{serial}"}


def text_of_bill(root: Path = ROOT) -> str:
    """The text of the file."""
    return json.dumps(bill(root), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _component(name: str, version: str) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": f"{name}=={version}",
        "name": name,
        "version": version,
        "scope": "excluded" if name in BUILD_ONLY else "required",
        "purl": f"pkg:pypi/{name}@{version}",
    }
    licence = _licence(name)
    return {**component, "licenses": [licence]} if licence else component


def _front_end(root: Path) -> dict[str, Any]:
    """The style sheet and script that come with the pages."""
    text = (root / "hatch_build.py").read_text(encoding="utf-8")
    said = {
        name: re.search(rf'^{name} = "(.+)"$', text, re.MULTILINE)
        for name in ("PACKAGE", "VERSION", "INTEGRITY")
    }
    name, version, integrity = (found[1] if found else "" for found in said.values())
    digest = base64.b64decode(integrity.removeprefix("sha512-")).hex()
    return {
        "type": "library",
        "bom-ref": f"{name}@{version}",
        "name": name,
        "version": version,
        "scope": "required",
        "purl": f"pkg:npm/{name}@{version}",
        "licenses": [{"license": {"id": "MIT"}}],
        "hashes": [{"alg": "SHA-512", "content": digest}],
    }


def _direct(project: Mapping[str, Any], packages: Mapping[str, str]) -> Iterator[str]:
    extras = [
        each for name, group in project["optional-dependencies"].items() if name != "dev" for each in group
    ]
    for text in (*project["dependencies"], *extras):
        name = canonicalize_name(Requirement(text).name)
        if name in packages:
            yield _ref(name, packages)


def _needs(name: str, packages: Mapping[str, str]) -> set[str]:
    """What an installed package says it needs of the pinned ones; nothing where it is not installed."""
    found = _installed(name)
    asked = [Requirement(text) for text in (found.requires or [])] if found is not None else []
    return {
        _ref(needed, packages)
        for each in asked
        if each.marker is None or each.marker.evaluate({"extra": ""})
        if (needed := canonicalize_name(each.name)) in packages and needed != name
    }


def _licence(name: str) -> dict[str, Any] | None:
    """The licence that an installed package names, as CycloneDX has it."""
    found = _installed(name)
    if found is None:
        return None
    if "License-Expression" in found.metadata:
        return {"expression": found.metadata["License-Expression"]}
    classifiers = [
        each for each in found.metadata.get_all("Classifier") or [] if each.startswith("License ::")
    ]
    own = found.metadata.get_all("License") or [""]
    named = classifiers[-1].rpartition(" :: ")[2] if classifiers else own[0]
    first = named.strip().partition("\n")[0]
    return {"license": {"name": first}} if first else None


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _ref(name: str, packages: Mapping[str, str]) -> str:
    return f"{name}=={packages[name]}"


if __name__ == "__main__":
    (ROOT / FILE).write_text(text_of_bill(), encoding="utf-8")
    sys.stdout.write(f"{FILE}\n")
