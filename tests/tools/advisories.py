"""Ask for known weaknesses of the pinned packages: ``python -m tests.tools.advisories``, as `make advisories` does.

pip-audit asks a database of advisories, in an environment of its own. Whether it had any data shows by a package that
is known to be weak: where nothing is said of that one, nothing said of ours counts. Exit code 0: asked, and nothing is
known; 1: something is; 2: there was no data, so nothing was checked.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from tests.tools import BUILD

ROOT: Final = Path(__file__).resolve().parents[2]
ENVIRONMENT: Final = BUILD / "advisories"
# Weak beyond doubt: a database that says nothing of it has no data.
CANARY: Final = ("jinja2", "2.4.1")
TIMEOUT_S: Final = 300
_NO_DATA: Final = (
    f"No advisory data: nothing is known even of {CANARY[0]} {CANARY[1]}, which is weak beyond doubt. "
    "NOTHING WAS CHECKED; run this where a database of advisories can be reached."
)

# Returns what pip-audit printed of a file of pins, as JSON text; "" where it could not be asked.
Auditor = Callable[[Path], str]


def check(pins: Path, audit: Auditor) -> tuple[int, Sequence[str]]:
    """The exit code and the lines to print for the packages that the file pins."""
    with tempfile.TemporaryDirectory() as folder:
        canary = Path(folder) / "canary.txt"
        canary.write_text(f"{CANARY[0]}=={CANARY[1]}\n", encoding="utf-8")
        known = _found(audit(canary))
        if not known:
            return 2, [_NO_DATA]
        said = audit(pins)
    found = _found(said)
    if found is None:
        return 2, ["The advisories for our packages could not be read. NOTHING WAS CHECKED."]
    if found:
        return 1, found
    return 0, [f"No advisory is known for the {_count(said)} packages of {pins.name}."]


def _found(text: str) -> list[str] | None:
    """A line for each advisory; None where there is no answer."""
    try:
        packages = json.loads(text)["dependencies"]
        return [
            f"{each['name']} {each['version']}: {one['id']}, mended in {', '.join(one['fix_versions']) or 'none yet'}"
            for each in packages
            for one in each.get("vulns", ())
        ]
    except (ValueError, KeyError, TypeError):
        return None


def _count(text: str) -> int:
    return len(json.loads(text)["dependencies"])


def pip_audit(pins: Path) -> str:
    """The answer of pip-audit, installed in an environment of its own at the first call."""
    python = ENVIRONMENT / "bin" / "python"
    try:
        if not (ENVIRONMENT / "bin" / "pip-audit").exists():
            subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True, capture_output=True)
            install = [
                str(python),
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "pip-audit",
            ]
            subprocess.run(install, check=True, capture_output=True, timeout=TIMEOUT_S)
        done = subprocess.run(
            [
                str(python),
                "-m",
                "pip_audit",
                "--format",
                "json",
                "--no-deps",
                "--disable-pip",
                "-r",
                str(pins),
            ],
            check=False,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout if done.returncode in {0, 1} else ""


def main() -> None:
    """Check constraints.txt, and end with the exit code."""
    code, lines = check(ROOT / "constraints.txt", pip_audit)
    for line in lines:
        sys.stdout.write(f"{line}\n")
    raise SystemExit(code)


if __name__ == "__main__":
    main()
