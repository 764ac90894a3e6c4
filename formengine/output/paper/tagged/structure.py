"""The structure tree of a tagged PDF (ISO 32000-1, section 14.7), written through fpdf2's object list."""

from __future__ import annotations

from collections.abc import Iterator

from fpdf.annotations import PDFAnnotation
from fpdf.syntax import PDFObject, PDFString

# Strong and Em are PDF 2.0's names; the role map defines them as spans for a reader of PDF 1.7.
ROLE_MAP = {"Strong": "Span", "Em": "Span"}

SCOPE_ROW = "/A <</O /Table /Scope /Row>>"
SCOPE_COLUMN = "/A <</O /Table /Scope /Column>>"
LIST_DISC = "/A <</O /List /ListNumbering /Disc>>"
LIST_DECIMAL = "/A <</O /List /ListNumbering /Decimal>>"


class Leaf:
    """A place in an element's reading order that is filled with marked content when the text is drawn.

    Making the leaf while text is set, before pages are known, keeps the reading order whatever is drawn when.
    """

    __slots__ = ("marks", "owner")

    def __init__(self, owner: Element) -> None:
        self.owner = owner
        self.marks: list[tuple[int, int]] = []
        """Page number and marked-content identifier of each piece."""


class Element(PDFObject):
    """A structure element, `tag` one of PDF 1.7's standard types or of `ROLE_MAP`.

    `attributes` is further dictionary source, such as `SCOPE_ROW`; `language` a BCP 47 tag.
    """

    def __init__(
        self,
        tree: StructureTree,
        tag: str,
        parent: Element | None,
        attributes: str = "",
        language: str | None = None,
    ) -> None:
        super().__init__()
        self.tree = tree
        self.tag = tag
        self.parent = parent
        self.attributes = f"{attributes} /Lang ({language})" if language else attributes
        self.kids: list[Element | Leaf | tuple[int, PDFAnnotation]] = []
        if parent is not None:
            parent.kids.append(self)

    def leaf(self) -> Leaf:
        """A new leaf, after what the element holds already."""
        leaf = Leaf(self)
        self.kids.append(leaf)
        return leaf

    def add(self, tag: str, attributes: str = "", language: str | None = None) -> Element:
        """A new child, after what the element holds already."""
        return self.tree.element(tag, self, attributes, language)

    def serialize(self, obj_dict: dict[str, object] | None = None, _security_handler: object = None) -> str:  # noqa: ARG002
        """The element as a PDF object."""
        pages = self.tree.pages
        # A mark on the element's own page is its bare identifier (ISO 32000-1, 14.7.4.2): the shortest way to say it,
        # in what is most of a document's objects.
        own = next((page for kid in self.kids if isinstance(kid, Leaf) for page, _ in kid.marks), None)
        kids = []
        for kid in self.kids:
            if isinstance(kid, Element):
                kids.append(kid.ref)
            elif isinstance(kid, Leaf):
                kids += [
                    str(mcid) if page == own else f"<</Type /MCR /Pg {pages[page].ref} /MCID {mcid}>>"
                    for page, mcid in kid.marks
                ]
            else:
                kids.append(f"<</Type /OBJR /Pg {pages[kid[0]].ref} /Obj {kid[1].ref}>>")
        parent = self.tree.root.ref if self.parent is None else self.parent.ref
        entries = [
            f"/Type /StructElem /S /{self.tag} /P {parent}",
            *([self.attributes] if self.attributes else ()),
            *([f"/Pg {pages[own].ref}"] if own is not None else ()),
            f"/K {kids[0] if len(kids) == 1 else '[' + ' '.join(kids) + ']'}",
        ]
        return f"{self.id} 0 obj\n<<{' '.join(entries)}>>\nendobj"


class _Root(PDFObject):
    def __init__(self, tree: StructureTree) -> None:
        super().__init__()
        self.tree = tree

    def serialize(self, obj_dict: dict[str, object] | None = None, _security_handler: object = None) -> str:  # noqa: ARG002
        roles = " ".join(f"/{name} /{standard}" for name, standard in ROLE_MAP.items())
        return (
            f"{self.id} 0 obj\n<</Type /StructTreeRoot /K [{self.tree.document.ref}] /RoleMap <<{roles}>> "
            f"/ParentTree {self.tree.parents.ref} /ParentTreeNextKey {self.tree.next_key}>>\nendobj"
        )


class _Parents(PDFObject):
    """The number tree from marked content and annotations back to their elements."""

    def __init__(self, tree: StructureTree) -> None:
        super().__init__()
        self.tree = tree

    def serialize(self, obj_dict: dict[str, object] | None = None, _security_handler: object = None) -> str:  # noqa: ARG002
        entries = {
            key: f"[{' '.join(owner.ref for owner in owners)}]" for key, owners in self.tree.marked.items()
        }
        entries |= {key: owner.ref for key, owner in self.tree.annotated.items()}
        numbers = "\n".join(f"{key} {entry}" for key, entry in sorted(entries.items()))
        return f"{self.id} 0 obj\n<</Nums [{numbers}]>>\nendobj"


class StructureTree:
    """The whole tree.

    It takes the place of fpdf2's `struct_builder`, which is asked for `empty`, iteration and
    `doc_struct_elem.k`.
    """

    def __init__(self) -> None:
        self.pages: dict[int, PDFObject] = {}
        """The pages by number, filled before writing: fpdf2 numbers objects only then."""
        self.marked: dict[int, list[Element]] = {}
        self.annotated: dict[int, Element] = {}
        self.next_key = 0
        self.elements: list[Element] = []
        self.root = _Root(self)
        self.parents = _Parents(self)
        self.document = self.element("Document", None)

    class _NoFigures:
        k: tuple[()] = ()

    doc_struct_elem = _NoFigures

    def element(
        self, tag: str, parent: Element | None, attributes: str = "", language: str | None = None
    ) -> Element:
        """A new element under `parent`, in the order of calls."""
        element = Element(self, tag, parent, attributes, language)
        self.elements.append(element)
        return element

    def page_key(self) -> int:
        """A new page's key in the parent tree."""
        key = self.next_key
        self.next_key += 1
        self.marked[key] = []
        return key

    def mark(self, leaf: Leaf, page: int, key: int) -> int:
        """The identifier of a new piece of `leaf`'s content on `page`, whose key is `key`."""
        owners = self.marked[key]
        owners.append(leaf.owner)
        leaf.marks.append((page, len(owners) - 1))
        return len(owners) - 1

    def annotation_key(self, owner: Element) -> int:
        """A new annotation's key in the parent tree; `owner` is the element that holds it."""
        key = self.next_key
        self.next_key += 1
        self.annotated[key] = owner
        return key

    def empty(self) -> bool:
        """False: a tagged document always has a tree."""
        return False

    def __iter__(self) -> Iterator[PDFObject]:
        yield self.root
        yield self.parents
        yield from self.elements


def text_string(text: str) -> str:
    """`text` as a PDF text string (ISO 32000-1, 7.9.2)."""
    return str(PDFString(text).serialize())
