"""formengine behind a FastAPI interface. Run it in this folder with ``uvicorn embed_fastapi:app``.

It needs ``fastapi`` and ``uvicorn``. Other programs ask for a form's schema, have answers judged and get a submission;
a page to fill in can be looked at.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import Body, FastAPI, HTTPException
from fastapi.responses import HTMLResponse, Response

from formengine import HOME, Engine, Form, State, words

ENGINE = Engine(folders=(Path(__file__).parent,))
# Compiled when the program starts: a form with a mistake stops it here, not in front of a person.
FORMS: dict[str, Form] = {
    form_id: ENGINE.form(form_id)
    for form_id in ("fifteen-lines", "allotment-waiting-list", "request-for-support")
}

app = FastAPI(title="Forms")
Answers = Annotated[dict[str, Any], Body()]


def form_of(form_id: str) -> Form:
    """The form with this id, or the answer 404."""
    if form_id not in FORMS:
        raise HTTPException(404, f"There is no form {form_id}")
    return FORMS[form_id]


def said(state: State) -> dict[str, str]:
    """What is wrong, by answer path, in the words people read."""
    return {path: words(error, state.form.definition.language) for path, error in state.errors.items()}


@app.get("/forms/{form_id}/schema")
def schema(form_id: str, on: date | None = None) -> dict[str, Any]:
    """The JSON Schema of valid answers, exact for the day `on`."""
    return ENGINE.schema(form_of(form_id), on)


@app.post("/forms/{form_id}/check")
def check(form_id: str, answers: Answers, on: date | None = None) -> dict[str, Any]:
    """Everything that is wrong with a draft, and which pages count."""
    state = ENGINE.evaluate(form_of(form_id), answers, on=on)
    return {"complete": state.complete, "errors": said(state), "pages": [page.id for page in state.pages]}


@app.post("/forms/{form_id}/submissions", status_code=201)
def submit(form_id: str, answers: Answers, response: Response) -> dict[str, Any]:
    """The submission of a draft that can be sent; else 422 and what is wrong."""
    state = ENGINE.evaluate(form_of(form_id), answers)
    if not state.complete:
        response.status_code = 422
        return {"errors": said(state)}
    return state.submission(at=datetime.now(tz=HOME).isoformat(timespec="seconds"))


@app.get("/forms/{form_id}/pages/{page_id}", response_class=HTMLResponse)
def page(form_id: str, page_id: str) -> str:
    """An empty page of the form, as it is asked."""
    state = ENGINE.evaluate(form_of(form_id), {})
    if state.page(page_id) is None:
        raise HTTPException(404, f"The form has no page {page_id}")
    return ENGINE.html(state.form).page(state, page_id)
