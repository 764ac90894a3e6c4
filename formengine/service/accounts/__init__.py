"""Accounts: signing in and registering, profiles, sessions, codes and passwords."""
