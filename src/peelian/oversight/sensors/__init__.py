"""Sensors: the gate that they speak to, their health and gaps, warrants, released days, and the public register."""
