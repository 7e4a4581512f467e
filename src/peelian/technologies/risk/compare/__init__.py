"""The comparison of two instruments, or of two versions of one, on the same people."""
