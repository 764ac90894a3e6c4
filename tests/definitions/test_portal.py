"""The portal: the way to the forms, with nothing that leads nowhere."""

from typing import Any

from tests.support.shipped import DEFINITIONS, pieces, tree

PORTAL = tree(DEFINITIONS / "portal.yaml")
PAGES = {page["id"]: page for page in PORTAL["pages"]}


def _targets(piece: dict[str, Any]) -> list[str]:
    return [key for key in ("form", "page", "link") if key in piece]


def test_the_hub_has_the_four_tiles_with_their_straplines_in_order() -> None:
    assert [(tile["title"], tile["strapline"]) for tile in PORTAL["hub"]["tiles"]] == [
        ("Request for Support", "Worried about a child?"),
        ("Occupational Therapy Request", "Occupational therapy equipment and adaptation services"),
        ("Fostering and Adoption", "Fostering and Adoption forms and information"),
        ("Information and Advice", "Links to more information"),
    ]


def test_each_tile_and_link_opens_one_thing_that_exists() -> None:
    doors = PORTAL["hub"]["tiles"] + [link for page in PORTAL["pages"] for link in page["links"]]
    assert len(doors) == 4 + 7
    for door in doors:
        assert len(_targets(door)) == 1, door
        if "form" in door:
            assert (DEFINITIONS / door["form"] / "form.yaml").is_file()
        elif "page" in door:
            assert PAGES[door["page"]]["text"].strip()
        else:
            assert door["link"].startswith("https://")


def test_both_forms_can_be_reached() -> None:
    assert {piece["form"] for piece in pieces(PORTAL) if "form" in piece} == {
        "request-for-support",
        "early-help-notification",
    }


def test_no_page_of_text_is_out_of_reach() -> None:
    assert {piece["page"] for piece in pieces(PORTAL) if "page" in piece} == set(PAGES)


def test_the_numbers_for_danger_come_most_urgent_first() -> None:
    assert [entry["telephone"] for entry in PORTAL["danger"]] == ["999", "03000 41 11 11", "03000 41 91 91"]


def test_the_gateway_says_the_time_limit_that_the_form_keeps() -> None:
    form = tree(DEFINITIONS / "request-for-support" / "form.yaml")
    assert form["session"]["timeout_minutes"] == "20"
    assert "**This page will time out after 20 minutes of inactivity**" in PORTAL["gateway"]["text"]


def test_the_gateway_offers_a_contact_to_whom_mail_goes() -> None:
    contacts = {contact["id"]: contact for contact in PORTAL["contacts"]}
    fallback = PORTAL["gateway"]["fallback"]
    contact = contacts[fallback["contact"]]
    assert contact["mailbox"] == "front_door"
    assert contact["email"] in fallback["text"]


def test_foster_carers_are_sent_to_their_social_worker() -> None:
    assert "Foster carers: please contact your Fostering Social Worker" in PORTAL["gateway"]["text"]


def test_the_front_door_says_that_it_takes_levels_3_and_4_only() -> None:
    text = " ".join(PORTAL["front_door"]["text"].split())
    assert "operational from Monday 1 October 2018" in text
    assert "for levels 3 and 4 only" in text
    assert text.endswith(
        "**or consideration given as to whether the identified needs can be met "
        "within the referrer's own service.**"
    )


def test_the_portal_says_that_it_is_not_the_councils_own() -> None:
    assert "not the council's own" in PORTAL["banner"]
