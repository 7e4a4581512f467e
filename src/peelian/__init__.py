"""Peelian: policing technology for towns that cannot skip a safeguard."""

__version__ = "0.1.0"
