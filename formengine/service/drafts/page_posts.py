"""Saving a posted page so that nothing typed is lost, whoever else saves the same draft meanwhile.

A page posts back the revision it was drawn from and a digest of the answers it showed. Where the draft has
moved on but nobody touched this page, the post is put on top of the newest draft. Where somebody did, nothing is saved
and both versions are there to choose from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from formengine.form.actions import (
    Outcome,
    item_of,
    post_item,
    post_page,
    prefilled_item_state,
    prefilled_state,
    remove_item,
)
from formengine.form.actions.drafts import Answers
from formengine.form.actions.input_names import action_of
from formengine.form.actions.items import add_item
from formengine.form.plan import Repeat, walk
from formengine.form.plan.forward_pass import reach
from formengine.form.state import FieldError, State, evaluate
from formengine.language.fields.base import NOTHING
from formengine.language.json_types import (
    Json,
    JsonObject,
    expect_list,
    expect_object,
    expect_text,
    expect_whole_number,
)
from formengine.service.context import ServiceContext
from formengine.service.drafts.drafts import Draft, Drafts
from formengine.service.drafts.navigation import GOING_ON, kept_step, must_stay
from formengine.service.drafts.returning import return_of, step_back
from formengine.service.drafts.step import (
    CHECK_ANSWERS,
    NEW,
    Step,
    digest_at,
    digest_of,
    nodes_at,
    step_asking,
    step_of,
)
from formengine.service.ids import ALPHABET, new_id
from formengine.store.protocol import StaleRevisionError

# How often a save is tried again on top of what somebody else saved at the same moment.
_TRIES = 5
_SIGN_LENGTH = 12
_TO_TEXT = json.JSONEncoder(sort_keys=True, ensure_ascii=False)

_OURS = re.compile(f"i[{ALPHABET}]{{12}}")

PrefillFacts = Mapping[str, str]


def _kept_step(outcome: Outcome, post: PagePost, step: Step, *, advised: bool) -> str:
    """The step to record once the page was posted: on the way back to check answers the next one there."""
    if must_stay(outcome, post.action, advised=advised):
        return step.name
    way = return_of(post.way_back)
    if way is None or post.leaves:
        return kept_step(outcome, post.action, step)
    to, _ = step_back(step, outcome.state, way)
    return CHECK_ANSWERS if to is None else to.name


def new_item_id() -> str:
    """An id for a new item that no item of the draft has or ever had: drawn by lot."""
    return f"i{new_id()[:12]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePost:
    """A posted page.

    step: the name of its step, "" for a page that is none. texts: what was typed, by input name. files: the stored
    files received and kept, by input name. rev and base: the revision and the digest that the page posts back.
    new_item: the id of a new entry. way_back: the text of a `Return` to check answers, "" for none.
    advice_seen: what `PagePosts.signs` returned of the advice that the page showed.
    """

    step: str
    texts: Mapping[str, Sequence[str]]
    files: Mapping[str, Sequence[Json]] = field(default_factory=lambda: NOTHING)
    rev: int = 0
    base: str = ""
    new_item: str = ""
    way_back: str = ""
    advice_seen: str = ""

    @property
    def action(self) -> str:
        """The button that was pressed; "next" for none."""
        return action_of(self.texts)

    @property
    def leaves(self) -> bool:
        """Whether the button leads back or aside, so that the page need not be finished."""
        return self.action not in GOING_ON

    def to_json(self) -> dict[str, Json]:
        """All of it as JSON, to be sealed and stored."""
        return {
            "step": self.step,
            "texts": {name: list(texts) for name, texts in self.texts.items()},
            "files": {name: list(files) for name, files in self.files.items()},
            "rev": self.rev,
            "base": self.base,
            "new_item": self.new_item,
            "way_back": self.way_back,
            "advice_seen": self.advice_seen,
        }

    @classmethod
    def of_json(cls, kept: JsonObject) -> PagePost:
        """The post that `to_json` made; one that was kept by version 0.1 has `place` for `step`.

        Raises KeyError or TypeError on anything else.
        """
        texts, files = expect_object(kept["texts"]), expect_object(kept.get("files", {}))
        return cls(
            step=expect_text(kept["place"] if "place" in kept else kept["step"]),
            texts={name: [expect_text(text) for text in expect_list(typed)] for name, typed in texts.items()},
            files={name: expect_list(each) for name, each in files.items()},
            rev=expect_whole_number(kept.get("rev", 0)),
            base=expect_text(kept.get("base", "")),
            new_item=expect_text(kept.get("new_item", "")),
            way_back=expect_text(kept.get("way_back", "")),
            advice_seen=expect_text(kept.get("advice_seen", "")),
        )


@dataclass(frozen=True, slots=True)
class Saved:
    """The post was saved: the draft as it is now, and the outcome of the post.

    advised: whether the page has advice on it that it did not show, for answers as they are now.
    """

    draft: Draft
    step: Step
    outcome: Outcome
    advised: bool


@dataclass(frozen=True, slots=True)
class Unsaved:
    """Nothing was saved: the page was changed elsewhere, or does not count any more. `draft` is the newest."""

    draft: Draft
    why: Literal["changed", "gone"]


class PagePosts:
    """Saves posted pages."""

    def __init__(self, context: ServiceContext, drafts: Drafts) -> None:
        self._context = context
        self._drafts = drafts

    def base(self, draft: Draft, step: Step) -> str:
        """The digest of the answers of a step, which a page drawn from the draft posts back."""
        return digest_at(self._context.keys, draft.form, draft.id, draft.answers, step)

    def shown(self, draft: Draft, step: Step, account: PrefillFacts) -> State:
        """The state to draw a page from: the draft's with first values, and with a new entry that is not saved yet.

        Raises KeyError for a step that does not count, or an item that is not there.
        """
        first = step.name not in draft.row.shown
        return self._filled_in(draft, step, account, add=step.new, first=first)

    def advice(self, state: State, step: Step) -> tuple[FieldError, ...]:
        """The warnings of a step, which stop whoever goes on once: until its page has shown them."""
        return tuple(each for each in state.warnings.values() if step_asking(each, state).name == step.name)

    def signs(self, draft: Draft, state: State, advice: Sequence[FieldError]) -> str:
        """A text that stands for this advice about these answers, for a page that shows it to post back."""
        return " ".join(self._sign(draft, state, each) for each in advice)

    def _sign(self, draft: Draft, state: State, advice: FieldError) -> str:
        answer = (
            reach(expect_object(state.draft), advice.path.split("."))
            if isinstance(state.draft, Mapping)
            else None
        )
        repeat = next((key for key in draft.form.repeats if advice.path.startswith(f"{key}.")), None)
        if repeat is not None:
            item, _, key = advice.path.removeprefix(f"{repeat}.").partition(".")
            level = item_of(expect_object(state.draft), repeat, item)
            answer = reach(level, key.split(".")) if level is not None and key else None
        text = _TO_TEXT.encode([draft.id, advice.path, advice.rule, advice.message, answer])
        return self._context.keys.index("advice", text)[:_SIGN_LENGTH]

    def _is_news(self, draft: Draft, state: State, step: Step, seen: str) -> bool:
        """Whether the step has advice whose sign is not among those seen."""
        known = set(seen.split())
        return any(self._sign(draft, state, each) not in known for each in self.advice(state, step))

    def save(
        self,
        draft: Draft,
        post: PagePost,
        account: PrefillFacts,
        *,
        moves_on: bool = False,
    ) -> Saved | Unsaved | None:
        """Save a post; None where the draft was sent or cancelled meanwhile.

        account: the person's details by name, for first values. moves_on: whether the person goes where the button
        leads, which is recorded as the last step; else they stay. Raises KeyError for a step that the form does not
        have.
        """
        step = self._step(draft, post)
        for _ in range(_TRIES):
            try:
                outcome = self._apply(draft, step, post, account)
            except KeyError:
                return Unsaved(draft, "gone")
            answers = outcome.draft
            now = replace(step, new=step.new and item_of(answers, step.repeat, step.item) is None)
            advised = self._is_news(draft, outcome.state, now, post.advice_seen)
            untouched = post.rev == draft.rev or self.base(draft, step) == post.base
            if not untouched and answers != draft.answers:
                return Unsaved(draft, "changed")
            try:
                saved = self._drafts.save(
                    draft,
                    answers,
                    step=_kept_step(outcome, post, now, advised=advised) if moves_on else now.name,
                    shown=tuple(dict.fromkeys((*draft.row.shown, step.name))),
                    urgent=outcome.state.urgent,
                )
            except StaleRevisionError:
                newest = self._newest(draft)
                if newest is None:
                    return None
                draft = newest
            else:
                return Saved(saved, now, outcome, advised)
        raise StaleRevisionError(draft.id)

    def outcome(self, draft: Draft, post: PagePost, account: PrefillFacts) -> Outcome:
        """What the post would make of the draft; nothing is saved. Raises KeyError where its page does not count."""
        step = self._step(draft, post)
        return self._apply(draft, step, post, account)

    def item_base(self, draft: Draft, repeat: str, item_id: str) -> str:
        """The digest of a whole item, which the question whether to remove it posts back."""
        step = Step("", repeat, item_id)
        return digest_of(self._context.keys, draft.id, step, item_of(draft.answers, repeat, item_id))

    def remove(self, draft: Draft, repeat: str, item_id: str, base: str) -> Draft | None:
        """The draft without the item; None where the item is not what the person was asked about."""
        for _ in range(_TRIES):
            if item_of(draft.answers, repeat, item_id) is None:
                return draft
            if self.item_base(draft, repeat, item_id) != base:
                return None
            answers = remove_item(draft.answers, repeat, item_id)
            state = self._state(draft, answers)
            page = draft.form.repeats[repeat].page
            try:
                return self._drafts.save(
                    draft, answers, step=page, shown=draft.row.shown, urgent=state.urgent
                )
            except StaleRevisionError:
                newest = self._newest(draft)
                if newest is None:
                    return None
                draft = newest
        raise StaleRevisionError(draft.id)

    # --- applying ----------------------------------------------------------------------------------------------------

    def _step(self, draft: Draft, post: PagePost) -> Step:
        """The step of the post, with the id that a new item gets. Raises KeyError where the form has no such step."""
        step = step_of(draft.form, post.step)
        if step is None:
            raise KeyError(post.step)
        return replace(step, item=self._free_id(draft, post.new_item)) if step.new else step

    def _apply(self, draft: Draft, step: Step, post: PagePost, account: PrefillFacts) -> Outcome:
        """The outcome of the post. Read-only values are filled in from the account again first."""
        texts, files = self._renamed(draft, step, post)
        form, before = draft.form, self._filled_in(draft, step, account, add=True, first=False)
        given = expect_object(before.draft)
        if not step.repeat:
            return post_page(form, given, step.page, texts, on=before.on, files=files, before=before)
        outcome = post_item(
            form,
            given,
            step.repeat,
            step.item,
            texts,
            on=before.on,
            files=files,
            page_id=step.item_page,
            before=before,
        )
        item, was = (item_of(each, step.repeat, step.item) for each in (outcome.draft, given))
        # A new entry that is left empty is not added.
        return replace(outcome, draft=draft.answers) if step.new and item == was and post.leaves else outcome

    def _filled_in(self, draft: Draft, step: Step, account: PrefillFacts, *, add: bool, first: bool) -> State:
        """The state of the draft with the values that are filled in at a step. add: an item that is not there."""
        if not step.repeat:
            state = self._state(draft, draft.answers)
            return prefilled_state(state, step.page, account=account, first=first)
        answers = add_item(draft.answers, step.repeat, step.item) if add else draft.answers
        state = self._state(draft, answers)
        return prefilled_item_state(state, step.repeat, step.item, account=account, first=first)

    def _renamed(
        self, draft: Draft, step: Step, post: PagePost
    ) -> tuple[Mapping[str, Sequence[str]], Mapping[str, Sequence[Json]]]:
        """The post with the inputs of blank rows called after the id that the new row gets."""
        tables = [
            node.key
            for node in walk(nodes_at(draft.form, step))
            if isinstance(node, Repeat) and node.spec.layout == "table"
        ]
        if step.repeat or not tables:
            return post.texts, post.files
        new = self._free_id(draft, post.new_item)
        pairs = [(f"{key}.{NEW}.", f"{key}.{new}.") for key in tables]

        def renamed(name: str) -> str:
            for old, fresh in pairs:
                if name.startswith(old):
                    return fresh + name.removeprefix(old)
            return name

        return (
            {renamed(name): texts for name, texts in post.texts.items()},
            {renamed(name): files for name, files in post.files.items()},
        )

    def _free_id(self, draft: Draft, wanted: str) -> str:
        """The id for a new item: the one its page was drawn with, so that a second press adds no second item.

        Another one where an answer still points to an item of that id, which was removed.
        """
        if not _OURS.fullmatch(wanted):
            return new_item_id()
        if any(item_of(draft.answers, repeat, wanted) is not None for repeat in draft.form.repeats):
            return wanted
        return new_item_id() if f'/{wanted}"' in json.dumps(draft.answers) else wanted

    def _state(self, draft: Draft, answers: Answers) -> State:
        return evaluate(draft.form, answers, on=self._context.today())

    def _newest(self, draft: Draft) -> Draft | None:
        row = draft.row
        return self._drafts.open(draft.id, account=row.account, holder=row.holder)
