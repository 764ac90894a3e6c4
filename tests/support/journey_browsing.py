"""A real browser in a form, for tests: answers put into boxes by mouse or by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from playwright.sync_api import ConsoleMessage, Page

from formengine.form.analysis.samples import sample_answers
from formengine.form.plan import Form
from formengine.form.state import ItemState, State, evaluate
from formengine.form.state.views import FieldState, NodeState, fields_in, repeats_in

ON = date(2026, 11, 24)
Boxes = dict[str, tuple[str, ...]]


def watched(page: Page) -> list[str]:
    """A list that gets the errors of the page's console from now on, and breaches of the security policy."""
    said: list[str] = []

    def tell(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            said.append(message.text)

    page.on("console", tell)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def whole(form: Form, seed: int, *, minimal: bool = True) -> State:
    """A state of the form that can be sent; files left out."""
    return evaluate(form, sample_answers(form, on=ON, seed=seed, minimal=minimal), on=ON)


def boxes_of(state: State, page_id: str) -> Boxes:
    """The texts for each input of a page, by the input's name, as the state answers it; lists left out."""
    page = state.page(page_id)
    assert page is not None, page_id
    return _boxes(page.nodes)


def items_of(state: State, page_id: str) -> list[tuple[str, ItemState]]:
    """The items that the page's lists have, each with the key of its list."""
    page = state.page(page_id)
    assert page is not None, page_id
    lists = [each for each in repeats_in(page.nodes) if each.relevance and each.repeat.spec.layout == "cards"]
    return [(each.path, item) for each in lists for item in each.items]


def boxes_of_item(item: ItemState, new_id: str) -> Boxes:
    """The same of an item that has the id `new_id` in the browser."""
    boxes = _boxes(item.nodes)
    path = item.path.rpartition(".")[0]
    return {name.replace(f"{item.path}.", f"{path}.{new_id}.", 1): texts for name, texts in boxes.items()}


def _boxes(nodes: tuple[NodeState, ...]) -> Boxes:
    found: Boxes = {}
    for field in fields_in(nodes):
        if field.field.is_asked and not field.field.spec.read_only and field.relevance is True:
            found |= _texts(field)
    return found


def _texts(field: FieldState) -> Boxes:
    parts: Mapping[str, tuple[str, ...]] = field.field.spec.type.encode(field.value, field.settings)
    return {
        f"{field.path}-{part}" if part else field.path: texts for part, texts in parts.items() if any(texts)
    }


def fill(page: Page, boxes: Boxes) -> None:
    """Type each text into its box, where that is open on the page."""
    for name, texts in boxes.items():
        box = page.locator(f'[name="{name}"]').first
        if box.get_attribute("type") in {"radio", "checkbox"}:
            for code in texts:
                page.locator(f'[name="{name}"][value="{code}"]').check()
        elif box.evaluate("box => box.tagName") == "SELECT":
            box.select_option(texts[-1])
        else:
            box.fill(texts[-1])


_ACTIVE = """() => {
  const box = document.activeElement;
  const select = box.role === "combobox" ? document.getElementById(`${box.id}-select`) : null;
  const labels = select === null ? {} : Object.fromEntries([...select.options].map((one) => [one.value, one.text]));
  return {
    tag: box.tagName, type: box.type ?? "", value: box.value ?? "", name: select?.name || box.name || "", labels,
  };
}"""


def fill_by_keyboard(page: Page, boxes: Boxes, button: str, most: int = 400) -> None:
    """Fill every box from the top of the page, with Tab and letters alone, and press `button`."""
    left = dict(boxes)
    for _ in range(most):
        page.keyboard.press("Tab")
        active: dict[str, Any] = page.evaluate(_ACTIVE)
        if active["tag"] == "BUTTON" and active["name"] == "-action" and active["value"] == button:
            assert not left, left
            page.keyboard.press("Enter")
            return
        texts = left.get(active["name"], ())
        if active["labels"] and texts:
            page.keyboard.type(active["labels"][texts[0]].strip())
            left.pop(active["name"])
            continue
        if active["type"] == "radio" and texts:
            _choose(page, texts[0])
            left.pop(active["name"])
        elif active["type"] == "checkbox" and active["value"] in texts:
            page.keyboard.press("Space")
            left[active["name"]] = tuple(text for text in texts if text != active["value"])
            if not left[active["name"]]:
                left.pop(active["name"])
        elif active["tag"] == "SELECT" and texts:
            _select(page, texts[0])
            left.pop(active["name"])
        elif texts and active["type"] not in {"radio", "checkbox", "hidden"}:
            page.keyboard.press("ControlOrMeta+a")
            page.keyboard.type(texts[-1])
            left.pop(active["name"])
    raise AssertionError(f"no way to {button} by keyboard; left: {left}")


def _choose(page: Page, value: str) -> None:
    """Choose the radio with this value, by Space and arrows."""
    page.keyboard.press("Space")
    for _ in range(60):
        if page.evaluate(_ACTIVE)["value"] == value:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(value)


def _select(page: Page, value: str) -> None:
    for _ in range(200):
        if page.evaluate(_ACTIVE)["value"] == value:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(value)


def leave(page: Page, press: Callable[[], None]) -> None:
    """Call `press`, and wait for the page that it leads to."""
    with page.expect_navigation():
        press()


def place(page: Page) -> str:
    """The name within the draft where the page is."""
    return page.url.partition("/drafts/")[2].partition("/")[2].partition("#")[0]
