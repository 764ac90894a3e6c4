"""Runs every benchmark, each in a Python of its own so that none warms up for another: `make bench`.

With names (`python -m benchmarks pdf_layer`) only those. A benchmark is a module here that measures when run.
"""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import benchmarks


def main(names: list[str]) -> int:
    """The number of benchmarks that broke off."""
    found = sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__))
    chosen = names or [name for name in found if not name.startswith("_")]
    broken = 0
    for name in chosen:
        print(f"== {name}", flush=True)
        broken += subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode != 0
    return broken


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
