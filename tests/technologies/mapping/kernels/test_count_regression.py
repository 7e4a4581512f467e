"""Score-card fits agree with what others fit, choose the columns that matter, and bear empty or odd columns."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData
from peelian.technologies.mapping.kernels.count_regression import (
    POISSON,
    elastic_net,
    fit_counts,
    log_likelihood,
    stepwise,
)


def made(rows: int = 2000, shape: float = POISSON, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ten 0/1 columns of which two matter (×3 and ×1.8), counts, and an offset."""
    chance = np.random.default_rng(seed)
    columns = (chance.random((rows, 10)) < np.linspace(0.1, 0.6, 10)).astype(float)
    offset = np.log(chance.uniform(0.5, 2, rows))
    mean = 0.3 * np.exp(np.log(3) * columns[:, 2] + np.log(1.8) * columns[:, 7] + offset)
    extra = chance.gamma(shape, 1 / shape, rows) if np.isfinite(shape) else np.ones(rows)
    return columns, chance.poisson(mean * extra).astype(float), offset


def test_a_poisson_fit_is_where_the_likelihood_is_flat() -> None:
    columns, counts, offset = made()
    fit = fit_counts(columns, counts, offset, tuple(range(10)))
    mean = fit.mean(columns, offset)
    assert np.allclose(columns.T @ (counts - mean), 0, atol=1e-4 * counts.sum())
    assert mean.sum() == pytest.approx(counts.sum(), rel=1e-6)
    assert np.exp(fit.slopes[[2, 7]]) == pytest.approx([3.0, 1.8], rel=0.2)
    assert fit.bic == pytest.approx(11 * np.log(2000) - 2 * fit.log_likelihood)


def test_a_negative_binomial_fit_finds_its_shape_and_is_the_better_one_there() -> None:
    columns, counts, offset = made(6000, shape=0.7)
    spread = fit_counts(columns, counts, offset, (2, 7), negative_binomial=True)
    assert spread.shape == pytest.approx(0.7, rel=0.25)
    assert spread.bic < fit_counts(columns, counts, offset, (2, 7)).bic
    plain_counts = made()[1]
    assert fit_counts(made()[0], plain_counts, made()[2], (2, 7), negative_binomial=True).shape > 20


def test_the_elastic_net_keeps_what_matters() -> None:
    columns, counts, offset = made(4000)
    kept = elastic_net(columns, counts, offset, np.arange(4000) % 5)
    assert {2, 7} <= set(kept) and len(kept) <= 6


def test_stepwise_ends_with_what_matters_and_only_rising_columns() -> None:
    columns, counts, offset = made(4000)
    best = stepwise(columns, counts, offset, tuple(range(10)))
    assert sorted(best.chosen) == [2, 7]
    lowering = np.column_stack([columns[:, 2], 1 - columns[:, 2]])
    assert stepwise(lowering, counts, offset, (0, 1)).chosen == (0,)


def test_nothing_matters_is_an_answer() -> None:
    columns, _, _ = made()
    counts = np.random.default_rng(5).poisson(1.0, 2000).astype(float)
    best = stepwise(columns, counts, np.zeros(2000), tuple(range(10)))
    assert best.chosen == () and np.exp(best.intercept) == pytest.approx(counts.mean())
    assert elastic_net(np.ones((2000, 3)), counts, np.zeros(2000), np.arange(2000) % 5) == ()


def test_the_negative_binomial_tends_to_poisson() -> None:
    counts, mean = np.array([0.0, 2.0, 5.0]), np.array([0.5, 1.5, 4.0])
    assert log_likelihood(counts, mean, 1e7) == pytest.approx(log_likelihood(counts, mean), abs=1e-4)


def test_bad_input_is_named() -> None:
    columns, counts, offset = made()
    with pytest.raises(NotEnoughData, match="no incident"):
        fit_counts(columns, np.zeros(2000), offset, (0,))
    with pytest.raises(InputError, match="differ in rows"):
        elastic_net(columns, counts[:5], offset, np.zeros(2000, np.int64))
