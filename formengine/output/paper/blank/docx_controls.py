"""Content controls of a Word document: boxes to tick, text to type, one of a list, a day (ISO/IEC 29500-1, 17.5.2).

Each carries the answer's path as its tag and its question as its title, so that programs and people find it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from docx.oxml import parse_xml
from docx.text.paragraph import Paragraph

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
# Boxes to tick came with Word 2010.
_W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
_NOT_IN_XML = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Word opens no document with a longer tag or title.
_LONGEST = 64
EMPTY_BOX = "\u2610"
_BOX_FONT = "MS Gothic"


def clean(text: str) -> str:
    """`text` without the characters that XML cannot hold (XML 1.0, 2.2)."""
    return _NOT_IN_XML.sub("\ufffd", text)


@dataclass(slots=True)
class Controls:
    """Adds content controls to paragraphs; each gets a number of its own."""

    type_here: str
    choose: str
    _last: int = field(default=0)

    def text(self, paragraph: Paragraph, name: str, title: str, *, lines: bool = False) -> None:
        """Plain text to type; several lines of it where `lines`."""
        many = ' w:multiLine="1"' if lines else ""
        self._add(paragraph, name, title, f"<w:showingPlcHdr/><w:text{many}/>", self._hint(self.type_here))

    def day(self, paragraph: Paragraph, name: str, title: str) -> None:
        """A day, typed or chosen from a calendar."""
        kind = (
            '<w:showingPlcHdr/><w:date><w:dateFormat w:val="dd/MM/yyyy"/><w:lid w:val="en-GB"/>'
            '<w:storeMappedDataAs w:val="date"/><w:calendar w:val="gregorian"/></w:date>'
        )
        self._add(paragraph, name, title, kind, self._hint(self.type_here))

    def choice(self, paragraph: Paragraph, name: str, title: str, options: Sequence[tuple[str, str]]) -> None:
        """One of `options`, each a code and a label, or a text of one's own."""
        items = "".join(
            f'<w:listItem w:displayText="{_attribute(label)}" w:value="{_attribute(code)}"/>'
            for code, label in options
        )
        kind = f"<w:showingPlcHdr/><w:comboBox>{items}</w:comboBox>"
        self._add(paragraph, name, title, kind, self._hint(self.choose))

    def box(self, paragraph: Paragraph, name: str, title: str) -> None:
        """A box to tick."""
        kind = (
            f'<w14:checkbox xmlns:w14="{_W14}"><w14:checked w14:val="0"/>'
            f'<w14:checkedState w14:val="2612" w14:font="{_BOX_FONT}"/>'
            f'<w14:uncheckedState w14:val="2610" w14:font="{_BOX_FONT}"/></w14:checkbox>'
        )
        fonts = f'w:ascii="{_BOX_FONT}" w:hAnsi="{_BOX_FONT}" w:eastAsia="{_BOX_FONT}"'
        run = f"<w:r><w:rPr><w:rFonts {fonts}/></w:rPr><w:t>{EMPTY_BOX}</w:t></w:r>"
        self._add(paragraph, name, title, kind, run)

    @staticmethod
    def _hint(words: str) -> str:
        grey = '<w:rPr><w:color w:val="505A5F"/></w:rPr>'
        return f"<w:r>{grey}<w:t>{escape(clean(words))}</w:t></w:r>"

    def _add(self, paragraph: Paragraph, name: str, title: str, kind: str, content: str) -> None:
        self._last += 1
        title = title if len(title) <= _LONGEST else f"{title[: _LONGEST - 1]}\u2026"
        tag = f'<w:tag w:val="{_attribute(name)}"/>' if 0 < len(name) <= _LONGEST else ""
        paragraph._p.append(  # noqa: SLF001  python-docx has no content controls
            parse_xml(
                f'<w:sdt xmlns:w="{_W}"><w:sdtPr><w:alias w:val="{_attribute(title)}"/>{tag}'
                f'<w:id w:val="{self._last}"/>{kind}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>'
            )
        )


def _attribute(text: str) -> str:
    return escape(" ".join(clean(text).split()), quote=True)
