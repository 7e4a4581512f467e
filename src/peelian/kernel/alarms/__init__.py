"""Alarms: the state machine of an alarm, what operators do with it, and watches."""
