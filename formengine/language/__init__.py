"""What authors write: text with source spans, YAML, expressions, field types, Markdown, words, definitions."""
