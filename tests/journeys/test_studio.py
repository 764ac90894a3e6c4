"""A form is changed, checked, previewed, published and rolled back in the browser, without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from formengine.engine import Engine
from formengine.service.audit import entries
from formengine.store.sqlite import SqliteStore
from formengine.web.app import create_app
from tests.support.journey_people import begun, post, signed_in
from tests.support.service_app import Service, make_service
from tests.support.studio import (
    FORM,
    MAIN,
    TOWNS,
    WAY,
    author,
    hidden_in,
    publish,
    roll_back,
    save,
    studio_service,
    text_in,
)

pytestmark = pytest.mark.slow

NEW = FORM.replace("label: Your name", "label: Your full name")


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Service]:
    made = studio_service(tmp_path)
    yield made
    made.store.close()


def test_an_author_changes_a_label_mends_a_slip_previews_publishes_and_brings_back(studio: Service) -> None:
    ash, begun_before = author(studio).browser, studio.person()
    old = begun(begun_before, "visit")
    # A slip: the saved text is kept, its finding names the line, and it cannot be published.
    slip = NEW.replace("type: choice", "type: chioce")
    assert save(ash, slip).headers["location"] == f"{WAY}/text?file={MAIN}&saved=1"
    page = ash.get(f"{WAY}/text?saved=1").text
    assert text_in(page) == slip
    assert "Your text is saved. It is not published yet." in page
    assert re.search(r'<a class="govuk-link" href="#line-15"[^>]*>Line 15</a>: ', page)
    assert "chioce" in page.partition('id="findings"')[2]
    changes = ash.get(f"{WAY}/changes").text
    assert "It cannot be published yet. Mend the errors first." in changes
    assert 'value="publish"' not in changes
    # Mended, previewed, published.
    assert save(ash, NEW).status_code == 303
    shown = ash.submit(f"{WAY}/preview", {"file": MAIN, "text": NEW, "page": "about"})
    assert "Your full name" in shown.text
    assert "Your full name" not in studio.person().get(f"{old}about").text
    assert publish(ash).headers["location"] == f"{WAY}/history?published=1"
    # Whoever begins now sees it, whoever began before does not.
    somebody = studio.person()
    assert "Your full name" in somebody.get(f"{begun(somebody, 'visit')}about").text
    assert "Your full name" not in begun_before.get(f"{old}about").text
    assert "Your name" in begun_before.get(f"{old}about").text
    history = ash.get(f"{WAY}/history").text
    assert history.index("Publication 2") < history.index("Publication 1")
    assert "Sam Example" in history
    assert "The service, from the file" in history
    # Back to what it was, as a third publication.
    assert roll_back(ash, 1).headers["location"] == f"{WAY}/history?published=1"
    another = studio.person()
    assert "Your name" in another.get(f"{begun(another, 'visit')}about").text
    assert "Brings back publication 1." in ash.get(f"{WAY}/history").text
    actions = [(entry.action, entry.subject) for entry in entries(studio.store)]
    assert [each for each in actions if each[0].startswith("form.")] == [
        ("form.text_saved", "visit"),
        ("form.text_saved", "visit"),
        ("form.published", "visit 2"),
        ("form.rolled_back", "visit 3"),
    ]


def test_another_process_takes_a_publication_up_within_a_second(studio: Service) -> None:
    engine = Engine(studio.settings.definitions)
    store = SqliteStore(studio.settings.database)
    app = create_app(
        engine,
        store,
        studio.keys,
        studio.clock,
        settings=studio.settings,
        background=False,
        monotonic=studio.clock.monotonic,
    )
    other = Service(app, store, studio.keys, studio.clock, studio.settings)
    assert "Ask for a visit" in other.person().get("/forms/visit").text
    before = other.context.drafts.forms.current("visit")
    ash = author(studio).browser
    save(ash, NEW.replace("title: Ask for a visit", "title: Ask for a call"))
    publish(ash)
    assert other.context.drafts.forms.current("visit") is before
    studio.clock.move(seconds=1)
    assert "Ask for a call" in other.person().get("/forms/visit").text
    store.close()


def test_a_restart_keeps_what_is_published(studio: Service, tmp_path: Path) -> None:
    ash = author(studio).browser
    save(ash, NEW.replace("Ask for a visit", "Ask for a call"))
    publish(ash)
    studio.store.close()
    again = make_service(
        tmp_path, engine=Engine(studio.settings.definitions), definitions=studio.settings.definitions
    )
    assert "Ask for a call" in again.person().get("/forms/visit").text
    again.store.close()


def test_a_second_author_overwrites_nothing_and_sees_both_texts(studio: Service) -> None:
    ash, kit = author(studio).browser, author(studio, "kit").browser
    opened = kit.get(f"{WAY}/text").text
    assert save(ash, NEW).status_code == 303
    theirs = FORM.replace("Which day suits you", "Which day suits <you>")
    answer = save(kit, theirs, shown=opened)
    assert answer.status_code == 409
    assert text_in(answer.text) == theirs
    assert text_in(answer.text, "theirs") == NEW
    assert "Somebody saved this text while you were changing it" in answer.text
    assert text_in(ash.get(f"{WAY}/text").text) == NEW
    # Kit has seen it, and saves again on purpose.
    assert save(kit, theirs, shown=answer.text).status_code == 303
    assert text_in(ash.get(f"{WAY}/text").text) == theirs


def test_what_somebody_saved_meanwhile_is_not_published_unseen(studio: Service) -> None:
    ash, kit = author(studio).browser, author(studio, "kit").browser
    save(ash, NEW)
    seen = hidden_in(ash.get(f"{WAY}/changes").text)
    save(kit, NEW.replace("version: 1", "version: 2"))
    answer = ash.submit(f"{WAY}/changes", {**seen, "reason": "Better", "do": "publish"})
    assert answer.status_code == 422
    assert "somebody saved or published it meanwhile" in answer.text
    assert studio.context.publishing.history("visit") == []


def test_publishing_wants_a_reason_and_keeps_what_was_typed(studio: Service) -> None:
    ash = author(studio).browser
    save(ash, NEW)
    assert "Enter why it is published" in publish(ash, " ").text
    too_long = publish(ash, "word " * 500)
    assert too_long.status_code == 422
    assert "word word" in too_long.text
    assert studio.context.publishing.history("visit") == []


def test_a_post_after_the_session_has_ended_keeps_the_text_to_send_again(studio: Service) -> None:
    ash = author(studio)
    opened = ash.browser.get(f"{WAY}/text").text
    studio.clock.move(hours=9)
    late = ash.browser.submit(f"{WAY}/text", {**hidden_in(opened), "text": NEW})
    assert late.status_code == 403
    assert "Your full name" in late.text
    assert "Try again" in late.text


def test_a_broken_file_opens_and_is_mended(tmp_path: Path) -> None:
    studio = studio_service(tmp_path, FORM.replace("    fields:", "   fields:", 1))
    ash = author(studio).browser
    listed = ash.get("/studio").text
    assert "1 error" in listed or "errors" in listed
    page = ash.get(f"{WAY}/text").text
    assert "   fields:" in text_in(page)
    assert save(ash, FORM).status_code == 303
    assert publish(ash).status_code == 303
    assert studio.person().get("/forms/visit").status_code == 200
    studio.store.close()


def test_a_list_is_changed_for_this_form_with_its_own_findings(studio: Service) -> None:
    ash = author(studio).browser
    towns = "lists/towns.yaml"
    assert text_in(ash.get(f"{WAY}/text?file={towns}").text) == TOWNS
    save(ash, TOWNS.replace("deal: Deal", "deal"), file=towns)
    assert f'href="{WAY}/text?file={towns}#line-4"' in ash.get(f"{WAY}/text").text
    save(ash, f"{TOWNS}  hythe: Hythe\n", file=towns)
    assert publish(ash).status_code == 303
    somebody = studio.person()
    assert "Hythe" in somebody.get(f"{begun(somebody, 'visit')}about").text
    assert ash.get(f"{WAY}/text?file=lists/other.yaml").status_code == 404


def test_the_preview_goes_through_the_form_and_keeps_nothing(studio: Service) -> None:
    ash = author(studio).browser
    way = f"{WAY}/preview"
    first = ash.submit(way, {"file": MAIN, "text": NEW, "page": "about"}).text
    wrong = ash.submit(way, {**hidden_in(first), "-action": "next", "name": ""})
    assert "There is a problem" in wrong.text
    second = ash.submit(way, {**hidden_in(first), "-action": "next", "name": "Ada Example"}).text
    assert "Which day suits you" in second
    third = ash.submit(way, {**hidden_in(second), "-action": "next"}).text
    assert "Ada Example" in third
    assert "Your full name" in third
    last = ash.submit(way, {**hidden_in(third), "-action": "submit"})
    assert last.status_code == 200
    with studio.store.read() as tx:
        assert dict(tx.drafts.open_by_form()) == {}
        assert tx.submissions.listed(10) == []


def test_the_preview_may_be_framed_by_the_studio_alone_and_the_studio_by_nobody(studio: Service) -> None:
    ash = author(studio).browser
    page, preview = ash.get(f"{WAY}/text").headers, ash.get(f"{WAY}/preview").headers
    assert "frame-src 'self'" in page["content-security-policy"]
    assert "frame-ancestors 'none'" in page["content-security-policy"]
    assert page["x-frame-options"] == "DENY"
    assert "frame-ancestors 'self'" in preview["content-security-policy"]
    assert "require-trusted-types-for 'script'" in preview["content-security-policy"]
    assert preview["x-frame-options"] == "SAMEORIGIN"


def test_a_broken_text_says_in_the_frame_why_there_is_no_preview(studio: Service) -> None:
    ash = author(studio).browser
    answer = ash.submit(f"{WAY}/preview", {"file": MAIN, "text": FORM.replace("type: date", "type: dat")})
    assert answer.status_code == 422
    assert "visit/form.yaml, line 22" in answer.text
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"


def test_only_authors_change_and_only_authors_and_approvers_look(studio: Service) -> None:
    stranger = studio.person()
    assert stranger.get(f"{WAY}/text").headers["location"] == "/account/sign-in"
    staff = signed_in(studio, "staff@example.org", "staff").browser
    assert staff.get("/studio").status_code == 404
    approver = signed_in(studio, "approver@example.org", "approver").browser
    assert approver.get(f"{WAY}/text").status_code == 200
    assert save(approver, NEW).status_code == 403
    assert author(studio).browser.get("/studio/forms/nothing/text").status_code == 404


def test_the_changes_are_told_in_sentences_before_they_are_published(studio: Service) -> None:
    ash = author(studio).browser
    save(
        ash,
        NEW.replace(
            "        options: lists/towns\n", "        options: lists/towns\n        required: true\n"
        ),
    )
    page = ash.get(f"{WAY}/changes").text
    assert "“Your name” is asked as “Your full name” now." in page
    assert page.index("“Your town” must be answered now.") < page.index("“Your name” is asked as")
    save(ash, f"{FORM}# no more than a comment\n")
    assert "The meaning is the same. Only the text differs." in ash.get(f"{WAY}/changes").text


def test_a_change_says_what_it_does_to_forms_that_people_have_begun(studio: Service) -> None:
    ash = author(studio).browser
    for name in ("Ada", "Bo"):
        somebody = studio.person()
        post(somebody, f"{begun(somebody, 'visit')}about", name=name, town="deal")
    begun(studio.person(), "visit")
    save(ash, FORM.replace("- id: town", "- id: place"))
    page = ash.get(f"{WAY}/changes").text
    assert "3 drafts are open. 1 of them carries over as it is." in page
    assert "2 lose the answer to “Your town”." in page
    save(ash, FORM.replace("- id: town", "- id: place\n        renamed_from: town"))
    assert "3 drafts are open. All carry over as they are." in ash.get(f"{WAY}/changes").text


def test_an_earlier_save_is_opened_and_brought_back(studio: Service) -> None:
    ash = author(studio).browser
    save(ash, NEW)
    studio.clock.move(minutes=5)
    save(ash, FORM.replace("version: 1", "version: 2"))
    page = ash.get(f"{WAY}/text").text
    assert f'href="{WAY}/text?file={MAIN}&amp;rev=1"' in page
    earlier = ash.get(f"{WAY}/text?rev=1").text
    assert text_in(earlier) == NEW
    assert "as it was saved on 24 November 2026 at 10:00" in earlier
    assert save(ash, text_in(earlier), shown=earlier).status_code == 303
    assert text_in(ash.get(f"{WAY}/text").text) == NEW


def test_a_script_gets_the_findings_of_what_is_typed_and_nothing_is_saved(studio: Service) -> None:
    ash = author(studio).browser
    typed = {"file": MAIN, "text": FORM.replace("type: date", "type: dat")}
    answer = ash.submit(f"{WAY}/check", typed, headers={"accept": "application/json"}).json()
    assert [(each["line"], each["where"], each["message"]) for each in answer["findings"]] == [
        (22, "Line 22", "There is no type `dat`")
    ]
    assert answer["said"] == "1 finding"
    assert text_in(ash.get(f"{WAY}/text").text) == FORM
    assert studio.person().submit(f"{WAY}/check", typed).status_code == 403


def test_a_name_is_looked_up_and_changed_wherever_it_stands(studio: Service) -> None:
    ash = author(studio).browser
    save(ash, FORM.replace("label: Which day suits you", "label: Which day\n        show_if: town is deal"))
    page = ash.get(f"{WAY}/names?path=town").text
    assert f'href="{WAY}/text?file={MAIN}#line-24"' in page
    renamed = ash.submit(f"{WAY}/names", {**hidden_in(page), "new": "place"})
    assert renamed.headers["location"] == f"{WAY}/changes"
    text = text_in(ash.get(f"{WAY}/text").text)
    assert "- id: place\n        renamed_from: town\n" in text
    assert "show_if: place is deal" in text
    again = ash.get(f"{WAY}/names?path=place").text
    refused = ash.submit(f"{WAY}/names", {**hidden_in(again), "new": "name"})
    assert refused.status_code == 422
    assert "There is an answer of this name beside it already" in refused.text
    stale = ash.submit(f"{WAY}/names", {**hidden_in(page), "path": "place", "new": "spot"})
    assert "Somebody saved meanwhile" in stale.text


def test_a_change_is_discarded_and_what_is_live_stays(studio: Service) -> None:
    ash = author(studio).browser
    save(ash, NEW)
    hidden = hidden_in(ash.get(f"{WAY}/changes").text)
    assert ash.submit(f"{WAY}/changes", {**hidden, "do": "discard"}).status_code == 303
    assert text_in(ash.get(f"{WAY}/text").text) == FORM
    assert "Nothing has been changed" in ash.get(f"{WAY}/changes").text


def test_hostile_text_is_shown_and_drawn_as_text(studio: Service) -> None:
    ash = author(studio).browser
    hostile = FORM.replace("Your name", "'</textarea><script>alert(1)</script>'")
    assert save(ash, hostile).status_code == 303
    for path in ("/studio", f"{WAY}/text", f"{WAY}/changes", f"{WAY}/preview?page=about"):
        assert "<script>alert" not in ash.get(path).text, path
    assert text_in(ash.get(f"{WAY}/text").text) == hostile
    assert post(ash, f"{begun(ash, 'visit')}about", name="Ada").status_code == 303


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("no_consent", "Before you start"),
        # On paper alone, so that it is not on screen: the first page is, then.
        ("signatures", "Before you start"),
        ("children", "Children"),
        ("check answers", "Check your answers"),
    ],
)
def test_a_page_that_depends_on_answers_is_previewed_with_samples(
    service: Service, page: str, title: str
) -> None:
    ash, form = author(service).browser, service.context.drafts.forms.current("early-help-notification")
    assert form is not None
    shown = ash.submit(
        "/studio/forms/early-help-notification/preview",
        {"text": form.definition.sources[0].text, "page": page, "sample": "yes"},
    )
    assert shown.status_code == 200
    assert re.search(rf"<h1[^>]*>{title}</h1>", shown.text)


@pytest.mark.parametrize(
    "brought",
    ["[" * 50_000, '{"name": "\\ud800"}', '{"name": NaN}', '{"name": ' + "9" * 5000 + "}", "[1]", "{"],
)
@pytest.mark.parametrize("step", ["about", "when", "check answers"])
def test_a_previewed_page_that_brings_back_anything_is_drawn(
    studio: Service, brought: str, step: str
) -> None:
    ash = author(studio).browser
    texts = {"-file": MAIN, "-text": FORM, "-draft": brought, "-step": step, "-new": "", "-action": "next"}
    assert ash.submit(f"{WAY}/preview", texts).status_code == 200


def test_a_reason_too_long_to_be_read_is_refused_wherever_one_is_given_and_kept(studio: Service) -> None:
    ash, long = author(studio).browser, "Why. " * 500
    save(ash, NEW)
    assert publish(ash, long).status_code == 422
    assert publish(ash).status_code == 303
    refused = roll_back(ash, 1, long)
    assert refused.status_code == 422
    assert long.strip() in refused.text
    assert len(studio.context.publishing.history("visit")) == 2
