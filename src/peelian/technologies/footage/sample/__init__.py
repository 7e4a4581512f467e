"""The random sample of recordings that supervisors review."""
