"""Places and windows that every capability of mapping asks for, and what they may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from peelian.kernel.model.parameters import REQUIRED, choice, day, number
from peelian.measure.categories import CATEGORIES

ALL_REPORTED = "all"
NAMES = {ALL_REPORTED: "All reported incidents", **{word: one.title for word, one in CATEGORIES.items()}}
LONGEST_GAP_DAYS = 56  # from the newest incident to the window of a forecast
LONGEST_WINDOW_DAYS = 92
FINEST_METRES, COARSEST_METRES = 100, 5_000  # smaller cells mark single homes; only research with the library has them


def offences(names: Mapping[str, str] = NAMES) -> Any:
    """Which offences: of those that the data hold."""
    return choice(ALL_REPORTED, "Offence category", names, held="categories")


def cell_side() -> Any:
    """The side of a cell."""
    return number(250, "Cell size", FINEST_METRES, COARSEST_METRES, "m")


def days_long(default: int, help: str) -> Any:
    """The length of a window or a period."""
    return number(default, help, 1, LONGEST_WINDOW_DAYS, "days")


def next_day() -> Any:
    """The first day of a window to forecast."""
    return day(REQUIRED, "First day of the window", (1, LONGEST_GAP_DAYS))


def history_from() -> Any:
    """The day from which on the data are used."""
    return day("", "First day of history (empty: all data)", (0, 0))
