"""Observed against expected at equal score: a group's events beside those of everyone with the same scores.

The test is Cochran's and Mantel and Haenszel's with the scores as strata (Mantel, Haenszel 1959), so that a group is
not found to differ because more of its members have high scores.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from peelian.measure.rates import two_sided_p
from peelian.technologies.risk.counts import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class AtEqualScore:
    """Events of groups and how many everyone's shares at the same scores would give: arrays [...], nan where unknown.

    `variance` is that of observed - expected where the group does not differ.
    """

    observed: Floats
    expected: Floats
    variance: Floats

    @property
    def ratio(self) -> Floats:
        """Observed over expected."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.observed / self.expected, dtype=np.float64)

    @property
    def z(self) -> Floats:
        """The standardized difference; 0 where nothing varies."""
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (self.observed - self.expected) / np.sqrt(self.variance)
        return np.asarray(np.where(self.variance > 0, z, 0.0), dtype=np.float64)

    @property
    def p(self) -> Floats:
        """The two-sided probability of a difference at least this large by chance."""
        return two_sided_p(self.z, np.ones(()))

    @property
    def error(self) -> Floats:
        """The standard error of the ratio where it is 1."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.sqrt(self.variance) / self.expected, dtype=np.float64)

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """(low, high) of the ratio, normal on the log scale; the variance of events grows with their number."""
        z = float(scipy.special.ndtri(0.5 + level / 2))
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = np.exp(z * self.error / np.sqrt(self.ratio))
            return np.asarray(self.ratio / spread), np.asarray(self.ratio * spread)


def at_equal_score(group: Floats, everyone: Floats) -> AtEqualScore:
    """Compare groups [..., S, 2] with everyone [S, 2], whose part they are, at each of S scores. O(cells).

    The last axis is people without and with the event.

    >>> found = at_equal_score(np.array([[6.0, 4.0], [5.0, 5.0]]), np.array([[12.0, 8.0], [10.0, 10.0]]))
    >>> float(found.ratio), float(found.z)
    (1.0, 0.0)
    """
    n, mine = everyone.sum(axis=-1), group.sum(axis=-1)
    events = everyone[..., 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = np.where(n > 0, mine * events / n, 0.0)
        spread = np.where(n > 1, mine * (n - mine) * events * (n - events) / (n * n * (n - 1)), 0.0)
    return AtEqualScore(
        observed=group[..., 1].sum(axis=-1), expected=expected.sum(axis=-1), variance=spread.sum(axis=-1)
    )
