import subprocess
import sys
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from formengine.output.paper.tagged.blocks import PaperHeading, PaperParagraph
from formengine.output.paper.tagged.document import DocumentInfo, write
from formengine.output.paper.tagged.fonts import Face, Fonts, FontStyle, NotAFontError, find_fonts

VOWELS = "aăâeêioôơuưy"
TONES = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
LETTERS = {
    "Welsh": "âêîôûŵŷàèìòùẁỳáéíóúẃýäëïöüẅÿ",
    "Polish": "ąćęłńóśźż",
    "Turkish": "çğıöşüâîû",
    "Romanian": "ăâîșțşţ",
    "Vietnamese": "".join(unicodedata.normalize("NFC", v + t) for v in VOWELS for t in TONES) + "đ",
    "Lithuanian": "ąčęėįšųūž",
    "Slovak and Czech": "áäčďéíĺľňóôŕšťúýžěřů",
    "Hungarian": "áéíóöőúüű",
    "Portuguese": "ãõçàâêôáéíóú",
}
UPPER = {"Turkish": "ÇĞIİÖŞÜ"}
UPRIGHT_ONLY = {
    "Greek": "αβγδεζηθικλμνξοπρςστυφχψωάέήίόύώϊϋΐΰ",
    "Ukrainian, Bulgarian, Russian": "абвгґдеєжзиіїйклмнопрстуфхцчшщъьыэюяё",
}
SYMBOLS = "€£–—‘’“”…•☐☑✓→°½²·"


@pytest.mark.parametrize("face", ["Regular", "Bold", "It", "BoldIt"])
@pytest.mark.parametrize("language", LETTERS)
def test_every_style_of_the_base_font_has_every_letter_of(language: str, face: str) -> None:
    (path,) = {f.path for chain in all_chains() for f in chain if f.path.name == f"SourceSansPro-{face}.ttf"}
    letters = LETTERS[language] + UPPER.get(language, LETTERS[language].upper())
    with TTFont(path) as font:
        assert [char for char in letters if ord(char) not in font.getBestCmap()] == []


@pytest.mark.parametrize("language", UPRIGHT_ONLY)
def test_every_style_draws_every_letter_of(language: str) -> None:
    letters = UPRIGHT_ONLY[language]
    for chain in all_chains():
        covered = set().union(*(face.advances for face in chain))
        assert set(letters + letters.upper()) - covered == set()


def test_symbols_of_forms_are_covered() -> None:
    assert find_fonts().missing(SYMBOLS) == frozenset()


def all_chains() -> list[tuple[Face, ...]]:
    return [find_fonts().chain(FontStyle(bold, italic)) for bold in (False, True) for italic in (False, True)]


def test_missing_names_what_no_font_has_and_counts_spaces_and_joiners_as_drawn() -> None:
    only_base = Fonts(*((find_fonts().regular[0],),) * 4)
    assert only_base.missing("Łukasz 名前\n\u200d\u200f👧") == frozenset("名前👧")


def test_widths_are_those_the_font_has() -> None:
    face = find_fonts().regular[0]
    with TTFont(face.path) as font:
        assert font["head"].unitsPerEm == 1000
        assert face.advances["W"] == font["hmtx"].metrics["W"][0]
        assert face.advances["ŵ"] == font["hmtx"].metrics[font.getBestCmap()[ord("ŵ")]][0]


def test_given_fonts_come_right_after_the_base() -> None:
    extra = find_fonts().bold[0].path.with_name("SourceSansPro-Black.ttf")
    chain = find_fonts([extra]).regular
    assert [face.path.name for face in chain[:2]] == [
        "SourceSansPro-Regular.ttf",
        "SourceSansPro-Black.ttf",
    ] or [face.path.name for face in chain[:3]] == [
        "SourceSansPro-Regular.ttf",
        "SourceSansPro-Bold.ttf",
        "SourceSansPro-Black.ttf",
    ]


@pytest.mark.parametrize("content", [b"", b"not a font", b"\x00\x01\x00\x00" + b"\xff" * 200])
def test_a_file_that_is_no_font_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "letters.ttf"
    file.write_bytes(content)
    with pytest.raises(NotAFontError, match=r"letters\.ttf is not a TrueType"):
        find_fonts([file])
    with pytest.raises(NotAFontError):
        find_fonts([tmp_path / "absent.ttf"])


def test_shaped_text_comes_in_reading_order_with_the_first_letter_at_the_right() -> None:
    face = find_fonts().regular[0]
    glyphs, width = face.shape("abc", right_to_left=True)
    assert [glyph.text for glyph in glyphs] == ["a", "b", "c"]
    assert glyphs[0].x > glyphs[1].x > glyphs[2].x == 0
    assert width == glyphs[0].x + face.advances["a"]


def test_importing_formengine_does_not_import_fpdf2() -> None:
    heavy = ("fpdf", "fontTools", "PIL", "uharfbuzz")
    code = f"import sys, formengine; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_a_missing_letter_is_logged_by_its_code_point_and_nothing_of_the_text_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    about = DocumentInfo("A", "Council", "en-GB", datetime(2026, 11, 22, tzinfo=UTC))
    written = write(
        [PaperHeading("A", 1), PaperParagraph("Secret \ue000 words \U000f0000")], about, find_fonts()
    )
    assert written.substituted == ("\ue000", "\U000f0000")
    assert caplog.messages == ["no installed font has U+E000, U+F0000; drawn as a substitute"]
