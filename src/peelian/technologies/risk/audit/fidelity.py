"""Fidelity: compare recorded scores with the published point table."""

from __future__ import annotations

import numpy as np

from peelian.measure.table import Table
from peelian.technologies.risk.measure.counts import Counts, Floats, Nodes, counted, known, nodes_of, with_outcome
from peelian.technologies.risk.measure.study import Figure, Rate, Study, over_nodes, without_each
from peelian.technologies.risk.shared import CROSSED

EQUAL = 1e-9


def fidelity(tally: Table, study: Study) -> tuple[list[Rate], list[Figure]]:
    """The share of recorded scores equal to, and on the same side of the cut as, the recomputed ones.

    The tally's `recomputed` holds the score by the point table (nan: items missing). Groups are printed only if
    every score could be recomputed; otherwise a second n per group could be subtracted from the first. O(rows).
    """
    if "recomputed" not in tally:
        return [], []
    rows = known(tally)
    there = np.isfinite(rows["recomputed"].astype(np.float64))
    rows = rows.take(there)
    if not len(rows) or not rows["n"].sum():
        return [], []
    everyone_only = not bool(there.all())
    sign = study.counts.sign
    score, again = (rows[name].astype(np.float64) for name in ("score", "recomputed"))
    same = np.abs(score - again) <= EQUAL * np.maximum(1.0, np.abs(score))
    side = (sign * score >= sign * study.cut) == (sign * again >= sign * study.cut)
    rates = [
        _rate(study, metric, rows, yes, everyone_only)
        for metric, yes in (("recomputed_equal", same), ("recomputed_same_side", side))
    ]
    n = rows["n"].astype(np.float64)
    only = np.arange(len(study.nodes.group)) == 0
    gap = float((n * (score - again)).sum() / n.sum())
    none = np.full(len(only), np.nan)
    figure = Figure(
        metric="recorded_above_recomputed",
        value=np.where(only, gap, np.nan),
        low=none,
        high=none,
        open_=only & study.shown.people,
        kept=only,
    )
    return rates, [figure]


def _rate(study: Study, metric: str, rows: Table, yes: np.ndarray, everyone_only: bool) -> Rate:
    """The share of people for whom `yes` holds, per node of the study."""
    table = with_outcome(rows, yes.astype(np.int64))
    counts: Counts = counted(table, study.counts.axes)
    nodes: Nodes = nodes_of(counts, crossed=CROSSED in study.nodes.axis)
    cells: Floats = nodes.of(counts.people.sum(axis=1))
    at = {name: i for i, name in enumerate(zip(nodes.axis, nodes.group, strict=True))}
    index = [at.get(name, 0) for name in zip(study.nodes.axis, study.nodes.group, strict=True)]
    num, den = cells[index, 1], cells[index].sum(axis=1)
    left = None
    if study.replicates:
        again = over_nodes(without_each(table, counts, [0], study.replicates.count, weighted=False), nodes)[:, index, 0]
        left = again[..., 1], again.sum(axis=-1)
    kept = np.arange(len(index)) == 0 if everyone_only else np.ones(len(index), dtype=np.bool_)
    return Rate(
        metric=metric,
        people=(num, den),
        effective=(num, den),
        open_=study.shown.people,
        at=study.cut,
        kept=kept,
        left=left,
    )
