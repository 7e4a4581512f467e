"""Compare groups: ratios and differences of rates, with intervals."""

from __future__ import annotations

import numpy as np

from peelian.measure.rates import difference_interval, ratio_interval
from peelian.technologies.risk.errors_at import COMPARED, Share, quadrants, rate, shares
from peelian.technologies.risk.jackknife import Interval, difference_of_shares, ratio_of_shares
from peelian.technologies.risk.rows import Figure
from peelian.technologies.risk.study import Study
from peelian.technologies.risk.suppression import FEWEST


def compared_rates(study: Study) -> list[Figure]:
    """Ratio and difference of every rate at the cut to its reference group's.

    Intervals: Katz on the log scale for ratios, Newcombe's hybrid of Wilson intervals for differences; the jackknife
    where some person has several assessments. O(nodes).
    """
    found = []
    people = shares(quadrants(study.people, study.place))
    there = np.array(study.against)
    left = study.shares_without(study.place)
    for metric, (num, den) in shares(quadrants(study.effective, study.place)).items():
        if metric not in COMPARED:
            continue
        may = study.pair(study.shown.outcomes & study.shown.highs & (people[metric][1] >= FEWEST))
        num = np.minimum(num, den)
        value = rate((num, den))
        ratios, differences = _intervals((num, den), left.get(metric), there, study.level)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio, difference = value / value[there], value - value[there]
        for kind, what, (low, high) in (("ratio", ratio, ratios), ("difference", difference, differences)):
            found.append(
                Figure(
                    metric=f"{metric}_{kind}",
                    value=what,
                    low=low,
                    high=high,
                    open_=may,
                    at=study.cut,
                    against=study.names,
                    kept=_has_other(study),
                )
            )
    return found


def _intervals(share: Share, left: Share | None, there: np.ndarray, level: float) -> tuple[Interval, Interval]:
    """Intervals of ratio and difference of each node's share to that of the node it is compared with."""
    num, den = share
    other = num[there], den[there]
    if left is None:
        return ratio_interval(*share, *other, level), difference_interval(*share, *other, level)
    one, two = (share, left), (other, (left[0][:, there], left[1][:, there]))
    return ratio_of_shares(one, two, level), difference_of_shares(one, two, level)


def _has_other(study: Study) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    there = np.array(study.against)
    return np.asarray((there >= 0) & (there != np.arange(len(there))), dtype=np.bool_)
