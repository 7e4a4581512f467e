"""How a process of Peelian's own is set up: the command line's, and every server that it starts."""

from __future__ import annotations

import gc

OBJECTS = 20_000  # made and kept since the last look; Python's own number is 700


def collect_seldom() -> None:
    """Look for what is no longer used once in 20,000 new objects.

    A use makes some tens that stay. At Python's own pace one call in twenty waited .2 ms and one in two hundred 1.4 ms
    while those that stay were looked at once more; now one in seven hundred waits. What refers to itself is freed some
    megabytes later. Not for a program that uses the package as a library: that one decides for itself.
    """
    gc.set_threshold(OBJECTS)
