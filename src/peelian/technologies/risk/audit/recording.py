"""Label bias: how much under-recording of one group would remove a difference (arrest is not offence).

An instrument is judged against what was recorded. Suppose the true events of a group were recorded `d` times less often
than the reference group's, whatever the score (Fogliato, G'Sell, Chouldechova 2020, Fairness evaluation in presence of
biased noisy labels). Then `d` times the recorded events are the true ones, taken from the people counted as others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from peelian.technologies.risk.measure.counts import Floats, Quadrants, quadrants, rate, shares
from peelian.technologies.risk.measure.study import Figure, Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """PPV and FPR if the group's events were fully recorded; nan where the counts do not allow it."""

    ppv: Floats
    fpr: Floats


def corrected(q: Quadrants, d: float) -> Corrected:
    """PPV and FPR if the recorded events were one in `d` of the true ones. FNR stays: both its counts grow alike.

    >>> q = Quadrants(true_high=np.array(505.), false_high=np.array(349.), false_low=np.array(461.),
    ...               true_low=np.array(1139.))
    >>> round(float(corrected(q, 1.25).ppv), 3)
    0.739
    """
    extra_high, extra_low = (d - 1) * q.true_high, (d - 1) * q.false_low
    possible = (extra_high <= q.false_high) & (extra_low <= q.true_low)
    with np.errstate(divide="ignore", invalid="ignore"):
        ppv = (q.true_high + extra_high) / q.high
        fpr = (q.false_high - extra_high) / (q.others - extra_high - extra_low)
    return Corrected(ppv=np.where(possible, ppv, np.nan), fpr=np.where(possible, fpr, np.nan))


def largest(q: Quadrants) -> Floats:
    """The largest factor the counts allow: beyond it there are too few others to have been events."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.fmin(q.high / q.true_high, q.low / q.false_low)
    return np.asarray(found, dtype=np.float64)


def parity_of_ppv(q: Quadrants, ppv: Floats) -> Floats:
    """How many times less often a group's events would have to be recorded for its PPV to be `ppv`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(ppv / (q.true_high / q.high), dtype=np.float64)


def parity_of_fpr(q: Quadrants, fpr: Floats) -> Floats:
    """The same for its FPR; under 1 it would have to be recorded more often. nan where nothing brings it there."""
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = 1 + (fpr * q.others - q.false_high) / (fpr * q.events - q.true_high)
    return np.asarray(np.where(factor > 0, factor, np.nan), dtype=np.float64)


def label_bias(study: Study, factors: Sequence[float]) -> list[Figure]:
    """PPV and FPR under each factor, the factors at which PPV and FPR would equal the reference group's, the largest.

    O(nodes x factors). A parity factor beyond the largest the counts allow is nan: no recording explains it.
    """
    q = quadrants(study.effective, study.place)
    none = np.full(len(study.nodes.group), np.nan)
    most = largest(q)
    both = study.pair(study.whole)
    found = []
    for d in factors:
        then = corrected(q, d)
        for name, value in (("ppv_if_recorded_less", then.ppv), ("fpr_if_recorded_less", then.fpr)):
            found.append(Figure(metric=name, value=value, low=none, high=none, open_=study.whole, at=d))
    with np.errstate(divide="ignore", invalid="ignore"):
        ppv, fpr = q.true_high / q.high, q.false_high / q.others
    for name, value in (
        ("recording_parity_ppv", parity_of_ppv(q, study.other(ppv))),
        ("recording_parity_fpr", parity_of_fpr(q, study.other(fpr))),
    ):
        value = np.where(value <= most, value, np.nan)
        found.append(Figure(metric=name, value=value, low=none, high=none, open_=both, against=study.names, kept=both))
    found.append(Figure(metric="recording_largest", value=most, low=none, high=none, open_=study.whole))
    return found


# Trade-offs no score can avoid: the false positive rate implied by base rate, PPV and FNR.


def forced_fpr(base_rate: Floats | float, ppv: Floats | float, fnr: Floats | float) -> Floats:
    """The false positive rate implied by base rate, PPV and FNR.

    FPR = p / (1 - p) · (1 - PPV) / PPV · (1 - FNR): Chouldechova 2017, Fair prediction with disparate impact, eq. 2.6.
    Two groups with different base rates and equal PPV therefore cannot have equal FPR and equal FNR both.

    >>> round(float(forced_fpr(0.5, 0.6, 0.3)), 4), round(float(forced_fpr(0.4, 0.6, 0.3)), 4)
    (0.4667, 0.3111)
    """
    p, v, m = (np.asarray(x, dtype=np.float64) for x in (base_rate, ppv, fnr))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(p / (1 - p) * (1 - v) / v * (1 - m), dtype=np.float64)


def forced(study: Study) -> list[Figure]:
    """The FPR each group would have at the overall PPV and FNR: the effect of its base rate alone. O(nodes)."""
    found = {metric: rate(share) for metric, share in shares(quadrants(study.effective, study.place)).items()}
    value = forced_fpr(found["base_rate"], found["ppv"][0], found["fnr"][0])
    none = np.full(len(value), np.nan)
    may = study.whole & study.whole[0] & (np.arange(len(value)) > 0) & (value <= 1)
    return [Figure(metric="forced_fpr", value=value, low=none, high=none, open_=may, at=study.cut, kept=may)]
