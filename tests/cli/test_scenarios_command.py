"""`formengine test`: the scenarios beside a form, told in lines and in JSON."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.command_line import run
from tests.support.studio import definitions

GOOD = "title: In Dover\ngiven: {name: Ada, town: dover}\nthen: {complete: yes, asked: [day]}\n"
BAD = "given: {}\nthen:\n  complete: yes\n"


def test_the_scenarios_beside_a_form_are_run_and_what_they_reach_is_counted(tmp_path: Path) -> None:
    form = definitions(tmp_path) / "visit"
    assert run("test", str(form)).code == 1
    (form / "scenarios").mkdir()
    (form / "scenarios/dover.scenario.yaml").write_text(GOOD, encoding="utf-8")
    found = run("test", str(form))
    assert (found.code, found.out.splitlines()) == (
        0,
        [
            "ok  dover: In Dover",
            "1 scenario, 0 not as it says.",
            "pages 2 of 2, questions 3 of 3, options 1 of 2, conditions 0 of 0, messages 0 of 0",
        ],
    )
    (form / "empty.scenario.yaml").write_text(BAD, encoding="utf-8")
    broken = run("test", str(form), "--missing")
    assert broken.code == 1
    assert "not empty\n    line 3: What was answered is not complete: at `name`" in broken.out
    assert "  options: town is deal\n" in broken.out
    told = json.loads(run("test", str(form), "--format", "json").out)
    assert [each["passed"] for each in told["scenarios"]] == [False, True]
    assert told["coverage"]["options"] == {"reached": 1, "of": 2}
    assert run("check", str(form)).code == 0
