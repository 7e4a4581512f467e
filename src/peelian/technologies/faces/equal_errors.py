"""Equal error rate: where a threshold makes as many false matches as false non-matches, as shares."""

from __future__ import annotations

import math

import numpy as np

from peelian.technologies.faces.histogram import EVERYBODY, Histogram
from peelian.technologies.faces.trials import Counts
from peelian.technologies.faces.uncertainty import FEW_ERRORS


def equal_error_rate(histogram: Histogram, group: str, failed: Counts | None) -> float:
    """The rate at which FMR and FNMR cross, within a group or over all, drawn straight between two edges of bins.

    Failures (by cell) count as false non-matches. nan without comparisons, and where ten errors or fewer of a kind
    lie at the crossing. O(bins).
    """
    impostor, genuine = cells_of(histogram, group)
    false, true = (histogram.matches_from_each_edge(part) for part in (impostor, genuine))
    lost = 0 if failed is None else int(failed[genuine].sum())
    n, m = (int(false[0]), int(true[0]) + lost) if len(false) else (0, 0)
    if not n or not m:
        return math.nan
    fmr, fnmr = np.append(false, 0) / n, (m - np.append(true, 0)) / m
    after = int(np.argmax(fnmr >= fmr))
    before = max(after - 1, 0)
    if min(int(np.append(false, 0)[before]), m - int(np.append(true, 0)[after])) <= FEW_ERRORS:
        return math.nan
    apart = (fmr - fnmr)[[before, after]]
    share = apart[0] / (apart[0] - apart[1]) if apart[0] != apart[1] else 0.0
    return float(fmr[before] + share * (fmr[after] - fmr[before]))


def cells_of(histogram: Histogram, group: str) -> tuple[list[int], list[int]]:
    """The impostor and the genuine cells of a group, or of all."""
    cells = histogram.cells
    if group == EVERYBODY:
        return list(range(cells.impostor_cells)), list(range(cells.impostor_cells, cells.size))
    g = cells.groups.index(group)
    return [cells.pair(g, g)], [cells.genuine(g)]
