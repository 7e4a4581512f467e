"""Sums of products are those of BLAS, without its threads."""

from __future__ import annotations

import numpy as np

from peelian.measure.sums import inner, inners, mixture

CHANCE = np.random.default_rng(0)
ROWS, WEIGHTS, COLUMN = CHANCE.random((5, 1000)), CHANCE.random(5), CHANCE.random(1000)


def test_they_agree_with_numpy() -> None:
    assert np.isclose(inner(COLUMN, ROWS[0]), np.dot(COLUMN, ROWS[0]), rtol=1e-13)
    np.testing.assert_allclose(mixture(WEIGHTS, ROWS), WEIGHTS @ ROWS, rtol=1e-13)
    np.testing.assert_allclose(inners(ROWS, COLUMN), ROWS @ COLUMN, rtol=1e-13)


def test_empty_sums_are_nothing() -> None:
    assert inner([], []) == 0.0
