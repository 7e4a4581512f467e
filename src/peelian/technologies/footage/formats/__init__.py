"""Formats of footage: recordings, redaction plans, and the lists of calls and of recordings."""
