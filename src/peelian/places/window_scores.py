"""One window scored: which whole cells fill an area, what they held, and the ends over all orders of equal cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.places.lengths import Limit
from peelian.technologies.mapping.metrics import hits, pai, pei, ranked

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice:
    """Whole cells (bool[cells]) that fill an area, and how many equal cells a lot chose among at its edge (0: none)."""

    member: Mask
    tied: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One choice of cells in one window. `used` is their area (square kilometres), or their length (km of street).

    `n` of `incidents` lay in it. `n_possible` is the most that any choice of as much area among these cells could have
    held (the last cell in part): PAI* is its PAI, PEI* = n / n_possible (Hunt 2016). `n_by_lot`, `n_least` and `n_most`
    are the mean and the ends over all orders of equal cells; nan for a choice without ranks.
    """

    cells: int
    used: float
    area_share: float
    incidents: float
    n: float
    hit_rate: float
    pai: float
    pai_star: float
    pei_star: float
    n_possible: float
    n_by_lot: float
    n_least: float
    n_most: float


def chosen(expected: Floats, area: Floats, limit: Limit, *, seed: int = 0) -> Choice:
    """The cells of highest expected count per area that fill `limit` as whole cells; equal ones by lot.

    At most the limit, or at least where `limit.least`. InputError: more than the ground, or less than one cell.
    O(cells log cells).

    >>> two = Limit(label="2 cells", value=2, unit="cells")
    >>> made = chosen(np.array([1.0, 5.0, 1.0, 1.0]), np.ones(4), two)
    >>> int(made.member.sum()), bool(made.member[1]), made.tied
    (2, True, 3)
    """
    ranking = ranked(expected, area)
    order = np.lexsort((np.random.default_rng(seed).permutation(len(area)), -ranking.score))
    cumulated = np.cumsum(area[order])
    asked = limit.size(float(cumulated[-1]))
    if limit.unit == "cells":
        many = int(limit.value)
    elif limit.least:
        many = int(np.searchsorted(cumulated, asked * (1 - ROUNDING))) + 1
    else:
        many = int(np.searchsorted(cumulated, asked * (1 + ROUNDING), side="right"))
    if many > len(order) or (limit.unit in ("km2", "km") and asked > cumulated[-1] * (1 + ROUNDING)):
        raise InputError("the area is larger than the ground", column="area", accepted="an area within the town")
    if not many:
        raise InputError("the area is smaller than a cell", column="area", accepted="a larger area, or smaller cells")
    member = np.zeros(len(area), dtype=bool)
    member[order[:many]] = True
    if not limit.holds(float(cumulated[many - 1]), float(cumulated[-1])):
        accepted = "smaller cells, or a wider range"
        raise InputError("no number of whole cells lies within the range", column="area", accepted=accepted)
    edge = ranking.score == ranking.score[order[many - 1]]
    split = bool((edge & ~member).any())
    return Choice(member=member, tied=int(edge.sum()) if split else 0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """What came: incidents per cell and the cells' area inside the ground (length of street), and both in all."""

    counts: Floats
    area: Floats
    incidents: float
    whole: float


def scored(member: Mask, came: Outcome, *, expected: Floats | None = None, best_of: Outcome | None = None) -> Score:
    """What the cells of `member` held. O(cells log cells).

    `expected` ranks the cells, for the ends over orders of equal ones. The best choice is made among the cells of
    `best_of` where a choice comes without the cells it was made among.

    >>> came = Outcome(counts=np.array([3.0, 1.0]), area=np.ones(2), incidents=4.0, whole=2.0)
    >>> made = scored(np.array([True, False]), came)
    >>> made.pai, made.pai_star, made.pei_star
    (1.5, 1.5, 1.0)
    """
    n, used = float(came.counts[member].sum()), float(came.area[member].sum())
    among = best_of or came
    best = hits(ranked(among.counts, among.area), among.counts, min(1.0, used / float(among.area.sum()))).by_lot
    possible = max(n, best)  # rounding may put it a hair below
    lot = None
    if expected is not None:
        lot = hits(ranked(expected, came.area), came.counts, used / float(came.area.sum()))
    share, n_all = used / came.whole, came.incidents or float("nan")
    return Score(
        cells=int(member.sum()),
        used=used,
        area_share=share,
        incidents=came.incidents,
        n=n,
        hit_rate=n / n_all,
        pai=pai(n / n_all, share),
        pai_star=pai(possible / n_all, share),
        pei_star=pei(n, possible),
        n_possible=possible,
        n_by_lot=round(lot.by_lot, 6) if lot else float("nan"),
        n_least=round(min(n, lot.worst), 6) if lot else float("nan"),
        n_most=round(max(n, lot.best), 6) if lot else float("nan"),
    )


def counted(outlines: NDArray[Any], east: Floats, north: Floats, weight: Floats) -> Floats:
    """Incidents (weights) per outline; one on the line between two counts in the first. O(points log cells)."""
    point, cell = shapely.STRtree(outlines).query(shapely.points(east, north), predicate="intersects")
    order = np.lexsort((cell, point))
    point, first = np.unique(point[order], return_index=True)
    return np.bincount(cell[order][first], weights=weight[point], minlength=len(outlines)).astype(np.float64)
