"""Compare two matchers on the same comparisons, each at its own threshold of one false match rate.

A threshold is itself estimated: where the impostors of a sample score high, it is set higher, and more people are
missed. So a difference of FNMR varies with its genuine comparisons and, by the slope of the error curve, with the
impostor comparisons that set the thresholds. Both parts are summed by subject, and the variance is the sum of their
squares: the infinitesimal jackknife over subjects (Efron 1982). A pair counts with both its subjects, which makes the
variance a little too large rather than too small (decision 0034).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy
from numpy.typing import NDArray

from peelian.errors import NotEnoughData, sentence
from peelian.measure.multiplicity import holm
from peelian.technologies.faces.measure.errors import FMR, FNMR, pair_keys
from peelian.technologies.faces.measure.scores import EVERYBODY, Flags, Floats, Scores
from peelian.technologies.faces.measure.shares import POWER, SURE
from peelian.technologies.faces.measure.uncertainty import ENOUGH_ERRORS, FEW_ERRORS, NOT_DETERMINABLE

LOWER, HIGHER, NO_DIFFERENCE = "lower with the second matcher", "higher with the second matcher", "no difference found"
TARGETS = (1e-4, 1e-3, 1e-2, 0.1)
WIDE = 2.0  # the error curve's slope is taken between half and twice the false match rate
LEAST_SUBJECTS = 20

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operating:
    """One matcher at the threshold that was set here."""

    threshold: float
    fmr: float
    fmr_n: int
    fnmr: float
    fnmr_n: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The second matcher's rate less the first's, of one group or of everybody, with its 95% interval.

    `would_see` is the difference that would have been found in 80% of such trials.
    """

    measure: str
    group: str
    n: int
    subjects: int
    errors: int
    errors_2: int
    discordant: int  # subjects with a comparison on which the matchers differ
    variance: float
    free: float  # degrees of freedom of the variance
    low: float = math.nan
    high: float = math.nan
    p_holm: float = math.nan
    would_see: float = math.nan
    verdict: str = NOT_DETERMINABLE

    @property
    def value(self) -> float:
        """The difference of the two rates."""
        return (self.errors_2 - self.errors) / self.n if self.n else math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Both matchers at one false match rate, and their differences by group."""

    target: float
    operating: tuple[Operating, Operating]
    differences: tuple[Difference, ...]


def compared(first: Scores, second: Scores, target: float = 0.0) -> Comparison:
    """The paired comparison of oriented scores of the same rows. O(rows log rows).

    NotEnoughData: too few subjects, or too few false matches at the target (0: the lowest of `TARGETS` with 30).
    """
    made = ~first.genuine & ~first.failed & ~second.failed
    n, subjects = int(made.sum()), first.subjects
    target = target or next((t for t in TARGETS if t * n >= ENOUGH_ERRORS), TARGETS[-1])
    if target * n < ENOUGH_ERRORS or subjects < LEAST_SUBJECTS:
        says = sentence("%(n)d impostor comparisons of %(subjects)d subjects are too few", n=n, subjects=subjects)
        raise NotEnoughData(says, accepted="30 expected false matches and 20 subjects")
    sides = tuple(_Side.of(scores, made, target) for scores in (first, second))
    dyads = _Dyads.of(first, made, sides)
    groups = first.cells.groups
    found = [_missed(first, sides, dyads, None), *(_missed(first, sides, dyads, g) for g in range(len(groups)))]
    found += [_matched(first, sides, dyads, g) for g in range(len(groups))]
    return Comparison(
        target=target,
        operating=(sides[0].operating(first), sides[1].operating(second)),
        differences=tuple(_concluded([one for one in found if one.n])),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One matcher at its threshold: false matches `x` by impostor comparison made, misses `y` by genuine one.

    `stricter` and `looser` are the same at half and at twice the rate, for the slopes.
    """

    threshold: float
    x: Flags
    y: Flags
    stricter: tuple[Flags, Flags]
    looser: tuple[Flags, Flags]

    @staticmethod
    def of(scores: Scores, made: Flags, target: float) -> _Side:
        impostor, genuine, failed = scores.score[made], scores.score[scores.genuine], scores.failed[scores.genuine]
        ranked = np.sort(impostor)

        def at(share: float) -> tuple[float, Flags, Flags]:
            threshold = _threshold(ranked, share)
            return threshold, impostor >= threshold, failed | (genuine < threshold)

        threshold, x, y = at(target)
        return _Side(threshold=threshold, x=x, y=y, stricter=at(target / WIDE)[1:], looser=at(target * WIDE)[1:])

    def slope(self, rows: Flags, side: int) -> float:
        """How much an error rate of these rows (side 0: impostor, 1: genuine) moves with the overall FMR."""
        moved = self.looser[0].mean() - self.stricter[0].mean()
        if not moved or not rows.any():
            return 0.0
        return float((self.looser[side][rows].mean() - self.stricter[side][rows].mean()) / moved)

    def operating(self, scores: Scores) -> Operating:
        """What the matcher does at this threshold."""
        return Operating(
            threshold=-self.threshold if scores.distance else self.threshold,
            fmr=float(self.x.mean()),
            fmr_n=len(self.x),
            fnmr=float(self.y.mean()) if len(self.y) else math.nan,
            fnmr_n=len(self.y),
            failed=int(scores.failed.sum()),
        )


def _threshold(ranked: Floats, share: float) -> float:
    """The threshold of ascending scores at which the share of matches is nearest; ties match together."""
    n = len(ranked)
    k = max(1, round(share * n))
    value = ranked[n - k]
    with_ties, without = n - np.searchsorted(ranked, value, "left"), n - np.searchsorted(ranked, value, "right")
    return float(value if with_ties - k <= k - without else np.nextafter(value, np.inf))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dyads:
    """Impostor comparisons by pair of subjects: trials `m`, false matches `x1` and `x2`, and the pair's cell."""

    a: NDArray[np.int32]
    b: NDArray[np.int32]
    m: Floats
    x1: Floats
    x2: Floats
    cell: Numbers
    subjects: int
    rows: NDArray[np.int16]  # the cell of each impostor comparison made

    @staticmethod
    def of(scores: Scores, made: Flags, sides: Sequence[_Side]) -> _Dyads:
        probe, ref = (side[made] for side in scores.named())
        keys, where = np.unique(pair_keys(probe, ref), return_inverse=True)
        first = np.zeros(len(keys), dtype=np.int64)
        first[where] = np.arange(len(where))
        weights = (np.ones(len(where)), sides[0].x.astype(np.float64), sides[1].x.astype(np.float64))
        m, x1, x2 = (np.bincount(where, weights=w, minlength=len(keys)).astype(np.float64) for w in weights)
        rows = scores.cell[made]
        cell = rows[first].astype(np.int64)
        return _Dyads(a=probe[first], b=ref[first], m=m, x1=x1, x2=x2, cell=cell, subjects=scores.subjects, rows=rows)

    def residual(self, slopes: tuple[float, float]) -> Floats:
        """What each pair adds to the difference through the thresholds that it helped to set."""
        n = self.m.sum()
        first = slopes[0] * (self.x1 - self.m * self.x1.sum() / n)
        return np.asarray((slopes[1] * (self.x2 - self.m * self.x2.sum() / n) - first) / n, dtype=np.float64)

    def by_subject(self, pairs: Floats) -> Floats:
        """The sum of a value of pairs by subject: each pair counts with both."""
        sums = np.bincount(self.a, weights=pairs, minlength=self.subjects)
        return np.asarray(sums + np.bincount(self.b, weights=pairs, minlength=self.subjects), dtype=np.float64)


def _missed(scores: Scores, sides: Sequence[_Side], dyads: _Dyads, group: int | None) -> Difference:
    """The difference of FNMR. A pair's residual moves both thresholds; a stricter one misses more, so the slope's sign
    is turned."""
    who = scores.named()[0][scores.genuine]
    rows = np.ones(len(who), dtype=np.bool_) if group is None else scores.group_of[who] == group
    y1, y2, who = sides[0].y[rows], sides[1].y[rows], who[rows]
    n = len(who)
    moved = y2.astype(np.float64) - y1
    own = np.bincount(who, weights=(moved - moved.mean()) / n, minlength=dyads.subjects) if n else np.zeros(1)
    slopes = (-sides[0].slope(rows, 1), -sides[1].slope(rows, 1))
    pairs = dyads.residual(slopes)
    sums = own + dyads.by_subject(pairs) if n else np.zeros(dyads.subjects)
    return Difference(
        measure=FNMR,
        group=EVERYBODY if group is None else scores.cells.groups[group],
        n=n,
        subjects=len(np.unique(who)),
        errors=int(y1.sum()),
        errors_2=int(y2.sum()),
        discordant=len(np.unique(who[y1 != y2])),
        variance=float((sums**2).sum()),
        free=_free(sums),
    )


def _matched(scores: Scores, sides: Sequence[_Side], dyads: _Dyads, group: int) -> Difference:
    """The difference of FMR within a group, at the thresholds of everybody's FMR."""
    cell = scores.cells.pair(group, group)
    inside = dyads.cell == cell
    m, x1, x2 = dyads.m[inside], dyads.x1[inside], dyads.x2[inside]
    n = int(m.sum())
    rows = dyads.rows == cell
    pairs = -dyads.residual((sides[0].slope(rows, 0), sides[1].slope(rows, 0)))
    moved = x2 - x1
    if n:
        pairs[inside] += (moved - m * moved.sum() / n) / n
    sums = dyads.by_subject(pairs)
    differ = np.concatenate([dyads.a[inside][moved != 0], dyads.b[inside][moved != 0]])
    return Difference(
        measure=FMR,
        group=scores.cells.groups[group],
        n=n,
        subjects=int((scores.group_of == group).sum()),
        errors=int(x1.sum()),
        errors_2=int(x2.sum()),
        discordant=len(np.unique(differ)),
        variance=float((sums**2).sum()),
        free=_free(sums),
    )


def _free(sums: Floats) -> float:
    """The degrees of freedom of a sum of squares: about the number of subjects, fewer where a few make most of it.

    2 V^2 / Var(V) with the variance of the squares as it is seen (Satterthwaite 1946).
    """
    squares = sums[sums != 0] ** 2
    total, n = float(squares.sum()), len(squares)
    spread = float((squares**2).sum()) - total**2 / n if n else 0.0
    return max(1.0, min(n - 1.0, 2 * total**2 / spread)) if spread > 0 else max(1.0, n - 1.0)


def _concluded(found: Sequence[Difference]) -> list[Difference]:
    """Intervals and verdicts, with one Holm correction over all of them."""
    able = [one for one in found if one.discordant >= FEW_ERRORS and one.subjects > 1 and one.variance > 0]
    p = [2 * float(scipy.special.stdtr(d.free, -abs(d.value) / math.sqrt(d.variance))) for d in able]
    corrected = dict(zip((id(one) for one in able), holm(p).tolist(), strict=True))
    made = []
    for one in found:
        if id(one) not in corrected:
            made.append(one)
            continue
        error, free, sure = math.sqrt(one.variance), one.free, SURE / (2 * len(able))
        half = error * float(scipy.special.stdtrit(free, 0.975))
        seen = error * float(scipy.special.stdtrit(free, 1 - sure) + scipy.special.stdtrit(free, POWER))
        p_holm = corrected[id(one)]
        verdict = NO_DIFFERENCE if p_holm > SURE else LOWER if one.value < 0 else HIGHER
        made.append(
            replace(one, low=one.value - half, high=one.value + half, p_holm=p_holm, would_see=seen, verdict=verdict)
        )
    return made
