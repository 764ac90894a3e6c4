"""What an author waits for in the studio, on Request for Support: each figure against the time that it may take.

From a text to its findings, from a post of the text to the drawn preview (the request included), the differences of two
versions, the verdict on drafts (a sample of them, for 10,000), and how long a process that did not publish itself goes
on with the version before (the longest time between two looks included).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks._answers import ON, request_for_support
from benchmarks._rounds import Figure, median_times_s, report
from formengine.form.analysis.form_diff import form_diff
from formengine.form.analysis.samples import sample_answers
from formengine.form.analysis.verdict import judge_drafts
from formengine.form.plan import Form
from formengine.service.forms import LOOKED_FOR_EVERY_S, Forms
from tests.support.service_app import Service, make_service
from tests.support.studio import author

FORM = "request-for-support"
DRAFTS = 10_000
FINDINGS_S, PREVIEW_S, DIFF_S, VERDICT_S, TAKE_UP_S = 0.03, 0.15, 0.01, 30.0, 1.0


def changed(text: str) -> str:
    """The text as an author might have changed it: wording, a question more, one that must be answered now."""
    text = text.replace("label: First name", "label: Given name")
    return text.replace("\n        required: true\n", "\n", 3)


def publish(service: Service, form_texts: dict[str, str], main: str, turn: list[int]) -> None:
    """Publish the form with another comment than before."""
    turn[0] += 1
    texts = {**form_texts, main: f"{form_texts[main]}# {turn[0]}\n"}
    service.context.publishing.publish(FORM, texts, account="operator", reason="")


def take_up(service: Service, form_texts: dict[str, str], main: str, turn: list[int]) -> None:
    """Publish, and use what was published as another process does."""
    other = Forms(service.service, service.context.engine)
    publish(service, form_texts, main, turn)
    other.take_up()
    if other.current(FORM) is None:
        raise RuntimeError("the form was not taken up")


def versions(service: Service) -> tuple[Form, Form]:
    """The form as it is, and as an author might have changed it."""
    texts = dict(service.context.engine.texts_of(FORM))
    main = next(iter(texts))
    found = service.context.engine.check_texts({**texts, main: changed(texts[main])}).form
    if found is None:
        raise RuntimeError("the changed text has errors")
    return request_for_support(), found


def figures(rounds: int, *, sampled: int = 200) -> Iterator[Figure]:
    """The five figures. sampled: how many drafts are judged."""
    with tempfile.TemporaryDirectory() as folder:
        service = make_service(Path(folder))
        engine, texts = service.context.engine, dict(service.context.engine.texts_of(FORM))
        main = next(iter(texts))
        (found,) = median_times_s([partial(engine.check_texts, texts)], rounds)
        yield Figure(
            f"findings in a text of {texts[main].count(chr(10))} lines", found, FINDINGS_S, at_most=1
        )
        ash = author(service).browser
        post = {"file": main, "text": texts[main], "page": "children", "sample": "yes"}
        (shown,) = median_times_s([partial(ash.submit, f"/studio/forms/{FORM}/preview", post)], rounds)
        yield Figure("from a text to its preview, with sample answers", shown, PREVIEW_S, at_most=1)
        before, after = versions(service)
        (compared,) = median_times_s([partial(form_diff, before, after)], rounds)
        yield Figure("the differences of two versions", compared, DIFF_S, at_most=1)
        drafts = [(before, sample_answers(before, on=ON, seed=seed)) for seed in range(sampled)]
        (judged,) = median_times_s([partial(judge_drafts, drafts, after, on=ON)], max(1, rounds // 3))
        yield Figure(f"the verdict on {DRAFTS:,} drafts", judged * DRAFTS / sampled, VERDICT_S, at_most=1)
        (taken,) = median_times_s([partial(take_up, service, texts, main, [0])], rounds)
        yield Figure(
            "publishing, until another process uses it", taken + LOOKED_FOR_EVERY_S, TAKE_UP_S, at_most=1
        )
        service.store.close()


def main(rounds: int = 9) -> None:
    """Print the figures."""
    report(figures(rounds))


if __name__ == "__main__":
    main()
