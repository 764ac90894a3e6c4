"""The look of PDFs: what the file says, what a council's file may say otherwise, and what is refused."""

import io
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner

from formengine.cli.program import program
from formengine.output.paper.tagged.blocks import PaperHeading, ParagraphKind
from formengine.output.paper.tagged.document import DocumentInfo, write
from formengine.output.paper.tagged.fonts import find_fonts
from formengine.output.paper.tagged.style import colour, contrast_with_white, find_style
from formengine.output.themes import ThemeError
from tests.support.paper_reading import instructions
from tests.support.pdf_samples import AT


def pack(folder: Path, text: str) -> Path:
    (folder / "pdf").mkdir(parents=True)
    (folder / "pdf" / "style.yaml").write_text(text, encoding="utf-8")
    return folder


def test_the_look_that_comes_with_formengine_is_a4() -> None:
    style = find_style()
    assert (style.page_width_mm, style.page_height_mm, style.width_mm, style.foot_mm) == (210, 297, 166, 272)
    assert len(style.headings) == 6
    assert set(style.paragraphs) == set(ParagraphKind)
    assert style.accent == colour("1d4f7c")


def test_a_council_says_only_what_it_has_otherwise(tmp_path: Path) -> None:
    style = find_style(pack(tmp_path, 'colours:\n  accent: "6a1b4d"\ntext:\n  body:\n    size_pt: 12\n'))
    assert style.accent == colour("6a1b4d")
    assert style.paragraphs[ParagraphKind.BODY].size_pt == 12
    assert style.paragraphs[ParagraphKind.BODY].line_mm == find_style().paragraphs[ParagraphKind.BODY].line_mm
    assert style.link == find_style().link


def test_the_first_of_several_themes_is_asked_first(tmp_path: Path) -> None:
    one = pack(tmp_path / "one", "page:\n  left_mm: 30\n")
    two = pack(tmp_path / "two", "page:\n  left_mm: 40\n  right_mm: 15\n")
    style = find_style(one, two)
    assert (style.left_mm, style.right_mm) == (30, 15)


def test_a_document_is_set_in_the_look_it_is_given(tmp_path: Path) -> None:
    style = find_style(
        pack(tmp_path, 'colours:\n  accent: "6a1b4d"\npage:\n  width_mm: 148\n  height_mm: 210\n')
    )
    content = write(
        [PaperHeading("A", 1)], DocumentInfo("A", "C", "en-GB", AT), find_fonts(), style=style
    ).content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert [round(float(side) * 25.4 / 72) for side in pdf.pages[0].mediabox] == [0, 0, 148, 210]
        fills = [operands for operands, name in instructions(pdf.pages[0]) if name == "rg"]
    assert [0.416, 0.106, 0.302] in [[float(part) for part in operands] for operands in fills]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "colours:\n  acent: x\n",
            "line 2: colours.acent is no key of a style; did you mean colours.accent?",
        ),
        (
            "colours:\n  accent: blue\n",
            "line 2: colours.accent: 'blue' is not a colour of six hexadecimal digits",
        ),
        (
            'colours:\n  ink: "999999"\n',
            "line 2: colours.ink is too pale for text: its contrast with white is 2.8, at least 4.5 is needed",
        ),
        ("page:\n  left_mm: wide\n", "line 2: page.left_mm is a number from 0 to 1000, not 'wide'"),
        ("page:\n  left_mm: nan\n", "line 2: page.left_mm is a number from 0 to 1000, not 'nan'"),
        ("page:\n  left_mm: 140\n", "line 2: page.left_mm leaves no room for text between the margins"),
        ("page:\n  top_mm: 250\n", "line 2: page.top_mm leaves no room for text above the foot"),
        ("page:\n  left_mm:\n    - 1\n", "line 2: page.left_mm is a list; it is one value"),
        ("text:\n  body:\n    bold: yes\n", "line 3: text.body.bold is true or false, not 'yes'"),
        (
            "text:\n  body:\n    colour: pink\n",
            "line 3: text.body.colour is the name of a colour such as ink, not 'pink'",
        ),
        ("text:\n  body:\n    size_pt: 2\n", "line 3: text.body.size_pt is a number from 6 to 72, not '2'"),
    ],
)
def test_a_look_that_no_document_can_have_is_refused_with_its_line(
    tmp_path: Path, text: str, said: str
) -> None:
    folder = pack(tmp_path, text)
    with pytest.raises(ThemeError) as caught:
        find_style(folder)
    assert str(caught.value) == f"{folder}/pdf/style.yaml, {said}"


@pytest.mark.parametrize("text", ["", "a: [", "- a\n", "\tx: 1\n", "page: &a\n  left_mm: 2\n"])
def test_a_file_that_is_no_yaml_mapping_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    folder = pack(tmp_path, text)
    with pytest.raises(ThemeError, match=r"style\.yaml, line \d+: ."):
        find_style(folder)


@pytest.mark.parametrize(("folder", "said"), [("", "is no theme"), ("bad", "colours.accent")])
def test_the_command_refuses_a_bad_theme_in_one_line(tmp_path: Path, folder: str, said: str) -> None:
    pack(tmp_path / "bad", "colours:\n  accent: blue\n")
    arguments = [
        "pdf",
        "request-for-support",
        "-o",
        str(tmp_path / "o.pdf"),
        "--theme",
        str(tmp_path / folder),
    ]
    run = CliRunner().invoke(program, arguments)
    assert run.exit_code == 2
    assert said in run.output
    assert not (tmp_path / "o.pdf").exists()


def test_contrast_is_that_of_wcag() -> None:
    assert contrast_with_white((0, 0, 0)) == pytest.approx(21)
    assert contrast_with_white((1, 1, 1)) == pytest.approx(1)
    assert contrast_with_white(colour("767676")) == pytest.approx(4.54, abs=0.01)


def test_a_file_of_an_earlier_version_is_refused_with_its_new_name(tmp_path: Path) -> None:
    (tmp_path / "pdf").mkdir()
    (tmp_path / "pdf" / "look.yaml").write_text("page:\n  left_mm: 30\n", encoding="utf-8")
    with pytest.raises(ThemeError, match=r"look\.yaml is called style\.yaml now; rename it$"):
        find_style(tmp_path)
