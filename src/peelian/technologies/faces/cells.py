"""Number the cells of an audit: one per pair of groups, and one per group for genuine comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The cells of G groups: impostor pairs without order, then genuine comparisons by group.

    Impostor cells come first: one per unordered pair of groups (a cell pools both directions), then one for pairs
    with somebody outside every group. Then genuine cells: one per group, then one for those outside every group.

    >>> cells = Cells(groups=("a", "b"))
    >>> cells.size, cells.pair(0, 1), cells.pair(1, 0), cells.genuine(1)
    (7, 1, 1, 5)
    """

    groups: tuple[str, ...]

    @property
    def impostor_cells(self) -> int:
        """How many impostor cells there are; genuine cells are numbered from here on."""
        g = len(self.groups)
        return g * (g + 1) // 2 + 1

    @property
    def size(self) -> int:
        """How many cells there are."""
        return self.impostor_cells + len(self.groups) + 1

    def pair(self, g: int, h: int) -> int:
        """The impostor cell of groups g and h; -1 is outside every group."""
        return int(self.pairs()[g, h])

    def genuine(self, g: int) -> int:
        """The genuine cell of group g; -1 is outside every group."""
        return self.impostor_cells + (g if g >= 0 else len(self.groups))

    def pairs(self) -> Codes:
        """The impostor cell of every two codes, (G+1) x (G+1); the last row and column are "outside every group"."""
        g = len(self.groups)
        table = np.full((g + 1, g + 1), self.impostor_cells - 1, dtype=np.int16)
        upper = np.triu_indices(g)
        table[upper] = np.arange(len(upper[0]), dtype=np.int16)
        table[upper[1], upper[0]] = table[upper]
        return table

    def within(self) -> list[int]:
        """The impostor cells within each group, in the groups' order."""
        return [self.pair(g, g) for g in range(len(self.groups))]

    def named_pairs(self) -> list[tuple[int, int, int]]:
        """Every impostor cell as (g, h, cell) with g <= h, the one outside every group left out."""
        g = len(self.groups)
        return [(a, b, self.pair(a, b)) for a in range(g) for b in range(a, g)]


def coded(labels: Sequence[str], groups: Sequence[str]) -> Codes:
    """The groups' numbers of labels, -1 for labels that are no group.

    >>> coded(["b", "c", "a"], ["a", "b"]).tolist()
    [1, -1, 0]
    """
    known = {label: i for i, label in enumerate(groups)}
    return np.array([known.get(label, -1) for label in labels], dtype=np.int16)


def large_enough(labels: Sequence[str], subjects: NDArray[np.int64], least: int) -> tuple[list[str], list[str]]:
    """Groups with at least `least` subjects, and those hidden; a lone small group hides the next smallest with it.

    Were one group alone left out, its counts would be the total less the others (complementary suppression).

    >>> large_enough(["a", "b", "c"], np.array([40, 30, 4]), 11)
    (['a'], ['b', 'c'])
    """
    order = sorted(range(len(labels)), key=lambda i: (int(subjects[i]), labels[i]))
    small = [i for i in order if subjects[i] < least]
    alone = bool(small) and (len(small) == 1 or sum(int(subjects[i]) for i in small) < least)
    if alone and len(small) < len(order):
        small.append(order[len(small)])
    gone = set(small)
    return [labels[i] for i in range(len(labels)) if i not in gone], [labels[i] for i in sorted(gone)]
