"""Formats of audits: a stranger's file of people becomes counts, and nothing else of it is kept."""
