"""The redacted copy of a recording."""
