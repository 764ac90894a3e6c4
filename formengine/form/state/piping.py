"""Texts with answers in them, as people read them (docs/language.md, Inserted answers)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from formengine.form.plan import Field, Form, OptionSource, Repeat, Run, Target, Text
from formengine.form.plan.forward_pass import people_of
from formengine.form.state.counted import counted, is_offered
from formengine.language.content import Block, fill
from formengine.language.expressions import Insert, Template
from formengine.language.fields.base import Display, FieldSettings, Option
from formengine.language.json_types import Json


class FilledTexts:
    """Fills in the texts of one state. `root` is the run of the form's own level."""

    def __init__(self, form: Form, root: Run) -> None:
        self.form = form
        self.root = root
        self.wording = form.wording
        self._titles: dict[str, Counter[str]] = {}

    def label(self, text: str, scope: str, run: Run) -> str:
        """A label or title, its insertions filled in from its scope."""
        if "((" not in text:
            return text
        template = self.form.templates.get(text)
        return self._join(template, self._lookup(scope, run)) if template is not None else text

    def blocks(self, blocks: tuple[Block, ...], scope: str, run: Run) -> tuple[Block, ...]:
        """Markdown blocks, their insertions filled in as plain text: an answer is never Markdown."""
        return fill(blocks, self._lookup(scope, run)) if blocks else blocks

    def settings(self, field: Field, run: Run) -> FieldSettings:
        """The author's settings with answers filled into their texts, and only the options offered now."""
        settings = field.spec.settings
        changes: dict[str, Any] = {}
        if "((" in settings.label:
            changes["label"] = self.label(settings.label, field.scope, run)
        if "((" in settings.short_label:
            changes["short_label"] = self.label(settings.short_label, field.scope, run)
        if field.sources:
            changes["options"] = self.people(field, run)
        elif field.offers:
            changes["options"] = tuple(o for o in settings.options if is_offered(field, o.code, run))
        return replace(settings, **changes) if changes else settings

    def item_title(self, repeat: Repeat, run: Run, number: int) -> str:
        """The name of an item: its title, or "Child 2" while none of the answers in it is there.

        Items with one title are told apart by their number: "Unborn Smith (child 2)".
        """
        title = self._of_item(repeat.item_title, run)
        if not title:
            return f"{repeat.spec.item_name} {number}".capitalize()
        if self._times_titled(repeat)[title] > 1:
            return f"{title} ({repeat.spec.item_name} {number})"
        return title

    def _times_titled(self, repeat: Repeat) -> Counter[str]:
        """How many items of the list have each title."""
        found = self._titles.get(repeat.key)
        if found is None:
            runs = self.root.items.get(repeat.key, ())
            found = self._titles[repeat.key] = Counter(self._of_item(repeat.item_title, run) for run in runs)
        return found

    def people(self, field: Field, run: Run) -> tuple[Option, ...]:
        """Everybody `field` can point to now, as options: the pointer as code, the option label as label.

        People with one name are told apart by their list and number in it, or by their group.
        """
        found = [
            (pointer, *self._person(source, pointer))
            for source in field.sources
            for pointer in people_of(run.values, [source.people])
        ]
        names = Counter(name for _, name, _, _ in found)
        places = Counter((name, place) for _, name, place, _ in found)
        options: list[Option] = []
        for pointer, name, place, where in found:
            if names[name] == 1 or name == place:
                options.append(Option(pointer, name))
            elif places[name, place] == 1:
                options.append(Option(pointer, f"{name} ({place})"))
            else:
                options.append(Option(pointer, f"{name} ({place}, {where})"))
        return tuple(options)

    def _person(self, source: OptionSource, pointer: str) -> tuple[str, str, str]:
        """The person's name, what tells them from others of that name, and the label of their list or group."""
        if source.kind == "group":
            group = self.form.groups[source.key].spec.label
            return self._of_item(source.label, self.root) or group, group, group
        runs = self.root.items.get(source.key, [])
        item_id = pointer.removeprefix(f"{source.key}/")
        number, run = next((n, r) for n, r in enumerate(runs, 1) if r.answers["id"] == item_id)
        item_name = self.form.repeats[source.key].spec.item_name
        place = f"{item_name} {number}"
        name = self._of_item(source.label, run) or place.capitalize()
        return name, place, self.form.repeats[source.key].spec.label

    def _of_item(self, text: Text, run: Run) -> str:
        """The text with the answers that are there; "" when there is none of them."""
        parts: list[str] = []
        any_answer = False
        for part in text.template.parts:
            if isinstance(part, Insert):
                shown = self._shown(text.reads.get(".".join(part.names)), run)
                any_answer = any_answer or bool(shown)
                parts.append(shown or part.fallback or "")
            else:
                parts.append(part)
        return " ".join("".join(parts).split()) if any_answer else ""

    def _join(self, template: Template, lookup: Callable[[Insert], str]) -> str:
        return "".join(part if isinstance(part, str) else lookup(part) for part in template.parts)

    def _lookup(self, scope: str, run: Run) -> Callable[[Insert], str]:
        def look_up(insert: Insert) -> str:
            target = self.form.inserts.get((scope, ".".join(insert.names)))
            shown = self._shown(target, run)
            if shown:
                return shown
            if insert.fallback:
                return insert.fallback
            # A required answer not yet given: its label stands in (docs/language.md, Inserted answers).
            return f"[{self._field(target).spec.settings.label}]" if target is not None else ""

        return look_up

    def _shown(self, target: Target | None, run: Run) -> str:
        if target is None:
            return ""
        level = self.root if target.repeat is None else run
        field = self._field(target)
        value: Json = counted(field, level)
        return "" if value is None else self.wording.display(self.display_of(field, value, level))

    def display_of(self, field: Field, value: Json, run: Run) -> Display:
        """The display of a value; one that points to people shows their names."""
        settings = field.spec.settings
        if field.sources:
            settings = replace(settings, options=self.people(field, run))
        return field.spec.type.display(value, settings)

    def _field(self, target: Target) -> Field:
        if target.repeat is None:
            return self.form.fields[target.key]
        return self.form.item_fields[target.repeat][target.key]
