"""The current state of an office, derived from its log."""
