"""Delivery: telling a mailbox of each submission, and telling another where that fails."""
