"""The portal: the way to the forms, from a definition of its own (`definitions/portal.yaml`)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

from formengine.language.bundled import bundled_folder
from formengine.language.content import Block
from formengine.language.diagnostics import DefinitionError, Findings, near
from formengine.language.loader import DefinitionLimits, TextResolver, forms_in, values
from formengine.language.loader import portal_keys as keys
from formengine.language.loader.form import web_address
from formengine.language.loader.keys import Structure
from formengine.language.loader.mappings import Loading, WrittenKeys, mapping, mappings, read_keys
from formengine.language.loader.scopes import file_id, take, written_id
from formengine.language.model import Basis
from formengine.language.reader import read_file
from formengine.language.reader.nodes import Scalar, YamlNode
from formengine.language.source import Source, Span

_TELEPHONE = re.compile(r"\+?[0-9][0-9 ()-]{1,24}\Z")
_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>.]+\Z")


@dataclass(frozen=True, slots=True)
class Destination:
    """What a tile or link opens: a form by id, a page of text by id, or an address."""

    kind: Literal["form", "page", "link"]
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DangerNumber:
    """Whom to call in danger."""

    id: str
    label: str
    telephone: str
    situation: str
    basis: Basis = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A way to reach people; `mailbox` names where the service sends mail, the address is configuration."""

    id: str
    label: str
    telephone: str = ""
    email: str = ""
    link: str = ""
    mailbox: str = ""
    basis: Basis = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A page to read with the words that lead on."""

    title: str
    text: tuple[Block, ...]
    next: str
    basis: Basis = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway(Screen):
    """The page before the hub; what to do, and whom to write to, when the portal cannot be used."""

    fallback: tuple[Block, ...] = ()
    fallback_contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One thing to choose on the hub."""

    id: str
    title: str
    strapline: str
    opens: Destination
    basis: Basis = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """The tiles to choose from."""

    title: str
    strapline: str
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanTest:
    """The words around the captcha."""

    title: str
    question: str
    why: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """The words around signing in: at a form's gate, at the first step (password) and the second (code)."""

    gate: tuple[Block, ...]
    gate_next: str
    password_title: str
    password_text: tuple[Block, ...]
    register: str
    code_title: str
    code_text: tuple[Block, ...]
    code_prompt: str
    new_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link: its label and what it opens."""

    label: str
    opens: Destination


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPage:
    """A page to read."""

    id: str
    title: str
    text: tuple[Block, ...]
    links: tuple[Link, ...] = ()
    basis: Basis = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """Everything people read before page 1 of a form. `danger` holds the most urgent number first."""

    id: str
    title: str
    strapline: str
    council: str
    website: str
    hub: Hub
    danger: tuple[DangerNumber, ...]
    banner: str = ""
    contacts: tuple[Contact, ...] = ()
    front_door: Screen | None = None
    gateway: Gateway | None = None
    urgent_advice: Screen | None = None
    human_test: HumanTest | None = None
    sign_in: SignIn | None = None
    pages: tuple[TextPage, ...] = ()
    source: Source = field(default=Source("", ""), compare=False, repr=False)


def load_portal(path: str | Path | None = None, *, roots: Iterable[str | Path] = ()) -> Portal:
    """The portal in the file at `path`; without a path, the one that comes with formengine.

    Its tiles may open the forms in the file's folder, in `roots`, and those that come with formengine. Raises
    `DefinitionError` with every finding when any of them is an error.
    """
    findings = Findings()
    bundled = bundled_folder("definitions")
    file = Path(path) if path is not None else bundled / "portal.yaml"
    limits = DefinitionLimits()
    source = read_file(file, findings, name=file.name, max_bytes=limits.max_bytes)
    forms = forms_in((file.parent, *map(Path, roots), bundled))
    portal = read_portal(source, findings, forms=forms, limits=limits) if source is not None else None
    if portal is None or findings.has_errors:
        raise DefinitionError(findings.in_file_order())
    return portal


def read_portal(
    source: Source, findings: Findings, *, forms: Collection[str], limits: DefinitionLimits | None = None
) -> Portal | None:
    """The portal in `source`; None, with findings, if too much is missing. `forms` are the ids there are."""
    loading = Loading(findings, TextResolver({}), {}, {}, limits or DefinitionLimits())
    root = loading.read(source)
    if root is None:
        return None
    if root.get("portal") is None:
        findings.add(
            "wrong-kind",
            "A portal is wanted here, but this file is none",
            values.caret(root),
            help="a portal begins with `portal:` and its name",
        )
        return None
    return _Portal(loading, forms, source).read(read_keys(loading, root, keys.PORTAL))


class _Portal:
    """Reads one portal and follows its tiles and links."""

    def __init__(self, loading: Loading, forms: Collection[str], source: Source) -> None:
        self.loading = loading
        self.findings = loading.findings
        self.forms = forms
        self.source = source
        self.page_ids: dict[str, Span] = {}
        self.contact_ids: dict[str, Span] = {}

    def read(self, given: WrittenKeys) -> Portal | None:
        self._ids(given, "pages", self.page_ids, "pages")
        self._ids(given, "contacts", self.contact_ids, "contacts")
        council = self._part(given, "council", keys.COUNCIL)
        hub = self._hub(given)
        danger = tuple(filter(None, map(self._danger, self._each(given, "danger", keys.DANGER))))
        name = given.nodes.get("portal")
        if not danger and "danger" in given.nodes and not self.findings.has_errors:
            values.empty(self.findings, given.keys["danger"], Scalar("", self.source, 0, 0))
        if hub is None or council is None or not danger or not isinstance(name, Scalar):
            return None
        return Portal(
            id=file_id(self.loading, name, "portal"),
            title=given.get("title", ""),
            strapline=given.get("strapline", ""),
            council=council.get("name", ""),
            website=self._address(council, "website"),
            hub=hub,
            danger=danger,
            banner=given.get("banner", ""),
            contacts=tuple(filter(None, map(self._contact, self._each(given, "contacts", keys.CONTACT)))),
            front_door=self._screen(self._part(given, "front_door", keys.FRONT_DOOR)),
            gateway=self._gateway(self._part(given, "gateway", keys.GATEWAY)),
            urgent_advice=self._screen(self._part(given, "urgent_advice", keys.URGENT_ADVICE)),
            human_test=self._human_test(self._part(given, "human_test", keys.HUMAN_TEST)),
            sign_in=self._sign_in(self._part(given, "sign_in", keys.SIGN_IN)),
            pages=tuple(filter(None, map(self._page, self._each(given, "pages", keys.TEXT_PAGE)))),
            source=self.source,
        )

    def _ids(self, given: WrittenKeys, key: str, names: dict[str, Span], what: str) -> None:
        """Record the ids of a list's entries in `names`; report one that is used twice."""
        found = given.nodes.get(key)
        for item in getattr(found, "items", ()):
            node = item.get("id") if hasattr(item, "get") else None
            if isinstance(node, Scalar):
                take(self.findings, names, node.text, node.span, what=what)

    def _part(self, given: WrittenKeys, key: str, structure: Structure) -> WrittenKeys | None:
        node = mapping(self.loading, given.nodes.get(key), key, f"{next(iter(structure.keys))}: …")
        return read_keys(self.loading, node, structure) if node is not None else None

    def _each(self, given: WrittenKeys, key: str, structure: Structure) -> Iterable[WrittenKeys]:
        example = f"{next(iter(structure.keys))}: …"
        items = mappings(self.loading, given.nodes.get(key), key, example)
        return map(partial(read_keys, self.loading, structure=structure), items)

    def _id(self, given: WrittenKeys) -> str:
        node = given.nodes.get("id")
        return (written_id(self.loading, node) or "") if isinstance(node, Scalar) else ""

    def _address(self, given: WrittenKeys, key: str) -> str:
        return web_address(self.findings, given.nodes.get(key)) or ""

    def _fitting(self, given: WrittenKeys, key: str, pattern: re.Pattern[str], example: str) -> str:
        """The text behind `key` where it has the form of `pattern`; "" with a finding where it has not."""
        node = given.nodes.get(key)
        if not isinstance(node, Scalar):
            return ""
        if pattern.match(node.text.strip()):
            return node.text.strip()
        self.findings.add(
            "bad-telephone" if key == "telephone" else "bad-email",
            f"`{values.clip(node.text)}` is no {'telephone number' if key != 'email' else 'e-mail address'}",
            node.span,
            help=f"write it as `{example}`",
        )
        return ""

    def _danger(self, given: WrittenKeys) -> DangerNumber | None:
        telephone = self._fitting(given, "telephone", _TELEPHONE, "03000 41 11 11")
        if not telephone or not {"label", "situation"} <= given.values.keys():
            return None
        return DangerNumber(
            id=self._id(given),
            label=given.values["label"],
            telephone=telephone,
            situation=given.values["situation"],
            basis=given.get("basis", "confirmed"),
        )

    def _contact(self, given: WrittenKeys) -> Contact | None:
        if not {"telephone", "email", "link"} & given.keys.keys():
            self.findings.add(
                "contact-without-way",
                "The contact says no way to reach anybody",
                given.span("id"),
                help="add `telephone:`, `email:` or `link:`",
            )
            return None
        return Contact(
            id=self._id(given),
            label=given.get("label", ""),
            telephone=self._fitting(given, "telephone", _TELEPHONE, "03000 41 11 11"),
            email=self._fitting(given, "email", _EMAIL, "front.door@example.org"),
            link=self._address(given, "link"),
            mailbox=given.get("mailbox", ""),
            basis=given.get("basis", "confirmed"),
        )

    def _screen(self, given: WrittenKeys | None) -> Screen | None:
        if given is None or not {"title", "text", "next"} <= given.values.keys():
            return None
        found = given.values
        return Screen(
            title=found["title"],
            text=found["text"],
            next=found["next"],
            basis=given.get("basis", "confirmed"),
        )

    def _gateway(self, given: WrittenKeys | None) -> Gateway | None:
        screen = self._screen(given)
        if given is None or screen is None:
            return None
        fallback = self._part(given, "fallback", keys.FALLBACK)
        contact = fallback.nodes.get("contact") if fallback is not None else None
        if isinstance(contact, Scalar):
            self._known(contact, contact.text, self.contact_ids, "contact")
        return Gateway(
            title=screen.title,
            text=screen.text,
            next=screen.next,
            basis=screen.basis,
            fallback=fallback.get("text", ()) if fallback is not None else (),
            fallback_contact=contact.text if isinstance(contact, Scalar) else "",
        )

    def _hub(self, given: WrittenKeys) -> Hub | None:
        hub = self._part(given, "hub", keys.HUB)
        if hub is None:
            return None
        names: dict[str, Span] = {}
        self._ids(hub, "tiles", names, "tiles")
        tiles = tuple(filter(None, map(self._tile, self._each(hub, "tiles", keys.TILE))))
        return Hub(title=hub.get("title", ""), strapline=hub.get("strapline", ""), tiles=tiles)

    def _tile(self, given: WrittenKeys) -> Tile | None:
        opens = self._destination(given, "tile")
        if opens is None:
            return None
        return Tile(
            id=self._id(given),
            title=given.get("title", ""),
            strapline=given.get("strapline", ""),
            opens=opens,
            basis=given.get("basis", "confirmed"),
        )

    def _destination(self, given: WrittenKeys, what: str) -> Destination | None:
        """What a tile or link opens; a finding where that is nothing, too much, or not there."""
        written = [key.name for key in keys.DESTINATIONS if key.name in given.keys]
        if len(written) != 1:
            self.findings.add(
                "leads-nowhere" if not written else "leads-two-ways",
                f"The {what} opens nothing" if not written else f"The {what} opens more than one thing",
                given.span(written[1] if written else "title" if what == "tile" else "label"),
                help="write one of `form:`, `page:` and `link:`",
            )
            return None
        if written[0] == "link":
            address = self._address(given, "link")
            return Destination("link", address) if address else None
        wanted = given.get(written[0])
        if wanted is None:
            return None
        kind: Literal["form", "page"] = "form" if written[0] == "form" else "page"
        known = self.forms if kind == "form" else self.page_ids
        return Destination(kind, wanted) if self._known(given.nodes[kind], wanted, known, kind) else None

    def _known(self, node: YamlNode, name: str, known: Collection[str], what: str) -> bool:
        if name in known:
            return True
        close = near(name, known)
        self.findings.add(
            "unknown-form" if what == "form" else "unknown-page" if what == "page" else "unknown-contact",
            f"There is no {what} `{values.clip(name)}`",
            values.caret(node),
            help=f"there is a {what} with a similar name: `{close}`"
            if close
            else f"write one of {', '.join(sorted(known))}"
            if known
            else "",
        )
        return False

    def _human_test(self, given: WrittenKeys | None) -> HumanTest | None:
        if given is None:
            return None
        return HumanTest(
            title=given.get("title", ""), question=given.get("question", ""), why=given.get("why", ())
        )

    def _sign_in(self, given: WrittenKeys | None) -> SignIn | None:
        if given is None:
            return None
        gate = self._part(given, "gate", keys.GATE)
        first = self._part(given, "step_1", keys.STEP_1)
        second = self._part(given, "step_2", keys.STEP_2)
        if gate is None or first is None or second is None:
            return None
        return SignIn(
            gate=gate.get("text", ()),
            gate_next=gate.get("next", ""),
            password_title=first.get("title", ""),
            password_text=first.get("text", ()),
            register=first.get("register", ""),
            code_title=second.get("title", ""),
            code_text=second.get("text", ()),
            code_prompt=second.get("prompt", ""),
            new_code=second.get("new_code", ""),
        )

    def _page(self, given: WrittenKeys) -> TextPage | None:
        links = []
        for link in self._each(given, "links", keys.LINK):
            opens = self._destination(link, "link")
            if opens is not None:
                links.append(Link(label=link.get("label", ""), opens=opens))
        return TextPage(
            id=self._id(given),
            title=given.get("title", ""),
            text=given.get("text", ()),
            links=tuple(links),
            basis=given.get("basis", "confirmed"),
        )
