"""A browser's post of a page of a form, converted for the service."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from formengine.language.json_types import Json, JsonObject, expect_list, expect_object, expect_text
from formengine.service.drafts.page_posts import PagePost
from formengine.web.addresses import destination_in
from formengine.web.browser_session import CSRF_FIELD
from formengine.web.http.posts import Post, UploadedPart

REV = "rev"
BASE = "base"
NEW_ITEM = "new"
# The key that shows that a page of the draft was drawn for who owned it (`Drafts.page_key`).
OWN = "own"
# The way back to check answers (`formengine.service.drafts.returning`). No question's input begins with a hyphen.
WAY_BACK = "-back"
ADVICE_SEEN = "-seen"
_UPLOADS = "uploads"
# Our own inputs, which are no answers.
OURS = frozenset({CSRF_FIELD, REV, BASE, NEW_ITEM, OWN, WAY_BACK, ADVICE_SEEN})


def page_post(post: Post, name: str, files: Mapping[str, list[Json]] | None = None) -> PagePost:
    """The post of the page with this name in the draft's address."""
    at = destination_in("", name)
    return PagePost(
        step="" if at.page else at.step,
        texts={each: texts for each, texts in post.texts.items() if each not in OURS},
        files=files or {},
        rev=post.whole_number(REV) or 0,
        base=post.text(BASE),
        new_item=post.text(NEW_ITEM),
        way_back=post.text(WAY_BACK),
        advice_seen=post.text(ADVICE_SEEN),
    )


def held_body(post: Post, name: str, *, with_files: bool) -> dict[str, Json]:
    """The post as JSON, to be held, sealed, until its owner has signed in. with_files: the uploaded files too."""
    uploads = [
        {
            "field": part.field,
            "name": part.name,
            "media_type": part.media_type,
            "content": base64.b64encode(part.content).decode(),
        }
        for part in post.files
        if with_files
    ]
    return {**page_post(post, name).to_json(), _UPLOADS: uploads}


def held_post(body: Json) -> tuple[PagePost, Post]:
    """The page post and the browser's post that `held_body` converted; its files are not stored yet."""
    kept = expect_object(body)
    parts = [_part(expect_object(each)) for each in expect_list(kept.get(_UPLOADS, []))]
    post = PagePost.of_json(kept)
    texts = {name: tuple(texts) for name, texts in post.texts.items()}
    return post, Post(texts, tuple(parts))


def _part(kept: JsonObject) -> UploadedPart:
    """A file as it came, from how it was kept."""
    field, name, media_type, content = (
        expect_text(kept[key]) for key in ("field", "name", "media_type", "content")
    )
    return UploadedPart(field, name, media_type, base64.b64decode(content))
