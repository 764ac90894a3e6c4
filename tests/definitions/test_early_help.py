"""The Early Help Notification against the reconstruction it follows, section by section."""

from typing import Any, NamedTuple

import pytest

from tests.support.shipped import DEFINITIONS, EXPECTED, outline, outline_lines, pieces, rows, tree

FORM = "early-help-notification"
FILE = DEFINITIONS / FORM / "form.yaml"


class Asked(NamedTuple):
    """One question of the reconstruction: where its answer stands, its type, whether it must be answered."""

    path: str
    type: str
    mandatory: bool = False


SECTIONS: dict[str, list[Asked]] = {
    # 0. Before you start
    "before_you_start": [],
    # 1. Notifier's details
    "notifier": [
        Asked("notifier.name", "text", mandatory=True),
        Asked("notifier.role", "text", mandatory=True),
        Asked("notifier.agency_type", "choice", mandatory=True),
        Asked("notifier.organisation", "text", mandatory=True),
        Asked("notifier.address", "address"),
        Asked("notifier.telephone", "phone", mandatory=True),
        Asked("notifier.email", "email", mandatory=True),
        Asked("notifier.notified_on", "date", mandatory=True),
        Asked("notifier.dsl_consulted", "choice"),
        Asked("notifier.best_time", "text"),
    ],
    # 2. District
    "district": [Asked("district", "choice", mandatory=True)],
    # 3. Family details, main address
    "family": [
        Asked("family_name", "text", mandatory=True),
        Asked("main_address", "address"),
        Asked("family_telephone", "phone"),
        Asked("home_language", "choice"),
        Asked("interpreter", "yes_no"),
        Asked("interpreter_language", "text", mandatory=True),
        Asked("communication_needs", "long_text"),
    ],
    # 4. Children
    "children": [
        Asked("children", "repeat"),
        Asked("children.first_name", "text", mandatory=True),
        Asked("children.last_name", "text", mandatory=True),
        Asked("children.unborn", "tick"),
        Asked("children.date_of_birth", "date", mandatory=True),
        Asked("children.date_of_birth_estimated", "tick"),
        Asked("children.due_date", "date", mandatory=True),
        Asked("children.gender", "choice", mandatory=True),
        Asked("children.ethnicity", "choice"),
        Asked("children.school", "text"),
        Asked("children.upn", "upn"),
        Asked("children.nhs_number", "nhs_number"),
        Asked("children.has_disability", "yes_no"),
        Asked("children.disability", "long_text", mandatory=True),
        Asked("children.ehcp", "yes_no"),
        Asked("children.subject", "yes_no", mandatory=True),
        Asked("children.at_main_address", "yes_no"),
        Asked("children.address", "address"),
    ],
    # 5. Parents, carers and household members
    "household": [
        Asked("household", "repeat"),
        Asked("household.first_name", "text", mandatory=True),
        Asked("household.last_name", "text", mandatory=True),
        Asked("household.date_of_birth", "date"),
        Asked("household.gender", "choice"),
        Asked("household.relationship", "choice", mandatory=True),
        Asked("household.parental_responsibility", "choice", mandatory=True),
        Asked("household.ethnicity", "choice"),
        Asked("household.telephone", "phone"),
        Asked("household.email", "email"),
        Asked("household.related_children", "choices"),
        Asked("household.at_main_address", "yes_no"),
        Asked("household.address", "address"),
    ],
    # 6. Significant people not in the household
    "others": [
        Asked("has_others", "yes_no"),
        Asked("others", "repeat"),
        Asked("others.first_name", "text", mandatory=True),
        Asked("others.last_name", "text", mandatory=True),
        Asked("others.relationship", "choice"),
        Asked("others.contact", "text"),
        Asked("others.address", "address"),
    ],
    # 7. Agencies involved: GP and school are asked for by name
    "agencies": [
        Asked("gp.practitioner", "text"),
        Asked("gp.organisation", "text"),
        Asked("gp.telephone", "phone"),
        Asked("gp.email", "email"),
        Asked("school.practitioner", "text"),
        Asked("school.job_role", "text"),
        Asked("school.organisation", "text"),
        Asked("school.telephone", "phone"),
        Asked("school.email", "email"),
        Asked("has_agencies", "yes_no"),
        Asked("agencies", "repeat"),
        Asked("agencies.practitioner", "text"),
        Asked("agencies.job_role", "text"),
        Asked("agencies.organisation", "text"),
        Asked("agencies.telephone", "phone"),
        Asked("agencies.email", "email"),
        Asked("agencies.supports", "choices"),
        Asked("existing_plans", "choices"),
    ],
    # 8. Presenting needs
    "needs": [Asked("needs", "choices", mandatory=True)],
    # 9. Reason for notification
    "reason": [
        Asked("worries", "long_text", mandatory=True),
        Asked("working_well", "long_text"),
        Asked("tried", "long_text", mandatory=True),
        Asked("family_wants", "long_text", mandatory=True),
        Asked("child_views", "long_text"),
        Asked("parent_views", "long_text"),
        Asked("needed_change", "long_text"),
    ],
    # 10. Risks for visiting workers
    "risks": [Asked("has_risks", "yes_no"), Asked("risks", "long_text", mandatory=True)],
    # 11. Consent and information sharing
    "consent": [
        Asked("explained", "yes_no", mandatory=True),
        Asked("consent", "yes_no", mandatory=True),
        Asked("share_with_agencies", "yes_no", mandatory=True),
        Asked("consented_by", "text", mandatory=True),
        Asked("consented_relationship", "text"),
        Asked("consented_on", "date", mandatory=True),
        Asked("consent_method", "choice"),
        Asked("young_person_consent", "yes_no"),
        Asked("not_share_with", "choices"),
        Asked("not_share_with_others", "text"),
        Asked("privacy_given", "yes_no", mandatory=True),
    ],
    "no_consent": [],
    # 12. Signatures, on paper alone
    "signatures": [],
    # 13. Attachments
    "attachments": [Asked("attachments", "files")],
}


@pytest.fixture(scope="module")
def pages() -> list[Any]:
    return [page for page in outline(FORM)["pages"] if page["id"] not in ("start", "submit")]


def test_the_title_the_first_page_and_the_basis_say_that_it_is_a_reconstruction() -> None:
    form = tree(FILE)
    assert form["title"] == "Early Help Notification (reconstruction)"
    assert form["pages"][0]["intro"].startswith("**This is a reconstruction.**")
    assert form["basis"] == "reconstructed"


def test_the_pages_are_the_sections_of_the_reconstruction_in_order(pages: list[Any]) -> None:
    assert [page["id"] for page in pages] == list(SECTIONS)


@pytest.mark.parametrize("page_id", SECTIONS)
def test_a_section_asks_what_the_reconstruction_lists(page_id: str, pages: list[Any]) -> None:
    page = next(page for page in pages if page["id"] == page_id)
    parts = ("house", "street", "town", "postcode")
    found = [
        Asked(row.path, row.type, row.required)
        for row in rows(page["fields"])
        if row.type not in ("group", "section", "note", "signature")
        and row.path.rpartition(".")[2] not in parts
    ]
    assert found == SECTIONS[page_id]


def test_the_postcode_of_the_main_address_is_mandatory(pages: list[Any]) -> None:
    family = next(page for page in pages if page["id"] == "family")
    parts = {row.path: row.required for row in rows(family["fields"]) if row.path.startswith("main_address.")}
    assert parts == {
        "main_address.house": False,
        "main_address.street": False,
        "main_address.town": False,
        "main_address.postcode": True,
    }


def test_every_question_is_reconstructed(pages: list[Any]) -> None:
    assert {row.basis for page in pages for row in rows(page["fields"])} == {"reconstructed"}


def test_there_is_at_least_one_child_and_the_notification_is_about_one_of_them() -> None:
    children = next(piece for piece in pieces(tree(FILE)) if piece.get("item_name") == "child")
    assert children["min_items"] == "1"
    assert [check["that"] for check in children["check"]] == ["any of children where (subject is yes)"]


def test_a_refusal_of_consent_stops_the_notification_and_names_the_safeguarding_route() -> None:
    stop = next(page for page in tree(FILE)["pages"] if page.get("stop") == "true")
    assert stop["id"] == "no_consent"
    assert stop["show_if"] == "consent is no"
    assert "Front Door" in stop["intro"]
    assert "**999**" in stop["intro"]


def test_the_notification_goes_to_the_mailbox_of_the_district() -> None:
    assert tree(FILE)["route_by"] == "district"
    assert tree(DEFINITIONS / "lists/kent-districts.yaml")["options"]["ashford"] == "Ashford"


def test_risks_for_visiting_workers_are_not_in_the_familys_copy(pages: list[Any]) -> None:
    assert [page["id"] for page in tree(FILE)["pages"] if page.get("hide_from") == "family"] == [
        "risks",
        "attachments",
    ]


def test_signatures_are_for_paper_alone() -> None:
    page = next(page for page in tree(FILE)["pages"] if page["id"] == "signatures")
    assert page["paper_only"] == "true"
    assert [field["label"] for field in page["fields"]] == ["Parent or carer", "Young person", "Notifier"]


def test_the_last_page_declares_accuracy_and_that_the_family_has_a_copy() -> None:
    fields = tree(FILE)["submit"]["fields"]
    assert [(field["id"], field["type"], field.get("required")) for field in fields] == [
        ("check_first", "note", None),
        ("accurate", "declaration", "true"),
        ("copy_shared", "declaration", None),
    ]


def test_the_whole_outline_is_as_written_down() -> None:
    expected = (EXPECTED / f"{FORM}.outline.txt").read_text(encoding="utf-8").splitlines()
    assert outline_lines(outline(FORM)) == expected
