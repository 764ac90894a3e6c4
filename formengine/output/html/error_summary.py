"""The lines of an error summary, each leading to what is wrong, and of what is advised to be looked at again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from formengine.form.plan import Field, Page, Repeat, walk
from formengine.form.state import FieldError, NodeState, PageState, State
from formengine.form.state.views import fields_in, repeats_in
from formengine.language.words import Wording
from formengine.output.html.links import Links
from formengine.output.html.page_extras import NO_EXTRAS, PageExtras
from formengine.output.html.questions import boxes_of, control_id, first_control


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """One line of an error summary or of advice; `href` is "" where it leads nowhere."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class ErrorLines:
    """Makes the lines of error summaries."""

    words: Wording
    links: Links

    def advice(self, page: PageState) -> tuple[ErrorLine, ...]:
        """Warnings that stand at no question of the page."""
        shown = {field.path for field in page.fields}
        return tuple(
            ErrorLine(self.words.words(each), "") for each in page.warnings if each.path not in shown
        )

    def on_page(
        self,
        errors: Iterable[FieldError],
        shown: tuple[NodeState, ...],
        state: State,
        extras: PageExtras = NO_EXTRAS,
    ) -> list[ErrorLine]:
        """The lines of the summary of a page that shows these nodes; each leads to what is wrong, there or not."""
        problems = [ErrorLine(text, f"#{path}") for path, texts in extras.errors.items() for text in texts]
        here: dict[str, str] | None = None
        for error in errors:
            if error.path in extras.errors:
                continue
            if here is None:
                here = {field.path: first_control(field) for field in fields_in(shown)}
                here |= {node.path: node.path for node in repeats_in(shown)}
            if error.path in here:
                problems.append(ErrorLine(self.words.words(error), f"#{here[error.path]}"))
            else:
                problems.append(self.elsewhere(error, state))
        return problems

    def elsewhere(self, error: FieldError, state: State) -> ErrorLine:
        """An error or a warning, with a link to the page that asks, an item's among them."""
        text, form = self.words.words(error), state.form
        of_item = _of_item(error.path, state)
        if of_item is not None:
            repeat, item_id, key, title = of_item
            text = self.words.text("lists.problem", item_title=title, problem=text)
            field = form.item_fields[repeat.key].get(key)
            return ErrorLine(
                text, f"{self._item_page(repeat, item_id, key)}#{_control(field, error.path, state)}"
            )
        field = form.fields.get(error.path)
        if error.page:
            return ErrorLine(text, f"{self.links.page(error.page)}#{_control(field, error.path, state)}")
        return ErrorLine(text, "#main-content")

    def _item_page(self, repeat: Repeat, item_id: str, key: str) -> str:
        """The address of the page that asks a question of an item."""
        if repeat.spec.layout == "table":
            return self.links.page(repeat.page)
        own = next((page.id for page in repeat.pages if _asks(page, key)), "")
        return self.links.item(repeat.key, item_id, own)


def _of_item(path: str, state: State) -> tuple[Repeat, str, str, str] | None:
    """The list, the item's id, the question's key within it and the item's title; None for what is of no item."""
    for repeat in state.form.repeats.values():
        if not path.startswith(f"{repeat.key}."):
            continue
        item_id, _, key = path.removeprefix(f"{repeat.key}.").partition(".")
        for number, run in enumerate(state.run().items.get(repeat.key, ()), 1):
            if key and run.answers["id"] == item_id:
                return repeat, item_id, key, state.texts.item_title(repeat, run, number)
    return None


def _asks(page: Page, key: str) -> bool:
    return any(isinstance(node, Field) and node.key == key for node in walk(page.nodes))


def _control(field: Field | None, path: str, state: State) -> str:
    """The id of the control that asks the question, the first wrong box where it has several."""
    if field is None:
        return "main-content"
    return control_id(path, boxes_of(field, field.spec.settings), state.errors.get(path))
