"""Proxy leakage: how well a score, an area or a feature predicts the group.

A column that predicts the group can carry it into the score. Names are never read: to test them, supply an origin
class of names as a feature.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from peelian.measure.rates import Area, delong, two_sided_p
from peelian.measure.table import Table
from peelian.technologies.risk.audit.declared import LEAKAGE
from peelian.technologies.risk.audit.words import SCORE
from peelian.technologies.risk.measure.bootstrap import area_under
from peelian.technologies.risk.measure.counts import AREA, FEATURE, Floats, Wholes, encoded, known
from peelian.technologies.risk.measure.jackknife import interval, members, p_value, variance
from peelian.technologies.risk.measure.study import Figure, Study
from peelian.technologies.risk.measure.suppression import FEWEST
from peelian.technologies.risk.shared import CROSSED, EVERYONE


def leakage(tally: Table, study: Study, *, seed: int) -> Table:
    """For each group and source, the area under the curve of the source as a test of belonging to the group.

    How common the group is at each value of the source is learnt on half of the people and tested on the other half;
    0.5: the source tells nothing. Accuracy would hide what is told of small groups. O(rows x sources).
    """
    rows = known(tally)
    n = rows["n"].astype(np.int64)
    levels = (
        np.searchsorted(study.levels.scores, study.counts.sign * rows["score"].astype(np.float64), side="right") - 1
    )
    sources: dict[str, Wholes] = {SCORE: levels}
    for column in rows.columns:
        if column.name.startswith((FEATURE, AREA)):
            sources[column.name.removeprefix(FEATURE).removeprefix(AREA)] = encoded(column)[1]
    nodes = zip(study.nodes.axis, study.nodes.group, study.shown.people.tolist(), strict=True)
    shown = {(axis, group) for axis, group, may in nodes if may}
    found = []
    for axis in study.counts.axes:
        words, group = encoded(rows.column(axis))
        for i, (name, value) in enumerate(sources.items()):
            if name == axis or len(words) < 2:
                continue
            for g, line in held_out_areas(
                *_halves(value, group, n, rows, np.random.default_rng([seed, i])), study.level
            ):
                if (axis, words[g]) in shown:
                    found.append((axis, words[g], name, *line))
    return LEAKAGE.of_rows(dict(zip(LEAKAGE.columns, line, strict=True)) for line in found)


def held_out_areas(
    learnt: Wholes, rest: Wholes, without: Wholes, level: float
) -> Iterator[tuple[int, tuple[float, float, float, float, float]]]:
    """(group, (area, low, high, p, n)) of the people set aside, for groups of 30 or more. O(folds x cells).

    `learnt` and `rest` [values, groups] are the two halves; `without` [F, values, groups] the second one without each
    replicate group of persons, of which there are none (F = 0) where nobody has several assessments.

    >>> half = np.array([[200, 0], [0, 200]])
    >>> found = dict(held_out_areas(half, half, np.zeros((0, 2, 2), dtype=np.int64), 0.95))
    >>> found[0][0], found[0][4]
    (1.0, 400.0)
    """
    total = rest.sum(axis=1)
    for g in range(rest.shape[1]):
        size = float(rest[:, g].sum())
        if min(size, float(total.sum()) - size) < FEWEST:
            continue
        common = (learnt[:, g] + 0.5) / (learnt.sum(axis=1) + 1)
        _, where = np.unique(common, return_inverse=True)
        area = _area(rest, g, where)
        low, high = area.interval(level)
        # Where a source decides the group, nothing varies: the probability is then 0.
        p = two_sided_p(area.value - 0.5, np.maximum(area.variance, 1e-12))
        if len(without):
            again = np.array([_area(cells, g, where).value for cells in without])
            there = np.minimum(members(np.array(size), without[..., g].sum(axis=1)), len(without))
            low, high = interval(area.value, again, there, level=level)
            p = p_value(area.value - 0.5, np.maximum(variance(area.value, again, there), 1e-12), there)
        yield g, (float(area.value), float(low), float(high), float(p), float(total.sum()))


def _area(cells: Wholes, g: int, where: Wholes) -> Area:
    """The area of values, merged as `where` says, as a test of belonging to group `g` of cells [values, groups]."""
    inside = cells[:, g].astype(np.float64)
    return delong(np.bincount(where, weights=inside), np.bincount(where, weights=cells.sum(axis=1) - inside))


def _halves(
    value: Wholes, group: Wholes, n: Wholes, rows: Table, rng: np.random.Generator
) -> tuple[Wholes, Wholes, Wholes]:
    """Two halves of people as cells [values, groups], and the second without each of its replicate groups.

    At random; where some person has several assessments, every other replicate group, so that each person is in one
    half. O(rows + F x cells).
    """
    folds = rows["fold"].astype(np.int64) if "fold" in rows else np.zeros(len(n), dtype=np.int64)
    shape = tuple(int(codes.max(initial=0)) + 1 for codes in (folds, value, group))
    flat = np.ravel_multi_index((folds, value, group), shape)
    parts = np.bincount(flat, weights=n, minlength=int(np.prod(shape))).astype(np.int64).reshape(shape)
    cells = parts.sum(axis=0)
    if "fold" not in rows:
        learnt = rng.binomial(cells, 0.5)
        return learnt, cells - learnt, parts[:0]
    rest = parts[1::2].sum(axis=0)
    return cells - rest, rest, rest - parts[1::2]


def score_tells_group(study: Study) -> list[Figure]:
    """The area under the curve of the score as a test of belonging to the group, against the rest of its axis.

    0.5: the score tells nothing of the group. DeLong's interval. O(nodes x scores).
    """
    total: Floats = study.fine.sum(axis=2)
    inside = np.array([axis not in (EVERYONE, CROSSED) for axis in study.nodes.axis])
    area = delong(total, total[:1] - total)
    low, high = area.interval(study.level)
    if again := study.replicates:
        banded, without = (area_under(_against_rest(cells.sum(axis=-1))) for cells in (again.whole, again.fine))
        low, high = interval(banded, without, again.groups, level=study.level, center=area.value)
    may = inside & study.shown.people & (area.events >= FEWEST) & (area.others >= FEWEST)
    return [Figure(metric="score_tells_group", value=area.value, low=low, high=high, open_=may, kept=inside)]


def _against_rest(total: Floats) -> Floats:
    """People per node and score [..., N, S] as (the rest of everyone, the node): [..., N, S, 2]."""
    return np.stack([total[..., :1, :] - total, total], axis=-1)
