"""The way through a form: its pages in order, which come before and after, and the rows of its task list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from formengine.form.plan import Field, Page, Repeat, walk
from formengine.form.plan.forward_pass import reach
from formengine.form.state import PageName, PageState, State
from formengine.language.fields.base import is_blank

Status = Literal["completed", "incomplete", "not_started", "error"]


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One row of the task list: a run of pages. `page` is where it leads: its first page with something to do."""

    title: str
    page: str
    status: Status


def pages_to_fill_in(state: State) -> tuple[PageName, ...]:
    """The pages that a person walks through, in order; those that stand on paper alone are left out."""
    return tuple(page for page in state.page_names if not page.page.spec.paper_only)


def neighbours(pages: tuple[PageName, ...], page_id: str) -> tuple[str | None, str | None]:
    """The ids of the pages before and after a page, None where there is none."""
    ids = [page.id for page in pages]
    place = ids.index(page_id)
    before = ids[place - 1] if place else None
    after = ids[place + 1] if place + 1 < len(ids) else None
    return before, after


def tasks(state: State) -> tuple[TaskRow, ...]:
    """The rows of the task list, the submit page left out: it comes after them."""
    rows: list[list[PageState]] = []
    for page in state.pages:
        if page.page is state.form.submit or page.page.spec.paper_only:
            continue
        if rows and page.page.spec.task and page.page.spec.task == rows[-1][-1].page.spec.task:
            rows[-1].append(page)
        else:
            rows.append([page])
    return tuple(_task(state, row) for row in rows)


def status_of(state: State, pages: list[PageState]) -> Status:
    """The status of a run of pages: complete only when nothing in it prevents the form from being sent."""
    wrong = any(page.errors for page in pages)
    begun = any(_is_begun(state, page.page) for page in pages)
    if not wrong:
        asks = any(True for page in pages for _ in _questions(page.page))
        return "completed" if begun or not asks else "not_started"
    return "incomplete" if begun else "not_started"


def _task(state: State, pages: list[PageState]) -> TaskRow:
    todo = next((page for page in pages if page.errors), pages[0])
    return TaskRow(pages[0].page.spec.task or pages[0].title, todo.id, status_of(state, pages))


def _is_begun(state: State, page: Page) -> bool:
    """Whether any question of the page has been answered."""
    return any(not is_blank(reach(state.answers, node.key.split("."))) for node in _questions(page))


def _questions(page: Page) -> list[Field | Repeat]:
    return [
        node
        for node in walk(page.nodes)
        if isinstance(node, Repeat) or (isinstance(node, Field) and node.is_asked)
    ]
