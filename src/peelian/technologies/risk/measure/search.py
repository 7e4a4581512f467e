"""Search for subgroups that at most three columns describe: found on one half of the people, for the other half."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from peelian.technologies.risk.measure.counts import Floats, Mask, Wholes
from peelian.technologies.risk.measure.stratified import AtEqualScore, at_equal_score
from peelian.technologies.risk.measure.suppression import SMALLEST

MOST_CANDIDATES, MOST_TESTED = 200, 10
MOST_SHARED = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """A tally's cells: codes of its columns [F, C], score levels [C], people without and with the event [C, 2].

    Where some person has several assessments, `people` are assessments, `persons` [C, 2] counts each person once with
    each outcome, and `fold` [C] is the replicate group of persons; else `persons` are the people.
    """

    codes: Wholes
    level: Wholes
    people: Wholes
    persons: Wholes
    fold: Wholes | None = None

    def members(self, described: Subgroup) -> Mask:
        """Which cells are in a subgroup."""
        same = self.codes[list(described.columns)] == np.array(described.codes)[:, None]
        return np.asarray(same.all(axis=0), dtype=np.bool_)

    def compared(self, place: Wholes, count: int, people: Wholes) -> AtEqualScore:
        """The events of `count` subgroups against everyone of `people` [C, 2], at equal score. O(cells + F x tables).

        `place` [C] says in which of them a cell is; -1: in none.
        """
        fold = np.zeros(len(place), dtype=np.int64) if self.fold is None else self.fold
        made = np.zeros((int(fold.max(initial=0)) + 1, count + 1, int(self.level.max()) + 1, 2))
        np.add.at(made, (fold, place, self.level), people.astype(np.float64))  # the last place is that of -1
        each, everyone = made[:, :count], made.sum(axis=1, keepdims=True)
        there = everyone.sum(axis=(1, 2, 3)) > 0
        parts = None if self.fold is None else (each[there], everyone[there])
        return at_equal_score(each.sum(axis=0), everyone.sum(axis=(0, 1)), parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgroup:
    """The people whose `columns` have these `codes`, and the standardized difference on the half that found it."""

    columns: tuple[int, ...]
    codes: tuple[int, ...]
    z: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Subgroups to be tested, how many were looked at, and the people [C, 2] of the half that found and the other."""

    subgroups: tuple[Subgroup, ...]
    searched: int
    finding: Wholes
    testing: Wholes


def search(cells: Cells, *, depth: int, fewest: int, seed: int) -> Found:
    """The most striking subgroups of `fewest` persons in each half, at most ten, no two of them mostly the same people.

    All assessments of a person are in one half. A subgroup is left out where it, what it leaves of a larger one, or
    what subgroups leave of one together, would be 1 to 9 people. O(sets of columns x cells).
    """
    finding = _half(cells, np.random.default_rng(seed))
    found = Found(subgroups=(), searched=0, finding=finding, testing=cells.people - finding)
    candidates = [one for columns in _sets(cells, depth) for one in _candidates(cells, found, columns, fewest)]
    ranked = sorted(candidates, key=lambda one: (-abs(one.z), len(one.columns), one.columns, one.codes))
    chosen: list[Subgroup] = []
    for one in ranked[:MOST_CANDIDATES]:
        if len(chosen) < MOST_TESTED and _new(cells, chosen, one) and _safe(cells, [*chosen, one]):
            chosen.append(one)
    return Found(subgroups=tuple(chosen), searched=len(candidates), finding=finding, testing=found.testing)


def _half(cells: Cells, rng: np.random.Generator) -> Wholes:
    """A random half of the people [C, 2]; of replicate groups, where some person has several assessments."""
    if cells.fold is None:
        return rng.binomial(cells.people, 0.5)
    drawn = rng.permutation(int(cells.fold.max()) + 1) % 2
    return np.asarray(cells.people * drawn[cells.fold, None], dtype=np.int64)


def _sets(cells: Cells, depth: int) -> Iterator[tuple[int, ...]]:
    for size in range(1, depth + 1):
        yield from combinations(range(len(cells.codes)), size)


def _candidates(cells: Cells, found: Found, columns: Sequence[int], fewest: int) -> Iterator[Subgroup]:
    """Every subgroup that these columns describe and that is large enough in both halves."""
    codes = cells.codes[list(columns)]
    sizes = tuple(int(code.max()) + 1 for code in codes)
    present, where = np.unique(np.ravel_multi_index(tuple(codes), sizes), return_inverse=True)
    described = np.stack(np.unravel_index(present, sizes), axis=1)
    n = [_persons(cells, half, where) for half in (found.finding, found.testing)]
    large = np.flatnonzero(np.minimum(*n) >= fewest)
    place = np.full(len(present), -1)
    place[large] = np.arange(len(large))
    z = cells.compared(place[where], len(large), found.finding).z
    for i, value in zip(large.tolist(), z.tolist(), strict=True):
        yield Subgroup(columns=tuple(columns), codes=tuple(described[i].tolist()), z=value)


def _persons(cells: Cells, half: Wholes, where: Wholes) -> Floats:
    """Persons of a half by the number `where` [C] of their subgroup; with or without the event, whichever are more."""
    counted = half if cells.fold is None else np.where(half > 0, cells.persons, 0)
    n = np.stack([np.bincount(where, weights=part) for part in counted.T])
    return np.asarray(n.sum(axis=0) if cells.fold is None else n.max(axis=0), dtype=np.float64)


def _new(cells: Cells, chosen: Sequence[Subgroup], one: Subgroup) -> bool:
    """Whether a subgroup shares at most half of its people with each chosen one (of both together)."""
    n, mine = cells.people.sum(axis=1), cells.members(one)
    for other in chosen:
        theirs = cells.members(other)
        if n[mine & theirs].sum() > MOST_SHARED * n[mine | theirs].sum():
            return False
    return True


def _safe(cells: Cells, chosen: Sequence[Subgroup]) -> bool:
    """Whether the last of the subgroups leaves no small rest: of a larger one, alone or with its chosen siblings.

    The rest of a larger one without two conditions holds that without one, so that one at a time is enough.
    """
    one = chosen[-1]
    for drop in range(len(one.columns)):
        keep = [i for i in range(len(one.columns)) if i != drop]
        parent = Subgroup(columns=tuple(one.columns[i] for i in keep), codes=tuple(one.codes[i] for i in keep))
        whole = cells.members(parent) if keep else np.ones(len(cells.level), bool)
        inside = [cells.members(other) for other in chosen if _under(other, parent, one.columns[drop])]
        for part in (cells.members(one), np.logical_or.reduce(inside)):
            rest, persons = (count[whole & ~part].sum(axis=0) for count in (cells.people, cells.persons))
            if ((rest > 0) & (persons < SMALLEST)).any() or not rest.sum():
                return False
    own = cells.persons[cells.members(one)].sum(axis=0)
    return bool((own >= SMALLEST).all())


def _under(other: Subgroup, parent: Subgroup, column: int) -> bool:
    """Whether a subgroup is the parent with one more condition, on this column."""
    conditions = dict(zip(other.columns, other.codes, strict=True))
    if conditions.pop(column, None) is None:
        return False
    return conditions == dict(zip(parent.columns, parent.codes, strict=True))
