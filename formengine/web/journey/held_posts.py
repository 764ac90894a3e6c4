"""Posts from before somebody signed in: saved when their owner comes back to the draft."""

from __future__ import annotations

from dataclasses import replace

from formengine.service.accounts.sessions import HELD
from formengine.service.drafts.page_posts import Saved
from formengine.service.drafts.step import step_of
from formengine.web.addresses import address_of
from formengine.web.browser_session import remember
from formengine.web.http.immediate import ImmediateResponse
from formengine.web.http.threads import in_thread
from formengine.web.journey.draft_request import DraftRequest
from formengine.web.journey.page_posts import held_post
from formengine.web.journey.uploads import take_files


async def apply_held(draft_request: DraftRequest, post_ids: str) -> None:
    """Save the posts from before the person signed in, each in its turn.

    Raises `ImmediateResponse` with the way to the page that the last one was saved on, or to the choice between two
    versions. Posts for other drafts wait for theirs. post_ids: with spaces between.
    """
    left, landed = post_ids.split(), None
    for post_id in post_ids.split():
        held = draft_request.context.drafts.held(post_id, draft_request.draft)
        if held is None:
            continue
        left.remove(post_id)
        post, came = held_post(held.body)
        if step_of(draft_request.form, post.step, post.new_item) is None:
            continue
        # Only now is it known whose files they are: new ones are stored, earlier ones looked up.
        taken = await take_files(draft_request.context, draft_request.draft, came)
        post = replace(post, files=taken.files)
        saved = await in_thread(draft_request.posts.save, draft_request.draft, post, draft_request.account)
        if not isinstance(saved, Saved):
            again = await in_thread(draft_request.context.drafts.hold, draft_request.draft.id, post.to_json())
            await in_thread(draft_request.context.drafts.drop_held, held.id)
            landed = draft_request.go(f"conflict?post={again}")
            break
        await in_thread(draft_request.context.drafts.drop_held, held.id)
        draft_request = replace(draft_request, draft=saved.draft)
        landed = draft_request.go(address_of(saved.step))
    await remember(draft_request.request, **{HELD: " ".join(left)})
    if landed is not None:
        raise ImmediateResponse(landed)
