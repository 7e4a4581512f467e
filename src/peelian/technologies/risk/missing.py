"""Unknown outcomes: their share by group, and bounds on the figures."""

from __future__ import annotations

import numpy as np

from peelian.measure.table import Table
from peelian.technologies.risk.counts import CROSSED, Counts, Floats, Nodes, counted, nodes_of, with_outcome
from peelian.technologies.risk.errors_at import quadrants
from peelian.technologies.risk.replicates import over_nodes, without_each
from peelian.technologies.risk.rows import Figure, Rate
from peelian.technologies.risk.study import Study
from peelian.technologies.risk.suppression import shown, small


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
    visible = shown(counts, nodes, place, may=may)
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
