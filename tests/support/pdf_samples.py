"""Copies of the shipped forms for tests: who asked what, as PDFs."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

import pikepdf

from formengine.engine import Engine
from formengine.form.analysis.samples import sample_answers
from formengine.form.plan import Form
from formengine.form.state import State
from formengine.output.paper.record.attachments import AttachedFile, Sign, Signature
from tests.support.shipped import EXAMPLES
from tests.support.tiers import TIER
from tests.support.torture_samples import TORTURE, sent_torture_answers, torture_answers

ON = date(2026, 11, 22)
AT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
REFERENCE = "RS-4K7P"
FORMS = ("request-for-support", "early-help-notification")

LONG_ANSWER = " ".join(f"Word{number} of what happened." for number in range(1250))
HOSTILE = (
    "Łukasz 名前 👩\u200d👧 مرحبا بالعالم abc שלום नमस्ते \ue000 e\u0301 a\x00b\ufeff\u202e gnirts "
    "<script>alert(1)</script> {{7*7}} /JavaScript (/Launch) %PDF-1.7 endobj ((child.first_name))"
)


@dataclass(frozen=True)
class Sample:
    """Answers to a form, an id or a path; for whom the copy is, and which files it embeds."""

    form: str | Path
    answers: Mapping[str, Any]
    audience: str = ""
    files: tuple[AttachedFile, ...] = ()

    @property
    def compiled(self) -> Form:
        return form_of(self.form)

    @property
    def state(self) -> State:
        return Engine().evaluate(self.compiled, self.answers, on=ON)

    def pdf(self, reference: str = "") -> bytes:
        return pdf_of(self.state, reference, audience=self.audience, files=self.files)


def pdf_of(
    state: State,
    reference: str = "",
    *,
    audience: str = "",
    files: tuple[AttachedFile, ...] = (),
    sign: Sign | None = None,
) -> bytes:
    made = Engine().pdf(
        state,
        author="Exampleshire Council",
        at=AT,
        reference=reference,
        audience=audience,
        attachments=files,
        sign=sign,
    )
    return made.content


@cache
def form_of(form: str | Path) -> Form:
    return Engine().form(form)


def small_form(folder: Path, fields: str, title: str = "Everything") -> Form:
    """The form "Small form" of one page, with a title, that asks `fields`, written in YAML."""
    lines = [
        "form: small",
        "title: Small form",
        "version: 2026.1",
        "access: anyone",
        "pages:",
        "  - id: all",
        f"    title: {title}",
        "    fields:",
        *(f"      {line}" for line in fields.strip("\n").split("\n")),
    ]
    (folder / "form.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Engine().form(folder / "form.yaml")


@cache
def filled(form: str, seed: int) -> Mapping[str, Any]:
    return sample_answers(form_of(form), on=ON, seed=seed)


def with_texts(answers: Any, form: Form, text: str) -> Any:
    """The same answers with `text` in every field where people write freely."""
    changed = json.loads(json.dumps(answers))
    for key, field in form.fields.items():
        if field.spec.type.name == "long_text":
            _put(changed, key.split("."), text)
    for repeat, fields in form.item_fields.items():
        for item in _reach(changed, repeat.split(".")) or []:
            for key, field in fields.items():
                if field.spec.type.name == "long_text":
                    _put(item, key.split("."), text)
    return changed


def _reach(answers: Any, path: list[str]) -> Any:
    for part in path:
        answers = answers.get(part, {})
    return answers


def _put(answers: Any, path: list[str], text: str) -> None:
    *groups, last = path
    for group in groups:
        answers = answers.setdefault(group, {})
    answers[last] = text


def samples() -> Iterator[tuple[str, Sample]]:
    """Both forms: empty, filled, half filled, stopped, with long and hostile texts; and every example."""
    for form in FORMS:
        yield f"{form}-empty", Sample(form, {})
        for seed in (1, 2, 3, 4):
            yield f"{form}-{seed}", Sample(form, filled(form, seed))
        answers = filled(form, 5)
        yield f"{form}-half", Sample(form, dict(list(answers.items())[: len(answers) // 2]))
        yield f"{form}-long", Sample(form, with_texts(filled(form, 6), form_of(form), LONG_ANSWER))
        yield f"{form}-hostile", Sample(form, with_texts(filled(form, 7), form_of(form), HOSTILE))
    yield (
        "stopped",
        Sample("early-help-notification", {**filled("early-help-notification", 3), "consent": "no"}),
    )
    for folder in sorted(EXAMPLES.iterdir()):
        if (folder / "answers.json").is_file():
            answers = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
            own = folder / "form.yaml"
            yield f"example-{folder.name}", Sample(own if own.is_file() else folder.name, answers)


SAMPLES = dict(samples())
# Whose drafts differ from what was sent as others' do: as the first filled one's; as the long torture form's, a draft.
SENT_ONLY = {f"{form}-{kind}" for form in FORMS for kind in ("2", "3", "4", "long")}


def copies() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Every kind of copy there is, of both forms, the torture form and every example: drafts, what was sent,
    for each audience, with files in it, signed; each is made by what stands behind its name. A long run has more."""
    for name, sample in SAMPLES.items():
        if TIER == "long" or name not in SENT_ONLY:
            yield f"{name}-draft", sample.pdf
        yield name, partial(content_of, name)
    for form in FORMS:
        for seed in (1, 2):
            yield f"{form}-{seed}-family", partial(Sample(form, filled(form, seed), "family").pdf, REFERENCE)
    for audience in ("", "family", "office"):
        yield f"torture-{audience}", partial(Sample(TORTURE, sent_torture_answers(), audience).pdf, REFERENCE)
        yield f"torture-{audience}-draft", Sample(TORTURE, torture_answers(), audience).pdf
    yield "torture-long", Sample(TORTURE, torture_answers(long=LONG_ANSWER)).pdf
    yield "torture-empty", Sample(TORTURE, {}).pdf
    file = AttachedFile("file", torture_answers()["file"]["name"], "application/pdf", b"%PDF-1.4 whatever")
    sample = Sample(TORTURE, sent_torture_answers(), files=(file,))
    yield "torture-embedded", partial(sample.pdf, REFERENCE)
    yield "torture-signed", partial(pdf_of, sample.state, REFERENCE, files=(file,), sign=unsafe_signature)


def unsafe_signature(message: bytes) -> Signature:
    """A stand-in for a signature where only its length matters."""
    return Signature("test-key", bytes(64) + message[:0])


@cache
def content_of(name: str) -> bytes:
    """The copy of a sample, with a reference."""
    return SAMPLES[name].pdf(REFERENCE)


def attached(content: bytes) -> dict[str, Any]:
    """The data in a PDF, by file name, read as JSON."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return {name: json.loads(file.get_file().read_bytes()) for name, file in pdf.attachments.items()}
