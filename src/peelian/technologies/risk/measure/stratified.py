"""Observed against expected at equal score: a group's events beside those of everyone with the same scores.

The test is Cochran's and Mantel and Haenszel's with the scores as strata (Mantel, Haenszel 1959), so that a group is
not found to differ because more of its members have high scores. Where some person has several assessments, the
variance is that of the sums of replicate groups of persons (the delete-a-group jackknife of a sum), with Student's t.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from peelian.technologies.risk.measure.counts import Floats
from peelian.technologies.risk.measure.jackknife import p_value, quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class AtEqualScore:
    """Events of groups and how many everyone's shares at the same scores would give: arrays [...], nan where unknown.

    `variance` is that of observed - expected: where the group does not differ, or (finite `groups`) as it is. `groups`
    are the replicate groups of persons with events, or without, whichever are fewer.
    """

    observed: Floats
    expected: Floats
    variance: Floats
    groups: Floats

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
        return p_value(self.z, np.ones(()), self.groups)

    @property
    def error(self) -> Floats:
        """The standard error of the ratio."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.sqrt(self.variance) / self.expected, dtype=np.float64)

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """(low, high) of the ratio, symmetric on the log scale.

        The variance of a group that does not differ is taken to grow with the number of its events.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            log_error = self.error / np.where(np.isinf(self.groups), np.sqrt(self.ratio), self.ratio)
            spread = np.exp(quantile(self.groups, level) * log_error)
            return np.asarray(self.ratio / spread), np.asarray(self.ratio * spread)


def at_equal_score(group: Floats, everyone: Floats, each: tuple[Floats, Floats] | None = None) -> AtEqualScore:
    """Compare groups [..., S, 2] with everyone [S, 2], whose part they are, at each of S scores. O(cells).

    The last axis is people without and with the event. `each` are both for each replicate group of persons alone:
    [F, ..., S, 2] and, in a shape that fits it, [F, 1, S, 2].

    >>> found = at_equal_score(np.array([[6.0, 4.0], [5.0, 5.0]]), np.array([[12.0, 8.0], [10.0, 10.0]]))
    >>> float(found.ratio), float(found.z)
    (1.0, 0.0)
    """
    n, mine = everyone.sum(axis=-1), group.sum(axis=-1)
    events = everyone[..., 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        share, part = np.where(n > 0, events / n, 0.0), np.where(n > 0, mine / n, 0.0)
        spread = np.where(n > 1, mine * (n - mine) * share * (1 - share) / (n - 1), 0.0)
    expected, variance = (mine * share).sum(axis=-1), spread.sum(axis=-1)
    groups = np.full(variance.shape, np.inf)
    if each is not None:
        own, all_ = (cells[..., 1] - cells.sum(axis=-1) * share for cells in each)
        sums = (own - part * all_).sum(axis=-1)
        groups = (each[0].sum(axis=-2) > 0).sum(axis=0).min(axis=-1).astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = ((sums - sums.mean(axis=0)) ** 2).sum(axis=0) * groups / (groups - 1)
    return AtEqualScore(observed=group[..., 1].sum(axis=-1), expected=expected, variance=variance, groups=groups)
