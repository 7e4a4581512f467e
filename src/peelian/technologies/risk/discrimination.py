"""Discrimination by group: AUC and mean scores, with intervals."""

from __future__ import annotations

import numpy as np

from peelian.measure.rates import Area, two_sided_p
from peelian.technologies.risk.balance import mean_scores
from peelian.technologies.risk.bootstrap import area_under
from peelian.technologies.risk.counts import Floats
from peelian.technologies.risk.jackknife import Interval, around, interval, p_value, variance
from peelian.technologies.risk.rows import Figure
from peelian.technologies.risk.study import Study


def areas(study: Study, area: Area) -> list[Figure]:
    """Area under the curve per node, and its difference to the reference group's with its probability.

    DeLong; two groups share nobody, so that the variance of the difference is the sum of both. Where some person has
    several assessments, the jackknife. O(F x nodes x scores).
    """
    low, high = area.interval(study.level)
    gap = area.value - study.other(area.value)
    spread = area.variance + study.other(area.variance)
    ends, p = around(gap, np.sqrt(spread), study.level), two_sided_p(gap, spread)
    if found := study.replicates:
        banded, without = area_under(found.whole), area_under(found.fine)
        low, high = interval(banded, without, found.groups, level=study.level, center=area.value)
        low, high = np.maximum(low, 0.0), np.minimum(high, 1.0)
        ends, p = _apart(study, area.value, (banded, without))
    none = np.full(len(gap), np.nan)
    return [
        Figure(metric="auc", value=area.value, low=low, high=high, open_=study.whole),
        _compared(study, "auc_difference", gap, ends),
        _compared(study, "auc_difference_p", p, (none, none)),
    ]


def balances(study: Study) -> list[Figure]:
    """Mean scores of others and of events per node, and their differences to the reference group's."""
    made = []
    scores = study.counts.scores * study.counts.sign
    found = study.replicates
    again = (mean_scores(found.whole, found.scores), mean_scores(found.fine, found.scores)) if found else None
    for outcome, (name, means) in enumerate(
        zip(("mean_score_others", "mean_score_events"), mean_scores(study.fine, scores), strict=True)
    ):
        low, high = around(means.value, means.error, study.level)
        gap = means.value - study.other(means.value)
        ends = around(gap, np.hypot(means.error, study.other(means.error)), study.level)
        if found and again:
            banded, without = again[0][outcome].value, again[1][outcome].value
            low, high = interval(banded, without, found.groups, level=study.level, center=means.value)
            ends, _ = _apart(study, means.value, (banded, without))
        made += [
            Figure(metric=name, value=means.value, low=low, high=high, open_=study.whole),
            _compared(study, f"{name}_difference", gap, ends),
        ]
    return made


def _compared(study: Study, metric: str, value: Floats, ends: Interval) -> Figure:
    """A figure of two groups that both have enough events and others."""
    both = study.pair(study.whole)
    return Figure(metric=metric, value=value, low=ends[0], high=ends[1], open_=both, against=study.names, kept=both)


def _apart(study: Study, value: Floats, again: tuple[Floats, Floats]) -> tuple[Interval, Floats]:
    """Interval and probability of each node's difference to the node it is compared with, by the jackknife.

    `again` are the figure at bands of scores [N] and without each replicate group [F, N].
    """
    there, groups = np.array(study.against), study.replicates.groups if study.replicates else np.zeros(0, np.int64)
    groups = np.minimum(groups, groups[there])
    gap, banded, without = (part - part[..., there] for part in (value, *again))
    spread = variance(banded, without, groups)
    return interval(banded, without, groups, level=study.level, center=gap), p_value(gap, spread, groups)
