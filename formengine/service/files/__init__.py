"""Uploaded files: checked, sealed, scanned for viruses."""
