"""The score card names the kinds of places that go with incidents, multiplies, and says that it proves no cause."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData
from peelian.measure.grid import square_grid
from peelian.technologies.mapping.history import History, history
from peelian.technologies.mapping.models.base import Window
from peelian.technologies.mapping.models.risk_terrain import SENTENCES, Places, RiskTerrain, terrain

GRID = square_grid(cell_metres=100.0, rows=40, cols=40)
WINDOW = Window(start_hour=8760.0, hours=168.0)


def town(seed: int = 0, n: int = 3000) -> tuple[Places, History]:
    """Incidents are four times as many within 200 m of a bar; schools have nothing to do with them."""
    chance = np.random.default_rng(seed)
    places = {kind: tuple(chance.uniform(0, 4000, (2, many))) for kind, many in (("bars", 25), ("schools", 30))}
    x, y = GRID.centres()
    near = np.hypot(x[:, None] - places["bars"][0], y[:, None] - places["bars"][1]).min(axis=1) <= 200
    rate = np.where(near, 4.0, 1.0)
    cell = chance.choice(len(GRID), n, p=rate / rate.sum())
    hour = np.sort(chance.uniform(0, 8760, n))
    east, north = x[cell] + chance.uniform(-40, 40, n), y[cell] + chance.uniform(-40, 40, n)
    return places, history(GRID, (hour, east, north), until_hour=8760.0, from_hour=0.0)


def test_the_card_finds_the_bars_and_their_multiplier() -> None:
    places, past = town()
    fitted = RiskTerrain(places=places, block_metres=100.0).fit(past, window_hours=168.0)
    strongest = max(fitted.card, key=lambda factor: factor.multiplier)
    assert strongest.kind == "bars" and strongest.how == "within" and strongest.metres == 200.0
    assert strongest.multiplier == pytest.approx(4.0, rel=0.15)
    assert not any(factor.kind == "schools" and factor.multiplier > 1.3 for factor in fitted.card)


def test_the_forecast_is_the_level_shared_by_the_card() -> None:
    places, past = town()
    fitted = RiskTerrain(places=places, block_metres=100.0).fit(past, window_hours=168.0)
    forecast = fitted.forecast(WINDOW)
    assert forecast.expected.sum() == pytest.approx(fitted.per_hour * 168.0)
    ratio = forecast.expected.max() / forecast.expected.min()
    assert ratio == pytest.approx(np.prod([factor.multiplier for factor in fitted.card]), rel=0.6)


def test_a_cell_is_explained_by_the_factors_that_apply() -> None:
    places, past = town()
    fitted = RiskTerrain(places=places, block_metres=100.0).fit(past, window_hours=168.0)
    best, least = (int(pick(fitted.share)) for pick in (np.argmax, np.argmin))
    for cell in (best, least):
        why = fitted.explain(cell, WINDOW)
        assert why.background == pytest.approx(fitted.forecast(WINDOW).expected[cell]) and why.recent == 0.0
        assert {note.text for note in why.notes} <= SENTENCES
    assert (
        fitted.explain(best, WINDOW).notes[0].values["applying"]
        > fitted.explain(least, WINDOW).notes[0].values["applying"]
    )


def test_a_warm_card_keeps_its_factors() -> None:
    places, past = town()
    model = RiskTerrain(places=places, block_metres=100.0)
    cold = model.fit(past.before(8000.0), window_hours=168.0)
    warm = model.fit(past, window_hours=168.0, start=cold)
    assert [factor[:3] for factor in warm.card] == [factor[:3] for factor in cold.card]
    assert warm.settings()["bic"] != cold.settings()["bic"]


def test_within_and_dense_are_what_they_say() -> None:
    grid = square_grid(cell_metres=100.0, rows=1, cols=30)
    factors, columns = terrain({"bars": (np.array([50.0, 60.0, 40.0]), np.array([50.0, 50.0, 50.0]))}, grid, (150.0,))
    assert [factor[:3] for factor in factors] == [("bars", "within", 150.0), ("bars", "dense", 150.0)]
    assert columns[:, 0].tolist() == [1.0, 1.0] + [0.0] * 28
    assert columns[:, 1].tolist() == [1.0] + [0.0] * 29


def test_bad_input_is_named() -> None:
    places, past = town()
    with pytest.raises(NotEnoughData, match="50 needed"):
        RiskTerrain(places=places).fit(past.before(50.0), window_hours=168.0)
    for wrong in ({}, {"bars": (np.zeros(0), np.zeros(0))}, {"bars": (np.array([np.nan]), np.zeros(1))}):
        with pytest.raises(InputError, match="landmark type"):
            RiskTerrain(places=wrong).fit(past, window_hours=168.0)
