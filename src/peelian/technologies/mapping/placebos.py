"""Did incidents fall at treated places? Judged by ranks among places and times without treatment, chosen alike.

Places are usually treated after a peak, and after a peak counts fall by themselves. So the change at the treated areas
is compared with the change at areas and times that were not treated and stood out as much just before ("placebos"):
1. Each area at each time has a count long before, a count just before (the peak), and a count after.
2. What comes after is predicted from these and from the change of the whole town; the prediction is fitted without the
   treated areas, and what is left over is put on one scale for small and large counts.
3. The placebos are the pairs of area and time nearest to the treated ones in peak and size.
4. The share of placebos that fell as much is the p-value (1 + as low) / (1 + all), never 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_BEFORE = 20  # incidents long before: below, a change says nothing
LEAST_PLACEBOS = 19  # the fewest that can give p = .05
MOST_PLACEBOS = 99
ALIKE, DRAWS = 10, 999  # for several treated areas: placebos near each, and sets of them that are drawn
SURE = 0.05
ROUNDS = 3  # of the fit, which knows its own spread after the first


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """The lengths of the three windows in days: long before, just before (when places were chosen), and after."""

    before: int
    chosen: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """Pairs of area and time, arrays of one length: counts long before and after, and how each compares with the town.

    `expected` is the count long before times the town's change since; `peak` the logarithm of the count just before
    over what the town would give, shrunk as far as chance alone spreads it.
    """

    area: Ints
    day: Ints
    before: Floats
    after: Floats
    expected: Floats
    peak: Floats

    def __len__(self) -> int:
        return len(self.area)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """The treated areas against their placebos. `z` is float64[draws, treated]: what is left over at each placebo set.

    `sums` adds it up, as far apart as it is compared with. `ratio` is what came over what was predicted, with its 95 %
    interval; `p_fell`, `p_rose` are one-sided.
    `distinct` counts the pairs that serve as placebos. Where the outcome is not known yet (a plan), the four are nan.
    """

    z: Floats
    sums: Floats
    spread: Floats
    predicted: Floats
    offset: Floats
    distinct: int
    ratio: float
    low: float
    high: float
    p_fell: float
    p_rose: float


def pairs_of(total: Floats, windows: Windows, since: int, *, apart: NDArray[np.bool_], known: bool = True) -> Pairs:
    """All pairs of an area and a time: `since`, and each time an after-window earlier, as far as the data go.

    `total` is float64[areas, days + 1]: incidents before each day. Areas `apart` (treated or near them) do not make the
    town's change at `since`. `known`: the after-window of `since` is known; else it is nan. O(areas × times).
    """
    parts = list(_parts(total, windows, since, apart, known=known))
    area, day, before, after, expected, just, usual = (np.concatenate(column) for column in zip(*parts, strict=True))
    excess = ((just - usual) ** 2 - just) / (usual + 1) ** 2
    variance = max(float(np.average(excess, weights=usual + 1)), 0.005)
    return Pairs(
        area=area,
        day=day,
        before=before,
        after=after,
        expected=expected,
        peak=np.log((just + 1 / variance) / (usual + 1 / variance)),
    )


def _parts(
    total: Floats, windows: Windows, since: int, apart: NDArray[np.bool_], *, known: bool
) -> Iterator[tuple[NDArray[np.number], ...]]:
    areas, growth = len(total), 1.0
    for day in range(since, windows.before + windows.chosen - 1, -windows.after):
        first, middle = day - windows.chosen - windows.before, day - windows.chosen
        before, just = total[:, middle] - total[:, first], total[:, day] - total[:, middle]
        town = np.ones(areas) if day < since else (~apart).astype(np.float64)
        all_before = max(float(town @ before), 1.0)
        if day < since or known:
            after = total[:, day + windows.after] - total[:, day]
            growth = float(town @ after) / all_before
        else:
            after, growth = np.full(areas, np.nan), windows.after / windows.before
        usual = before * float(town @ just) / all_before
        yield np.arange(areas), np.full(areas, day), before, after, before * growth, just, usual


def change_against_placebos(
    pairs: Pairs, treated: NDArray[np.int64], since: int, apart: NDArray[np.bool_], seed: int
) -> Judged | None:
    """The treated areas' change against that of their placebos; None where a treated area had too few incidents.

    O(pairs log pairs + draws × treated).
    """
    usable = pairs.before >= LEAST_BEFORE
    here = np.array([int(np.flatnonzero((pairs.area == k) & (pairs.day == since))[0]) for k in treated])
    if not usable[here].all():
        return None
    free = usable & np.isfinite(pairs.after) & ~((pairs.day == since) & apart[pairs.area])
    if free.sum() < LEAST_PLACEBOS:
        return _undecided(len(treated), int(free.sum()))
    predicted, spread = _fitted(pairs, free)
    left = (np.log((pairs.after + 0.5) / (pairs.expected + 0.5)) - predicted) / spread
    draws = _draws(pairs, here, np.flatnonzero(free), np.random.default_rng(seed))
    distinct = len(np.unique(draws))
    if distinct < LEAST_PLACEBOS:
        return _undecided(len(treated), distinct)
    z, own, per = left[draws], left[here], float((1 / spread[here]).sum())
    wider = _wider(pairs.day[draws])
    sums, reached = wider * z.sum(axis=1), float(own.sum())
    low, high = np.quantile(sums, (0.025, 0.975)).tolist()
    count = len(sums) + 1
    return Judged(
        z=z,
        sums=sums,
        spread=spread[here],
        predicted=predicted[here],
        offset=pairs.expected[here] + 0.5,
        distinct=distinct,
        ratio=float(np.exp(reached / per)),
        low=float(np.exp((reached - high) / per)),
        high=float(np.exp((reached - low) / per)),
        p_fell=float((1 + (sums <= reached).sum()) / count) if np.isfinite(reached) else float("nan"),
        p_rose=float((1 + (sums >= reached).sum()) / count) if np.isfinite(reached) else float("nan"),
    )


def power(found: Judged, fall: float, seed: int, *, times: int = 9) -> float:
    """How often a fall by the share `fall` is told: by simulation on the placebos, never by a formula.

    Each placebo set's leftovers become counts of the treated areas without effect; each incident is taken away with
    chance `fall`. O(draws × treated × times).
    """
    generator = np.random.default_rng(seed)
    without = np.rint(np.maximum(found.offset * np.exp(found.predicted + found.z * found.spread) - 0.5, 0.0))
    counts = generator.binomial(np.repeat(without.astype(np.int64), times, axis=0), 1 - fall)
    reached = ((np.log((counts + 0.5) / found.offset) - found.predicted) / found.spread).sum(axis=1)
    as_low = np.searchsorted(np.sort(found.sums), reached, side="right") - (np.repeat(found.sums, times) <= reached)
    return float((as_low <= int(SURE * (len(found.sums) + 1) + 1e-9) - 1).mean())


def _wider(days: Ints) -> float:
    """How much farther apart sets of several pairs are taken than they lie: what a time has in common with others is
    known from few times only. Found by simulation (benchmarks/mapping_evaluation.py).
    """
    return 1.0 if days.shape[1] == 1 else float(np.sqrt(1 + 2 / len(np.unique(days))))


def _undecided(treated: int, distinct: int) -> Judged:
    none, nan = np.zeros((0, treated)), float("nan")
    empty = np.full(treated, nan)
    return Judged(
        z=none, sums=np.zeros(0), spread=empty, predicted=empty, offset=empty, distinct=distinct,
        ratio=nan, low=nan, high=nan, p_fell=nan, p_rose=nan,
    )  # fmt: skip


def _fitted(pairs: Pairs, free: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """What is predicted of each pair's change (a logarithm), and the spread around it. Weighted least squares."""
    change = np.log((pairs.after + 0.5) / (pairs.expected + 0.5))
    chance = 1 / (pairs.expected + 0.5) + 1 / (pairs.before + 0.5)
    causes = np.stack([np.ones(len(pairs)), pairs.peak, np.log(pairs.expected + 0.5)], axis=1)
    more, predicted = 0.05, np.zeros(len(pairs))
    for _ in range(ROUNDS):
        weight = 1 / np.sqrt(chance + more)
        found, *_ = np.linalg.lstsq(causes[free] * weight[free, None], change[free] * weight[free], rcond=None)
        predicted = causes @ found
        squares = (change - predicted)[free] ** 2 - chance[free]
        more = max(float(np.average(squares, weights=weight[free] ** 4)), 0.0)
    return predicted, np.sqrt(chance + more)


def _draws(pairs: Pairs, here: NDArray[np.int64], free: Ints, generator: np.random.Generator) -> Ints:
    """The placebo sets, int64[draws, treated]: for one treated area the nearest pairs; for several, pairs of one time
    at a time, each near the treated area it stands for.
    """
    at = np.stack([pairs.peak, np.log(pairs.expected + 0.5)], axis=1)
    at /= np.maximum(at[free].std(axis=0), 1e-9)
    far = np.linalg.norm(at[free][None] - at[here][:, None], axis=2)
    if len(here) == 1:
        return free[np.argsort(far[0], kind="stable")[:MOST_PLACEBOS], None]
    days = [day for day in np.unique(pairs.day[free]) if (pairs.day[free] == day).sum() >= 2 * len(here)]
    order = {
        day: [(own := np.flatnonzero(pairs.day[free] == day))[np.argsort(row[own], kind="stable")] for row in far]
        for day in days
    }
    drawn = np.zeros((DRAWS if days else 0, len(here)), dtype=np.int64)
    for row in drawn:
        near, taken = order[days[int(generator.integers(len(days)))]], set[int]()
        for k in generator.permutation(len(here)).tolist():
            left = [one for one in near[k][: ALIKE + len(here)].tolist() if one not in taken][:ALIKE]
            taken.add(chosen := left[int(generator.integers(len(left)))])
            row[k] = free[chosen]
    return drawn
