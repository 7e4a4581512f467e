"""The forms of crowd: what each capability asks, reads, emits and needs. Nothing here computes."""
