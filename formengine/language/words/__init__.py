"""What formengine says to people: the texts of `renderers/words`, of themes and of field types."""

from __future__ import annotations

from formengine.language.words.wording import UnknownTextError, Wording, display_text, words

__all__ = ["UnknownTextError", "Wording", "display_text", "words"]
