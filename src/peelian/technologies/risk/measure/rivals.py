"""Simple models to compare with a score: a two-feature logistic regression and a three-line rule list.

Models are cross-fitted: fitted on four fifths of the people and compared with the instrument on the last fifth,
each fifth in turn, again and again (Dressel and Farid 2018, The accuracy, fairness, and limits of predicting
recidivism; Angelino and others 2018, Learning certifiably optimal rule lists).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from peelian.technologies.risk.measure.counts import Floats, Wholes
from peelian.technologies.risk.measure.paired import area_difference
from peelian.technologies.risk.measure.suppression import FEWEST

NUMBER = r"(-?\d+(?:[.,]\d+)?)"
BAND = re.compile(rf"{NUMBER}\s*(?:-|\u2013|to|à)\s*{NUMBER}", re.IGNORECASE)
UNDER = re.compile(rf"(?:<=?|≤|less than|under|up to|at most|moins de)\s*{NUMBER}", re.IGNORECASE)
OVER = re.compile(
    rf"(?:>=?|≥|more than|over|greater than|at least|plus de)\s*{NUMBER}|{NUMBER}\s*(?:\+|or more|and over|et plus)",
    re.IGNORECASE,
)


def place(word: str) -> tuple[float, float] | None:
    """(low, high) of a number or band; None where it is neither.

    >>> place("1-3"), place("4+"), place("Less than 25"), place("women")
    ((1.0, 3.0), (4.0, inf), (-inf, 25.0), None)
    """
    if match := re.fullmatch(NUMBER, word):
        return _number(match[1]), _number(match[1])
    if match := BAND.fullmatch(word):
        return _number(match[1]), _number(match[2])
    if match := UNDER.fullmatch(word):
        return -np.inf, _number(match[1])
    if match := OVER.fullmatch(word):
        return _number(match[1] or match[2]), np.inf
    return None


def in_order(words: Sequence[str], codes: Wholes) -> tuple[list[str], Wholes, bool]:
    """Levels and codes in ascending order, and whether they have one: all are numbers or bands. O(rows + words).

    >>> in_order(["10", "2", "3+"], np.array([0, 1, 2]))[:2]
    (['2', '3+', '10'], array([2, 0, 1]))
    """
    places = [place(word.strip()) for word in words]
    known = [one for one in places if one is not None]
    if len(known) < len(words) or len(words) < 2:
        return list(words), codes, False
    order = sorted(range(len(words)), key=lambda i: known[i])
    rank = np.empty(len(words), dtype=np.int64)
    rank[order] = np.arange(len(words))
    return [words[i] for i in order], rank[codes], True


def _number(text: str) -> float:
    return float(text.replace(",", "."))


RIDGE = 1.0  # pseudo-people per coefficient: a level that few people have is drawn to the average
LEAST_SHARE = 0.05  # of the people, for a line of a rule list
FOLDS, REPEATS = 5, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """People by score, features and outcome: `score` [C], `features` [F, C] as codes, `people` [C, 2], and `fold` [C],
    the replicate group of persons, where some person has several assessments.

    `ordered` [F]: whether a feature's codes ascend, so that a rule may say "at least".
    """

    score: Floats
    features: Wholes
    people: Wholes
    ordered: tuple[bool, ...]
    fold: Wholes | None = None


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
    """One line of a rule list: of people whose `feature` is from code `low` to `high`, `events` of `n` had the event.

    `feature` is -1 in the last line: everybody else.
    """

    feature: int
    low: int = 0
    high: int = 0
    events: int
    n: int


Fit = Callable[[Joint], Floats]


def folds(joint: Joint, seed: int) -> Iterator[tuple[Joint, Joint]]:
    """(for fitting, for testing), each fifth of the people in turn, in REPEATS random partitions. O(cells) each.

    Where some person has several assessments, fifths are of replicate groups: nobody is on both sides.
    """
    rng = np.random.default_rng(seed)
    for _ in range(REPEATS):
        if joint.fold is None:
            parts = rng.multinomial(joint.people, np.full(FOLDS, 1 / FOLDS))
        else:
            fifth = rng.permutation(int(joint.fold.max()) + 1)[joint.fold] % FOLDS
            parts = joint.people[..., None] * (fifth[:, None, None] == np.arange(FOLDS))
        for fold in range(FOLDS):
            judge = parts[..., fold]
            yield replace(joint, people=joint.people - judge), replace(joint, people=judge)


def cross_fitted(joint: Joint, fit: Fit, seed: int) -> Compared:
    """A model against the instrument on people it has not seen. O(fits).

    The area is the mean over folds; its variance that of a mean over the folds of one partition, which share nobody
    (LeDell, Petersen, van der Laan 2015, Computationally efficient confidence intervals for cross-validated AUC).
    `fit` takes the people for fitting and gives the probability of an event per cell.
    """
    found = [compared(judge, fit(learn)) for learn, judge in folds(joint, seed)]
    means = {
        name: float(np.mean([getattr(one, name) for one in found]))
        for name in ("area", "variance", "difference", "difference_variance")
    }
    return Compared(
        area=means["area"],
        variance=means["variance"] / FOLDS,
        difference=means["difference"],
        difference_variance=means["difference_variance"] / FOLDS,
        n=int(joint.people.sum()),
    )


def best_pair(joint: Joint) -> tuple[int, ...]:
    """The two features (or the one there is) whose logistic regression fits `joint` best. O(pairs x cells)."""
    size = len(joint.features)
    pairs: list[tuple[int, ...]] = list(combinations(range(size), 2)) if size > 1 else [(0,)]
    return max(pairs, key=lambda pair: _likelihood(joint, logistic(joint, pair)))


def logistic(joint: Joint, features: Sequence[int]) -> Floats:
    """The probability of an event per cell by logistic regression on one-hot features, fitted on `joint`. [C].

    Newton's method with a ridge of one pseudo-person per level; O(cells + steps x pairs of levels x levels^2).
    """
    sizes = [int(joint.features[f].max(initial=0)) + 1 for f in features]
    where = np.ravel_multi_index(tuple(joint.features[f] for f in features), sizes)
    cells = _design(sizes)
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
    """Three lines: the condition that best sets apart people with more or fewer events, the next best, else.

    A condition is a level or, where levels are in order, "at least" or "at most" one; the best has the largest sum of
    squares between its people and the rest (Breiman and others 1984, Classification and regression trees). A line
    covers at least 30 people and one in twenty; there are fewer lines where no such condition is left. O(conditions).
    """
    left = np.ones(len(joint.score), dtype=np.bool_)
    least = max(FEWEST, LEAST_SHARE * joint.people.sum())
    lines: list[Line] = []
    for _ in range(2):
        total = joint.people[left].sum(axis=0)
        best = max(_conditions(joint, left, least), key=lambda line: (_gain(line, total), -line.n), default=None)
        if best is None:
            break
        lines.append(best)
        left &= ~_fits(joint, best)
    rest = joint.people[left].sum(axis=0)
    return (*lines, Line(feature=-1, events=int(rest[1]), n=int(rest.sum())))


def ruled(joint: Joint, lines: Sequence[Line]) -> Floats:
    """The share of events of the first matching line, per cell [C]."""
    promised = np.full(len(joint.score), np.nan)
    for line in lines:
        promised[np.isnan(promised) & _fits(joint, line)] = line.events / max(line.n, 1)
    return promised


def compared(joint: Joint, rival: Floats) -> Compared:
    """A model against the instrument on the same people: paired DeLong, by persons. O(cells log cells)."""
    people = joint.people.astype(np.float64)
    own = area_difference(np.zeros(len(rival)), rival, people, joint.fold)  # 0.5 without any error, and the model
    gap = area_difference(joint.score, rival, people, joint.fold)
    return Compared(
        area=own.second,
        variance=own.error**2,
        difference=gap.value,
        difference_variance=gap.error**2,
        n=int(joint.people.sum()),
    )


def _design(sizes: Sequence[int]) -> NDArray[np.float64]:
    """One row for each combination of levels, in the order of ravel_multi_index: 1, and each level but the first."""
    columns = [np.ones(int(np.prod(sizes)))]
    for codes, size in zip(np.indices(sizes).reshape(len(sizes), -1), sizes, strict=True):
        columns += [(codes == level).astype(np.float64) for level in range(1, size)]
    return np.stack(columns, axis=1)


def _likelihood(joint: Joint, p: Floats) -> float:
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return float((joint.people[:, 1] * np.log(p) + joint.people[:, 0] * np.log1p(-p)).sum())


def _fits(joint: Joint, line: Line) -> NDArray[np.bool_]:
    """Which cells a line covers."""
    if line.feature < 0:
        return np.ones(len(joint.score), dtype=np.bool_)
    codes = joint.features[line.feature]
    return np.asarray((codes >= line.low) & (codes <= line.high), dtype=np.bool_)


def _gain(line: Line, total: Wholes) -> float:
    """Sum of squares between a line's people and the rest of `total` [2]."""
    n, events = int(total.sum()), int(total[1])
    rest = n - line.n
    apart = line.events / line.n - (events - line.events) / rest
    return line.n * rest / n * apart**2


def _conditions(joint: Joint, left: NDArray[np.bool_], least: float) -> Iterator[Line]:
    """Every line that covers enough of the people left, and leaves enough; single levels first."""
    for f, codes in enumerate(joint.features):
        size = int(codes.max(initial=0)) + 1
        events = np.bincount(codes[left], weights=joint.people[left, 1], minlength=size).cumsum()
        n = np.bincount(codes[left], weights=joint.people[left].sum(axis=1), minlength=size).cumsum()
        spans = [(level, level) for level in range(size)]
        if joint.ordered[f]:
            spans += [(low, size - 1) for low in range(1, size - 1)] + [(0, high) for high in range(1, size - 1)]
        for low, high in spans:
            covered = float(n[high] - (n[low - 1] if low else 0))
            if covered >= least and n[-1] - covered >= least:
                happened = float(events[high] - (events[low - 1] if low else 0))
                yield Line(feature=f, low=low, high=high, events=int(happened), n=int(covered))
