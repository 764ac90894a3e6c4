"""The words of the definition language as far as the reader needs them to recognise text."""

from __future__ import annotations

# Keys whose values are names, codes, numbers or expressions. A remark after one of these cuts nothing that
# people read. Everything else may be text, so there a remark is refused: a cut label looks like a whole one.
WITHOUT_TEXT = frozenset({
    "form", "list", "fragment", "portal", "version", "id", "type", "use", "required", "required_if",
    "show_if", "urgent_if", "route_by", "that", "when", "value", "max_length", "min_length", "minimum",
    "maximum", "decimal_places", "max_choices", "max_files", "max_size_mb", "min_items", "max_items",
    "accept", "options_from", "prefill", "read_only", "paper_only", "screen_only", "hide_from", "basis",
    "renamed_from", "presentation", "menu", "required_mark", "human_test", "access", "sign_in_from",
    "session", "timeout_minutes", "warn_minutes", "conditions", "leave_out", "change", "without", "at",
    "stop", "sort", "exclusive", "not_known", "item_name", "task", "for", "codes", "link", "pattern",
    "audience", "fields", "pages", "start", "parts", "check", "submit", "notices", "exit_page",
})  # fmt: skip
TEXT_MAPPINGS = frozenset({"options", "messages", "audiences"})

WITH_TEXT = frozenset(
    {
        "button",
        "else",
        "hint",
        "intro",
        "item_title",
        "label",
        "option_label",
        "short_label",
        "text",
        "title",
        "warn",
    }
)
"""Keys whose values people read."""
