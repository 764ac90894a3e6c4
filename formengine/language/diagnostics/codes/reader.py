"""Codes of the reader: mistakes that prevent a file from being read as it was meant."""

from __future__ import annotations

from formengine.language.diagnostics.codes.entry import CodeEntry

CODES: dict[str, CodeEntry] = {
    "alias": CodeEntry(
        "error",
        "A reference with a star",
        "YAML reads `*name` as “repeat the part called name”. Forms don't use this. If the "
        "star belongs to a text, "
        "put the text in quotes; to use fields in two places, put them in a file of their own "
        "and write `use:`.",
    ),
    "anchor": CodeEntry(
        "error",
        "A part is given a YAML name with &",
        "YAML reads `&name` as a name for the part that follows. Forms don't use this. Leave "
        "it out, or put the text "
        "it belongs to in quotes.",
    ),
    "colon-in-text": CodeEntry(
        "error",
        "A colon ended a text too early",
        "A colon followed by a space or at the end of the line separates a name from its "
        "value. In a text that holds "
        'one, such as `label: Your name:`, put the whole text in quotes: `label: "Your name:"`.',
    ),
    "comma-cuts-text": CodeEntry(
        "error",
        "A comma inside braces cut a text",
        "Inside `{ }` a comma begins the next name, so a text with a comma loses its end. "
        "Write one name a line "
        "without braces, or put the text in quotes.",
    ),
    "curly-quotes": CodeEntry(
        "warning",
        "A text stands in typographic quotes",
        "Only the straight quotes \" and ' protect a text. Typographic quotes, which word "
        "processors put in, become "
        "part of the text and are shown to people. Use straight quotes, or put straight "
        "quotes round the whole.",
    ),
    "duplicate-key": CodeEntry(
        "error",
        "A name is written twice in one place",
        "Only one of two equal names could count, and it isn't said which. Keep one, or put "
        "the second under the "
        "part it belongs to.",
    ),
    "empty-file": CodeEntry(
        "error",
        "There is nothing in the file",
        "The file is empty or holds only remarks. A form begins with `form:` and its name.",
    ),
    "file-too-large": CodeEntry(
        "error",
        "The file is too long",
        "More than a million bytes are not read, so that no file can stop the service. Move "
        "lists of options and "
        "repeated fields into files of their own.",
    ),
    "file-unreadable": CodeEntry(
        "error",
        "The file can't be opened",
        "There is no such file, or it may not be opened. Check its name and folder.",
    ),
    "hash-cuts-text": CodeEntry(
        "error",
        "A # cut a text",
        "A space followed by # begins a remark, so `label: Flat # or name` shows only “Flat”. "
        "Put the text in quotes "
        "if the # belongs to it; move a remark to a line of its own above.",
    ),
    "hidden-character": CodeEntry(
        "error",
        "A character that can't be seen",
        "Control characters, odd line ends and characters that turn the reading direction "
        "make a file say something "
        "other than what it shows. Delete the character and type what is meant. Between double quotes a backslash "
        "can write such a character, too.",
    ),
    "key-not-text": CodeEntry(
        "error",
        "What stands in front of a colon isn't a name",
        "A list or braces stand where a name is due, or nothing does. Write the name, or put "
        "a text that is to be "
        "shown in quotes.",
    ),
    "merge-key": CodeEntry(
        "error",
        "A part is copied with <<",
        "Forms don't use YAML's way of copying parts. Put fields that are used twice in a "
        "file of their own and "
        "write `use:`.",
    ),
    "more-findings": CodeEntry(
        "info",
        "More findings are not listed",
        "Reading a file tells at most a hundred findings. Mend those and check again.",
    ),
    "nested-too-deep": CodeEntry(
        "error",
        "Parts stand inside each other too deep",
        "More than 40 levels are not read, so that no file can stop the service; a form needs "
        "about ten. Check the "
        "indentation and the brackets.",
    ),
    "no-break-space": CodeEntry(
        "error",
        "A no-break space stands where a space is needed",
        "Text copied from web pages or a word processor brings along a character that looks "
        "like a space. Delete it "
        "and press the space bar.",
    ),
    "no-colon": CodeEntry(
        "error",
        "A line has no name and colon",
        "Each line of a form is `name: value`, begins with a dash, or goes on with the text "
        "above it and then stands "
        "further in. Add the colon, or indent the line.",
    ),
    "no-space-after-colon": CodeEntry(
        "error",
        "A colon without a space after it",
        "`label:Name` is one word to YAML. Write a space after the colon: `label: Name`.",
    ),
    "no-space-after-dash": CodeEntry(
        "error",
        "A dash without a space after it",
        "`-id: x` isn't the start of an item. Write a space after the dash: `- id: x`.",
    ),
    "not-a-definition": CodeEntry(
        "error",
        "The file holds a list or a text only",
        "A definition is made of names and values. It begins with `form:`, `list:`, "
        "`fragment:` or `portal:`.",
    ),
    "not-utf-8": CodeEntry(
        "error",
        "The file isn't UTF-8 text",
        "Characters beyond plain English letters are stored in different ways; definitions "
        "use UTF-8. Save the file "
        "again with that encoding and look at its accents, dashes and quotes.",
    ),
    "odd-escape": CodeEntry(
        "error",
        "A backslash in double quotes means nothing",
        "In double quotes a backslash begins a special character, such as \\n. In single "
        "quotes it is an ordinary "
        "character: write patterns so.",
    ),
    "odd-first-character": CodeEntry(
        "error",
        "A text begins with a character that YAML keeps for itself",
        "A text can't begin with * & ! % @ ` | > , ] "
        "} or with a dash, question mark or colon and a space. Put the "
        "whole text in quotes.",
    ),
    "several-documents": CodeEntry(
        "error",
        "A second form begins in the file",
        "A line `---` or `...` ends the form, and what follows isn't read. Give each form a "
        "file of its own, or "
        "delete the line.",
    ),
    "tab-indent": CodeEntry(
        "error",
        "A tab in front of a line",
        "YAML lines are indented with spaces, two for each level. Set the editor to insert "
        "spaces, and replace the "
        "tabs that are there.",
    ),
    "tag": CodeEntry(
        "error",
        "A word that begins with !",
        "YAML reads such a word as a tag, which forms don't use. Leave it out, or put the "
        "text it belongs to in "
        "quotes.",
    ),
    "text-after-bracket": CodeEntry(
        "error",
        "A text begins with brackets or braces",
        "YAML reads `[ ]` as a list and `{ }` as names and values. Put the whole text in "
        "quotes. To insert an "
        "answer, write its name in double round brackets: `((first_name))`.",
    ),
    "text-after-quote": CodeEntry(
        "error",
        "A text goes on after its closing quote",
        '`label: "Joe" is here` ends at the second quote. Put the whole text in the other kind of quotes: '
        "`label: '\"Joe\" is here'`.",
    ),
    "text-too-long": CodeEntry(
        "error",
        "A text is too long",
        "A single text may have 50,000 characters, so that no file can stop the service. Check where it ends: a "
        "quote may not be closed.",
    ),
    "too-many-parts": CodeEntry(
        "error",
        "The file has too many parts",
        "More than 50,000 names, values and lists are not read, so that no file can stop the "
        "service. Move lists of "
        "options and repeated fields into files of their own.",
    ),
    "unclosed-bracket": CodeEntry(
        "error",
        "A bracket or brace isn't closed",
        "What is opened with [ or { must be closed with ] or }. If it belongs to a text, put "
        "the text in quotes.",
    ),
    "unclosed-quote": CodeEntry(
        "error",
        "A quote isn't closed",
        "A text that begins with a quote ends with the same quote. If the first character is "
        "an apostrophe, put the "
        "whole text in double quotes.",
    ),
    "unreadable-line": CodeEntry(
        "error",
        "A line can't be read",
        "The line isn't YAML, in a way that has no name here. Check its quotes, brackets and indentation.",
    ),
    "wrong-indent": CodeEntry(
        "error",
        "A line begins in the wrong column",
        "Lines that belong together begin in the same column; what belongs to a line stands "
        "two spaces further in. "
        "Move the line so that it fits.",
    ),
    "yaml-directive": CodeEntry(
        "error",
        "A line that begins with %",
        "YAML reads such a line as an instruction, which forms don't use. Delete it, or put "
        "the text after a name.",
    ),
    "zero-width-character": CodeEntry(
        "warning",
        "A character that has no width",
        "Text that is pasted from a web page or a word processor can bring characters along that nobody sees, such as "
        "a zero-width space. In a name, a type or an id it makes another word of it. It is read as if it were not "
        "there; delete it all the same, for other programs and searches trip over it.",
    ),
}  # fmt: skip
