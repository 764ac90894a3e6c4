from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

import pytest

from formengine.language.json_types import (
    Json,
    as_object,
    expect_list,
    expect_object,
    expect_text,
    expect_whole_number,
)

OF_EACH_KIND: dict[str, Json] = {
    "null": None,
    "a truth value": True,
    "a whole number": 3,
    "a number": 1.5,
    "a text": "yes",
    "a list": ["yes"],
    "an object": {"a": 1},
}


@pytest.mark.parametrize(
    ("expect", "kind"),
    [
        (expect_object, "an object"),
        (expect_list, "a list"),
        (expect_text, "a text"),
        (expect_whole_number, "a whole number"),
    ],
)
def test_what_is_due_comes_back_as_it_is_and_every_other_kind_is_refused(
    expect: Callable[[Json], Json], kind: str
) -> None:
    for name, value in OF_EACH_KIND.items():
        if name == kind:
            assert expect(value) is value
        else:
            with pytest.raises(TypeError, match=f"{kind} is due here, not {type(value).__name__}"):
                expect(value)


def test_an_object_that_is_no_dict_is_an_object() -> None:
    value = MappingProxyType({"a": 1})
    assert expect_object(value) is value
    assert as_object(value) is value


def test_whatever_is_no_object_becomes_an_empty_one() -> None:
    found = {name: as_object(value) for name, value in OF_EACH_KIND.items()}
    assert found == {name: {} for name in OF_EACH_KIND} | {"an object": {"a": 1}}
