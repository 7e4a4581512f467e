"""Watches and events: which stand, the live levels of zones, alarm outcomes, and the report after an event."""
