"""The outline of a form: pages with their nodes, as plain values for scripts, tests and reviewers."""

from __future__ import annotations

from typing import Any

from formengine.form.plan import Condition, Field, Form, Group, Node, Note, Page, Repeat, Section
from formengine.language import model
from formengine.language.content import Block, plain_text

OutlineNode = dict[str, Any]

# What an author may write of a field beyond what every field has, in the order the outline shows it.
_LEFT_OUT = frozenset({"options_from", "value_kind"})


def outline(form: Form) -> OutlineNode:
    """The form as JSON values: ``{"form", "title", "version", "basis", "pages": [{"id", "title", "fields": […]}]}``.

    A field has id, type, label, required and basis, and, where they are written, hint, max_length and other
    limits, show_if, required_if, options (code, label, codes, basis), checks, hide_from, prefill, source_text. Groups,
    sections and repeats are pieces with ``fields`` of their own, distinguished by ``type``; a note has ``text``.
    """
    return {
        "form": form.id,
        "title": form.title,
        "version": form.version,
        "basis": form.definition.basis,
        "pages": [_page(page) for page in form.every_page],
    }


def _page(page: Page) -> OutlineNode:
    spec = page.spec
    piece: OutlineNode = {"id": page.id, "title": page.title, "basis": spec.basis}
    _said(piece, "task", spec.task)
    _said(piece, "intro", _text(page.intro))
    _about(piece, spec, page.show_if)
    _said(piece, "stop", spec.stop)
    _checks(piece, spec.checks)
    piece["fields"] = [_node(node) for node in page.nodes]
    return piece


def _node(node: Node) -> OutlineNode:
    if isinstance(node, Field):
        return _field(node)
    if isinstance(node, Note):
        piece: OutlineNode = {"type": "note", "text": _text(node.spec.text), "basis": node.spec.basis}
        _said(piece, "id", node.spec.id)
        _about(piece, node.spec, node.show_if)
        return piece
    if isinstance(node, Section):
        return _container("section", node)
    if isinstance(node, Group):
        composite = node.spec.composite
        return {"id": node.spec.id, **_container(composite.name if composite else "group", node)}
    return _repeat(node)


def _container(kind: str, node: Section | Group) -> OutlineNode:
    piece: OutlineNode = {"type": kind, "label": node.spec.label, "basis": node.spec.basis}
    _said(piece, "intro", _text(node.spec.intro))
    _about(piece, node.spec, node.show_if)
    if isinstance(node, Group):
        _checks(piece, node.spec.checks)
    piece["fields"] = [_node(inner) for inner in node.nodes]
    return piece


def _repeat(node: Repeat) -> OutlineNode:
    spec = node.spec
    piece: OutlineNode = {"id": spec.id, "type": "repeat", "label": spec.label, "basis": spec.basis}
    piece["item_name"] = spec.item_name
    piece["min_items"] = spec.min_items
    piece["max_items"] = spec.max_items
    piece["layout"] = spec.layout
    _said(piece, "intro", _text(spec.intro))
    _about(piece, spec, node.show_if)
    _checks(piece, spec.checks)
    if node.pages:
        piece["pages"] = [_page(page) for page in node.pages]
    else:
        piece["fields"] = [_node(inner) for inner in node.nodes]
    return piece


def _field(node: Field) -> OutlineNode:
    spec = node.spec
    settings = spec.settings
    piece: OutlineNode = {
        "id": spec.id,
        "type": spec.type.name,
        "label": settings.label,
        "required": spec.required,
        "basis": spec.basis,
    }
    _said(piece, "short_label", settings.short_label)
    _said(piece, "hint", _text(spec.hint))
    for key, value in settings.limits.items():
        if key not in _LEFT_OUT:
            piece[key] = list(value) if isinstance(value, tuple) else value
    _about(piece, spec, node.show_if)
    _said(piece, "required_if", spec.required_if.text if spec.required_if else "")
    if settings.options:
        piece["options"] = [_option(node, option.code) for option in settings.options]
    _said(piece, "options_from", [source.key for source in node.sources])
    if node.prefill is not None:
        prefill = node.prefill
        piece["prefill"] = prefill.kind if prefill.kind == "today" else f"{prefill.kind}.{prefill.name}"
    _said(piece, "read_only", spec.read_only)
    _checks(piece, spec.checks)
    return piece


def _option(node: Field, code: str) -> OutlineNode:
    option = next(option for option in node.spec.settings.options if option.code == code)
    piece: OutlineNode = {"code": option.code, "label": option.label, "basis": option.basis}
    _said(piece, "codes", dict(option.codes))
    _said(piece, "exclusive", option.exclusive)
    _said(piece, "hide_from", list(option.hide_from))
    offer = node.offers.get(code)
    _said(piece, "show_if", offer.text if offer is not None else "")
    return piece


def _about(piece: OutlineNode, spec: model.About, show_if: Condition | None) -> None:
    _said(piece, "show_if", show_if.text if show_if is not None else "")
    _said(piece, "hide_from", list(spec.hide_from))
    _said(piece, "paper_only", spec.paper_only)
    _said(piece, "screen_only", spec.screen_only)
    _said(piece, "source_text", spec.source_text)


def _checks(piece: OutlineNode, checks: tuple[model.Check, ...]) -> None:
    _said(piece, "checks", [{"that": check.that.text, check.level: check.message} for check in checks])


def _said(piece: OutlineNode, key: str, value: object) -> None:
    """Put `value` under `key` unless it is empty."""
    if value:
        piece[key] = value


def _text(blocks: tuple[Block, ...]) -> str:
    return plain_text(blocks)


def outline_text(form: Form) -> str:
    """The outline as lines to read: pages, then each piece indented, a star at what is mandatory."""
    lines = [f"{form.title} ({form.id}, version {form.version})"]
    for page in outline(form)["pages"]:
        lines += ["", f"{page['title']}  [{page['id']}]{_shown(page)}"]
        lines += _piece_lines(page["fields"], "  ")
    return "\n".join(lines) + "\n"


def _piece_lines(pieces: list[OutlineNode], indent: str) -> list[str]:
    lines = []
    for piece in pieces:
        if piece["type"] == "note":
            continue
        star = " *" if piece.get("required") else ""
        name = f"  [{piece['id']}]" if "id" in piece else ""
        lines.append(f"{indent}{piece['label']}{star}  {piece['type']}{name}{_shown(piece)}")
        inner = [found for page in piece.get("pages", ()) for found in page["fields"]]
        lines += _piece_lines(piece.get("fields", []) + inner, indent + "  ")
    return lines


def _shown(piece: OutlineNode) -> str:
    return f"  if {piece['show_if']}" if "show_if" in piece else ""
