"""The forms of risk: what each capability asks, reads, emits and needs. Nothing here computes."""
