"""A process that checks each hostile definition in a child of its own and prints what each cost, as JSON.

The child's processor time and peak memory come from the kernel when it ends, so a crash is seen, too.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys

from formengine.language.diagnostics import Diagnostic, render_text
from tests.language.diagnostics.checking import check
from tests.language.hostile.definitions import BIG, SMALL

HANGS_AFTER_S = 20


def outcome(name: str) -> dict[str, object]:
    """What checking the definition `name` came to."""
    raw = BIG[name]() if name in BIG else SMALL[name]
    before = resource.getrusage(resource.RUSAGE_SELF)
    findings: tuple[Diagnostic, ...] = check(raw, f"{name}.yaml")
    text = render_text(findings)
    after = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "codes": sorted({finding.code for finding in findings}),
        "has_errors": any(finding.severity == "error" for finding in findings),
        "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "text_characters": len(text),
    }


def in_a_child(name: str) -> dict[str, object]:
    """The outcome of `name`, with the status the child ended with (0 is well) and its peak memory."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (HANGS_AFTER_S, HANGS_AFTER_S))
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        with os.fdopen(writing, "w") as pipe:
            pipe.write(json.dumps(outcome(name)))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    _, status, usage = os.wait4(child, 0)
    return {"name": name, "status": status, "peak_bytes": usage.ru_maxrss * 1024, **json.loads(told or "{}")}


if __name__ == "__main__":
    for wanted in sys.argv[1:] or [*SMALL, *BIG]:
        print(json.dumps(in_a_child(wanted)), flush=True)  # noqa: T201 - the answer to the waiting test
