"""Disclosure: checks at intake and at release, suppression of small counts, noise."""
