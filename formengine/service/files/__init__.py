"""Uploaded files: judged, sealed, scanned."""
