"""Ids: how they are written, which words they cannot be, and that each is used once in its scope."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from formengine.language.diagnostics import Findings, Related
from formengine.language.expressions import RESERVED_IDS
from formengine.language.loader import values
from formengine.language.loader.mappings import Loading, WrittenKeys
from formengine.language.model import Basis
from formengine.language.reader.nodes import Scalar
from formengine.language.source import Span

_ID = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}\Z")


@dataclass(frozen=True, slots=True)
class IdScope:
    """The scope of a node's id.

    names: the ids taken so far. basis: how surely the piece around it is known. in_repeat: whether it is in an
    item. uses: the fragments being read, outermost first.
    """

    names: dict[str, Span] = field(default_factory=dict)
    basis: Basis = "confirmed"
    in_repeat: bool = False
    uses: tuple[str, ...] = ()

    def of(self, basis: Basis) -> IdScope:
        """The same names, inside a piece that is known as surely as `basis`."""
        return self if basis == self.basis else replace(self, basis=basis)

    def inner(self, basis: Basis, *, in_repeat: bool = False) -> IdScope:
        """A scope of its own: that of a group or an item."""
        return IdScope({}, basis, self.in_repeat or in_repeat, self.uses)


def identify(loading: Loading, given: WrittenKeys, scope: IdScope) -> tuple[str, Span] | None:
    """The node's id and its place; None where it has none, or one that is taken, with findings."""
    node = given.nodes.get("id")
    if not isinstance(node, Scalar):
        if node is not None:
            values.wrong_shape(
                loading.findings, "id", "one word", node, "write it on the same line: `id: first_name`"
            )
        return None
    name, span = written_id(loading, node), node.span
    if name is None:
        return None
    return (name, span) if take(loading.findings, scope.names, name, span) else None


def written_id(
    loading: Loading, node: Scalar, reserved: frozenset[str] = frozenset(RESERVED_IDS)
) -> str | None:
    """The id as written, or as it should be written, with a finding; None if none can be made."""
    name = node.text
    if _ID.match(name):
        if name in reserved:
            loading.findings.add(
                "reserved-id",
                f"`{name}` is a word of the language and cannot be an id here",
                node.span,
                help=f"choose another name, such as `the_{name}`",
            )
        return name
    loading.unreadable.add(name)
    made = re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_").lstrip("0123456789_")[:64]
    loading.findings.add(
        "bad-id",
        f"`{values.clip(name)}` cannot be an id",
        node.span,
        help="an id is small letters, figures and underscores, and begins with a letter"
        + (f": write `{made}`" if made else ", such as `first_name`"),
    )
    return made or None


def take(findings: Findings, names: dict[str, Span], name: str, span: Span, *, what: str = "id") -> bool:
    """Whether `name` was free in `names`, where it now is taken; if not, a finding shows both places."""
    first = names.setdefault(name, span)
    if first is span:
        return True
    message = f"The id `{name}` is used twice" if what == "id" else f"Two {what} have the id `{name}`"
    findings.add(
        "duplicate-id",
        message,
        span,
        label="used again here",
        help="give one of them another id" + ("; pages share one list of ids" if what == "id" else ""),
        related=(Related(first, "first used here"),),
    )
    return False


def file_id(loading: Loading, node: Scalar, what: str) -> str:
    """The name of a form, list or fragment; a finding where it is not fit to be a folder's or file's name."""
    if not _FILE_NAME.match(node.text):
        loading.findings.add(
            "bad-id",
            f"`{values.clip(node.text)}` cannot be the name of a {what}",
            node.span,
            help="a name is small letters, figures, hyphens and underscores, such as `request-for-support`",
        )
    return node.text
