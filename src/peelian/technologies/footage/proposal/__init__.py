"""Suggested redactions: what a detector finds, for a person to look through."""
