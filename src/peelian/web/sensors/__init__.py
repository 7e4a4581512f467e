"""Sensors: the public register, the live page, proposals, and the door for readings."""
