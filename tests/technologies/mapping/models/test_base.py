"""Intervals are the quantiles of their distribution, and nothing but finite counts is a forecast."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom, poisson

from peelian.errors import InputError
from peelian.measure.grid import square_grid
from peelian.technologies.mapping.history import history
from peelian.technologies.mapping.models.base import forecast_from, neighbourhood_counts, quantile


@given(st.floats(1e-6, 300.0), st.sampled_from([0.025, 0.5, 0.975]), st.sampled_from([math.inf, 0.3, 2.0, 50.0]))
def test_quantiles_are_scipys(mean: float, level: float, shape: float) -> None:
    law = poisson(mean) if math.isinf(shape) else nbinom(shape, shape / (shape + mean))
    found, exact = quantile(np.array([mean]), level, shape)[0], law.ppf(level)
    # at the very edge of a step either neighbour is right
    assert found == exact or min(abs(law.cdf(found) - level), abs(law.cdf(exact) - level)) < 1e-9


def test_a_forecast_has_its_interval() -> None:
    made = forecast_from(np.array([0.001, 2.0, 40.0]), shape=3.0)
    assert (made.low <= made.expected).all() and (made.expected <= made.high + 1).all()
    assert (made.high >= forecast_from(made.expected).high).all(), "overdispersion widens"


@pytest.mark.parametrize("bad", [-0.1, math.nan, math.inf])
def test_no_forecast_of_anything_but_counts(bad: float) -> None:
    with pytest.raises(InputError, match="expected count"):
        forecast_from(np.array([1.0, bad]))


def test_neighbours_are_the_eight_around_also_at_the_edge() -> None:
    grid = square_grid(cell_metres=100.0, rows=3, cols=3)
    east, north = grid.centres()
    past = history(grid, (np.arange(9.0), east, north), until_hour=100.0)
    assert neighbourhood_counts(past, 4, 0.0) == (1, 8)
    assert neighbourhood_counts(past, 0, 0.0) == (1, 3)
    assert neighbourhood_counts(past, 8, 8.0) == (1, 0)
