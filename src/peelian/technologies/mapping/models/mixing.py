"""Mixture weights from past forecasts: convex, by log score, by expectation maximisation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.measure.sums import inner, inners, mixture

Floats = NDArray[np.float64]

MOST_WINDOWS = 52
MOST_ROWS = 20_000
LEAST_SHARE = 1e-12
HELD_BEFORE = 30.0  # incidents that weights held beforehand count for


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ledger:
    """What each component had said beforehand about the incidents that then came: the base of the weights.

    `said` holds, per past window, an array (components x rows) of the shares that the components gave to the places
    of that window's incidents, and `came` the incidents (weights) of each row. Nothing here was used to fit what was
    said: each window lies after the history its shares came from.
    """

    components: int
    said: tuple[Floats, ...] = ()
    came: tuple[Floats, ...] = ()

    def __len__(self) -> int:
        return len(self.said)

    @property
    def incidents(self) -> float:
        """How many incidents the ledger holds."""
        return float(sum(part.sum() for part in self.came))

    def noted(self, said: Floats, came: Floats) -> Ledger:
        """One more window; the oldest fall away beyond 52 windows or 20,000 rows."""
        windows = [*zip(self.said, self.came, strict=True), (np.maximum(said, LEAST_SHARE), came)]
        rows = np.cumsum([len(part) for _, part in reversed(windows)])
        kept = max(1, min(MOST_WINDOWS, int(np.searchsorted(rows, MOST_ROWS, side="right"))))
        windows = windows[-kept:]
        return Ledger(
            components=self.components,
            said=tuple(part for part, _ in windows),
            came=tuple(part for _, part in windows),
        )


def weights_of(ledger: Ledger, start: Floats | None = None, most: int = 400, *, before: Floats | None = None) -> Floats:
    """The convex weights with the best log score on the ledger; even weights where it is empty. O(rows · steps).

    `before` are weights held beforehand: they count as much as 30 incidents, so that a short ledger moves them little
    (a Dirichlet prior), and a long one forgets them.

    The score is concave in the weights and each step raises it (Dempster and others 1977); it stops when a step adds
    less than 1e-6 nats per incident.

    >>> ledger = Ledger(components=2).noted(np.array([[0.9, 0.8, 0.1], [0.1, 0.2, 0.3]]), np.ones(3))
    >>> weights_of(ledger).round(2).tolist()
    [0.92, 0.08]
    """
    weights = np.full(ledger.components, 1 / ledger.components) if start is None else _inside(start)
    if not ledger.said or ledger.incidents <= 0:
        return weights
    said, came = np.concatenate(ledger.said, axis=1), np.concatenate(ledger.came)
    total, last = came.sum(), -np.inf
    held = np.zeros(ledger.components) if before is None else HELD_BEFORE * before
    for _ in range(most):
        mixed = mixture(weights, said)
        score = (inner(came, np.log(mixed)) + inner(held, np.log(np.maximum(weights, 1e-300)))) / total
        if score - last < 1e-6:
            break
        last = score
        weights = (weights * inners(said, came / mixed) + held) / (total + held.sum())
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def believed(weights: Floats, ledger: Ledger) -> Floats:
    """The weights, mixed with the first component alone by how far the ledger supports so many of them. O(rows).

    Weights that were chosen on a ledger look better on it than they will be: by half a nat for each that is free, and
    the first alone by none, so that choosing costs one nat for each (Akaike 1974). What is left of the gain is the log
    odds of the mixture against the first component (Akaike weights; Burnham and Anderson 2002, section 2.9).

    >>> ledger = Ledger(components=2).noted(np.array([[0.5], [0.4]]), np.ones(1))
    >>> believed(np.array([0.5, 0.5]), ledger).round(2).tolist()
    [0.88, 0.12]
    """
    first = np.zeros(ledger.components)
    first[0] = 1.0
    if not ledger.said:
        return first
    said, came = np.concatenate(ledger.said, axis=1), np.concatenate(ledger.came)
    gain = inner(came, np.log(mixture(weights, said) / said[0])) - (ledger.components - 1)
    support = 1 / (1 + np.exp(-np.clip(gain, -500, 500)))
    return np.asarray(support * weights + (1 - support) * first)


def _inside(weights: Floats) -> Floats:
    """Weights moved off the edge, where the steps would be stuck."""
    moved = weights + 1e-3 / len(weights)
    return np.asarray(moved / moved.sum(), dtype=np.float64)
