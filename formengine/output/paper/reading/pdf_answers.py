"""A filled-in PDF as answers: by the same way that a posted page goes, so that nothing that was typed is lost."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from formengine.form.actions.drafts import Answers, with_answer
from formengine.form.actions.items import with_changed_items
from formengine.form.plan import Field, Form
from formengine.language.fields.base import Posted
from formengine.language.json_types import Json
from formengine.language.reader import AnswersError, read_answers
from formengine.output.paper.reading.contents import FormFieldValue, PdfContents, UnreadablePdfError
from formengine.output.paper.reading.signatures import Standing, Verify, standing_of
from formengine.output.paper.record.attachments import ANSWERS_FILE, DRAFT_FORMAT

BLANK_FILE, BLANK_FORMAT = "form.json", "blank/1"
# Before the code in the name of a ticked state, so that no code can be "Off".
STATE = "is-"
_BOX = re.compile(r"-[0-9]+\Z")
_BLOCK = re.compile(r"[1-9][0-9]{0,2}")
# Of a name, version or reference that a PDF carries, in characters.
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class CarriedAnswers:
    """What a PDF carries: form, version and digest, "" where it does not name them; and its answers.

    answers: those it has as data, None where it has form fields instead; `entered` are those. audience: whose copy it
    is, "" for the whole. reference: that of what was sent, "" for a draft. standing: whether it is as it was signed.
    """

    form: str
    version: str
    digest: str
    answers: Answers | None
    entered: tuple[FormFieldValue, ...] = ()
    audience: str = ""
    reference: str = ""
    standing: Standing = "unsigned"


def carried_by(contents: PdfContents, verify: Verify | None = None) -> CarriedAnswers:
    """What a PDF carries for a form: its data first, else what was typed into its fields.

    verify: checks a signature, if there are keys. Only data is ever signed: what was typed into fields never is.

    Raises `UnreadablePdfError` where it has neither, or data that is none of ours.
    """
    if ANSWERS_FILE in contents.attachments:
        data = _json_of(contents.attachments[ANSWERS_FILE], DRAFT_FORMAT)
        answers = data.get("answers")
        if not isinstance(answers, dict):
            raise UnreadablePdfError("wrong_data")
        audience, reference = data.get("audience", ""), data.get("reference", "")
        if not isinstance(audience, str) or not isinstance(reference, str):
            raise UnreadablePdfError("wrong_data")
        standing = standing_of(contents.attachments, verify)
        return CarriedAnswers(
            *_identity(data), answers, audience=audience, reference=reference[:_LONGEST], standing=standing
        )
    if not contents.fields:
        raise UnreadablePdfError("nothing")
    data = {}
    if BLANK_FILE in contents.attachments:
        data = _json_of(contents.attachments[BLANK_FILE], BLANK_FORMAT)
    return CarriedAnswers(*_identity(data), None, contents.fields)


def _identity(data: Mapping[str, Json]) -> tuple[str, str, str]:
    named = [data.get(key, "") for key in ("form", "version", "digest")]
    found = [one for one in named if isinstance(one, str) and len(one) <= _LONGEST]
    if len(found) != len(named):
        raise UnreadablePdfError("wrong_data")
    form, version, digest = found
    return form, version, digest


def _json_of(content: bytes, wanted: str) -> Mapping[str, Json]:
    try:
        data = read_answers(content)
    except AnswersError:
        raise UnreadablePdfError("wrong_data") from None
    if not isinstance(data, dict) or data.get("format") != wanted:
        raise UnreadablePdfError("wrong_data")
    return data


@dataclass(frozen=True, slots=True)
class PdfDraft:
    """What a PDF gives for a form: a draft, to be judged as if it had just been typed.

    is_current: whether the PDF was made from this very definition. unread: the fields with something in them that the
    form has no question for, so that nothing is lost without a word. audience: whose copy it is, "" for the whole; a
    copy for one audience lacks what is hidden from them. standing: whether its data is as a service signed it.
    """

    form: Form
    draft: Answers
    is_current: bool
    version: str
    unread: tuple[FormFieldValue, ...] = ()
    audience: str = ""
    standing: Standing = "unsigned"


def draft_of(form: Form, carried: CarriedAnswers) -> PdfDraft:
    """The draft that `carried` is for `form`; raises `UnreadablePdfError` where it names another form."""
    if carried.form and carried.form != form.id:
        raise UnreadablePdfError("other_form", form=carried.form, wanted=form.id)
    filled = (
        FilledIn(carried.answers, ()) if carried.answers is not None else filled_in(form, carried.entered)
    )
    is_current = carried.digest == form.digest
    return PdfDraft(
        form, filled.draft, is_current, carried.version, filled.unread, carried.audience, carried.standing
    )


@dataclass(frozen=True, slots=True)
class FilledIn:
    """A filled-in form as a draft; `unread` are the fields with something in them that the form has no question for."""

    draft: Answers
    unread: tuple[FormFieldValue, ...]


def filled_in(form: Form, entered: Sequence[FormFieldValue]) -> FilledIn:
    """What was typed into the fields of a fillable form, decoded as a post is.

    What cannot be read, such as 31 February, is kept as typed. Every question is taken, whether it counts or not: what
    does not stays in the draft and is not shown. Items get the numbers of their blocks as ids; a block with
    nothing in it is none.
    """
    posted: dict[str, dict[str, tuple[str, ...]]] = {}
    for one in entered:
        if one.texts:
            path, part, texts = _posted(one)
            parts = posted.setdefault(path, {})
            parts[part] = (*parts.get(part, ()), *texts)
    draft: Answers = {}
    read: set[str] = set()
    for field in filter(_is_read, form.fields.values()):
        draft = with_answer(draft, field.path, _decoded(field, field.key, posted, read))
    for key, fields in form.item_fields.items():
        items = _items(key, [field for field in fields.values() if _is_read(field)], posted, read)
        if items:
            draft = with_changed_items(draft, key, {}, items)
    unread = tuple(one for one in entered if one.texts and _posted(one)[0] not in read and any(one.texts))
    return FilledIn(draft, unread)


def _posted(one: FormFieldValue) -> tuple[str, str, tuple[str, ...]]:
    """The path, the part and the texts that a field stands for, as if it had been posted."""
    if one.kind == "/Btn":
        codes = tuple(text.removeprefix(STATE) for text in one.texts)
        return _BOX.sub("", one.name), "", codes
    path, _, part = one.name.partition("-")
    return path, part, one.texts


def _is_read(field: Field) -> bool:
    """Whether paper can hold its answer: it is asked, and not answered with files."""
    return field.is_asked and field.spec.type.paper_space(field.spec.settings).shape != "none"


def _decoded(
    field: Field, path: str, posted: Mapping[str, Mapping[str, tuple[str, ...]]], read: set[str]
) -> Json:
    read.add(path)
    parts = posted.get(path)
    if parts is None:
        return None
    return field.spec.type.decode(Posted(parts), field.spec.settings).value


def _items(
    key: str,
    fields: Sequence[Field],
    posted: Mapping[str, Mapping[str, tuple[str, ...]]],
    read: set[str],
) -> list[Mapping[str, Json]]:
    """The items of a list: a block is one as soon as anything stands in it."""
    prefix = f"{key}."
    ids = {path.removeprefix(prefix).partition(".")[0] for path in posted if path.startswith(prefix)}
    items = []
    for block in sorted((block for block in ids if _BLOCK.fullmatch(block)), key=int):
        item: Answers = {"id": block}
        for field in fields:
            value = _decoded(field, f"{prefix}{block}.{field.key}", posted, read)
            item = with_answer(item, field.path, value)
        if len(item) > 1:
            items.append(item)
    return items
