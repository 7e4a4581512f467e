"""Cell selection under exposure limits: the most expected incidents in a given number of cells.

A linear programme per limit, solved exactly (HiGHS). The answer is the whole frontier, from no limit to the strictest,
with what each step costs in expected incidents: which point is right is for people to decide. Exposure per head after
Sankin and others 2021; constrained allocation as in Corbett-Davies and others 2017 and Nabi, Malinsky & Shpitser 2019.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.measure.sums import inner
from peelian.technologies.mapping.areas import Areas

Floats = NDArray[np.float64]

NO_LIMIT = float("inf")
LIMITS = (NO_LIMIT, 3.0, 2.0, 1.5, 1.25, 1.1, 1.0)
LEAST_SHARE = 1e-6  # a place advised for less of the window than this is not advised


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """What the limits are about, per cell: residents, members of each group, and each area's part of every cell.

    `within` is areas x cells: the share of a cell's ground that lies in an area. `spent` is what each area has already
    had, in places × windows.
    """

    residents: Floats
    members: Mapping[str, Floats]
    within: scipy.sparse.csr_array
    spent: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Point:
    """One point of the frontier: `advised` (0 to 1 per cell: the part of the window), what it expects and costs.

    `limit` bounds how many times as exposed per head any group may be as everybody else, and the reverse; `budget` the
    places × windows of any area. `price` is the expected incidents given up against no limit at all; `ratios` what is
    reached, by group.
    """

    limit: float
    budget: float
    advised: Floats
    expected: float
    price: float
    places: float
    ratios: Mapping[str, float] = field(default_factory=dict)

    @property
    def worst(self) -> float:
        """The ratio furthest from 1, as a number of at least 1; 1 without groups."""
        return max([1.0, *(max(r, 1 / r) if r > 0 else NO_LIMIT for r in self.ratios.values() if not np.isnan(r))])


def ground_of(areas: Areas, overlap_km2: scipy.sparse.csr_array, spent: Floats | None = None) -> Ground:
    """Residents and members per cell, taken to live evenly in their area. O(overlaps).

    `overlap_km2` is areas x cells, as `areas.overlap_km2` gives it.
    """
    per_area = np.asarray(overlap_km2.sum(axis=1), dtype=np.float64).ravel()
    per_cell = np.asarray(overlap_km2.sum(axis=0), dtype=np.float64).ravel()
    part = scipy.sparse.csr_array(overlap_km2.multiply(_inverse(per_area)[:, None]))
    within = scipy.sparse.csr_array(overlap_km2.multiply(_inverse(per_cell)[None, :]))

    def spread(people: Floats) -> Floats:
        return np.asarray(part.T @ people, dtype=np.float64)

    return Ground(
        residents=spread(areas.residents),
        members={label: spread(people) for label, people in areas.members.items()},
        within=within,
        spent=np.zeros(len(areas)) if spent is None else spent,
    )


def frontier(
    expected: Floats,
    ground: Ground,
    places: int,
    *,
    limits: Sequence[float] = LIMITS,
    budget: float = NO_LIMIT,
) -> tuple[Point, ...]:
    """The advice under each limit, from the loosest on; the first is always without any limit or budget.

    `expected` is the expected count per cell, `places` how many may be advised at most. Tighter limits may leave some
    unused: advising fewer is always allowed. O(limits × one linear programme of cells variables).

    >>> ground = Ground(
    ...     residents=np.full(2, 100.0),
    ...     members={"a": np.array([90.0, 10.0])},
    ...     within=scipy.sparse.csr_array(np.eye(2)),
    ...     spent=np.zeros(2),
    ... )
    >>> points = frontier(np.array([3.0, 1.0]), ground, 1, limits=(NO_LIMIT, 1.0))
    >>> [(point.expected, round(point.worst, 2)) for point in points]
    [(3.0, 9.0), (2.0, 1.0)]
    """
    wanted = sorted({NO_LIMIT, *limits}, reverse=True)
    _check(expected, ground, places, wanted)
    free = _solved(expected, ground, places, (NO_LIMIT, NO_LIMIT))
    best = inner(expected, free)
    points = [_point(expected, ground, free, (NO_LIMIT, NO_LIMIT), best)]
    for limit in wanted:
        if limit == NO_LIMIT and budget == NO_LIMIT:
            continue
        points.append(
            _point(expected, ground, _solved(expected, ground, places, (limit, budget)), (limit, budget), best)
        )
    return tuple(points)


def beside(scores: Floats, expected: Floats, ground: Ground, places: int) -> Point:
    """What another map would advise (the highest `scores`, equal ones in order), judged by `expected`. O(n log n)."""
    advised = np.zeros(len(expected))
    advised[np.argsort(-scores, kind="stable")[:places]] = 1.0
    best = inner(expected, _solved(expected, ground, places, (NO_LIMIT, NO_LIMIT)))
    return _point(expected, ground, advised, (NO_LIMIT, NO_LIMIT), best)


def exposure_ratios(advised: Floats, ground: Ground) -> dict[str, float]:
    """By group: exposure per head of its members over that of everyone else; nan where nobody else lives."""
    made = {}
    for label, members in ground.members.items():
        others = ground.residents - members
        here, there = float(members.sum()), float(others.sum())
        if here <= 0 or there <= 0:
            continue
        ours, theirs = inner(advised, members) / here, inner(advised, others) / there
        made[label] = ours / theirs if theirs > 0 else (float("nan") if ours <= 0 else NO_LIMIT)
    return made


def _solved(expected: Floats, ground: Ground, places: int, bounds: tuple[float, float]) -> Floats:
    """The part of the window that each cell is advised for: float64[cells]."""
    limit, budget = bounds
    if limit == NO_LIMIT and budget == NO_LIMIT:
        advised = np.zeros(len(expected))
        advised[np.argsort(-expected, kind="stable")[:places]] = 1.0
        return advised
    rows, ends = [scipy.sparse.csr_array(np.ones((1, len(expected))))], [float(places)]
    if limit != NO_LIMIT:
        ratio_rows = _ratio_rows(ground, limit)
        rows += [scipy.sparse.csr_array(row[None, :]) for row in ratio_rows]
        ends += [0.0] * len(ratio_rows)
    if budget != NO_LIMIT:
        rows.append(ground.within)
        ends += np.maximum(budget - ground.spent, 0.0).tolist()
    left: Any = scipy.sparse.vstack(rows, format="csr")  # HiGHS takes sparse rows, though scipy's stubs do not say so
    found = scipy.optimize.linprog(-expected, A_ub=left, b_ub=np.array(ends), bounds=(0, 1), method="highs")
    if found.x is None:
        raise InputError("exposure limits cannot be met", accepted="a larger limit or maximum")
    return np.clip(np.asarray(found.x, dtype=np.float64), 0.0, 1.0)


def _ratio_rows(ground: Ground, limit: float) -> list[Floats]:
    """Rows r with r·advised ≤ 0: no group more than `limit` times as exposed as the others, nor the others as it."""
    rows = []
    for members in ground.members.values():
        others = ground.residents - members
        if members.sum() <= 0 or others.sum() <= 0:
            continue
        ours, theirs = members / members.sum(), others / others.sum()
        rows += [ours - limit * theirs, theirs - limit * ours]
    return rows


def _point(expected: Floats, ground: Ground, advised: Floats, bounds: tuple[float, float], best: float) -> Point:
    kept = np.where(advised > LEAST_SHARE, advised, 0.0)
    total = inner(expected, kept)
    return Point(
        limit=bounds[0],
        budget=bounds[1],
        advised=kept,
        expected=total,
        price=best - total,
        places=float(kept.sum()),
        ratios=exposure_ratios(kept, ground),
    )


def _check(expected: Floats, ground: Ground, places: int, limits: Sequence[float]) -> None:
    if not 1 <= places <= len(expected):
        raise InputError("number of cells out of range", accepted=sentence("1 to %(most)d", most=len(expected)))
    if not bool(np.isfinite(expected).all() and (expected >= 0).all()):
        raise InputError("expected count negative or not a number")
    if len(ground.residents) != len(expected) or ground.within.shape[1] != len(expected):
        raise InputError("residents and expected counts differ in cells")
    if min(limits) < 1 or bool(np.isnan(list(limits)).any()):
        raise InputError("exposure limit below 1", accepted="1 (equal) or more, e.g. 1.25")


def _inverse(values: Floats) -> Floats:
    return np.divide(1.0, values, out=np.zeros(len(values)), where=values > 0)
