"""Pictures re-encoded: only the visible picture is stored, without the camera's data about place, time and owner."""

from __future__ import annotations

import io
from contextlib import suppress

from PIL import Image, ImageCms, ImageOps

from formengine.service.files.refusals import DAMAGED, Refusal

# A picture is judged by its header before it is decoded: 40 megapixels take 160 MB of memory.
MOST_PIXELS = 40_000_000
# What a JPEG is written with: the first that makes it no larger than it came.
_QUALITIES = (92, 85, 75)
# What Pillow and its codecs raise of pictures that are broken or hostile.
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, KeyError, OverflowError)
# What the formats of pictures begin with; of those in boxes (ISO/IEC 14496-12) the brands decide.
_STARTS = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF8", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"BM", "BMP"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
)
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}


def picture_format(content: bytes) -> str | None:
    """Which format a picture has by its first bytes, such as "JPEG" or "HEIC"; None for what is no picture known."""
    if content[4:8] == b"ftyp":
        box = content[8 : min(int.from_bytes(content[:4], "big"), 200)]
        brands = {box[at : at + 4] for at in range(0, len(box), 4) if at != 4}
        return "AVIF" if brands & _AVIF_BRANDS else "HEIC" if brands & _HEIC_BRANDS else None
    if content.startswith(b"RIFF"):
        return "WebP" if content[8:12] == b"WEBP" else None
    return next((name for start, name in _STARTS if content.startswith(start)), None)


def redrawn(content: bytes, kind: str) -> bytes | Refusal:
    """The picture `content` of the kind "JPEG" or "PNG" encoded again, turned as its camera was held.

    Only the pixels are carried over: no EXIF, place, thumbnail, comment or profile (colours become sRGB). Of several
    pictures in one file the first is kept.
    """
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return _too_many_pixels()
            picture.load()
            turned = ImageOps.exif_transpose(picture)
            return _written(_in_srgb(turned), kind, len(content))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return _too_many_pixels()
    except _BROKEN:
        return DAMAGED


def _too_many_pixels() -> Refusal:
    return Refusal("too_many_pixels", {"megapixels": MOST_PIXELS // 1_000_000})


def _in_srgb(picture: Image.Image) -> Image.Image:
    """The picture in the colours that every screen shows, when it says that it has others."""
    profile = picture.info.get("icc_profile")
    if not isinstance(profile, bytes) or picture.mode not in {"RGB", "RGBA", "CMYK"}:
        return picture
    # A profile that cannot be read is dropped: colours a shade off are better than no picture.
    with suppress(ImageCms.PyCMSError, *_BROKEN):
        converted = ImageCms.profileToProfile(
            picture,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode="RGBA" if picture.mode == "RGBA" else "RGB",
        )
        return converted or picture
    return picture


def _written(picture: Image.Image, kind: str, came_with: int) -> bytes:
    # What a picture has with it would be written along, comments and profiles too.
    transparency = picture.info.get("transparency")
    picture.info = {} if transparency is None else {"transparency": transparency}
    if kind == "PNG":
        return _saved(picture, "PNG", optimize=True)
    plain = picture if picture.mode in {"L", "RGB"} else picture.convert("RGB")
    written = b""
    for quality in _QUALITIES:
        written = _saved(plain, "JPEG", quality=quality, subsampling=0, optimize=True)
        if len(written) <= came_with:
            break
    return written


def _saved(picture: Image.Image, kind: str, **options: int) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()
