"""Demonstrations: whole uses on real data, and a trial on a visitor's own file."""
