"""What a browser posted of a page of a form, as the service takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from formengine.fields.base import Json
from formengine.fields.stored_files import KEEP
from formengine.service.drafts import Draft
from formengine.service.file_refusals import Refusal
from formengine.service.page_posts import PagePost
from formengine.service.uploads import Uploads, file_field
from formengine.web.journey_links import page_id_of
from formengine.web.posts import Post, UploadedPart
from formengine.web.visits import CSRF_FIELD

REV = "rev"
BASE = "base"
NEW_ITEM = "new"
# Inputs of ours that are no answers.
OURS = frozenset({CSRF_FIELD, REV, BASE, NEW_ITEM})


@dataclass(slots=True)
class Received:
    """The files of a post: those that were stored, by the input's name, and why others were not taken."""

    files: dict[str, list[Json]] = field(default_factory=dict)
    refusals: list[tuple[str, Refusal]] = field(default_factory=list)


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


def received(uploads: Uploads, draft: Draft, post: Post) -> Received:
    """The post's files, new ones stored and those kept from before looked up in this draft alone; takes its time."""
    found = Received()
    kept = {file.id: file for file in uploads.of_draft(draft.id)} if _keeps_any(post) else {}
    for name, texts in post.texts.items():
        if name.endswith(f"-{KEEP}"):
            files = [kept[file_id].answer for file_id in texts if file_id in kept and kept[file_id].name]
            if files:
                found.files[name.removesuffix(f"-{KEEP}")] = [*files]
    for part in post.files:
        if _is_file(part) and file_field(draft.form, part.field) is not None:
            taken = uploads.take(draft, part.field, part.name, part.content)
            if isinstance(taken, Refusal):
                found.refusals.append((part.field, taken))
            else:
                found.files.setdefault(part.field, []).append(taken.answer)
    return found


def _keeps_any(post: Post) -> bool:
    return any(name.endswith(f"-{KEEP}") for name in post.texts)


def _is_file(part: UploadedPart) -> bool:
    """Whether a file was chosen; a browser sends an empty part where none was."""
    return bool(part.name or part.content)
