"""Codes of formatted text."""

from __future__ import annotations

from formengine.language.diagnostics.codes.entry import CodeEntry

CODES: dict[str, CodeEntry] = {
    "unsupported-link": CodeEntry(
        "warning",
        "A link leads somewhere a form may not lead",
        "Links begin with `https://`, `http://`, `mailto:` or `tel:`. Any other is shown as plain text.",
    ),
    "unsupported-markup": CodeEntry(
        "warning",
        "Formatting that forms do not have",
        "Texts may have paragraphs, headings from `##` on, **bold** and *emphasis*, lists, links and quotations. "
        "Everything else, such as HTML, pictures and code, is shown as it is written.",
    ),
}
