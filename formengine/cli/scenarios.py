"""The command that tests a form by its scenarios."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from formengine.cli.inputs import FORM, day_of, engine_of, folder_option, on_option, open_form, print_json
from formengine.engine import Engine
from formengine.form.analysis.coverage import Coverage, coverage
from formengine.form.analysis.scenarios import ENDING, ScenarioRun, run_scenario
from formengine.form.plan import Form
from formengine.language.diagnostics import Findings
from formengine.language.diagnostics.terminal import render_text
from formengine.language.reader import read_file


@click.command()
@FORM
@click.argument("files", metavar="[SCENARIO]…", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--missing", is_flag=True, help="Also name everything that no scenario reaches.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@on_option
@folder_option
def test(
    form: str,
    files: tuple[Path, ...],
    missing: bool,
    format_: str,
    on: date | None,
    folders: tuple[Path, ...],
) -> None:
    r"""Test a form by its scenarios: files that end in .scenario.yaml, beside the form or named here.

    A scenario gives answers and says what must follow. Then it is counted which pages, questions, options, conditions
    and messages the scenarios reach. Exit code 0: all is as they say, 1: something is not, or there is none.

    \b
    Example:
      formengine test request-for-support --missing
    """
    engine = engine_of(folders)
    compiled = open_form(engine, form)
    found = files or _beside(engine, form, compiled)
    runs = [_run(compiled, path, day_of(on)) for path in found]
    covered = coverage(compiled, [run.state for run in runs if run.state is not None])
    if format_ == "json":
        print_json(_as_json(runs, covered))
    else:
        _show(runs, covered, missing=missing)
    if not runs or any(run.failures or run.findings for run in runs):
        raise SystemExit(1)


def _beside(engine: Engine, form: str, compiled: Form) -> tuple[Path, ...]:
    """The scenarios in the form's own folder and the folders in it."""
    path = Path(form)
    known = engine.path_of(compiled.id)
    folder = (
        path
        if path.is_dir()
        else path.parent
        if path.is_file()
        else known.parent
        if known is not None
        else None
    )
    return tuple(sorted(folder.rglob(f"*{ENDING}"))) if folder is not None else ()


def _run(form: Form, path: Path, on: date) -> ScenarioRun:
    findings = Findings()
    source = read_file(path, findings, name=str(path))
    if source is None:
        return ScenarioRun(path.name, "", None, (), findings.in_file_order())
    return run_scenario(form, source, on=on)


def _show(runs: list[ScenarioRun], covered: Coverage, *, missing: bool) -> None:
    for run in runs:
        good = not run.failures and not run.findings
        click.echo(f"{'ok ' if good else 'not'} {run.name}{f': {run.title}' if run.title else ''}")
        for failure in run.failures:
            click.echo(f"    line {failure.line}: {failure.sentence}")
        if run.findings:
            click.echo(render_text(run.findings), nl=False)
    failed = sum(1 for run in runs if run.failures or run.findings)
    click.echo(f"{len(runs)} scenario{'' if len(runs) == 1 else 's'}, {failed} not as it says.")
    click.echo(
        ", ".join(f"{kind} {reached} of {total}" for kind, (reached, total) in covered.counts().items())
    )
    if missing:
        for kind, name in covered.missing:
            click.echo(f"  {kind}: {name}")


def _as_json(runs: list[ScenarioRun], covered: Coverage) -> dict[str, object]:
    return {
        "scenarios": [
            {
                "scenario": run.name,
                "title": run.title,
                "passed": not run.failures and not run.findings,
                "failures": [{"line": each.line, "sentence": each.sentence} for each in run.failures],
            }
            for run in runs
        ],
        "coverage": {
            kind: {"reached": reached, "of": total} for kind, (reached, total) in covered.counts().items()
        },
        "missing": [{"kind": kind, "name": name} for kind, name in covered.missing],
    }
