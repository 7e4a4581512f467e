"""A folder here is a technology: arithmetic plus a declaration."""
