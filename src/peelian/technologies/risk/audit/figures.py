"""The figures of an audit: rates at each cut-off and by score band, compared by group, and discrimination."""

from __future__ import annotations

import numpy as np

from peelian.measure.rates import Area, difference_interval, ratio_interval, two_sided_p
from peelian.technologies.risk.measure.bootstrap import area_under, mean_scores
from peelian.technologies.risk.measure.counts import (
    AT_EVERY_CUT,
    COMPARED,
    NEEDS_CUT,
    NEEDS_OUTCOME,
    Floats,
    Mask,
    Share,
    quadrants,
    rate,
    shares,
)
from peelian.technologies.risk.measure.jackknife import (
    Interval,
    around,
    difference_of_shares,
    interval,
    p_value,
    ratio_of_shares,
    variance,
)
from peelian.technologies.risk.measure.study import Figure, Rate, Study
from peelian.technologies.risk.measure.suppression import FEWEST

PER = 1_000
"""Effects of a cut-off are given per 1,000 people scored."""


def rates_at_the_cut(study: Study) -> list[Rate]:
    """Base rate, share scored high, error rates, predictive values and accuracy of every node at the cut."""
    people = shares(quadrants(study.people, study.place))
    effective = shares(quadrants(study.effective, study.place))
    left = study.shares_without(study.place)
    return [
        Rate(
            metric=metric,
            people=people[metric],
            effective=effective[metric],
            open_=_may(study, metric),
            at=study.cut if metric in NEEDS_CUT else float("nan"),
            left=left.get(metric),
        )
        for metric in people
    ]


def rates_at_other_cuts(study: Study) -> list[Rate]:
    """The same at every other cut, for the nodes whose bands may show there. O(levels x nodes)."""
    found = []
    for place in range(1, len(study.levels.scores)):
        kept = study.shown.detail & study.shown.edges[:, place]
        if place == study.place or not kept.any():
            continue
        people = shares(quadrants(study.people, place))
        effective = shares(quadrants(study.effective, place))
        left = study.shares_without(place)
        found += [
            Rate(
                metric=metric,
                people=people[metric],
                effective=effective[metric],
                open_=study.shown.detail,
                at=float(study.at[place]),
                kept=kept,
                left=left.get(metric),
            )
            for metric in AT_EVERY_CUT
        ]
    return found


def bands(study: Study, probability: Floats) -> tuple[list[Rate], list[Figure]]:
    """The calibration table: observed and expected share of events in each band.

    `probability` [levels] is the expected share at each level. A band holds at least 10 people. O(levels x nodes).
    """
    edges = study.shown.edges & study.shown.detail[:, None]
    people, effective = _banded(study.people, edges), _banded(study.effective, edges)
    again = _banded(study.replicates.levels, edges) if study.replicates else None
    n = study.effective.sum(axis=2, keepdims=True)
    promised = _banded(n * probability[:, None], edges)[..., 0]
    rates, figures = [], []
    for place, at in enumerate(study.at.tolist()):
        kept = edges[:, place]
        if not kept.any():
            continue
        here, weighed = people[:, place], effective[:, place]
        total = weighed.sum(axis=1)
        rates.append(
            Rate(
                metric="observed",
                people=(here[:, 1], here.sum(axis=1)),
                effective=(weighed[:, 1], total),
                open_=study.shown.detail,
                at=at,
                kept=kept,
                left=None if again is None else (again[:, :, place, 1], again[:, :, place].sum(axis=2)),
            )
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            value = promised[:, place] / total
        none = np.full(len(value), np.nan)
        figures.append(
            Figure(
                metric="promised", value=value, low=none, high=none, open_=study.shown.detail & kept, at=at, kept=kept
            )
        )
    return rates, figures


def prices(study: Study) -> list[Figure]:
    """Effect of each cut-off per 1,000 people scored: scored high, false positives and false negatives.

    For everyone, at every cut-off whose bands may be shown.
    """
    found = []
    for place in range(1, len(study.levels.scores)):
        kept = (study.shown.detail & study.shown.edges[:, place]) if place != study.place else study.whole
        kept = kept & (np.arange(len(kept)) == 0)
        if not kept.any():
            continue
        q = quadrants(study.effective, place)
        for metric, count in (
            ("high_per_thousand", q.high),
            ("wrongly_high_per_thousand", q.false_high),
            ("wrongly_low_per_thousand", q.false_low),
        ):
            value = PER * count / q.n
            none = np.full(len(value), np.nan)
            found.append(
                Figure(
                    metric=metric, value=value, low=none, high=none, open_=kept, at=float(study.at[place]), kept=kept
                )
            )
    return found


def _banded(cells: Floats, edges: Mask) -> Floats:
    """Sums [..., N, S, K] from each edge of a node to its next, standing at the edge; zero elsewhere."""
    out = np.zeros_like(cells)
    for node in np.flatnonzero(edges.any(axis=1)).tolist():
        starts = np.flatnonzero(edges[node])
        out[..., node, starts, :] = np.add.reduceat(cells[..., node, :, :], starts, axis=-2)
    return out


def _may(study: Study, metric: str) -> Mask:
    """Which nodes may print a rate: what it counts must not give a small set away."""
    may = study.shown.people.copy()
    if metric in NEEDS_OUTCOME:
        may &= study.shown.outcomes
    if metric in NEEDS_CUT:
        may &= study.shown.highs
    return may


# Compare groups: ratios and differences of rates, with intervals.


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


# Discrimination by group: AUC and mean scores, with intervals.


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
