"""Posts that wait for a decision: two versions of a page to choose from, and what came after the session was over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from formengine.form.actions import item_of
from formengine.form.actions.input_names import ACTION
from formengine.form.plan import Field, walk
from formengine.form.state import State, evaluate
from formengine.language.words import Wording
from formengine.output.html.answers import (
    AnswerRow,
    ItemAnswers,
    PageAnswers,
    RowsAnswers,
    answers_to_read,
    item_rows,
)
from formengine.service.drafts.page_posts import PagePost, Saved
from formengine.service.drafts.step import Step, nodes_at, step_of
from formengine.web.addresses import address_of
from formengine.web.http.methods import is_post
from formengine.web.http.posts import read_post
from formengine.web.http.threads import in_thread
from formengine.web.journey.access import DraftAccess
from formengine.web.journey.draft_request import DraftRequest
from formengine.web.journey.held_posts import HeldPosts
from formengine.web.journey.page_posts import BASE, REV, held_post
from formengine.web.journey.pages import on_from


@dataclass(frozen=True, slots=True)
class Version:
    """One question in both versions: its label, under a heading if any, and the answer in each; empty for none."""

    heading: str
    label: str
    yours: tuple[str, ...]
    theirs: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether the answers differ."""
        return self.yours != self.theirs


class Conflicts:
    """Handles posts that were held instead of saved."""

    def __init__(self, access: DraftAccess, held_posts: HeldPosts) -> None:
        self._access = access
        self._held_posts = held_posts

    async def conflict(self, request: Request) -> Response:
        """Both versions side by side; posted, the one that was chosen."""
        draft_request = await self._access.open(request, "conflict")
        post_id = request.query_params.get("post", "")
        held = await in_thread(draft_request.context.drafts.held, post_id, draft_request.draft)
        if held is None:
            return draft_request.go("")
        post, _ = held_post(held.body)
        if not is_post(request):
            return await draft_request.drawn(lambda: self._page(draft_request, post))
        chosen = await read_post(request)
        if chosen.text("keep") == "yours":
            seen = replace(post, rev=chosen.whole_number(REV) or 0, base=chosen.text(BASE))
            saved = await in_thread(
                draft_request.posts.save, draft_request.draft, seen, draft_request.account
            )
            if not isinstance(saved, Saved):
                # Changed once more: the versions to choose from are not those that were shown.
                return draft_request.go(f"conflict?post={held.id}")
            await self._held_posts.drop(request, held.id)
            return await on_from(replace(draft_request, draft=saved.draft), saved, post)
        await self._held_posts.drop(request, held.id)
        step = step_of(draft_request.form, post.step, post.new_item)
        gone = step is None or not _counts(draft_request, step)
        return draft_request.go("" if gone or step is None else address_of(step))

    def _page(self, draft_request: DraftRequest, post: PagePost) -> Response:
        words = draft_request.context.words
        try:
            outcome = draft_request.posts.outcome(draft_request.draft, post, draft_request.account)
        except KeyError:
            return draft_request.screen(
                "gone.html",
                title=words.text("journey.conflict.gone_title"),
                typed=_typed(draft_request, post),
            )
        step = step_of(draft_request.form, post.step, post.new_item)
        assert step is not None  # noqa: S101 - else there would be no outcome
        theirs = evaluate(
            draft_request.form, draft_request.draft.answers, on=draft_request.context.service.today()
        )
        removed = bool(step.repeat) and item_of(draft_request.draft.answers, step.repeat, step.item) is None
        return draft_request.screen(
            "conflict.html",
            title=words.text("journey.conflict.title"),
            page_title=_title(outcome.state, step),
            versions=_versions(
                _rows_at(outcome.state, step, words), {} if removed else _rows_at(theirs, step, words)
            ),
            removed=removed,
            rev=draft_request.draft.rev,
            base=draft_request.posts.base(draft_request.draft, step),
        )


def _counts(draft_request: DraftRequest, step: Step) -> bool:
    state = draft_request.context.drafts.state(draft_request.draft)
    if step.repeat:
        return state.item(step.repeat, step.item) is not None
    return state.page(step.page) is not None


def _title(state: State, step: Step) -> str:
    if step.repeat:
        item = state.item(step.repeat, step.item)
        return item.title if item is not None else ""
    page = state.page(step.page)
    return page.title if page is not None else ""


def _rows_at(state: State, step: Step, words: Wording) -> Mapping[str, tuple[str, AnswerRow]]:
    """The rows to read at a step, each with its heading, by the answer's path."""
    if step.repeat:
        item = state.item(step.repeat, step.item)
        rows = item_rows(state, step.repeat, step.item, words) if item is not None else ()
        return {row.path: ("", row) for row in rows}
    page = next((page for page in answers_to_read(state, words) if page.id == step.page), None)
    return _rows_of(page) if page is not None else {}


def _rows_of(page: PageAnswers) -> Mapping[str, tuple[str, AnswerRow]]:
    found: dict[str, tuple[str, AnswerRow]] = {}
    for part in page.parts:
        if isinstance(part, RowsAnswers):
            found |= {row.path: (part.label, row) for row in part.rows}
        elif part.layout == "table":
            items: tuple[ItemAnswers, ...] = part.items
            found |= {row.path: (item.title, row) for item in items for row in item.rows}
    return found


def _versions(
    yours: Mapping[str, tuple[str, AnswerRow]], theirs: Mapping[str, tuple[str, AnswerRow]]
) -> list[Version]:
    """Every question of both versions, in reading order."""
    versions = []
    for path in dict.fromkeys((*yours, *theirs)):
        heading, row = yours[path] if path in yours else theirs[path]
        texts = [tuple(each[path][1].texts) if path in each else () for each in (yours, theirs)]
        versions.append(Version(heading, row.label, texts[0], texts[1]))
    return versions


def _typed(draft_request: DraftRequest, post: PagePost) -> list[tuple[str, str]]:
    """What was typed at a step that does not count any more: labels as the author wrote them, texts as typed."""
    step = step_of(draft_request.form, post.step, post.new_item)
    labels: dict[str, str] = {}
    for node in walk(nodes_at(draft_request.form, step)) if step is not None else ():
        if isinstance(node, Field):
            labels[node.key] = node.spec.settings.label
    typed = []
    for name, texts in post.texts.items():
        path = name.partition("-")[0]
        key = path.removeprefix(f"{step.repeat}.{step.item}.") if step is not None else path
        text = ", ".join(text for text in texts if text.strip())
        if text and name not in {ACTION, "move"}:
            typed.append((labels.get(key, ""), text))
    return typed
