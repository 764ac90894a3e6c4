"""What authors write: text with its places, YAML, expressions, field types, Markdown, words, and a definition."""
