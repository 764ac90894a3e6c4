"""Request for Support against the walk-through of Kent's form, row by row.

`WALK_THROUGH` is written from the walk-through alone: every question it shows, in its order and words.
"""

from datetime import date
from typing import Any, NamedTuple

import pytest

from formengine import compile_form, evaluate, load
from formengine.language.words import words
from tests.support.shipped import DEFINITIONS, EXPECTED, Row, outline, outline_lines, pieces, rows, tree

FORM = "request-for-support"
FILE = DEFINITIONS / FORM / "form.yaml"


class Asked(NamedTuple):
    """One question as the walk-through shows it."""

    path: str
    label: str
    type: str
    starred: bool = False
    help: str = ""


DESCRIBE = (
    "Describe what has worried you today that has prompted you to complete this request. This may be "
    "based on observations made today (such as an injury or specific behaviour), things that have "
    "worried you over a period of time including risks to a child or young person outside of their "
    "home, or something disclosed during a conversation with a parent or child. Explain why the "
    "issues that are worrying you require an intensive level of support."
)
FACTORS = (
    "Factors that make the situation more complicated both for the family and for professionals "
    "working with them. Examples are poverty, drug/alcohol issues, history of CSWS/EH involvement, "
    "parental learning needs, physical disabilities, physical and mental health issues, absent "
    "parents, English as a second language etc."
)
POSITIVE = (
    "Any positive factors for the family such as supportive relationships with specific family "
    "members, good engagement with professionals, achievements, good school attendance etc. Please "
    "note any support that has been or is currently being provided by the referring agency."
)
VIEWS = "Note the views of the family and your views regarding what needs to happen for change to take place."

WALK_THROUGH: dict[str, list[Asked]] = {
    "about": [],
    "child": [
        Asked("you.first_name", "First name", "text"),
        Asked("you.last_name", "Last name", "text"),
        Asked("you.address", "Address", "long_text", help="This field is limited to 512 characters"),
        Asked("you.email", "Email", "email"),
        Asked("you.telephone", "Telephone", "phone"),
        Asked("child.on_behalf_of", "I am completing this form on behalf of", "choice", starred=True),
        Asked("child.relationship", "Your relationship to person", "text", starred=True),
        Asked("child.first_name", "First name", "text", starred=True),
        Asked("child.last_name", "Last name", "text", starred=True),
        Asked("child.date_of_birth", "Date of birth", "date", starred=True),
        Asked("child.date_of_birth_estimated", "Is date of birth estimated?", "tick"),
        Asked("child.gender", "Gender", "choice", starred=True),
        Asked("child.ethnicity", "Ethnicity", "choice", starred=True),
        Asked("child.email", "Email", "email"),
        Asked("child.telephone", "Telephone", "phone"),
        Asked("child.ni_number", "NI number", "national_insurance_number"),
        Asked("child.address.house", "House number or name", "text"),
        Asked("child.address.postcode", "Postcode", "postcode", starred=True),
    ],
    "additional_details": [
        Asked(
            "disability",
            "Disability",
            "long_text",
            help="Please give brief details if this child has a disability",
        ),
        Asked("nhs_number", "NHS Number", "nhs_number", help="If known"),
        Asked("school", "Name of school, college or setting", "text"),
        Asked("upn", "Unique Pupil Number", "upn", help="If known"),
    ],
    "children_same_address": [
        Asked(
            "has_children_same_address",
            "Do you have details of other children living at the same address?",
            "yes_no",
        )
    ],
    "people_same_address": [
        Asked(
            "has_people_same_address",
            "Do you have details of other people living at the same address?",
            "yes_no",
        )
    ],
    "people_elsewhere": [
        Asked(
            "has_people_elsewhere",
            "Do you have details of other people living at a different address?",
            "yes_no",
            help="Please include details of any children living at another address",
        )
    ],
    "agreement": [
        Asked("aware", "Is/are parent(s) / carer(s) aware of contact?", "choice", starred=True),
        Asked("agreement", "Has agreement to engage been obtained?", "choice", starred=True),
        Asked("agreement_by", "Name of person who gave this agreement", "text"),
        Asked("agreement_on", "Date agreement given", "date"),
    ],
    "reasons": [
        Asked("primary_reason", "Primary reason for support", "choice", starred=True),
        Asked("secondary_reason", "Secondary reason for support", "choice"),
    ],
    # The third question has lost its label in the walk-through: ours stands in RECONSTRUCTED.
    "request": [
        Asked(
            "concerns", "What have you seen/heard that has made you concerned?", "long_text", help=DESCRIBE
        ),
        Asked("complicating_factors", "What are the complicating factors?", "long_text", help=FACTORS),
        Asked("needed_change", "What do you and the family feel needs to change?", "long_text", help=VIEWS),
        Asked("other_information", "Any other relevant information", "long_text"),
    ],
    "referrer": [
        Asked("referrer_name", "Your name", "text"),
        Asked("job_title", "Job Title", "text"),
        Asked("agency_type", "Agency/organisation", "choice"),
        Asked("agency_name", "Name of agency/organisation", "text"),
        Asked("dsl_consulted", "Has the Designated Safeguarding Lead been consulted?", "choice"),
        Asked("has_agencies", "Do you have details of any other agencies?", "yes_no"),
        Asked("agencies.practitioner", "Practitioner full name", "text"),
        Asked("agencies.job_role", "Job Role", "text"),
        Asked("agencies.organisation", "Team/organisation", "text"),
        Asked("agencies.telephone", "Telephone Number", "phone"),
        Asked("agencies.email", "Email Address", "email"),
        Asked("agencies.supports", "Supporting member(s)", "choices"),
    ],
    "documents": [],  # its one field stands in a list of ours, once for each document
}

TITLES = [
    "Request for Support (Professionals)",
    "Child/Young Person's Details",
    "Additional details for Child/Young Person",
    "Additional Family Details - Children at Same Address",
    "Additional Family Details - Other People at the Same Address",
    "Additional Family Details - People at a different address",
    "Family agreement to engage with services",
    "Reasons for Support",
    "Request Details",
    "Referrer Details",
    "Supporting Documentation",
]

# What the walk-through does not show, and why it is there.
RECONSTRUCTED = {
    "child.unborn": "the process covers unborn babies; without it their date of birth would be mandatory",
    "child.due_date": "instead of the date of birth",
    "child.address.street": "the address can be entered without a look-up",
    "child.address.town": "as above",
    "children_same_address": "the rows are not shown",
    "people_same_address": "the rows are not shown",
    "people_elsewhere": "the rows are not shown",
    "no_agreement_reason": "every comparable form asks why",
    "hub_registration": "a consent needs an answer of its own",
    "hub_information": "a consent needs an answer of its own",
    "working_well": "the label is missing in the walk-through",
    "documents": "one entry a document says which children it is about",
}

# Kent's words, where the form shows others: (where it stands, what it says).
SOURCE_TEXTS = {
    "Child/Young Persons Details",
    "Last Name",
    "(This field is limited to 512 characters)",
    "dd-mm-yyyy",
    "Please give brief details of this child has a disability",
    "If Known",
    "Your name:",
    "Job Title:",
    "Upload Document",
}

FIELDS = ("group", "section", "repeat", "note", "address", "person_name")


@pytest.fixture(scope="module")
def pages() -> list[Any]:
    return [page for page in outline(FORM)["pages"] if page["id"] not in ("start", "submit")]


def _confirmed(page_rows: list[Row]) -> list[Row]:
    return [row for row in page_rows if row.basis == "confirmed" and row.type not in FIELDS]


def test_the_pages_stand_in_kents_order_under_kents_titles(pages: list[Any]) -> None:
    assert [page["title"] for page in pages] == TITLES
    assert [page["id"] for page in pages] == list(WALK_THROUGH)


@pytest.mark.parametrize("page_id", WALK_THROUGH)
def test_a_page_asks_what_the_walk_through_shows_in_its_order_and_words(
    page_id: str, pages: list[Any]
) -> None:
    page = next(page for page in pages if page["id"] == page_id)
    shown = [
        Asked(row.path, row.label, row.type, row.required, row.hint)
        for row in _confirmed(rows(page["fields"]))
    ]
    assert shown == WALK_THROUGH[page_id]


def test_exactly_eleven_questions_of_kents_pages_are_mandatory(pages: list[Any]) -> None:
    starred = {
        page["id"]: [row.path for row in _confirmed(rows(page["fields"])) if row.required] for page in pages
    }
    assert {page_id: len(paths) for page_id, paths in starred.items() if paths} == {
        "child": 8,
        "agreement": 2,
        "reasons": 1,
    }


def test_the_outermost_pieces_that_kent_does_not_show_say_that_they_are_reconstructed(
    pages: list[Any],
) -> None:
    found: set[str] = set()
    for row in (row for page in pages for row in rows(page["fields"]) if row.type != "note"):
        if row.basis == "reconstructed" and row.path.rpartition(".")[0] not in found:
            found.add(row.path)
    outermost = {path for path in found if not any(path.startswith(f"{other}.") for other in found)}
    assert outermost == set(RECONSTRUCTED)


def test_everything_inside_a_reconstructed_list_is_reconstructed(pages: list[Any]) -> None:
    inside = [
        row for page in pages for row in rows(page["fields"]) if row.path.startswith("people_elsewhere.")
    ]
    assert len(inside) >= 11
    assert {row.basis for row in inside} == {"reconstructed"}


def test_the_type_of_referral_is_asked_first_and_must_be_answered() -> None:
    start = tree(FILE)["start"]
    urgency = start["fields"][0]
    assert urgency["label"] == "What type of referral is this?"
    assert urgency["options"] == {"urgent": "Urgent", "standard": "Standard"}
    assert urgency["required"] == "true"
    assert start["human_test"] == "true"
    assert tree(FILE)["urgent_if"] == "urgency is urgent"


def test_the_only_length_limit_is_the_one_kent_states(pages: list[Any]) -> None:
    limited = {row.path: row.max_length for page in pages for row in rows(page["fields"]) if row.max_length}
    assert limited == {"you.address": 512}


def test_conditions_are_those_of_the_walk_through_and_the_decided_ones(pages: list[Any]) -> None:
    said = {
        row.path: row.show_if for page in pages for row in rows(page["fields"]) if row.show_if and row.path
    }
    assert {path: text for path, text in said.items() if not path.startswith("children_same_address.")} == {
        "urgent_advice": "urgency is urgent",
        "child.unsure_of_date": "unborn is not ticked",
        "child.date_of_birth": "unborn is not ticked",
        "child.date_of_birth_estimated": "unborn is not ticked",
        "child.due_date": "unborn is ticked",
        "children_same_address": "has_children_same_address is yes",
        "people_same_address": "has_people_same_address is yes",
        "people_elsewhere": "has_people_elsewhere is yes",
        "agreement_by": "agreement_given",
        "agreement_on": "agreement_given",
        "no_agreement_reason": "agreement_missing",
        "do_not_share": "agreement is not_sought",
        "agencies": "has_agencies is yes",
    }
    assert tree(FILE)["conditions"] == {
        "agreement_given": "agreement is yes",
        "agreement_missing": "agreement is one of refused, not_sought",
    }


def test_kents_slips_and_untrue_words_are_kept_as_source_text() -> None:
    kept = [piece["source_text"] for piece in pieces(tree(FILE)) if "source_text" in piece]
    assert {text for text in kept if "\n" not in text} == SOURCE_TEXTS
    guidance = next(text for text in kept if text.startswith("How does this form work?"))
    assert "Don't use the Browser 'Back' button" in guidance
    assert guidance.count("[icon]") == 3


def test_no_untrue_word_of_kents_is_shown() -> None:
    shown = [
        piece.get(key, "")
        for piece in pieces(tree(FILE))
        for key in ("intro", "text", "hint", "label", "title")
    ]
    words = " ".join(text for text in shown if isinstance(text, str))
    assert "[icon]" not in words
    assert "Don't use" not in words
    assert "of this child has" not in words
    assert "Full screen" not in words


def test_the_account_fills_in_who_refers_on_both_pages() -> None:
    prefilled = [(piece["id"], piece["prefill"]) for piece in pieces(tree(FILE)) if "prefill" in piece]
    assert prefilled == [
        ("first_name", "account.first_name"),
        ("last_name", "account.last_name"),
        ("address", "account.address"),
        ("email", "account.email"),
        ("telephone", "account.phone"),
        ("referrer_name", "account.full_name"),
        ("job_title", "account.job_title"),
        ("agency_name", "account.organisation"),
    ]


def test_the_last_page_is_kents() -> None:
    submit = tree(FILE)["submit"]
    assert submit == {
        "title": "Submit Form",
        "fields": [
            {
                "id": "create_pdf",
                "type": "note",
                "screen_only": "true",
                "text": "Please create a PDF and save locally **BEFORE** submitting this form",
            }
        ],
        "button": "Send Report to Kent Integrated Children's Services",
    }


def test_notices_are_declared_for_the_referrer_and_the_family() -> None:
    notices = tree(FILE)["notices"]
    assert {notice["for"] for notice in notices} == {"notifier", "family"}
    assert all(set(notice) == {"id", "title", "version", "link", "for"} for notice in notices)


def test_the_familys_copy_tells_nobodys_whereabouts_and_not_why_nobody_was_asked(pages: list[Any]) -> None:
    hidden = {row.path: row.hide_from for page in pages for row in rows(page["fields"]) if row.hide_from}
    assert hidden == {
        "you.address": ("family",),
        "people_elsewhere.date_of_birth": ("family",),
        "people_elsewhere.ethnicity": ("family",),
        "people_elsewhere.telephone": ("family",),
        "people_elsewhere.email": ("family",),
        "people_elsewhere.address": ("family",),
        "no_agreement_reason": ("family",),
        "do_not_share": ("family",),
    }


def test_what_can_be_wrong_twice_on_a_page_says_whose_answer_is_meant() -> None:
    answers = {"you": {"telephone": "999"}, "child": {"telephone": "999", "email": "sam@"}}
    state = evaluate(compile_form(load(FILE.parent)), answers, on=date(2026, 11, 22))
    said = [words(state.errors[path]) for path in ("you.telephone", "child.telephone", "child.email")]
    assert [text.partition(" in ")[0] for text in said] == [
        "Enter your telephone number",
        "Enter the telephone number of the child or young person",
        "Enter the email address of the child or young person",
    ]


def test_the_whole_outline_is_as_written_down() -> None:
    expected = (EXPECTED / f"{FORM}.outline.txt").read_text(encoding="utf-8").splitlines()
    assert outline_lines(outline(FORM)) == expected
