"""Compare groups: ratios and differences of rates, with intervals."""

from __future__ import annotations

import numpy as np

from peelian.measure.rates import difference_interval, ratio_interval
from peelian.technologies.risk.errors_at import COMPARED, quadrants, rate, shares
from peelian.technologies.risk.rows import Figure
from peelian.technologies.risk.study import Study
from peelian.technologies.risk.suppression import FEWEST


def compared_rates(study: Study) -> list[Figure]:
    """Ratio and difference of every rate at the cut to its reference group's.

    Intervals: Katz on the log scale for ratios, Newcombe's hybrid of Wilson intervals for differences. O(nodes).
    """
    found = []
    people = shares(quadrants(study.people, study.place))
    there = np.array(study.against)
    for metric, (num, den) in shares(quadrants(study.effective, study.place)).items():
        if metric not in COMPARED:
            continue
        may = study.pair(study.shown.outcomes & study.shown.highs & (people[metric][1] >= FEWEST))
        num = np.minimum(num, den)
        value = rate((num, den))
        pair = (num, den, num[there], den[there])
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio, difference = value / value[there], value - value[there]
        for kind, what, (low, high) in (
            ("ratio", ratio, ratio_interval(*pair, study.level)),
            ("difference", difference, difference_interval(*pair, study.level)),
        ):
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


def _has_other(study: Study) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    there = np.array(study.against)
    return np.asarray((there >= 0) & (there != np.arange(len(there))), dtype=np.bool_)
