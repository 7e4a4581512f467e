"""The forms of footage: what each capability asks, reads, emits and needs. Nothing here computes."""
