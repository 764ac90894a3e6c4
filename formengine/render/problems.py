"""The lines of an error summary, each leading to what is wrong, and of what is advised to be looked at again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from formengine.packs import Wording
from formengine.render.asides import NO_ASIDES, Asides
from formengine.render.links import Links
from formengine.render.questions import first_control
from formengine.state import FieldError, ItemState, NodeState, PageState, RepeatState, State
from formengine.state.views import fields_in, repeats_in


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of an error summary or of advice; `href` is "" where it leads nowhere."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class ProblemLines:
    """Makes the lines of error summaries."""

    words: Wording
    links: Links

    def advice(self, page: PageState) -> tuple[Problem, ...]:
        """Warnings that stand at no question of the page."""
        shown = {field.path for field in page.fields}
        return tuple(Problem(self.words.words(each), "") for each in page.warnings if each.path not in shown)

    def on_page(
        self,
        errors: Iterable[FieldError],
        shown: tuple[NodeState, ...],
        state: State,
        asides: Asides = NO_ASIDES,
    ) -> list[Problem]:
        """The lines of the summary of a page that shows these nodes; each leads to what is wrong, there or not."""
        problems = [Problem(text, f"#{path}") for path, texts in asides.errors.items() for text in texts]
        here: dict[str, str] | None = None
        for error in errors:
            if error.path in asides.errors:
                continue
            if here is None:
                here = {field.path: first_control(field) for field in fields_in(shown)}
                here |= {node.path: node.path for node in repeats_in(shown)}
            if error.path in here:
                problems.append(Problem(self.words.words(error), f"#{here[error.path]}"))
            else:
                problems.append(self.elsewhere(error, state))
        return problems

    def elsewhere(self, error: FieldError, state: State) -> Problem:
        """An error or a warning, with a link to the page that asks, an item's among them."""
        text = self.words.words(error)
        for page in state.pages:
            for node in repeats_in(page.nodes):
                for item in node.items:
                    if error.path.startswith(f"{item.path}."):
                        text = self.words.text("lists.problem", item_title=item.title, problem=text)
                        return Problem(text, self._item_control(page, node, item, error.path))
            if page.id == error.page:
                for field in page.fields:
                    if field.path == error.path:
                        return Problem(text, f"{self.links.page(page.id)}#{first_control(field)}")
        return Problem(text, f"{self.links.page(error.page)}#main-content" if error.page else "#main-content")

    def _item_control(self, page: PageState, node: RepeatState, item: ItemState, path: str) -> str:
        if node.repeat.spec.layout == "table":
            address = self.links.page(page.id)
        else:
            own = next((p.id for p in item.pages if any(f.path == path for f in p.fields)), "")
            address = self.links.item(node.path, item.id, own)
        nodes = tuple(n for p in item.pages for n in p.nodes) if item.pages else item.nodes
        field = next((f for f in fields_in(nodes) if f.path == path), None)
        return f"{address}#{first_control(field) if field is not None else 'main-content'}"
