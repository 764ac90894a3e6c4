"""Files of a draft: stored from a post or from a script, and shown with their status."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial

from formengine.form.state import FieldError
from formengine.language.fields.stored_files import KEEP
from formengine.language.json_types import Json
from formengine.output.html.page_extras import NO_EXTRAS, PageExtras
from formengine.service.drafts.drafts import Draft
from formengine.service.drafts.step import Step
from formengine.service.files.refusals import Refusal
from formengine.service.files.uploads import UploadedFile, file_field, files_at
from formengine.web.context import AppContext
from formengine.web.http.posts import Post, UploadedPart
from formengine.web.http.threads import in_thread, in_turn_of, on_loop

# The button that removes a file from an answer; its value ends with the answer's path and the file's id.
REMOVE = "remove_file"


@dataclass(slots=True)
class Taken:
    """The files of a post: those that are stored, by the input's name, and why others were refused."""

    files: dict[str, list[Json]] = field(default_factory=dict)
    refusals: list[tuple[str, Refusal]] = field(default_factory=list)

    def extras(self, draft: Draft) -> PageExtras:
        """The refusals in words, each once, by the path of their questions."""
        texts: dict[str, dict[str, None]] = {}
        for path, refusal in self.refusals:
            texts.setdefault(path, {})[refusal_text(draft, path, refusal)] = None
        return PageExtras(errors={path: tuple(each) for path, each in texts.items()})


async def take_files(context: AppContext, draft: Draft, post: Post, client: str) -> Taken:
    """The post's files: new ones checked, stored and scanned, earlier ones looked up in this draft alone.

    A file that the button of the post takes out is left out; it is destroyed when the post has been saved. Why a file
    was refused is stored, until another one is chosen for its question. client: the address that it comes from.
    """
    taken, chosen = Taken(), set[str]()
    _keep(context, draft, post, taken)
    for part in post.files:
        if is_file(part) and file_field(draft.form, part.field) is not None:
            got = await take_file(context, draft, part, client)
            if isinstance(got, Refusal):
                taken.refusals.append((part.field, got))
            else:
                taken.files.setdefault(part.field, []).append(got.answer)
            chosen.add(part.field)
    await in_thread(context.refused_files.record, draft, taken.refusals, chosen)
    return taken


async def take_file(
    context: AppContext, draft: Draft, part: UploadedPart, client: str
) -> UploadedFile | Refusal:
    """Store one file and scan it if the scanner is quick; else it waits. Raises KeyError for no question of files."""
    take = partial(context.uploads.take, draft, part.field, part.name, part.content, client=client)
    got = await in_turn_of(context.files_at_once, take)
    if isinstance(got, Refusal):
        return got
    await on_loop(partial(context.scanning.scan_now, got.id))
    seen = context.uploads.get(draft.id, got.id)
    if seen is not None and seen.check == "refused":
        return Refusal("virus", {"file": got.name})
    if seen is not None and seen.check == "waiting":
        context.background.wake("scan")
    return seen or got


def _keep(context: AppContext, draft: Draft, post: Post, taken: Taken) -> None:
    """Look up the files that the page posted back, by their ids."""
    wanted = {
        name.removesuffix(f"-{KEEP}"): ids for name, ids in post.texts.items() if name.endswith(f"-{KEEP}")
    }
    if not wanted:
        return
    there = {file.id: file for file in context.uploads.of_draft(draft.id)}
    verb, _, removed = post.action.partition(":")
    for path, ids in wanted.items():
        for file_id in ids:
            if verb == REMOVE and removed == f"{path}:{file_id}":
                continue
            file = there.get(file_id)
            if file is not None and file.check != "refused":
                taken.files.setdefault(path, []).append(file.answer)
            else:
                taken.refusals.append((path, _lost(draft, file, file_id)))


def _lost(draft: Draft, file: UploadedFile | None, file_id: str) -> Refusal:
    """Why a file that the page or an answer names is not there."""
    named = {str(each["id"]): str(each["name"]) for _, each in files_at(draft.answers)}
    name = named.get(file_id) or draft.form.wording.text("files.unnamed")
    return Refusal("gone_file" if file is None else "virus", {"file": name})


def file_extras(context: AppContext, draft: Draft, step: Step) -> PageExtras:
    """What is known of the files at a step: that they wait for the scanner, or why they were not taken."""
    if not context.uploads.asked_on(draft.form, step.page):
        return NO_EXTRAS
    named = [(path, file) for path, file in files_at(draft.answers) if _is_at(draft, path, step)]
    refused = context.refused_files.of_draft(draft.id)
    if not named and not refused:
        return NO_EXTRAS
    there = {file.id: file for file in context.uploads.of_draft(draft.id)}
    lost = Taken(refusals=[each for each in refused if _is_at(draft, each[0], step)])
    statuses, waiting = {}, set()
    for path, each in named:
        file = there.get(str(each["id"]))
        if file is None or file.check == "refused":
            lost.refusals.append((path, _lost(draft, file, str(each["id"]))))
        elif file.check != "clean":
            statuses[file.id] = check_text(draft, file)
        if file is not None and file.check == "waiting":
            waiting.add(file.id)
    return replace(lost.extras(draft), files=statuses, waiting=frozenset(waiting))


def _is_at(draft: Draft, path: str, step: Step) -> bool:
    """Whether the answer at `path` is asked for at the step: on its page, in its item, or in a table of it."""
    if step.repeat:
        return path.startswith(f"{step.repeat}.{step.item}.")
    found = file_field(draft.form, path)
    if found is None or found.page != step.page:
        return False
    return found.repeat is None or draft.form.repeats[found.repeat].spec.layout == "table"


def files_sent(context: AppContext, draft_id: str, answers: Json) -> list[str]:
    """Sentences on the files of a form that was sent: which are not checked yet, and which were destroyed."""
    there = {file.id: file for file in context.uploads.of_draft(draft_id)}
    sentences = []
    for _, each in files_at(answers):
        file = there.get(str(each["id"]))
        check = file.check if file is not None else "refused"
        if check in {"waiting", "refused"}:
            sentences.append(context.words.text(f"files.sent_{check}", file=str(each["name"])))
    return sentences


def check_text(draft: Draft, file: UploadedFile) -> str:
    """The status of a file that was not scanned, in words; "" for one that is clean."""
    return "" if file.check == "clean" else draft.form.wording.text(f"files.{file.check}")


def refusal_text(draft: Draft, path: str, refusal: Refusal) -> str:
    """Why a file was refused, in words."""
    found = file_field(draft.form, path)
    name = found.spec.settings.name if found is not None else ""
    kind = found.spec.type.name if found is not None else "file"
    return draft.form.wording.words(FieldError(path, "", kind, refusal.rule, name, refusal.facts))


def is_file(part: UploadedPart) -> bool:
    """Whether a file was chosen; a browser sends an empty part where none was."""
    return bool(part.name or part.content)
