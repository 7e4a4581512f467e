"""The features of a cell: counts of recorded incidents here and nearby, by how long ago."""

from __future__ import annotations

import numpy as np

from peelian.technologies.mapping.history import Floats, History

HERE_DAYS = (7, 14, 28, 56, 91, 182, 364)
AROUND_DAYS = (14, 28, 56, 182, 364)  # in the eight cells that touch
WIDE_DAYS = (28, 182, 364)  # in the 24 cells within two
HALF_LIVES_DAYS = (14.0, 60.0, 365.0)
SEASON_DAYS = 28  # on either side of the same day last year
FEATURES = (
    *(f"here_{days}_days" for days in HERE_DAYS),
    "here_ever",
    *(f"around_{days}_days" for days in AROUND_DAYS),
    "around_ever",
    *(f"wide_{days}_days" for days in WIDE_DAYS),
    *(f"fading_{days:.0f}_days" for days in HALF_LIVES_DAYS),
    "season_last_year",
    "season_around_last_year",
)


def cell_features(history: History) -> Floats:
    """float64[cells, 22] at the end of the history: more incidents always mean larger features. O(rows + cells).

    float64[cells, 44] where the dataset has other reported categories: then the same of all of them together.
    """
    own, every = _counted(history), history.all_reported
    return own if every is None else np.column_stack([own, _counted(every)])


def as_if_alone(features: Floats) -> Floats:
    """The features had the other categories had no incident: 22 columns stay as they are."""
    own = features[:, : len(FEATURES)]
    return (
        np.column_stack([own, np.minimum(own, features[:, len(FEATURES) :])])
        if features.shape[1] > len(FEATURES)
        else own
    )


def _counted(history: History) -> Floats:
    until, grid = history.until_hour, history.grid
    recent = {days: history.counts(until - days * 24.0) for days in {*HERE_DAYS, *AROUND_DAYS, *WIDE_DAYS}}
    ever = history.counts()
    year = until - 364 * 24.0
    season = history.between(year - SEASON_DAYS * 24.0, year + SEASON_DAYS * 24.0).counts()
    age = (until - history.hour) / 24
    columns = [recent[days] for days in HERE_DAYS] + [ever]
    columns += [_around(history, recent[days], 1) for days in AROUND_DAYS] + [_around(history, ever, 1)]
    columns += [_around(history, recent[days], 2) for days in WIDE_DAYS]
    for days in HALF_LIVES_DAYS:
        fading = history.weight * 0.5 ** (age / days)
        columns.append(np.bincount(history.cell, weights=fading, minlength=len(grid)).astype(np.float64))
    columns += [season, _around(history, season, 1)]
    return np.column_stack(columns)


def _around(history: History, counts: Floats, reach: int) -> Floats:
    """Counts of the cells within `reach` rows and columns, the cell itself left out."""
    plane = np.pad(history.grid.raster(counts), reach)
    rows, cols = history.grid.shape
    total = np.zeros((rows, cols))
    for up in range(2 * reach + 1):
        for across in range(2 * reach + 1):
            total += plane[up : up + rows, across : across + cols]
    return history.grid.cells(total) - counts
