"""Submissions: what was sent, each once, and its export as files."""
