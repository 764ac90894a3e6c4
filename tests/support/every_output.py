"""Everything that formengine makes of a form, made at once: for tests that nothing of it raises, whatever the form.

A page must be well formed: every element closed in its place, and no id twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from random import Random
from typing import Any

from docx import Document
from pikepdf import Pdf

from formengine.engine import Engine
from formengine.form.actions import (
    first_unfinished,
    next_page,
    post_item,
    post_page,
    prefilled,
    prefilled_item,
    previous_page,
    remove_item,
)
from formengine.form.actions.import_answers import import_answers
from formengine.form.analysis.explain import explain_path, paths
from formengine.form.analysis.outline import outline, outline_text
from formengine.form.analysis.samples import NoSampleFoundError, sample_answers
from formengine.form.plan import Form
from formengine.form.schema.export import schema
from formengine.form.schema.validators import fast_judge, plain
from formengine.form.state import State, copy_for, evaluate
from formengine.form.state.views import repeats_in
from formengine.language.diagnostics import DefinitionError, render_text
from formengine.language.json_types import Json
from formengine.language.loader import load_packed, pack
from formengine.language.words import words
from formengine.output.html import HtmlRenderer
from formengine.output.html.static_site import static_pages
from formengine.output.paper.blank.issuer import Issuer
from tests.support.generators.drafts import RUBBISH, Answerer
from tests.support.html_dom import Element, parse
from tests.support.journey_people import account_of, sign_in
from tests.support.service_app import Service

ON = date(2026, 11, 22)
AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ACCOUNT = {"email": "sam.example@example.org", "first_name": "Sam", "phone": "020 7946 0123"}
TYPED = (
    "yes",
    "no",
    "x",
    "12",
    "2026-11-22",
    "Sam Example",
    "",
    "999",
    "\u202e<b>&",
    "sam@example.org",
    "SW1A 1AA",
)

Texts = dict[str, list[str]]
Step = Callable[[Form, Random], None]


def form_of(engine: Engine, text: str) -> Form | None:
    """The form that the text defines; None where `check` finds errors, and then loading refuses it, too."""
    raw = text.encode("utf-8", "surrogatepass")
    found = engine.check_text(raw, "mutant/form.yaml")
    render_text(found)
    errors = [finding for finding in found if finding.severity == "error"]
    form = None
    with suppress(DefinitionError):
        form = engine.form_of_text(raw, "mutant/form.yaml")
    assert (form is None) == bool(errors), errors
    return form


def page_of(html: str) -> Element:
    """The page as a tree; it must be well formed."""
    tree = parse(html.removeprefix("<!DOCTYPE html>"))
    ids = Counter(each.attributes["id"] for each in tree.walk() if "id" in each.attributes)
    assert [each for each, times in ids.items() if times > 1] == []
    assert not set(html) & {chr(code) for code in (*range(9), 11, 12, *range(14, 32), 127)}, (
        "a control character"
    )
    return tree


def drafts_of(form: Form, random: Random) -> list[Json]:
    """Drafts of the form: empty, right if chance finds one, random with rubbish, and of a wrong shape."""
    answerer = Answerer(form, ON, random)
    drafts: list[Json] = [{}, answerer.draft(), answerer.draft(rubbish=0.4)]
    with suppress(NoSampleFoundError):
        drafts.append(sample_answers(form, on=ON, seed=random.randrange(100), minimal=random.random() < 0.3))
    drafts.append({key: random.choice(RUBBISH) for key in [*form.fields, *form.repeats, *form.groups]})
    return drafts


# --- what a form states about itself
# ---------------------------------------------------------------------------------------


def told(form: Form, random: Random) -> None:
    """Outline, schema and explanations; the packed texts make the same form."""
    outline(form)
    outline_text(form)
    schema(form)
    assert load_packed(pack(form.definition)).digest == form.digest
    state = evaluate(form, {}, on=ON)
    for path in paths(form):
        explain_path(state, path)


# --- what is made of answers ------------------------------------------------------------------------------------------


def judged(form: Form, random: Random) -> None:
    """Errors, warnings, answers and text, as a whole and for each audience; the schema accepts what is right."""
    judge = fast_judge(schema(form, ON))
    for draft in [*drafts_of(form, random), None, [], "x", 1]:
        state = evaluate(form, draft, on=ON)
        for problem in (*state.errors.values(), *state.warnings.values()):
            assert words(problem)
        if state.complete:
            assert judge(plain(state.answers)), state.answers
            state.submission(at=AT.isoformat(), reference="ABC-123")
        for audience in ("", *form.definition.audiences):
            copied = copy_for(state, audience)
            Engine().text(copied, reference="ABC-123", at=AT, author="Somebody")
            assert copied.urgent in {True, False}
            assert copied.route is None or copied.route


def drawn(form: Form, random: Random) -> None:
    """Every page of HTML, with and without what is wrong."""
    html, numbered = HtmlRenderer(form), HtmlRenderer(Engine().numbered(form))
    for draft in drafts_of(form, random):
        state = evaluate(form, draft, on=ON)
        pages_of(html, state, with_errors=True)
        if random.random() < 0.3:
            pages_of(html, state, with_errors=False)
            pages_of(numbered, evaluate(numbered.form, draft, on=ON), with_errors=True)
        for audience in form.definition.audiences:
            pages_of(html, copy_for(state, audience), with_errors=False)


def pages_of(html: HtmlRenderer, state: State, *, with_errors: bool) -> None:
    """Draw every page; each must be well formed and have a file of its own."""
    page_of(html.start(state, show_errors=with_errors))
    pages = list(static_pages(html, state, with_errors=with_errors))
    assert len({name for name, _ in pages}) == len(pages), "one page would be written over another"
    for _, text in pages:
        page_of(text)


def on_paper(form: Form, random: Random) -> None:
    """The PDFs of answers, blank and to type into, whose answers are read back, and the Word document."""
    engine = Engine()
    for draft in random.sample(drafts_of(form, random), 2):
        state = evaluate(form, draft, on=ON)
        for audience in ("", *form.definition.audiences):
            written = engine.pdf(state, author="Somebody", at=AT, audience=audience)
            if not audience:
                engine.read_pdf(written.content, form)
    sending = Issuer("Somebody", AT, ("1 High Street",), None, random.choice((1, 3)))
    engine.blank_pdf(form, sending)
    filled = engine.blank_pdf(form, sending, fillable=True)
    if _typed_into(filled.content):
        engine.read_pdf(filled.content, form)
    Document(BytesIO(engine.blank_docx(form, sending)))


def _typed_into(content: bytes) -> bool:
    """Whether the PDF has any field to type into; a form that asks nothing has none."""
    with Pdf.open(BytesIO(content)) as pdf:
        return bool(pdf.acroform.fields)


# --- moves ------------------------------------------------------------------------------------------------------------


def moved(form: Form, random: Random) -> None:
    """First values and posts of every page and item, from any draft, with whatever a browser may send."""
    for draft in drafts_of(form, random):
        if not isinstance(draft, Mapping):
            continue
        state = evaluate(form, draft, on=ON)
        first_unfinished(state)
        import_answers(form, draft, new_item=lambda: "n1")
        for page in state.pages:
            next_page(state, page.id)
            previous_page(state, page.id)
            shown = prefilled(form, draft, page.id, account=ACCOUNT, on=ON, first=True)
            texts = (
                sent(HtmlRenderer(form).page(evaluate(form, shown, on=ON), page.id), random)
                if _on_screen(page)
                else {}
            )
            outcome = post_page(form, shown, page.id, texts, on=ON)
            post_page(form, outcome.draft, page.id, _garbled(texts, random), on=ON) if _stays(
                outcome, page
            ) else None
            for each in repeats_in(page.nodes):
                if each.relevance is True and _on_screen(page):
                    _items(form, shown, each.path, [item.id for item in each.items[:2]], random)


def _on_screen(page: Any) -> bool:
    return not page.page.spec.paper_only


def _stays(outcome: Any, page: Any) -> bool:
    return outcome.state.page(page.id) is not None


def _items(form: Form, draft: Mapping[str, Json], repeat: str, ids: Sequence[str], random: Random) -> None:
    for item in [*ids, "n1"]:
        if item in ids:
            draft = prefilled_item(form, draft, repeat, item, account=ACCOUNT, on=ON, first=True)
        names = [f"{repeat}.{item}.{key}" for key in form.item_fields[repeat]]
        texts = {name: [random.choice(TYPED)] for name in names}
        draft = post_item(form, draft, repeat, item, texts, on=ON).draft
        evaluate(form, remove_item(draft, repeat, item), on=ON)


def sent(html: str, random: Random) -> Texts:
    """What a browser sends of a page on which somebody has typed at random; every box, shown or not."""
    texts: Texts = {}
    for each in page_of(html).walk():
        name, kind = each.attributes.get("name", ""), each.attributes.get("type", "")
        if not name or each.tag == "button" or kind == "file":
            continue
        if kind == "hidden":
            texts.setdefault(name, []).append(each.attributes.get("value", ""))
        elif kind in {"radio", "checkbox"}:
            if random.random() < 0.5 and not (kind == "radio" and name in texts):
                texts.setdefault(name, []).append(each.attributes.get("value", "on"))
        elif each.tag == "select":
            values = [
                option.attributes.get("value", option.text)
                for option in each.walk()
                if option.tag == "option"
            ]
            texts[name] = [random.choice(values or [""])]
        elif each.tag in {"input", "textarea"}:
            texts[name] = [random.choice((*TYPED, each.attributes.get("value", "")))]
    return texts


def _garbled(texts: Texts, random: Random) -> Texts:
    """Texts that no page sends: values that are not offered, twice, under names that are not there."""
    return {
        random.choice((name, name, f"{name}-day", f"{name}.x.y", name.partition(".")[0])): [
            *values,
            "no_such_code",
        ]
        for name, values in texts.items()
    }


# --- the service ------------------------------------------------------------------------------------------------------


@dataclass
class Journeys:
    """Goes through forms in one service, each by an account of its own."""

    service: Service
    number: int = 0

    def walk(self, form: Form, random: Random) -> None:
        """Begin the form, open and post each page, and send it where it can be sent."""
        self.number += 1
        forms = self.service.context.drafts.forms
        forms._current[form.id] = form
        browser = self.service.person()
        sign_in(self.service, browser, account_of(self.service, f"person{self.number}@example.org"))
        self._begin(browser, form, random)
        drafts = drafts_of(form, random)
        for draft in (random.choice(drafts), drafts[min(3, len(drafts) - 1)]):
            session = self.service.context.sessions.find(browser.token)
            assert session is not None
            if isinstance(draft, Mapping):
                begun = self.service.context.drafts.start(
                    form.id, account=session.account, holder=None, answers=dict(draft)
                )
                del forms._current[form.id]  # opened from what was kept
                forms._opened.cache_clear()
                self._fill_in(browser, f"/drafts/{begun.id}/", form, draft, random)
                forms._current[form.id] = form
        self._get(browser, "/my-forms")

    def _begin(self, browser: Any, form: Form, random: Random) -> None:
        path = f"/forms/{form.id}"
        texts = sent(self._get(browser, path), random)
        answer = browser.submit(path, {name: value for name, value in texts.items() if name != "csrf"})
        assert answer.status_code in {303, 422}, answer.status_code
        if answer.status_code == 303:
            self._get(browser, answer.headers["location"])

    def _fill_in(self, browser: Any, way: str, form: Form, draft: Json, random: Random) -> None:
        state = evaluate(form, draft, on=self.service.service.today())
        for name in ("", "check-answers", "save-for-later", "print", "create-pdf", "cancel"):
            self._get(browser, way + name)
        before = self._answers(way)
        if state.complete and not any(each.spec.type.name in {"file", "files"} for each in _fields(form)):
            browser.submit(f"{way}check-answers", {"-action": "next"})
            last = "submit" if form.submit is not None else "check-answers"
            page = browser.get(way + last)
            if page.status_code == 200:
                texts = _as_they_are(page.text)
                browser.submit(way + last, {**texts, "-action": "submit"})
                self._get(browser, f"{way}sent")
                return
        assert before == self._answers(way)
        links = StaticNames(state)
        for name in links.pages:
            shown = self._get(browser, way + name)
            texts = sent(shown, random) if shown else {}
            texts = {key: value for key, value in texts.items() if key != "csrf"}
            move = random.choice(("next", "next", "save", "check_answers", "index", "submit", "x"))
            answer = browser.submit(way + name, {**texts, "-action": move})
            assert answer.status_code < 500, (name, answer.status_code)
            self._get(browser, f"{way}check-answers?check=1")

    def _answers(self, way: str) -> Any:
        with self.service.store.read() as tx:
            row = tx.drafts.get(way.split("/")[2])
        assert row is not None
        return row.answers

    def _get(self, browser: Any, path: str) -> str:
        """The page at the path, which must be there or lead elsewhere."""
        for _ in range(6):
            answer = browser.get(path)
            assert answer.status_code in {200, 303, 302, 307, 404}, (path, answer.status_code)
            if "location" not in answer.headers:
                if answer.headers["content-type"].startswith("text/html"):
                    page_of(answer.text)
                    return str(answer.text)
                return ""
            path = answer.headers["location"]
            if path.startswith("https:"):
                return ""
        raise AssertionError(f"{path} leads in circles")


class StaticNames:
    """The names of the pages and items of a state within its draft."""

    def __init__(self, state: State) -> None:
        self.pages = [page.id for page in state.pages]
        for page in state.pages:
            for each in repeats_in(page.nodes):
                self.pages += [f"{each.path}.new"]
                for item in each.items[:1]:
                    self.pages += [f"{each.path}.{item.id}", f"{each.path}.{item.id}.remove"]
                    self.pages += [f"{each.path}.{item.id}.{inner.id}" for inner in item.pages[:2]]


def _fields(form: Form) -> list[Any]:
    return [*form.fields.values(), *(each for of in form.item_fields.values() for each in of.values())]


def _as_they_are(html: str) -> Texts:
    """What a browser sends of a page on which nobody changed anything."""
    texts: Texts = {}
    for each in page_of(html).walk():
        name, kind = each.attributes.get("name", ""), each.attributes.get("type", "")
        if not name or name == "csrf" or each.tag == "button" or kind == "file":
            continue
        if kind in {"radio", "checkbox"}:
            if "checked" in each.attributes:
                texts.setdefault(name, []).append(each.attributes.get("value", "on"))
        elif each.tag == "select":
            chosen = [one for one in each.walk() if one.tag == "option" and "selected" in one.attributes]
            texts[name] = [chosen[0].attributes.get("value", chosen[0].text)] if chosen else [""]
        elif each.tag == "textarea":
            texts[name] = [each.raw_text.removeprefix("\n")]
        elif each.tag == "input":
            texts[name] = [each.attributes.get("value", "")]
    return texts


STEPS: Mapping[str, Step] = {
    "told": told,
    "judged": judged,
    "drawn": drawn,
    "moved": moved,
    "on_paper": on_paper,
}
