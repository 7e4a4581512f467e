"""Everybody's own page: what waits for them, and the searches that they saved."""
