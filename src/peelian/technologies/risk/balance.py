"""Balance for both classes: mean scores of people with the same outcome, compared across groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from peelian.technologies.risk.counts import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """Mean scores with their standard errors, arrays of one shape; nan where fewer than two people stand behind."""

    value: Floats
    error: Floats
    n: Floats


def mean_scores(cells: Floats, scores: Floats) -> tuple[Means, Means]:
    """(others, events): the mean score of people to whom the outcome did not and did happen, per group [...].

    Balance for the negative and the positive class (Kleinberg, Mullainathan, Raghavan 2016, Inherent trade-offs):
    equal means across groups are ideal. Counts [..., S, 2]; O(cells).

    >>> others, events = mean_scores(np.array([[2.0, 1.0], [2.0, 3.0]]), np.array([1.0, 2.0]))
    >>> float(others.value), float(events.value)
    (1.5, 1.75)
    """
    return _mean(cells[..., 0], scores), _mean(cells[..., 1], scores)


def _mean(counts: Floats, scores: Floats) -> Means:
    n = counts.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (counts * scores).sum(axis=-1) / n
        spread = (counts * (scores - value[..., None]) ** 2).sum(axis=-1) / np.where(n > 1, n - 1, np.nan)
        error = np.sqrt(spread / n)
    return Means(value=value, error=error, n=n)
