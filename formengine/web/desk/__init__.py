"""The pages of the desk, for staff."""
