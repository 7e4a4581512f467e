"""How good a forecast of places was in one window: log score, hit rates by area, PAI and its kin, Brier and CRPS."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from peelian.measure.sums import inner

Floats = NDArray[np.float64]

AREA_SHARES = (0.01, 0.05, 0.10)
LEAST_SHARE = 1e-12  # a place a model ruled out: an incident there costs 40 bits, not infinity
LONGEST_TAIL = 5_000
LARGEST_COUNTED = 600.0  # beyond, exp(-mean) is no number a computer holds


def shares_of(expected: Floats) -> Floats:
    """Each cell's share of the expected incidents, none below 1e-12."""
    return np.asarray(np.maximum(expected / expected.sum(), LEAST_SHARE), dtype=np.float64)


def place_bits(expected: Floats, counts: Floats) -> Floats:
    """Each cell's Poisson log score in bits, up to what no forecast changes: y log2 λ - λ / ln 2.

    With expected counts that sum to the incidents that came, the sum over cells, less that of another forecast, is
    Σ y log2 of the ratio of shares (Good 1952): what is expected where nothing came cancels over the town, and every
    part of it has a score of its own.

    >>> place_bits(np.array([2.0, 1.0, 1.0]) * np.log(2), np.array([0.0, 0.0, 0.0])).round(9).tolist()
    [-2.0, -1.0, -1.0]
    """
    bits: Floats = -expected / np.log(2)
    some = np.flatnonzero(counts)
    bits[some] += counts[some] * np.log2(expected[some])
    return bits


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranking:
    """Cells from the highest to the lowest expected count per square kilometre, with the area up to each."""

    score: NDArray[np.float32]
    area: Floats
    order: NDArray[np.intp]
    cumulated: Floats


def ranked(values: Floats, area: Floats) -> Ranking:
    """Rank cells by value per area, highest first. O(cells log cells)."""
    # Single precision on purpose: equal densities in cells of different size must tie, not differ by rounding.
    score = (values / area).astype(np.float32)
    order = np.argsort(-score, kind="stable")
    return Ranking(score=score, area=area, order=order, cumulated=np.cumsum(area[order]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edge:
    """Where the top share of the area ends: cells surely in, equal ones at the edge, the ground left for them (km²)."""

    inside: NDArray[np.intp]
    equal: NDArray[np.intp]
    ground: float


def edge_of(ranking: Ranking, share: float) -> Edge:
    """The edge of the top `share` of the area. O(log cells)."""
    order, cumulated = ranking.order, ranking.cumulated
    quota = share * cumulated[-1]
    at = min(int(np.searchsorted(cumulated, quota)), len(order) - 1)
    falling = -ranking.score[order]
    first = int(np.searchsorted(falling, falling[at], side="left"))
    after = int(np.searchsorted(falling, falling[at], side="right"))
    ground = float(quota - (cumulated[first - 1] if first else 0.0))
    return Edge(inside=order[:first], equal=order[first:after], ground=ground)


def flagged(ranking: Ranking, share: float) -> Floats:
    """How much of each cell (0 to 1) belongs to the top `share` of the area.

    Exactly that area is named: cells of equal score at the edge share what is left of it, which is what picking among
    them by lot gives on average. O(cells).

    >>> flagged(ranked(np.array([4.0, 1.0, 1.0, 1.0]), np.ones(4)), 0.5).round(3).tolist()
    [1.0, 0.333, 0.333, 0.333]
    """
    edge = edge_of(ranking, share)
    member = np.zeros(len(ranking.order))
    member[edge.inside] = 1.0
    member[edge.equal] = edge.ground / float(ranking.area[edge.equal].sum())
    return member


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Incidents inside the top share of the area: equal cells taken by lot, in the best and in the worst order."""

    by_lot: float
    best: float
    worst: float


def hits(ranking: Ranking, counts: Floats, share: float) -> Hits:
    """The incidents that fell into the top `share` of the area under each order of equal cells.

    O(cells + equal cells · log of them).

    >>> hits(ranked(np.ones(4), np.ones(4)), np.array([0.0, 3.0, 1.0, 0.0]), 0.25)
    Hits(by_lot=1.0, best=3.0, worst=0.0)
    """
    edge = edge_of(ranking, share)
    sure = float(counts[edge.inside].sum())
    area, count = ranking.area[edge.equal], counts[edge.equal]
    by_lot = sure + edge.ground * float(count.sum() / area.sum())
    if len(edge.equal) == 1:
        return Hits(by_lot=by_lot, best=by_lot, worst=by_lot)
    order = np.argsort(-count / area, kind="stable")
    best, worst = (sure + _filled(area[o], count[o], edge.ground) for o in (order, order[::-1]))
    return Hits(by_lot=by_lot, best=best, worst=worst)


def _filled(area: Floats, count: Floats, ground: float) -> float:
    """Incidents in the first `ground` square kilometres of cells taken in order, the last one in part."""
    before = np.concatenate(([0.0], np.cumsum(area)[:-1]))
    return inner(np.clip((ground - before) / area, 0.0, 1.0), count)


def possible_hits(counts: Floats, area: Floats) -> Floats:
    """The most incidents that any choice of 1, 5 and 10 % of the area could have held: PEI*'s n*. O(cells log cells).

    >>> possible_hits(np.array([5.0, *[1.0] * 99]), np.ones(100)).round(1).tolist()
    [5.0, 9.0, 14.0]
    """
    ranking = ranked(counts, area)
    return np.array([inner(flagged(ranking, share), counts) for share in AREA_SHARES])


def pai(hit_rate: float, area_share: float) -> float:
    """The prediction accuracy index: share of incidents over share of area (Chainey and others 2008).

    >>> pai(0.25, 0.05)
    5.0
    """
    return hit_rate / area_share


def pei(hits_found: float, hits_possible: float) -> float:
    """PEI* on the area used: incidents found over the most that area could hold (Hunt 2016); nan where that is 0.

    >>> pei(3.0, 12.0)
    0.25
    """
    return hits_found / hits_possible if hits_possible > 0 else float("nan")


def log_rri(rate_after: float, rate_before: float) -> float:
    """The natural log of the recapture rate index (Levine 2008): share of incidents in the places after and before.

    0 where the named places hold the share they used to; below 0 where they regress to the mean.

    >>> round(log_rri(0.18, 0.20), 3)
    -0.105
    """
    return round(float(np.log(rate_after / rate_before)), 12) if rate_after > 0 < rate_before else float("nan")


def jaccard(first: Floats, second: Floats) -> float:
    """How alike two choices of places are: area in both over area in either (memberships 0 to 1); 1 is the same.

    >>> jaccard(np.array([1.0, 1.0, 0.0]), np.array([1.0, 0.0, 1.0])) == 1 / 3
    True
    """
    either = float(np.maximum(first, second).sum())
    return float(np.minimum(first, second).sum()) / either if either > 0 else float("nan")


def chance_of_any(expected: Floats, shape: float) -> Floats:
    """The forecast probability of at least one incident per cell, Poisson or negative binomial.

    >>> chance_of_any(np.array([0.0, 1.0]), float("inf")).round(3).tolist()
    [0.0, 0.632]
    """
    if np.isfinite(shape):
        return np.asarray(-np.expm1(-shape * np.log1p(expected / shape)), dtype=np.float64)
    return np.asarray(-np.expm1(-expected), dtype=np.float64)


def brier(expected: Floats, shape: float, counts: Floats) -> float:
    """The mean squared error of the probability of at least one incident (Brier 1950). O(cells)."""
    return float(np.mean((chance_of_any(expected, shape) - (counts >= 0.5)) ** 2))


def crps_and_ends(expected: Floats, shape: float, counts: Floats) -> tuple[Floats, Floats, Floats]:
    """Per cell: the continuous ranked probability score, P(count < observed) and P(count <= observed).

    CRPS = Σ over k of (P(count <= k) - [observed <= k])² (Gneiting and Raftery 2007). The distribution is run through
    by its recurrence; a cell drops out once its tail is below 1e-9. O(cells · typical count). Observed counts that
    are sums of parts are rounded. Cells that expect more than 600 incidents are taken as normal.

    >>> score, below, upto = crps_and_ends(np.array([1.0]), float("inf"), np.array([1.0]))
    >>> score.round(4).tolist(), below.round(4).tolist(), upto.round(4).tolist()
    ([0.212], [0.3679], [0.7358])
    """
    observed = np.rint(counts)
    score, below, upto = np.zeros(len(expected)), np.zeros(len(expected)), np.zeros(len(expected))
    busy = np.flatnonzero(expected > LARGEST_COUNTED)
    if len(busy):
        score[busy], below[busy], upto[busy] = _normal_crps(expected[busy], shape, observed[busy])
    cell = np.flatnonzero(expected <= LARGEST_COUNTED)
    mean, seen = expected[cell], observed[cell]
    mass = np.exp(-mean) if not np.isfinite(shape) else np.exp(-shape * np.log1p(mean / shape))
    sum_before = np.zeros(len(mean))
    for k in range(LONGEST_TAIL):
        reached = sum_before + mass
        here = seen == k
        below[cell[here]], upto[cell[here]] = sum_before[here], np.minimum(reached[here], 1.0)
        score[cell] += (reached - (seen <= k)) ** 2
        odds = mean / (k + 1) if not np.isfinite(shape) else (mean / (shape + mean)) * (k + shape) / (k + 1)
        alive = (reached < 1 - 1e-9) | (seen > k)
        if not alive.any():
            break
        cell, mean, seen = cell[alive], mean[alive], seen[alive]
        mass, sum_before = (mass * odds)[alive], np.minimum(reached[alive], 1.0)
    return score, below, upto


def _normal_crps(expected: Floats, shape: float, observed: Floats) -> tuple[Floats, Floats, Floats]:
    """The same figures for the normal distribution of that mean and variance (Gneiting and others 2005)."""
    sigma = np.sqrt(np.maximum(expected + expected**2 / shape, 1e-12))
    z = (observed - expected) / sigma
    density = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    score = sigma * (z * (2 * scipy.special.ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi))
    below, upto = (scipy.special.ndtr((observed + side - expected) / sigma) for side in (-0.5, 0.5))
    return np.asarray(score), np.asarray(below), np.asarray(upto)
