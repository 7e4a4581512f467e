"""The forms of mapping: what each capability asks, reads, emits and needs. Nothing here computes."""
