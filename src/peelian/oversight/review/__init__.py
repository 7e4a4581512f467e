"""Review of accesses: what must be explained, what stands out, what chance picks; week by week, a person signs."""
