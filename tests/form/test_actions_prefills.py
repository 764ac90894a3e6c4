"""First values from the account, the day and earlier answers (docs/language.md, First values)."""

from __future__ import annotations

from datetime import date

import pytest

from formengine.form.actions import post_page, prefilled, prefilled_item
from formengine.form.plan import Form
from formengine.form.state import evaluate
from formengine.language.json_types import Json, expect_list
from tests.support.loading import compiled

ON = date(2026, 11, 22)
ACCOUNT = {"full_name": "Sam Example", "email": "sam@example.org"}


@pytest.fixture(scope="module")
def form() -> Form:
    return compiled(
        """
        form: prefills
        title: Prefills
        version: 1
        pages:
          - id: you
            title: About you
            fields:
              - id: name
                type: text
                label: Name
                required: true
                read_only: true
                prefill: account.full_name
              - id: email
                type: email
                label: Email
                prefill: account.email
              - id: told_on
                type: date
                label: Day
                prefill: today
              - id: phone
                type: phone
                label: Telephone
                prefill: account.phone
          - id: referrer
            title: Referrer
            fields:
              - id: referrer_name
                type: text
                label: Name
                prefill: name
              - id: visits
                type: repeat
                label: Visits
                item_name: visit
                item_title: ((visitor))
                fields:
                  - id: visitor
                    type: text
                    label: Visitor
                    prefill: name
                  - id: reported_by
                    type: text
                    label: Reported by
                    prefill: visitor
        """
    )


def test_a_first_look_at_a_page_brings_what_is_known(form: Form) -> None:
    shown = prefilled(form, {}, "you", account=ACCOUNT, on=ON, first=True)
    assert shown == {"name": "Sam Example", "email": "sam@example.org", "told_on": "2026-11-22"}


def test_what_somebody_deleted_does_not_come_back(form: Form) -> None:
    draft = {"name": "Sam Example"}
    assert prefilled(form, draft, "you", account=ACCOUNT, on=ON, first=False) == draft


def test_what_is_read_only_is_taken_afresh_and_no_post_changes_it(form: Form) -> None:
    draft = prefilled(form, {"name": "Old"}, "you", account=ACCOUNT, on=ON, first=False)
    outcome = post_page(form, draft, "you", {"name": ["Somebody else"], "email": [""]}, on=ON)
    assert outcome.draft == {"name": "Sam Example"}
    assert outcome.may_go_on


def test_what_is_read_only_goes_when_the_account_lacks_it(form: Form) -> None:
    assert prefilled(form, {"name": "Old"}, "you", account={}, on=ON, first=False) == {}


def test_an_own_answer_is_never_replaced(form: Form) -> None:
    draft = {"email": "other@example.org"}
    shown = prefilled(form, draft, "you", account=ACCOUNT, on=ON, first=True)
    assert shown["email"] == "other@example.org"


def test_a_fact_the_type_cannot_read_is_left_out(form: Form) -> None:
    shown = prefilled(form, {}, "you", account={"email": "no address"}, on=ON, first=True)
    assert "email" not in shown


def test_an_earlier_answer_is_offered_as_first_value(form: Form) -> None:
    shown = prefilled(form, {"name": "Sam Example"}, "referrer", account={}, on=ON, first=True)
    assert shown["referrer_name"] == "Sam Example"


def test_an_item_takes_from_the_form_and_from_itself(form: Form) -> None:
    draft: dict[str, Json] = {
        "name": "Sam Example",
        "visits": [{"id": "v1"}, {"id": "v2", "visitor": "Ash Example"}],
    }
    first = prefilled_item(form, draft, "visits", "v1", account={}, on=ON, first=True)
    assert expect_list(first["visits"])[0] == {"id": "v1", "visitor": "Sam Example"}
    second = prefilled_item(form, draft, "visits", "v2", account={}, on=ON, first=True)
    assert expect_list(second["visits"])[1] == {
        "id": "v2",
        "visitor": "Ash Example",
        "reported_by": "Ash Example",
    }


def test_a_prefilled_value_is_no_answer_until_it_is_saved(form: Form) -> None:
    prefilled(form, {}, "you", account=ACCOUNT, on=ON, first=True)
    assert evaluate(form, {}, on=ON).answers == {}


def test_a_page_that_is_not_there_has_no_first_values(form: Form) -> None:
    with pytest.raises(KeyError):
        prefilled(form, {}, "nowhere", account={}, on=ON, first=True)
    with pytest.raises(KeyError):
        prefilled_item(form, {}, "visits", "v1", account={}, on=ON, first=True)
