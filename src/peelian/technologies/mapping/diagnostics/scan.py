"""The space-time scan: is there a place and a time with more incidents than the baseline leaves to chance?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.technologies.mapping.history import History
from peelian.technologies.mapping.kernels.cylinders import disk_sums, disks, ratios, runs, simulated_maxima
from peelian.technologies.mapping.models.shares import even, shrunk

Floats = NDArray[np.float64]

LEAST_CASES = 20
LEAST_BASELINE = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPlan:
    """Periods looked at and their length, radii (m), the longest run of periods, and how the largest is judged.

    `prospective` looks only at runs that reach the last period: what is going on now.
    """

    period_days: float = 7.0
    periods: int = 8
    radii_metres: tuple[float, ...] = (0.0, 250.0, 500.0, 750.0, 1000.0)
    longest: int = 4
    prospective: bool = True
    simulations: int = 999
    seed: int = 0
    most: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A cylinder: its middle (cell number), radius (m), first and last period (0 = first looked at), and its counts.

    `p` = (1 + simulations whose largest ratio is at least this one) / (simulations + 1): it already holds for having
    looked everywhere.
    """

    cell: int
    radius_metres: float
    first: int
    last: int
    observed: float
    expected: float
    log_ratio: float
    p: float


def scan(history: History, plan: ScanPlan) -> tuple[Cluster, ...]:
    """The cylinders with the largest excess over the earlier years, at most `plan.most`, none overlapping another.

    The baseline of a cell is its long-run share before the periods searched, shrunk like the long-run average, times
    the number of incidents in them; all periods are taken as alike. Kulldorff 1997 (Poisson), 2001 (prospective). The
    simulations know that the baseline is an estimate.
    O(simulations × (incidents + cells × radii × runs)).
    """
    counts, baseline, rests_on = cubes(history, plan)
    spans = runs(plan.periods, plan.longest, plan.prospective)
    widths = disks(tuple(radius / history.grid.cell_metres for radius in plan.radii_metres))
    total = float(counts.sum())
    cases, expected = disk_sums(counts, spans, widths), disk_sums(baseline, spans, widths)
    setting = (plan.simulations, plan.seed)
    maxima = simulated_maxima(baseline, expected, (spans, widths), round(total), setting, rests_on=rests_on)
    return _clusters(history, plan, (cases, expected, ratios(cases, expected, total)), maxima)


def cubes(history: History, plan: ScanPlan) -> tuple[Floats, Floats, float]:
    """Counts and baseline, float64[periods, rows, cols] on the grid's bounding box; both sum to the same number.

    The third is how many incidents the baseline rests on, those that shrinkage imagines included.
    NotEnoughData where fewer than 20 incidents are looked at or fewer than 100 came before.
    """
    _check(plan)
    grid, hours = history.grid, plan.period_days * 24
    start = history.until_hour - plan.periods * hours
    past = history.between(history.from_hour, start)
    edges = start + hours * np.arange(plan.periods + 1)
    counts = np.stack([grid.raster(history.between(low, high).counts()) for low, high in pairwise(edges.tolist())])
    total = float(counts.sum())
    if total < LEAST_CASES or past.total < LEAST_BASELINE:
        raise NotEnoughData(
            sentence(
                "Not enough data: %(n).0f incidents in the periods and %(past).0f before them, "
                "%(least)d and %(least_past)d needed",
                n=total,
                past=past.total,
                least=LEAST_CASES,
                least_past=LEAST_BASELINE,
            ),
            accepted="more or longer periods, a longer history or a wider category",
        )
    shares, added = shrunk(past.counts(), even(history))
    baseline = np.repeat(grid.raster(shares)[None] * (total / plan.periods), plan.periods, axis=0)
    return counts, baseline, past.total + added


def _clusters(
    history: History, plan: ScanPlan, sums: tuple[Floats, Floats, Floats], maxima: Floats
) -> tuple[Cluster, ...]:
    """The largest ratio, then the largest that shares no place and time with those taken, and so on."""
    cases, expected, ratio = sums
    grid, spans = history.grid, runs(plan.periods, plan.longest, plan.prospective)
    ratio = ratio * (grid.raster(np.ones(len(grid))) > 0)  # middles outside the town are no places
    found: list[Cluster] = []
    rows, cols = (np.arange(side) for side in grid.shape)
    while len(found) < plan.most:
        s, k, row, col = (int(part) for part in np.unravel_index(int(np.argmax(ratio)), ratio.shape))
        best = float(ratio[s, k, row, col])
        if best <= 0:
            break
        found.append(
            Cluster(
                cell=int(grid.index[row, col]),
                radius_metres=float(plan.radii_metres[k]),
                first=int(spans[s, 0]),
                last=int(spans[s, 1]) - 1,
                observed=float(cases[s, k, row, col]),
                expected=float(expected[s, k, row, col]),
                log_ratio=best,
                p=float((1 + np.count_nonzero(maxima >= best)) / (len(maxima) + 1)),
            )
        )
        away = np.hypot(rows[:, None] - row, cols[None, :] - col) * grid.cell_metres
        crossing = (spans[:, 0] < spans[s, 1]) & (spans[:, 1] > spans[s, 0])
        for other, radius in enumerate(plan.radii_metres):
            near = away <= radius + plan.radii_metres[k]
            ratio[np.ix_(crossing, [other])] = np.where(near, 0.0, ratio[np.ix_(crossing, [other])])
    return tuple(found)


def _check(plan: ScanPlan) -> None:
    if not (plan.period_days > 0 and 1 <= plan.longest <= plan.periods <= 520):
        raise InputError("scan periods out of range", accepted="longest ≤ periods ≤ 520, each longer than 0 days")
    radii = plan.radii_metres
    if not radii or radii[0] < 0 or any(later <= radius for radius, later in pairwise(radii)):
        raise InputError("scan radii do not rise from 0 or more", accepted="e.g. 0, 250, 500 m")
    if not 1 <= plan.simulations <= 99_999:
        raise InputError("simulations out of range", accepted="1 to 99,999, e.g. 999")
