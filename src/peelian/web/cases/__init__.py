"""Cases: asking, running, looking at, comparing, deciding, correcting and mapping one."""
