"""The operator's console: alarms, shift, zones, and the event plans that they follow."""
