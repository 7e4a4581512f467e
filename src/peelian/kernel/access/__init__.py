"""Access: which sealed object may be opened now, and by whom a dataset may be used."""
