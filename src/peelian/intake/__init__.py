"""Intake: files become tables, and only the declared columns are read."""
