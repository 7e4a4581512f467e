"""The audit of human review."""
