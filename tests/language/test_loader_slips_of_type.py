"""A mistyped `type` is told at the very word."""

from __future__ import annotations

from tests.support.loading import form_text, loaded


def test_a_key_like_type_is_named_as_the_slip() -> None:
    _, findings = loaded(form_text("- id: name\n  typ: text\n  label: Name\n"))
    (finding,) = findings
    assert (finding.code, finding.message) == ("missing-key", "The field `name` has no `type`")
    assert finding.help == "there is a similar key: `typ`; write `type` instead"
    span = finding.span
    assert span.source.text[span.start : span.end] == "typ"


def test_a_field_without_anything_like_a_type_is_told_to_add_one() -> None:
    _, findings = loaded(form_text("- id: name\n  label: Name\n"))
    assert [finding.help for finding in findings] == ["add a line `type: text`, or another type"]
