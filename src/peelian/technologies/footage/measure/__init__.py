"""Arithmetic of footage: recordings, sound, plans, faces, tracks. It knows no capability and no page."""
