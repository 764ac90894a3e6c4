"""Options: written in the form, or in a list file, whole or narrowed."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from types import MappingProxyType

from formengine.language.diagnostics import Related
from formengine.language.fields.base import NOTHING, Option
from formengine.language.loader import values
from formengine.language.loader.includes import include
from formengine.language.loader.keys import LIST, NARROWED_LIST, OPTION
from formengine.language.loader.mappings import Loading, audiences, read_keys
from formengine.language.loader.option_list import OptionList
from formengine.language.model import Basis
from formengine.language.reader.nodes import Mapping as MappingNode
from formengine.language.reader.nodes import Scalar, Sequence, YamlNode
from formengine.language.source import Located


def read_options(loading: Loading, node: YamlNode, basis: Basis, *, exclusive: bool) -> OptionList | None:
    """The options behind ``options:``; None with findings. `exclusive`: whether one may be so."""
    if isinstance(node, Scalar):
        return listed(loading, node)
    if isinstance(node, Sequence):
        first = node.items[0] if node.items else None
        example = f"`{_code_for(first.text)}: {first.text}`" if isinstance(first, Scalar) else "`yes: Yes`"
        values.wrong_shape(
            loading.findings,
            "options",
            "a code and a label in each line",
            node,
            f"write {example}, without the dash",
        )
        return None
    keys = {entry.key.text for entry in node.entries}
    if "list" in keys and keys <= {"list", "without"} and isinstance(node.get("list"), Scalar):
        return _narrowed(loading, node)
    return read_option_map(loading, node, basis, exclusive=exclusive)


def _code_for(label: str) -> str:
    return "_".join("".join(c if c.isalnum() else " " for c in label.casefold()).split())[:30] or "code"


def _narrowed(loading: Loading, node: MappingNode) -> OptionList | None:
    given = read_keys(loading, node, NARROWED_LIST)
    name = given.nodes.get("list")
    whole = listed(loading, name) if isinstance(name, Scalar) else None
    if whole is None:
        return None
    known = dict.fromkeys(option.code for option in whole.options)
    left_out = given.nodes.get("without")
    scalars = left_out.items if isinstance(left_out, Sequence) else (left_out,) if left_out else ()
    for scalar in scalars:
        if isinstance(scalar, Scalar) and scalar.text.strip() not in known:
            close = values.similar(loading.findings, scalar.text, known)
            loading.findings.add(
                "unknown-option",
                f"The list has no option with the code `{values.clip(scalar.text)}`",
                scalar.span,
                help=f"there is a similar code: `{close}`"
                if close
                else f"the codes are {', '.join(islice(known, 12))}",
            )
    rest = whole.without(frozenset(given.get("without", ())))
    if not rest.options:
        loading.findings.add("no-options", "Every option of the list is left out", given.span("without"))
        return None
    return rest


def listed(loading: Loading, name: Scalar) -> OptionList | None:
    """The options of the list called `name` (``gender``, ``lists/gender``), read once; None with findings."""
    path = name.text.strip()
    path = path if "/" in path else f"lists/{path}"
    if path not in loading.lists:
        loading.lists[path] = None
        root = include(loading, path, name.span, "list")
        if root is not None:
            loading.lists[path] = read_list(loading, root)
    return loading.lists[path]


def read_list(loading: Loading, root: MappingNode) -> OptionList | None:
    """The options of a list file."""
    given = read_keys(loading, root, LIST)
    options = given.nodes.get("options")
    if options is None:
        return None
    if not isinstance(options, MappingNode):
        values.wrong_shape(
            loading.findings,
            "options",
            "a code and a label in each line",
            options,
            "write `code: label`, without dashes",
        )
        return None
    return read_option_map(loading, options, given.get("basis", "confirmed"), exclusive=True)


def read_option_map(
    loading: Loading, node: MappingNode, basis: Basis, *, exclusive: bool
) -> OptionList | None:
    """The options written as ``code: label`` or as ``code:`` with keys below it."""
    options: list[Option] = []
    show_if: dict[str, Located] = {}
    labels: dict[str, Scalar] = {}
    for entry in node.entries:
        code, value = entry.key.text, entry.value
        if not _is_code(loading, entry.key):
            continue
        if isinstance(value, Scalar):
            if not value.text.strip() or value.text == "~":
                values.empty(loading.findings, entry.key, value)
                continue
            option = Option(
                code, " ".join(value.text.split()) if "\n" in value.text else value.text, basis=basis
            )
            _no_insertion(loading, value)
        elif isinstance(value, MappingNode):
            made = _option(loading, code, value, basis, show_if, exclusive=exclusive)
            if made is None:
                continue
            option = made
        else:
            values.wrong_shape(loading.findings, code, "a label", value, f"write `{code}: label`")
            continue
        options.append(option)
        _note_label(loading, option, entry.key, labels)
    if not options:
        if not node.entries:
            loading.findings.add("no-options", "There is no option to choose", values.caret(node))
        return None
    return OptionList(tuple(options), MappingProxyType(show_if) if show_if else NOTHING)


def _no_insertion(loading: Loading, label: Scalar) -> None:
    if "((" in label.text:
        values.plain(loading.findings, OPTION.keys["label"], label)


def _option(
    loading: Loading,
    code: str,
    node: MappingNode,
    basis: Basis,
    show_if: dict[str, Located],
    *,
    exclusive: bool,
) -> Option | None:
    given = read_keys(loading, node, OPTION)
    label = given.get("label")
    if label is None:
        return None
    if given.get("exclusive") and not exclusive:
        loading.findings.add(
            "exclusive-not-here",
            "Only one option can be chosen here anyway, so none needs to be exclusive",
            given.span("exclusive"),
            help="delete the line, or write `type: choices` if several may be chosen",
        )
    if "show_if" in given.values:
        show_if[code] = given.values["show_if"]
    return Option(
        code,
        label,
        given.get("hint", ""),
        _codes(loading, given.nodes.get("codes")),
        given.get("exclusive", False),
        given.get("basis", basis),
        audiences(loading, given),
    )


def _codes(loading: Loading, node: YamlNode | None) -> Mapping[str, str]:
    if node is None:
        return NOTHING
    if not isinstance(node, MappingNode):
        values.wrong_shape(
            loading.findings, "codes", "names with codes", node, "write below it, such as `cin: WBRI`"
        )
        return NOTHING
    found = {}
    for entry in node.entries:
        if isinstance(entry.value, Scalar) and not entry.value.is_null:
            found[entry.key.text] = entry.value.text
        elif isinstance(entry.value, Scalar):
            values.empty(loading.findings, entry.key, entry.value)
        else:
            values.wrong_shape(
                loading.findings, entry.key.text, "one code", entry.value, "write one code on the line"
            )
    return MappingProxyType(found)


def _is_code(loading: Loading, key: Scalar) -> bool:
    """Whether the key can be stored, posted and written in an expression."""
    code = key.text
    if code and len(code) <= 100 and code == code.strip() and '"' not in code and code.isprintable():
        return True
    loading.findings.add(
        "bad-code",
        f"`{values.clip(code)}` cannot be the code of an option" if code else "An option has no code",
        key.span,
        help="a code is a short word or number, such as `not_known`, `A1` or `10`",
    )
    return False


def _note_label(loading: Loading, option: Option, key: Scalar, labels: dict[str, Scalar]) -> None:
    first = labels.setdefault(option.label.casefold(), key)
    if first is not key:
        loading.findings.add(
            "duplicate-option-label",
            f"Two options are both called `{values.clip(option.label)}`",
            key.span,
            help="people cannot tell them apart; give one of them another label",
            severity="warning",
            related=(Related(first.span, "the first one"),),
        )
