"""What the service is measured against: the same pages from a bare server, and from programs written for one page each.

The ideal keeps no secret, knows no form and has no pages but these: a cookie is looked up, a draft is read, a template
made for this one page is filled in. A post is parsed, judged by jsonschema-rs and kept at the same synchronous setting.
`python -m benchmarks._sides SIDE FOLDER PORT` serves one side.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any

import jsonschema_rs
import uvicorn
from jinja2 import Environment
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from benchmarks._load import stand_on
from formengine.engine import Engine
from formengine.form.schema.validators import plain
from formengine.service.crypto.keyring import Keyring
from formengine.service.logging import say_only_problems
from formengine.service.settings import Settings
from formengine.store.sqlite import SqliteStore
from formengine.store.sqlite.connection import connect
from formengine.web.app import create_app

# Where a browser is redirected.
_ON = "/next"
_VALUE = re.compile(r'(<dd class="govuk-summary-list__value">)([^<]*)(</dd>)')
_BOX = re.compile(r'(<input class="govuk-input[^>]*? value=")([^"]*)(")')
_AREA = re.compile(r"(<textarea[^>]*>\n?)([^<]*)(</textarea>)")


def service(folder: Path) -> ASGIApp:
    """The service itself, as it is run."""
    say_only_problems()
    settings = Settings(data=folder / "data")
    store, keys = SqliteStore(settings.database), Keyring.of_file(settings.keys_path)
    return create_app(Engine(), store, keys, settings=settings, background=False)


def bare(folder: Path) -> ASGIApp:
    """Starlette alone: the same bytes from memory; a post is read and answered."""
    pages = {path.stem: path.read_bytes() for path in folder.glob("*.html")}

    async def get(request: Request) -> Response:
        return Response(pages[request.path_params["name"]], media_type="text/html")

    async def post(request: Request) -> Response:
        await request.body()
        return RedirectResponse(_ON, 303)

    return Starlette(routes=[Route("/{name}", get), Route("/{name}", post, methods=["POST"])])


def ideal(folder: Path) -> ASGIApp:
    """Programs written for these four requests and for nothing else."""
    connection = connect(folder / "ideal.sqlite3")
    # Every answer is looked up by name; where the page is the same for everybody, it is text.
    environment = Environment(autoescape=True)
    sources = {path.stem: as_template(path.read_text(encoding="utf-8")) for path in folder.glob("*.html")}
    templates = {name: environment.from_string(source) for name, (source, _) in sources.items()}
    schemas = json.loads((folder / "schemas.json").read_text(encoding="utf-8"))
    valid = {name: jsonschema_rs.validator_for(schema).is_valid for name, schema in schemas.items()}

    def own(request: Request) -> dict[str, Any]:
        token = request.cookies["sid"]
        row = connection.execute(
            "SELECT drafts.answers FROM drafts JOIN sessions USING (account) WHERE token = ? AND drafts.id = ?",
            (token, int(request.query_params["draft"])),
        ).fetchone()
        assert row is not None
        answers: dict[str, Any] = json.loads(str(row[0]))
        return answers

    async def get(request: Request) -> Response:
        name = request.path_params["name"]
        return HTMLResponse(templates[name].render(v=own(request)[name]))

    async def post(request: Request) -> Response:
        name = request.path_params["name"]
        async with request.form(max_fields=200) as form:
            typed = {key: value for key, value in form.items() if isinstance(value, str) and value}
        answers = own(request)
        if name == "add":
            answers.setdefault("items", []).append(typed)
        else:
            answers["typed"] = typed
        assert valid[name](typed)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "UPDATE drafts SET answers = ?, rev = rev + 1 WHERE id = ?",
            (json.dumps(answers, ensure_ascii=False), int(request.query_params["draft"])),
        )
        connection.execute("COMMIT")
        return RedirectResponse(_ON, 303)

    return Starlette(routes=[Route("/{name}", get), Route("/{name}", post, methods=["POST"])])


def as_template(page: str) -> tuple[str, list[str]]:
    """The page as a Jinja2 template with a hole for each answer, and the answers in order: ``{{ v[0] }}``."""
    values: list[str] = []

    def hole(found: re.Match[str]) -> str:
        values.append(unescape(found[2]))
        return f"{found[1]}{{{{ v[{len(values) - 1}] }}}}{found[3]}"

    assert "{{" not in page
    assert "{%" not in page
    for pattern in (_VALUE, _BOX, _AREA):
        page = pattern.sub(hole, page)
    return page, values


def prepare_ideal(folder: Path, token: str, drafts: int, pages: Mapping[str, str], schemas: Any) -> None:
    """Make the ideal's database, with the same answers, in clear, and a session."""
    for name, page in pages.items():
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
        source, values = as_template(page)
        drawn = Environment(autoescape=True).from_string(source).render(v=values)
        assert unescape(drawn) == unescape(page), name
    (folder / "schemas.json").write_text(json.dumps(plain(schemas)), encoding="utf-8")
    connection = connect(folder / "ideal.sqlite3")
    connection.execute("CREATE TABLE sessions (token TEXT PRIMARY KEY, account TEXT)")
    connection.execute(
        "CREATE TABLE drafts (id INTEGER PRIMARY KEY, account TEXT, rev INTEGER, answers TEXT)"
    )
    connection.execute("INSERT INTO sessions VALUES (?, 'a')", (token,))
    answers = json.dumps({name: as_template(page)[1] for name, page in pages.items()}, ensure_ascii=False)
    for draft in range(drafts):
        connection.execute("INSERT INTO drafts VALUES (?, 'a', 1, ?)", (draft, answers))
    connection.close()


SIDES = {"service": service, "bare": bare, "ideal": ideal}


def main(side: str, folder: str, port: str) -> None:
    stand_on(0)
    uvicorn.run(
        SIDES[side](Path(folder)),
        host="127.0.0.1",
        port=int(port),
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
