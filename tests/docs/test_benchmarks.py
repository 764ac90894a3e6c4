"""Every benchmark works: run with the least it can measure, each gives its figures. Nothing is claimed of times."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks import (
    answers_pdf,
    conditions,
    kills,
    load_form,
    pdf_blank,
    people,
    service,
    stalls,
    start,
    studio,
    validate_answers,
)
from benchmarks._rounds import Figure, median_times_s
from tests.support.service_app import make_service

pytestmark = pytest.mark.slow

RUNS: dict[str, tuple[Callable[[], Iterator[Figure]], int]] = {
    "answers_pdf": (lambda: answers_pdf.figures(1), 2),
    "conditions": (lambda: conditions.figures(1, times=1), 2),
    "load_form": (lambda: load_form.figures(1, pages=(2, 4)), 5),
    "pdf_blank": (lambda: pdf_blank.figures(1), 2),
    "start": (lambda: start.figures(1), 5),
    "studio": (lambda: studio.figures(1, sampled=2), 5),
    "validate_answers": (lambda: validate_answers.figures(1, families=1), 4),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_benchmark_gives_its_figures(name: str) -> None:
    run, number = RUNS[name]
    figures = list(run())
    assert len(figures) == number
    assert all(figure.ours_s > 0 and figure.theirs_s > 0 for figure in figures)


def test_the_service_and_its_sides_answer_under_load_and_lose_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service.measure(tmp_path, service.prepare(tmp_path, drafts=200), rounds=1, seconds=0.3)
    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith((" ", "{"))]
    assert [line.split("  ")[0] for line in lines] == [*service.WHAT.values(), "memory after the load, MB"]


def test_many_people_are_answered_without_an_error_and_lose_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert people.measure(tmp_path, service.prepare(tmp_path, drafts=150), seconds=6)
    assert "0 errors, 0 lost" in capsys.readouterr().out


def test_the_work_beside_requests_runs_and_is_measured_with_each_of_its_tasks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = stalls.measure(tmp_path, 200, base_s=0.1)
    assert [stall.task for stall in found] == ["no task", *stalls.TASKS]
    assert all(stall.asked >= 20 and stall.longest_s >= stall.median_s > 0 for stall in found)
    printed = capsys.readouterr().out
    assert "stall beside drafts" in printed
    assert "(at most 50 ms)" in printed


def test_the_benchmark_names_every_task_that_goes_through_rows(tmp_path: Path) -> None:
    made = make_service(tmp_path)
    tasks = {task.name for task in made.context.background._tasks}
    made.store.close()
    assert tasks - {"mail", "scan", "delivery"} == set(stalls.TASKS)


def test_a_server_killed_under_load_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    found = kills.measure(tmp_path, seconds=0.5)
    assert found.kills >= 1
    assert found.saves >= 1
    assert found.faults == []


@pytest.mark.parametrize(
    ("saved", "kept", "reference", "fault"),
    [
        (2, "2", "NOT-1", ""),
        (2, "3", "NOT-1", ""),
        (3, "2", "NOT-1", "draft d has turn 2; 3 was answered"),
        (2, "9", "NOT-1", "draft d has turn 9; 2 was answered"),
        (2, "2", "", "draft d was told as {'NOT-1'}, and is not sent"),
        (2, "2", "NOT-2", "draft d was told as {'NOT-1'}, and is NOT-2"),
    ],
)
def test_what_is_not_as_it_was_told_after_a_kill_is_found(
    saved: int, kept: str, reference: str, fault: str
) -> None:
    told = kills.Told(saved={"d": saved}, tried={"d": 3}, references={"d": {"NOT-1"}})
    assert list(kills._faults(told, "d", reference, {"turn": kept})) == ([fault] if fault else [])


def test_a_figure_says_its_ratio_and_its_aim() -> None:
    assert str(Figure("that", 0.002, 0.001, at_most=2.5)).endswith("2.00 ×   (at most 2.5)")
    assert str(Figure("that", 0.0001, 0.002, at_least=20)).endswith("20.00 ×   (at least 20)")


def test_sides_are_called_in_turn_and_the_first_round_is_not_counted() -> None:
    called: list[str] = []
    median_times_s([lambda: called.append("ours"), lambda: called.append("theirs")], 2)
    assert called == ["ours", "theirs"] * 3
