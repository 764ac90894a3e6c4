"""Writes the generated parts of the documentation: ``python docs/generate.py``; with ``--check`` it only looks.

A generated part stands between two comments, and what is between them is lost:

    <!-- generated: settings text -->
    <!-- end of generated part -->

The words after "generated:" name a function of this file and what it is given.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
CHECKOUT = DOCS.parent
sys.path.insert(0, str(CHECKOUT))

import yaml  # noqa: E402
from click.testing import CliRunner  # noqa: E402

import formengine  # noqa: E402
from formengine import evaluate  # noqa: E402
from formengine.cli.program import program  # noqa: E402
from formengine.engine import Engine  # noqa: E402
from formengine.form.plan import Field, Form  # noqa: E402
from formengine.form.state import FieldError, State  # noqa: E402
from formengine.language.diagnostics.catalogue import AREAS, CodeEntry  # noqa: E402
from formengine.language.fields import COMPOSITE_TYPES, FIELD_TYPES  # noqa: E402
from formengine.language.fields.base import CompositeType, FieldType, Key, Posted  # noqa: E402
from formengine.language.fields.type_words import controls_of  # noqa: E402
from formengine.language.json_types import Json  # noqa: E402
from formengine.language.loader import keys, portal_keys, process_keys  # noqa: E402
from formengine.language.words import display_text, words  # noqa: E402
from formengine.service.accounts.credentials import CHANGES, RIGHTS, ends  # noqa: E402
from formengine.service.budgets import BUDGETS  # noqa: E402
from formengine.service.logging import KEYS  # noqa: E402
from formengine.service.rate_limits import DESCRIBED, LIMITS  # noqa: E402
from formengine.service.retention import KEPT  # noqa: E402
from formengine.service.security_events import EVENTS  # noqa: E402
from formengine.service.settings import described, variable_of  # noqa: E402

FIELD_PAGES = DOCS / "authors" / "field-types"
EXAMPLES = CHECKOUT / "tests" / "language" / "diagnostics"
TYPED = DOCS / "typed.json"
# The day on which the pages' examples are filled in.
ON = date(2026, 11, 22)

_PART = re.compile(
    r"(?P<head><!-- generated: (?P<what>[a-z_]+)(?: (?P<about>[a-z_-]+))? -->\n)"
    r".*?(?P<foot><!-- end of generated part -->)",
    re.DOTALL,
)
_YAML = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_FIELD_IN_FORM = """\
form: example
title: Example
version: 1
pages:
  - id: example
    title: Example
    fields:
"""


# --- what can be generated -------------------------------------------------------------------------------------------


def settings(type_name: str) -> str:
    """The settings that only this type has."""
    own = (FIELD_TYPES.get(type_name) or COMPOSITE_TYPES[type_name]).keys
    if type_name in FIELD_TYPES and FIELD_TYPES[type_name].has_options:
        own = (*keys.CHOOSING, *own)
    if type_name in COMPOSITE_TYPES:
        own = (*own, keys.COMPOSITE.keys["parts"])
    if not own:
        return "It has no settings of its own.\n"
    return key_table(own)


def parts(type_name: str) -> str:
    """The fixed parts of a composite type."""
    rows = [
        f"| `{part.id}` | {part.label} | [{part.type.name}]({part.type.name}.md) |"
        for part in COMPOSITE_TYPES[type_name].parts
    ]
    return table("Part", "Label", "Type", rows=rows)


def structure(name: str) -> str:
    """Every key of a structure, such as a page."""
    known = {
        value.name: value
        for module in (keys, portal_keys, process_keys)
        for value in vars(module).values()
        if isinstance(value, keys.Structure)
    }
    return key_table(known[name].keys.values())


def key_table(rows: Iterable[Key]) -> str:
    """Keys as a table: name, whether it must be written, what it is."""
    lines = []
    for key in rows:
        said = key.doc.replace("|", "\\|")
        if key.choices and not all(f"`{choice}`" in key.doc for choice in key.choices):
            said += " One of " + ", ".join(f"`{choice}`" for choice in key.choices) + "."
        lines.append(f"| `{key.name}` | {'yes' if key.required else ''} | {said} |")
    return table("Line", "Must be there", "What it does", rows=lines)


def types() -> str:
    """All field types with what they are for."""
    every: dict[str, FieldType | CompositeType] = {**FIELD_TYPES, **COMPOSITE_TYPES}
    rows = [f"| [`{name}`]({name}.md) | {each.doc} |" for name, each in every.items()]
    return table("Type", "What it asks", rows=rows)


def controls() -> str:
    """The templates of controls, with the types that they ask and what these give them."""
    asks: dict[str, dict[str, list[str]]] = {"read_only": {"every type, for an answer nobody may change": []}}
    for name, each in FIELD_TYPES.items():
        for control in controls_of(each):
            asks.setdefault(control.template, {}).setdefault(f"`{name}`", []).extend(control.context)
    rows = []
    for template, types in sorted(asks.items()):
        facts = dict.fromkeys(fact for given in types.values() for fact in given)
        given = ", ".join(f"`{fact}`" for fact in sorted(facts))
        rows.append(f"| `controls/{template}.html` | {', '.join(types)} | {given} |")
    return table("Template", "What it asks", "What `q.fact` knows", rows=rows)


def group_controls() -> str:
    """The templates of composite types."""
    rows = [
        f"| `controls/{each.control().template}.html` | `{name}` |" for name, each in COMPOSITE_TYPES.items()
    ]
    return table("Template", "What it asks", rows=rows)


def messages(type_name: str) -> str:
    """What people are told, found by giving wrong answers to the question on the type's page."""
    rows = []
    for number, list_name in enumerate(("wrong", "wrong_2")):
        tried = typed_for(type_name).get(list_name, [])
        for entered in tried:
            error = ExampleQuestion(type_name, number).error(entered)
            said = words(error, "en").replace("|", "\\|")
            advice = " *(advice: the form can be sent)*" if error.level == "warn" else ""
            rows.append(f"| {shown_entry(entered)} | {said}{advice} | `{error.rule}` |")
    return table("What is entered", "What people are told", "Rule", rows=rows)


def stored(type_name: str) -> str:
    """What is kept and shown of right answers to the question on the type's page."""
    example = ExampleQuestion(type_name)
    rows = []
    for entered in typed_for(type_name)["right"]:
        value, shown = example.kept(entered)
        rows.append(f"| {shown_entry(entered)} | {code(json.dumps(value, ensure_ascii=False))} | {shown} |")
    return table("What is entered", "What is stored", "What is shown", rows=rows)


def help_of(command: str) -> str:
    """What the command says of itself with --help; ``keys_rotate`` is the command `keys rotate`."""
    asked = CliRunner().invoke(
        program, [*command.split("_"), "--help"], prog_name="formengine", terminal_width=100
    )
    said = asked.output.rstrip()
    return f"```text\n{said}\n```\n"


def codes() -> str:
    """Every code, in alphabetical order, with a link to what it means."""
    rows = [
        f"| [`{name}`]({area}.md#{name}) | {entry.title} | {_SEVERITIES[entry.severity]} |"
        for area, entries in AREAS.items()
        for name, entry in entries.items()
    ]
    return table("Code", "What it says", "", rows=sorted(rows))


def diagnostics(area: str) -> str:
    """The findings of one area: what each means, how to mend it, an example."""
    return "\n".join(_finding(name, entry) for name, entry in sorted(AREAS[area].items()))


_SEVERITIES = {"error": "error", "warning": "warning", "info": "advice"}


def _finding(name: str, entry: CodeEntry) -> str:
    example = EXAMPLES / f"{name}.txt"
    lines = [
        f"## {name}",
        "",
        f"**{entry.title}** ({_SEVERITIES[entry.severity]})",
        "",
        entry.meaning.strip(),
        "",
    ]
    if example.is_file():
        findings = example.read_text(encoding="utf-8").rstrip().split("\n\n")
        own = next((each for each in findings if f"[{name}]" in each), findings[0])
        lines += ["```text", own, "```", ""]
    return "\n".join(lines)


def variables() -> str:
    """Every variable of the environment that the service reads, by area."""
    areas: dict[str, list[str]] = {}
    for each in described():
        said = each.metadata["doc"]
        if each.metadata["secret"]:
            said += f" It may stand in a file instead: `{variable_of(each)}_FILE` names it."
        default = each.metadata["shown"] or f"`{each.default}`"
        row = f"| `{variable_of(each)}` | {said} | {default} |"
        areas.setdefault(each.metadata["area"], []).append(row)
    return "\n".join(
        f"## {area}\n\n{table('Variable', 'What it does', 'Without it', rows=rows)}"
        for area, rows in areas.items()
    )


def log_keys() -> str:
    """Every key that may stand in a line of the log."""
    return table("Key", "What it says", rows=[f"| `{name}` | {said} |" for name, said in KEYS.items()])


def security_events() -> str:
    """Every security event: its name, OWASP's, when it is logged, and its own fields."""
    rows = [
        f"| `{name}` | {each.level} | {f'`{each.owasp}`' if each.owasp else ''} | {each.meaning} | "
        f"{', '.join(f'`{field}`' for field in each.fields)} |"
        for name, each in EVENTS.items()
    ]
    return table("Event", "Level", "OWASP", "When", "Fields", rows=rows)


_STATES = {"met": "met", "partly": "partly", "operator": "the operator's", "none": "does not arise"}


def asvs() -> str:
    """A row for each requirement of OWASP's ASVS, levels 1 and 2, from docs/asvs.yaml."""
    found = yaml.safe_load((DOCS / "asvs.yaml").read_text(encoding="utf-8"))
    counted = Counter(row["state"] for row in found.values())
    said = ", ".join(f"{counted[state]} {words_}" for state, words_ in _STATES.items())
    rows = [
        f"| {requirement} | {row['level']} | {row['about']} | {_STATES[row['state']]} | {_evidence(row)} |"
        for requirement, row in found.items()
    ]
    return f"{len(found)} rows: {said}.\n\n" + table("Id", "Level", "What", "State", "Shown by", rows=rows)


def _evidence(row: Mapping[str, Any]) -> str:
    tests = [f"`{name.removeprefix('tests/')}`" for name in row.get("tests", ())]
    pages = [
        f"[{place}](../{place})"
        if not place.startswith("docs/")
        else f"[{place}]({place.removeprefix('docs/')})"
        for place in row.get("pages", ())
    ]
    return "; ".join([*tests, *pages, *([row["reason"]] if row.get("reason") else [])])


def credentials() -> str:
    """What each change of somebody's credentials ends."""
    rows = [
        f"| {rule.what} | {' | '.join('ends' if ends(change, right) else '–' for change in CHANGES)} |"
        for right, rule in RIGHTS.items()
    ]
    return table("", *(rule.what for rule in CHANGES.values()), rows=rows)


def kept() -> str:
    """What each table of the database holds, how long, and what destroys it."""
    rows = [f"| `{name}` | {each.what} | {each.how_long} | {each.ends_by} |" for name, each in KEPT.items()]
    return table("Table", "What it holds", "Kept", "Destroyed by", rows=rows)


def budgets() -> str:
    """How much one draft, connection or address may take at a time."""
    rows = [f"| {each.what} | {each.most} | {each.whose} | {each.beyond} |" for each in BUDGETS]
    return table("What", "At most", "For each", "Beyond it", rows=rows)


def limits() -> str:
    """How often things may be done within a time."""
    rows = []
    for kind, lines in LIMITS.items():
        what, whose, beyond = DESCRIBED[kind]
        most = ", ".join(f"{number:,} {_SPANS[span]}" for number, span in lines)
        rows.append(f"| {what} (`{kind}`) | {most} | {whose} | {beyond} |")
    return table("What", "At most", "For each", "Beyond it", rows=rows)


_SPANS = {60: "a minute", 3600: "an hour", 86400: "a day"}


# The parts of the public interface, each by the modules whose names it lists: a name belongs to the longest that fits.
PUBLIC = {
    "forms": ("formengine.engine", "formengine.form", "formengine.language"),
    "actions": ("formengine.form.actions",),
    "pages": ("formengine.output",),
    "paper": ("formengine.output.paper",),
    "fields": ("formengine.language.fields", "formengine.language.expressions"),
    "service": ("formengine.service", "formengine.store", "formengine.web"),
}
# Values have no docstring.
PUBLIC_VALUES = {
    "COMPOSITE_TYPES": "The composite types that come along, by name.",
    "FIELD_TYPES": "The field types that come along, by name.",
    "HOME": "The time zone of forms, Europe/London.",
    "Kind": "What conditions may ask of a type: a literal such as `text`, `number` or `date`.",
    "__version__": "The installed version as text.",
}


def public(part: str) -> str:
    """The public names of one part, each with the first sentence of its docstring."""
    names = [name for name, module in formengine._MODULE_OF.items() if _part_of(module) == part]  # noqa: SLF001
    names = sorted([*names, *(["__version__"] if part == "forms" else [])], key=str.lower)
    return table("Name", "What it is", rows=[f"| `{name}` | {_first_sentence(name)} |" for name in names])


def _part_of(module: str) -> str:
    """The part of the public interface that a module's names are listed in."""
    fitting = [
        (len(each), part)
        for part, modules in PUBLIC.items()
        for each in modules
        if f"{module}.".startswith(f"{each}.")
    ]
    return max(fitting)[1]


def _first_sentence(name: str) -> str:
    """What a public name's docstring says first, or of a value, what stands above."""
    if name in PUBLIC_VALUES:
        return PUBLIC_VALUES[name]
    paragraph = (inspect.getdoc(getattr(formengine, name)) or "").split("\n\n")[0].replace("\n", " ")
    sentence = re.split(r"(?<=\.) (?=[A-Z`])", paragraph)[0]
    return sentence.replace("``", "`").replace("|", "\\|")


GENERATORS: Mapping[str, Callable[..., str]] = {
    "settings": settings,
    "parts": parts,
    "structure": structure,
    "types": types,
    "messages": messages,
    "stored": stored,
    "help": help_of,
    "codes": codes,
    "diagnostics": diagnostics,
    "variables": variables,
    "log_keys": log_keys,
    "security_events": security_events,
    "asvs": asvs,
    "credentials": credentials,
    "kept": kept,
    "budgets": budgets,
    "limits": limits,
    "public": public,
    "controls": controls,
    "group_controls": group_controls,
}


# --- questions on the field types' pages ------------------------------------------------------------------------------


class ExampleQuestion:
    """The first question on the page of a type, or the one with this number from 0, in a form of its own."""

    def __init__(self, type_name: str, number: int = 0) -> None:
        page = (FIELD_PAGES / f"{type_name}.md").read_text(encoding="utf-8")
        question: str = _YAML.findall(page)[number]
        indented = "".join(f"      {line}\n" if line else "\n" for line in question.splitlines())
        self.form: Form = Engine().form_of_text((_FIELD_IN_FORM + indented).encode(), f"{type_name}.yaml")
        every = self.form.fields.values()
        wanted = type_name if type_name in FIELD_TYPES else ""
        self.field: Field = next(field for field in every if wanted in {"", field.spec.type.name})

    def value(self, entered: Json) -> Json:
        """What is stored of what is entered: typed in one box or several, chosen, uploaded, or sent by a program."""
        if isinstance(entered, dict) and "json" in entered:
            stored: Json = entered["json"]
            return stored
        return self.type.decode(posted_of(entered), self.field.spec.settings).value

    @property
    def type(self) -> FieldType:
        """The type of the question."""
        return self.field.spec.type

    def state(self, value: Json) -> State:
        """The state with this answer."""
        answers: Json = value
        for part in reversed(self.field.path):
            answers = {part: answers}
        return evaluate(self.form, answers, on=ON)

    def error(self, entered: Json) -> FieldError:
        """What is wrong with what is entered. Raises `LookupError` when nothing is."""
        state = self.state(self.value(entered))
        for found in (state.errors, state.warnings):
            if self.field.key in found:
                return found[self.field.key]
        raise LookupError(f"nothing is wrong with {entered} for {self.type.name}")

    def kept(self, entered: Json) -> tuple[Json, str]:
        """The stored answer and how it is shown. Raises `LookupError` when it is wrong."""
        value = self.value(entered)
        state = self.state(value)
        if self.field.key in state.errors:
            raise LookupError(
                f"{entered} is wrong for {self.type.name}: {words(state.errors[self.field.key])}"
            )
        if value is None:
            return value, ""
        display = self.type.display(value, self.field.spec.settings)
        if display.shape in {"lines", "list"}:
            return value, "<br>".join(str(text) for text in display.texts)
        return value, display_text(display)


def typed_for(type_name: str) -> dict[str, list[Json]]:
    """What is tried on the type's page: right and wrong entries."""
    tried: dict[str, dict[str, list[Json]]] = json.loads(TYPED.read_text(encoding="utf-8"))
    return tried[type_name]


def posted_of(entered: Any) -> Posted:
    """The post of an entry: a text in one box, a list of options chosen, parts by name, or files."""
    if entered is None:
        return Posted()
    if isinstance(entered, str):
        return Posted({"": (entered,)})
    if isinstance(entered, list):
        return Posted({"": tuple(entered)})
    if "files" in entered:
        return Posted(files=tuple(entered["files"]))
    return Posted({part: (text,) for part, text in entered.items()})


def shown_entry(entered: Any) -> str:
    """An entry for a table's cell."""
    if entered is None:
        return "nothing"
    if isinstance(entered, str):
        return code(entered)
    if isinstance(entered, list):
        return ", ".join(code(each) for each in entered)
    if "json" in entered:
        return f"{code(json.dumps(entered['json'], ensure_ascii=False))}, sent by a program"
    if "files" in entered:
        return ", ".join(
            f"{code(file['name'])}, {file['size'] / 1_000_000:g} MB" for file in entered["files"]
        )
    return " ".join(code(text) if text else "*empty*" for text in entered.values())


# --- Markdown ---------------------------------------------------------------------------------------------------------


def table(*heads: str, rows: list[str]) -> str:
    """A table of ready rows."""
    return "\n".join([f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|", *rows, ""])


def code(text: str) -> str:
    """Text set as code in a cell of a table."""
    plain = text.replace("\n", "↵").replace("|", "\\|")
    if len(plain) > 60:
        plain = f"{plain[:50]}…"
    return f"`{plain}`" if plain.strip() else "*blanks*"


def documents() -> list[Path]:
    """Every page of the documentation, README first."""
    return [CHECKOUT / "README.md", *sorted(DOCS.rglob("*.md"))]


def renewed(text: str) -> str:
    """`text` with its generated parts made anew."""

    def part(found: re.Match[str]) -> str:
        made = GENERATORS[found["what"]](*([found["about"]] if found["about"] else []))
        return f"{found['head']}\n{made.rstrip()}\n\n{found['foot']}"

    return _PART.sub(part, text)


def stale_documents() -> dict[Path, str]:
    """The pages whose generated parts are not what the code says now, with what they should be."""
    stale = {}
    for path in documents():
        text = path.read_text(encoding="utf-8")
        new = renewed(text)
        if new != text:
            stale[path] = new
    return stale


def main(arguments: list[str]) -> int:
    """Writes what is stale; with ``--check`` names it and returns 1."""
    stale = stale_documents()
    for path, text in stale.items():
        print(path.relative_to(CHECKOUT))
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
