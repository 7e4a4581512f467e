"""The forms of sensors: what each capability asks, reads, emits and needs. Nothing here computes."""
