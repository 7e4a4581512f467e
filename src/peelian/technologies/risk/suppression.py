"""What an audit keeps to itself: groups of fewer than 10, rates over fewer than 30, and whatever would give them away.

The protected cells are the sets of people an audit counts as a group or as the denominator of a rate. A set is given
away when it can be had by subtracting published counts from one another. Complementary suppression hides further,
smallest groups until no set of 1 to 9 people can be had that way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from peelian.technologies.risk.counts import CROSSED, EVERYONE, Counts, Floats, Mask, Nodes, banded

SMALLEST = 10
"""No published set of people is smaller (design of this audit; Statistics Canada and the IPC use 5 to 11)."""
FEWEST = 30
"""A rate over fewer people says nothing: it is not printed."""

SHOWN, FEW, BARE, PARTNER = "no", "fewer than 10", "fewer than 30", "protects another"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What may be printed of each node: arrays [N], and `edges` [N, S]: at which scores its bands begin.

    `people`: its n; `outcomes`: its events and others; `highs`: its people above and below the cut; `detail`: its
    bands. `why` says for each node which word stands for a hidden n.
    """

    people: Mask
    outcomes: Mask
    highs: Mask
    detail: Mask
    edges: Mask
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A printed node and the printed nodes that partition it: what subtraction works on."""

    parent: int
    children: tuple[int, ...]


def families(nodes: Nodes) -> tuple[Family, ...]:
    """Everyone over each axis, everyone over the crossed groups, and each group of an axis over its crossed groups."""
    crossed = nodes.where(CROSSED)
    named = [a for a in dict.fromkeys(nodes.axis) if a not in (EVERYONE, CROSSED)]
    found = [Family(parent=0, children=tuple(nodes.where(axis))) for axis in named]
    if crossed:
        found.append(Family(parent=0, children=tuple(crossed)))
        for parent in (i for axis in named for i in nodes.where(axis)):
            inside = tuple(i for i in crossed if (nodes.matrix[i] <= nodes.matrix[parent]).all())
            found.append(Family(parent=parent, children=inside))
    return tuple(found)


def shown(counts: Counts, nodes: Nodes, place: int, *, smallest: int = SMALLEST, may: Mask | None = None) -> Shown:
    """What may be printed when scores from `place` on count as high, of the nodes in `may` (all where None).

    O(rounds x nodes x groups).
    """
    cells = counts.people.astype(np.float64)
    sizes = cells.sum(axis=(1, 2))
    web = _Web(nodes=nodes, kin=families(nodes), size=nodes.of(sizes), smallest=smallest)
    high = cells[:, place:].sum(axis=(1, 2))
    people = _open(web, sizes[:, None], np.ones(len(web.size), dtype=np.bool_) if may is None else may)
    outcomes = _open(web, cells.sum(axis=1), people)
    highs = _open(web, np.stack([sizes - high, high], axis=1), people)
    detail, edges = _detailed(web, cells.sum(axis=2), people & outcomes & highs, place)
    why = [SHOWN if p else FEW if 0 < s < smallest else PARTNER for p, s in zip(people, web.size, strict=True)]
    return Shown(people=people, outcomes=outcomes, highs=highs, detail=detail, edges=edges, why=tuple(why))


def small(counts: Floats, smallest: int = SMALLEST) -> Mask:
    """Whether any count of a row is from 1 to `smallest - 1`: [..., K] -> [...]. Zero tells of nobody."""
    return np.asarray(((counts > 0.5) & (counts < smallest - 0.5)).any(axis=-1), dtype=np.bool_)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Web:
    """The nodes, how they partition one another, how many people each has, and the smallest set that may show."""

    nodes: Nodes
    kin: tuple[Family, ...]
    size: Floats
    smallest: int

    def without(self, node: int, open_: Mask) -> None:
        """Hide a node, and what lies within it: its parts' sum would undo it."""
        open_[node] = False
        for family in self.kin:
            if family.parent == node and node:
                open_[list(family.children)] = False


GivesAway = Callable[[Floats, Mask], bool]
"""Whether the set of crossed groups [G], had by subtraction among some nodes (mask [N]), is too small to be known."""


def _open(web: _Web, cells: Floats, may: Mask) -> Mask:
    """Which nodes may print `cells` [G, K] (sums over their crossed groups) without giving a small set away."""
    start = may & ~small(web.nodes.of(cells), web.smallest)
    return _closed(web, start, lambda rest, _: bool(small(rest @ cells, web.smallest)))


def _detailed(web: _Web, cells: Floats, may: Mask, place: int) -> tuple[Mask, Mask]:
    """Which nodes may print their bands of scores, and where those begin; `cells` [G, S] are people."""
    scores = web.nodes.of(cells)
    edges = np.array([banded(row.astype(np.int64), web.smallest, place) for row in scores])

    def gives_away(rest: Floats, among: Mask) -> bool:
        common = np.flatnonzero(edges[among].all(axis=0))  # only bands that all of them print can be subtracted
        return bool(small(np.add.reduceat(rest @ cells, common), web.smallest))

    return _closed(web, may & (edges.sum(axis=1) > 1), gives_away), edges


def _closed(web: _Web, start: Mask, gives_away: GivesAway) -> Mask:
    """Hide further nodes, the smallest first, until no remainder and no hidden node gives a small set away."""
    open_ = start.copy()
    for node in np.flatnonzero(~open_).tolist():
        web.without(node, open_)
    while found := _exposed(web, open_, gives_away):
        web.without(min(found, key=lambda i: (web.size[i], i)), open_)
    return open_


def _exposed(web: _Web, open_: Mask, gives_away: GivesAway) -> list[int]:
    """Nodes one of which must be hidden, because the open ones give a small set away; none where they do not."""
    matrix = web.nodes.matrix
    for family in web.kin:
        children = [c for c in family.children if open_[c]]
        if not open_[family.parent] or not children:
            continue
        among = np.zeros(len(open_), dtype=np.bool_)
        among[[family.parent, *children]] = True
        rest = matrix[family.parent] - matrix[children].sum(axis=0)
        if rest.any() and gives_away(rest, among):
            return children
    hidden = np.flatnonzero(~open_)
    others = [i for i in np.flatnonzero(open_).tolist() if i]
    for node in hidden[_determined(matrix[open_], matrix[hidden])].tolist():
        if others and gives_away(matrix[node], open_):
            return [i for i in others if (matrix[i] * matrix[node]).any()] or others
    return []


def _determined(published: Floats, wanted: Floats) -> Mask:
    """Which rows of `wanted` are linear combinations of `published` rows. O(rows x groups^2)."""
    if not len(published) or not len(wanted):
        return np.zeros(len(wanted), dtype=np.bool_)
    _, strength, basis = np.linalg.svd(published, full_matrices=False)
    basis = basis[strength > 1e-9 * strength[0]]
    left = wanted - (wanted @ basis.T) @ basis
    return np.asarray((np.abs(left) < 1e-7).all(axis=1), dtype=np.bool_)
