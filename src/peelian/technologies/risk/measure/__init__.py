"""Arithmetic of audits: counts, what is suppressed, intervals and tests. It knows no capability and no page."""
