"""Drafts: forms that people are filling in, and how they come back to them."""
