"""Suppression: hide groups under 10, rates with n under 30, and whatever would reveal them by subtraction.

Protected are the sets of people counted as a group or as the denominator of a rate. A set is revealed if its size can
be computed by subtracting published counts. Complementary suppression hides further groups, the smallest first, until
no set of 1 to 9 people can be computed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from peelian.technologies.risk.measure.counts import Counts, Floats, Mask, Nodes, banded
from peelian.technologies.risk.shared import CROSSED, EVERYONE, FEW, PARTNER, SHOWN

SMALLEST = 10
"""No published set of people is smaller (design of this audit; Statistics Canada and the IPC use 5 to 11)."""
FEWEST = 30
"""A rate over fewer people is too uncertain: it is not printed."""


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


def printable(counts: Counts, nodes: Nodes, place: int, *, smallest: int = SMALLEST, may: Mask | None = None) -> Shown:
    """What may be printed when scores from `place` on count as high, of the nodes in `may` (all where None).

    O(rounds x (nodes x groups + families x scores^2)).
    """
    cells = counts.people.astype(np.float64)
    sizes = cells.sum(axis=(1, 2))
    web = _Web(nodes=nodes, kin=families(nodes), size=nodes.of(sizes), smallest=smallest)
    start = np.ones(len(web.size), dtype=np.bool_) if may is None else may
    marks = _marked(web, cells.sum(axis=2), start, place)
    people, highs = marks[:, 0], marks[:, place]
    outcomes = people & _open(web, cells.sum(axis=1), people)
    why = [SHOWN if p else FEW if 0 < s < smallest else PARTNER for p, s in zip(people, web.size, strict=True)]
    detail = outcomes & highs & (marks[:, 1:-1].sum(axis=1) > 1)
    return Shown(people=people, outcomes=outcomes, highs=highs, detail=detail, edges=marks[:, :-1], why=tuple(why))


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


def _open(web: _Web, cells: Floats, may: Mask) -> Mask:
    """Which nodes may print `cells` [G, K] (sums over their crossed groups) without giving a small set away."""
    open_ = may & ~small(web.nodes.of(cells), web.smallest)
    for node in np.flatnonzero(~open_).tolist():
        web.without(node, open_)
    while found := _exposed(web, open_, cells):
        web.without(min(found, key=lambda i: (web.size[i], i)), open_)
    return open_


def _exposed(web: _Web, open_: Mask, cells: Floats) -> list[int]:
    """Nodes one of which must be hidden, because the open ones give a small set away; none where they do not."""
    matrix = web.nodes.matrix
    for family in web.kin:
        children = [c for c in family.children if open_[c]]
        rest = matrix[family.parent] - matrix[children].sum(axis=0)
        if open_[family.parent] and children and small(rest @ cells, web.smallest):
            return children
    hidden = np.flatnonzero(~open_)
    determined = hidden[_determined(matrix[open_], matrix[hidden])]
    for node in determined[small(matrix[determined] @ cells, web.smallest)].tolist():
        if others := _beside(web, node, open_):
            return others
    return []


def _beside(web: _Web, node: int, open_: Mask) -> list[int]:
    """Open nodes that overlap a hidden one, or else all open ones but everyone."""
    others = [i for i in np.flatnonzero(open_).tolist() if i]
    return [i for i in others if (web.nodes.matrix[i] * web.nodes.matrix[node]).any()] or others


def _marked(web: _Web, cells: Floats, may: Mask, place: int) -> Mask:
    """At which scores each node may be divided: [N, S + 1], the first and last mark being its n itself.

    `cells` [G, S] are people. Whoever knows two marks of a node knows the people between them; whoever knows the same
    two marks of a group's parts knows what is left of it. Marks are taken away until no small set is left that way.
    """
    running = np.concatenate([np.zeros((len(cells), 1)), cells.cumsum(axis=1)], axis=1)
    below = web.nodes.of(running)
    marks = np.array([[*banded(np.diff(row).astype(np.int64), web.smallest, place), True] for row in below])
    low, high = below[:, place], below[:, -1] - below[:, place]
    marks[small(np.stack([low, high], axis=1), web.smallest), 1:-1] = False
    marks[~may | small(below[:, -1:], web.smallest)] = False
    for node in np.flatnonzero(~marks[:, 0]).tolist():
        web.without(node, marks)
    while (found := _left(web, below, marks) or _deduced(web, below, marks)) is not None:
        nodes, a, b = found
        _unmark(web, marks, min(nodes, key=lambda i: (web.size[i], i)), (a, b, place))
    return marks


Given = tuple[list[int], int, int]
"""Nodes of which one must lose a mark, and the two marks between which they give a small set away."""


def _left(web: _Web, below: Floats, marks: Mask) -> Given | None:
    """Between two marks: a small rest of a node when all its parts that carry both marks are taken away."""
    for family in web.kin:
        parent, children = family.parent, list(family.children)
        m = marks[children].astype(np.float64)
        weighted = m * below[children]
        taken = m.T @ weighted - weighted.T @ m  # [a, b]: people of the children between marks a and b
        rest = below[parent][None, :] - below[parent][:, None] - taken
        bad = np.triu(small(rest[..., None], web.smallest), 1) & np.outer(marks[parent], marks[parent])
        for a, b in np.argwhere(bad & (m.T @ m > 0)).tolist():
            return [c for c in children if marks[c, a] and marks[c, b]], a, b
    return None


def _deduced(web: _Web, below: Floats, marks: Mask) -> Given | None:
    """Between two marks: a small set of a node without them that all nodes with them together determine."""
    seen: dict[bytes, Mask] = {}
    size = marks.shape[1]
    for a in range(size - 1):
        for b in range(a + 1, size):
            with_both = marks[:, a] & marks[:, b]
            candidates = ~with_both & small((below[:, b] - below[:, a])[:, None], web.smallest)
            if not candidates.any() or not with_both.any():
                continue
            key = with_both.tobytes()
            if key not in seen:
                seen[key] = np.zeros(len(marks), dtype=np.bool_)
                hidden = np.flatnonzero(~with_both)
                seen[key][hidden] = _determined(web.nodes.matrix[with_both], web.nodes.matrix[hidden])
            for node in np.flatnonzero(seen[key] & candidates).tolist():
                if others := _beside(web, node, with_both):
                    return others, a, b
    return None


def _unmark(web: _Web, marks: Mask, node: int, where: tuple[int, int, int]) -> None:
    """Take one of two marks from a node: a mark inside before the cut, the cut with all marks inside, or its n."""
    a, b, place = where
    last = marks.shape[1] - 1
    inside = [mark for mark in (a, b) if mark not in (0, place, last)]
    if inside:
        marks[node, inside[0]] = False
    elif place in (a, b):
        marks[node, 1:-1] = False
    else:
        web.without(node, marks)


def _determined(published: Floats, wanted: Floats) -> Mask:
    """Which rows of `wanted` are linear combinations of `published` rows. O(rows x groups^2)."""
    if not len(published) or not len(wanted):
        return np.zeros(len(wanted), dtype=np.bool_)
    _, strength, basis = np.linalg.svd(published, full_matrices=False)
    basis = basis[strength > 1e-9 * strength[0]]
    left = wanted - (wanted @ basis.T) @ basis
    return np.asarray((np.abs(left) < 1e-7).all(axis=1), dtype=np.bool_)
