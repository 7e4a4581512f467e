"""Operations: open an office, back it up, restore, examine, drill and keep it in order."""
