"""E-mail: the outbox, and delivery to a mail server."""
