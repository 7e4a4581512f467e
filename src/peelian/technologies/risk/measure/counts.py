"""The count table: group x score x outcome -> n. Every figure of an audit is a function of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.measure.table import Column, Kind, Table, Values
from peelian.technologies.risk.shared import CROSSED, EVERYONE

Floats = NDArray[np.float64]
Wholes = NDArray[np.int64]
Mask = NDArray[np.bool_]
TIMES = " × "
MOST_SCORES = 4_096
MOST_LEVELS = 20  # different scores up to here are levels of their own; beyond, bands of equal share stand for them
MOST_CROSSED = 500
FEATURE, AREA = "feature_", "area_"  # prefixes of columns that are no group axes


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """People by crossed group, score and outcome.

    `codes` [G, A] says which label of each axis a crossed group has; `scores` [S] ascend with risk; `people`
    [G, S, 2] are whole people, `effective` the same shape in Kish's effective numbers (equal without weights).
    `sign` is -1 where a high score of the instrument means low risk: shown scores are `sign * scores`.
    """

    axes: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    codes: Wholes
    scores: Floats
    people: Wholes
    effective: Floats
    sign: int = 1

    @property
    def n(self) -> int:
        """Everyone counted."""
        return int(self.people.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """The groups an audit prints: everyone, each group of each axis, each crossed group.

    `matrix` [N, G] is 1 where a crossed group belongs to a node; node 0 is everyone.
    """

    axis: tuple[str, ...]
    group: tuple[str, ...]
    matrix: Floats

    def of(self, cells: NDArray[np.int64] | Floats) -> Floats:
        """Sums of per-crossed-group arrays [G, ...] for every node: [N, ...]. O(nodes x cells)."""
        flat = self.matrix @ cells.reshape(len(cells), -1)
        return flat.reshape(len(self.group), *cells.shape[1:])

    def where(self, axis: str) -> list[int]:
        """Indexes of the nodes on one axis, in order."""
        return [i for i, name in enumerate(self.axis) if name == axis]


def axes_of(table: Table) -> tuple[str, ...]:
    """The group axes of a tally: its GROUP columns that are not features."""
    return tuple(c.name for c in table.columns if c.kind is Kind.GROUP and not c.name.startswith((FEATURE, AREA)))


def known(table: Table) -> Table:
    """The rows whose outcome is known."""
    return table.take(table["outcome_known"] == 1) if "outcome_known" in table else table


def counting(rows: Table) -> Table:
    """The rows that stand for somebody."""
    some = rows["n"] > 0
    return rows if some.all() else rows.take(some)


def with_outcome(rows: Table, values: Values) -> Table:
    """The same people with another flag, known of all, in the place of their outcome."""
    kept = [c for c in rows.columns if c.name not in ("outcome", "outcome_known")]
    return Table(name=rows.name, columns=(*kept, Column(name="outcome", kind=Kind.COUNT, values=values)))


def counted(table: Table, axes: Sequence[str] = (), *, edges: Sequence[float] = (), sign: int = 1) -> Counts:
    """The count table of a tally over `axes`, from its rows with a known outcome. O(rows).

    More than 4,096 different scores are grouped into bands of about equal share, named by their least score; `edges`
    (cuts, in the instrument's own direction) always start a band, so that figures at a cut stay exact.

    >>> from peelian.measure.table import table
    >>> t = table("tally", {"score": (Kind.AMOUNT, [1.0, 2.0]), "outcome": (Kind.COUNT, [0, 1]),
    ...                     "n": (Kind.COUNT, [7, 5])})
    >>> counted(t).people.tolist()
    [[[7, 0], [0, 5]]]
    """
    rows = counting(known(table))
    n = rows["n"].astype(np.int64)
    if not len(rows):
        raise NotEnoughData("no person with a known outcome", accepted="at least one person")
    score = sign * _finite(rows["score"])
    outcome = rows["outcome"].astype(np.int64)
    if not bool(np.isin(outcome, (0, 1)).all()):
        raise InputError("outcome is neither 0 nor 1", column="outcome", accepted="0 or 1")
    labels, codes, group = _groups(rows, axes)
    most = min(MOST_SCORES, max(64, 2_000_000 // len(codes)))
    scores, place = _levels(score, n, most, [sign * edge for edge in edges])
    shape = (len(codes), len(scores), 2)
    flat = np.ravel_multi_index((group, place, outcome), shape)
    people = np.bincount(flat, weights=n, minlength=int(np.prod(shape))).astype(np.int64).reshape(shape)
    return Counts(
        axes=tuple(axes),
        labels=labels,
        codes=codes,
        scores=scores,
        people=people,
        effective=_effective(rows, flat, people),
        sign=sign,
    )


def nodes_of(counts: Counts, *, crossed: bool = True) -> Nodes:
    """Everyone, each group of each axis and (where there are two axes or more) each crossed group. O(groups^2)."""
    total = len(counts.codes)
    axis, group, rows = [EVERYONE], [EVERYONE], [np.ones(total)]
    for a, name in enumerate(counts.axes):
        for code, label in enumerate(counts.labels[a]):
            axis.append(name)
            group.append(label)
            rows.append((counts.codes[:, a] == code).astype(np.float64))
    if crossed and len(counts.axes) > 1:
        if total > MOST_CROSSED:
            accepted = sentence("at most %(most)d (use fewer axes, or crossed=no)", most=MOST_CROSSED)
            raise InputError(sentence("%(n)d crossed groups", n=total), accepted=accepted)
        for g, codes in enumerate(counts.codes.tolist()):
            axis.append(CROSSED)
            group.append(TIMES.join(counts.labels[a][code] for a, code in enumerate(codes)))
            rows.append(np.eye(total)[g])
    return Nodes(axis=tuple(axis), group=tuple(group), matrix=np.array(rows))


def cut_place(counts: Counts, cut: float) -> int:
    """The index of the first score that counts as high at `cut`; InputError if nobody, or everybody, would."""
    # Downwards instruments (sign -1) score high at or below the cut: in turned scores that is again "at or above".
    place = int(np.searchsorted(counts.scores, counts.sign * cut, side="left"))
    if not 0 < place < len(counts.scores):
        shown = np.sort(counts.sign * counts.scores)
        lowest, highest = (shown[1], shown[-1]) if counts.sign > 0 else (shown[0], shown[-2])
        raise InputError(
            "everybody or nobody scores high at this cut-off",
            column="cut",
            accepted=sentence("a cut-off from %(lowest)g to %(highest)g", lowest=lowest, highest=highest)
            if len(shown) > 1
            else "at least two different scores",
        )
    return place


def natural_cut(counts: Counts) -> float:
    """The default cut-off: the score at which the share scored high is nearest to the share of events."""
    per_score = counts.people.sum(axis=0)
    if len(per_score) < 2:
        accepted = "at least two different scores"
        raise NotEnoughData("all scores are the same", file="tally", column="score", accepted=accepted)
    high = per_score.sum(axis=1)[::-1].cumsum()[::-1][1:]
    nearest = int(np.argmin(np.abs(high - per_score[:, 1].sum()))) + 1
    return float(counts.sign * counts.scores[nearest])


def level_edges(counts: Counts, places: Sequence[int]) -> list[int]:
    """Start of each level of tables and bootstraps: every score up to 20, else tenths of people; always `places`."""
    size = len(counts.scores)
    if size <= MOST_LEVELS:
        return list(range(size))
    share = counts.people.sum(axis=(0, 2)).cumsum() / counts.n
    tenths = [int(np.searchsorted(share, tenth, side="right")) for tenth in np.arange(1, 10) / 10]
    return sorted({0, *places, *(t for t in tenths if 0 < t < size)})


def merged(cells: NDArray[np.int64] | Floats, edges: Sequence[int], axis: int = 1) -> NDArray[np.float64]:
    """Sums of adjacent scores from each edge to the next. O(cells)."""
    return np.add.reduceat(cells.astype(np.float64), list(edges), axis=axis)


def _finite(score: Values) -> Floats:
    values = score.astype(np.float64)
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        raise InputError("score is not a finite number", row=int(bad[0]) + 1, column="score", accepted="numbers")
    return values


def _groups(rows: Table, axes: Sequence[str]) -> tuple[tuple[tuple[str, ...], ...], Wholes, Wholes]:
    """Labels per axis, the crossed groups present [G, A], and which of them each row belongs to."""
    if not axes:
        return (), np.zeros((1, 0), dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
    labels, columns = [], []
    for name in axes:
        words, codes = encoded(rows.column(name))
        labels.append(tuple(words))
        columns.append(codes)
    sizes = tuple(len(words) for words in labels)
    flat = np.ravel_multi_index(tuple(columns), sizes)
    present, group = np.unique(flat, return_inverse=True)
    return tuple(labels), np.stack(np.unravel_index(present, sizes), axis=1).astype(np.int64), group


def encoded(column: Column) -> tuple[list[str], Wholes]:
    """Different words in alphabetical order and the code of each row's word. O(rows)."""
    words, codes = column.coded()
    order = sorted(range(len(words)), key=words.__getitem__)
    rank = np.empty(len(words), dtype=np.int64)
    rank[order] = np.arange(len(words))
    return [words[i] for i in order], rank[codes]


def each_once(values: Wholes, size: int) -> tuple[Wholes, Wholes]:
    """The first row of each different value below `size`, in the values' order, and each row's place among them.

    Numbers made of value and row are sorted several times faster than rows by their values. O(R log R).

    >>> [part.tolist() for part in each_once(np.array([7, 3, 7]), 10)]
    [[1, 0], [1, 0, 1]]
    """
    n = len(values)
    if size * n > 2**62:
        _, first, where = np.unique(values, return_index=True, return_inverse=True)
        return first, where
    ordered = np.sort(values * n + np.arange(n))
    rows, where = ordered % n, np.empty(n, dtype=np.int64)
    new = np.append(True, np.diff(ordered // n) > 0)[:n]
    where[rows] = np.cumsum(new) - 1
    return rows[new], where


def _levels(score: Floats, n: Wholes, most: int, edges: Sequence[float]) -> tuple[Floats, Wholes]:
    """Ascending score levels and the level of each row; grouped to about `most` where there are more."""
    values, place = np.unique(score, return_inverse=True)
    if len(values) <= most:
        return values, place
    share = np.bincount(place, weights=n).cumsum() / n.sum()
    starts = {0, *np.searchsorted(share, np.arange(1, most) / most, side="right").tolist()}
    starts |= set(np.searchsorted(values, np.asarray(edges, dtype=np.float64), side="left").tolist())
    begin = np.array(sorted(s for s in starts if s < len(values)), dtype=np.int64)
    return values[begin], np.searchsorted(begin, place, side="right") - 1


def _effective(rows: Table, flat: Wholes, people: Wholes) -> Floats:
    """Weighted counts scaled to Kish's effective number of people, (sum w)^2 / sum w^2 (Kish 1965)."""
    if "weight" not in rows:
        return people.astype(np.float64)
    weight, squares = rows["weight"].astype(np.float64), rows["weight_squares"].astype(np.float64)
    total = np.bincount(flat, weights=weight, minlength=people.size).reshape(people.shape)
    return np.asarray(total * (weight.sum() / squares.sum()), dtype=np.float64)


def banded(sizes: Wholes, smallest: int, cut: int) -> Mask:
    """Which scores start a band, so that every band on either side of `cut` counts at least `smallest`, or nobody.

    `sizes` [S] are people per score. The cut itself always starts a band.

    >>> banded(np.array([12, 3, 9, 30, 4, 4]), 10, 3).tolist()
    [True, True, False, True, False, False]
    """
    starts = np.zeros(len(sizes), dtype=np.bool_)
    for begin, end in pairwise((0, cut, len(sizes))):
        left = int(sizes[begin:end].sum())
        held, starts[begin] = 0, True
        for place in range(begin, end):
            if held >= smallest and left >= smallest:
                starts[place], held = True, 0
            held += int(sizes[place])
            left -= int(sizes[place])
    return starts


# Error rates at a cut-off: FPR, FNR, PPV, NPV and accuracy, from counts.


@dataclass(frozen=True, slots=True, kw_only=True)
class Quadrants:
    """Counts at a cut, arrays of one shape. "Positive" is a high score, "true" that it agrees with the outcome.

    So `false_high` are people who scored high and did not have the outcome: false positives. Toolkits that code the
    favourable label as positive swap the names, so the quadrants are spelled out here.
    """

    true_high: Floats
    false_high: Floats
    false_low: Floats
    true_low: Floats

    @property
    def events(self) -> Floats:
        """People with the outcome."""
        return self.true_high + self.false_low

    @property
    def others(self) -> Floats:
        """People without the outcome."""
        return self.false_high + self.true_low

    @property
    def high(self) -> Floats:
        """People who scored high."""
        return self.true_high + self.false_high

    @property
    def low(self) -> Floats:
        """People who scored low."""
        return self.false_low + self.true_low

    @property
    def n(self) -> Floats:
        """Everyone."""
        return self.events + self.others


Share = tuple[Floats, Floats]  # numerator and denominator


def quadrants(cells: Floats, place: int) -> Quadrants:
    """The quadrants of counts [..., S, 2] when scores from `place` on are high. O(cells).

    >>> q = quadrants(np.array([[40.0, 10.0], [20.0, 30.0]]), 1)
    >>> float(q.false_high), float(q.false_low)
    (20.0, 10.0)
    """
    low, high = cells[..., :place, :].sum(axis=-2), cells[..., place:, :].sum(axis=-2)
    return Quadrants(true_high=high[..., 1], false_high=high[..., 0], false_low=low[..., 1], true_low=low[..., 0])


def all_quadrants(cells: Floats) -> Quadrants:
    """The quadrants at every cut but the lowest (which everybody passes): arrays [..., S - 1]. O(cells)."""
    high = cells[..., ::-1, :].cumsum(axis=-2)[..., ::-1, :][..., 1:, :]
    low = cells.sum(axis=-2, keepdims=True) - high
    return Quadrants(true_high=high[..., 1], false_high=high[..., 0], false_low=low[..., 1], true_low=low[..., 0])


def shares(q: Quadrants) -> Mapping[str, Share]:
    """Every rate of an audit as numerator and denominator.

    fpr: scored high among people without the outcome; fnr: scored low among people with it; ppv: with the outcome
    among those scored high; npv: without it among those scored low; high_share: scored high; base_rate: with it.
    """
    return {
        "base_rate": (q.events, q.n),
        "high_share": (q.high, q.n),
        "fpr": (q.false_high, q.others),
        "fnr": (q.false_low, q.events),
        "ppv": (q.true_high, q.high),
        "npv": (q.true_low, q.low),
        "accuracy": (q.true_high + q.true_low, q.n),
    }


NEEDS_OUTCOME = frozenset({"base_rate", "fpr", "fnr", "ppv", "npv", "accuracy"})
NEEDS_CUT = frozenset({"high_share", "fpr", "fnr", "ppv", "npv", "accuracy"})
COMPARED = ("high_share", "fpr", "fnr", "ppv", "npv", "accuracy")
AT_EVERY_CUT = ("high_share", "fpr", "fnr", "ppv", "npv", "accuracy")


def rate(share: Share) -> Floats:
    """Numerator over denominator, nan over nobody."""
    num, den = share
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(den > 0, num / den, np.nan), dtype=np.float64)
