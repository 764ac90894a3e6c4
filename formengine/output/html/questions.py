"""A question as a control's template asks it, and what its boxes show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from formengine.form.actions import input_name
from formengine.form.plan import Field
from formengine.form.state import FieldError, FieldState
from formengine.language.content import Block
from formengine.language.fields.base import NOTHING, Control, FieldSettings
from formengine.language.json_types import Json
from formengine.language.words import Wording

READ_ONLY = Control("read_only")


class Choice(NamedTuple):
    """One thing to choose. note: when it is offered, where answers on the same page decide that; else ""."""

    code: str
    label: str
    hint: str
    exclusive: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What a control's template needs besides the answer.

    id: the answer's path, which ids and names of inputs begin with. facts: what the type gives its control, by name.
    error: "" for none; bad_parts: the boxes it is about, empty for all.
    """

    id: str
    label: str
    hint: tuple[Block, ...]
    facts: Mapping[str, object]
    choices: tuple[Choice, ...]
    required: bool
    error: str
    bad_parts: tuple[str, ...]
    warning: str

    @property
    def may_offer_nothing(self) -> bool:
        """Whether answers on the same page can take away everything there is to choose."""
        return bool(self.choices) and all(choice.note for choice in self.choices)

    @property
    def described_by(self) -> str:
        """The ids of the texts that describe the control, for ``aria-describedby``."""
        present = (("hint", self.hint), ("advice", self.warning), ("error", self.error))
        return " ".join(f"{self.id}-{name}" for name, there in present if there)

    def fact(self, name: str) -> object:
        """What the type gives its control under `name`, or None."""
        return self.facts.get(name)

    def is_wrong(self, part: str) -> bool:
        """Whether the box `part` is among those the error is about."""
        return bool(self.error) and (not self.bad_parts or part in self.bad_parts)


@dataclass(frozen=True, slots=True)
class TypedAnswer:
    """What the boxes of one question show: the answer as typed, by part; and its stored files."""

    parts: Mapping[str, tuple[str, ...]]
    value: Json = None
    display: str = ""

    def text(self, part: str = "") -> str:
        """What stands in a box."""
        texts = self.parts.get(part, ())
        return texts[-1] if texts else ""

    def mark(self, code: str, mark: str) -> str:
        """`mark` when the option `code` is chosen, else ""."""
        return mark if code in self.parts.get("", ()) else ""

    def shown(self, otherwise: str) -> str:
        """The answer as people read it, `otherwise` when there is none."""
        return self.display or otherwise

    @property
    def files(self) -> Sequence[Mapping[str, Json]]:
        """The stored files; what is no description of a file has no name to show."""
        files = self.value if isinstance(self.value, list) else [self.value]
        return [file for file in files if isinstance(file, Mapping) and _is_named(file)]


def _is_named(file: Mapping[str, Json]) -> bool:
    return isinstance(file.get("id"), str) and isinstance(file.get("name"), str)


def control_of(field: Field, settings: FieldSettings) -> Control:
    """How the question is asked with these settings; an answer nobody may change is only shown."""
    return READ_ONLY if field.spec.read_only else field.spec.type.control(settings)


def boxes_of(field: Field, settings: FieldSettings) -> Sequence[str]:
    """The parts of the answer that have boxes of their own, in order; none where there is one box for all of it."""
    boxes: Sequence[str] = control_of(field, settings).context.get("parts", ())
    return boxes


def question_of(
    state: FieldState,
    control: Control,
    words: Wording,
    *,
    path: str,
    show_errors: bool,
    option_notes: Mapping[str, str] = NOTHING,
) -> Question:
    """The question, without its answer but for what is only shown; `path` is usually the state's own.

    option_notes: by code, when the options are offered that answers on the same page decide.
    """
    error = state.error if show_errors else None
    return Question(
        id=path,
        label=state.label,
        hint=state.hint,
        facts=control.context,
        choices=_choices(state, control, words, option_notes),
        required=state.required,
        error=words.words(error) if error else "",
        bad_parts=tuple(error.facts.get("parts", ())) if error else (),
        warning=words.words(state.warning) if state.warning and show_errors else "",
    )


def typed_of(state: FieldState, words: Wording) -> TypedAnswer:
    """What the boxes show of the stored value, readable or not."""
    spec = state.field.spec
    if spec.read_only or state.field.calculation is not None:
        display = state.display
        return TypedAnswer({}, display=words.display(display) if display is not None else "")
    return TypedAnswer(spec.type.encode(state.value, state.settings), state.value)


def first_control(state: FieldState) -> str:
    """The id of the control that a link to the question goes to: the first wrong box, the first option."""
    return control_id(state.path, boxes_of(state.field, state.settings), state.error)


def control_id(path: str, boxes: Sequence[str], error: FieldError | None) -> str:
    """The id of that control for an answer at `path` with these boxes and this error, None for no error."""
    if not boxes:
        return path
    wrong = error.facts.get("parts", ()) if error else ()
    return input_name(path, wrong[0] if wrong else boxes[0])


def _choices(
    state: FieldState, control: Control, words: Wording, notes: Mapping[str, str]
) -> tuple[Choice, ...]:
    answers = control.context.get("answers")
    if answers is not None:
        return tuple(Choice(code, words.word(word), "", exclusive=False) for code, word in answers)
    return tuple(
        Choice(option.code, option.label, option.hint, option.exclusive, notes.get(option.code, ""))
        for option in state.options_on_page
    )
