"""Trade-offs no score can avoid: the false positive rate implied by base rate, PPV and FNR."""

from __future__ import annotations

import numpy as np

from peelian.measure.rates import difference_interval
from peelian.technologies.risk.counts import Floats
from peelian.technologies.risk.errors_at import quadrants, rate, shares
from peelian.technologies.risk.jackknife import difference_of_shares
from peelian.technologies.risk.rows import Figure
from peelian.technologies.risk.study import Study


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


def base_rates_differ(study: Study, axis: str) -> tuple[int, int] | None:
    """The group of an axis whose base rate differs most from its reference group's, with that group, as nodes.

    None if the interval of that difference includes 0, or no two groups of the axis can be compared.
    """
    num, den = shares(quadrants(study.effective, study.place))["base_rate"]
    may = study.pair(study.whole) & (np.array(study.nodes.axis) == axis)
    if not may.any():
        return None
    num = np.minimum(num, den)
    value = rate((num, den))
    node = int(np.argmax(np.where(may, np.abs(value - study.other(value)), -1)))
    ref = study.against[node]
    one, two = ((num[i], den[i]) for i in (node, ref))
    if left := study.shares_without(study.place).get("base_rate"):
        again, other = ((left[0][:, i], left[1][:, i]) for i in (node, ref))
        low, high = difference_of_shares((one, again), (two, other), study.level)
    else:
        low, high = difference_interval(*one, *two, study.level)
    return (node, ref) if low > 0 or high < 0 else None
