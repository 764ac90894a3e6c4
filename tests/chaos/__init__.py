"""Processes that are killed at every fault point, and what must be there afterwards."""
