"""The desk: what staff do with cases, each only with those that their roles cover."""
