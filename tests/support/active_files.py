"""Documents that act by themselves, one for each way of doing so; and their harmless look-alikes."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

from tests.support.upload_files import (
    OFFICE,
    archive,
    compound,
    doc,
    docx,
    docx_parts,
    relationship,
)

MICROSOFT = "http://schemas.microsoft.com/office/2006/relationships"
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
VML = "urn:schemas-microsoft-com:vml"
DDE = 'DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k calc"'
MACRO_PROJECT = compound({"VBA/dir": b"x", "VBA/_VBA_PROJECT": b"x", "PROJECT": b"x"})

# --- Word ------------------------------------------------------------------------------------------------------------


def field(code: str, *more: str, deleted: bool = False) -> str:
    """Runs of a field whose code comes in pieces."""
    tag = "delInstrText" if deleted else "instrText"
    pieces = "".join(f"<w:r><w:{tag}>{piece}</w:{tag}></w:r>" for piece in (code, *more))
    return f"{sign('begin')}{pieces}{sign('separate')}<w:r><w:t>1</w:t></w:r>{sign('end')}"


def sign(kind: str) -> str:
    """A sign of a field: begin, separate or end."""
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def word_xml(body: str, *, root: str = "document", encoding: str = "utf-8", doctype: str = "") -> bytes:
    """A part with this body."""
    head = f'<?xml version="1.0" encoding="{encoding}"?>{doctype}'
    spaces = f'xmlns:w="{WORD}" xmlns:v="{VML}" xmlns:o="urn:schemas-microsoft-com:office:office"'
    return f"{head}<w:{root} {spaces}><w:p>{body}</w:p></w:{root}>".encode(encoding)


def docx_saying(body: str, *, encoding: str = "utf-8", doctype: str = "") -> bytes:
    """A document with this body."""
    return docx(more={"word/document.xml": word_xml(body, encoding=encoding, doctype=doctype)})


def docx_of_type(media_type: str) -> bytes:
    """A document with a part of this type, under a harmless name."""
    types = str(docx_parts()["[Content_Types].xml"])
    more = f'<Override PartName="/word/notes.bin" ContentType="{media_type}"/></Types>'
    return docx(
        more={"[Content_Types].xml": types.replace("</Types>", more), "word/notes.bin": b"some bytes"}
    )


def docx_related(kind: str) -> bytes:
    """A document with a relationship of this type to a part under a harmless name."""
    related = f'<Relationship Id="r9" Type="{kind}" Target="notes.bin"/>'
    return docx(relationships=related, more={"word/notes.bin": b"some bytes"})


def docx_with_main(name: str, body: str, decoy: bytes = b"<x/>") -> bytes:
    """A document whose text stands under another name than is usual, where a decoy stands."""
    parts = docx_parts()
    parts |= {
        "[Content_Types].xml": str(parts["[Content_Types].xml"]).replace("word/document.xml", name),
        "_rels/.rels": str(parts["_rels/.rels"]).replace("word/document.xml", name),
        "word/document.xml": decoy,
        name: word_xml(body),
    }
    return archive(parts)


def hyperlink(target: str) -> bytes:
    """A document with a link."""
    return docx(relationships=relationship("hyperlink", target))


def active_word() -> dict[str, tuple[str, bytes, str]]:
    """By what it holds: a file's name, its content and the rule that refuses it."""
    entity = '<!DOCTYPE t [<!ENTITY x "<w:&#105;nstrText>DDE a b</w:&#105;nstrText>">]>'
    inner = f"{sign('begin')}<w:r><w:instrText>QUOTE 68</w:instrText></w:r>{sign('end')}"
    made = f"{sign('begin')}{inner}<w:r><w:instrText>DE cmd</w:instrText></w:r>{sign('end')}"
    late = f"{sign('begin')}<w:r><w:instrText> IF 1=1 </w:instrText></w:r>{field(DDE)}{sign('end')}"
    simple = f'<w:fldSimple w:instr="{DDE.replace(chr(34), "&quot;")}"/>'
    image = '<w:pict><v:shape><v:imagedata src="https://example.org/seen.png"/></v:shape></w:pict>'
    found = {
        "macros by their type": (docx_of_type("application/vnd.ms-office.vbaProject"), "macros"),
        "data of macros by their type": (
            docx_of_type("application/vnd.ms-word.vbaData+xml"),
            "macros",
        ),
        "macros by their relationship": (docx_related(f"{MICROSOFT}/vbaProject"), "macros"),
        "macros by their bytes": (docx(more={"word/media/image1.png": MACRO_PROJECT}), "macros"),
        "macros under another spelling": (docx(more={"WORD/VBAPROJECT.BIN": b"x"}), "macros"),
        "a control by its type": (docx_of_type("application/vnd.ms-office.activeX+xml"), "macros"),
        "a control by its relationship": (docx_related(f"{OFFICE}/control"), "macros"),
        "buttons for macros": (docx_related(f"{MICROSOFT}/ui/extensibility"), "macros"),
        "an add-in": (
            docx_related("http://schemas.microsoft.com/office/2011/relationships/webextensiontaskpanes"),
            "starts_programs",
        ),
        "an object by its relationship": (docx_related(f"{OFFICE}/oleObject"), "embedded_files"),
        "an object of the strict kind": (docx_related(f"{STRICT}/oleObject"), "embedded_files"),
        "an object by its type": (
            docx_of_type("application/vnd.openxmlformats-officedocument.oleObject"),
            "embedded_files",
        ),
        "an object by its bytes": (
            docx(more={"word/media/a.png": compound({"\x01Ole10Native": b"x"})}),
            "embedded_files",
        ),
        "an object by its element": (docx_saying("<w:object><o:OLEObject/></w:object>"), "embedded_files"),
        "a package by its relationship": (docx_related(f"{OFFICE}/package"), "embedded_files"),
        "a package by its bytes": (docx(more={"word/media/a.png": archive({"a": "b"})}), "embedded_files"),
        "a program by its bytes": (
            docx(more={"word/media/a.png": b"MZ\x90\0" + b"x" * 99}),
            "embedded_files",
        ),
        "a PDF inside": (docx(more={"word/media/a.png": b"%PDF-1.7 x"}), "embedded_files"),
        "a chunk of another format": (docx_related(f"{OFFICE}/aFChunk"), "embedded_files"),
        "a chunk by its element": (docx_saying('<w:altChunk xmlns:r="r" r:id="r9"/>'), "embedded_files"),
        "a template from a share": (
            docx(relationships=relationship("attachedTemplate", "\\\\evil.example.org\\x.dotm")),
            "fetches_elsewhere",
        ),
        "a frame from elsewhere": (
            docx(relationships=relationship("frame", "https://example.org")),
            "fetches_elsewhere",
        ),
        "an object from elsewhere": (
            docx(relationships=relationship("oleObject", "mhtml:https://example.org/x!y")),
            "fetches_elsewhere",
        ),
        "a stylesheet for saving": (
            docx(relationships=relationship("transform", "https://example.org/x.xsl")),
            "fetches_elsewhere",
        ),
        "a picture without a relationship": (docx_saying(image), "fetches_elsewhere"),
        "a query of a database": (
            docx(more={"word/settings.xml": word_xml("<w:mailMerge/>", root="settings")}),
            "fetches_elsewhere",
        ),
        "DDE in a field": (docx_saying(field(DDE)), "starts_programs"),
        "DDE in pieces": (docx_saying(field("D", "DE", "AUTO cmd", " /k")), "starts_programs"),
        "DDE in small letters": (docx_saying(field(" ddeauto cmd")), "starts_programs"),
        "DDE in a simple field": (docx_saying(simple), "starts_programs"),
        "DDE in a deleted field": (docx_saying(field("DDE cmd", deleted=True)), "starts_programs"),
        "DDE in a field of a field": (docx_saying(late), "starts_programs"),
        "DDE that a field makes": (docx_saying(made), "starts_programs"),
        "DDE in a field without end": (
            docx_saying(f"{sign('begin')}<w:r><w:instrText>DDE a</w:instrText></w:r>"),
            "starts_programs",
        ),
        "DDE in a footer": (
            docx(more={"word/anything.xml": word_xml(field(DDE), root="ftr")}),
            "starts_programs",
        ),
        "DDE under a name that says nothing": (
            docx(more={"word/media/a.png": word_xml(field(DDE))}),
            "starts_programs",
        ),
        "DDE in another encoding": (docx_saying(field(DDE), encoding="utf-16"), "starts_programs"),
        "DDE in a document under another name": (
            docx_with_main("word/document2.xml", field(DDE)),
            "starts_programs",
        ),
        "DDE in an entity": (docx_saying("&x;", doctype=entity), "damaged_file"),
        "a link of a field to a program": (
            docx_saying(field("HYPERLINK &quot;ms-msdt:/id x&quot;")),
            "starts_programs",
        ),
        "a link to a program": (hyperlink("search-ms:query=x"), "starts_programs"),
        "a link that is a script": (hyperlink("javascript:alert(1)"), "starts_programs"),
        "a part that is spoilt": (spoilt_part(), "damaged_file"),
    }
    for keyword in ("INCLUDEPICTURE", "INCLUDETEXT", "IMPORT", "LINK", "RD", "DATABASE"):
        code = f"{keyword} &quot;https://example.org/x&quot; \\d"
        found[f"the field {keyword}"] = (docx_saying(field(code)), "fetches_elsewhere")
    return {about: ("letter.docx", content, rule) for about, (content, rule) in found.items()}


def spoilt_part() -> bytes:
    """A document with a picture whose bytes are not those that were packed."""
    content = docx(more={"word/media/a.bin": b""})
    whole = archive({**docx_parts(), "word/media/a.bin": b"PLAIN-BYTES"}, compress=False)
    assert content != whole
    return whole.replace(b"PLAIN-BYTES", b"OTHER-BYTES")


def harmless_word() -> dict[str, tuple[str, bytes]]:
    """Documents that look a little like those above, and must be taken."""
    prompt = "MACROBUTTON NoMacro [Click here]"
    link = "HYPERLINK &quot;https://example.org/a&quot; \\t &quot;_blank&quot;"
    condition = f"{sign('begin')}<w:r><w:instrText> IF </w:instrText></w:r>{field('PAGE')}{sign('end')}"
    contents = f"{sign('begin')}<w:r><w:instrText>TOC</w:instrText></w:r>{sign('separate')}"
    contents += f"{field(link)}{sign('end')}"
    svg = b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x"><svg xmlns="http://www.w3.org/2000/svg"/>'
    found = {
        "a page number": docx_saying(field(" PAGE ", " \\* MERGEFORMAT ")),
        "a link as a field": docx_saying(field(link)),
        "contents of links": docx_saying(contents),
        "a condition": docx_saying(condition),
        "a place to click and type": docx_saying(field(prompt)),
        "a text about DDE": docx_saying("<w:r><w:t>DDEAUTO cmd</w:t></w:r>"),
        "a text in another encoding": docx_saying(field("PAGE"), encoding="utf-16"),
        "a drawing with a document type": docx(more={"word/media/a.svg": svg}),
        "a link by mail": hyperlink("mailto:ann@example.org"),
        "a link to the writer's own disk": hyperlink("C:\\letters\\a.docx"),
        "a link with a port": hyperlink("www.example.org:8080/a"),
        "a text under another name": docx_with_main("word/document2.xml", field("PAGE")),
        "settings of a printer": docx(more={"word/printerSettings/p.bin": b"\\\0\\\0p\0"}),
    }
    return {about: ("letter.docx", content) for about, content in found.items()}


# --- old Word --------------------------------------------------------------------------------------------------------


def active_doc() -> dict[str, tuple[str, bytes, str]]:
    """By what it holds: a file's name, its content and the rule that refuses it."""
    half = "\x13 DDEAU"
    found = {
        "macros": (doc(more={"Macros/VBA/dir": b"x"}), "macros"),
        "macros elsewhere": (doc(more={"Other/VBA/dir": b"x"}), "macros"),
        "an object": (doc(more={"ObjectPool/_1/\x01Ole10Native": b"x"}), "embedded_files"),
        "an object at the root": (doc(more={"\x01Ole10Native": b"x"}), "embedded_files"),
        "a storage that nothing is known of": (doc(more={"Thing/Contents": b"x"}), "embedded_files"),
        "DDE": (doc(f"A \x13{DDE}\x14result\x15 letter"), "starts_programs"),
        "DDE in pieces of both kinds": (doc(half, "TO cmd\x14r\x15"), "starts_programs"),
        "DDE in UTF-16": (doc("A letter", "\x13DDE cmd\x14\x15"), "starts_programs"),
        "a picture from elsewhere": (
            doc('\x13INCLUDEPICTURE "https://example.org/a.png"\x14\x15'),
            "fetches_elsewhere",
        ),
        "a template from the web": (doc(template="https://example.org/a.dot"), "fetches_elsewhere"),
        "a template from a share": (doc(template="\\\\evil\\a.dot"), "fetches_elsewhere"),
        "a document of before Word 97": (doc(ident=0xA5DC), "not_checkable"),
        "a document without its table": (compound({"WordDocument": doc()[512:4608]}), "damaged_file"),
        "text that stands nowhere": (doc().replace(b"\x02\x10\0\0\0", b"\x02\x10\0\0\x7f"), "damaged_file"),
    }
    return {f"old: {about}": ("letter.doc", content, rule) for about, (content, rule) in found.items()}


def harmless_doc() -> dict[str, tuple[str, bytes]]:
    """Documents that look a little like those above, and must be taken."""
    found = {
        "a page number": doc("Page \x13 PAGE \x14", "1\x15 of the letter"),
        "a link": doc('\x13 HYPERLINK "https://example.org" \x14here\x15'),
        "a template of the writer's own": doc(template="C:\\Templates\\Letter.dot"),
        "no objects in their storage": doc(storages=["ObjectPool"]),
        "custom data": doc(more={"MsoDataStore/x/Item": b"<x/>"}),
        "a second table": doc(more={"1Table": b"x"}),
    }
    return {f"old: {about}": ("letter.doc", content) for about, content in found.items()}


# --- PDF -------------------------------------------------------------------------------------------------------------


def pdf_with(add: Callable[[pikepdf.Pdf], Any], **save: Any) -> bytes:
    """A document of one page, to which `add` adds what it likes. save: how it is written."""
    made = pikepdf.new()
    made.add_blank_page(page_size=(595, 842))
    add(made)
    target = io.BytesIO()
    made.save(target, **save)
    return target.getvalue()


def action(kind: str, **more: Any) -> Dictionary:
    """An action of this kind."""
    return Dictionary(S=Name(f"/{kind}"), **more)


def opened_by(made_by: Callable[[], Dictionary]) -> Callable[[pikepdf.Pdf], None]:
    """Adds an action that happens when the document is opened."""

    def add(made: pikepdf.Pdf) -> None:
        made.Root.OpenAction = made.make_indirect(made_by())

    return add


def on_page(**annotation: Any) -> Callable[[pikepdf.Pdf], None]:
    """Adds an annotation to the page."""

    def add(made: pikepdf.Pdf) -> None:
        made.pages[0].Annots = Array([made.make_indirect(Dictionary(Rect=[0, 0, 9, 9], **annotation))])

    return add


def spec(made: pikepdf.Pdf, name: str, content: bytes) -> pikepdf.AttachedFileSpec:
    """A file, not yet attached to anything."""
    return pikepdf.AttachedFileSpec(
        made, content, filename=name, description="", mime_type="", creation_date="", mod_date=""
    )


def attached(name: str, content: bytes) -> Callable[[pikepdf.Pdf], None]:
    """Adds an attached file."""

    def add(made: pikepdf.Pdf) -> None:
        made.attachments[name] = spec(made, name, content)

    return add


def nested(levels: int) -> Array:
    """An array in an array in an array … with a script in the last."""
    return Array([_script()]) if levels == 1 else Array([nested(levels - 1)])


def _web() -> Dictionary:
    return action("URI", URI=String("https://example.org/seen"))


def _web_at_last() -> Dictionary:
    return action("GoTo", D=String("a"), Next=Array([action("GoTo", D=String("b"), Next=_web())]))


def _script_at_last() -> Dictionary:
    return action("GoTo", D=String("a"), Next=_script())


def _step() -> Dictionary:
    return action("GoTo", D=String("a"), Next=action("Named", N=Name.NextPage))


def _thread() -> Dictionary:
    return action("Thread", F=String("a.pdf"), D=0)


def _script() -> Dictionary:
    return action("JavaScript", JS=String("app.alert(1)"))


def _streamed(made: pikepdf.Pdf) -> None:
    made.Root.OpenAction = action("JavaScript", JS=made.make_stream(b"app.alert(1)"))


def _apart(made: pikepdf.Pdf) -> None:
    kind = made.make_indirect(Name.Launch)
    made.Root.OpenAction = Dictionary(S=kind, F=String("a.exe"))


def _named_script(made: pikepdf.Pdf) -> None:
    made.Root.Names = Dictionary(JavaScript=Dictionary(Names=[String("a"), made.make_indirect(_script())]))


def _form(made: pikepdf.Pdf) -> None:
    made.Root.AcroForm = Dictionary(Fields=[], XFA=made.make_stream(b"<xdp/>"))


def _stream(made: pikepdf.Pdf, **keys: Any) -> None:
    made.pages[0].Contents = Stream(made, b"q Q", **keys)


def _picture_of_other_file(made: pikepdf.Pdf) -> None:
    drawn = made.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9])
    drawn.Ref = Dictionary(F=String("other.pdf"), Page=0)
    made.pages[0].Resources = Dictionary(XObject=Dictionary(A=drawn))


def _portfolio(made: pikepdf.Pdf) -> None:
    attached("a.json", b"{}")(made)
    made.Root.Collection = Dictionary(Type=Name.Collection)


def _pinned(made: pikepdf.Pdf) -> None:
    pinned = spec(made, "a.exe", b"MZ")
    on_page(Type=Name.Annot, Subtype=Name.FileAttachment, FS=pinned.obj)(made)


def _associated(made: pikepdf.Pdf) -> None:
    made.Root.AF = Array([spec(made, "a.xml", b"<x/>").obj])


def _disguised(made: pikepdf.Pdf) -> None:
    attached("a.json", b'{"a": 1}')(made)
    spec = next(iter(made.attachments.values())).obj
    spec.F = String("a.hta")


def _loose(made: pikepdf.Pdf) -> None:
    made.Root.Piece = made.make_stream(b"MZ", Type=Name.EmbeddedFile)


def escaped(content: bytes) -> bytes:
    """The same file with its names spelt by number: ``/J#61v#61Script``."""
    assert b"/JavaScript" in content
    return content.replace(b"/JavaScript", b"/J#61v#61Script")


def broken_table(content: bytes) -> bytes:
    """The same file, the place of whose table of objects is wrong, so that every program mends it as it can."""
    return re.sub(rb"startxref\n[0-9]+", b"startxref\n7", content)


def buried(content: bytes, object_text: bytes) -> bytes:
    """The file with a broken table, and with an object that a later one of the same number covers."""
    return broken_table(content.replace(b"1 0 obj", b"1 0 obj\n" + object_text + b"\nendobj\n1 0 obj", 1))


def active_pdf() -> dict[str, tuple[str, bytes, str]]:
    """By what it holds: a file's name, its content and the rule that refuses it."""
    opened = opened_by(_script)
    plain = pdf_with(opened, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    owner = pikepdf.Encryption(owner="own", user="", R=6)
    user = pikepdf.Encryption(owner="own", user="secret", R=6)
    packed = {"object_stream_mode": pikepdf.ObjectStreamMode.generate}
    found: dict[str, tuple[bytes, str]] = {
        "a script when it is opened": (plain, "starts_programs"),
        "a script in an object stream": (pdf_with(opened, **packed), "starts_programs"),
        "a script with its names by number": (escaped(plain), "starts_programs"),
        "a script behind an owner's password": (
            pdf_with(opened, encryption=owner, **packed),
            "starts_programs",
        ),
        "a script in a file that was mended": (broken_table(plain), "starts_programs"),
        "a script in an older revision of a file that was mended": (
            buried(
                pdf_with(lambda _: None, object_stream_mode=pikepdf.ObjectStreamMode.disable),
                b"<< /S /Java#53cript /JS (x) >>",
            ),
            "not_checkable",
        ),
        "an action whose kind stands apart": (pdf_with(_apart), "starts_programs"),
        "a script by name": (pdf_with(_named_script), "starts_programs"),
        "a script of a page": (
            pdf_with(lambda made: setattr(made.pages[0], "AA", Dictionary(O=_script()))),
            "starts_programs",
        ),
        "a script in a stream": (
            pdf_with(_streamed),
            "starts_programs",
        ),
        "a script after another action": (
            pdf_with(opened_by(_script_at_last)),
            "starts_programs",
        ),
        "a script of a model": (
            pdf_with(on_page(Type=Name.Annot, Subtype=Name("/3D"))),
            "starts_programs",
        ),
        "a film": (pdf_with(on_page(Type=Name.Annot, Subtype=Name.RichMedia)), "starts_programs"),
        "a screen": (pdf_with(on_page(Type=Name.Annot, Subtype=Name.Screen)), "starts_programs"),
        "a link that is a script": (
            pdf_with(on_page(Subtype=Name.Link, A=action("URI", URI=String("javascript:alert(1)")))),
            "starts_programs",
        ),
        "the web when it is opened": (pdf_with(opened_by(_web)), "fetches_elsewhere"),
        "the web after other actions": (pdf_with(opened_by(_web_at_last)), "fetches_elsewhere"),
        "the web when a page is seen": (
            pdf_with(lambda made: setattr(made.pages[0], "AA", Dictionary(O=_web()))),
            "fetches_elsewhere",
        ),
        "a page whose content is elsewhere": (
            pdf_with(lambda made: _stream(made, F=String("https://example.org/x"))),
            "fetches_elsewhere",
        ),
        "a picture of another file": (pdf_with(_picture_of_other_file), "fetches_elsewhere"),
        "a thread of another file": (
            pdf_with(opened_by(_thread)),
            "fetches_elsewhere",
        ),
        "a form in XML": (pdf_with(_form), "dynamic_form"),
        "an attached program": (pdf_with(attached("a.exe", b"MZ")), "embedded_files"),
        "an attached file called data": (pdf_with(attached("a.json", b"MZ")), "embedded_files"),
        "attached data under another name": (pdf_with(attached("a.hta", b'{"a": 1}')), "embedded_files"),
        "attached data under two names": (pdf_with(_disguised), "embedded_files"),
        "a file pinned to a page": (pdf_with(_pinned), "embedded_files"),
        "an associated file": (pdf_with(_associated), "embedded_files"),
        "a file in no list": (pdf_with(_loose), "embedded_files"),
        "a portfolio": (pdf_with(_portfolio), "embedded_files"),
        "a password": (pdf_with(lambda _: None, encryption=user), "password_protected"),
        "no pages": (pdf_with(lambda made: made.pages.__delitem__(0)), "empty_upload"),
        "no end": (pdf_with(lambda _: None).replace(b"%%EOF", b""), "damaged_file"),
        "nothing but a beginning and an end": (b"%PDF-1.7\nnothing\n%%EOF\n", "damaged_file"),
    }
    for kind in ("Launch", "ImportData", "SubmitForm", "Rendition", "RichMediaExecute", "Movie", "Sound"):
        by_link = on_page(Subtype=Name.Link, A=action(kind, F=String("a.exe")))
        found[f"the action {kind}"] = (pdf_with(by_link, **packed), "starts_programs")
    for kind in ("GoToR", "GoToE"):
        by_link = on_page(Subtype=Name.Link, A=action(kind, F=String("a.pdf"), D=[0, Name.Fit]))
        found[f"the action {kind}"] = (pdf_with(by_link, **packed), "fetches_elsewhere")
    return {f"PDF: {about}": ("letter.pdf", content, rule) for about, (content, rule) in found.items()}


def harmless_pdf() -> dict[str, tuple[str, bytes]]:
    """Documents that look a little like those above, and must be taken."""
    owner = pikepdf.Encryption(owner="own", user="", R=6)
    plain = pdf_with(lambda _: None, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    link = on_page(Subtype=Name.Link, A=action("URI", URI=String("https://example.org")))
    typed = Dictionary(T=String("JS"), FT=Name.Tx, V=String("/JavaScript"))

    def named(made: pikepdf.Pdf) -> None:
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        made.pages[0].Resources = Dictionary(Font=Dictionary(JS=font, AA=font))

    found = {
        "a place to open it at": pdf_with(
            lambda made: setattr(made.Root, "OpenAction", Array([made.pages[0].obj, Name.Fit]))
        ),
        "a step to a page": pdf_with(opened_by(_step)),
        "a link": pdf_with(link),
        "fields": pdf_with(lambda made: setattr(made.Root, "AcroForm", Dictionary(Fields=[typed]))),
        "names like a script's": pdf_with(named),
        "data of a form": pdf_with(attached("answers.json", b'{"format": "draft/1"}')),
        "an owner's password": pdf_with(lambda _: None, encryption=owner),
        "a table that is mended": broken_table(plain),
    }
    return {f"PDF: {about}": ("letter.pdf", content) for about, content in found.items()}


def active() -> dict[str, tuple[str, bytes, str]]:
    """All documents that act by themselves."""
    return {**active_word(), **active_doc(), **active_pdf()}


def harmless() -> dict[str, tuple[str, bytes]]:
    """All look-alikes."""
    return {**harmless_word(), **harmless_doc(), **harmless_pdf()}
