"""Recordings: the library, review and redaction of one or many, and what the public sees of them."""
