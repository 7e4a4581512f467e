"""The forty pictures of a detector trial, drawn once for a seed: it takes three seconds."""

from __future__ import annotations

from functools import cache

from peelian.technologies.footage.generality_sheet import Page, pages


@cache
def drawn(seed: int) -> tuple[Page, ...]:
    """The sheet of this seed."""
    return tuple(pages(seed))
