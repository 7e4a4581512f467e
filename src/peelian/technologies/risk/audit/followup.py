"""Incomplete follow-up and unknown outcomes: compare incomplete follow-up between people with and without the outcome.

If people with the outcome are kept despite a window cut short, and others are not, base rate and PPV are too high while
FPR is unchanged: Barenstein 2019, ProPublica's COMPAS data revisited.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from peelian.measure.rates import two_sided_p
from peelian.measure.table import Table
from peelian.technologies.risk.measure.counts import (
    Counts,
    Floats,
    Nodes,
    Quadrants,
    Share,
    counted,
    known,
    nodes_of,
    quadrants,
    shares,
    with_outcome,
)
from peelian.technologies.risk.measure.study import Figure, Rate, Study, over_nodes, without_each
from peelian.technologies.risk.measure.suppression import printable, small
from peelian.technologies.risk.shared import CROSSED


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """Effect of dropping people with incomplete follow-up; `open_` says whether its counts may be shown.

    `p`: the probability of this difference in incomplete follow-up, events against others, if there is none.
    """

    rates: tuple[Rate, ...]
    dropped: int
    dropped_events: int
    p: float
    open_: bool


def follow_up(tally: Table, study: Study) -> FollowUp | None:
    """The figures of everyone with and without incomplete windows; None where the tally has no `full_window`. O(rows).

    Groups are left out on purpose: a second set of counts per group could be subtracted from the first.
    """
    if "full_window" not in tally:
        return None
    rows = known(tally)
    complete = rows.take(rows["full_window"] == 1)
    if not len(complete) or not complete["n"].sum():
        return None
    before = quadrants(study.people[0], study.place)
    after = _at(complete, study)
    gone = _minus(before, after)
    open_ = not small(np.array([gone.events, gone.others, gone.high, gone.low])).any()
    found = _followed(before, after)
    left = _left(rows, complete, study)
    share, events, others = float(gone.n / before.n), max(float(before.events), 1.0), max(float(before.others), 1.0)
    spread = share * (1 - share) * (1 / events + 1 / others) * float(study.design_effect[0])
    gap = float(gone.events) / events - float(gone.others) / others
    rates = [_rate(study, metric, share, open_, left.get(metric)) for metric, share in found.items()]
    return FollowUp(
        rates=tuple(rates),
        dropped=int(gone.n),
        dropped_events=int(gone.events),
        p=float(two_sided_p(gap, spread)) if spread > 0 else 1.0,
        open_=bool(open_),
    )


def _followed(before: Quadrants, after: Quadrants) -> dict[str, Share]:
    """Shares with incomplete follow-up, and rates of those with complete follow-up."""
    gone, complete = _minus(before, after), shares(after)
    return {
        "incomplete_events": (gone.events, before.events),
        "incomplete_others": (gone.others, before.others),
        **{f"{metric}_complete": complete[metric] for metric in ("base_rate", "fpr", "fnr", "ppv")},
    }


def _left(rows: Table, complete: Table, study: Study) -> dict[str, Share]:
    """The same without each replicate group, [F]; empty where nobody has several assessments."""
    if study.replicates is None:
        return {}
    sides = []
    for part in (rows, complete):
        counts = counted(part, edges=[study.cut], sign=study.counts.sign)
        place = _place(counts.scores, study.cut * study.counts.sign)
        cells = without_each(part, counts, [0, place], study.replicates.count, weighted=False)
        sides.append(quadrants(cells[:, 0], 1))
    return _followed(*sides)


def _at(rows: Table, study: Study) -> Quadrants:
    counts = counted(rows, edges=[study.cut], sign=study.counts.sign)
    return quadrants(counts.people[0].astype(np.float64), _place(counts.scores, study.cut * study.counts.sign))


def _place(scores: Floats, cut: float) -> int:
    return int(np.searchsorted(scores, cut, side="left"))


def _minus(a: Quadrants, b: Quadrants) -> Quadrants:
    return Quadrants(
        true_high=a.true_high - b.true_high,
        false_high=a.false_high - b.false_high,
        false_low=a.false_low - b.false_low,
        true_low=a.true_low - b.true_low,
    )


def _rate(study: Study, metric: str, share: Share, open_: bool, left: Share | None) -> Rate:
    """A rate of everyone alone: node 0."""
    size = len(study.nodes.group)
    only = np.arange(size) == 0
    num, den = (np.where(only, float(part), 0.0) for part in share)
    return Rate(
        metric=metric,
        people=(num, den),
        effective=(num, den),
        open_=only & open_,
        at=study.cut,
        kept=only,
        left=left and (left[0][:, None] * only, left[1][:, None] * only),
    )


# Unknown outcomes: their share by group, and bounds on the figures.


def missing_outcomes(tally: Table, study: Study) -> tuple[list[Rate], list[Figure]]:
    """The share with an unknown outcome per group, and bounds of base rate, FPR and PPV for everyone.

    Bounds after Manski 2003, Partial Identification of Probability Distributions: the unknown outcomes are taken to be
    all events, or none, whichever is worse. Nothing where every outcome is known. O(rows).
    """
    if "outcome_known" not in tally or not tally["n"][tally["outcome_known"] == 0].sum():
        return [], []
    turned = with_outcome(tally, tally["outcome_known"])
    counts = counted(turned, study.counts.axes, edges=[study.cut], sign=study.counts.sign)
    place = int(np.searchsorted(counts.scores, study.cut * study.counts.sign, side="left"))
    nodes = nodes_of(counts, crossed=False)
    open_names = {name for name, may in zip(_names(study.nodes), study.shown.people.tolist(), strict=True) if may}
    may = np.array([name in open_names for name in _names(nodes)])
    visible = printable(counts, nodes, place, may=may)
    total = nodes.of(counts.people.sum(axis=1))
    at = {name: i for i, name in enumerate(_names(nodes))}
    index = [at.get(name, -1) for name in _names(study.nodes)]
    there = np.array([i >= 0 for i in index]) & (np.array(study.nodes.axis) != CROSSED)
    gone = np.where(there, total[index, 0], 0.0)
    everyone = np.where(there, total[index].sum(axis=1), 0.0)
    left = None
    if study.replicates:
        again = (
            over_nodes(without_each(turned, counts, [0], study.replicates.count, weighted=False), nodes)[:, index, 0]
            * there[:, None]
        )
        left = again[..., 0], again.sum(axis=-1)
    rate = Rate(
        metric="missing_outcome",
        people=(gone, everyone),
        effective=(gone, everyone),
        open_=there & visible.outcomes[index],
        kept=there,
        left=left,
    )
    return [rate], _bounds(counts, place, study)


def _bounds(counts: Counts, place: int, study: Study) -> list[Figure]:
    unknown = quadrants(counts.people.sum(axis=0).astype(np.float64), place)
    high, low = float(unknown.false_high), float(unknown.true_low)  # here "others" are the people nobody knows about
    if small(np.array([high, low])).any():
        return []
    q = quadrants(study.people[0], study.place)
    bounds = {
        "base_rate_bounds": (q.events / (q.n + high + low), (q.events + high + low) / (q.n + high + low)),
        "fpr_bounds": (q.false_high / (q.others + low), (q.false_high + high) / (q.others + high)),
        "ppv_bounds": (q.true_high / (q.high + high), (q.true_high + high) / (q.high + high)),
    }
    values = {
        "base_rate_bounds": q.events / q.n,
        "fpr_bounds": q.false_high / q.others,
        "ppv_bounds": q.true_high / q.high,
    }
    only = np.arange(len(study.nodes.group)) == 0
    return [
        Figure(
            metric=metric,
            value=_alone(only, values[metric]),
            low=_alone(only, ends[0]),
            high=_alone(only, ends[1]),
            open_=only & study.whole,
            at=study.cut,
            kept=only,
        )
        for metric, ends in bounds.items()
    ]


def _alone(only: np.ndarray[tuple[int], np.dtype[np.bool_]], value: Floats) -> Floats:
    return np.where(only, float(value), np.nan)


def _names(nodes: Nodes) -> list[tuple[str, str]]:
    return list(zip(nodes.axis, nodes.group, strict=True))
