"""E-mail: the outbox, and the way to a mail server."""
