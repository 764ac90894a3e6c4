"""Submissions: what was sent, each once, and what it is handed over as."""
