"""What a browser posted of a page of a form, as the service takes it."""

from __future__ import annotations

from collections.abc import Mapping

from formengine.fields.base import Json
from formengine.service.page_posts import PagePost
from formengine.web.journey_links import page_id_of
from formengine.web.posts import Post
from formengine.web.visits import CSRF_FIELD

REV = "rev"
BASE = "base"
NEW_ITEM = "new"
# Inputs of ours that are no answers.
OURS = frozenset({CSRF_FIELD, REV, BASE, NEW_ITEM})


def page_post(post: Post, name: str, files: Mapping[str, list[Json]] | None = None) -> PagePost:
    """The post of the page that is called `name` in the draft's address."""
    rev = post.text(REV)
    return PagePost(
        place=page_id_of(name),
        texts={each: texts for each, texts in post.texts.items() if each not in OURS},
        files=files or {},
        rev=int(rev) if rev.isascii() and rev.isdecimal() and len(rev) < 10 else 0,
        base=post.text(BASE),
        new_item=post.text(NEW_ITEM),
    )
