"""The name under which an uploaded file is stored and offered for download; a browser may send anything as one."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 100
# What Windows refuses or reads as a path; quotes and semicolons would end a name in a header. Browsers send a quote and
# line ends as these codes (HTML, "multipart form data").
_FORBIDDEN = re.compile(r'[<>:"/\\|?*;\x00-\x1f\x7f]|%22|%0[AaDd]')
# Devices: Windows opens these whatever folder and ending they have.
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean_name(name: str, otherwise: str = "document") -> str:
    """`name` without folders, unseen characters and whatever a system reads as more than a name.

    The ending stays, in small letters. At most `LONGEST` characters. `otherwise` is returned where nothing is left.
    """
    cleaned = _cleaned(name, otherwise)
    # What one round leaves may end in what the next takes for an ending: "0.:." becomes "0._", and that "0".
    return cleaned if cleaned == name else clean_name(cleaned, otherwise)


def _cleaned(name: str, otherwise: str) -> str:
    last = re.split(r"[/\\]", name)[-1]
    seen = "".join(
        each for each in unicodedata.normalize("NFC", last) if unicodedata.category(each) not in _UNSEEN
    )
    stem, point, ending = " ".join(_FORBIDDEN.sub("_", seen).split()).rpartition(".")
    if not point:
        stem, ending = ending, ""
    stem = stem.strip(" .")[: LONGEST - len(ending) - 1].rstrip(" .")
    if not stem.strip("_"):
        stem = otherwise
    if _RESERVED.fullmatch(stem.partition(".")[0].strip()):
        stem = f"_{stem}"
    ending = ending_of(f".{ending}")
    return f"{stem}.{ending}" if ending else stem


def ending_of(name: str) -> str:
    """What follows a name's last point, in small letters; "" where it is not only letters and digits."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    return ending if re.fullmatch(r"[a-z0-9]{1,10}", ending) else ""
