"""Drafts: what people are filling in, and how they come back to it."""
