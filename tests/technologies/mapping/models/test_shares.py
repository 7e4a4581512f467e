"""Shrinkage comes from counts, levels from recent weeks, dispersion from pairs; each recovers what was simulated."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from peelian.errors import NotEnoughData
from peelian.measure.grid import square_grid
from peelian.technologies.mapping.history import History, history
from peelian.technologies.mapping.models.base import POISSON, Window
from peelian.technologies.mapping.models.shares import (
    Shares,
    concentration,
    dispersion,
    enough,
    even,
    recent_level,
    shrunk,
)

GRID = square_grid(cell_metres=250.0, rows=20, cols=20)
CHANCE = np.random.default_rng(0)
SPREAD = np.full(400, 1 / 400)
WEEK = 168.0


def past(rates: np.ndarray, weeks: int = 52, extra: float = POISSON) -> History:
    """Poisson or negative binomial counts per cell and week, at the cells' middles."""
    mean = np.broadcast_to(rates, (weeks, 400))
    counts = CHANCE.poisson(mean if np.isinf(extra) else CHANCE.gamma(extra, mean / extra))
    week, cell = np.repeat(np.argwhere(counts), counts[counts > 0], axis=0).T
    east, north = (part[cell] for part in GRID.centres())
    hour = week * WEEK + CHANCE.uniform(0, WEEK, len(week))
    return history(GRID, (hour, east, north), until_hour=weeks * WEEK, from_hour=0.0)


def test_concentration_maximises_the_textbook_likelihood() -> None:
    shares = CHANCE.dirichlet(np.full(400, 0.5))
    counts = CHANCE.multinomial(3000, shares).astype(float)
    areas = np.append(np.full(350, 1.0), CHANCE.uniform(0.1, 0.9, 50))  # some cells are cut by the boundary
    spread = areas / areas.sum()

    def cost(log_total: float) -> float:
        prior = np.exp(log_total) * spread
        return -(
            gammaln(prior.sum())
            - gammaln(prior.sum() + counts.sum())
            + (gammaln(prior + counts) - gammaln(prior)).sum()
        )

    best = np.exp(minimize_scalar(cost, bounds=(-3, 18), method="bounded", options={"xatol": 1e-9}).x)
    assert concentration(counts, spread) == pytest.approx(best, rel=1e-4)
    assert concentration(counts, spread) == pytest.approx(0.5 * 400, rel=0.35)


def test_even_counts_are_shrunk_wholly_and_gathered_ones_hardly() -> None:
    flat = CHANCE.multinomial(4000, SPREAD).astype(float)
    share, added = shrunk(flat, SPREAD)
    assert added > 4000 * 3 and np.abs(share * 400 - 1).max() < 0.35
    peaked = np.zeros(400)
    peaked[:4] = 1000.0
    share, added = shrunk(peaked, SPREAD)
    assert added < 20 and share[0] == pytest.approx(0.25, abs=0.01) and share.min() > 0


def test_shares_sum_to_one() -> None:
    share, _ = shrunk(CHANCE.poisson(2.0, 400).astype(float), SPREAD)
    assert share.sum() == pytest.approx(1.0)
    assert even(past(np.full(400, 0.01))).sum() == pytest.approx(1.0)


def test_the_level_follows_recent_weeks_and_a_short_history_is_not_a_quiet_town() -> None:
    rising = past(np.repeat([[0.1], [0.4]], [80, 24], axis=0) * np.ones(400), weeks=104)
    # 24 weeks are three half-lives: an eighth of the weight still lies on the quiet years
    assert recent_level(rising) * WEEK == pytest.approx((0.4 * 7 + 0.1) / 8 * 400, rel=0.06)
    assert recent_level(past(np.full(400, 0.2), weeks=3)) * WEEK == pytest.approx(80, rel=0.15)


@pytest.mark.parametrize("shape", [0.5, 3.0])
def test_dispersion_is_recovered(shape: float) -> None:
    rates = CHANCE.gamma(2.0, 0.4, 400)
    made = past(rates, weeks=60, extra=shape)
    assert dispersion(made, rates / rates.sum(), WEEK) == pytest.approx(shape, rel=0.25)


def test_poisson_counts_are_not_called_overdispersed() -> None:
    rates = CHANCE.gamma(2.0, 0.4, 400)
    assert dispersion(past(rates), rates / rates.sum(), WEEK) > 20


def test_an_explanation_adds_up_and_speaks_of_places() -> None:
    made = past(np.full(400, 0.1))
    fitted = Shares(history=made, share=SPREAD, older=SPREAD * 0.75, per_hour=0.5, kept={})
    told = fitted.explain(21, Window(start_hour=0.0, hours=WEEK))
    total = float(fitted.forecast(Window(start_hour=0.0, hours=WEEK)).expected[21])
    assert told.background + told.recent == pytest.approx(total) and told.recent == pytest.approx(0.25 * total)
    assert {note.kind for note in told.notes} == {"explanation"}


def test_an_empty_history_is_not_enough() -> None:
    empty = history(GRID, (np.zeros(0), np.zeros(0), np.zeros(0)), until_hour=9.0)
    with pytest.raises(NotEnoughData, match="0 incidents in the history"):
        enough(empty)
