"""Codes of conditions, checks and inserted answers."""

from __future__ import annotations

from formengine.language.diagnostics.codes.entry import CodeEntry

CODES: dict[str, CodeEntry] = {
    "and-or-mixed": CodeEntry(
        "error",
        "`and` and `or` stand side by side without brackets",
        "`a and b or c` can be read in two ways, and people differ in how they read it. Put "
        "brackets round what belongs together: `(a and b) or c`, or `a and (b or c)`.",
    ),
    "answer-as-condition": CodeEntry(
        "error",
        "An answer stands alone where a condition is expected",
        "A name alone is a condition only if it is one of those under `conditions:`. For an "
        "answer, say what it should be: `consent is yes`, `unborn is ticked`, `name is answered`.",
    ),
    "answers-do-not-compare": CodeEntry(
        "error",
        "Two answers of different kinds are compared",
        "A number can be compared with a number, a date with a date, text with text, a choice "
        "with a choice, and money only with money.",
    ),
    "brackets-differ": CodeEntry(
        "error",
        "A bracket is missing or one too many",
        "Each `(` needs its `)`. Count them from the inside out, or give the inner part a name "
        "under `conditions:`.",
    ),
    "brackets-missing": CodeEntry(
        "error",
        "`where` stands without brackets",
        "What is asked of the items of a list stands in brackets, so that it is plain where it "
        "ends: `any of children where (subject is yes)`.",
    ),
    "capital-letters": CodeEntry(
        "error",
        "A word of an expression has capital letters",
        "The words of an expression, such as `and`, `or`, `not` and `is`, are written small.",
    ),
    "stray-comma": CodeEntry(
        "error",
        "A comma stands where only one value can be",
        "Several values follow `is one of` or `includes any of`. Between two conditions stands "
        "`and` or `or`, never a comma.",
    ),
    "compares-two-answers": CodeEntry(
        "error",
        "A condition compares two answers",
        "A condition compares one answer with a fixed value, so that every page can be proved "
        "reachable. Two answers are compared in a `check`, with `that:` and `else:`.",
    ),
    "compares-with-itself": CodeEntry(
        "error",
        "An answer is compared with itself",
        "The comparison always comes out the same. One of the two names is probably meant to be another.",
    ),
    "comparison-words": CodeEntry(
        "error",
        "An amount, an age or a day is compared in words that expressions do not know",
        "Amounts are compared with `at least`, `at most`, `more than`, `less than`; days with "
        "`before`, `on or before`, `after`, `on or after`. An age is how long ago the date of "
        "birth is: `date_of_birth is less than 16 years ago`.",
    ),
    "condition-as-answer": CodeEntry(
        "error",
        "A condition is used like an answer",
        "What stands under `conditions:` holds or does not hold; it has no value. Write its name "
        "alone, or `not` before it.",
    ),
    "condition-cycle": CodeEntry(
        "error",
        "A condition uses itself",
        "A condition that uses itself, directly or by way of others, can never be decided. Write "
        "out what is meant in one of them.",
    ),
    "shortened-word": CodeEntry(
        "error",
        "A word is shortened with an apostrophe",
        "Expressions know `is not` and `does not include`, but not `isn't` and `doesn't`.",
    ),
    "date-format": CodeEntry(
        "error",
        "A date is written in another order",
        "Dates in a form's file are written as year, month and day, such as `2026-09-01`, so that"
        " nobody has to guess which is the month. People who fill in the form see them in words.",
    ),
    "expression-empty": CodeEntry(
        "error",
        "A condition is empty",
        "The key is written and nothing follows it. Write a condition, or delete the key.",
    ),
    "expression-too-large": CodeEntry(
        "error",
        "An expression is too large",
        "Expressions are limited in length, in brackets within brackets, and in what they grow to"
        " with the conditions they use. Give parts of it names under `conditions:`, and see "
        "whether all of it is needed.",
    ),
    "expression-unreadable": CodeEntry(
        "error",
        "An expression cannot be read",
        "Something stands where nothing of the kind can stand. The caret shows the first place "
        "that cannot be read; the slip may be just before it.",
    ),
    "filler-word": CodeEntry(
        "error",
        "An expression has a word too many",
        "An expression is only the condition itself, without `if`, `when`, `then`, `either` or `both`.",
    ),
    "impossible-date": CodeEntry(
        "error",
        "A date is not in the calendar",
        "There is no such day, for instance 30 February. Correct the day or the month.",
    ),
    "insert-empty": CodeEntry(
        "error",
        "Double brackets are empty",
        "Between double brackets stands the name of an answer that is to appear in the text.",
    ),
    "insert-in-expression": CodeEntry(
        "error",
        "An expression names an answer in double brackets",
        "Double brackets are for text. In an expression an answer's name stands as it is.",
    ),
    "insert-unclosed": CodeEntry(
        "error",
        "Double brackets are opened and not closed",
        "Each `((` that puts an answer into a text needs its `))`. For ordinary brackets in the "
        "text, use single ones.",
    ),
    "insert-unreadable": CodeEntry(
        "error",
        "Double brackets hold something that is not a name",
        "Between double brackets stands the name of an answer, and after `or` what is said when "
        "it is missing: `((child.first_name or the child))`.",
    ),
    "item-not-asked": CodeEntry(
        "info",
        "A question about all items reads an answer that not every item has",
        "In an item where the answer is not asked for, the condition can be neither true nor "
        "false, so `all of`, `none of` and `at most` never become true. Add inside the brackets "
        "what decides whether it is asked.",
    ),
    "list-as-answer": CodeEntry(
        "error",
        "A list is used like one answer",
        "A list holds items. Ask with `any of … where (…)`, `all of`, `none of` or `count of`.",
    ),
    "list-words": CodeEntry(
        "error",
        "Several values or items are asked for in words that expressions do not know",
        "Write `is one of a, b` for one answer, `includes any of a, b` for several ticked "
        "options, and `any of`, `all of`, `none of` or `count of` for the items of a list.",
    ),
    "name-ambiguous": CodeEntry(
        "error",
        "A name could mean two answers",
        "The item has an answer of this name, and there is another one outside it. Write `item.` "
        "before the name for the item's own, `form.` for the other.",
    ),
    "name-as-value": CodeEntry(
        "error",
        "The name of an answer stands where a fixed value is expected",
        "After `is` stands an option's code, a number, a date or text. To compare two answers, "
        "write `is the same as` in a `check`.",
    ),
    "name-in-list": CodeEntry(
        "error",
        "An answer in a list is read from outside the list",
        "It has one answer for each item. Ask with `any of … where (…)`, `all of`, `none of` or `count of`.",
    ),
    "name-is-group": CodeEntry(
        "error",
        "A group is used like one answer",
        "A group holds several answers. Name one of them, with the group's id before it: `child.first_name`.",
    ),
    "name-later": CodeEntry(
        "error",
        "An answer is read before it is asked",
        "An expression sees only what is asked before it, so that answers never depend on each "
        "other in a circle. Move one of the two.",
    ),
    "name-no-value": CodeEntry(
        "error",
        "Something without an answer is read",
        "Notes, sections and what only stands on paper have no answer. An expression reads fields.",
    ),
    "name-outside-where": CodeEntry(
        "error",
        "A condition on items reads an answer outside the list",
        "Inside `where (…)` only the items' own answers can be read. Put the other test in front:"
        " `urgency is urgent and any of children where (…)`.",
    ),
    "name-own-list": CodeEntry(
        "error",
        "An item reads its own list",
        "While an item is filled in, its list is not complete. Ask about the whole list after it,"
        " or in a `check` on the list.",
    ),
    "needs-quotes": CodeEntry(
        "error",
        "A value needs quotation marks",
        "A value with spaces, with accents, or that is one of the language's own words (`none`, "
        '`any`, `today`) stands in straight double quotes: `includes "none"`.',
    ),
    "not-a-list": CodeEntry(
        "error",
        "`of` is followed by something that is not a list",
        "After `any of`, `all of`, `none of` and `count of` stands the id of a field of type `repeat`.",
    ),
    "number-format": CodeEntry(
        "error",
        "A number has a sign or a unit",
        "Write only the figures, with a point for decimals. An amount of money is written in pounds.",
    ),
    "of-missing": CodeEntry(
        "error",
        "`of` is missing",
        "Lists are asked with `any of`, `all of`, `none of` and `count of`.",
    ),
    "operator-does-not-fit": CodeEntry(
        "error",
        "An answer is asked something that its kind cannot be asked",
        "A tick box is `ticked`, several options are asked with `includes`, numbers with `at "
        "least` and the like, dates with `before` and `after`.",
    ),
    "reserved-word": CodeEntry(
        "error",
        "A word of the language is used as a name",
        "Words such as `today`, `count` or `one` have a meaning in expressions, so no field can "
        "have one as its id.",
    ),
    "silent-while-unanswered": CodeEntry(
        "info",
        "A condition is not true while its answer is missing",
        "An answer that is missing makes nothing true: `consent is not yes` shows nothing until "
        "consent is answered. If it should, write `(consent is not answered or consent is not "
        "yes)`.",
    ),
    "state-as-value": CodeEntry(
        "error",
        "A state is written like a value",
        "Whether something was answered is asked with `is answered` and `is not answered`, a tick"
        " box with `is ticked` and `is not ticked`.",
    ),
    "symbol-not-word": CodeEntry(
        "error",
        "An expression has a symbol instead of a word",
        "Expressions are in words: `is`, `is not`, `is at least`, `and`, `or`, `not`. They do no arithmetic.",
    ),
    "text-is-exact": CodeEntry(
        "info",
        "Free text is compared letter by letter",
        "People write the same thing in many ways, so the condition will often miss. A `choice` "
        "or `yes_no` field can be tested reliably.",
    ),
    "thousands-comma": CodeEntry(
        "error",
        "A number has a comma",
        "A comma separates values. Write numbers without it: `1000`.",
    ),
    "true-of-empty-list": CodeEntry(
        "info",
        "A question about all items is true of an empty list",
        "`all of` and `none of` are true when there are no items. If there must be one, add `and "
        "count of … is at least 1`.",
    ),
    "unit-missing": CodeEntry(
        "error",
        "A length of time is incomplete",
        "Write how many days, weeks, months or years, and from when: `18 years ago`, `4 weeks from today`.",
    ),
    "unknown-name": CodeEntry(
        "error",
        "Nothing has this name",
        "The name is in nothing that can be read here. Ids inside a group need the group's id "
        "before them: `child.first_name`.",
    ),
    "unknown-unit": CodeEntry(
        "error",
        "A unit of time is not known",
        "Expressions count in days, weeks, months and years.",
    ),
    "unknown-verb": CodeEntry(
        "error",
        "A test is in words that expressions do not know",
        "The tests are `is`, `is one of`, `includes`, `starts with`, `is answered`, `is ticked`, "
        "and the comparisons of numbers and dates.",
    ),
    "value-after-or": CodeEntry(
        "error",
        "A value stands alone after `or` or `and`",
        "Each side of `or` and `and` is a whole condition. For several values of one answer write"
        " `is one of a, b`.",
    ),
    "value-does-not-fit": CodeEntry(
        "error",
        "A value is not of the answer's kind",
        "A number is compared with a number, a date with a date such as `2026-09-01`, a time with"
        " a time such as `14:30`.",
    ),
    "where-missing": CodeEntry(
        "error",
        "A list is named without saying what is asked of its items",
        "Write what must hold of an item in brackets: `any of children where (subject is yes)`. "
        "To ask only how many there are, write `count of children is at least 1`.",
    ),
    "wrong-quotes": CodeEntry(
        "error",
        "A value has the wrong quotation marks",
        "Values stand between straight double quotes. Single quotes and the curly ones of word "
        "processors are not read.",
    ),
}
