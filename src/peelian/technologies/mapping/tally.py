"""What a back-test adds up, window by window, model by model: sums per square of ground, never a stored map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.measure.grid import Grid
from peelian.measure.sums import inner
from peelian.technologies.mapping.calibration import Calibration, calibration_of
from peelian.technologies.mapping.comparison import SQUARE_METRES
from peelian.technologies.mapping.history import History
from peelian.technologies.mapping.metrics import (
    AREA_SHARES,
    LEAST_SHARE,
    brier,
    crps_and_ends,
    flagged,
    hits,
    jaccard,
    place_bits,
    possible_hits,
    ranked,
    shares_of,
)
from peelian.technologies.mapping.models.base import Forecast

Floats = NDArray[np.float64]

ADDED = (
    "bits",
    "level_bits",
    "hits",
    "best",
    "worst",
    "past_hits",
    "past",
    "named_cells",
    "named_hit",
    "brier",
    "crps",
    "windows",
    "alike",
    "compared",
)
STABILITY_SHARE = 1  # which of AREA_SHARES the Jaccard index compares from window to window: 5 %


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Squares:
    """Ground cut into squares of 2 km, row by row: of whole ones the regions are made that intervals leave out."""

    of_cell: NDArray[np.intp]
    shape: tuple[int, int]

    def sums(self, values: Floats) -> Floats:
        """Values per cell summed per square."""
        rows, cols = self.shape
        return np.bincount(self.of_cell, weights=values, minlength=rows * cols).astype(np.float64, copy=False)


def squares_of(grid: Grid, extent: tuple[float, float, float, float]) -> Squares:
    """The squares of a grid; `extent` (west, south, east, north in metres) numbers them alike on shifted grids."""
    west, south, east, north = extent
    cols, rows = (int((high - low) // SQUARE_METRES) + 1 for low, high in ((west, east), (south, north)))
    x, y = grid.centres()
    col = np.clip(((x - west) // SQUARE_METRES).astype(np.intp), 0, cols - 1)
    row = np.clip(((y - south) // SQUARE_METRES).astype(np.intp), 0, rows - 1)
    return Squares(of_cell=row * cols + col, shape=(rows, cols))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """What came in one window on one grid, and what every model is compared with there."""

    grid: Grid
    squares: Squares
    counts: Floats
    past: Floats  # counts of the history, for the recapture rate
    days: float

    @property
    def area(self) -> Floats:
        """Square kilometres per cell."""
        return self.grid.area_km2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Common:
    """Sums that do not depend on the model: incidents and the even spread's bits per square, the most hits possible."""

    n: Floats  # per square
    even_bits: Floats  # per square
    possible: Floats  # per area share
    cells: int
    cells_hit: int
    area_days: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tally:
    """One model's sums, per square (the first three), per area share (1, 5, 10 %), or over all.

    `bits` scores the shares of the cells, `level_bits` the expected counts, both as Poisson log scores in bits up to
    what no model changes.
    """

    bits: Floats
    level_bits: Floats
    hits: Floats  # squares x area shares, ties by lot
    best: Floats
    worst: Floats
    past_hits: Floats
    past: float
    named_cells: Floats
    named_hit: Floats
    brier: float
    crps: float
    windows: int
    alike: float
    compared: int
    calibration: Calibration
    last_named: Floats | None = None


def outcome_of(grid: Grid, squares: Squares, counts: Floats, history: History, hours: float) -> Outcome:
    """The outcome of one window. O(cells + rows)."""
    return Outcome(grid=grid, squares=squares, counts=counts, past=history.counts(), days=hours / 24)


def common_of(outcome: Outcome) -> Common:
    """The sums of one window that all models share. O(cells log cells)."""
    even_shares = outcome.area / outcome.area.sum()
    return Common(
        n=outcome.squares.sums(outcome.counts),
        even_bits=outcome.squares.sums(place_bits(outcome.counts.sum() * even_shares, outcome.counts)),
        possible=possible_hits(outcome.counts, outcome.area),
        cells=len(outcome.grid),
        cells_hit=int(np.count_nonzero(outcome.counts >= 0.5)),
        area_days=float(outcome.area.sum()) * outcome.days,
    )


def scored(forecast: Forecast, outcome: Outcome, before: Floats | None = None) -> Tally:
    """One model's sums of one window; `before` is what it named (5 % of the area) in the window before.

    O(cells log cells).
    """
    expected, counts, squares = forecast.expected, outcome.counts, outcome.squares
    ranking = ranked(expected, outcome.area)
    named = [flagged(ranking, share) for share in AREA_SHARES]
    found = [hits(ranking, counts, share) for share in AREA_SHARES]
    crps, below, upto = crps_and_ends(expected, forecast.shape, counts)
    stable = jaccard(named[STABILITY_SHARE], before) if before is not None else float("nan")
    return Tally(
        bits=squares.sums(place_bits(counts.sum() * shares_of(expected), counts)),
        level_bits=squares.sums(place_bits(np.maximum(expected, LEAST_SHARE), counts)),
        hits=np.stack([squares.sums(member * counts) for member in named], axis=1),
        best=np.array([h.best for h in found]),
        worst=np.array([h.worst for h in found]),
        past_hits=np.array([inner(member, outcome.past) for member in named]),
        past=float(outcome.past.sum()),
        named_cells=np.array([float(member.sum()) for member in named]),
        named_hit=np.array([float(member[counts >= 0.5].sum()) for member in named]),
        brier=brier(expected, forecast.shape, counts),
        crps=float(crps.mean()),
        windows=1,
        alike=0.0 if before is None else stable,
        compared=0 if before is None else 1,
        calibration=calibration_of(expected, counts, below, upto),
        last_named=named[STABILITY_SHARE],
    )


def merged(tallies: Sequence[Tally]) -> Tally:
    """The sums of several windows, or of grids moved by half a cell. O(tallies × squares)."""
    sums: dict[str, Any] = {name: sum(getattr(t, name) for t in tallies) for name in ADDED}
    return replace(tallies[-1], calibration=reduce(Calibration.plus, [t.calibration for t in tallies]), **sums)


def merged_common(parts: Sequence[Common]) -> Common:
    """As `merged`, for the sums that all models share."""
    return Common(**{field.name: sum(getattr(part, field.name) for part in parts) for field in fields(Common)})
