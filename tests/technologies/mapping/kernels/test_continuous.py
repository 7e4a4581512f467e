"""The fit cannot fail: it ends within bounds on any input that is not refused, refits warm, and forecasts counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulation import Town, simulate

from peelian.errors import InputError, NotEnoughData
from peelian.technologies.mapping.kernels.continuous import expected_parts, fit_continuous, intensity_parts
from peelian.technologies.mapping.kernels.process import MOST_THETA, SIGMAS, Extent, Parameters, Points

TOWN = Town(incidents=3000, side_metres=10_000.0, days=365.0, seed=5)


def points(days: np.ndarray, east: np.ndarray, north: np.ndarray) -> Points:
    return Points(np.sort(days), east, north, np.ones(len(days)))


@settings(deadline=None, max_examples=12)
@given(
    n=st.integers(30, 80),
    seed=st.integers(0, 99),
    place=st.sampled_from(["one", "line", "anywhere"]),
    when=st.sampled_from(["one", "dates", "any"]),
)
def test_a_start_cannot_fail(n: int, seed: int, place: str, when: str) -> None:
    chance = np.random.default_rng(seed)
    east = {"one": np.full(n, 700.0), "line": np.linspace(0, 3000, n), "anywhere": chance.uniform(0, 3000, n)}[place]
    days = {"one": np.full(n, 3.0), "dates": np.floor(chance.uniform(0, 60, n)), "any": chance.uniform(0, 60, n)}[when]
    north = np.full(n, 1500.0) if place != "anywhere" else chance.uniform(0, 3000, n)
    fit = fit_continuous(points(days, east, north), Extent(0.0, 0.0, 3000.0, 3000.0, 0.0, 60.0), iterations=10)
    theta, omega, sigma = fit.parameters
    assert 0 <= theta <= MOST_THETA and 1 / 365 <= omega <= 24 and SIGMAS[0] <= sigma <= SIGMAS[1]
    assert np.isfinite(fit.log_likelihood)
    assert ((fit.share >= -1e-5) & (fit.share <= 1 + 1e-5)).all()


def test_one_more_day_refits_in_at_most_three_iterations() -> None:
    town, extent = simulate(TOWN)
    day = 364.0
    known = int(np.searchsorted(town.days, day))
    before = fit_continuous(Points(*(part[:known] for part in town)), extent._replace(until_day=day), tolerance=1e-4)
    warm = fit_continuous(town, extent, start=before)
    assert warm.converged and warm.iterations <= 3
    assert warm.parameters.theta == pytest.approx(before.parameters.theta, rel=0.03)


def test_towns_without_followers_are_not_given_many() -> None:
    town, extent = simulate(Town(incidents=3000, side_metres=10_000.0, theta=0.0, centres=1, even=1.0, seed=2))
    assert fit_continuous(town, extent).parameters.theta < 0.05


def test_the_parts_of_a_forecast_add_up() -> None:
    town, extent = simulate(TOWN)
    fit = fit_continuous(town, extent)
    parts = intensity_parts(town, fit, extent.until_day)
    background, excited = expected_parts(parts, fit.parameters, 7.0)
    weekly = len(town.days) / extent.until_day * 7
    assert background.min() > 0 and (background + excited).min() > 0
    assert (background + excited).sum() == pytest.approx(weekly, rel=0.25)
    assert background.sum() == pytest.approx(weekly * (1 - fit.parameters.theta), rel=0.1)


def test_a_long_window_tends_to_the_long_run_rate_and_a_lead_costs_excitation() -> None:
    now = Parameters(0.3, 0.5, 100.0)
    parts = (np.array([[2.0]]), np.array([[5.0]]))
    background, excited = expected_parts(parts, now, 10_000.0)
    assert (background + excited).item() == pytest.approx(2.0 * 10_000 / 0.7, rel=1e-3)
    soon, later = (expected_parts(parts, now, 7.0, lead)[1].item() for lead in (0.0, 14.0))
    assert later < soon
    steps = np.arange(0, 7, 0.001) + 0.0005  # dM/dt = -ω (1 - θ) (M - level), integrated by hand
    level, slow = 2.0 * 0.3 / 0.7, 0.5 * 0.7
    assert soon == pytest.approx(((level + (5 - level) * np.exp(-slow * steps)) * 0.001).sum(), rel=1e-6)


def test_bad_input_is_named() -> None:
    extent = Extent(0.0, 0.0, 1000.0, 1000.0, 0.0, 60.0)
    good = np.linspace(1, 50, 40)
    with pytest.raises(NotEnoughData, match="5 incidents"):
        fit_continuous(points(good[:5], good[:5], good[:5]), extent)
    with pytest.raises(InputError, match="not a number"):
        fit_continuous(points(good, np.where(good > 49, np.nan, good), good), extent)
    with pytest.raises(InputError, match="in time order"):
        fit_continuous(points(good, good, good)._replace(days=good[::-1]), extent)
    with pytest.raises(InputError, match="recording period"):
        fit_continuous(points(good + 20, good, good), extent)
    with pytest.raises(InputError, match="outside the extent"):
        fit_continuous(points(good, good * 1e3, good), extent)
