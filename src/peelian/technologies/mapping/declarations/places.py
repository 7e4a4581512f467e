"""Places and windows that every capability of mapping asks for, and what they may be."""

from __future__ import annotations

from peelian.errors import InputError, out_of_range
from peelian.measure.categories import CATEGORIES
from peelian.technologies.mapping.declarations.models import TITLES

ALL_REPORTED = "all"
LONGEST_WINDOW_DAYS = 92


def check_place_params(category: str, cell_metres: int, window_days: int, models: tuple[str, ...]) -> None:
    """InputError where category, cell size, window or a model is not valid."""
    if category != ALL_REPORTED and category not in CATEGORIES:
        raise InputError("unknown category", accepted=", ".join((ALL_REPORTED, *CATEGORIES)))
    if not 50 <= cell_metres <= 5_000:
        raise out_of_range("cell_metres", 50, 5_000)
    if not 1 <= window_days <= LONGEST_WINDOW_DAYS:
        raise out_of_range("window_days", 1, LONGEST_WINDOW_DAYS)
    for model in models:
        if model not in TITLES:
            raise InputError("unknown model", accepted=", ".join(TITLES))
