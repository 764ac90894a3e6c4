"""Looking at forms in a browser."""

from __future__ import annotations

import tempfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click

from formengine.cli.inputs import engine_of, folder_option, open_form
from formengine.engine import today

LOOPBACK = "127.0.0.1"


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing of each."""

    # Modules must come as JavaScript whatever the system's table of types says, or a browser refuses them.
    extensions_map = {  # noqa: RUF012 - a class attribute of the standard library
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
    }

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        return


@click.command()
@click.argument("forms", metavar="[FORM]...", nargs=-1)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: any free one."
)
@folder_option
def serve(forms: tuple[str, ...], port: int, folders: tuple[Path, ...]) -> None:
    r"""Show forms as pages in a browser, on this machine alone; without FORM those that come with formengine.

    The pages are for looking at: nothing that is entered is kept or sent. Ctrl+C ends it.

    \b
    Example:
      formengine serve request-for-support --port 8080
    """
    engine = engine_of(folders)
    compiled = [open_form(engine, form) for form in forms or engine.form_ids()]
    with tempfile.TemporaryDirectory(prefix="formengine-") as folder:
        engine.forms_site(compiled, Path(folder), on=today())
        try:
            server = ThreadingHTTPServer((LOOPBACK, port), partial(_Quiet, directory=folder))
        except OSError as error:
            click.echo(f"Port {port} cannot be used: {error.strerror}. Name another with --port", err=True)
            raise SystemExit(1) from None
        try:
            address = f"http://{LOOPBACK}:{server.server_port}/"
            click.echo(f"{len(compiled)} forms are shown at {address} (Ctrl+C ends it)")
            for form in compiled:
                click.echo(f"  {form.title}: {address}{form.id}/index.html")
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("\nEnded.")
        finally:
            server.server_close()
