"""Breach drills as they are played: the desk, the player's room, the self-test, and the mark on every page."""
