"""For residents: the first page, what is near them, drills, receipts, the feed, and where to object."""
