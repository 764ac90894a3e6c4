"""Posts from before somebody signed in: saved by the post with which their owner comes back, never by looking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from starlette.requests import Request

from formengine.service.accounts.sessions import HELD
from formengine.service.drafts.drafts import Draft, DraftBusyError, DraftFullError, HeldPost
from formengine.service.drafts.page_posts import Saved
from formengine.service.drafts.step import step_of
from formengine.web.addresses import address_of
from formengine.web.browser_session import browser_session_of, client_of, remember
from formengine.web.context import AppContext
from formengine.web.http.threads import in_thread
from formengine.web.journey.access import DraftAccess, may_fill_in
from formengine.web.journey.page_posts import held_post
from formengine.web.journey.uploads import take_files


class HeldPosts:
    """Saves the posts that a session knows of, once its drafts are open to it."""

    def __init__(self, context: AppContext, access: DraftAccess) -> None:
        self._context = context
        self._access = access

    async def save(self, request: Request) -> Mapping[str, str]:
        """Save the posts of the session, each in its turn; returns where each draft goes on, its path by its id.

        That is the page that the draft's last post was saved on, or the choice between two versions, after which the
        next one is saved. Posts for drafts that are not open to the session wait.
        """
        browser_session = browser_session_of(request)
        ids, left = browser_session.fact(HELD).split(), list[str]()
        landed: dict[str, str] = {}
        undecided: set[str] = set()
        for post_id in ids:
            draft_id = self._context.drafts.draft_of_held(post_id)
            if draft_id is None:
                continue
            draft = await in_thread(
                self._context.drafts.open,
                draft_id,
                account=browser_session.account,
                holder=browser_session.holder,
            )
            held = await in_thread(self._context.drafts.held, post_id, draft) if draft is not None else None
            if draft is None or held is None or draft_id in undecided:
                left.append(post_id)
                continue
            name, waits = await self._save(request, draft, held)
            if waits is not None:
                left.append(waits)
                undecided.add(draft_id)
            if name is not None:
                landed[draft_id] = f"/drafts/{draft_id}/{name}"
        if left != ids:
            await remember(request, **{HELD: " ".join(left)})
        return landed

    async def drop(self, request: Request, post_id: str) -> None:
        """Delete a post that was decided about, and save those that waited for that.

        Where another one is to be decided about, the next page of the draft leads there.
        """
        await in_thread(self._context.drafts.drop_held, post_id)
        await self.save(request)

    async def _save(self, request: Request, draft: Draft, held: HeldPost) -> tuple[str | None, str | None]:
        """Save one post; returns the name within the draft of where the person goes on, None for nowhere.

        Besides the id under which the post waits for a decision, or for its owner to be let in; None where it is done.
        """
        draft_request = self._access.request_for(request, draft)
        post, came = held_post(held.body)
        if step_of(draft.form, post.step, post.new_item) is None:
            return None, None
        if not may_fill_in(draft_request, post.step):
            return None, held.id
        # Only now is it known whose files they are: new ones are stored, earlier ones looked up.
        taken = await take_files(self._context, draft, came, client_of(request))
        post = replace(post, files=taken.files)
        try:
            saved = await in_thread(draft_request.posts.save, draft, post, draft_request.account)
        except (DraftBusyError, DraftFullError):
            # It waits as long as it may: both versions are shown, so that something can be shortened first.
            return f"conflict?post={held.id}", held.id
        again = None
        if not isinstance(saved, Saved):
            again = await in_thread(
                self._context.drafts.hold,
                draft.id,
                post.to_json(),
                writer=draft.row.account or "",
                instead_of=held.id,
            )
        else:
            await in_thread(self._context.drafts.drop_held, held.id)
        if isinstance(saved, Saved):
            return address_of(saved.step), None
        return f"conflict?post={again}" if again is not None else None, again
