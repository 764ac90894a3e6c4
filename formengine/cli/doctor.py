"""The command that checks whether a service is set up well."""

from __future__ import annotations

from pathlib import Path

import click

from formengine.cli.operating import place_options, settings_here
from formengine.service.context import system_clock
from formengine.service.doctor import check_all


@click.command()
@place_options
def doctor(data: Path | None, keys_file: Path | None) -> None:
    r"""Check the configuration, the database, the keys, mail, the virus scanner, the disk and the forms.

    Nothing is made or changed. Each line says one thing: `ok`, `note` for what may be meant, `bad` for what must not
    stay. Exit code 0: nothing is bad, 1: something is.

    \b
    Example:
      formengine doctor
    """
    findings = check_all(settings_here(data, keys_file), system_clock())
    for finding in findings:
        mark = "ok" if finding.sound else "bad" if finding.grave else "note"
        click.echo(f"{mark:<5}{finding.subject:<9}{finding.line}")
    bad = sum(1 for each in findings if each.grave and not each.sound)
    if bad:
        click.echo(f"{bad} {'thing is' if bad == 1 else 'things are'} bad.", err=True)
        raise SystemExit(1)
