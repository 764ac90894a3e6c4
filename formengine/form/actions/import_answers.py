"""Answers from elsewhere, such as an earlier copy, as a draft of a form: decoded as if they had just been typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from formengine.form.actions.drafts import Answers, with_answer
from formengine.form.actions.items import with_changed_items
from formengine.form.plan import Field, Form, Group, walk
from formengine.form.plan.forward_pass import reach
from formengine.language.fields.base import Posted, is_blank
from formengine.language.fields.choice_options import ITEM_ID
from formengine.language.fields.stored_files import KEYS, files_in
from formengine.language.json_types import Json, as_object

# no_question: the form does not ask it. not_offered: something chosen is not offered any more; kept, to be chosen
# again. unreadable: it is no answer to this question; kept as typed where it can be. file: files are not imported.
LeftoverReason = Literal["no_question", "not_offered", "unreadable", "file"]

_ITEM_ID = re.compile(ITEM_ID)
_INSERTION = re.compile(r"\(\(.*?\)\)")


@dataclass(frozen=True, slots=True)
class Leftover:
    """An answer that is not imported as it was given.

    page: the title of the page that asks it, "" for none. question: what the question is called, its path where no
    form is known that asks it. text: the answer, to be read; a file's name.
    """

    why: LeftoverReason
    page: str
    question: str
    text: str


@dataclass(frozen=True, slots=True)
class ImportedAnswers:
    """A draft, and the answers that were not imported as given, for people to read."""

    draft: Answers
    leftovers: tuple[Leftover, ...]


def import_answers(
    form: Form, answers: Json, *, new_item: Callable[[], str], was: Form | None = None, whole: bool = False
) -> ImportedAnswers:
    """The draft of `form` that these answers make, whatever they are; they may be another version's.

    Left out without a leftover is what nobody types: calculated values, questions on paper alone, and read-only
    values, which are filled in again when their page is shown. new_item: an id for an item that comes without a usable
    one. was: the form that the answers were given to, if it is known, for the names of what is not asked any more.
    whole: the answers are a draft of our own, whose files and read-only values stay.
    """
    given = _as_called_now(form, as_object(answers))
    leftovers: list[Leftover] = []
    draft: Answers = {}
    for field in form.fields.values():
        name = _Name(form, field, was=was)
        value = reach(given, field.path)
        draft = with_answer(draft, field.path, _taken(field, value, name, leftovers, whole=whole))
    for key in form.repeats:
        entries = reach(given, key.split("."))
        if isinstance(entries, list):
            draft = with_changed_items(
                draft, key, {}, _items(form, key, entries, leftovers, new_item=new_item, was=was, whole=whole)
            )
    leftovers += _unasked(form, given, was)
    return ImportedAnswers(draft, tuple(leftovers))


@dataclass(frozen=True, slots=True)
class _Name:
    """The name of a question: in a list behind the item's number. was: the form as it was, if it is known."""

    form: Form
    field: Field
    number: int = 0
    was: Form | None = None

    def text(self, value: Json) -> str:
        """The answer to be read: codes by the labels that they had."""
        was, repeat = self.was or self.form, self.field.repeat
        fields = was.fields if repeat is None else was.item_fields.get(repeat, {})
        then = fields.get(self.field.key, self.field)
        labels = {option.code: option.label for option in then.spec.settings.options}
        if isinstance(value, list):
            return ", ".join(labels.get(str(code), _text(code)) for code in value)
        return labels.get(str(value), _text(value))

    @property
    def page(self) -> str:
        page = self.form.page(self.field.page)
        return _plain(page.spec.title) if page is not None else ""

    @property
    def question(self) -> str:
        label = _plain(self.field.spec.settings.name)
        if self.field.repeat is None:
            return label
        return f"{_plain(self.form.repeats[self.field.repeat].spec.item_name)} {self.number}: {label}"


def _plain(text: str) -> str:
    """A label without the answers inserted in it."""
    return _INSERTION.sub("…", text)


def _taken(field: Field, value: Json, name: _Name, leftovers: list[Leftover], *, whole: bool = False) -> Json:
    """The answer to keep in the draft, None for none."""
    if is_blank(value) or not field.is_asked or field.paper_only:
        return None
    if whole and (KEYS[0] in field.spec.type.keys or field.spec.read_only):
        return value
    if KEYS[0] in field.spec.type.keys:
        leftovers += [
            Leftover("file", name.page, name.question, str(each["name"])) for each in files_in(value)
        ]
        return None
    if field.spec.read_only:
        return None
    settings = field.spec.settings
    decoded = field.spec.type.decode(Posted(field.spec.type.encode(value, settings)), settings)
    kept = decoded.value
    if isinstance(value, list | Mapping) and isinstance(kept, str) and kept == str(value):
        # Written out by Python: nobody has typed that.
        kept = None
    if kept is None or decoded.problem is not None:
        rule = decoded.problem.rule if decoded.problem is not None else ""
        why: LeftoverReason = "not_offered" if rule == "not_offered" else "unreadable"
        leftovers.append(Leftover(why, name.page, name.question, name.text(value)))
    return kept


def _items(
    form: Form,
    key: str,
    entries: Sequence[Json],
    leftovers: list[Leftover],
    *,
    new_item: Callable[[], str],
    was: Form | None,
    whole: bool,
) -> list[Mapping[str, Json]]:
    """The items of a list; what is no object is none."""
    items: list[Mapping[str, Json]] = []
    seen: set[str] = set()
    fields = form.item_fields[key].values()
    for entry in entries:
        if not isinstance(entry, Mapping):
            continue
        item_id = entry.get("id")
        if not isinstance(item_id, str) or not _ITEM_ID.fullmatch(item_id) or item_id in seen:
            item_id = new_item()
        seen.add(item_id)
        item: Answers = {"id": item_id}
        for field in fields:
            name = _Name(form, field, len(items) + 1, was)
            value = reach(entry, field.path)
            item = with_answer(item, field.path, _taken(field, value, name, leftovers, whole=whole))
        items.append(item)
    return items


# --- renamed questions ------------------------------------------------------------------------------------------------


def _as_called_now(form: Form, given: Mapping[str, Json]) -> Mapping[str, Json]:
    """The answers with what was renamed since (``renamed_from``) under its new name, where nothing stands there yet."""
    groups = {
        node.key: node.spec.renamed_from
        for page in form.every_page
        for node in walk(page.nodes)
        if isinstance(node, Group) and node.repeat is None and node.spec.renamed_from
    }
    for key, repeat in form.repeats.items():
        given = _moved(given, _old_path(repeat.spec.renamed_from, tuple(key.split(".")), groups), key)
        entries = reach(given, key.split("."))
        renamed = [field for field in form.item_fields[key].values() if field.spec.renamed_from]
        if renamed and isinstance(entries, list):
            given = with_answer(given, key.split("."), [_item_as_now(entry, renamed) for entry in entries])
    for field in form.fields.values():
        given = _moved(given, _old_path(field.spec.renamed_from, field.path, groups), field.key)
    return given


def _old_path(renamed_from: str, path: tuple[str, ...], groups: Mapping[str, str]) -> tuple[str, ...]:
    """The old path of the answer at `path`, by its ``renamed_from`` or by that of a group around it; () for none."""
    if renamed_from:
        return tuple(renamed_from.split("."))
    for end in range(len(path) - 1, 0, -1):
        old = groups.get(".".join(path[:end]))
        if old is not None:
            return (*old.split("."), *path[end:])
    return ()


def _item_as_now(entry: Json, renamed: Sequence[Field]) -> Json:
    if not isinstance(entry, Mapping):
        return entry
    for field in renamed:
        # A full path; the list itself states which list it was.
        old = tuple(field.spec.renamed_from.split("."))[-len(field.path) :]
        entry = _moved(entry, old, field.key)
    return entry


def _moved(given: Mapping[str, Json], old: tuple[str, ...], key: str) -> Mapping[str, Json]:
    path = key.split(".")
    value = reach(given, old) if old else None
    if value is None or reach(given, path) is not None:
        return given
    return with_answer(with_answer(given, old, None), path, value)


# --- what no question asks -------------------------------------------------------------------------------------------


def _unasked(form: Form, given: Mapping[str, Json], was: Form | None) -> Iterator[Leftover]:
    asked = {field.path for field in form.fields.values()}
    lists = {tuple(key.split(".")): key for key in form.repeats}
    for path, value in _leaves(given, (), asked):
        key = lists.get(path)
        if key is None or not isinstance(value, list):
            yield Leftover("no_question", "", _called(was, ".".join(path)), _text(value))
            continue
        inside = {field.path for field in form.item_fields[key].values()} | {("id",)}
        for number, entry in enumerate(value, start=1):
            for inner, answer in _leaves(entry, (), inside):
                called = _called(was, ".".join(inner), key, number)
                yield Leftover("no_question", "", called, _text(answer))


def _leaves(
    value: Json, path: tuple[str, ...], known: set[tuple[str, ...]]
) -> Iterator[tuple[tuple[str, ...], Json]]:
    """The paths, with their values, of all values that are not at or below a known path."""
    if path in known:
        return
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name), known)
    elif not is_blank(value):
        yield path, value


def _called(was: Form | None, key: str, repeat: str = "", number: int = 0) -> str:
    """What a question that is not asked any more was called, its path where that is not known."""
    fields = {} if was is None else was.item_fields.get(repeat, {}) if repeat else was.fields
    field = fields.get(key)
    if was is not None and field is not None:
        return _Name(was, field, number).question
    if was is not None and not repeat and key in was.repeats:
        return _plain(was.repeats[key].spec.label)
    return ".".join(part for part in (repeat, str(number) if number else "", key) if part)


def _text(value: Json) -> str:
    """A value as a text to read."""
    if isinstance(value, Mapping):
        return " ".join(_text(inner) for name, inner in value.items() if name != "id")
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return str(value)
