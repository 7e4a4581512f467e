"""Searches as they are used: by gallery size, and by how many candidates are reviewed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from peelian.measure.table import Table
from peelian.technologies.faces.declarations.lists import GALLERIES, LENGTHS
from peelian.technologies.faces.searches import FNIR, FPIR, Searches, share_at
from peelian.technologies.faces.thresholds import Threshold

MOST_SIZES = 12
REVIEWED = (1, 2, 5, 10, 20, 50, 100)
"""Numbers of candidates reviewed per search, as far as the lists are that long."""


def by_gallery(searches: Searches, thresholds: Sequence[Threshold], *, rank: int) -> Table:
    """FPIR and FNIR by declared gallery size at each threshold; no row with one size only. O(sizes x searches).

    Of more than twelve sizes, the largest are shown.
    """
    sizes = np.unique(searches.gallery[searches.gallery > 0])[-MOST_SIZES:]
    rows = []
    for threshold in thresholds if len(sizes) > 1 else ():
        for size in sizes.tolist():
            own = searches.take(searches.gallery == size)
            for measure in (FPIR, FNIR):
                one = share_at(own, measure, threshold.value, rank=rank)
                rows.append({"policy": threshold.policy, "gallery": size, "measure": measure, **_told(one)})
    return GALLERIES.of_rows(rows)


def by_length(searches: Searches, thresholds: Sequence[Threshold]) -> Table:
    """FNIR and the wrong candidates to review per search, by the number of candidates reviewed. O(candidates).

    ISO/IEC 19795-1: FNIR(N, R, T) at R candidates, and selectivity, the number of non-mates returned per search.
    """
    rows = []
    listed = searches.listed
    longest = int(listed.rank.max()) if len(listed.rank) else 0
    mine = np.isin(listed.search, searches.number)
    for threshold in thresholds:
        wrong = mine & ~listed.mate & (listed.score >= threshold.value)
        for length in [r for r in REVIEWED if r <= longest]:
            one = share_at(searches, FNIR, threshold.value, rank=length)
            reviewed = int((wrong & (listed.rank <= length)).sum())
            row = {"policy": threshold.policy, "length": length, "wrong": reviewed / max(len(searches), 1)}
            rows.append({**row, "searches": len(searches), **_told(one)})
    return LENGTHS.of_rows(rows)


def _told(one: object) -> Mapping[str, object]:
    return {name: getattr(one, name) for name in ("errors", "n", "rate", "low", "high", "bound", "adequacy")}
