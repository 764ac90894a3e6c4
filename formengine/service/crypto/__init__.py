"""Keys, envelopes sealed with them, and the move to a new key."""
