"""The one forward pass over a form's answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from formengine.form.plan import Form, Run
from formengine.form.plan.forward_pass import run_plan
from formengine.form.state.state import State
from formengine.language.expressions import Today
from formengine.language.fields.base import NOTHING
from formengine.language.json_types import Json

# A day remembers the days counted from it, and most evaluations are of one day.
_today = lru_cache(maxsize=8)(Today)


def evaluate(form: Form, answers: Json, *, on: date) -> State:
    """The state of `form` for these answers, as of the day `on` (in the form's own place: Europe/London).

    `answers` is a draft or the answers of a submission: nested JSON, groups as objects, repeats as lists of objects
    with a text ``id``. One forward pass: a condition sees only relevant, readable answers that stand before it
    (XForms 1.1, the *relevant* property; docs/language.md, Order; Missing answers). Raises nothing on bad answers,
    whatever they are: those are `State.errors`.
    """
    given = answers if isinstance(answers, Mapping) else NOTHING
    run = Run(given, {}, None, _today(on), [True] * form.plan.gates)
    return State(form, answers, on, run_plan(form.plan, run))
