"""Discrimination by group: AUC and mean scores, with intervals."""

from __future__ import annotations

import numpy as np
import scipy

from peelian.measure.rates import Area, two_sided_p
from peelian.technologies.risk.balance import Means, mean_scores
from peelian.technologies.risk.counts import Floats
from peelian.technologies.risk.rows import Figure
from peelian.technologies.risk.study import Study


def areas(study: Study, area: Area) -> list[Figure]:
    """Area under the curve per node (DeLong), and its difference to the reference group's with its probability.

    Two groups share nobody, so that the variance of the difference is the sum of both. O(nodes).
    """
    low, high = area.interval(study.level)
    gap = area.value - study.other(area.value)
    variance = area.variance + study.other(area.variance)
    half = _z(study.level) * np.sqrt(variance)
    both = study.pair(study.whole)
    none = np.full(len(gap), np.nan)
    return [
        Figure(metric="auc", value=area.value, low=low, high=high, open_=study.whole),
        Figure(
            metric="auc_difference",
            value=gap,
            low=gap - half,
            high=gap + half,
            open_=both,
            against=study.names,
            kept=both,
        ),
        Figure(
            metric="auc_difference_p",
            value=two_sided_p(gap, variance),
            low=none,
            high=none,
            open_=both,
            against=study.names,
            kept=both,
        ),
    ]


def balances(study: Study) -> list[Figure]:
    """Mean scores of others and of events per node, and their differences to the reference group's."""
    found = []
    scores = study.counts.scores * study.counts.sign
    both = study.pair(study.whole)
    for name, means in zip(("mean_score_others", "mean_score_events"), mean_scores(study.fine, scores), strict=True):
        low, high = _around(means, study.level)
        gap = means.value - study.other(means.value)
        half = _z(study.level) * np.hypot(means.error, study.other(means.error))
        found += [
            Figure(metric=name, value=means.value, low=low, high=high, open_=study.whole),
            Figure(
                metric=f"{name}_difference",
                value=gap,
                low=gap - half,
                high=gap + half,
                open_=both,
                against=study.names,
                kept=both,
            ),
        ]
    return found


def _around(means: Means, level: float) -> tuple[Floats, Floats]:
    half = _z(level) * means.error
    return means.value - half, means.value + half


def _z(level: float) -> float:
    return float(scipy.special.ndtri(0.5 + level / 2))
