"""Breach drills: when one is due, its cards, and how it is played."""
