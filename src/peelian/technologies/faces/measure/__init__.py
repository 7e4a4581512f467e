"""Pure arithmetic of faces' audits, by noun: no case, no page."""
