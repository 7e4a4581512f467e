"""Places and windows that every capability of mapping asks for, and what they may be."""

from __future__ import annotations

from peelian.errors import InputError, out_of_range
from peelian.measure.categories import CATEGORIES
from peelian.technologies.mapping.declarations.models import TITLES

ALL_REPORTED = "all"
NAMES = {ALL_REPORTED: "All reported incidents", **{word: one.title for word, one in CATEGORIES.items()}}
CATEGORY = {"help": "Offence category", "choices": tuple(NAMES), "names": NAMES, "held": "categories"}
"""How a form asks for the category: of those that the data hold."""
LONGEST_GAP_DAYS = 56  # from the newest incident to the window of a forecast
NEXT_DAY = {"help": "First day of the window", "day": (1, LONGEST_GAP_DAYS)}
TRAIN_FROM = {"help": "First day of history (empty: all data)", "day": (0, 0)}
"""How a form asks for a day, and which: so many days after the data's first day and after their last one."""
LONGEST_WINDOW_DAYS = 92
FINEST_METRES, COARSEST_METRES = 100, 5_000  # smaller cells mark single homes; only research with the library has them


def check_place_params(category: str, cell_metres: int, window_days: int, models: tuple[str, ...]) -> None:
    """InputError where category, cell size, window or a model is not valid."""
    if category != ALL_REPORTED and category not in CATEGORIES:
        raise InputError("unknown category", column="category", accepted=", ".join((ALL_REPORTED, *CATEGORIES)))
    if not FINEST_METRES <= cell_metres <= COARSEST_METRES:
        raise out_of_range("cell_metres", FINEST_METRES, COARSEST_METRES)
    if not 1 <= window_days <= LONGEST_WINDOW_DAYS:
        raise out_of_range("window_days", 1, LONGEST_WINDOW_DAYS)
    for model in models:
        if model not in TITLES:
            raise InputError("unknown model", column="model", accepted=", ".join(TITLES))
