"""The verdicts of a report from its tests together, and the differences that they would have found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike

from peelian.measure.multiplicity import holm
from peelian.technologies.risk.counts import Floats
from peelian.technologies.risk.jackknife import quantile

NOMINAL = 0.03
"""Chance, at most, that a report without any true difference says one; the rest to 5% is left to approximations."""
POWER = 0.8
FEWEST_GROUPS = 20
"""Replicate groups of persons that a verdict needs: at least as many persons. With fewer, the variance is a guess."""


def detectable(error: ArrayLike, tests: int, groups: ArrayLike = np.inf) -> Floats:
    """The true difference that one of `tests` tests with this standard error finds with a probability of 80%.

    >>> round(float(detectable(0.01, 1)), 4)
    0.0301
    """
    wanted = quantile(np.asarray(groups), 1 - NOMINAL / max(tests, 1)) + scipy.special.ndtri(POWER)
    return np.asarray(wanted * np.asarray(error, dtype=np.float64), dtype=np.float64)


def judge(rows: Iterable[dict[str, Any]], words: tuple[str, str, str]) -> int:
    """Complete the rows that have a `p`: corrected for all (Holm), what would have been found, and the verdict.

    `words` say that the row is above, below or no different; `above`, `error` and `groups` are the row's. Returns how
    many tests there were. O(rows log rows).
    """
    tested = [row for row in rows if "p" in row]
    for row, p in zip(tested, holm([row["p"] for row in tested]).tolist(), strict=True):
        row["p"], row["detectable"] = p, float(detectable(row["error"], len(tested), row["groups"]))
        row["verdict"] = words[2] if p > NOMINAL else words[0] if row["above"] else words[1]
    return len(tested)
