"""Codes of processes: what becomes of a form after it was sent."""

from __future__ import annotations

from formengine.language.diagnostics.codes.entry import CodeEntry

CODES: dict[str, CodeEntry] = {
    "bad-time-limit": CodeEntry(
        "error",
        "Not a length of time",
        "Deadlines are a whole number and a unit: minutes, hours, days, weeks, working hours or working days, such as "
        "`2 working days`. The hours of a working day are written `09:00 to 17:00`, or `00:00 to 24:00` for a team "
        "that works around the clock.",
    ),
    "letter-names-other": CodeEntry(
        "error",
        "A letter names something that must not be e-mailed",
        "E-mail can be read by others, so a letter names only `((reference))`, `((form))`, `((outcome))`, "
        "`((contact))` and `((link))`. Whatever else people are to know, they read after signing in.",
    ),
    "letter-without-contact": CodeEntry(
        "error",
        "The letter of an outcome does not say whom to talk to",
        "Whoever sent the form may disagree with its outcome. The letter of every outcome names `((contact))`.",
    ),
    "mailbox-missing": CodeEntry(
        "error",
        "Nobody would be told of some of the forms",
        "Every form that is sent must reach somebody: for each answer to `route_by`, urgent or not, one of "
        "`mailboxes:` has to take it, and one has to take alarms. A mailbox without `for:` takes every answer, one "
        "without `takes:` urgent and standard forms.",
    ),
    "move-never-open": CodeEntry(
        "error",
        "A move that nobody can ever choose",
        "Whatever is answered in the stage, the condition `when` of this move does not hold. Change the condition, or "
        "delete the move.",
    ),
    "move-without-goal": CodeEntry(
        "error",
        "A move that does not say where it leads",
        "A move has exactly one of `to:`, the id of a stage, and `ends:`, an outcome.",
    ),
    "moves-not-proved": CodeEntry(
        "warning",
        "It was not proved that every case can go on",
        "The moves of this stage hang on more answers than can be tried one by one. Ask fewer questions that decide "
        "about moves, or give one move no condition.",
    ),
    "not-in-a-stage": CodeEntry(
        "error",
        "A question that cannot be asked in a stage",
        "Staff answer a stage on one page. Lists stand there as rows (`layout: table`); files and signatures belong in "
        "the form.",
    ),
    "process-without-form": CodeEntry(
        "error",
        "A process of no form",
        "`process` is the id of the form that it belongs to, and both files stand in the same folder.",
    ),
    "question-not-asked": CodeEntry(
        "error",
        "A stage waits for the answer to a question that nobody has written",
        "`asks` is the id of a question of type `text` or `long_text` in every stage from which a case comes to wait: "
        "there staff write what they ask. Nobody else sees the other answers of the stage.",
    ),
    "stage-stuck": CodeEntry(
        "error",
        "A case could be stuck",
        "There is a way to answer the questions of the stage after which no move can be chosen, so the case would stay "
        "there for ever. Give a move a condition that covers it, or one move none.",
    ),
    "stage-unreached": CodeEntry(
        "error",
        "A stage that no case comes to",
        "From `starts_at`, no move leads there. Add a move to it, or delete the stage.",
    ),
    "stage-without-end": CodeEntry(
        "error",
        "A stage from which no case ends",
        "However a case goes on from there, it comes to no outcome. Add a move with `ends:`, or one that leads to a "
        "stage from which cases end.",
    ),
    "unknown-letter": CodeEntry(
        "error", "There is no such letter", "`letter` names one of the entries under `letters:` by its id."
    ),
    "unknown-outcome": CodeEntry(
        "error", "There is no such outcome", "`ends` names one of the entries under `outcomes:` by its id."
    ),
    "unknown-role": CodeEntry(
        "error", "There is no such role", "`by` names one of the entries under `roles:` by its id."
    ),
    "unknown-route": CodeEntry(
        "error",
        "A mailbox for an answer that nobody can give",
        "`for` holds codes of the answers to the form's `route_by`. A form without `route_by` has none.",
    ),
    "unknown-stage": CodeEntry(
        "error", "There is no such stage", "`to` and `starts_at` name one of `stages:` by its id."
    ),
    "unused-part": CodeEntry(
        "warning",
        "Something is declared that nothing uses",
        "No stage is the work of this role, no move ends in this outcome, or nothing sends this letter. Use it or "
        "delete it: what stands there unused was probably forgotten somewhere else.",
    ),
    "wait-ends-at-nobody": CodeEntry(
        "error",
        "A wait that does not end at a person",
        "`on_answer` and `when_late` lead to stages that are the work of a role: a case never waits for one answer "
        "after the other without anybody looking at it.",
    ),
    "urgent-is-later": CodeEntry(
        "error",
        "Urgent cases would get more time than others",
        "`urgent_deadline` is the time for urgent cases; at no hour of the week may it end later than `deadline`.",
    ),
}
