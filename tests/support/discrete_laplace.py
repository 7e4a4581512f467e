"""The discrete Laplace distribution by its formula, which noise is held against."""

from __future__ import annotations

import math


def probability(x: int, *, sensitivity: int = 1, milli_epsilon: int) -> float:
    """P(X = x) of the discrete Laplace distribution: (1 - a) / (1 + a) * a^|x| with a = exp(-epsilon / sensitivity).

    >>> round(sum(probability(x, milli_epsilon=500) for x in range(-200, 201)), 12)
    1.0
    """
    rate = milli_epsilon / 1000 / sensitivity
    return math.tanh(rate / 2) * math.exp(-rate * abs(x))
