"""The forms of faces: what each capability asks, reads, emits and needs. Nothing here computes."""
