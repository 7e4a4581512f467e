"""Proxy leakage: how well a score, an area or a feature predicts the group.

A column that predicts the group can carry it into the score. Names are never read: to test them, supply an origin
class of names as a feature.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from peelian.measure.rates import delong, wilson
from peelian.measure.table import Kind, Table, table
from peelian.technologies.risk.bootstrap import area_under
from peelian.technologies.risk.counts import AREA, CROSSED, EVERYONE, FEATURE, Floats, Wholes, encoded, known
from peelian.technologies.risk.declarations.columns import LEAKAGE_COLUMNS
from peelian.technologies.risk.jackknife import Interval, interval, share_interval
from peelian.technologies.risk.rows import Figure
from peelian.technologies.risk.study import Study
from peelian.technologies.risk.suppression import FEWEST

SCORE = "score"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """Correct guesses among `n` test people; `blind` are those correct by always guessing the largest group."""

    right: int
    blind: int
    n: int


def leakage(tally: Table, study: Study, *, seed: int) -> Table:
    """For each axis and source, how often the most common group at the source's value is correct.

    The most common group is found on half of the people and tested on the other half. O(rows x sources).
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
    found = []
    for axis in study.counts.axes:
        words, group = encoded(rows[axis])
        for i, (name, value) in enumerate(sources.items()):
            if name == axis or len(words) < 2:
                continue
            if study.replicates:
                folds = rows["fold"].astype(np.int64)
                guess, ends = _guessed_by_person(value, group, (n, folds), study.level)
            else:
                guess = guessed(_crossed(value, group, n, len(words)), np.random.default_rng([seed, i]))
                ends = wilson(guess.right, guess.n, study.level)
            if guess.n >= FEWEST:
                low, high = ends
                found.append(
                    (axis, name, guess.right / guess.n, float(low), float(high), guess.blind / guess.n, guess.n)
                )
    columns = list(zip(*found, strict=True)) if found else [()] * len(LEAKAGE_COLUMNS)
    types = {Kind.GROUP: object, Kind.COUNT: np.int64}
    return table(
        "leakage",
        {
            key: (kind, np.array(values, dtype=types.get(kind, np.float64)))
            for (key, kind), values in zip(LEAKAGE_COLUMNS.items(), columns, strict=True)
        },
    )


def guessed(cells: Wholes, rng: np.random.Generator) -> Guess:
    """Guess groups [values, groups] on a random half from what the other half shows. O(cells).

    >>> guess = guessed(np.array([[100, 0], [0, 100]]), np.random.default_rng(1))
    >>> guess.right == guess.n, guess.blind < guess.n
    (True, True)
    """
    learnt = rng.binomial(cells, 0.5)
    rest = cells - learnt
    best, most = learnt.argmax(axis=1), int(learnt.sum(axis=0).argmax())
    best = np.where(learnt.sum(axis=1) > 0, best, most)
    return Guess(right=int(rest[np.arange(len(rest)), best].sum()), blind=int(rest[:, most].sum()), n=int(rest.sum()))


def _guessed_by_person(
    value: Wholes, group: Wholes, people: tuple[Wholes, Wholes], level: float
) -> tuple[Guess, Interval]:
    """As `guessed`, with every person in one half: every other replicate group is learnt from. O(rows + F x cells)."""
    n, folds = people
    groups = int(group.max(initial=0)) + 1
    learnt = _crossed(value, group, np.where(folds % 2, 0, n), groups)
    most = int(learnt.sum(axis=0).argmax())
    best = np.where(learnt.sum(axis=1) > 0, learnt.argmax(axis=1), most)
    judged = folds % 2 == 1
    weights, place = np.where(judged, n, 0), folds // 2
    total = np.bincount(place, weights=weights)
    right = np.bincount(place, weights=weights * (best[value] == group))
    blind = int(weights[group == most].sum())
    share = np.array([right.sum()]), np.array([total.sum()])
    low, high = share_interval(share, (share[0] - right[:, None], share[1] - total[:, None]), level)
    return Guess(right=int(right.sum()), blind=blind, n=int(total.sum())), (low[0], high[0])


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


def _crossed(value: Wholes, group: Wholes, n: Wholes, groups: int) -> Wholes:
    size = int(value.max(initial=0)) + 1
    return (
        np.bincount(value * groups + group, weights=n, minlength=size * groups).astype(np.int64).reshape(size, groups)
    )
