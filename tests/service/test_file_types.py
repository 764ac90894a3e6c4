"""What is taken as an upload, and what is refused with which reason."""

from __future__ import annotations

import io
import re
import unicodedata

import docx as python_docx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from formengine.form.state import FieldError
from formengine.language.words import Wording
from formengine.service.files.file_names import LONGEST, clean_name
from formengine.service.files.file_types import ENDINGS, CheckedFile, check_file
from formengine.service.files.images import redrawn
from formengine.service.files.refusals import Refusal
from tests.support import upload_files

REFUSED = upload_files.refused()
TAKEN = upload_files.taken()


def kept(name: str, content: bytes) -> CheckedFile:
    checked = check_file(name, content)
    assert isinstance(checked, CheckedFile), checked
    return checked


def decoded(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


# --- which are taken ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", REFUSED)
def test_a_file_that_is_not_what_it_should_be_is_refused_with_its_reason(fault: str) -> None:
    name, content, rule = REFUSED[fault]
    checked = check_file(name, content)
    assert isinstance(checked, Refusal)
    assert checked.rule == rule


def test_the_corpus_has_at_least_forty_files() -> None:
    assert len(REFUSED) >= 40


@pytest.mark.parametrize("ending", TAKEN)
def test_a_file_of_each_type_is_taken(ending: str) -> None:
    name, content = TAKEN[ending]
    checked = kept(name, content)
    assert checked.name == name.lower()
    assert (
        checked.media_type
        == {
            "pdf": "application/pdf",
            "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "doc": "application/msword",
            "jpg": "image/jpeg",
            "jpeg": "image/jpeg",
            "png": "image/png",
        }[ending]
    )


@pytest.mark.parametrize("ending", ["pdf", "docx", "doc"])
def test_a_document_is_kept_byte_for_byte(ending: str) -> None:
    name, content = TAKEN[ending]
    assert kept(name, content).content == content


def test_a_type_that_the_question_does_not_take_is_refused_with_those_it_takes() -> None:
    assert check_file("photo.png", upload_files.png(), ("pdf", "doc")) == Refusal(
        "wrong_file_type",
        {"file": "photo.png", "ending": "PNG", "accept": "PDF, DOC", "endings": ("pdf", "doc")},
    )


def test_a_document_written_by_an_office_program_with_a_link_and_a_picture_is_taken() -> None:
    written = python_docx.Document()
    written.add_paragraph("A letter")
    written.add_picture(io.BytesIO(upload_files.png()))
    written.part.relate_to("https://example.org", f"{upload_files.OFFICE}/hyperlink", is_external=True)
    target = io.BytesIO()
    written.save(target)
    assert kept("letter.docx", target.getvalue()).content == target.getvalue()


def test_a_template_on_the_writers_own_disk_is_no_reason_to_refuse_a_document() -> None:
    own = upload_files.relationship("attachedTemplate", "file:///C:\\Users\\ann\\Normal.dotm")
    content = upload_files.docx(relationships=own)
    assert kept("letter.docx", content).content == content


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (
            Refusal("wrong_file_type", {"file": "a.exe", "accept": "PDF, DOC", "endings": ("pdf", "doc")}),
            "“a.exe” cannot be taken for attachment. Save it as one of these types and choose that: PDF, DOC",
        ),
        (
            Refusal("wrong_file_type", {"file": "a.exe", "accept": "PDF", "endings": ("pdf",)}),
            "“a.exe” cannot be taken for attachment. Save it as the type PDF and choose that",
        ),
    ],
)
def test_what_a_question_takes_is_said_with_the_name_of_the_file(refusal: Refusal, said: str) -> None:
    assert Wording().words(FieldError("a", "p", "file", refusal.rule, "Attachment", refusal.facts)) == said


@pytest.mark.parametrize("fault", REFUSED)
def test_every_reason_names_the_file_and_says_what_to_do(fault: str) -> None:
    name, content, _ = REFUSED[fault]
    refusal = check_file(name, content)
    assert isinstance(refusal, Refusal)
    said = Wording().words(FieldError("a", "p", "file", refusal.rule, "Attachment", refusal.facts))
    assert said.startswith(f"“{clean_name(name)}” ")
    assert re.search(r"[.,] (and )?(Open|Save|Choose|choose|save)", said)
    assert "{" not in said


# A picture whose camera's notes are damaged: Pillow warns of it.
@example("jpg", b"\x00", 37, False)
@given(st.sampled_from(sorted(TAKEN)), st.binary(max_size=300), st.integers(0, 3000), st.booleans())
def test_no_file_whatever_its_bytes_raises(ending: str, noise: bytes, at: int, cut: bool) -> None:
    name, content = TAKEN[ending]
    spoilt = content[:at] + noise + (b"" if cut else content[at + len(noise) :])
    assert isinstance(check_file(name, spoilt), CheckedFile | Refusal)


# --- pictures under whatever name ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["photo.png", "photo.jfif", "photo.jpe", "photo.heic", "photo.webp", "photo"]
)
def test_a_jpeg_under_another_name_of_pictures_is_taken_as_a_jpeg(name: str) -> None:
    assert kept(name, upload_files.jpeg()).name == "photo.jpg"


@pytest.mark.parametrize("name", ["photo.jpg", "photo.jpeg", "photo.heif", "photo"])
def test_a_png_under_another_name_of_pictures_is_taken_as_a_png(name: str) -> None:
    assert kept(name, upload_files.png()).name == "photo.png"


def test_a_picture_gets_an_ending_that_its_question_takes() -> None:
    checked = check_file("photo.png", upload_files.jpeg(), ("jpeg",))
    assert isinstance(checked, CheckedFile)
    assert (checked.name, checked.media_type) == ("photo.jpeg", "image/jpeg")


def test_a_jpeg_called_png_is_no_png_where_only_those_are_taken() -> None:
    checked = check_file("photo.png", upload_files.jpeg(), ("png",))
    assert isinstance(checked, Refusal)
    assert checked.rule == "wrong_content"


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"hevc", b"mif1", b"msf1"])
@pytest.mark.parametrize("name", ["IMG_0001.HEIC", "IMG_0001.jpg", "IMG_0001.png", "IMG_0001"])
def test_a_photo_of_an_iphone_is_known_by_its_content_and_told_how_to_be_a_jpeg(
    name: str, brand: bytes
) -> None:
    refusal = check_file(name, upload_files.boxed_picture(brand))
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "phone_picture"
    said = Wording().words(FieldError("a", "p", "file", refusal.rule, "Attachment", refusal.facts))
    assert said.startswith(f"“{clean_name(name)}” is a HEIC photo")
    assert "take a screenshot" in said
    assert "save it as a JPEG" in said


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (upload_files.boxed_picture(b"avif"), "AVIF"),
        (upload_files.boxed_picture(b"mif1", b"avif"), "AVIF"),
        (b"RIFF\x1a\0\0\0WEBPVP8L", "WebP"),
        (b"GIF89a", "GIF"),
        (b"II*\0\x08\0\0\0", "TIFF"),
        (b"MM\0*\0\0\0\x08", "TIFF"),
        (b"BM\x46\0\0\0", "BMP"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"\xff\x0a\x7f", "JPEG XL"),
    ],
)
@pytest.mark.parametrize("name", ["photo.jpg", "photo.webp"])
def test_a_picture_of_another_format_is_called_by_it(content: bytes, kind: str, name: str) -> None:
    refusal = check_file(name, content)
    assert isinstance(refusal, Refusal)
    assert (refusal.rule, refusal.facts["format"]) == ("other_picture", kind)


def test_a_film_in_the_same_boxes_is_no_picture() -> None:
    refusal = check_file("film.jpg", upload_files.boxed_picture(b"isom", b"mp42"))
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "wrong_content"


@pytest.mark.parametrize("content", [upload_files.boxed_picture(b"heic"), b"GIF89a"])
def test_a_question_without_pictures_does_not_ask_for_another_picture(content: bytes) -> None:
    refusal = check_file("photo.heic", content, ("pdf",))
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "wrong_file_type"


# --- pictures -------------------------------------------------------------------------------------------------------


def test_a_photo_loses_its_place_its_owner_and_its_comment() -> None:
    photo = upload_files.jpeg()
    assert b"OWNER-OF-THE-CAMERA" in photo
    assert decoded(photo).getexif().get_ifd(0x8825) != {}
    content = kept("photo.jpg", photo).content
    assert b"CAMERA" not in content
    assert b"Exif" not in content
    assert not dict(decoded(content).getexif())


def test_a_png_loses_the_texts_of_its_maker() -> None:
    content = kept("photo.png", upload_files.png()).content
    assert b"tEXt" not in content
    assert b"iTXt" not in content
    assert b"COMPUTER" not in content


def test_a_photo_is_turned_as_its_camera_was_held() -> None:
    # 6: the camera was held so that the picture must be turned a quarter clockwise to be seen upright.
    upright = decoded(kept("photo.jpg", upload_files.jpeg((40, 30), orientation=6)).content).convert("RGB")
    assert upright.size == (30, 40)
    red, _, blue = upright.getpixel((15, 3))  # type: ignore[misc]
    assert (red > 200, blue < 60) == (True, True)
    red, _, blue = upright.getpixel((15, 36))  # type: ignore[misc]
    assert (red < 60, blue > 200) == (True, True)


@pytest.mark.parametrize(("mode", "after"), [("L", "L"), ("RGB", "RGB"), ("CMYK", "RGB")])
def test_a_photo_is_kept_in_colours_that_every_screen_shows(mode: str, after: str) -> None:
    assert decoded(kept("photo.jpg", upload_files.jpeg(mode=mode)).content).mode == after


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "P", "1", "I;16"])
def test_a_png_keeps_its_kind_of_pixels(mode: str) -> None:
    target = io.BytesIO()
    Image.new(mode, (10, 10), 1).save(target, "PNG")
    assert decoded(kept("photo.png", target.getvalue()).content).mode == mode


def test_a_transparent_colour_stays_transparent() -> None:
    two_colours = Image.new("P", (10, 10), 0)
    two_colours.putpalette([255, 0, 0, 0, 0, 255])
    two_colours.paste(1, (5, 0, 10, 10))
    target = io.BytesIO()
    two_colours.save(target, "PNG", transparency=1)
    again = decoded(kept("photo.png", target.getvalue()).content).convert("RGBA")
    assert again.getpixel((0, 0)) == (255, 0, 0, 255)
    assert again.getpixel((9, 0)) == (0, 0, 255, 0)


def test_a_profile_of_colours_is_applied_and_not_kept() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    target = io.BytesIO()
    upload_files.picture().save(target, "JPEG", icc_profile=profile)
    again = decoded(kept("photo.jpg", target.getvalue()).content)
    assert "icc_profile" not in again.info
    assert again.mode == "RGB"


def test_a_profile_that_cannot_be_read_is_left_away() -> None:
    target = io.BytesIO()
    upload_files.picture().save(target, "JPEG", icc_profile=b"no profile")
    assert "icc_profile" not in decoded(kept("photo.jpg", target.getvalue()).content).info


def test_a_photo_is_kept_no_larger_than_it_came() -> None:
    noise = Image.effect_noise((400, 300), 90).convert("RGB")
    target = io.BytesIO()
    noise.save(target, "JPEG", quality=85, subsampling=0)
    assert len(kept("photo.jpg", target.getvalue()).content) <= len(target.getvalue())


def test_a_picture_of_forty_megapixels_is_not_decoded_before_it_is_refused() -> None:
    # There are no pixels in it: had it been decoded, it would be called damaged.
    assert redrawn(upload_files.png_header(40_001, 1_000), "PNG") == Refusal(
        "too_many_pixels", {"megapixels": 40}
    )
    assert redrawn(upload_files.png_header(40_000, 1_000), "PNG") == Refusal("damaged_file")


# --- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("letter.pdf", "letter.pdf"),
        ("Letter to Mrs. O'Neil (final).PDF", "Letter to Mrs. O'Neil (final).pdf"),
        ("C:\\Users\\ann\\letter.pdf", "letter.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\boot.pdf", "boot.pdf"),
        ("let\0ter.pdf", "letter.pdf"),
        ("letter\u202efdp.exe", "letterfdp.exe"),
        ("le\u200btter\ufeff.pdf", "letter.pdf"),
        ("letter\r\nContent-Type: text.pdf", "letterContent-Type_ text.pdf"),
        ('a"b;c<d>|e?*.pdf', "a_b_c_d__e__.pdf"),
        ("%22Ann%22 100%.pdf", "_Ann_ 100%.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("nul.tar.pdf", "_nul.tar.pdf"),
        ("com7.docx", "_com7.docx"),
        (".pdf", "document.pdf"),
        ("...", "document"),
        ("", "document"),
        ("   .  .pdf", "document.pdf"),
        ("a" * 300 + ".pdf", "a" * 96 + ".pdf"),
        ("Łukasz 名前.pdf", "Łukasz 名前.pdf"),
        ("cafe\u0301.pdf", "caf\u00e9.pdf"),
    ],
)
def test_a_name_is_cleaned(name: str, cleaned: str) -> None:
    assert clean_name(name) == cleaned


@given(st.text(max_size=400))
def test_a_cleaned_name_is_one_harmless_line_and_stays_as_it_is_when_cleaned_again(name: str) -> None:
    cleaned = clean_name(name)
    assert 1 <= len(cleaned) <= LONGEST + 1
    assert not set(cleaned) & set('/\\"<>|?*:;\r\n\0')
    assert not any(unicodedata.category(each) in {"Cc", "Cf", "Cs"} for each in cleaned)
    assert cleaned.strip(" .") == cleaned
    assert clean_name(cleaned) == cleaned


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_ending_survives_however_long_the_name(ending: str) -> None:
    assert clean_name(f"{'ü' * 500}.{ending}").endswith(f"ü.{ending}")
