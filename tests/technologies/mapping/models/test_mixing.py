"""Weights are the best convex ones on what was said beforehand; the ledger forgets what is old."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from peelian.technologies.mapping.models.mixing import MOST_ROWS, MOST_WINDOWS, Ledger, weights_of

CHANCE = np.random.default_rng(0)


def ledger(components: int = 3, rows: int = 800) -> Ledger:
    return Ledger(components=components).noted(
        CHANCE.dirichlet(np.ones(50), (components, rows))[:, :, 0], np.ones(rows)
    )


def test_they_are_as_good_as_a_general_optimiser_finds() -> None:
    made = ledger()
    said, came = made.said[0], made.came[0]

    def cost(z: np.ndarray) -> float:
        w = np.exp(z) / np.exp(z).sum()
        return float(-(came * np.log(w @ said)).mean())

    ours = weights_of(made)
    assert ours.sum() == pytest.approx(1.0) and (ours >= 0).all()
    assert -(came * np.log(ours @ said)).mean() <= minimize(cost, np.zeros(3)).fun + 1e-4


def test_a_component_that_is_always_right_takes_all() -> None:
    sure = Ledger(components=2).noted(np.array([np.full(200, 0.5), np.full(200, 0.01)]), np.ones(200))
    assert weights_of(sure)[0] > 0.99


def test_warm_weights_may_come_back_from_zero() -> None:
    sure = Ledger(components=2).noted(np.array([np.full(200, 0.5), np.full(200, 0.01)]), np.ones(200))
    assert weights_of(sure, np.array([0.0, 1.0]))[0] > 0.99


def test_an_empty_ledger_gives_even_weights() -> None:
    assert weights_of(Ledger(components=4)).tolist() == [0.25] * 4


def test_old_windows_fall_away_but_never_the_newest() -> None:
    made = Ledger(components=1)
    for k in range(MOST_WINDOWS + 5):
        made = made.noted(np.full((1, 2), 0.1), np.array([k, 1.0]))
    assert len(made) == MOST_WINDOWS and made.came[-1][0] == MOST_WINDOWS + 4
    huge = made.noted(np.full((1, MOST_ROWS * 2), 0.1), np.ones(MOST_ROWS * 2))
    assert len(huge) == 1 and huge.incidents == MOST_ROWS * 2


def test_nothing_said_is_infinitely_wrong() -> None:
    made = Ledger(components=2).noted(np.array([[0.0], [0.1]]), np.ones(1))
    assert np.isfinite(weights_of(made)).all()


def test_weights_held_beforehand_count_for_thirty_incidents() -> None:
    """A short ledger moves them little, a long one forgets them."""
    said, before = np.array([[0.9], [0.1]]), np.array([0.2, 0.8])
    short, long = (weights_of(Ledger(components=2).noted(said, np.array([n])), before=before) for n in (3.0, 30_000.0))
    assert 0.2 < short[0] < 0.35 and long[0] > 0.99
    assert weights_of(Ledger(components=2).noted(said, np.array([3.0])))[0] > 0.9
