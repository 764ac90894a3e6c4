"""References that are read out on the telephone."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formengine.service.references import ALPHABET, new_reference, normal_reference, prefix_of

FORM = "request-for-support"
references = st.integers(0, 2**32).map(lambda seed: new_reference(FORM, Random(seed).choice))


def test_reference_names_its_form_and_groups_its_signs_by_four() -> None:
    assert re.fullmatch(r"RFS-[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]", new_reference(FORM))


@pytest.mark.parametrize(
    ("form_id", "prefix"),
    [
        ("request-for-support", "RFS"),
        ("early-help-notification", "EHN"),
        ("allotment-waiting-list", "AWL"),
        ("complaint", "COM"),
        ("a-b-c-d-e-f", "ABCD"),
        ("2-go", "G"),
        ("7", "F"),
    ],
)
def test_prefix_is_the_initials_of_the_form(form_id: str, prefix: str) -> None:
    assert prefix_of(form_id) == prefix


def test_no_sign_is_a_vowel_or_looks_like_another() -> None:
    assert not set(ALPHABET) & set("AEIOUY01L5SZB")
    assert len(set(ALPHABET)) == 23


@given(references)
def test_no_three_letters_stand_together_and_no_sign_three_times(reference: str) -> None:
    drawn = "".join(reference.split("-")[1:3])
    threes = [drawn[start : start + 3] for start in range(6)]
    assert not [three for three in threes if three.isalpha() or len(set(three)) == 1]


@given(references)
def test_reference_is_understood_however_it_is_written(reference: str) -> None:
    for said in (
        reference.lower(),
        reference.replace("-", ""),
        reference.replace("-", " \u2013 "),
        f" {reference}.\n",
    ):
        assert normal_reference(said) == reference


@given(references)
def test_signs_that_are_never_drawn_are_read_as_the_digits_they_look_like(reference: str) -> None:
    prefix, body = reference[:3], reference[3:]
    assert normal_reference(prefix + body.replace("8", "B").replace("2", "Z")) == reference


@given(references)
def test_every_single_wrong_sign_is_noticed(reference: str) -> None:
    signs = reference.replace("-", "")
    for place in range(3, len(signs)):
        for wrong in set(ALPHABET) - {signs[place]}:
            assert normal_reference(signs[:place] + wrong + signs[place + 1 :]) is None


@given(references)
def test_every_swap_of_two_signs_is_noticed(reference: str) -> None:
    signs = list(reference.replace("-", ""))
    for first in range(3, len(signs)):
        for second in range(first + 1, len(signs)):
            if signs[first] != signs[second]:
                swapped = signs.copy()
                swapped[first], swapped[second] = signs[second], signs[first]
                assert normal_reference("".join(swapped)) is None


def test_a_misheard_letter_of_the_prefix_is_noticed() -> None:
    reference = new_reference(FORM)
    assert normal_reference(reference.replace("RFS", "RSS", 1)) is None
    assert normal_reference(reference.replace("RFS", "RSF", 1)) is None


@given(st.text(max_size=40))
def test_any_text_is_a_reference_or_none(said: str) -> None:
    found = normal_reference(said)
    assert found is None or normal_reference(found) == found
