"""One tally at one cut-off: counts, groups, suppression and reference groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from peelian.errors import InputError, sentence
from peelian.measure.table import Table
from peelian.technologies.risk.counts import (
    CROSSED,
    EVERYONE,
    TIMES,
    Counts,
    Floats,
    Mask,
    Nodes,
    Wholes,
    axes_of,
    counted,
    cut_place,
    level_edges,
    merged,
    natural_cut,
    nodes_of,
)
from peelian.technologies.risk.errors_at import Share, quadrants, shares
from peelian.technologies.risk.params import Plan
from peelian.technologies.risk.replicates import Replicates, by_persons, design_effect, persons_of, replicates
from peelian.technologies.risk.suppression import FEWEST, Shown, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """The input of every measure of the audit.

    `counts` hold every score (areas, means); `levels` at most some tens of levels (tables, bands, bootstraps). `place`
    is the level at which high scores begin. Arrays are per node: `people` and `effective` [N, levels, 2], `fine`
    [N, scores, 2] in effective numbers. `against[i]` is the node that node i is compared with, -1 for none.
    `replicates` are there where some person has several assessments, and `design_effect` [N] says how much these widen
    the variance of calibration; `persons` [N, 2] are then persons without and with the outcome, not assessments,
    and `distinct` [N] how many different persons.
    """

    counts: Counts
    levels: Counts
    nodes: Nodes
    cut: float
    place: int
    shown: Shown
    people: Floats
    effective: Floats
    fine: Floats
    against: tuple[int, ...]
    level: float
    design_effect: Floats
    replicates: Replicates | None = None
    persons: Floats | None = None
    distinct: Floats | None = None

    @property
    def size(self) -> Floats:
        """People per node."""
        return np.asarray(self.people.sum(axis=(1, 2)), dtype=np.float64)

    @property
    def different(self) -> Wholes:
        """Different people per node, however often they were assessed."""
        return np.rint(self.size if self.distinct is None else self.distinct).astype(np.int64)

    @property
    def events(self) -> Floats:
        """People per node to whom the outcome happened."""
        return np.asarray(self.people[..., 1].sum(axis=1), dtype=np.float64)

    @property
    def whole(self) -> Mask:
        """Nodes with 30 events and 30 others whose people, outcomes and high scores may all be shown."""
        enough = (self.events >= FEWEST) & (self.size - self.events >= FEWEST)
        return np.asarray(self.shown.outcomes & self.shown.highs & enough, dtype=np.bool_)

    @property
    def at(self) -> Floats:
        """The levels' least scores, as the instrument shows them."""
        return np.asarray(self.levels.scores * self.levels.sign, dtype=np.float64)

    @property
    def names(self) -> tuple[str, ...]:
        """For each node the group it is compared with, "" for none."""
        return tuple(self.nodes.group[i] if i >= 0 else "" for i in self.against)

    def other(self, values: Floats) -> Floats:
        """`values` [N] of the node each node is compared with; nan for none."""
        there = np.array(self.against)
        return np.where(there >= 0, values[there], np.nan)

    def shares_without(self, place: int) -> Mapping[str, Share]:
        """Every rate at `place` as numerator and denominator without each replicate group, [F, N]; empty: no such."""
        return shares(quadrants(self.replicates.levels, place)) if self.replicates else {}

    def pair(self, mask: Mask) -> Mask:
        """Nodes that differ from the node they are compared with, where `mask` holds for both."""
        there = np.array(self.against)
        return np.asarray((there >= 0) & (there != np.arange(len(there))) & mask & mask[there], dtype=np.bool_)


def study(tally: Table, plan: Plan) -> Study:
    """Count a tally and decide what may be shown of it. O(rows + nodes x groups x scores)."""
    axes = plan.axes or axes_of(tally)
    missing = [name for name in axes if name not in axes_of(tally)]
    if missing:
        says = sentence("%(n)d requested %(n:axis is|axes are) not in the tally", n=len(missing))
        raise InputError(says, column="axes", accepted=", ".join(axes_of(tally)) or "a tally with group columns")
    wanted = [*plan.cuts, *(() if plan.cut is None else (plan.cut,))]
    counts = counted(tally, axes, edges=wanted, sign=-1 if plan.low_is_high_risk else 1)
    cut = natural_cut(counts) if plan.cut is None else plan.cut
    places = [cut_place(counts, one) for one in (cut, *plan.cuts)]
    edges = level_edges(counts, places)
    levels = replace(
        counts,
        scores=counts.scores[edges],
        people=merged(counts.people, edges).astype(np.int64),
        effective=merged(counts.effective, edges),
    )
    nodes = nodes_of(counts, crossed=plan.crossed)
    place = cut_place(levels, cut)
    may = shown(by_persons(tally, levels), nodes, place)
    people, effective = nodes.of(levels.people), nodes.of(levels.effective)
    again = replicates(tally, counts, nodes, edges)
    return Study(
        counts=counts,
        levels=levels,
        nodes=nodes,
        cut=cut,
        place=place,
        shown=may,
        people=people,
        effective=effective,
        fine=nodes.of(counts.effective),
        against=_compared(nodes, people.sum(axis=(1, 2)), may.people, plan.reference),
        level=plan.level,
        design_effect=design_effect(effective, again),
        replicates=again,
        persons=nodes.of(persons_of(tally, counts)) if "persons" in tally else None,
        distinct=nodes.of(persons_of(tally, counts, "distinct")).sum(axis=1) if "distinct" in tally else None,
    )


def _compared(nodes: Nodes, size: Floats, may: Mask, wanted: Sequence[str]) -> tuple[int, ...]:
    """For each node the node it is compared with: on its axis the group asked for, else the largest that may show."""
    words = {part for group in nodes.group for part in (group, *group.split(TIMES))}
    if unknown := [word for word in wanted if word not in words]:
        known = [g for g, axis, open_ in zip(nodes.group, nodes.axis, may, strict=True)
                 if open_ and axis not in (EVERYONE, CROSSED)]  # fmt: skip
        says = sentence("reference group %(label)s is not in the tally", label=unknown[0][:60])
        accepted = sentence("at most one label per axis, of: %(labels)s", labels=", ".join(known))
        raise InputError(says, column="reference", accepted=accepted)
    chosen = {}
    for axis in dict.fromkeys(nodes.axis):
        members = nodes.where(axis)
        named = [i for i in members if _named(nodes, i, wanted)]
        open_ = [i for i in members if may[i]] or members
        chosen[axis] = max(named or open_, key=lambda i: size[i])
    return tuple(-1 if axis == EVERYONE else chosen[axis] for axis in nodes.axis)


def _named(nodes: Nodes, node: int, wanted: Sequence[str]) -> bool:
    """Whether a node is a reference group; a crossed group is one where every named label is part of it."""
    if nodes.axis[node] == CROSSED:
        return bool(wanted) and set(wanted) <= {nodes.group[node], *nodes.group[node].split(TIMES)}
    return nodes.group[node] in wanted
