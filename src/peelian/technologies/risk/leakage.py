"""Proxy leakage: how well a score, an area or a feature predicts the group.

A column that predicts the group can carry it into the score. Names are never read: to test them, supply an origin
class of names as a feature.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from peelian.measure.rates import delong, two_sided_p
from peelian.measure.table import Kind, Table, table
from peelian.technologies.risk.counts import AREA, CROSSED, EVERYONE, FEATURE, Floats, Wholes, encoded, known
from peelian.technologies.risk.declarations.columns import LEAKAGE_COLUMNS
from peelian.technologies.risk.rows import Figure
from peelian.technologies.risk.study import Study
from peelian.technologies.risk.suppression import FEWEST

SCORE = "score"


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
            sources[column.name.removeprefix(FEATURE).removeprefix(AREA)] = encoded(column.values)[1]
    nodes = zip(study.nodes.axis, study.nodes.group, study.shown.people.tolist(), strict=True)
    shown = {(axis, group) for axis, group, may in nodes if may}
    found = []
    for axis in study.counts.axes:
        words, group = encoded(rows[axis])
        for i, (name, value) in enumerate(sources.items()):
            if name == axis or len(words) < 2:
                continue
            cells = _crossed(value, group, n, len(words))
            for g, line in told(cells, np.random.default_rng([seed, i]), study.level):
                if (axis, words[g]) in shown:
                    found.append((axis, words[g], name, *line))
    columns = list(zip(*found, strict=True)) if found else [()] * len(LEAKAGE_COLUMNS)
    types = {Kind.GROUP: object, Kind.COUNT: np.int64}
    return table(
        "leakage",
        {
            key: (kind, np.array(values, dtype=types.get(kind, np.float64)))
            for (key, kind), values in zip(LEAKAGE_COLUMNS.items(), columns, strict=True)
        },
    )


def told(cells: Wholes, rng: np.random.Generator, level: float) -> Iterator[tuple[int, tuple[float, ...]]]:
    """(group, (area, low, high, p, n)) of people [values, groups] set aside, for groups of 30 or more. O(cells).

    >>> found = dict(told(np.array([[400, 0], [0, 400]]), np.random.default_rng(1), 0.95))
    >>> found[0][0], found[0][4] > 300
    (1.0, True)
    """
    learnt = rng.binomial(cells, 0.5)
    rest = (cells - learnt).astype(np.float64)
    total = rest.sum(axis=1)
    for g in range(cells.shape[1]):
        inside, size = rest[:, g], float(rest[:, g].sum())
        if min(size, float(total.sum()) - size) < FEWEST:
            continue
        common = (learnt[:, g] + 0.5) / (learnt.sum(axis=1) + 1)
        _, where = np.unique(common, return_inverse=True)
        area = delong(np.bincount(where, weights=inside), np.bincount(where, weights=total - inside))
        low, high = area.interval(level)
        # Where a source decides the group, nothing varies: the probability is then 0.
        p = float(two_sided_p(area.value - 0.5, np.maximum(area.variance, 1e-12)))
        yield g, (float(area.value), float(low), float(high), p, float(total.sum()))


def score_tells_group(study: Study) -> list[Figure]:
    """The area under the curve of the score as a test of belonging to the group, against the rest of its axis.

    0.5: the score tells nothing of the group. DeLong's interval. O(nodes x scores).
    """
    total: Floats = study.fine.sum(axis=2)
    inside = np.array([axis not in (EVERYONE, CROSSED) for axis in study.nodes.axis])
    area = delong(total, total[:1] - total)
    low, high = area.interval(study.level)
    may = inside & study.shown.people & (area.events >= FEWEST) & (area.others >= FEWEST)
    return [Figure(metric="score_tells_group", value=area.value, low=low, high=high, open_=may, kept=inside)]


def _crossed(value: Wholes, group: Wholes, n: Wholes, groups: int) -> Wholes:
    size = int(value.max(initial=0)) + 1
    return (
        np.bincount(value * groups + group, weights=n, minlength=size * groups).astype(np.int64).reshape(size, groups)
    )
