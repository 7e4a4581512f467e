"""Sample size that a claim about an error rate needs."""

from __future__ import annotations

import math

from peelian.errors import InputError


def trials_for(rate: float, errors: int = 30) -> int:
    """Comparisons in which `errors` errors are expected at `rate`: rule of 30, or of 3 for an upper bound.

    Rule of 30: Doddington and others 2000. Rule of 3: no error in n trials puts the rate below 3/n (95% confidence).

    >>> trials_for(1e-4), trials_for(1e-4, errors=3)
    (300000, 30000)
    """
    if not 0 < rate < 1:
        raise InputError("target rate not between 0 and 1", accepted="for example 0.0001")
    return math.ceil(round(errors / rate, 6))


def subjects_for(pairs: int) -> int:
    """The least number of subjects who make `pairs` different pairs: S(S - 1)/2 >= pairs.

    >>> subjects_for(300_000)
    776
    """
    if pairs < 0:
        raise InputError("number of pairs below 0", accepted="a whole number")
    least = (1 + math.isqrt(1 + 8 * pairs)) // 2
    while least * (least - 1) // 2 < pairs:
        least += 1
    return least


def with_clustering(trials: int, design_effect: float) -> int:
    """Comparisons equivalent to `trials` independent ones when subjects recur (an audit's design effect).

    >>> with_clustering(300_000, 2.5)
    750000
    """
    if not design_effect >= 1:
        raise InputError("design effect below 1", accepted="1 or more (1 if no subject recurs)")
    return math.ceil(trials * design_effect)
