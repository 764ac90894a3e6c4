"""A page as somebody fills it in and posts it, kept as JSON: a later main goes on where an earlier one ended."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from tests.upgrade.opening import Person, brought_back

Texts = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Upload:
    """A file that is chosen on a page. field: the input's name. content: its bytes in base64."""

    field: str
    name: str
    media_type: str
    content: str

    @classmethod
    def of(cls, field: str, name: str, media_type: str, content: bytes) -> Upload:
        """The upload of these bytes."""
        return cls(field, name, media_type, base64.b64encode(content).decode())

    @property
    def part(self) -> tuple[str, tuple[str, bytes, str]]:
        """The file as it is posted."""
        return self.field, (self.name, base64.b64decode(self.content), self.media_type)


@dataclass(frozen=True)
class Step:
    """A page that is opened, filled in and posted.

    page: its name within the draft's address. move: the button. new: the id that a new item of a list gets, so that
    input names are known beforehand; "" for the one its page was drawn with. leads_to: where the post led, without
    ``/drafts/{draft}/``; "" where nobody has looked yet.
    """

    page: str
    texts: Texts = field(default_factory=dict)
    move: str = "next"
    new: str = ""
    files: tuple[Upload, ...] = ()
    leads_to: str = ""

    def to_json(self) -> dict[str, Any]:
        """All of it, for `expected.json`."""
        return asdict(self)

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Step:
        """The step that `to_json` made."""
        return cls(**{**kept, "files": tuple(Upload(**each) for each in kept["files"])})


def take(browser: Person, way: str, step: Step) -> Step:
    """Open a page, post it, and return the step with where that led. way: ``/drafts/{id}/``.

    The page must be there, and its post must be saved: a page that comes back with errors, and one that is held because
    it was changed elsewhere, fail.
    """
    shown = browser.get(f"{way}{step.page}")
    assert shown.status_code == 200, (step.page, shown.status_code, shown.headers.get("location"))
    texts = {"move": step.move, **brought_back(shown), **step.texts}
    if step.new:
        texts["new"] = step.new
    answer = browser.submit(f"{way}{step.page}", texts, files=[each.part for each in step.files])
    assert answer.status_code == 303, (step.page, answer.status_code)
    location = answer.headers["location"]
    assert location.startswith(way), (step.page, location)
    leads_to = location.removeprefix(way)
    assert "check=1" not in leads_to, (step.page, leads_to)
    assert not leads_to.startswith("conflict"), step.page
    return replace(step, leads_to=leads_to)


def take_all(browser: Person, way: str, steps: Iterable[Step]) -> tuple[Step, ...]:
    """Take the steps in order, and return them with where each led."""
    return tuple(take(browser, way, step) for step in steps)


# --- the forms that come with formengine -----------------------------------------------------------------------------

CHILD = "iayankmad0001"
SIBLING = "ibrknkmad0002"
DOCUMENT = "idcmnkmad0003"
AGENCY = "iagncnkmad004"
AUNT = "iavntnkmad005"


def letter(field: str, name: str, content: bytes) -> Upload:
    """A PDF for a question."""
    return Upload.of(field, name, "application/pdf", content)


def request_steps(first_name: str, report: bytes) -> tuple[Step, ...]:
    """Every page of *Request for Support* for a child with this name, with a sibling, an agency and one document."""
    sibling, document = f"children_same_address.{SIBLING}", f"documents.{DOCUMENT}"
    return (
        Step("about"),
        Step(
            "child",
            {
                "you.address": "1 Example Street\nSampletown",
                "you.telephone": "020 7946 0123",
                "child.on_behalf_of": "someone_else_professional",
                "child.relationship": "Head teacher",
                "child.first_name": first_name,
                "child.last_name": "Example",
                "child.date_of_birth-day": "4",
                "child.date_of_birth-month": "7",
                "child.date_of_birth-year": "2015",
                "child.gender": "female",
                "child.ethnicity": "A1",
                "child.address.house": "12",
                "child.address.street": "Invented Lane",
                "child.address.town": "Sampletown",
                "child.address.postcode": "ct1 1aa",
            },
        ),
        Step("additional_details", {"school": "Example Primary School", "nhs_number": "999 000 0018"}),
        Step("children_same_address", {"has_children_same_address": "yes"}, "add:children_same_address"),
        Step(
            "children_same_address.new",
            {f"{sibling}.first_name": "Bo", f"{sibling}.last_name": "Example", f"{sibling}.gender": "male"},
            "save_item",
            SIBLING,
        ),
        Step("children_same_address", {"has_children_same_address": "yes"}),
        Step("people_same_address", {"has_people_same_address": "no"}),
        Step("people_elsewhere", {"has_people_elsewhere": "no"}),
        Step(
            "agreement",
            {"aware": "yes", "agreement": "refused", "no_agreement_reason": "The family would rather wait"},
        ),
        Step("reasons", {"primary_reason": "neglect", "secondary_reason": "housing"}),
        Step("request", {"concerns": "Often hungry & tired: “no breakfast”,\nshe says"}),
        Step(
            "referrer",
            {
                "referrer_name": "Alex Morgan",
                "job_title": "Head teacher",
                "agency_type": "2A",
                "agency_name": "Example Primary School",
                "has_agencies": "yes",
                "agencies.new.practitioner": "Chris Sample",
                "agencies.new.organisation": "Sampletown Surgery",
                "agencies.new.telephone": "020 7946 0789",
            },
            new=AGENCY,
        ),
        Step("documents", {}, "add:documents"),
        Step(
            "documents.new",
            {f"{document}.about": ["child"]},
            "save_item",
            DOCUMENT,
            (letter(f"{document}.attachment", "report of May.pdf", report),),
        ),
        Step("documents"),
        Step("submit", {}, "submit"),
    )


def notification_steps(family: str, report: bytes) -> tuple[Step, ...]:
    """Every page of the *Early Help Notification* about this family, with one child and one document."""
    child = f"children.{CHILD}"
    return (
        Step("before_you_start"),
        Step(
            "notifier",
            {
                "notifier.name": "Robin Cole",
                "notifier.role": "Health visitor",
                "notifier.agency_type": "3B",
                "notifier.organisation": "Sampletown Health Centre",
                "notifier.telephone": "020 7946 0222",
                "notifier.email": "robin.cole@example.com",
                "notifier.notified_on-day": "26",
                "notifier.notified_on-month": "10",
                "notifier.notified_on-year": "2026",
            },
        ),
        Step("district", {"district": "thanet"}),
        Step("family", {"family_name": family, "main_address.postcode": "CT9 1ZZ", "interpreter": "no"}),
        Step("children", {}, "add:children"),
        Step(
            "children.new",
            {
                f"{child}.first_name": "Ada",
                f"{child}.last_name": family,
                f"{child}.date_of_birth-day": "29",
                f"{child}.date_of_birth-month": "2",
                f"{child}.date_of_birth-year": "2016",
                f"{child}.gender": "female",
                f"{child}.subject": "yes",
            },
            "save_item",
            CHILD,
        ),
        Step("children"),
        Step("household"),
        Step("others", {"has_others": "no"}),
        Step("agencies", {"gp.practitioner": "Dr Sam Sample", "gp.organisation": "Sampletown Surgery"}),
        Step("needs", {"needs": ["education", "mental_health"]}),
        Step(
            "reason",
            {"worries": "Missing school", "tried": "Breakfast club", "family_wants": "Mornings that work"},
        ),
        Step("risks", {"has_risks": "yes", "risks": "A dog that bites"}),
        Step(
            "consent",
            {
                "explained": "yes",
                "consent": "yes",
                "share_with_agencies": "yes",
                "consented_by": f"Jay {family}",
                "consented_on-day": "25",
                "consented_on-month": "10",
                "consented_on-year": "2026",
                "not_share_with": ["gp"],
                "privacy_given": "yes",
            },
        ),
        Step("attachments", {}, files=(letter("attachments", "plan.pdf", report),)),
        Step("submit", {"accurate": "yes"}, "submit"),
    )


# --- the council's own form, forms/ask-for-help ----------------------------------------------------------------------


def help_steps(name: str, child: str) -> tuple[Step, ...]:
    """Every page of *Ask for help*; `child` is the first name of the person's child."""
    item = f"children.{CHILD}"
    return (
        Step("you", {"name": name, "children_here": "yes"}),
        Step("children", {}, "add:children"),
        Step("children.new", {f"{item}.first_name": child}, "save_item", CHILD),
        Step(f"children.{CHILD}.school", {f"{item}.school": "Example Primary School"}, "save_item"),
        Step("children"),
        Step("page-close", {"people.new.person": "Dee Sample", "people.new.relation": "Aunt"}, new=AUNT),
        Step("need", {"need": "Somebody to talk to"}),
        Step("submit", {}, "submit"),
    )
