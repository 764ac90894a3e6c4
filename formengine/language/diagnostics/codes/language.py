"""Codes of the loader: keys, values and structure of the definition language."""

from __future__ import annotations

from formengine.language.diagnostics.codes.entry import CodeEntry

CODES: dict[str, CodeEntry] = {
    "bad-code": CodeEntry(
        "error",
        "A code cannot be used",
        "What stands before the colon of an option is its code: it is stored, sent and written in "
        "conditions, and people never see it. It is a short word or number without quotation marks, "
        "such as `not_known`, `A1` or `10`. People read the label after the colon.",
    ),
    "bad-id": CodeEntry(
        "error",
        "An id cannot be used",
        "An id is made of small letters, figures and underscores and begins with a letter, such as "
        "`first_name`. The names of forms, lists and fragments may also have hyphens, as their "
        "files do. Nobody who fills in the form sees them.",
    ),
    "bad-link": CodeEntry(
        "error",
        "An address does not begin with https://",
        "Copy the whole address from the browser. Addresses that begin with `http://` are not safe "
        "to follow and are refused.",
    ),
    "bad-pattern": CodeEntry(
        "error",
        "A pattern cannot be used",
        "A pattern must mean the same in every browser and every program that checks an answer. So "
        "it has characters, classes such as `[A-Z]`, groups, and repetitions such as `{2,4}`, but "
        "no `\\d`, no look-ahead and no full stop for any character.",
    ),
    "change-of-id-or-type": CodeEntry(
        "error",
        "A change would make another question",
        "With `change` a form may alter the label, the hint or whether an answer is required, but "
        "not the id or the type of a field: expressions in the used file rely on them. Leave the "
        "field out with `leave_out` and write your own.",
    ),
    "check-with-both": CodeEntry(
        "error",
        "A check both blocks and advises",
        "`else` keeps people from sending the form until the check holds; `warn` only advises. "
        "Decide which it is and delete the other.",
    ),
    "check-without-message": CodeEntry(
        "error",
        "A check says nothing",
        "A check needs the words that people read when it does not hold: after `else:` if they "
        "cannot send the form so, after `warn:` if it is only advice.",
    ),
    "duplicate-id": CodeEntry(
        "error",
        "An id is used twice",
        "Ids are one list for the whole form, whatever the page; only inside a group or a repeat a "
        "new list begins. Give one of the two another id.",
    ),
    "duplicate-option-label": CodeEntry(
        "warning",
        "Two options read the same",
        "People cannot tell two options with the same label apart. Give one of them another label, "
        "or delete it.",
    ),
    "empty-value": CodeEntry(
        "error",
        "Nothing stands behind a key",
        "Write the value after the colon or, for several lines, indented below it. If nothing is "
        "meant, delete the line. The words `null` and `~` mean nothing at all in YAML; in quotes "
        "they are ordinary words.",
    ),
    "exclusive-not-here": CodeEntry(
        "error",
        "An option that stands alone where only one can be chosen",
        "`exclusive: true` is for “None of these” among checkboxes: choosing it unticks the others. "
        "Where only one option can be chosen, delete the line; if several may be chosen, write "
        "`type: choices`.",
    ),
    "fields-and-pages": CodeEntry(
        "error",
        "A repeat has fields and pages",
        "What is asked for each entry stands either in `fields:`, all on one page, or in `pages:`. "
        "Move the fields to the first of the pages.",
    ),
    "include-outside": CodeEntry(
        "error",
        "A file outside the definitions folders",
        "A form can use lists and fragments beside it and in the definitions folders, by names such "
        "as `lists/gender`. Paths that lead elsewhere, endings and addresses are refused.",
    ),
    "insertion-not-here": CodeEntry(
        "error",
        "An answer cannot be inserted here",
        "Answers in double brackets can stand in labels, short labels, titles, hints, intros and "
        "notes, in `item_title`, `option_label` and calculated texts. Other texts are fixed.",
    ),
    "label-ends-with-colon": CodeEntry(
        "info",
        "A label ends with a colon",
        "Labels are questions or names of what is asked. A colon at the end is read out by screen "
        "readers and stands oddly in messages that repeat the label.",
    ),
    "limits-crossed": CodeEntry(
        "error",
        "The least is more than the most",
        "No answer can be at least 18 and at most 16. Change one of the two limits.",
    ),
    "misplaced-key": CodeEntry(
        "error",
        "A key stands in the wrong place",
        "The key exists, but it belongs to another part of the form. Most often the line is "
        "indented too far or not far enough, or the type is another than you think.",
    ),
    "missing-key": CodeEntry(
        "error",
        "Something necessary is missing",
        "Every part of a form has a few keys that it cannot do without, such as the label of a "
        "question. Add the line that the message names.",
    ),
    "name-mismatch": CodeEntry(
        "warning",
        "A file calls itself otherwise than its name",
        "Forms use lists and fragments by the names of their files. The first line repeats that "
        "name, so that it can be found again. Make the two the same.",
    ),
    "no-kind": CodeEntry(
        "error",
        "The file does not say what it is",
        "The first line of a definition says its kind and its name: `form:`, `list:`, `fragment:` "
        "or `portal:`.",
    ),
    "no-options": CodeEntry(
        "error",
        "There is nothing to choose",
        "A question with options needs at least one. Write each as `code: label` on a line of its "
        "own, or name a list such as `lists/gender`.",
    ),
    "number-out-of-range": CodeEntry(
        "error",
        "A number is too small or too large",
        "The key takes numbers within limits that the message names. Minutes of warning must lie "
        "within the session.",
    ),
    "options-twice": CodeEntry(
        "error",
        "Two sources of options",
        "A question takes its options either from `options` or, by `options_from`, from the people "
        "already entered. Keep one of the two.",
    ),
    "other-word": CodeEntry(
        "error",
        "Another word is used here",
        "The key is what other tools, or other parts of a form, call it. The help line names the "
        "word that is used here.",
    ),
    "otherwise-not-last": CodeEntry(
        "error",
        "The last case is not the last",
        "The cases of a calculated value are tried in order. `otherwise` is for when none of them "
        "applies, so it stands alone in the last line.",
    ),
    "question-without-short-label": CodeEntry(
        "warning",
        "A required question has no short label",
        "When the answer is missing people read “Enter …” or “Select …” with the name of what is "
        "asked. From a question no such sentence can be made. Add `short_label`, such as `whether "
        "agreement has been obtained`, or your own words under `messages: required:`.",
    ),
    "read-only-without-prefill": CodeEntry(
        "error",
        "Nobody can answer",
        "A field with `read_only: true` shows what `prefill` says and cannot be changed. Without "
        "`prefill` it would stay empty for ever.",
    ),
    "repeat-in-repeat": CodeEntry(
        "error",
        "A list inside a list",
        "An entry of a list cannot hold another list. Ask for it in a list of its own; with "
        "`options_from` people can say which entry it is about.",
    ),
    "required-on-group": CodeEntry(
        "error",
        "A whole group is called required",
        "Only questions can be required. Write `required: true` at each question that must be "
        "answered, in an address below the part (`parts:`, `postcode:`), for a list `min_items: 1`.",
    ),
    "reserved-id": CodeEntry(
        "error",
        "An id is a word that means something else",
        "Words such as `is`, `any`, `today`, `item` and `form` mean something in conditions, so "
        "that a question with that id could not be asked about. Every page sends `base`, `csrf`, `move`, "
        "`new` and `rev` beside the answers, so that a question with such an id would lose its answer; in a "
        "group or a list they are free. Choose another id.",
    ),
    "screen-and-paper-only": CodeEntry(
        "error",
        "Something stands nowhere",
        "`screen_only` keeps it off all paper, and `paper_only`, here or around it, keeps it off the "
        "screen. Keep the one that is meant.",
    ),
    "screen-only-question": CodeEntry(
        "error",
        "A question on screen alone",
        "What is asked on screen must be asked on paper, too: the form that comes back by post would lack "
        "the answer, and nobody would see that it is missing. `screen_only` is for notes, and for sections "
        "and pages that hold nothing but notes.",
    ),
    "screen-only-stop": CodeEntry(
        "error",
        "A stop on screen alone",
        "A page with `stop: true` tells people not to send the form. Whoever fills it in on paper needs that, too.",
    ),
    "too-many-files": CodeEntry(
        "error",
        "The form uses too many files",
        "A form uses at most 200 lists and fragments, so that no definition can keep the service busy.",
    ),
    "unknown-audience": CodeEntry(
        "error",
        "An unknown audience",
        "`hide_from` names an audience of the form, one of those listed at its top under "
        "`audiences:`. A copy for a name that does not exist would show everything.",
    ),
    "unknown-field-in-use": CodeEntry(
        "error",
        "A field that the used file does not have",
        "`change` and `leave_out` name fields of the file that `use` puts here, by their ids.",
    ),
    "unknown-form": CodeEntry(
        "error",
        "There is no such form",
        "A form is named by its id, which is also the name of its folder, or by the path of its file.",
    ),
    "unknown-fragment": CodeEntry(
        "error",
        "There is no such file to use",
        "`use: library/person` puts the fields of `library/person.yaml` here. It is sought beside "
        "the form and in the definitions folders.",
    ),
    "unknown-key": CodeEntry(
        "error",
        "An unknown key",
        "What stands before the colon is none of the keys that can stand here. Most often it is a "
        "slip of the pen; keys have small letters and underscores.",
    ),
    "unknown-list": CodeEntry(
        "error",
        "There is no such list",
        "`options: lists/gender` takes the options of `lists/gender.yaml`. It is sought beside the "
        "form and in the definitions folders.",
    ),
    "unknown-message": CodeEntry(
        "error",
        "Words for a rule that does not exist",
        "Under `messages:` each line names a rule of this question, such as `required` or "
        "`max_length`, with your own words for it. Words for any other rule would never be read.",
    ),
    "unknown-option": CodeEntry(
        "error",
        "A code that the list does not have",
        "`without` leaves options out of a list by their codes, which stand before the colons in "
        "the list's file.",
    ),
    "unknown-part": CodeEntry(
        "error",
        "A part that the type does not have",
        "The parts of an address are `house`, `street`, `town` and `postcode`, those of a person's "
        "name `first_name` and `last_name`. Others cannot be added; use a group for questions of "
        "your own.",
    ),
    "unknown-type": CodeEntry(
        "error",
        "An unknown type",
        "The type says what kind of answer is wanted, such as `text`, `date` or `choice`. Types "
        "have small letters and underscores.",
    ),
    "unknown-word": CodeEntry(
        "error",
        "A word that cannot stand here",
        "The key takes one of a few words, which the help line names.",
    ),
    "too-much-formatting": CodeEntry(
        "error",
        "A text holds too much formatting",
        "Stars, underscores, brackets and line ends are signs of formatting, and a text may hold up to 1,200 of them, "
        "all texts of a form together 12,000. No text for people comes near that.",
    ),
    "use-in-circles": CodeEntry(
        "error",
        "Files that use one another",
        "A file that uses itself, directly or by way of others, would never end. Write the fields "
        "out in one of them.",
    ),
    "wrong-boolean": CodeEntry(
        "error",
        "Neither true nor false",
        "The key takes `true` or `false`, in small letters and without quotes. For a condition "
        "there are other keys, such as `required_if` and `show_if`.",
    ),
    "wrong-day": CodeEntry(
        "error",
        "Not a day",
        "A fixed day is written as year, month and day: `2026-09-01`. `today` stands for the day on "
        "which the form is filled in.",
    ),
    "wrong-kind": CodeEntry(
        "error",
        "A file of another kind",
        "A list cannot stand where a fragment is wanted, nor a fragment where a form is. The first "
        "line of a file says its kind.",
    ),
    "wrong-number": CodeEntry(
        "error",
        "Not a number",
        "Numbers are written in figures alone, with a point before decimal places: `1000`, `2.5`.",
    ),
    "wrong-shape": CodeEntry(
        "error",
        "Something else is wanted here",
        "A key takes one text, a list whose entries begin with `- `, or further keys on lines of "
        "their own below it. The help line shows which.",
    ),
}
