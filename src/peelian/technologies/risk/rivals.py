"""Simple models to compare with a score: a two-feature logistic regression and a three-line rule list.

Models are fitted on a random half of the people and compared with the instrument on the other half (Dressel and Farid
2018, The accuracy, fairness, and limits of predicting recidivism; Angelino and others 2018, Learning certifiably
optimal rule lists).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from peelian.measure.rates import placements
from peelian.technologies.risk.counts import Floats, Wholes
from peelian.technologies.risk.suppression import FEWEST

RIDGE = 1.0  # pseudo-people per coefficient: a level that few people have is drawn to the average
LEAST_SHARE = 0.05  # of the people, for a line of a rule list


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """People by score, features and outcome: `score` [C], `features` [F, C] as codes, `people` [C, 2]."""

    score: Floats
    features: Wholes
    people: Wholes


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A model's AUC on people it was not fitted on, and its difference from the instrument's."""

    area: float
    variance: float
    difference: float
    difference_variance: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a rule list: if `feature` has `level` (codes; -1, -1: else), `events` of `n` people had the event."""

    feature: int
    level: int
    events: int
    n: int


def halves(joint: Joint, seed: int) -> tuple[Joint, Joint]:
    """Two random halves of the people: (for fitting, for testing). O(cells)."""
    rng = np.random.default_rng(seed)
    first = rng.binomial(joint.people, 0.5)
    return (
        Joint(score=joint.score, features=joint.features, people=first),
        Joint(score=joint.score, features=joint.features, people=joint.people - first),
    )


def best_pair(joint: Joint) -> tuple[int, ...]:
    """The two features (or the one there is) whose logistic regression fits `joint` best. O(pairs x cells)."""
    size = len(joint.features)
    pairs: list[tuple[int, ...]] = list(combinations(range(size), 2)) if size > 1 else [(0,)]
    return max(pairs, key=lambda pair: _likelihood(joint, logistic(joint, pair)))


def logistic(joint: Joint, features: Sequence[int]) -> Floats:
    """The probability of an event per cell by logistic regression on one-hot features, fitted on `joint`. [C].

    Newton's method with a ridge of one pseudo-person per level; O(steps x cells x levels^2).
    """
    design = _design(joint, features)
    cells, where = np.unique(design, axis=0, return_inverse=True)
    where = where.reshape(-1)
    events = np.bincount(where, weights=joint.people[:, 1], minlength=len(cells))
    n = np.bincount(where, weights=joint.people.sum(axis=1), minlength=len(cells))
    penalty = np.full(cells.shape[1], RIDGE)
    penalty[0] = 1e-6
    beta = np.zeros(cells.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-cells @ beta))
        gradient = cells.T @ (events - n * p) - penalty * beta
        step = np.linalg.solve((cells * (n * p * (1 - p))[:, None]).T @ cells + np.diag(penalty), gradient)
        beta = beta + np.clip(step, -3, 3)
        if np.abs(step).max() < 1e-9:
            break
    return np.asarray((1 / (1 + np.exp(-cells @ beta)))[where], dtype=np.float64)


def rule_list(joint: Joint) -> tuple[Line, ...]:
    """Three lines: the condition with the most events per person, the next best among the rest, else. O(conditions).

    A line covers at least 30 people and one in twenty; there may be fewer lines where no such condition is left.
    """
    left = np.ones(len(joint.score), dtype=np.bool_)
    least = max(FEWEST, LEAST_SHARE * joint.people.sum())
    lines: list[Line] = []
    for _ in range(2):
        best = _best_line(joint, left, least)
        if best is None:
            break
        lines.append(best)
        left &= joint.features[best.feature] != best.level
    rest = joint.people[left].sum(axis=0)
    return (*lines, Line(feature=-1, level=-1, events=int(rest[1]), n=int(rest.sum())))


def ruled(joint: Joint, lines: Sequence[Line]) -> Floats:
    """The share of events of the first matching line, per cell [C]."""
    promised = np.full(len(joint.score), np.nan)
    for line in lines:
        fits = np.isnan(promised)
        if line.feature >= 0:
            fits &= joint.features[line.feature] == line.level
        promised[fits] = line.events / max(line.n, 1)
    return promised


def compared(joint: Joint, rival: Floats) -> Compared:
    """A model against the instrument on the same people: paired DeLong. O(cells log cells).

    DeLong, DeLong, Clarke-Pearson 1988: the covariance comes from placements of the same people under both scores.
    """
    events, others = (joint.people[:, k].astype(np.float64) for k in (1, 0))
    mine, theirs = (_placed(score, events, others) for score in (rival, joint.score))
    area, other_area = mine[0], theirs[0]
    gap = (mine[1] - theirs[1], mine[2] - theirs[2])
    return Compared(
        area=area,
        variance=_variance((mine[1], mine[2]), events, others),
        difference=area - other_area,
        difference_variance=_variance(gap, events, others),
        n=int(joint.people.sum()),
    )


def _placed(score: Floats, events: Floats, others: Floats) -> tuple[float, Floats, Floats]:
    """(area, placement of each cell's events, placement of each cell's others)."""
    _, where = np.unique(score, return_inverse=True)
    below, above = placements(np.bincount(where, weights=events), np.bincount(where, weights=others))
    area = float((events * below[where]).sum() / events.sum())
    return area, below[where], above[where]


def _variance(placed: tuple[Floats, Floats], events: Floats, others: Floats) -> float:
    total = 0.0
    for values, n in zip(placed, (events, others), strict=True):
        size = n.sum()
        mean = (n * values).sum() / size
        total += float((n * (values - mean) ** 2).sum() / (size - 1) / size)
    return total


def _design(joint: Joint, features: Sequence[int]) -> NDArray[np.float64]:
    columns = [np.ones(len(joint.score))]
    for f in features:
        codes = joint.features[f]
        columns += [(codes == level).astype(np.float64) for level in range(1, int(codes.max(initial=0)) + 1)]
    return np.stack(columns, axis=1)


def _likelihood(joint: Joint, p: Floats) -> float:
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return float((joint.people[:, 1] * np.log(p) + joint.people[:, 0] * np.log1p(-p)).sum())


def _best_line(joint: Joint, left: NDArray[np.bool_], least: float) -> Line | None:
    best: Line | None = None
    for f, codes in enumerate(joint.features):
        size = int(codes.max(initial=0)) + 1
        events = np.bincount(codes[left], weights=joint.people[left, 1], minlength=size)
        n = np.bincount(codes[left], weights=joint.people[left].sum(axis=1), minlength=size)
        rest = joint.people[left].sum() - n
        for level in np.flatnonzero((n >= least) & (rest >= least)).tolist():
            line = Line(feature=f, level=level, events=int(events[level]), n=int(n[level]))
            if best is None or line.events / line.n > best.events / best.n:
                best = line
    return best
