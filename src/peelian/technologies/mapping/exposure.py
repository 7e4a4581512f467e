"""Exposure by group: the share of each group that lives in the selected cells, against everyone else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from peelian.measure.sums import inners
from peelian.measure.table import Table
from peelian.technologies.mapping.areas import Areas
from peelian.technologies.mapping.declarations.exposure import EVERYBODY, EXPOSURE

Floats = NDArray[np.float64]

REPLICATES = 1_000
ABOVE_ALL = 1e300  # stands for a ratio over nothing while draws are put in order
LEAST_AREAS = 8  # fewer areas than this give no honest interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A ratio of two rates per head with its 95 % interval; 1 means alike, `high` inf that there is no upper end."""

    value: float
    low: float
    high: float


def covered_share(named: Floats, overlap: scipy.sparse.csr_array) -> Floats:
    """For each area the share of its ground inside the selected cells (`named`: 0 to 1 per cell). O(overlaps).

    Where the boundary is drawn from the areas, cells and areas cover the same ground.
    """
    ground = np.asarray(overlap.sum(axis=1), dtype=np.float64).ravel()
    inside = np.asarray(overlap @ named, dtype=np.float64)
    return np.divide(inside, ground, out=np.zeros(len(ground)), where=ground > 0)


def exposure_table(covered: Floats, areas: Areas, seed: int) -> Table:
    """By group: residents (n), share of them living in selected cells, ratios to others, with intervals.

    `covered` is the share of each area's residents inside those places; residents are taken to live evenly in their
    area. `against_others` divides a group's share by that of everybody outside the group. `halves` divides what a
    resident is exposed to in the half of the areas where the group's share of residents is highest by that in the
    other half (Sankin and others 2021). Intervals draw whole areas; one whose upper end is inf has none: in some draws
    nobody of the other side is exposed. O(replicates x areas x groups).
    """
    groups = {EVERYBODY: areas.residents, **areas.members}
    times = _draws(len(areas), seed)
    rows = [_row(covered, areas.residents, members, times) for members in groups.values()]
    residents = [round(float(members.sum())) for members in groups.values()]
    return EXPOSURE.of(dict(zip(EXPOSURE.columns, ([*groups], residents, *zip(*rows, strict=True)), strict=True)))


def ratios_against_others(covered: Floats, areas: Areas, seed: int) -> dict[str, Ratio]:
    """By group: its exposure per head over that of everybody outside it, as in `exposure_table`, with its interval.

    The interval is nan with fewer than eight areas. O(replicates × areas × groups).
    """
    times = _draws(len(areas), seed)
    made = {}
    for label, members in areas.members.items():
        value, low, high = _row(covered, areas.residents, members, times)[3:6]
        few = len(areas) < LEAST_AREAS
        made[label] = Ratio(value=value, low=float("nan") if few else low, high=float("nan") if few else high)
    return made


def _row(covered: Floats, residents: Floats, members: Floats, times: Floats) -> list[float]:
    others = residents - members
    share = _per_head(covered * members, members, None)
    share_low, share_high = _ends(_per_head(covered * members, members, times))
    if float(others.sum()) <= 0:
        return [float(share), share_low, share_high, *[float("nan")] * 6]
    against = _divided(share, _per_head(covered * others, others, None))
    many = _divided(_per_head(covered * members, members, times), _per_head(covered * others, others, times))
    upper = _upper_half(residents, members)
    halves = _halves(covered * residents, residents, upper, None)
    half_ends = _ends(_halves(covered * residents, residents, upper, times))
    return [float(share), share_low, share_high, float(against), *_ends(many), float(halves), *half_ends]


def _upper_half(residents: Floats, members: Floats) -> NDArray[np.int8]:
    """1 for areas at or above the median share of the group, 0 below, -1 without residents."""
    some = residents > 0
    share = np.divide(members, residents, out=np.zeros(len(residents)), where=some)
    median = float(np.median(share[some])) if some.any() else 0.0
    return np.where(some, (share >= median).astype(np.int8), -1).astype(np.int8)


def _halves(exposed: Floats, residents: Floats, upper: NDArray[np.int8], times: Floats | None) -> Floats:
    parts = [
        _per_head(np.where(upper == side, exposed, 0.0), np.where(upper == side, residents, 0.0), times)
        for side in (1, 0)
    ]
    return _divided(parts[0], parts[1])


def _per_head(exposed: Floats, heads: Floats, times: Floats | None) -> Floats:
    """Σ exposed / Σ heads, once or for every draw of areas."""
    if times is None:
        return _divided(np.float64(exposed.sum()), np.float64(heads.sum()))
    return _divided(inners(times, exposed), inners(times, heads))


def _divided(above: Floats | np.float64, below: Floats | np.float64) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.true_divide(above, below), dtype=np.float64)


def _draws(areas: int, seed: int) -> Floats:
    generator = np.random.default_rng(seed)
    return generator.multinomial(areas, np.full(areas, 1 / areas), size=REPLICATES).astype(np.float64)


def _ends(many: Floats) -> tuple[float, float]:
    """The 95 % percentile interval. A ratio over nobody exposed lies above every other: an end among those is inf.

    nan where draws in which nobody at all is exposed could move an end.
    """
    unknown, endless = np.isnan(many), np.isposinf(many)
    if np.count_nonzero(unknown) > 0.01 * len(many):
        return float("nan"), float("nan")
    known = np.where(endless, ABOVE_ALL, many)[~unknown]
    low, high = (float("inf") if end > ABOVE_ALL / 1e6 else float(end) for end in np.quantile(known, (0.025, 0.975)))
    return low, high
