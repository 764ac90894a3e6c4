import io
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pikepdf
import pytest

from formengine.output.paper.tagged.blocks import (
    Answer,
    AnswerTable,
    Bullets,
    DataTable,
    Divider,
    Numbered,
    PageBreak,
    PaperBlock,
    PaperCallout,
    PaperHeading,
    PaperParagraph,
    ParagraphKind,
    StyledRun,
    Tone,
)
from formengine.output.paper.tagged.document import Attachment, DocumentInfo, Furniture, Written, write
from formengine.output.paper.tagged.fonts import find_fonts
from formengine.output.paper.tagged.style import MM_PER_PT, find_style
from tests.support.paper_boxes import boxes_of, overlapping
from tests.support.paper_reading import artifacts, instructions, kids_of, mark_of, object_id, page_texts, read

pytestmark = pytest.mark.slow

AT = datetime(2026, 11, 22, 10, 14, tzinfo=UTC)
ABOUT = DocumentInfo("Request for Support", "Exampleshire Council", "en-GB", AT, subject="About a child")
FURNITURE = Furniture(
    "Request for Support", "RS-4K7P", "Exampleshire Council", "Page {page} of {pages}", "continued"
)
GOLDEN = Path(__file__).parent / "paper"
LONG = "She is settled at school and enjoys football with two friends from her class. "


def document(*blocks: PaperBlock, furniture: Furniture = FURNITURE) -> Written:
    return write(blocks, ABOUT, find_fonts(), furniture=furniture)


def every_block() -> list[PaperBlock]:
    return [
        PaperHeading("Request for Support", 1),
        PaperParagraph("Sent on 22 November 2026.", ParagraphKind.LEAD),
        PaperCallout(("Telephone ", StyledRun("020 7946 0123", bold=True), "."), "Urgent", Tone.WARNING),
        PaperHeading("The child", 2),
        AnswerTable([Answer("First name", "Zoë"), Answer("Address", "12 Example Street\nMaidstone")]),
        AnswerTable(
            [Answer("Languages", (PaperParagraph("Two:"), Bullets(["Polski", "Cymraeg (ŵ ŷ)"])))],
            ("Asked", "Told"),
        ),
        DataTable(["Name", "Born"], [["Ada Example", "2015"], ["Ben Example", "2012"]]),
        PaperHeading("Afterwards", 2),
        Numbered(["Read", (PaperParagraph("Then"), Bullets(["call", "write"]))]),
        Divider(),
        PaperParagraph(
            [
                StyledRun("Mae’n iawn.", language="cy"),
                " See ",
                StyledRun("the guide", link="https://example.org/g"),
                ".",
            ]
        ),
        PaperCallout("Keep this letter."),
    ]


def test_structure_of_every_block_is_as_written_out() -> None:
    assert read(document(*every_block()).content).outline() == (
        "Document",
        ("H1", "Request for Support"),
        ("P", "Sent on 22 November 2026."),
        ("Div", ("P", ("Strong", "Urgent")), ("Div", "Telephone ", ("Strong", "020 7946 0123"), ".")),
        ("H2", "The child"),
        (
            "Table",
            (
                "TBody",
                ("TR", ("TH", "First name"), ("TD", "Zoë")),
                ("TR", ("TH", "Address"), ("TD", "12 Example Street Maidstone")),
            ),
        ),
        (
            "Table",
            ("THead", ("TR", ("TH", ("Strong", "Asked")), ("TH", ("Strong", "Told")))),
            (
                "TBody",
                (
                    "TR",
                    ("TH", "Languages"),
                    (
                        "TD",
                        ("P", "Two:"),
                        (
                            "L",
                            ("LI", ("Lbl", "•"), ("LBody", "Polski")),
                            ("LI", ("Lbl", "•"), ("LBody", "Cymraeg (ŵ ŷ)")),
                        ),
                    ),
                ),
            ),
        ),
        (
            "Table",
            ("THead", ("TR", ("TH", ("Strong", "Name")), ("TH", ("Strong", "Born")))),
            (
                "TBody",
                ("TR", ("TH", "Ada Example"), ("TD", "2015")),
                ("TR", ("TH", "Ben Example"), ("TD", "2012")),
            ),
        ),
        ("H2", "Afterwards"),
        (
            "L",
            ("LI", ("Lbl", "1."), ("LBody", "Read")),
            (
                "LI",
                ("Lbl", "2."),
                (
                    "LBody",
                    ("P", "Then"),
                    ("L", ("LI", ("Lbl", "•"), ("LBody", "call")), ("LI", ("Lbl", "•"), ("LBody", "write"))),
                ),
            ),
        ),
        ("P", ("Span", "Mae’n iawn."), " See ", ("Link", "the guide"), "."),
        ("Div", ("Div", "Keep this letter.")),
    )


def test_poppler_sees_the_structure_of_the_golden_file(tmp_path: Path) -> None:
    file = tmp_path / "every_block.pdf"
    file.write_bytes(document(*every_block()).content)
    command = ["pdfinfo", "-struct-text", str(file)]
    seen = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stdout
    # Object numbers are no part of the claim.
    lines = [
        line if "Object " not in line else line.split("Object ")[0] + "Object" for line in seen.splitlines()
    ]
    assert lines == (GOLDEN / "every_block.txt").read_text("utf-8").splitlines()


def test_column_and_row_headers_have_their_scope() -> None:
    tables = read(document(*every_block()).content).find("Table")
    assert [[cell.scope for cell in table.find("TH")] for table in tables] == [
        ["Row", "Row"],
        ["Column", "Column", "Row"],
        ["Column", "Column", "Row", "Row"],
    ]


def test_a_language_stands_on_its_element() -> None:
    content = document(
        PaperHeading("Cais", 1, language="cy"),
        PaperParagraph(
            [StyledRun("Bonjour", bold=True, language="fr"), " and ", StyledRun("tak", language="pl")]
        ),
        AnswerTable([Answer("Enw", "Zoë", language="cy")]),
    ).content
    root = read(content)
    assert root.find("H1")[0].language == "cy"
    assert root.find("Strong")[0].language == "fr"
    assert root.find("Span")[0].language == "pl"
    assert root.find("TR")[0].language == "cy"
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.Root.Lang == "en-GB"


def test_a_link_has_an_annotation_with_contents_that_the_tree_knows() -> None:
    words = "a guide with a name so long that it needs a second line on any page of paper, as this one does"
    content = document(
        PaperHeading("A", 1),
        PaperParagraph(
            [
                "All the rest of it stands in a letter: ",
                StyledRun(words, link="https://example.org/g?a=1&b=(2)"),
            ]
        ),
    ).content
    assert read(content).find("Link")[0].links == 2
    with pikepdf.open(io.BytesIO(content)) as pdf:
        page = pdf.pages[0]
        notes = list(page.Annots)
        assert [str(note.A.URI) for note in notes] == ["https://example.org/g?a=1&b=(2)"] * 2
        assert [str(note.Contents) for note in notes] == [words] * 2
        assert page.Tabs == "/S"
        numbers = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
        owners = {int(key): value for key, value in zip(numbers[::2], numbers[1::2], strict=True)}
        assert [owners[int(note.StructParent)].S for note in notes] == ["/Link", "/Link"]
        assert all(int(note.F) & 4 for note in notes), "PDF/A wants annotations printed"


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "file:///etc/passwd", "https://é.example", "https://a b", ""]
)
def test_a_run_links_only_to_web_mail_and_telephone(link: str) -> None:
    with pytest.raises(ValueError, match="web, mail or telephone"):
        StyledRun("x", link=link)


def test_parent_tree_leads_back_from_every_piece_of_content() -> None:
    with pikepdf.open(io.BytesIO(document(*every_block()).content)) as pdf:
        numbers = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
        owners = {int(key): value for key, value in zip(numbers[::2], numbers[1::2], strict=True)}
        assert int(pdf.Root.StructTreeRoot.ParentTreeNextKey) == max(owners) + 1
        for page in pdf.pages:
            for mcid, element in enumerate(owners[int(page.StructParents)]):
                marks = [mark_of(kid, element) for kid in kids_of(element)]
                assert (object_id(page), mcid) in marks


def test_document_says_what_it_is() -> None:
    with pikepdf.open(io.BytesIO(document(*every_block()).content)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        with pdf.open_metadata() as xmp:
            assert xmp["dc:title"] == "Request for Support"
            assert xmp["dc:creator"] == ["Exampleshire Council"]
            assert xmp["dc:description"] == "About a child"
            assert xmp["pdfuaid:part"] == "1"
            assert xmp.pdfa_status == "3A"
            assert xmp["xmp:CreateDate"] == xmp["xmp:ModifyDate"] == "2026-11-22T10:14:00+00:00"
        assert pdf.Root.OutputIntents[0].S == "/GTS_PDFA1"
        fonts = [font for page in pdf.pages for font in page.Resources.Font.values()]
        assert all("/FontFile2" in font.DescendantFonts[0].FontDescriptor for font in fonts)


def test_bookmarks_nest_as_the_headings_do_and_are_short() -> None:
    content = document(
        PaperHeading("A", 1),
        PaperHeading("B " * 500, 2),
        PaperHeading("C", 2, bookmark=False),
        PaperHeading("D", 1),
    ).content
    with pikepdf.open(io.BytesIO(content)) as pdf, pdf.open_outline() as outline:
        assert [item.title for item in outline.root] == ["A", "D"]
        (inner,) = outline.root[0].children
        assert len(inner.title) == 120
        assert inner.title.endswith("…")


def test_attachment_is_associated_with_the_document() -> None:
    file = Attachment("answers.json", b'{"a": 1}', "application/json", "The answers")
    content = write([PaperHeading("A", 1)], ABOUT, find_fonts(), attachments=[file]).content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.attachments["answers.json"].get_file().read_bytes() == b'{"a": 1}'
        (spec,) = pdf.Root.AF
        assert spec.AFRelationship == "/Data"
        assert spec.EF.F.Subtype == "/application/json"


def test_same_input_gives_the_same_bytes_and_another_date_others() -> None:
    def make(at: datetime) -> bytes:
        file = Attachment("answers.json", b"{}", "application/json", "The answers")
        about = DocumentInfo("T", "C", "en-GB", at)
        return write(every_block(), about, find_fonts(), furniture=FURNITURE, attachments=[file]).content

    assert make(AT) == make(AT)
    assert make(AT) != make(AT + timedelta(seconds=1))
    assert make(AT.astimezone(timezone(timedelta(hours=1)))) == make(
        AT.astimezone(timezone(timedelta(hours=1)))
    )


def test_what_an_author_of_documents_may_not_do_is_said_at_once() -> None:
    with pytest.raises(ValueError, match="of level 3 after level 1"):
        document(PaperHeading("A", 1), PaperHeading("B", 3))
    with pytest.raises(ValueError, match="of level 2 after level 0"):
        document(PaperHeading("A", 2))
    with pytest.raises(ValueError, match="time zone"):
        DocumentInfo("T", "C", "en", datetime(2026, 11, 22))  # noqa: DTZ001
    with pytest.raises(ValueError, match="title"):
        DocumentInfo(" \x00", "C", "en", AT)
    with pytest.raises(ValueError, match="language tag"):
        PaperParagraph("x", language="en)")
    with pytest.raises(ValueError, match="row 1 has 1 cells"):
        DataTable(["a", "b"], [["x"]])


def test_headings_may_go_back_up_and_down() -> None:
    levels = [1, 2, 3, 2, 3, 4, 1]
    root = read(document(*[PaperHeading(f"at {level}", level) for level in levels]).content)
    tags = [part.tag for part in root.parts if not isinstance(part, str)]
    assert tags == ["H1", "H2", "H3", "H2", "H3", "H4", "H1"]


def test_furniture_is_an_artifact_on_every_page() -> None:
    written = document(
        PaperHeading("A", 1), PageBreak(), PaperParagraph("b"), PageBreak(), PageBreak(), PaperParagraph("c")
    )
    assert written.page_count == 3
    assert artifacts(written.content) == [
        "Page 1 of 3Exampleshire Council",
        "RS-4K7PRequest for SupportPage 2 of 3Exampleshire Council",
        "RS-4K7PRequest for SupportPage 3 of 3Exampleshire Council",
    ]
    assert read(written.content).outline() == ("Document", ("H1", "A"), ("P", "b"), ("P", "c"))


def test_long_furniture_is_shortened_to_its_place() -> None:
    furniture = Furniture(foot_left="council " * 100, page_of="{page}/{pages} " * 30)
    (shown,) = artifacts(document(PaperHeading("A", 1), furniture=furniture).content)
    assert shown.count("…") == 2
    assert len(shown) < 200


def test_a_row_higher_than_a_page_flows_on_and_its_headers_are_repeated_as_artifacts() -> None:
    answer = LONG * 150
    table = AnswerTable(
        [Answer("Tell us everything", answer), Answer("And then", "Nothing")], ("Question", "Answer")
    )
    written = document(PaperHeading("A", 1), table)
    assert written.page_count == 3
    root = read(written.content)
    assert len(root.find("Table")) == 1
    assert [cell.text.strip() for cell in root.find("TD")] == [answer.strip(), "Nothing"]
    assert [cell.text for cell in root.find("TH")] == ["Question", "Answer", "Tell us everything", "And then"]
    for shown in artifacts(written.content)[1:]:
        assert shown.startswith("QuestionAnswerTell us everythingcontinued")


def test_a_long_answer_stands_across_the_page_under_its_label_and_a_list_beside_it() -> None:
    rows = [Answer("Long", LONG * 20), Answer("Listed", (Bullets(["An item"] * 90),)), Answer("Short", "Yes")]
    content = document(PaperHeading("A", 1), AnswerTable(rows)).content
    assert [cell.text for cell in read(content).find("TH")] == ["Long", "Listed", "Short"]
    left = {box.left for box in boxes_of(content) if box.page == 0 and box.baseline < 700}
    assert min(left) == pytest.approx(find_style().left_mm / MM_PER_PT, abs=0.1)
    assert any(shown.startswith("Listedcontinued") for shown in artifacts(content)[1:])
    assert overlapping(boxes_of(content)) == []


def test_a_label_longer_than_its_answer_does_not_run_into_the_next_row() -> None:
    rows = [Answer(f"{LONG * 3}", "Yes") for _ in range(12)]
    root = read(document(PaperHeading("A", 1), AnswerTable(rows)).content)
    assert [cell.text for cell in root.find("TH")] == [(LONG * 3).strip()] * 12


def test_column_headers_higher_than_a_page_are_not_cut() -> None:
    table = DataTable([LONG * 60, "b"], [["x", "y"]])
    root = read(document(PaperHeading("A", 1), table).content)
    assert [cell.text.strip() for cell in root.find("TH")] == [(LONG * 60).strip(), "b", "x"]


def test_a_long_callout_flows_over_pages() -> None:
    written = document(PaperHeading("A", 1), PaperCallout(LONG * 150, "Note this"))
    assert written.page_count > 2
    assert read(written.content).find("Div")[1].text.strip() == (LONG * 150).strip()


def page_of_text(content: bytes, needle: str) -> int:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        (found,) = [
            n for n, page in enumerate(pdf.pages, 1) if needle in "|".join(page_texts(page)[0].values())
        ]
    return found


@pytest.mark.parametrize("filler", range(30, 50))
@pytest.mark.parametrize(
    "follower",
    [
        PaperParagraph("follows " * 60),
        AnswerTable([Answer("follows", "yes " * 80)], ("Question", "Answer")),
        PaperCallout("follows " * 30),
        Bullets(["follows", "and more"]),
    ],
    ids=["paragraph", "table", "callout", "list"],
)
def test_a_heading_never_stands_alone_at_a_pages_foot(filler: int, follower: PaperBlock) -> None:
    lines = [PaperParagraph("\n".join(f"line {n}" for n in range(filler)))]
    content = document(
        *[PaperHeading("A", 1), *lines, PaperHeading("Stay", 2), PaperHeading("here", 3), follower]
    ).content
    page = page_of_text(content, "Stay")
    assert page_of_text(content, "here") == page
    assert page_of_first(content, "follows") == page


def page_of_first(content: bytes, needle: str) -> int:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return min(
            n for n, page in enumerate(pdf.pages, 1) if needle in "|".join(page_texts(page)[0].values())
        )


def test_nothing_is_drawn_below_the_foot_or_outside_the_margins() -> None:
    blocks = [*every_block(), AnswerTable([Answer("w" * 300, "W" * 3000)]), Bullets(["x" * 500] * 40)]
    with pikepdf.open(io.BytesIO(document(*blocks).content)) as pdf:
        for page in pdf.pages:
            for operands, operator in instructions(page):
                if operator == "Td":
                    x, y = float(operands[0]), float(operands[1])
                    assert 62 < x < 595.28 - 62
                    assert y > 30


def test_the_empty_document_is_a_page() -> None:
    written = write([], ABOUT, find_fonts())
    assert written.page_count == 1
    assert read(written.content).outline() == ("Document",)
