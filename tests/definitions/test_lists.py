"""The code lists against the national ones they follow."""

import pytest

from tests.support.shipped import DEFINITIONS, options, tree

# Department for Education, children in need census: the twenty valid codes of ethnicity.
CENSUS_ETHNICITY = {
    *("ABAN", "AIND", "AOTH", "APKN", "BAFR", "BCRB", "BOTH", "CHNE", "MOTH", "MWAS"),
    *("MWBA", "MWBC", "NOBT", "OOTH", "REFU", "WBRI", "WIRI", "WIRT", "WOTH", "WROM"),
}

# Local letter, census code, label; Ofsted's Annex A mapping. The census has no code for E5.
ETHNICITY = {
    "A1": ("WBRI", "White British"),
    "A2": ("WIRI", "White Irish"),
    "A3": ("WOTH", "Any other White background"),
    "A4": ("WIRT", "Traveller of Irish heritage"),
    "A5": ("WROM", "Gypsy/Roma"),
    "B1": ("MWBC", "White and Black Caribbean"),
    "B2": ("MWBA", "White and Black African"),
    "B3": ("MWAS", "White and Asian"),
    "B4": ("MOTH", "Any other Mixed background"),
    "C1": ("AIND", "Indian"),
    "C2": ("APKN", "Pakistani"),
    "C3": ("ABAN", "Bangladeshi"),
    "C4": ("AOTH", "Any other Asian background"),
    "D1": ("BCRB", "Caribbean"),
    "D2": ("BAFR", "African"),
    "D3": ("BOTH", "Any other Black background"),
    "E1": ("CHNE", "Chinese"),
    "E2": ("OOTH", "Any other ethnic group"),
    "E3": ("REFU", "Refused"),
    "E4": ("NOBT", "Information not yet obtained"),
    "E5": (None, "Unknown"),
}


def test_ethnicity_has_each_local_code_with_its_label_and_census_code_in_order() -> None:
    said = {
        code: (option.get("codes", {}).get("cin"), option["label"].removeprefix(f"{code} - "))
        for code, option in options("ethnicity").items()
    }
    assert said == ETHNICITY
    assert list(said) == list(ETHNICITY)


def test_ethnicity_reaches_all_twenty_census_codes_and_no_other() -> None:
    assert {codes for codes, _ in ETHNICITY.values() if codes} == CENSUS_ETHNICITY
    assert len(CENSUS_ETHNICITY) == 20


def test_only_the_ethnicity_seen_on_the_form_is_confirmed() -> None:
    confirmed = [code for code, option in options("ethnicity").items() if option.get("basis") == "confirmed"]
    assert confirmed == ["A1"]
    assert options("ethnicity")["A1"]["label"] == "A1 - White British"
    assert tree(DEFINITIONS / "lists/ethnicity.yaml")["basis"] == "national_standard"


def test_gender_maps_to_the_three_values_of_the_census() -> None:
    assert {code: option["codes"]["cin"] for code, option in options("gender").items()} == {
        "male": "M",
        "female": "F",
        "unborn": "U",
        "unknown": "U",
    }


def test_agency_types_are_the_census_sources_of_referral_in_order() -> None:
    assert list(options("agency-types")) == [
        *("1A", "1B", "1C", "1D", "2A", "2B", "3A", "3B", "3C", "3D", "3E", "3F"),
        *("4", "5A", "5B", "5C", "5D", "6", "7", "8", "9", "10"),
    ]


@pytest.mark.parametrize("form", ["request-for-support", "early-help-notification"])
def test_forms_for_professionals_offer_no_individual_and_no_anonymous_source(form: str) -> None:
    written = (DEFINITIONS / form / "form.yaml").read_text(encoding="utf-8")
    assert "list: agency-types\n" in written
    assert written.count("without: [1A, 1B, 1C, 1D, 9]") == 1


def test_the_two_reasons_seen_on_the_form_come_first_and_are_the_only_confirmed_ones() -> None:
    said = options("reasons")
    assert [option["label"] for option in said.values() if option.get("basis") == "confirmed"] == [
        "Child/Young person is at risk of exploitation/harm outside the family home",
        "Behaviour of Child/Young Person",
    ]
    assert list(said)[:2] == ["exploitation_outside_home", "behaviour"]
    assert tree(DEFINITIONS / "lists/reasons.yaml")["basis"] == "reconstructed"


def test_kent_has_its_twelve_districts_and_not_medway() -> None:
    assert [option["label"] for option in options("kent-districts").values()] == [
        "Ashford",
        "Canterbury",
        "Dartford",
        "Dover",
        "Folkestone and Hythe",
        "Gravesham",
        "Maidstone",
        "Sevenoaks",
        "Swale",
        "Thanet",
        "Tonbridge and Malling",
        "Tunbridge Wells",
    ]


def test_on_behalf_of_has_the_two_answers_seen_on_the_form_and_myself_reconstructed() -> None:
    assert {
        code: (option["label"], option.get("basis")) for code, option in options("on-behalf-of").items()
    } == {
        "myself": ("Myself", "reconstructed"),
        "someone_else": ("Someone else", None),
        "someone_else_professional": ("Someone else in a professional capacity", None),
    }


def test_the_answer_that_agreement_was_not_sought_never_stands_in_the_familys_copy() -> None:
    hidden = {code: option.get("hide_from") for code, option in options("agreement").items()}
    assert hidden == {"yes": None, "refused": None, "not_sought": "family"}


def test_needs_begin_with_the_six_strands_of_the_time() -> None:
    assert list(options("needs"))[:6] == [
        "crime",
        "education",
        "children_need_help",
        "worklessness",
        "domestic_abuse",
        "health",
    ]


def test_no_existing_plan_excludes_every_other_answer() -> None:
    exclusive = [
        code for code, option in options("existing-plans").items() if option.get("exclusive") == "true"
    ]
    assert exclusive == ["no_plan"]


def test_every_list_names_its_source_and_itself() -> None:
    for path in (DEFINITIONS / "lists").glob("*.yaml"):
        said = tree(path)
        assert said["list"] == path.stem
        assert said["source"]
        assert said["basis"] in {"confirmed", "national_standard", "reconstructed"}
