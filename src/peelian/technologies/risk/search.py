"""Search for subgroups that at most three columns describe: found on one half of the people, for the other half."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from peelian.technologies.risk.counts import Floats, Mask, Wholes
from peelian.technologies.risk.stratified import at_equal_score
from peelian.technologies.risk.suppression import SMALLEST

MOST_CANDIDATES, MOST_TESTED = 200, 10
MOST_SHARED = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """A tally's cells: codes of its columns [F, C], score levels [C], people without and with the event [C, 2]."""

    codes: Wholes
    level: Wholes
    people: Wholes

    def table(self, mine: Mask, people: Wholes) -> Floats:
        """Counts [levels, 2] of the cells in `mine`."""
        made = np.zeros((int(self.level.max()) + 1, 2))
        np.add.at(made, self.level[mine], people[mine].astype(np.float64))
        return made

    def members(self, described: Subgroup) -> Mask:
        """Which cells are in a subgroup."""
        same = self.codes[list(described.columns)] == np.array(described.codes)[:, None]
        return np.asarray(same.all(axis=0), dtype=np.bool_)


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
    """The most striking subgroups of `fewest` people in each half, at most ten, no two of them mostly the same people.

    A subgroup is left out where it, what it leaves of a larger one, or what subgroups leave of one together, would be
    1 to 9 people. O(sets of columns x cells).
    """
    finding = np.random.default_rng(seed).binomial(cells.people, 0.5)
    found = Found(subgroups=(), searched=0, finding=finding, testing=cells.people - finding)
    candidates = [one for columns in _sets(cells, depth) for one in _candidates(cells, found, columns, fewest)]
    ranked = sorted(candidates, key=lambda one: (-abs(one.z), len(one.columns), one.columns, one.codes))
    chosen: list[Subgroup] = []
    for one in ranked[:MOST_CANDIDATES]:
        if len(chosen) < MOST_TESTED and _new(cells, chosen, one) and _safe(cells, [*chosen, one]):
            chosen.append(one)
    return Found(subgroups=tuple(chosen), searched=len(candidates), finding=finding, testing=found.testing)


def _sets(cells: Cells, depth: int) -> Iterator[tuple[int, ...]]:
    for size in range(1, depth + 1):
        yield from combinations(range(len(cells.codes)), size)


def _candidates(cells: Cells, found: Found, columns: Sequence[int], fewest: int) -> Iterator[Subgroup]:
    """Every subgroup that these columns describe and that is large enough in both halves."""
    levels = int(cells.level.max()) + 1
    codes = cells.codes[list(columns)]
    sizes = tuple(int(code.max()) + 1 for code in codes)
    present, where = np.unique(np.ravel_multi_index(tuple(codes), sizes), return_inverse=True)
    described = np.stack(np.unravel_index(present, sizes), axis=1)
    n = [np.bincount(where, weights=half.sum(axis=1)) for half in (found.finding, found.testing)]
    large = np.flatnonzero(np.minimum(*n) >= fewest)
    place = np.full(len(present), -1)
    place[large] = np.arange(len(large))
    mine = place[where] >= 0
    counts = np.zeros((len(large), levels, 2))
    np.add.at(counts, (place[where][mine], cells.level[mine]), found.finding[mine].astype(np.float64))
    z = at_equal_score(counts, cells.table(np.ones(len(where), bool), found.finding)).z
    for i, value in zip(large.tolist(), z.tolist(), strict=True):
        yield Subgroup(columns=tuple(columns), codes=tuple(described[i].tolist()), z=value)


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
            rest = cells.people[whole & ~part].sum(axis=0)
            if ((rest > 0) & (rest < SMALLEST)).any() or not rest.sum():
                return False
    own = cells.people[cells.members(one)].sum(axis=0)
    return bool((own >= SMALLEST).all())


def _under(other: Subgroup, parent: Subgroup, column: int) -> bool:
    """Whether a subgroup is the parent with one more condition, on this column."""
    conditions = dict(zip(other.columns, other.codes, strict=True))
    if conditions.pop(column, None) is None:
        return False
    return conditions == dict(zip(parent.columns, parent.codes, strict=True))
