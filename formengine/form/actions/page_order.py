"""The order of pages for these answers."""

from __future__ import annotations

from formengine.form.state import State


def next_page(state: State, page_id: str) -> str | None:
    """The page after `page_id` among those that count, or None at the end; the first one after a page that is gone."""
    return _neighbour(state, page_id, 1)


def previous_page(state: State, page_id: str) -> str | None:
    """The page before `page_id` among those that count, or None at the beginning."""
    return _neighbour(state, page_id, -1)


def first_unfinished(state: State) -> str | None:
    """The first page with something to put right, or None when the form can be sent."""
    return next((error.page for error in state.errors.values() if error.page), None)


def _neighbour(state: State, page_id: str, step: int) -> str | None:
    every = [page.id for page in state.form.every_page]
    shown = {page.id for page in state.page_names if not page.page.spec.paper_only}
    if page_id not in every:
        return None
    at = every.index(page_id) + step
    while 0 <= at < len(every):
        if every[at] in shown:
            return every[at]
        at += step
    return None
