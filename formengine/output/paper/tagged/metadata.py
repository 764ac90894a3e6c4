"""The XMP packet of a document that is PDF/UA-1 and PDF/A-3A at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from html import escape

from formengine.output.paper.tagged import scripts
from formengine.output.paper.tagged.blocks import check_language


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """The metadata of a document.

    `at` is its date of creation and must know its time zone (else ValueError).

    `title` is what a viewer shows in its title bar and must not be blank (ISO 14289-1, 7.1).
    """

    title: str
    author: str
    language: str
    at: datetime
    subject: str = ""
    creator: str = "formengine"

    def __post_init__(self) -> None:
        check_language(self.language)
        if self.at.utcoffset() is None:
            raise ValueError("the date of a document needs a time zone")
        if not scripts.clean(self.title).strip():
            raise ValueError("a document needs a title")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that the document carries, associated with the whole of it (ISO 32000-2, 7.11.4; PDF/A-3).

    `relationship` is Data, Source, Alternative, Supplement or Unspecified. Empty content raises ValueError.
    """

    name: str
    content: bytes
    mime_type: str
    description: str
    relationship: str = "Data"

    def __post_init__(self) -> None:
        if not self.content:
            raise ValueError("an attachment holds at least one byte")


def xmp(about: DocumentInfo) -> str:
    """The packet's `x:xmpmeta` element.

    It claims PDF/A-3A (ISO 19005-3, 6.6.4) and PDF/UA-1 (ISO 14289-1, 5); PDF/A knows the second only by the
    extension schema that the packet carries (ISO 19005-3, 6.6.2.3.3).
    """
    title, author, subject, creator = (
        escape(" ".join(scripts.clean(text).split()))
        for text in (about.title, about.author, about.subject, about.creator)
    )
    described = (
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>'
    )
    at = about.at.isoformat(timespec="seconds")
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" '
        'xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">'
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>'
        f"<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>"
        f"{described if subject else ''}"
        f"<dc:language><rdf:Bag><rdf:li>{about.language}</rdf:li></rdf:Bag></dc:language>"
        f"<xmp:CreateDate>{at}</xmp:CreateDate><xmp:ModifyDate>{at}</xmp:ModifyDate>"
        f"<xmp:CreatorTool>{creator}</xmp:CreatorTool><pdf:Producer>fpdf2</pdf:Producer>"
        "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance><pdfuaid:part>1</pdfuaid:part>"
        "</rdf:Description>"
        f"{_PDFUA_SCHEMA}</rdf:RDF></x:xmpmeta>"
    )


_PDFUA_SCHEMA = (
    '<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" '
    'xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">'
    '<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">'
    "<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>"
    "<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>"
    "<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>"
    '<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">'
    "<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>"
    "<pdfaProperty:category>internal</pdfaProperty:category>"
    "<pdfaProperty:description>Part of ISO 14289 that the document follows</pdfaProperty:description>"
    "</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"
)
