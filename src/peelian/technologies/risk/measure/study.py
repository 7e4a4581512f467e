"""One tally at one cut-off: counts, groups, suppression, reference groups; the same without each replicate group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from peelian.errors import InputError, sentence
from peelian.measure.table import Table
from peelian.technologies.risk.measure.calibration import pooled_rates, recalibrated
from peelian.technologies.risk.measure.counts import (
    TIMES,
    Counts,
    Floats,
    Mask,
    Nodes,
    Share,
    Wholes,
    axes_of,
    counted,
    counting,
    cut_place,
    encoded,
    known,
    level_edges,
    merged,
    natural_cut,
    nodes_of,
    quadrants,
    shares,
)
from peelian.technologies.risk.measure.jackknife import variance
from peelian.technologies.risk.measure.suppression import FEWEST, SMALLEST, Shown, printable
from peelian.technologies.risk.shared import CROSSED, EVERYONE, Plan

MOST_CELLS = 4_000_000  # of one array over groups of persons, nodes and scores: 32 MB
FEWEST_BANDS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicates:
    """Effective numbers without each of F replicate groups of persons.

    `levels` [F, N, levels, 2] at the study's levels; `fine` [F, N, bands, 2] at every score, or at bands of scores
    where they are many; `scores` [bands] are the mean scores there. `groups` [N] counts the groups that have events
    and the groups that have others, whichever are fewer: what a figure of a node rests on.
    """

    levels: Floats
    fine: Floats
    scores: Floats
    groups: Wholes

    @property
    def count(self) -> int:
        """How many replicate groups there are."""
        return len(self.levels)

    @property
    def whole(self) -> Floats:
        """Effective numbers of everyone at the bands of `fine`: [N, bands, 2]."""
        return np.asarray(self.fine.sum(axis=0) / max(self.count - 1, 1), dtype=np.float64)


def replicates(tally: Table, counts: Counts, nodes: Nodes, edges: Sequence[int]) -> Replicates | None:
    """The replicates of a study; None where the tally has no `fold`. `edges` are the starts of its levels.

    O(rows + F x nodes x crossed groups x bands).
    """
    if "fold" not in tally:
        return None
    rows = known(tally)
    total = int(tally["fold"].max()) + 1
    starts = _bands(counts, edges, MOST_CELLS // (2 * total * len(nodes.group)))
    fine = over_nodes(without_each(rows, counts, starts, total), nodes)
    whole = nodes.of(np.add.reduceat(counts.effective, starts, axis=1))
    gone = (whole - fine).sum(axis=2) > 1e-9
    n = counts.people.sum(axis=(0, 2))
    values = counts.scores * counts.sign
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.add.reduceat(n * values, starts) / np.add.reduceat(n, starts)
    return Replicates(
        levels=np.add.reduceat(fine, np.searchsorted(starts, list(edges)), axis=2),
        fine=fine,
        scores=np.where(np.isfinite(mean), mean, values[starts]),
        groups=gone.sum(axis=0).min(axis=-1).astype(np.int64),
    )


def without_each(rows: Table, counts: Counts, starts: Sequence[int], total: int, *, weighted: bool = True) -> Floats:
    """Effective numbers [F, G, bands, 2] without each of `total` replicate groups; people, where not `weighted`.

    `starts` are places of scores. `rows` are those that `counts` were counted from, or some of them.
    O(rows + F x G x bands).
    """
    rows = counting(rows)
    score = np.searchsorted(counts.scores, counts.sign * rows["score"].astype(np.float64), side="right") - 1
    band = np.searchsorted(np.asarray(starts), score, side="right") - 1
    outcome = rows["outcome"].astype(np.int64)
    shape = (total, len(counts.codes), len(starts), 2)
    flat = np.ravel_multi_index((rows["fold"].astype(np.int64), _group(rows, counts), band, outcome), shape)
    weight = rows["n"].astype(np.float64)
    if weighted and "weight" in rows:
        sums, squares = rows["weight"].astype(np.float64), rows["weight_squares"].astype(np.float64)
        weight = sums * (sums.sum() / squares.sum())
    cells = np.bincount(flat, weights=weight, minlength=int(np.prod(shape))).reshape(shape)
    return np.asarray(np.maximum(cells.sum(axis=0) - cells, 0.0), dtype=np.float64)


def over_nodes(cells: Floats, nodes: Nodes) -> Floats:
    """Sums of per-crossed-group arrays [F, G, ...] for every node: [F, N, ...]."""
    # Not by @: small products on several threads wait for one another for longer than they take.
    flat = np.einsum("ng,fgm->fnm", nodes.matrix, cells.reshape(*cells.shape[:2], -1))
    return np.asarray(flat.reshape(len(cells), len(nodes.group), *cells.shape[2:]), dtype=np.float64)


def design_effect(effective: Floats, found: Replicates | None) -> Floats:
    """How much the variance of calibration grows by several assessments of one person: [N], 1 where nobody has several.

    The mean of the jackknife's over the model's variance for intercept and slope, which together make up the
    likelihood ratio of calibration (Rao and Scott 1984): divide it by this. At least 1. Expected shares stay as they
    are, so that the effect is that of persons alone. `effective` [N, levels, 2]. O(F x N x levels).
    """
    if found is None:
        return np.ones(len(effective))
    promise = pooled_rates(effective[0])
    whole, left = recalibrated(effective, promise), recalibrated(found.levels, promise)
    with np.errstate(divide="ignore", invalid="ignore"):
        effects = np.stack(
            [
                variance(whole.intercept, left.intercept, found.groups) / whole.intercept_error**2,
                variance(whole.slope, left.slope, found.groups) / whole.slope_error**2,
            ]
        )
    some = np.isfinite(effects)
    mean = np.where(some, effects, 0.0).sum(axis=0) / np.maximum(some.sum(axis=0), 1)
    return np.asarray(np.maximum(1.0, mean), dtype=np.float64)


def persons_of(tally: Table, counts: Counts, column: str = "persons") -> Floats:
    """Persons of each crossed group without and with the outcome, [G, 2], each counted where it has that outcome first.

    By the column `distinct`, where it has any outcome first: the sum of both is how many different persons there are.

    Sums over groups are thus never more than there are. O(rows).
    """
    rows = counting(known(tally))
    places = 2 * _group(rows, counts) + rows["outcome"].astype(np.int64)
    found = np.bincount(places, weights=rows[column], minlength=2 * len(counts.codes))
    return np.asarray(found.reshape(-1, 2), dtype=np.float64)


def by_persons(tally: Table, counts: Counts) -> Counts:
    """Counts for suppression: a crossed group of few persons counts as many people as it has replicate groups.

    Without this, one person with 40 assessments would pass for a group of 40. Elsewhere assessments are counted:
    sums stay sums, so that complementary suppression holds. O(rows + cells).
    """
    if "fold" not in tally:
        return counts
    rows = counting(known(tally))
    total = int(tally["fold"].max()) + 1
    pairs = np.flatnonzero(np.bincount(_group(rows, counts) * total + rows["fold"].astype(np.int64)))
    persons = np.bincount(pairs // total, minlength=len(counts.codes))
    people = counts.people.copy()
    for group in np.flatnonzero(persons < SMALLEST).tolist():
        people[group] = _scaled(counts.people[group], int(persons[group]))
    return replace(counts, people=people)


def _scaled(cells: Wholes, total: int) -> Wholes:
    """Whole numbers in proportion to `cells` that sum to `total`, by largest remainders; no more than `cells`."""
    n = int(cells.sum())
    if n <= total:
        return cells
    exact = cells * (total / n)
    whole = np.floor(exact).astype(np.int64)
    rest = np.argsort(-(exact - whole), axis=None, kind="stable")[: total - int(whole.sum())]
    whole.reshape(-1)[rest] += 1
    return np.asarray(whole, dtype=np.int64)


def _bands(counts: Counts, edges: Sequence[int], most: int) -> list[int]:
    """Starts of about `most` bands of equal share, or of every score; the study's levels always start one."""
    size = len(counts.scores)
    most = max(most, FEWEST_BANDS)
    if size <= most:
        return list(range(size))
    share = counts.people.sum(axis=(0, 2)).cumsum() / counts.n
    starts = np.searchsorted(share, np.arange(1, most) / most, side="right")
    return sorted({0, *edges, *(s for s in starts.tolist() if s < size)})


def _group(rows: Table, counts: Counts) -> Wholes:
    """The crossed group of each row, as an index of `counts.codes`."""
    if not counts.axes:
        return np.zeros(len(rows), dtype=np.int64)
    sizes = tuple(len(labels) for labels in counts.labels)
    codes = []
    for labels, name in zip(counts.labels, counts.axes, strict=True):
        words, code = encoded(rows.column(name))
        place = {label: i for i, label in enumerate(labels)}
        codes.append(np.array([place[word] for word in words], dtype=np.int64)[code])
    flat = np.ravel_multi_index(tuple(codes), sizes)
    return np.asarray(np.searchsorted(np.ravel_multi_index(tuple(counts.codes.T), sizes), flat), dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One rate of every node: people [N] as (numerator, denominator), the same in effective numbers, what may show.

    `at` is the score it belongs to (nan: none); `kept` says for which nodes there is such a row at all. `left` are the
    effective numbers without each replicate group [F, N], where some person has several assessments.
    """

    metric: str
    people: Share
    effective: Share
    open_: Mask
    at: float = float("nan")
    kept: Mask | None = None
    left: Share | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of every node: value [N] with bounds, what may show, and the group it is compared with."""

    metric: str
    value: Floats
    low: Floats
    high: Floats
    open_: Mask
    at: float = float("nan")
    against: Sequence[str] = ()
    kept: Mask | None = None


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
    may = printable(by_persons(tally, levels), nodes, place)
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
