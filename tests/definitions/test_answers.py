"""Both forms with answers: what is asked, what is refused and in which words, what is only advised."""

from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from formengine import Form, State, compile_form, evaluate, load
from formengine.language.json_types import expect_object
from formengine.language.words import words
from tests.support.shipped import DEFINITIONS

ON = date(2026, 11, 22)

REQUEST: dict[str, Any] = {
    "urgency": "standard",
    "child": {
        "on_behalf_of": "someone_else_professional",
        "relationship": "Class teacher",
        "first_name": "Robin",
        "last_name": "Sample",
        "date_of_birth": "2017-06-14",
        "gender": "male",
        "ethnicity": "A1",
        "address": {"postcode": "TN24 8XX"},
    },
    "aware": "yes",
    "agreement": "yes",
    "primary_reason": "neglect",
}

NOTIFICATION: dict[str, Any] = {
    "notifier": {
        "name": "Ali Ash",
        "role": "Deputy head",
        "agency_type": "2A",
        "organisation": "Sample School",
        "telephone": "020 7946 0123",
        "email": "ali.ash@example.com",
        "notified_on": "2026-11-20",
    },
    "district": "swale",
    "family_name": "Sample",
    "main_address": {"postcode": "ME10 4AA"},
    "children": [
        {
            "id": "c1",
            "first_name": "Kim",
            "last_name": "Sample",
            "date_of_birth": "2012-06-14",
            "gender": "female",
            "subject": "yes",
        }
    ],
    "needs": ["education"],
    "worries": "Kim has not been at school since September.",
    "tried": "Weekly talks with the family.",
    "family_wants": "Somebody to talk to.",
    "explained": "yes",
    "consent": "yes",
    "share_with_agencies": "yes",
    "consented_by": "Alex Sample",
    "consented_on": "2026-11-19",
    "privacy_given": "yes",
    "accurate": "yes",
}


@pytest.fixture(scope="module")
def request_form() -> Form:
    return compile_form(load(DEFINITIONS / "request-for-support"))


@pytest.fixture(scope="module")
def notification_form() -> Form:
    return compile_form(load(DEFINITIONS / "early-help-notification"))


def _with(answers: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The answers with changes at dotted paths (``child__unborn``); None takes an answer away."""
    changed = deepcopy(answers)
    for path, value in changes.items():
        *groups, last = path.split("__")
        place: Any = changed
        for group in groups:
            place = place[int(group)] if group.isdigit() else place[group]
        if value is None:
            place.pop(last, None)
        else:
            place[last] = value
    return changed


def _errors(state: State) -> dict[str, str]:
    return {path: words(error) for path, error in state.errors.items()}


def _warnings(state: State) -> list[str]:
    return list(state.warnings)


def test_the_least_that_can_be_sent_is_complete(request_form: Form, notification_form: Form) -> None:
    assert _errors(evaluate(request_form, REQUEST, on=ON)) == {}
    assert _errors(evaluate(notification_form, NOTIFICATION, on=ON)) == {}


def test_an_empty_request_asks_in_reading_order_for_its_type_and_the_eleven_starred_answers(
    request_form: Form,
) -> None:
    said = _errors(evaluate(request_form, {}, on=ON))
    expected = {
        "urgency": "Select what type of referral this is",
        "child.on_behalf_of": "Select who you are completing this form on behalf of",
        "child.relationship": "Enter your relationship to the child or young person",
        "child.first_name": "Enter the first name of the child or young person",
        "child.last_name": 'Enter the last name of the child or young person, or "Not known"',
        "child.date_of_birth": "Enter the date of birth of the child or young person",
        "child.gender": "Select the gender of the child or young person",
        "child.ethnicity": "Select the ethnicity of the child or young person",
        "child.address.postcode": "Enter the postcode of the child or young person",
        "aware": "Select whether the parents or carers are aware of contact",
        "agreement": "Select whether agreement to engage has been obtained",
        "primary_reason": "Select the primary reason for support",
    }
    assert list(said.items()) == list(expected.items())


@pytest.mark.parametrize(("urgency", "urgent"), [("urgent", True), (None, True), ("standard", False)])
def test_a_request_is_urgent_unless_it_is_known_to_be_standard(
    urgency: str | None, *, urgent: bool, request_form: Form
) -> None:
    assert evaluate(request_form, _with(REQUEST, urgency=urgency), on=ON).urgent is urgent


def test_an_unborn_child_has_a_due_date_and_never_a_date_of_birth(request_form: Form) -> None:
    unborn = _with(REQUEST, child__unborn="yes")
    assert _errors(evaluate(request_form, unborn, on=ON)) == {
        "child.due_date": "Enter the expected date of delivery"
    }
    state = evaluate(request_form, _with(unborn, child__due_date="2027-02-14"), on=ON)
    assert _errors(state) == {}
    child = expect_object(state.answers["child"])
    assert child["due_date"] == "2027-02-14"
    assert "date_of_birth" not in child


@pytest.mark.parametrize("due_date", ["2026-10-24", "2027-09-13"])
def test_a_due_date_is_at_most_4_weeks_ago_and_at_most_42_weeks_from_now(
    due_date: str, request_form: Form
) -> None:
    unborn = _with(REQUEST, child__unborn="yes", child__due_date=due_date)
    assert _errors(evaluate(request_form, unborn, on=ON)) == {
        "child.due_date": "Expected date of delivery must be between 4 weeks ago and 42 weeks from now"
    }


@pytest.mark.parametrize("due_date", ["2026-10-25", "2027-09-12"])
def test_the_first_and_last_due_dates_are_accepted(due_date: str, request_form: Form) -> None:
    unborn = _with(REQUEST, child__unborn="yes", child__due_date=due_date)
    assert _errors(evaluate(request_form, unborn, on=ON)) == {}


def test_a_date_of_birth_in_the_future_is_refused(request_form: Form) -> None:
    assert _errors(evaluate(request_form, _with(REQUEST, child__date_of_birth="2026-11-23"), on=ON)) == {
        "child.date_of_birth": "Date of birth must be today or in the past"
    }
    assert _errors(evaluate(request_form, _with(REQUEST, child__date_of_birth="2026-11-22"), on=ON)) == {}


@pytest.mark.parametrize(("born", "warned"), [("2008-11-22", True), ("2008-11-23", False)])
def test_someone_of_18_is_pointed_out_and_not_refused(born: str, *, warned: bool, request_form: Form) -> None:
    state = evaluate(request_form, _with(REQUEST, child__date_of_birth=born), on=ON)
    assert state.complete
    assert _warnings(state) == (["child.date_of_birth"] if warned else [])


@pytest.mark.parametrize("postcode", ["ME1 1AA", "ME2 4AA", "ME4 4AA", "ME5 7AA", "ME7 1AA", "ME8 6AA"])
def test_a_postcode_of_medway_is_pointed_out_and_not_refused(
    postcode: str, request_form: Form, notification_form: Form
) -> None:
    request = evaluate(request_form, _with(REQUEST, child__address__postcode=postcode), on=ON)
    assert (request.complete, _warnings(request)) == (True, ["child.address.postcode"])
    notification = evaluate(notification_form, _with(NOTIFICATION, main_address__postcode=postcode), on=ON)
    assert (notification.complete, _warnings(notification)) == (True, ["main_address.postcode"])


@pytest.mark.parametrize("postcode", ["ME10 4AA", "ME15 6AA", "ME20 7AA", "CT1 2AA"])
def test_a_postcode_of_kent_passes_in_silence(postcode: str, request_form: Form) -> None:
    assert _warnings(evaluate(request_form, _with(REQUEST, child__address__postcode=postcode), on=ON)) == []


@pytest.mark.parametrize("agreement", ["refused", "not_sought"])
def test_either_no_to_agreement_demands_a_reason(agreement: str, request_form: Form) -> None:
    state = evaluate(request_form, _with(REQUEST, agreement=agreement, agreement_by="Alex Sample"), on=ON)
    assert _errors(state) == {"no_agreement_reason": "Enter why agreement has not been obtained"}
    assert "agreement_by" not in state.answers


def test_agreement_cannot_be_given_tomorrow(request_form: Form) -> None:
    assert _errors(evaluate(request_form, _with(REQUEST, agreement_on="2026-11-23"), on=ON)) == {
        "agreement_on": "Date agreement given must be today or in the past"
    }


def test_the_two_reasons_differ(request_form: Form) -> None:
    assert _errors(evaluate(request_form, _with(REQUEST, secondary_reason="neglect"), on=ON)) == {
        "secondary_reason": "Secondary reason for support must be different from the primary reason"
    }
    assert evaluate(request_form, _with(REQUEST, secondary_reason="housing"), on=ON).complete


@pytest.mark.parametrize(
    ("gate", "people", "words_said"),
    [
        ("has_children_same_address", "children_same_address", "Add at least 1 child"),
        ("has_people_same_address", "people_same_address", "Add at least 1 person"),
        ("has_people_elsewhere", "people_elsewhere", "Add at least 1 person"),
        ("has_agencies", "agencies", "Add at least 1 agency"),
    ],
)
def test_a_yes_without_anybody_is_put_to_the_referrer(
    gate: str, people: str, words_said: str, request_form: Form
) -> None:
    assert _errors(evaluate(request_form, _with(REQUEST, **{gate: "yes"}), on=ON)) == {people: words_said}
    assert evaluate(request_form, _with(REQUEST, **{gate: "no"}), on=ON).complete


def test_an_agency_can_support_everybody_who_was_entered(request_form: Form) -> None:
    answers = _with(
        REQUEST,
        has_children_same_address="yes",
        children_same_address=[{"id": "c1", "first_name": "Kim", "last_name": "Sample"}],
        has_people_elsewhere="yes",
        people_elsewhere=[{"id": "p1", "first_name": "Jo", "last_name": "Sample", "relationship": "father"}],
        has_agencies="yes",
        agencies=[{"id": "a1", "supports": ["child", "children_same_address/c1", "people_elsewhere/p1"]}],
    )
    assert _errors(evaluate(request_form, answers, on=ON)) == {}


def test_a_document_entry_needs_its_file(request_form: Form) -> None:
    answers = _with(REQUEST, documents=[{"id": "d1", "about": ["child"]}])
    assert _errors(evaluate(request_form, answers, on=ON)) == {
        "documents.d1.attachment": "Upload the document"
    }


def test_a_notification_goes_to_the_district_it_names(notification_form: Form) -> None:
    assert evaluate(notification_form, NOTIFICATION, on=ON).route == "swale"


def test_refused_consent_ends_the_notification(notification_form: Form) -> None:
    state = evaluate(notification_form, _with(NOTIFICATION, consent="no"), on=ON)
    assert state.stopped_at is not None
    assert state.stopped_at.id == "no_consent"
    assert not state.complete
    assert "consented_by" not in state.answers


def test_a_notification_is_about_at_least_one_child(notification_form: Form) -> None:
    assert _errors(evaluate(notification_form, _with(NOTIFICATION, children__0__subject="no"), on=ON)) == {
        "children": "Say for at least one child that this notification is about them"
    }


def test_consent_is_not_given_after_the_notification(notification_form: Form) -> None:
    state = evaluate(notification_form, _with(NOTIFICATION, consented_on="2026-11-21"), on=ON)
    assert _errors(state) == {
        "consented_on": "Date of consent must be the same as or before the date of notification"
    }


@pytest.mark.parametrize(("born", "asked"), [("2010-11-22", True), ("2010-11-23", False)])
def test_young_people_of_16_are_asked_for_their_own_consent(
    born: str, *, asked: bool, notification_form: Form
) -> None:
    answers = _with(NOTIFICATION, children__0__date_of_birth=born, young_person_consent="yes")
    state = evaluate(notification_form, answers, on=ON)
    assert state.complete
    assert ("young_person_consent" in state.answers) is asked


def test_only_agencies_that_were_entered_can_be_kept_out(notification_form: Form) -> None:
    charity = {"id": "a1", "organisation": "Sample Charity"}
    unnamed = _with(NOTIFICATION, has_agencies="yes", agencies=[charity], not_share_with=["gp"])
    assert _errors(evaluate(notification_form, unnamed, on=ON)) == {
        "not_share_with": "Select who this must not be shared with from the options offered"
    }
    named = _with(unnamed, gp={"organisation": "Sample Surgery"}, not_share_with=["gp", "agencies/a1"])
    assert evaluate(notification_form, named, on=ON).complete
