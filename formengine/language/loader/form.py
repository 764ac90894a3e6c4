"""A form's own keys, from `title` and `start` to `submit` and `confirmation`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from formengine.language import model
from formengine.language.diagnostics import Findings
from formengine.language.fields.base import NOTHING, Key
from formengine.language.loader import keys, values
from formengine.language.loader.common import read_checks
from formengine.language.loader.form_nodes import read_nodes, read_pages
from formengine.language.loader.mappings import Loading, WrittenKeys, mapping, mappings, read_keys
from formengine.language.loader.scopes import IdScope, file_id, take, written_id
from formengine.language.reader.nodes import Mapping as MappingNode
from formengine.language.reader.nodes import Scalar, Sequence, YamlNode
from formengine.language.source import Located, Source, Span


def read_form(loading: Loading, root: MappingNode) -> model.Definition:
    """The definition, as far as it can be read; what is wrong is among the findings."""
    given = read_keys(loading, root, keys.FORM)
    basis = given.get("basis", "confirmed")
    scope = IdScope(basis=basis)
    audiences = _audiences(loading, given)
    start = _start(loading, given, scope)
    pages = _pages(loading, given, scope)
    submit = _submit(loading, given, scope)
    conditions = _conditions(loading, given, scope)
    access = _access(loading, given)
    _check_audiences(loading, audiences)
    name = given.nodes.get("form")
    return model.Definition(
        id=file_id(loading, name, "form") if isinstance(name, Scalar) else "",
        title=given.get("title", ""),
        version=given.get("version", ""),
        language=_language(loading, given),
        sources=tuple(loading.sources),
        digest=digest_of(loading.sources),
        basis=basis,
        description=given.get("description", ""),
        presentation=_presentation(loading, given),
        start=start,
        access=access,
        session=_session(loading, given),
        urgent_if=given.get("urgent_if"),
        route_by=_located(loading, given, "route_by", "district"),
        audiences=audiences,
        notices=_notices(loading, given),
        conditions=conditions,
        pages=pages,
        submit=submit,
        confirmation=_confirmation(loading, given),
        unreadable=frozenset(loading.unreadable),
        included=MappingProxyType(dict(loading.included)),
        span=values.caret(root),
    )


def digest_of(sources: Iterable[Source]) -> str:
    """The SHA-256, in hexadecimal, over the sources' names and texts in their order, each with its length."""
    digest = hashlib.sha256()
    for source in sources:
        for text in (source.name, source.text):
            data = text.encode()
            digest.update(len(data).to_bytes(8, "big"))
            digest.update(data)
    return digest.hexdigest()


def _given(
    loading: Loading, given: WrittenKeys, structure: keys.Structure, example: str
) -> WrittenKeys | None:
    """The keys of the mapping under the structure's own name; None where nothing is written."""
    node = mapping(loading, given.nodes.get(structure.name), structure.name, example)
    return read_keys(loading, node, structure) if node is not None else None


def _located(loading: Loading, given: WrittenKeys, key: str, example: str) -> Located | None:
    node = given.nodes.get(key)
    if node is None or isinstance(node, Scalar):
        return node.located if node is not None else None
    values.wrong_shape(loading.findings, key, "one word", node, f"write `{key}: {example}`")
    return None


def _language(loading: Loading, given: WrittenKeys) -> str:
    written: str = given.get("language", "en")
    parts = written.split("-")
    if (
        all(part.isalnum() and part.isascii() for part in parts)
        and 2 <= len(parts[0]) <= 3
        and len(written) <= 20
    ):
        return written
    node = given.nodes["language"]
    loading.findings.add(
        "unknown-word",
        f"`{values.clip(written)}` is not the code of a language",
        values.caret(node),
        help="write `en` for English, `cy` for Welsh",
    )
    return "en"


def _presentation(loading: Loading, given: WrittenKeys) -> model.Presentation:
    found = _given(loading, given, keys.PRESENTATION, "menu: numbered")
    if found is None:
        return model.Presentation()
    exit_page = web_address(loading.findings, found.nodes.get("exit_page"))
    return model.Presentation(**found.values, exit_page=exit_page or "")


def _session(loading: Loading, given: WrittenKeys) -> model.Session:
    found = _given(loading, given, keys.SESSION, "timeout_minutes: 20")
    if found is None:
        return model.Session()
    session = model.Session(**found.values)
    if not 1 <= session.warn_minutes < session.timeout_minutes:
        loading.findings.add(
            "number-out-of-range",
            f"No warning can come {session.warn_minutes} minutes before the end of {session.timeout_minutes}",
            found.span("warn_minutes" if "warn_minutes" in found.keys else "timeout_minutes"),
            help="`warn_minutes` is at least 1 and less than `timeout_minutes`",
        )
    return session


def _pages(loading: Loading, given: WrittenKeys, scope: IdScope) -> tuple[model.Page, ...]:
    """The pages; a form that asks nothing at all is a finding."""
    listed = given.nodes.get("pages")
    if isinstance(listed, Sequence) and not listed.items:
        loading.findings.add(
            "empty-value",
            "The form has no page",
            given.span("pages"),
            help="write the first page below it, beginning with `- id: about_you`",
        )
    return read_pages(loading, listed, scope, {})


def _start(loading: Loading, given: WrittenKeys, scope: IdScope) -> model.Start:
    found = _given(loading, given, keys.START, "fields:")
    if found is None:
        return model.Start()
    return model.Start(
        title=found.get("title", ""),
        intro=found.get("intro", ()),
        nodes=read_nodes(loading, found.nodes.get("fields"), scope),
        human_test=found.get("human_test", False),
    )


def _submit(loading: Loading, given: WrittenKeys, scope: IdScope) -> model.Submit:
    found = _given(loading, given, keys.SUBMIT, "button: Send")
    if found is None:
        return model.Submit(basis=scope.basis)
    basis = found.get("basis", scope.basis)
    return model.Submit(
        title=found.get("title", ""),
        intro=found.get("intro", ()),
        nodes=read_nodes(loading, found.nodes.get("fields"), scope.of(basis)),
        button=found.get("button", ""),
        checks=read_checks(loading, found),
        basis=basis,
    )


def _confirmation(loading: Loading, given: WrittenKeys) -> model.Confirmation:
    found = _given(loading, given, keys.CONFIRMATION, "text: We will write to you.")
    if found is None:
        return model.Confirmation()
    return model.Confirmation(title=found.get("title", ""), text=found.get("text", ()))


def _access(loading: Loading, given: WrittenKeys) -> model.Access:
    node = given.nodes.get("access")
    if isinstance(node, Scalar):
        if node.text != "anyone":
            loading.findings.add(
                "unknown-word",
                f"`access` cannot be `{values.clip(node.text)}`",
                node.span,
                help="write `access: anyone`, or below it `sign_in_from:` with the id of a page",
            )
        return model.Access(anyone=True)
    found = _given(loading, given, keys.ACCESS, "sign_in_from: about_you")
    page = found.nodes.get("sign_in_from") if found is not None else None
    if page is None:
        return model.Access()
    if not isinstance(page, Scalar):
        values.wrong_shape(
            loading.findings, "sign_in_from", "the id of one page", page, "write it on the same line"
        )
        return model.Access()
    return model.Access(sign_in_from=page.text.strip(), sign_in_from_span=page.span)


def _audiences(loading: Loading, given: WrittenKeys) -> Mapping[str, str]:
    node = mapping(loading, given.nodes.get("audiences"), "audiences", "family: The family's copy")
    return MappingProxyType(dict(_texts(loading, node))) if node is not None else NOTHING


def _texts(loading: Loading, node: MappingNode) -> Iterable[tuple[str, str]]:
    for entry in node.entries:
        name, value = written_id(loading, entry.key), entry.value
        if not isinstance(value, Scalar):
            values.wrong_shape(
                loading.findings, entry.key.text, "one text", value, "write it on the same line"
            )
        elif value.is_null:
            values.empty(loading.findings, entry.key, value)
        elif name is not None:
            yield name, " ".join(value.text.split())


def _check_audiences(loading: Loading, audiences: Mapping[str, str]) -> None:
    for name, span in loading.audiences:
        if name in audiences:
            continue
        close = values.similar(loading.findings, name, audiences)
        known = (
            f"the audiences are {', '.join(audiences)}" if audiences else f"add `audiences:` with `{name}: …`"
        )
        loading.findings.add(
            "unknown-audience",
            f"There is no audience `{values.clip(name)}`",
            span,
            help=f"there is an audience with a similar name: `{close}`" if close else known,
        )


def _conditions(loading: Loading, given: WrittenKeys, scope: IdScope) -> tuple[model.NamedCondition, ...]:
    """The named conditions; their names and the ids at the form's own level are one list."""
    node = mapping(loading, given.nodes.get("conditions"), "conditions", "consent_given: consent is yes")
    found = []
    for entry in node.entries if node is not None else ():
        name, value = written_id(loading, entry.key), entry.value
        if not isinstance(value, Scalar):
            values.expression(loading.findings, _NAMED, value)
        elif value.is_null:
            values.empty(loading.findings, entry.key, value)
        elif name is not None and take(loading.findings, scope.names, name, entry.key.span):
            found.append(model.NamedCondition(name=name, expression=value.located, span=entry.key.span))
            continue
        loading.unreadable.add(entry.key.text)
    return tuple(found)


_NAMED = Key("conditions", "expression", "An expression with a name.")


def _notices(loading: Loading, given: WrittenKeys) -> tuple[model.Notice, ...]:
    names: dict[str, Span] = {}
    notices = []
    for item in mappings(loading, given.nodes.get("notices"), "notices", "id: privacy"):
        found = read_keys(loading, item, keys.NOTICE)
        node = found.nodes.get("id")
        name = written_id(loading, node) if isinstance(node, Scalar) else None
        if isinstance(node, Scalar) and name is not None:
            take(loading.findings, names, name, node.span, what="notices")
        link = web_address(loading.findings, found.nodes.get("link"))
        if name and link and {"title", "version", "for"} <= found.values.keys():
            title, version, audience = (found.values[key] for key in ("title", "version", "for"))
            notices.append(model.Notice(id=name, title=title, version=version, link=link, audience=audience))
    return tuple(notices)


def web_address(findings: Findings, node: YamlNode | None) -> str | None:
    """An address that begins with ``https://``; None with a finding for anything else."""
    if not isinstance(node, Scalar):
        if node is not None:
            values.wrong_shape(findings, "link", "one address", node, "write it on the same line")
        return None
    text = node.text.strip()
    try:
        parts = urlsplit(text)
        fits = parts.scheme == "https" and bool(parts.hostname) and parts.username is None and " " not in text
    except ValueError:
        fits = False
    if fits:
        return text
    findings.add(
        "bad-link",
        f"`{values.clip(node.text)}` is not a web address that begins with `https://`",
        node.span,
        help="copy the whole address from the browser, such as `https://www.example.org/privacy`",
    )
    return None
