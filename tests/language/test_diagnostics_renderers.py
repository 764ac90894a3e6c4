"""The same findings as text, JSON, GitHub annotations and SARIF, written out."""

from __future__ import annotations

import json
from typing import Any

from formengine.language.diagnostics import (
    Diagnostic,
    Related,
    render_github,
    render_json,
    render_text,
    to_json,
)
from formengine.language.diagnostics.sarif import render_sarif, to_sarif
from formengine.language.diagnostics.terminal import width_of
from formengine.language.source import Source, Span

FORM = Source("membership.yaml", "form: membership\nfields:\n  - id: age\n    show_if: aeg >= 18\n")


def span(source: Source, part: str, occurrence: int = 0) -> Span:
    at = -1
    for _ in range(occurrence + 1):
        at = source.text.index(part, at + 1)
    return Span(source, at, at + len(part))


UNKNOWN = Diagnostic(
    "unknown-field",
    "No field is called `aeg`",
    span(FORM, "aeg"),
    label="not defined before this line",
    help="there is a field with a similar name: `age` (line 3)",
    related=(Related(span(FORM, "age"), "similar name"),),
)


def test_text_shows_the_authors_line_with_carets_label_help_and_related_place() -> None:
    assert render_text([UNKNOWN]) == (
        "error[unknown-field]: No field is called `aeg`\n"
        " --> membership.yaml:4:14\n"
        "  |\n"
        "4 |     show_if: aeg >= 18\n"
        "  |              ^^^ not defined before this line\n"
        " ::: membership.yaml:3:9\n"
        "  |\n"
        "3 |   - id: age\n"
        "  |         ^^^ similar name\n"
        "  = help: there is a field with a similar name: `age` (line 3)\n"
    )


def one(text: str, start: int, end: int, label: str = "here") -> str:
    return render_text(
        [Diagnostic("a-code", "A fact", Span(Source("f.yaml", text), start, end), label=label)]
    )


def test_text_puts_the_caret_under_a_character_behind_tabs_and_wide_characters() -> None:
    assert one("\t名前x: 1\n", 3, 4) == (
        "error[a-code]: A fact\n --> f.yaml:1:4\n  |\n1 |     名前x: 1\n  |         ^ here\n"
    )


def test_text_counts_no_column_for_combining_marks() -> None:
    assert one("cafe\u0301 x\n", 6, 7).splitlines()[-1] == "  |      ^ here"


def test_text_cuts_a_long_line_round_its_caret() -> None:
    shown = one("a" * 300 + "HERE" + "b" * 300, 300, 304).splitlines()
    assert shown[3] == "1 | …" + "a" * 47 + "HERE" + "b" * 47 + "…"
    assert shown[4] == "  |  " + " " * 47 + "^^^^ here"


def test_text_shows_the_first_and_last_line_of_a_long_span() -> None:
    assert one("a: |\n  1\n  2\n  3\n  4\nb: x\n", 3, 20) == (
        "error[a-code]: A fact\n --> f.yaml:1:4\n  |\n1 | a: |\n  |    ^\n. |\n5 |   4\n  |   ^ here\n"
    )


def test_text_sends_no_control_character_to_the_terminal() -> None:
    shown = one("a: \x1b[31mred\x9b\n", 3, 4)
    assert "\x1b" not in shown
    assert "\x9b" not in shown
    assert "␛[31mred�" in shown


def test_text_of_a_finding_without_a_file_names_only_what_was_asked_for() -> None:
    finding = Diagnostic("file-unreadable", "There is no such file", Span(Source("x.yaml", ""), 0, 0))
    assert render_text([finding]) == "error[file-unreadable]: There is no such file\n --> x.yaml\n"


def test_text_at_the_end_of_a_file_without_line_end_has_one_caret() -> None:
    assert one("form:", 5, 5).splitlines()[-2:] == ["1 | form:", "  |      ^ here"]


def test_no_findings_are_no_text() -> None:
    assert render_text([]) == ""
    assert render_github([]) == ""


def test_width_counts_terminal_columns() -> None:
    assert [width_of(text) for text in ("abc", "名", "e\u0301", "😀", "ﾊ")] == [3, 2, 1, 2, 1]


def test_json_gives_places_in_lines_columns_and_offsets() -> None:
    assert to_json([UNKNOWN]) == {
        "version": 1,
        "diagnostics": [
            {
                "code": "unknown-field",
                "severity": "error",
                "message": "No field is called `aeg`",
                "label": "not defined before this line",
                "help": "there is a field with a similar name: `age` (line 3)",
                "file": "membership.yaml",
                "start": {"line": 4, "column": 14, "offset": 50},
                "end": {"line": 4, "column": 17, "offset": 53},
                "related": [
                    {
                        "note": "similar name",
                        "file": "membership.yaml",
                        "start": {"line": 3, "column": 9, "offset": 33},
                        "end": {"line": 3, "column": 12, "offset": 36},
                    }
                ],
            }
        ],
    }


def test_json_text_is_ascii_and_reads_back() -> None:
    finding = Diagnostic("a-code", "Name \ud83d “x”", Span(Source("f.yaml", "é"), 0, 1))
    written = render_json([finding])
    assert written.isascii()
    assert json.loads(written)["diagnostics"][0]["message"] == "Name \ud83d “x”"


def test_github_escapes_what_would_end_a_property_or_the_command() -> None:
    source = Source("a,b:c%.yaml", "x: y\n")
    finding = Diagnostic("a-code", "100%\nsure", Span(source, 3, 4), help="do: this", severity="warning")
    assert render_github([finding]) == (
        "::warning file=a%2Cb%3Ac%25.yaml,line=1,endLine=1,title=a-code,col=4,endColumn=4"
        "::100%25%0Asure%0Ahelp: do: this\n"
    )


def test_github_calls_an_info_a_notice_and_leaves_columns_out_over_several_lines() -> None:
    finding = Diagnostic("a-code", "A fact", Span(Source("f.yaml", "a: |\n  b\n"), 3, 8), severity="info")
    assert render_github([finding]) == "::notice file=f.yaml,line=1,endLine=2,title=a-code::A fact\n"


def test_sarif_columns_count_utf16_code_units_and_file_names_are_uri_references() -> None:
    source = Source("mein formular.yaml", "a: 😀 b: c\n")
    finding = Diagnostic("colon-in-text", "A fact", Span(source, 6, 7), label="here", help="do this")
    log = to_sarif([finding], version="1.0")
    assert log["runs"][0]["columnKind"] == "utf16CodeUnits"
    assert log["runs"][0]["results"] == [
        {
            "ruleId": "colon-in-text",
            "ruleIndex": 0,
            "level": "error",
            "message": {"text": "A fact\ndo this"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "mein%20formular.yaml"},
                        "region": {"startLine": 1, "startColumn": 8, "endLine": 1, "endColumn": 9},
                    },
                    "message": {"text": "here"},
                }
            ],
        }
    ]


def test_sarif_takes_its_rules_from_the_catalogue() -> None:
    finding = Diagnostic("curly-quotes", "A fact", span(FORM, "age"), severity="warning")
    (rule,) = to_sarif([finding], version="1.0")["runs"][0]["tool"]["driver"]["rules"]
    assert rule["id"] == "curly-quotes"
    assert rule["shortDescription"] == {"text": "A text stands in typographic quotes"}
    assert rule["defaultConfiguration"] == {"level": "warning"}


def required_by_sarif(log: dict[str, Any]) -> None:
    """The demands of SARIF 2.1.0 on what we write (sections 3.13 to 3.30 and 3.49)."""
    assert set(log) == {"$schema", "version", "runs"}
    assert log["version"] == "2.1.0"
    for run in log["runs"]:
        driver = run["tool"]["driver"]
        assert driver["name"]
        assert len({rule["id"] for rule in driver["rules"]}) == len(driver["rules"])
        for result in run["results"]:
            assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
            assert result["level"] in {"none", "note", "warning", "error"}
            assert result["message"]["text"]
            related = result.get("relatedLocations", [])
            assert [place["id"] for place in related] == list(range(1, len(related) + 1))
            for place in [*result["locations"], *related]:
                region = place["physicalLocation"]["region"]
                assert min(region.values()) >= 1
                start = region["startLine"], region["startColumn"]
                assert start <= (region["endLine"], region["endColumn"])


def test_sarif_keeps_the_rules_of_its_standard() -> None:
    empty = Diagnostic("empty-file", "A fact", Span(Source("f.yaml", "#\n"), 2, 2), severity="info")
    log = json.loads(render_sarif([UNKNOWN, empty, UNKNOWN], version="1.0"))
    required_by_sarif(log)
    assert [result["ruleIndex"] for result in log["runs"][0]["results"]] == [1, 0, 1]
    assert log["runs"][0]["results"][0]["relatedLocations"][0]["message"] == {"text": "similar name"}
