"""Drift of an instrument over time."""
