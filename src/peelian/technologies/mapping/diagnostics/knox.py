"""The Knox test: do incidents near in place come near in time more often than chance?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.measure.multiplicity import holm
from peelian.technologies.mapping.kernels.pairs import count_bands, near_pairs, permuted_counts

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

LEAST_INCIDENTS = 20
BANDS_METRES = (0.0, 0.1, 200.0, 400.0, 600.0)
BANDS_DAYS = (0.0, 7.0, 14.0, 21.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnoxPlan:
    """Edges of the bands, [edge, next edge), how many permutations, their seed, and along streets or straight."""

    bands_metres: tuple[float, ...] = BANDS_METRES
    bands_days: tuple[float, ...] = BANDS_DAYS
    permutations: int = 999
    seed: int = 0
    manhattan: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Knox:
    """Pairs per band of distance and of days (int64[bands, day bands]), and how they stand against chance.

    `expected` is exact under exchange of the days; `ratio` is observed / expected (nan where nothing is expected);
    `p` = (1 + permutations at least as large) / (permutations + 1), so that no finite test ever gives 0. `p_holm` holds
    for all cells of the table together (Holm 1979).
    """

    plan: KnoxPlan
    n: int
    observed: Counts
    expected: Floats
    ratio: Floats
    p: Floats
    p_holm: Floats


def knox(
    places: tuple[Floats, Floats], days: Floats, plan: KnoxPlan, tick: Callable[[float], Any] | None = None
) -> Knox:
    """Count near pairs and test them by exchanging days between places. O(pairs within reach × permutations).

    `places` are (east, north) in metres, `days` the day (or day and part of it) of each incident. Knox 1964; Monte
    Carlo test as in Ratcliffe 2009 and Besag & Diggle 1977. NotEnoughData below 20 incidents.

    >>> chance = np.random.default_rng(0)
    >>> where = (np.repeat(chance.uniform(0, 5000, 50), 2), np.zeros(100))
    >>> found = knox(where, np.repeat(chance.uniform(0, 365, 50), 2), KnoxPlan(permutations=99))
    >>> int(found.observed[0, 0]), float(found.p[0, 0])
    (50, 0.01)
    """
    _check(places, days, plan)
    near = near_pairs(places[0], places[1], np.asarray(plan.bands_metres), plan.manhattan)
    edges = np.asarray(plan.bands_days, dtype=np.float64)
    shape = (len(plan.bands_metres) - 1, edges)
    observed = count_bands(near, days, shape)
    simulated = permuted_counts(near, days, shape, (plan.permutations, plan.seed), tick)
    p = (1 + (simulated >= observed).sum(axis=0)) / (plan.permutations + 1)
    pairs = np.bincount(near.band, minlength=shape[0]).astype(np.float64)
    expected = np.outer(pairs, _share_of_pairs(days, edges))
    ratio = np.divide(observed, expected, out=np.full(observed.shape, np.nan), where=expected > 0)
    return Knox(
        plan=plan,
        n=len(days),
        observed=observed,
        expected=expected,
        ratio=ratio,
        p=p,
        p_holm=holm(p),
    )


def _share_of_pairs(days: Floats, edges: Floats) -> Floats:
    """The share of all pairs whose days lie in each band. O(n log n): sorted days are searched, not paired."""
    ordered = np.sort(days)
    n = len(ordered)
    closer = [
        float((np.searchsorted(ordered, ordered + edge, side="left") - np.arange(n) - 1).clip(0).sum())
        for edge in edges
    ]
    return np.diff(closer) / (n * (n - 1) / 2)


def _check(places: tuple[Floats, Floats], days: Floats, plan: KnoxPlan) -> None:
    if len(days) < LEAST_INCIDENTS:
        says = sentence("Not enough data: %(n)d incidents, %(least)d needed", n=len(days), least=LEAST_INCIDENTS)
        raise NotEnoughData(says, accepted="a longer period or more places")
    if not len(places[0]) == len(places[1]) == len(days):
        raise InputError("places and days differ in length")
    if not bool(np.isfinite(days).all()):
        raise InputError("day is not a number")
    edges = plan.bands_days
    if len(edges) < 2 or edges[0] < 0 or any(later <= edge for edge, later in pairwise(edges)):
        raise InputError("edges of the delay bands do not rise from 0 or more", accepted="e.g. 0, 7, 14, 21")
    if not 1 <= plan.permutations <= 99_999:
        raise InputError("permutations out of range", accepted="1 to 99,999, e.g. 999")
