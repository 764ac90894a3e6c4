"""The portal is read whole, and no tile or link of it is dead."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from formengine.language.content import plain_text
from formengine.language.diagnostics import DefinitionError, Findings
from formengine.language.loader import forms_in
from formengine.language.source import Source
from formengine.portal import Destination, load_portal, read_portal

PORTAL = """
    portal: example
    title: Example
    council:
      name: Example Council
      website: https://www.example.org
    danger:
      - id: emergency
        label: Emergency services
        telephone: "999"
        situation: A child is in danger
    hub:
      title: Welcome
      tiles:
        - id: support
          title: Request for Support
          form: support
        - id: advice
          title: Advice
          page: advice
        - id: elsewhere
          title: Elsewhere
          link: https://www.example.org/elsewhere
    pages:
      - id: advice
        title: Advice
        text: Talk to someone.
        links:
          - label: Request for Support
            form: support
"""


def _codes(text: str) -> list[str]:
    findings = Findings()
    read_portal(Source("portal.yaml", dedent(text)), findings, forms={"support"})
    return [finding.code for finding in findings.in_file_order()]


def test_tiles_open_a_form_a_page_or_an_address() -> None:
    findings = Findings()
    portal = read_portal(Source("portal.yaml", dedent(PORTAL)), findings, forms={"support"})
    assert portal is not None
    assert findings.found == []
    assert [tile.opens for tile in portal.hub.tiles] == [
        Destination("form", "support"),
        Destination("page", "advice"),
        Destination("link", "https://www.example.org/elsewhere"),
    ]
    assert [link.opens for link in portal.pages[0].links] == [Destination("form", "support")]
    assert (portal.council, portal.website) == ("Example Council", "https://www.example.org")
    assert [(number.telephone, number.situation) for number in portal.danger] == [
        ("999", "A child is in danger")
    ]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("form: support", "form: suport", "unknown-form"),
        ("page: advice", "page: advise", "unknown-page"),
        ("link: https://www.example.org/elsewhere", "link: http://www.example.org", "bad-link"),
        ("link: https://www.example.org/elsewhere", "link: javascript:alert(1)", "bad-link"),
        ("          page: advice\n", "", "leads-nowhere"),
        ("page: advice", "page: advice\n          form: support", "leads-two-ways"),
        ('telephone: "999"', "telephone: dial", "bad-telephone"),
        ("- id: elsewhere", "- id: advice", "duplicate-id"),
        ("title: Welcome", "titel: Welcome", "unknown-key"),
        ("portal: example", "form: example", "wrong-kind"),
    ],
)
def test_a_slip_is_told_once(old: str, new: str, code: str) -> None:
    assert _codes(PORTAL.replace(old, new, 1)) == [code]


def test_a_portal_without_a_number_for_danger_is_refused() -> None:
    lines = dedent(PORTAL).splitlines()
    start = lines.index("danger:")
    assert _codes("\n".join(lines[:start] + lines[start + 5 :])) == ["missing-key"]
    assert _codes("\n".join([*lines[:start], "danger: []", *lines[start + 5 :]])) == ["empty-value"]


def test_the_shipped_portal_leads_to_both_forms() -> None:
    portal = load_portal()
    opened = [tile.opens for tile in portal.hub.tiles]
    assert [tile.title for tile in portal.hub.tiles] == [
        "Request for Support",
        "Occupational Therapy Request",
        "Fostering and Adoption",
        "Information and Advice",
    ]
    assert opened[0] == Destination("form", "request-for-support")
    assert [destination.kind for destination in opened[1:]] == ["page", "page", "page"]
    assert portal.danger[0].telephone == "999"
    assert portal.gateway is not None
    assert portal.gateway.fallback_contact == "front_door"
    assert portal.sign_in is not None
    assert portal.sign_in.register == "Register for new account"
    assert portal.front_door is not None
    assert "levels 3 and 4" in plain_text(portal.front_door.text)


def test_the_forms_beside_a_portal_are_there_for_its_tiles(tmp_path: Path) -> None:
    (tmp_path / "portal.yaml").write_text(dedent(PORTAL), encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_portal(tmp_path / "portal.yaml")
    assert {finding.code for finding in caught.value.diagnostics} == {"unknown-form"}
    (tmp_path / "support").mkdir()
    (tmp_path / "support/form.yaml").write_text("form: support\n", encoding="utf-8")
    assert load_portal(tmp_path / "portal.yaml").id == "example"
    assert forms_in([tmp_path]) == {"support"}


def test_a_portal_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError) as caught:
        load_portal(tmp_path / "portal.yaml")
    assert [finding.code for finding in caught.value.diagnostics] == ["file-unreadable"]
