"""The audit of candidate lists."""
