"""The comparison of two matchers."""
