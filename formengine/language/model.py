"""A definition as its author wrote it: every structure of the language, typed, each with its span in the file.

Names are not resolved and expressions are text. `loader` makes it, the compiler turns it into
a form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from formengine.language.content import Block
from formengine.language.expressions import Template
from formengine.language.fields.base import NOTHING, CompositeType, FieldSettings, FieldType
from formengine.language.source import NOWHERE, Located, Source, Span

Basis = Literal["confirmed", "national_standard", "reconstructed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The keys that any piece of a definition may have.

    basis: how surely the piece is known. source_text: the original's words where the piece shows others.
    hide_from: the audiences whose copies leave it out. paper_only: it is on paper alone; screen_only: on
    screen alone, and so it is a page, section or note without questions.
    templates: its label, short_label or title, by that key, where it holds ((answers)).
    """

    basis: Basis = "confirmed"
    source_text: str = ""
    hide_from: tuple[str, ...] = ()
    paper_only: bool = False
    screen_only: bool = False
    templates: Mapping[str, Template] = field(default_factory=lambda: NOTHING)
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A rule over answers: when `that` is definitely false, `message` is shown; "warn" advises and blocks nothing.

    at: the field where the error is shown, for checks on a group or page; "" means the last own field named.
    """

    that: Located
    message: str
    level: Literal["error", "warn"]
    id: str = ""
    at: str = ""
    at_span: Span = field(default=NOWHERE, compare=False, repr=False)
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefill:
    """Where a field's first value comes from: "account.email", "today", or an earlier field's name."""

    origin: Located


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One line of a first-match list; `when` None is the last, "otherwise".

    unquoted: its text as it stands, where it has neither quotes nor inserts.
    """

    when: Located | None
    then: Template
    unquoted: Located | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculation:
    """How a calculated field gets its value: a count expression, a text template, or a first-match list; one of them.

    `count` is the text ``count of x where (…)``. unquoted: the template's text as it stands, where it has neither
    quotes nor inserts.
    """

    count: Located | None = None
    template: Template | None = None
    unquoted: Located | None = None
    cases: tuple[Case, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Field(About):
    """One key, one value, one type."""

    id: str
    type: FieldType
    settings: FieldSettings
    hint: tuple[Block, ...] = ()
    required: bool = False
    required_if: Located | None = None
    show_if: Located | None = None
    option_show_if: Mapping[str, Located] = field(default_factory=lambda: NOTHING)  # by option code
    options_from: tuple[Located, ...] = ()
    option_label: Template | None = None
    prefill: Prefill | None = None
    read_only: bool = False
    calculation: Calculation | None = None
    checks: tuple[Check, ...] = ()
    messages: Mapping[str, str] = field(default_factory=lambda: NOTHING)  # the author's words, by rule
    renamed_from: str = ""
    id_span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section(About):
    """Fields under a heading; no key, no path."""

    label: str
    intro: tuple[Block, ...] = ()
    nodes: tuple[Node, ...] = ()
    show_if: Located | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(About):
    """Fields under one key. `composite` is the type that gave the fields, such as address, else None."""

    id: str
    label: str
    short_label: str = ""
    intro: tuple[Block, ...] = ()
    nodes: tuple[Node, ...] = ()
    show_if: Located | None = None
    checks: tuple[Check, ...] = ()
    composite: CompositeType | None = None
    renamed_from: str = ""
    id_span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat(About):
    """A list of items. It holds `nodes`, or `pages` (then `nodes` is empty); both in the item's own scope."""

    id: str
    label: str
    item_name: str
    item_title: Template
    intro: tuple[Block, ...] = ()
    nodes: tuple[Node, ...] = ()
    pages: tuple[Page, ...] = ()
    min_items: int = 0
    max_items: int | None = None
    layout: Literal["cards", "table"] = "cards"
    show_if: Located | None = None
    checks: tuple[Check, ...] = ()
    messages: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    renamed_from: str = ""
    id_span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(About):
    """Text on a page; no value."""

    text: tuple[Block, ...]
    id: str = ""
    style: Literal["plain", "inset", "warning"] = "plain"
    show_if: Located | None = None


Node = Field | Section | Group | Repeat | Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(About):
    """What is shown at one time. `task` is the row of the task list it belongs to ("" : its own)."""

    id: str
    title: str
    task: str = ""
    intro: tuple[Block, ...] = ()
    nodes: tuple[Node, ...] = ()
    show_if: Located | None = None
    stop: bool = False
    checks: tuple[Check, ...] = ()
    id_span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """How the form is walked and how mandatory questions are marked.

    exit_page: the address that "Exit this page" leads to, "" for no such button.
    """

    menu: Literal["numbered", "task_list"] = "task_list"
    required_mark: Literal["asterisk", "optional_note"] = "optional_note"
    buttons: Literal["next", "continue"] = "continue"
    exit_page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What is asked before the first page; the answers are ordinary top-level answers."""

    title: str = ""
    intro: tuple[Block, ...] = ()
    nodes: tuple[Node, ...] = ()
    human_test: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may fill in: anyone, or people who sign in from the page `sign_in_from` on."""

    anyone: bool = False
    sign_in_from: str = ""
    sign_in_from_span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """How long a session may lie idle and how long before its end people are warned, in minutes."""

    timeout_minutes: int = 20
    warn_minutes: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A privacy notice: which version is shown to whom."""

    id: str
    title: str
    version: str
    link: str
    audience: Literal["notifier", "family"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """The last page: its text and questions before sending."""

    title: str = ""
    intro: tuple[Block, ...] = ()
    nodes: tuple[Node, ...] = ()
    button: str = ""
    checks: tuple[Check, ...] = ()
    basis: Basis = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """The texts of the receipt."""

    title: str = ""
    text: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCondition:
    """An expression with a name."""

    name: str
    expression: Located
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One form's definition with everything it includes.

    `sources` are the file itself first, then each included list and fragment; `digest` is the SHA-256 of their names
    and texts, in hexadecimal: the form's identity. `included` has where each further source is first included, so
    that a finding in it can show both places. `unreadable` is empty unless there were errors: then it holds the ids of
    what is left out, so that no further findings are made about them; "*" for those of a whole missing file.
    """

    id: str
    title: str
    version: str
    language: str
    sources: tuple[Source, ...] = field(repr=False)
    digest: str
    basis: Basis = "confirmed"
    description: str = ""
    presentation: Presentation = Presentation()
    start: Start = Start()
    access: Access = Access()
    session: Session = Session()
    urgent_if: Located | None = None
    route_by: Located | None = None
    audiences: Mapping[str, str] = field(default_factory=lambda: NOTHING)  # id -> name
    notices: tuple[Notice, ...] = ()
    conditions: tuple[NamedCondition, ...] = ()
    pages: tuple[Page, ...] = ()
    submit: Submit = Submit()
    confirmation: Confirmation = Confirmation()
    included: Mapping[str, Span] = field(
        default_factory=lambda: NOTHING, compare=False, repr=False
    )  # by source name
    unreadable: frozenset[str] = frozenset()
    span: Span = field(default=NOWHERE, compare=False, repr=False)

    def __repr__(self) -> str:
        return f"<Definition {self.id!r} {self.version}, digest {self.digest[:12]}>"
