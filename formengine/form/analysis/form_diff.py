"""What differs between two versions of a form, in sentences for people: the consequences first, layout never.

Pieces are matched by their paths, and by `renamed_from`. What has no id, such as a note, is matched by its text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple

from formengine.form.analysis.condition_changes import (
    MUST_BE_ANSWERED,
    Happening,
    Renamed,
    condition_sentence,
    happens,
    in_words,
)
from formengine.form.plan import Condition, Field, Form, Group, Node, Note, Page, Repeat, Section
from formengine.language.content import plain_text

# answers: what was answered may be lost, refused or missing. asked: what people are asked. handling: what becomes of
# what is sent. order: where it stands. words: how it is said.
Consequence = Literal["answers", "asked", "handling", "order", "words"]
CONSEQUENCES: Final[tuple[Consequence, ...]] = ("answers", "asked", "handling", "order", "words")
HEADINGS: Final[Mapping[Consequence, str]] = {
    "answers": "For answers that are there already",
    "asked": "For people who fill it in",
    "handling": "For what is sent",
    "order": "Where it stands",
    "words": "How it is said",
}
# Limits by which more answers are refused where they grow, and where they shrink.
_LOWER: Final = frozenset({"minimum", "min_length", "min_items", "min_files"})
_UPPER: Final = frozenset({"maximum", "max_length", "max_items", "max_files", "max_size_mb"})
_NO_LIMITS: Final = frozenset({"options_from", "value_kind"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. path: of the answer, or the page's id; "" for the form. what: a stable name, such as ``new``."""

    consequence: Consequence
    what: str
    path: str
    sentence: str

    def to_json(self) -> dict[str, str]:
        """As JSON."""
        return {
            "consequence": self.consequence,
            "what": self.what,
            "path": self.path,
            "sentence": self.sentence,
        }


def form_diff(before: Form, after: Form) -> tuple[Difference, ...]:
    """Every difference in meaning between two versions of a form, by consequence, then in the order of the form."""
    found = list(_Comparison(_Pieces(before), _Pieces(after)).every())
    return tuple(sorted(found, key=lambda each: CONSEQUENCES.index(each.consequence)))


def renamed_paths(before: Form, after: Form) -> dict[str, str]:
    """By the path now, the path before, of every answer, group and list that was renamed or moved with its answers."""
    return dict(_Comparison(_Pieces(before), _Pieces(after)).renamed)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A node with an id: its path, its name in sentences, and the title of its page."""

    node: Field | Group | Repeat
    path: str
    name: str
    page: str


class _Subject(NamedTuple):
    """What a condition is about: the difference to be, the thing's name, and what happens to it."""

    consequence: Consequence
    what: str
    path: str
    name: str
    happening: Happening


class _Pieces:
    """The pieces of one version by their paths, in the order of the form."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.pages: dict[str, Page] = {page.id: page for page in form.every_page}
        self.by_path: dict[str, _Piece] = {}
        self.texts: list[tuple[str, str]] = []
        for page in form.every_page:
            self._take(page.nodes, page.title, "")

    def _take(self, nodes: tuple[Node, ...], page: str, within: str) -> None:
        for node in nodes:
            if isinstance(node, Note):
                self.texts.append((page, plain_text(node.spec.text)))
                continue
            if isinstance(node, Section):
                self._take(node.nodes, page, within)
                continue
            path = f"{within}.{node.key}" if within else node.key
            label = node.spec.settings.label if isinstance(node, Field) else node.spec.label
            self.by_path[path] = _Piece(node, path, f"“{label}”", page)
            if isinstance(node, Group):
                self._take(node.nodes, page, within)
            elif isinstance(node, Repeat):
                self._take(node.nodes, page, path)

    @cached_property
    def order(self) -> list[str]:
        """The paths in the order of the form."""
        return list(self.by_path)


class _Comparison:
    def __init__(self, before: _Pieces, after: _Pieces) -> None:
        self.before, self.after = before, after
        # By the path now: a group that was renamed takes along what is in it.
        self.renamed: Renamed = self._renames()

    def _renames(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for path, piece in self.after.by_path.items():
            said = piece.node.spec.renamed_from
            if said and said in self.before.by_path and path not in self.before.by_path:
                found[path] = said
        for path in self.after.by_path:
            if path in found or path in self.before.by_path:
                continue
            head, _, last = path.rpartition(".")
            earlier = f"{found[head]}.{last}" if head in found else ""
            if earlier in self.before.by_path:
                found[path] = earlier
        return found

    def every(self) -> Iterator[Difference]:
        yield from self._form()
        yield from self._pages()
        kept = {self.renamed.get(path, path) for path in self.after.by_path}
        for path, piece in self.before.by_path.items():
            if path not in kept and not self._is_inside_gone(path, kept):
                yield self._gone(piece)
        for path, piece in self.after.by_path.items():
            old = self.before.by_path.get(self.renamed.get(path, path))
            if old is None:
                if not self._is_inside_new(path):
                    yield from self._new(piece)
            else:
                yield from self._piece(old, piece)
        yield from self._moved()
        yield from self._notes()

    # --- the form and its pages --------------------------------------------------------------------------------------

    def _form(self) -> Iterator[Difference]:
        old, new = self.before.form, self.after.form
        if old.title != new.title:
            yield Difference("words", "title", "", f"The form is called “{new.title}”, not “{old.title}”.")
        if old.version != new.version:
            yield Difference(
                "handling", "version", "", f"The version is {new.version}; it was {old.version}."
            )
        yield from self._when(
            _Subject("handling", "urgent_if", "", "What is sent", happens("urgent")),
            old.urgent_if,
            new.urgent_if,
        )
        routes = [
            form.route_by.spec.settings.name if form.route_by is not None else "" for form in (old, new)
        ]
        if routes[0] != routes[1]:
            by = (
                f"“{routes[1]}” decides where it is sent"
                if routes[1]
                else "No question decides where it is sent"
            )
            yield Difference(
                "handling", "route_by", "", f"{by}{f'; until now “{routes[0]}” did' if routes[0] else ''}."
            )
        access = [form.definition.access for form in (old, new)]
        if access[0] != access[1]:
            yield Difference("handling", "access", "", _access(new))

    def _pages(self) -> Iterator[Difference]:
        old, new = self.before.pages, self.after.pages
        for page_id, page in new.items():
            before = old.get(page_id)
            if before is None:
                when = f", shown when {in_words(self.after.form, page.show_if.expr)}" if page.show_if else ""
                yield Difference("asked", "new_page", page_id, f"The page “{page.title}” is new{when}.")
                continue
            if before.title != page.title:
                yield Difference(
                    "words", "title", page_id, f"The page “{before.title}” is called “{page.title}” now."
                )
            if plain_text(before.intro) != plain_text(page.intro):
                yield Difference(
                    "words", "intro", page_id, f"The text at the top of “{page.title}” has changed."
                )
            if before.spec.stop != page.spec.stop:
                ends = (
                    "ends the way through the form"
                    if page.spec.stop
                    else "no longer ends the way through the form"
                )
                yield Difference("asked", "stop", page_id, f"The page “{page.title}” {ends}.")
            yield from self._when(
                _Subject("asked", "show_if", page_id, f"The page “{page.title}”", happens("shown")),
                before.show_if,
                page.show_if,
            )
            yield from self._checks(before, page, page_id, f"the page “{page.title}”")
        for page_id, page in old.items():
            if page_id not in new:
                yield Difference("asked", "gone_page", page_id, f"The page “{page.title}” is gone.")
        yield from _moves(
            "page", {id_: f"The page “{page.title}”" for id_, page in new.items()}, list(old), list(new)
        )

    # --- pieces ------------------------------------------------------------------------------------------------------

    def _is_inside_gone(self, path: str, kept: set[str]) -> bool:
        head = path.rpartition(".")[0]
        return head in self.before.by_path and head not in kept

    def _is_inside_new(self, path: str) -> bool:
        head = path.rpartition(".")[0]
        return head in self.after.by_path and self.renamed.get(head, head) not in self.before.by_path

    def _gone(self, piece: _Piece) -> Difference:
        what = {Field: "is not asked any more", Group: "is gone with all its questions"}.get(
            type(piece.node), "is gone with all its entries"
        )
        return Difference(
            "answers", "gone", piece.path, f"{piece.name} {what}. What was answered is not taken over."
        )

    def _new(self, piece: _Piece) -> Iterator[Difference]:
        node = piece.node
        when = (
            f", asked when {in_words(self.after.form, node.show_if.expr)}" if node.show_if is not None else ""
        )
        kind = {Group: "The group ", Repeat: "The list "}.get(type(node), "")
        must = isinstance(node, Field) and node.spec.required
        said = f"{kind}{piece.name} is new on “{piece.page}”{when}{', and must be answered' if must else ''}."
        yield Difference("answers" if must else "asked", "new", piece.path, said)

    def _piece(self, old: _Piece, new: _Piece) -> Iterator[Difference]:
        path, before, after = new.path, old.node, new.node
        if path in self.renamed and path.rpartition(".")[2] != old.path.rpartition(".")[2]:
            said = (
                f"The answer to {new.name} is called `{path}` now, `{old.path}` before. Saved answers follow."
            )
            yield Difference("handling", "renamed", path, said)
        elif old.path != path:
            said = f"{new.name} stands at `{path}` now, at `{old.path}` before. Saved answers follow."
            yield Difference("handling", "renamed", path, said)
        if type(before) is not type(after):
            yield Difference("answers", "type", path, f"{new.name} is another kind of question now.")
            return
        yield from self._when(
            _Subject("asked", "show_if", path, new.name, happens("asked")), before.show_if, after.show_if
        )
        yield from self._checks(before, after, path, new.name)
        if tuple(before.spec.hide_from) != tuple(after.spec.hide_from):
            hidden = ", ".join(after.spec.hide_from)
            said = f"is left out of the copy for {hidden}" if hidden else "stands in every copy"
            yield Difference("handling", "hide_from", path, f"{new.name} {said} now.")
        if isinstance(before, Field) and isinstance(after, Field):
            yield from self._field(before, after, path, new.name)
        elif not isinstance(before, Field) and not isinstance(after, Field):
            if before.spec.label != after.spec.label:
                yield _reworded(path, before.spec.label, after.spec.label)
            if plain_text(before.spec.intro) != plain_text(after.spec.intro):
                yield Difference("words", "intro", path, f"The text at the top of {new.name} has changed.")
        if isinstance(before, Repeat) and isinstance(after, Repeat):
            limits = [
                {"min_items": each.spec.min_items, "max_items": each.spec.max_items}
                for each in (before, after)
            ]
            yield from _limits(path, new.name, *limits)

    def _field(self, before: Field, after: Field, path: str, name: str) -> Iterator[Difference]:
        old, new = before.spec, after.spec
        if old.type.name != new.type.name:
            said = f"{name} is of the type {new.type.name} now, {old.type.name} before. Answers may not fit any more."
            yield Difference("answers", "type", path, said)
        if old.settings.label != new.settings.label:
            yield _reworded(path, old.settings.label, new.settings.label)
        if plain_text(old.hint) != plain_text(new.hint):
            yield Difference("words", "hint", path, f"The help below {name} has changed.")
        if old.required != new.required:
            said = "must be answered now" if new.required else "need not be answered any more"
            yield Difference("answers" if new.required else "asked", "required", path, f"{name} {said}.")
        yield from self._when(
            _Subject("answers", "required_if", path, name, MUST_BE_ANSWERED),
            before.required_if,
            after.required_if,
            never=True,
        )
        yield from self._options(before, after, path, name)
        yield from _limits(path, name, old.settings.limits, new.settings.limits)
        if dict(old.messages) != dict(new.messages):
            yield Difference(
                "words", "messages", path, f"What is said about a wrong answer to {name} has changed."
            )
        if before.prefill != after.prefill or old.read_only != new.read_only:
            yield Difference("asked", "prefill", path, f"What stands in {name} at first has changed.")
        if _calculated(before) != _calculated(after):
            yield Difference("handling", "calculation", path, f"{name} is worked out in another way.")

    def _options(self, before: Field, after: Field, path: str, name: str) -> Iterator[Difference]:
        old = {option.code: option for option in before.spec.settings.options}
        new = {option.code: option for option in after.spec.settings.options}
        gone = [option.label for code, option in old.items() if code not in new]
        came = [option.label for code, option in new.items() if code not in old]
        if gone:
            said = f"{name} does not offer {_listed(gone)} any more. Whoever chose it must choose again."
            yield Difference("answers", "options", path, said)
        if came:
            yield Difference("asked", "options", path, f"{name} also offers {_listed(came)}.")
        for code, option in new.items():
            if code not in old:
                continue
            if old[code].label != option.label:
                said = f"In {name} “{old[code].label}” is called “{option.label}” now."
                yield Difference("words", "options", path, said)
            yield from self._when(
                _Subject("asked", "options", path, f"In {name} “{option.label}”", happens("offered")),
                before.offers.get(code),
                after.offers.get(code),
            )
        both = [code for code in old if code in new]
        if both != [code for code in new if code in old]:
            yield Difference("order", "options", path, f"The options of {name} stand in another order.")

    def _checks(
        self,
        before: Page | Field | Group | Repeat,
        after: Page | Field | Group | Repeat,
        path: str,
        name: str,
    ) -> Iterator[Difference]:
        old = {check.spec.message: check for check in before.checks}
        new = {check.spec.message: check for check in after.checks}
        for message, check in new.items():
            if message not in old:
                stops: Consequence = "answers" if check.spec.level == "error" else "asked"
                yield Difference(stops, "check", path, f"A rule about {name} is new: “{message}”")
            else:
                yield from self._when(
                    _Subject(
                        "answers", "check", path, f"The rule about {name}, “{message}”,", happens("kept")
                    ),
                    old[message].condition,
                    check.condition,
                )
        for message in old:
            if message not in new:
                yield Difference("asked", "check", path, f"A rule about {name} is gone: “{message}”")

    def _when(
        self, about: _Subject, before: Condition | None, after: Condition | None, *, never: bool = False
    ) -> Iterator[Difference]:
        """The change of a condition. never: without one the thing never happens, and does not always."""
        forms = (self.before.form, self.after.form)
        kind, said = condition_sentence(
            about.name, about.happening, (forms[0], before), (forms[1], after), self.renamed
        )
        if kind == "same":
            return
        if never and before is None and after is not None:
            said = f"{about.name} {about.happening.does} when {in_words(forms[1], after.expr)}."
        elif never and after is None and before is not None:
            said = f"{about.name} {about.happening.no_longer} when {in_words(forms[0], before.expr)}."
        yield Difference(about.consequence, about.what, about.path, said)

    # --- order, and what has no id -----------------------------------------------------------------------------------

    def _moved(self) -> Iterator[Difference]:
        now = [path for path in self.after.order if self.renamed.get(path, path) in self.before.by_path]
        then = {self.renamed.get(path, path): path for path in now}
        earlier = [then[path] for path in self.before.order if path in then]
        names = {path: self.after.by_path[path].name for path in now}
        yield from _moves("moved", names, earlier, now)

    def _notes(self) -> Iterator[Difference]:
        old, new = self.before.texts, self.after.texts
        for page, text in new:
            if (page, text) not in old:
                yield Difference("words", "note", "", f"A text on “{page}” is new: “{_short(text)}”")
        for page, text in old:
            if (page, text) not in new:
                yield Difference("words", "note", "", f"A text on “{page}” is gone: “{_short(text)}”")


def _moves(what: str, names: Mapping[str, str], old: list[str], new: list[str]) -> Iterator[Difference]:
    """What stands elsewhere: all that is not in the longest run that kept its order, each once."""
    before = [each for each in old if each in names and each in new]
    after = [each for each in new if each in before]
    kept: set[str] = set()
    for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        kept.update(before[block.a : block.a + block.size])
    for number, each in enumerate(after):
        if each not in kept:
            place = f"after {names[after[number - 1]]}" if number else "first"
            yield Difference("order", what, each, f"{names[each]} now stands {place}.")


def _limits(path: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for key in dict.fromkeys((*old, *new)):
        before, after = old.get(key), new.get(key)
        if before == after or key in _NO_LIMITS:
            continue
        words = key.replace("_", " ")
        said = (
            f"For {name}, {words} is {after}"
            if after is not None
            else f"For {name}, {words} is no longer set"
        )
        was = f"; it was {before}" if before is not None else ""
        tighter = _is_tighter(key, before, after)
        yield Difference("answers" if tighter else "asked", key, path, f"{said}{was}.")


def _is_tighter(key: str, before: object, after: object) -> bool:
    """Whether answers that were right may be wrong now."""
    if after is None:
        return False
    if isinstance(before, int | float) and isinstance(after, int | float):
        return after > before if key in _LOWER else after < before if key in _UPPER else False
    return key in _LOWER | _UPPER or key == "pattern"


def _calculated(field: Field) -> object:
    made = field.calculation
    if made is None:
        return None
    cases = [(case[0].expr if case[0] is not None else None, case[1].template) for case in made.cases]
    return (made.count.expr if made.count is not None else None, made.text and made.text.template, cases)


def _reworded(path: str, before: str, after: str) -> Difference:
    return Difference("words", "label", path, f"“{before}” is asked as “{after}” now.")


def _access(form: Form) -> str:
    access = form.definition.access
    if access.anyone:
        return "Anyone may fill it in without signing in."
    return (
        f"People sign in from the page `{access.sign_in_from}` on."
        if access.sign_in_from
        else "People sign in."
    )


def _listed(labels: list[str]) -> str:
    quoted = [f"“{label}”" for label in labels]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= 80 else f"{one_line[:79]}…"
