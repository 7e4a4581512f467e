"""The audit of an instrument that scores people."""
