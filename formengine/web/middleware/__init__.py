"""Middleware around every request: errors and the log, CSRF, the number of large posts."""
