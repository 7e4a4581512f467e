"""Planners: the numbers they give are large enough, and only just."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.measure.rates import wilson
from peelian.technologies.risk.measure import planning
from peelian.technologies.risk.measure.planning import (
    people_for_events,
    people_for_rate,
    people_for_ratio,
    people_for_slope,
)


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(planning).failed == 0


def test_the_planned_number_is_enough_and_one_less_is_not() -> None:
    n = people_for_rate(0.2, half_width=0.04)
    widths = [float(np.diff(wilson(0.2 * k, k), axis=0)[0]) for k in (n, n - 1)]
    assert widths[0] <= 0.08 < widths[1]


def test_the_rarer_outcome_decides() -> None:
    assert people_for_events(0.1) == people_for_events(0.9) == 1000


def test_slope_and_ratio_plans_hold_in_simulation() -> None:
    promise, shares = np.array([0.2, 0.4, 0.6]), np.array([0.4, 0.4, 0.2])
    from peelian.technologies.risk.measure.calibration import recalibrated

    n = people_for_slope(shares, promise, half_width=0.3)
    rng = np.random.default_rng(1)
    people = rng.multinomial(n, shares, size=400)
    events = rng.binomial(people, promise)
    found = recalibrated(np.stack([people - events, events], axis=-1).astype(float), promise)
    assert 1.96 * found.slope.std() == pytest.approx(0.3, rel=0.12)
    ratio_n = people_for_ratio(0.4, error=0.2)
    ratios = rng.binomial(ratio_n, 0.4, size=4000) / (ratio_n * 0.4)
    assert np.quantile(ratios, 0.975) < 1.2


@pytest.mark.parametrize("bad", [0.0, 1.0, -0.1, float("nan")])
def test_a_share_that_is_none_is_refused(bad: float) -> None:
    with pytest.raises(InputError):
        people_for_events(bad)


def test_scores_that_promise_the_same_have_no_slope_to_plan_for() -> None:
    with pytest.raises(InputError, match="slope"):
        people_for_slope([1, 1], [0.3, 0.3], half_width=0.2)
