"""Holm: equal to statsmodels, weights included where they are equal, and true nulls are rarely rejected."""

from __future__ import annotations

import doctest

import numpy as np
from statsmodels.stats.multitest import multipletests

from peelian.measure import multiplicity
from peelian.measure.multiplicity import holm


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(multiplicity).failed == 0


def test_it_is_statsmodels_correction_in_any_order() -> None:
    rng = np.random.default_rng(1)
    for size in (1, 2, 30):
        p = rng.random(size) ** 3
        assert np.allclose(holm(p), multipletests(p, method="holm")[1])
        assert np.allclose(holm(p, np.full(size, 7.0)), holm(p))


def test_what_is_no_test_does_not_count() -> None:
    assert np.array_equal(holm([0.01, np.nan, 0.04]), [0.02, np.nan, 0.04], equal_nan=True)
    assert np.isnan(holm([np.nan])).all() and holm([]).shape == (0,)


def test_a_heavier_test_is_rejected_sooner_and_the_family_holds_its_level() -> None:
    """Uniform p, a weight of 10 for the first: it alone has 10/19 of the level."""
    p = np.random.default_rng(2).random((20_000, 10))
    weight = np.array([10.0] + [1.0] * 9)
    rejected = np.array([holm(row, weight) <= 0.1 for row in p])
    assert abs(rejected[:, 0].mean() - 0.1 * 10 / 19) < 0.005
    assert rejected.any(axis=1).mean() < 0.105
