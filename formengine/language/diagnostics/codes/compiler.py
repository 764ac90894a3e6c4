"""Codes of the compiler: names, order and reachability."""

from __future__ import annotations

from formengine.language.diagnostics.codes.entry import CodeEntry

CODES: dict[str, CodeEntry] = {
    "calculated-text-unclear": CodeEntry(
        "error",
        "A calculated answer reads like a calculation, but is a text",
        "A calculated answer counts entries, repeats answers or chooses a text by conditions. `a + b` or `sum of "
        "rows.balance` would be shown and sent as these very words. Write `((a))` to repeat an answer, count with "
        "`count of`, or put the text in quotes where the words themselves are meant. A form that was in use with such "
        "a text goes on; it is an error for `check` and for publishing.",
    ),
    "calculated-of-people": CodeEntry(
        "error",
        "A calculated text names people chosen from a list",
        "A question with `options_from` stores where the person stands in the form, not the name, so a calculated text "
        "would hold that place. Insert another answer, or leave it out.",
    ),
    "check-at-unknown": CodeEntry(
        "error",
        "A check is to speak at a field that is not there",
        "`at` says beside which question of the group or page the message of a check stands. Name a field that "
        "stands in it, or leave `at` out: then the message stands at the last field the check names.",
    ),
    "field-before-sign-in": CodeEntry(
        "error",
        "A question stands before the page where people sign in",
        "Pages before `sign_in_from` can be read by anybody, and nothing is kept of them. Move the question to the "
        "sign-in page or behind it, or to `start`, whose answers are carried along.",
    ),
    "insert-hidden": CodeEntry(
        "error",
        "A text shows an answer to people it is hidden from",
        "The answer has `hide_from`, but a text that these people do get repeats it. Hide the text from them too, or "
        "say it without the answer.",
    ),
    "insert-later": CodeEntry(
        "error",
        "A text repeats an answer that is asked later",
        "When the text is shown, the question has not been asked. Use an answer from an earlier page, or move the "
        "question forward.",
    ),
    "insert-needs-fallback": CodeEntry(
        "error",
        "A text repeats an answer that may be missing",
        "The question may be left blank or not be asked at all, and then the text would have a hole. Say what stands "
        "there instead: `((child.first_name or the child))`. A mandatory question that is always asked needs none.",
    ),
    "insert-same-page": CodeEntry(
        "error",
        "A text repeats an answer from its own page",
        "A page is shown before its questions are answered. Use an answer from an earlier page, or move the question "
        "to one.",
    ),
    "insert-unknown": CodeEntry(
        "error",
        "A text repeats an answer that does not exist",
        "Between double brackets stands the id of a question, with the ids of its groups before it: "
        "`((child.first_name))`. People entered in a list can be named only inside the list's own texts.",
    ),
    "options-source-later": CodeEntry(
        "error",
        "People are to be chosen from a list that is filled in later",
        "`options_from` offers the people entered so far. Move the question behind the group or repeat it names.",
    ),
    "nothing-on-screen": CodeEntry(
        "warning",
        "A form has nothing to fill in on screen",
        "Every page stands on paper alone. Whoever opens the form on screen is asked nothing, and can send it. Take "
        "`paper_only: true` away from the pages that are to be filled in on screen.",
    ),
    "options-source-unknown": CodeEntry(
        "error",
        "People are to be chosen from something that does not exist",
        "`options_from` names groups and repeats of this form, such as `[child, children_same_address]`.",
    ),
    "prefill-unknown": CodeEntry(
        "error",
        "A question is to be filled in from something unknown",
        "`prefill` is `today`, a fact of the person's account such as `account.email`, or the name of an earlier "
        "question.",
    ),
    "presence-tells": CodeEntry(
        "warning",
        "That a question is there tells a hidden answer",
        "The question's `show_if` reads an answer that is hidden from some people. They cannot read the answer, but "
        "they can see that the question was asked, and so what the answer must be. Hide the question from them too "
        "if that matters.",
    ),
    "route-by-unknown": CodeEntry(
        "error",
        "The form is to be sent by an answer that does not exist",
        "`route_by` names the question whose answer decides where the form goes, such as `district`.",
    ),
    "sign-in-page-unknown": CodeEntry(
        "error",
        "People are to sign in at a page that does not exist",
        "`sign_in_from` is the id of a page. That page and all behind it are only for people who have signed in.",
    ),
    "stop-can-be-skipped": CodeEntry(
        "error",
        "People can get past a stop page by leaving a question blank",
        "A stop page is shown when its condition holds. A question that was left blank makes the condition neither "
        "true nor false, so the page is not shown and the form can be sent. Make every question mandatory that "
        "decides about the stop, and those that decide whether it is asked.",
    ),
    "stop-in-repeat": CodeEntry(
        "error",
        "A stop page stands in a list",
        "A page with `stop: true` ends the journey through the whole form; one page of one entry of a list cannot. Put "
        "the stop page behind the list, with a condition over the list.",
    ),
    "stop-without-condition": CodeEntry(
        "error",
        "A stop page stops everybody",
        "A page with `stop: true` ends the journey. Without `show_if` nobody could send the form. Say when it is "
        "shown, such as `show_if: consent is no`.",
    ),
    "too-many-outer-parts": CodeEntry(
        "error",
        "A condition inside a list reads too many answers from outside it",
        "A condition of an item may read up to three answers from outside the item, so that other programs can check "
        "submissions exactly. Put some of them together in a question before the list, or split the question.",
    ),
}
