"""Codes of the portal's definition."""

from __future__ import annotations

from formengine.language.diagnostics.codes.entry import CodeEntry

CODES: dict[str, CodeEntry] = {
    "bad-email": CodeEntry(
        "error",
        "Not an e-mail address",
        "Write the address that people see, such as `front.door@example.org`. The address that mail "
        "is sent to stands in the service's configuration.",
    ),
    "bad-telephone": CodeEntry(
        "error",
        "Not a telephone number",
        'Write the number in figures and spaces, such as `03000 41 11 11`; a short one in quotes: `"999"`.',
    ),
    "contact-without-way": CodeEntry(
        "error",
        "A contact that cannot be reached",
        "A contact has at least one of `telephone`, `email` and `link`.",
    ),
    "leads-nowhere": CodeEntry(
        "error",
        "A tile or link that opens nothing",
        "Every tile and every link opens a form, a page of text below, or an address: one of "
        "`form:`, `page:` and `link:`.",
    ),
    "leads-two-ways": CodeEntry(
        "error",
        "A tile or link that opens more than one thing",
        "A tile or link has exactly one of `form:`, `page:` and `link:`.",
    ),
    "unknown-contact": CodeEntry(
        "error",
        "There is no such contact",
        "`contact` names one of the entries under `contacts:` by its id.",
    ),
    "unknown-page": CodeEntry(
        "error",
        "There is no such page",
        "`page` names one of the pages of text under `pages:` by its id.",
    ),
}
