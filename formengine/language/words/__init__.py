"""The folders of `renderers/` and the words in them."""

from __future__ import annotations

from formengine.language.words.wording import UnknownTextError, Wording, display_text, words

__all__ = ["UnknownTextError", "Wording", "display_text", "words"]
