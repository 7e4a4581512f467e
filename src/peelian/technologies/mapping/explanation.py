"""Why each cell is selected: the part from earlier data, the part from recent incidents, and its area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.measure.grid import Grid
from peelian.measure.table import Table
from peelian.technologies.mapping.areas import Areas, main_area, overlap_km2
from peelian.technologies.mapping.declarations.explanation import HISTORY, REASONS
from peelian.technologies.mapping.history import History
from peelian.technologies.mapping.models.base import RECENT_HOURS, Fitted, Forecast, Window

MOST_PERIODS = 13  # of eight weeks: two years


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Places:
    """The names of all cells of a grid, and of the area each mostly lies in ("" where none is known)."""

    ids: NDArray[Any]
    areas: NDArray[Any]


def places_of(grid: Grid, areas: Areas | None) -> Places:
    """Names for every cell. O(cells + overlaps)."""
    names = np.array([*(areas.names if areas else ()), ""], dtype=object)
    where = main_area(overlap_km2(areas, grid)) if areas else np.full(len(grid), -1)
    return Places(ids=grid.ids(), areas=names[where])


def named_cells(forecast: Forecast, most: int) -> NDArray[np.intp]:
    """The `most` cells with the highest expected counts, highest first; equal ones in the grid's order."""
    return np.argsort(-forecast.expected, kind="stable")[:most]


def advice_table(
    fitted: Fitted, forecasts: tuple[Forecast, Forecast], cells: NDArray[np.intp], window: Window, places: Places
) -> Table:
    """One row per advised place: its expected count with interval, the long-run average's, and why.

    `forecasts` are the model's and the long-run average's. `all_reported` is the part of the expected count that all
    reported categories together bring. `recent_n` and `nearby_n` count incidents of the last eight
    weeks in the place and in the places around it. O(advised places x what an explanation costs).
    """
    forecast, bar = forecasts
    told = [fitted.explain(int(cell), window) for cell in cells]
    times = forecast.expected[cells] / np.array([one.background + one.recent for one in told])  # level and shift
    return REASONS.of(
        {
            "rank": np.arange(1, len(cells) + 1),
            "place": places.ids[cells],
            "area": places.areas[cells],
            "expected": forecast.expected[cells],
            "low": forecast.low[cells],
            "high": forecast.high[cells],
            "long_run": bar.expected[cells],
            "background": times * np.array([one.background for one in told], dtype=np.float64),
            "recent": times * np.array([one.recent for one in told], dtype=np.float64),
            "all_reported": times * np.array([one.all_reported for one in told], dtype=np.float64),
            "recent_n": np.array([one.recent_incidents for one in told], dtype=np.int64),
            "nearby_n": np.array([one.nearby_incidents for one in told], dtype=np.int64),
        }
    )


def history_table(history: History, cells: NDArray[np.intp], places: Places) -> tuple[Table, ...]:
    """What was recorded in each advised place, by whole periods of eight weeks, oldest first; none in a short history.

    O(periods x (rows + cells)).
    """
    whole = min(MOST_PERIODS, int(history.hours // RECENT_HOURS))
    starts = [history.until_hour - k * RECENT_HOURS for k in range(whole, 0, -1)]
    if not starts:
        return ()
    counts = [history.between(start, start + RECENT_HOURS).counts()[cells] for start in starts]
    days = np.array([int(start // 24) for start in starts], dtype="datetime64[D]")
    made = {
        "place": np.repeat(places.ids[cells], whole),
        "from_day": np.tile(days, len(cells)),
        "n": np.rint(np.stack(counts, axis=1).ravel()).astype(np.int64),
    }
    return (HISTORY.of(made),)
