"""What a back-test adds up, window by window, model by model: sums per block of ground and time, never a stored map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.measure.grid import Grid
from peelian.measure.sums import inner
from peelian.technologies.mapping.calibration import Calibration, calibration_of
from peelian.technologies.mapping.history import History
from peelian.technologies.mapping.metrics import (
    AREA_SHARES,
    LEAST_SHARE,
    brier,
    crps_and_ends,
    flagged,
    hits,
    jaccard,
    log_bits,
    possible_hits,
    ranked,
    shares_of,
)
from peelian.technologies.mapping.models.base import Forecast

Floats = NDArray[np.float64]

ADDED = (
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
class Blocks:
    """Ground cut into large squares: incidents in one of them in one window count as one draw of the bootstrap."""

    of_cell: NDArray[np.intp]
    count: int

    def sums(self, values: Floats) -> Floats:
        """Values per cell summed per block."""
        return np.bincount(self.of_cell, weights=values, minlength=self.count).astype(np.float64, copy=False)


def blocks_of(grid: Grid, block_metres: float, extent: tuple[float, float, float, float]) -> Blocks:
    """The blocks of a grid; `extent` (west, south, east, north in metres) numbers them alike on shifted grids."""
    west, south, east, north = extent
    cols, rows = (int((high - low) // block_metres) + 1 for low, high in ((west, east), (south, north)))
    x, y = grid.centres()
    col = np.clip(((x - west) // block_metres).astype(np.intp), 0, cols - 1)
    row = np.clip(((y - south) // block_metres).astype(np.intp), 0, rows - 1)
    return Blocks(of_cell=row * cols + col, count=rows * cols)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """What came in one window on one grid, and what every model is compared with there."""

    grid: Grid
    blocks: Blocks
    counts: Floats
    past: Floats  # counts of the history, for the recapture rate
    days: float

    @property
    def area(self) -> Floats:
        """Square kilometres per cell."""
        return self.grid.area_km2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Common:
    """Sums that do not depend on the model: incidents and the even spread's bits per block, the most hits possible."""

    n: Floats  # per block
    even_bits: Floats  # per block
    possible: Floats  # per area share
    cells: int
    cells_hit: int
    area_days: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tally:
    """One model's sums, per block (the first four), per area share (1, 5, 10 %), or over all.

    `bits` scores the shares of the cells, `level_bits` the expected counts: less `expected`, in bits, it is the
    Poisson log score up to what no model changes.
    """

    bits: Floats
    level_bits: Floats
    expected: Floats
    hits: Floats  # blocks x area shares, ties by lot
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


def outcome_of(grid: Grid, blocks: Blocks, counts: Floats, history: History, hours: float) -> Outcome:
    """The outcome of one window. O(cells + rows)."""
    return Outcome(grid=grid, blocks=blocks, counts=counts, past=history.counts(), days=hours / 24)


def common_of(outcome: Outcome) -> Common:
    """The sums of one window that all models share. O(cells log cells)."""
    even_shares = outcome.area / outcome.area.sum()
    return Common(
        n=outcome.blocks.sums(outcome.counts),
        even_bits=outcome.blocks.sums(log_bits(even_shares, outcome.counts)),
        possible=possible_hits(outcome.counts, outcome.area),
        cells=len(outcome.grid),
        cells_hit=int(np.count_nonzero(outcome.counts >= 0.5)),
        area_days=float(outcome.area.sum()) * outcome.days,
    )


def scored(forecast: Forecast, outcome: Outcome, before: Floats | None = None) -> Tally:
    """One model's sums of one window; `before` is what it named (5 % of the area) in the window before.

    O(cells log cells).
    """
    expected, counts, blocks = forecast.expected, outcome.counts, outcome.blocks
    ranking = ranked(expected, outcome.area)
    named = [flagged(ranking, share) for share in AREA_SHARES]
    found = [hits(ranking, counts, share) for share in AREA_SHARES]
    crps, below, upto = crps_and_ends(expected, forecast.shape, counts)
    stable = jaccard(named[STABILITY_SHARE], before) if before is not None else float("nan")
    return Tally(
        bits=blocks.sums(log_bits(shares_of(expected), counts)),
        level_bits=blocks.sums(log_bits(np.maximum(expected, LEAST_SHARE), counts)),
        expected=blocks.sums(expected),
        hits=np.stack([blocks.sums(member * counts) for member in named], axis=1),
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


def merged(tallies: Sequence[Tally], *, same_windows: bool = False) -> Tally:
    """Tallies as one. Blocks of different windows stand beside each other; those of the same windows (on grids moved
    by half a cell) add up. All other sums add in both cases. O(blocks).
    """
    per_block = _added if same_windows else np.concatenate
    sums: dict[str, Any] = {name: sum(getattr(t, name) for t in tallies) for name in ADDED}
    sums |= {
        name: per_block([getattr(t, name) for t in tallies]) for name in ("bits", "level_bits", "expected", "hits")
    }
    return replace(tallies[-1], calibration=reduce(Calibration.plus, [t.calibration for t in tallies]), **sums)


def merged_common(parts: Sequence[Common], *, same_windows: bool = False) -> Common:
    """As `merged`, for the sums that all models share."""
    per_block = _added if same_windows else np.concatenate
    return Common(
        n=per_block([part.n for part in parts]),
        even_bits=per_block([part.even_bits for part in parts]),
        possible=_added([part.possible for part in parts]),
        cells=sum(part.cells for part in parts),
        cells_hit=sum(part.cells_hit for part in parts),
        area_days=sum(part.area_days for part in parts),
    )


def _added(parts: Sequence[Floats]) -> Floats:
    return np.asarray(np.sum(parts, axis=0), dtype=np.float64)
