"""Error rates at a cut-off: FPR, FNR, PPV, NPV and accuracy, from counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from peelian.technologies.risk.counts import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Quadrants:
    """Counts at a cut, arrays of one shape. "Positive" is a high score, "true" that it agrees with the outcome.

    So `false_high` are people who scored high and did not have the outcome: false positives. Toolkits that code the
    favourable label as positive swap the names, so the quadrants are spelled out here.
    """

    true_high: Floats
    false_high: Floats
    false_low: Floats
    true_low: Floats

    @property
    def events(self) -> Floats:
        """People with the outcome."""
        return self.true_high + self.false_low

    @property
    def others(self) -> Floats:
        """People without the outcome."""
        return self.false_high + self.true_low

    @property
    def high(self) -> Floats:
        """People who scored high."""
        return self.true_high + self.false_high

    @property
    def low(self) -> Floats:
        """People who scored low."""
        return self.false_low + self.true_low

    @property
    def n(self) -> Floats:
        """Everyone."""
        return self.events + self.others


Share = tuple[Floats, Floats]  # numerator and denominator


def quadrants(cells: Floats, place: int) -> Quadrants:
    """The quadrants of counts [..., S, 2] when scores from `place` on are high. O(cells).

    >>> q = quadrants(np.array([[40.0, 10.0], [20.0, 30.0]]), 1)
    >>> float(q.false_high), float(q.false_low)
    (20.0, 10.0)
    """
    low, high = cells[..., :place, :].sum(axis=-2), cells[..., place:, :].sum(axis=-2)
    return Quadrants(true_high=high[..., 1], false_high=high[..., 0], false_low=low[..., 1], true_low=low[..., 0])


def all_quadrants(cells: Floats) -> Quadrants:
    """The quadrants at every cut but the lowest (which everybody passes): arrays [..., S - 1]. O(cells)."""
    high = cells[..., ::-1, :].cumsum(axis=-2)[..., ::-1, :][..., 1:, :]
    low = cells.sum(axis=-2, keepdims=True) - high
    return Quadrants(true_high=high[..., 1], false_high=high[..., 0], false_low=low[..., 1], true_low=low[..., 0])


def shares(q: Quadrants) -> Mapping[str, Share]:
    """Every rate of an audit as numerator and denominator.

    fpr: scored high among people without the outcome; fnr: scored low among people with it; ppv: with the outcome
    among those scored high; npv: without it among those scored low; high_share: scored high; base_rate: with it.
    """
    return {
        "base_rate": (q.events, q.n),
        "high_share": (q.high, q.n),
        "fpr": (q.false_high, q.others),
        "fnr": (q.false_low, q.events),
        "ppv": (q.true_high, q.high),
        "npv": (q.true_low, q.low),
        "accuracy": (q.true_high + q.true_low, q.n),
    }


NEEDS_OUTCOME = frozenset({"base_rate", "fpr", "fnr", "ppv", "npv", "accuracy"})
NEEDS_CUT = frozenset({"high_share", "fpr", "fnr", "ppv", "npv", "accuracy"})
COMPARED = ("high_share", "fpr", "fnr", "ppv", "npv", "accuracy")
AT_EVERY_CUT = ("high_share", "fpr", "fnr", "ppv", "npv", "accuracy")


def rate(share: Share) -> Floats:
    """Numerator over denominator, nan over nobody."""
    num, den = share
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(den > 0, num / den, np.nan), dtype=np.float64)
