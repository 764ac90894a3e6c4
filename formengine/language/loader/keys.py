"""What an author may write: every structure of the language with its keys.

These tables are the only source. The loader accepts by them, `definitions/form.schema.json` is generated from
them, and the help of a finding (near name, wrong place) is looked up in them. A field type adds its own keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from formengine.language.fields.base import CompositeType, FieldType, Key


@dataclass(frozen=True)
class Structure:
    """A mapping of the language: what messages call it ("a page"), a sentence for editors, its keys."""

    name: str
    called: str
    doc: str
    keys: Mapping[str, Key]

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The names of the keys that must be written."""
        return tuple(key.name for key in self.keys.values() if key.required)


def structure(name: str, called: str, doc: str, *keys: Key) -> Structure:
    """The structure with these keys."""
    return Structure(name, called, doc, MappingProxyType({key.name: key for key in keys}))


BASIS = ("confirmed", "national_standard", "reconstructed")

_BASIS = Key(
    "basis",
    "one_of",
    "How surely this is known. `confirmed` where nothing is written; what stands inside takes it over.",
    choices=BASIS,
)
_SOURCE_TEXT = Key("source_text", "text", "The words of the original where the form shows others. Not shown.")
_HIDE_FROM = Key(
    "hide_from", "words", "Whose copies leave this out: one name of `audiences:`, or a list of them."
)
_PAPER_ONLY = Key("paper_only", "boolean", "`true` for what stands on the paper form alone.")
_SCREEN_ONLY = Key(
    "screen_only",
    "boolean",
    "`true` for what helps on screen alone, such as how to use a button; no question can.",
)
_ABOUT = (_BASIS, _SOURCE_TEXT, _HIDE_FROM, _PAPER_ONLY)
_SHOW_IF = Key(
    "show_if", "expression", "When this is asked, such as `consent is yes`. Else it is not there at all."
)
_CHECK = Key("check", "special", "Rules across answers, each with the words to say when it does not hold.")
_ID = Key(
    "id",
    "special",
    "The answer's name in expressions and in what is sent: small letters, figures, underscores. Never shown.",
    required=True,
)
_FIELDS = Key("fields", "special", "The questions, in order, each beginning with `- `.")
_SHORT_LABEL = Key(
    "short_label", "template", "What messages and tables call it, such as `the date`. Else the label is used."
)
_RENAMED_FROM = Key(
    "renamed_from",
    "text",
    "Where the answer stood in earlier versions, as a full path such as `child.name`; saved answers follow.",
)
_MESSAGES = Key(
    "messages", "special", "Your own words for a rule, such as `required: Say where the child is now`."
)
_TYPE = Key(
    "type", "special", "What kind of answer this is, such as `text`, `date` or `choice`.", required=True
)

FORM = structure(
    "form",
    "a form",
    "One form.",
    Key(
        "form",
        "special",
        "The form's name, the same as its folder's, such as `request-for-support`.",
        required=True,
    ),
    Key("title", "template", "What the form is called on every page.", required=True),
    Key("version", "text", "Which version this is, such as `2026.1`.", required=True),
    Key("language", "text", "The language of the form's words: `en` (the default), `cy`."),
    Key("description", "text", "One sentence on what the form is for, where forms are listed."),
    _BASIS,
    Key(
        "presentation", "special", "How people walk through the form and how mandatory questions are marked."
    ),
    Key("start", "special", "What is asked before the first page."),
    Key("access", "special", "Who may fill in: `anyone`, or people who sign in from a page on."),
    Key("session", "special", "How long people may be idle."),
    Key("urgent_if", "expression", "When what is sent is urgent. If in doubt (not answered), it is."),
    Key("route_by", "special", "The question whose answer is the name of the mailbox."),
    Key("audiences", "special", "Who gets a copy of their own, as `name: title`; see `hide_from`."),
    Key("notices", "special", "The privacy notices that people are shown."),
    Key("conditions", "special", "Expressions with a name, for use in several places."),
    Key("pages", "special", "The pages in order, each beginning with `- id:`.", required=True),
    Key("submit", "special", "The last page: what is said and asked before sending."),
    Key("confirmation", "special", "What the receipt says."),
)

PRESENTATION = structure(
    "presentation",
    "`presentation`",
    "How people walk through the form and how mandatory questions are marked.",
    Key(
        "menu",
        "one_of",
        "`numbered`: a numbered list of pages. `task_list`: tasks to be done in any order (the default).",
        choices=("numbered", "task_list"),
    ),
    Key(
        "required_mark",
        "one_of",
        "`asterisk` marks mandatory questions; `optional_note` writes (optional) on the others.",
        choices=("asterisk", "optional_note"),
    ),
    Key(
        "buttons",
        "one_of",
        "`next`: Previous and Next. `continue`: Back and Continue (the default).",
        choices=("next", "continue"),
    ),
    Key(
        "exit_page",
        "special",
        "Where “Exit this page” leads at once, such as `https://www.bbc.co.uk/weather`. For forms that somebody may"
        " have to hide quickly; without it there is no such button.",
    ),
)

START = structure(
    "start",
    "`start`",
    "What is asked before the first page. The answers are ordinary answers.",
    Key("title", "template", "The heading of the start page."),
    Key("intro", "markdown", "Text before the questions."),
    _FIELDS,
    Key("human_test", "boolean", "`true`: people who are not signed in are tested for being human."),
)

ACCESS = structure(
    "access",
    "`access`",
    "Who may fill in. For everybody, write `access: anyone`.",
    Key("sign_in_from", "special", "The id of the first page that asks people to sign in.", required=True),
)

SESSION = structure(
    "session",
    "`session`",
    "How long people may be idle.",
    Key("timeout_minutes", "whole_number", "After how many idle minutes the session ends; 20 by default."),
    Key("warn_minutes", "whole_number", "How many minutes before its end people are warned; 2 by default."),
)

SUBMIT = structure(
    "submit",
    "`submit`",
    "The last page: what is said and asked before sending.",
    Key("title", "template", "The heading of the page."),
    Key("intro", "markdown", "Text before the questions."),
    _FIELDS,
    Key("button", "text", "What the button says that sends the form."),
    _CHECK,
    _BASIS,
)

CONFIRMATION = structure(
    "confirmation",
    "`confirmation`",
    "What the receipt says.",
    Key("title", "text", "The heading of the receipt."),
    Key("text", "markdown", "What happens next."),
    _BASIS,
)

NOTICE = structure(
    "notice",
    "a notice",
    "A privacy notice.",
    _ID,
    Key("title", "text", "What the notice is called.", required=True),
    Key("version", "text", "Which version of the notice it is, such as `2026-11`.", required=True),
    Key("link", "special", "Where it can be read; begins with `https://`.", required=True),
    Key("for", "one_of", "Whom it is for.", required=True, choices=("notifier", "family")),
    _BASIS,
)

PAGE = structure(
    "page",
    "a page",
    "What is shown at one time.",
    _ID,
    Key("title", "template", "The heading of the page.", required=True),
    Key("task", "text", "The row of the task list it belongs to; pages with the same task stand together."),
    Key("intro", "markdown", "Text before the questions."),
    _FIELDS,
    _SHOW_IF,
    Key("stop", "boolean", "`true`: whoever gets here cannot send the form. Needs `show_if`."),
    _CHECK,
    *_ABOUT,
    _SCREEN_ONLY,
)

SECTION = structure(
    "section",
    "a section",
    "Questions under a heading. It has no id and leaves no trace in the answers.",
    _TYPE,
    Key("label", "template", "The heading.", required=True),
    Key("intro", "markdown", "Text below the heading."),
    Key("fields", "special", "The questions, in order, each beginning with `- `.", required=True),
    _SHOW_IF,
    *_ABOUT,
    _SCREEN_ONLY,
)

GROUP = structure(
    "group",
    "a group",
    "Questions whose answers belong together under one id, read as `group.question`.",
    _ID,
    _TYPE,
    Key("label", "template", "The heading of the group.", required=True),
    _SHORT_LABEL,
    Key("intro", "markdown", "Text below the heading."),
    Key("fields", "special", "The questions, in order, each beginning with `- `.", required=True),
    _SHOW_IF,
    _CHECK,
    _RENAMED_FROM,
    *_ABOUT,
)

REPEAT = structure(
    "repeat",
    "a repeat",
    "A list: the same questions for each child, person or document.",
    _ID,
    _TYPE,
    Key("label", "template", "The heading of the list.", required=True),
    Key("item_name", "text", "What one entry is called, such as `child`.", required=True),
    Key(
        "item_title",
        "template",
        "What an entry is headed with, made from its answers: `((first_name)) ((last_name))`.",
        required=True,
    ),
    Key("intro", "markdown", "Text below the heading."),
    _FIELDS,
    Key("pages", "special", "Pages that are asked for each entry, instead of `fields`."),
    Key("min_items", "whole_number", "The fewest entries that may be sent."),
    Key("max_items", "whole_number", "The most entries that can be added."),
    Key(
        "layout",
        "one_of",
        "`cards` (the default): entries are added one by one. `table`: one row each.",
        choices=("cards", "table"),
    ),
    _SHOW_IF,
    _CHECK,
    _MESSAGES,
    _RENAMED_FROM,
    *_ABOUT,
)

NOTE = structure(
    "note",
    "a note",
    "Text among the questions.",
    Key("id", "special", "A name for translations; may be left out."),
    _TYPE,
    Key("text", "markdown", "What it says.", required=True),
    Key(
        "style",
        "one_of",
        "`plain` (the default), `inset` with a bar at its side, or `warning` with an exclamation mark.",
        choices=("plain", "inset", "warning"),
    ),
    _SHOW_IF,
    *_ABOUT,
    _SCREEN_ONLY,
)

FIELD = structure(
    "field",
    "a field",
    "One question.",
    _ID,
    _TYPE,
    Key("label", "template", "The question, as people read it.", required=True),
    _SHORT_LABEL,
    Key("hint", "markdown", "Help below the label."),
    Key("required", "boolean", "`true`: must be answered wherever it is asked."),
    Key("required_if", "expression", "When it must be answered, where it is asked at all."),
    _SHOW_IF,
    Key(
        "prefill",
        "special",
        "What stands there at first: `account.email`, `today`, or an earlier question's id.",
    ),
    Key("read_only", "boolean", "`true`: what `prefill` says cannot be changed."),
    _CHECK,
    _MESSAGES,
    _RENAMED_FROM,
    *_ABOUT,
)

CHOOSING = (
    Key(
        "options",
        "special",
        "What can be chosen: `code: label` line by line, or a list such as `lists/gender`.",
    ),
    Key("options_from", "special", "People already entered to choose from: the ids of groups or repeats."),
    Key("option_label", "template", "How one of them is shown, such as `((first_name)) ((last_name))`."),
)

COMPOSITE = structure(
    "composite",
    "a group of fixed fields",
    "A question of several fixed parts, such as an address.",
    _ID,
    _TYPE,
    Key("label", "template", "The heading of the parts.", required=True),
    _SHORT_LABEL,
    Key("intro", "markdown", "Text below the heading."),
    Key(
        "parts", "special", "What to change about a part, such as `postcode:` with `required: true` below it."
    ),
    _SHOW_IF,
    _CHECK,
    _RENAMED_FROM,
    *_ABOUT,
)

PART = structure(
    "part",
    "a part",
    "What to change about one part.",
    Key("label", "template", "The question, as people read it."),
    _SHORT_LABEL,
    *(FIELD.keys[name] for name in ("hint", "required", "required_if", "show_if", "check", "messages")),
    *_ABOUT,
)

CHECK = structure(
    "check",
    "a check",
    "A rule across answers.",
    Key("id", "special", "A name for translations; may be left out."),
    Key(
        "that", "expression", "What must hold, such as `date_of_birth is on or before today`.", required=True
    ),
    Key("else", "text", "What people are told when it does not hold; they cannot send the form."),
    Key("warn", "text", "What people are told when it does not hold; they can send the form all the same."),
    Key("at", "special", "In a group or on a page: the question at which the message stands."),
    _BASIS,
)

OPTION = structure(
    "option",
    "an option",
    "One thing to choose.",
    Key("label", "text", "What people read.", required=True),
    Key("hint", "text", "Help below the label."),
    Key("codes", "special", "The codes that others use for it, such as `cin: WBRI`."),
    Key("exclusive", "boolean", "`true` for “None of these”: choosing it unticks the others."),
    _SHOW_IF,
    _BASIS,
    Key("hide_from", "words", "Whose copies leave this option's label out."),
)

NARROWED_LIST = structure(
    "narrowed_list",
    "a narrowed list",
    "A list with some of its options left out.",
    Key("list", "text", "The list's name, such as `agency-types`.", required=True),
    Key("without", "words", "The codes to leave out."),
)

CASE = structure(
    "case",
    "a case",
    "One line of a first-match list; the last is `otherwise`.",
    Key("when", "expression", "When this value is taken."),
    Key("then", "template", "The value."),
    Key("otherwise", "template", "The value when no line before applies."),
)

USE = structure(
    "use",
    "`use`",
    "Puts the fields of another file here.",
    Key("use", "special", "The file's name, such as `library/person`.", required=True),
    Key("change", "special", "What to change, as the field's id and below it the keys: `required: false`."),
    Key("leave_out", "words", "The ids of the fields to leave out."),
)

LIST = structure(
    "list",
    "a list",
    "A list of options for use in several forms.",
    Key("list", "special", "The list's name, the same as its file's.", required=True),
    _BASIS,
    Key("source", "text", "Where the list comes from."),
    Key("options", "special", "`code: label`, line by line, in the order people see.", required=True),
)

FRAGMENT = structure(
    "fragment",
    "a fragment",
    "Fields for use in several forms; see `use`.",
    Key("fragment", "special", "The fragment's name, the same as its file's.", required=True),
    _BASIS,
    Key("source", "text", "Where the fields come from."),
    Key("fields", "special", "The questions, in order, each beginning with `- `.", required=True),
)

NODE_STRUCTURES: Mapping[str, Structure] = MappingProxyType(
    {"section": SECTION, "group": GROUP, "repeat": REPEAT, "note": NOTE}
)

# Keys of `FIELD` that have no meaning for a type whose value nobody enters.
_ENTERED_ONLY = frozenset({"required", "required_if", "prefill", "read_only", "check", "messages"})


def field_structure(field_type: FieldType) -> Structure:
    """The keys of a field of this type: those of every field and the type's own."""
    keys = dict(FIELD.keys)
    if field_type.name == "signature":
        keys = {name: key for name, key in keys.items() if name not in _ENTERED_ONLY}
        keys["id"] = Key("id", "special", "A name for translations; may be left out.")
    if field_type.name == "calculated":
        keys = {name: key for name, key in keys.items() if name not in _ENTERED_ONLY}
    if field_type.has_options:
        keys.update((key.name, key) for key in CHOOSING)
    keys.update((key.name, key) for key in field_type.keys)
    return Structure(f"field_{field_type.name}", f"a field of type `{field_type.name}`", field_type.doc, keys)


def composite_structure(composite: CompositeType) -> Structure:
    """The keys of a field of this composite type."""
    keys = {**COMPOSITE.keys, **{key.name: key for key in composite.keys}}
    return Structure(
        f"composite_{composite.name}", f"a field of type `{composite.name}`", composite.doc, keys
    )


def part_structure(field_type: FieldType) -> Structure:
    """The keys by which one part of a composite type may be changed."""
    keys = {**PART.keys, **{key.name: key for key in field_type.keys}}
    return Structure(f"part_{field_type.name}", f"a part of type `{field_type.name}`", PART.doc, keys)
