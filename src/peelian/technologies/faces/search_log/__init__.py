"""The audit of a search log."""
