"""Encryption at rest: the keyring, sealed envelopes, and rotation to a new key."""
