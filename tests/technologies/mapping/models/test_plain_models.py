"""What every plain model promises: shares sum to one, parts add up, nothing later is used, warm is cold, small is said.

Covers uniform.py, long_run.py, moving.py, density.py, decayed.py and stack.py alike.
"""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import NotEnoughData
from peelian.measure.grid import square_grid
from peelian.technologies.mapping.history import History, history
from peelian.technologies.mapping.models import MODELS
from peelian.technologies.mapping.models.base import Model, Window

GRID = square_grid(cell_metres=250.0, rows=12, cols=12)
WEEK = 168.0
PLAIN = [MODELS[name] for name in ("uniform", "long_run", "moving", "density", "decayed", "stack")]
every_model = pytest.mark.parametrize("model", PLAIN, ids=lambda model: model.name)


def town(weeks: int = 70, per_week: int = 40, seed: int = 0) -> History:
    chance = np.random.default_rng(seed)
    n = weeks * per_week
    corners = chance.uniform(300, 2700, (4, 2))
    points = corners[chance.integers(0, 4, n)] + chance.normal(0, 200, (n, 2))
    points = np.clip(np.where(chance.random((n, 1)) < 0.6, points, chance.uniform(0, 3000, (n, 2))), 1, 2999)
    hour = np.sort(chance.uniform(0, weeks * WEEK, n))
    return history(GRID, (hour, points[:, 0], points[:, 1]), until_hour=weeks * WEEK, from_hour=0.0)


PAST = town()
NEXT = Window(start_hour=PAST.until_hour, hours=WEEK)


@every_model
def test_expected_counts_are_the_level_shared_out(model: Model) -> None:
    fitted = model.fit(PAST, window_hours=WEEK)
    week, fortnight = fitted.forecast(NEXT), fitted.forecast(Window(start_hour=NEXT.start_hour, hours=2 * WEEK))
    assert week.expected.sum() == pytest.approx(40, rel=0.1) and week.expected.min() > 0
    np.testing.assert_allclose(fortnight.expected, 2 * week.expected)
    assert (week.low <= week.high).all()


@every_model
def test_explanations_add_up_to_the_expected_count(model: Model) -> None:
    fitted = model.fit(PAST, window_hours=WEEK)
    expected = fitted.forecast(NEXT).expected
    for cell in (0, 70, int(np.argmax(expected))):
        told = fitted.explain(cell, NEXT)
        assert told.background + told.recent == pytest.approx(expected[cell], rel=1e-6)
        assert told.background >= 0 and told.recent >= -1e-12
        assert told.recent_incidents == round(PAST.counts(PAST.until_hour - 56 * 24)[cell])


@every_model
def test_the_future_is_not_used(model: Model) -> None:
    cut = PAST.until_hour - 10 * WEEK
    alone = history(
        GRID, (PAST.before(cut).hour, PAST.before(cut).east, PAST.before(cut).north), until_hour=cut, from_hour=0
    )
    whole, part = (model.fit(h, window_hours=WEEK).forecast(NEXT).expected for h in (PAST.before(cut), alone))
    assert whole.tolist() == part.tolist()


@every_model
def test_the_same_history_gives_the_same_forecast(model: Model) -> None:
    first, second = (model.fit(PAST, window_hours=WEEK).forecast(NEXT).expected for _ in range(2))
    assert first.tolist() == second.tolist()


@every_model
def test_warm_is_near_cold(model: Model) -> None:
    before = model.fit(PAST.before(PAST.until_hour - WEEK), window_hours=WEEK)
    warm = model.fit(PAST, window_hours=WEEK, start=before).forecast(NEXT).expected
    cold = model.fit(PAST, window_hours=WEEK).forecast(NEXT).expected
    assert np.abs(warm - cold).sum() / cold.sum() < 0.05


@every_model
def test_a_start_from_another_past_is_not_trusted(model: Model) -> None:
    other = town(seed=9)
    foreign = model.fit(other.before(PAST.until_hour - WEEK), window_hours=WEEK)
    mixed = model.fit(PAST, window_hours=WEEK, start=foreign).forecast(NEXT).expected
    cold = model.fit(PAST, window_hours=WEEK).forecast(NEXT).expected
    assert np.abs(mixed - cold).sum() / cold.sum() < 0.15


@every_model
def test_settings_are_plain_scalars_and_all_named(model: Model) -> None:
    from peelian.technologies.mapping.models import SETTING_WORDS

    kept = model.fit(PAST, window_hours=WEEK).settings()
    assert kept and set(kept) <= SETTING_WORDS
    assert all(isinstance(value, (int, float)) for value in kept.values())


@every_model
@pytest.mark.parametrize("n", [1, 2, 5])
def test_one_incident_is_a_forecast_none_is_not_enough(model: Model, n: int) -> None:
    few = history(GRID, (np.arange(n) * 3.0, np.full(n, 10.0), np.full(n, 10.0)), until_hour=500.0, from_hour=0.0)
    expected = model.fit(few, window_hours=WEEK).forecast(NEXT).expected
    assert np.isfinite(expected).all() and expected.sum() > 0
    with pytest.raises(NotEnoughData):
        model.fit(history(GRID, (np.zeros(0),) * 3, until_hour=500.0), window_hours=WEEK)


@every_model
def test_one_cell_is_a_town(model: Model) -> None:
    single = square_grid(cell_metres=250.0, rows=1, cols=1)
    hours = np.arange(0.0, 60 * WEEK, 10.0)
    past = history(single, (hours, np.full(len(hours), 9.0), np.full(len(hours), 9.0)), until_hour=60 * WEEK)
    assert model.fit(past, window_hours=WEEK).forecast(NEXT).expected[0] == pytest.approx(16.8, rel=0.1)


@every_model
def test_parts_of_incidents_weigh_as_the_whole(model: Model) -> None:
    twice = history(
        GRID,
        tuple(np.repeat(part, 2) for part in (PAST.hour, PAST.east, PAST.north)),  # type: ignore[arg-type]
        until_hour=PAST.until_hour,
        from_hour=0.0,
        weight=np.full(2 * len(PAST), 0.5),
    )
    halves, whole = (model.fit(h, window_hours=WEEK).forecast(NEXT).expected for h in (twice, PAST))
    np.testing.assert_allclose(halves, whole, rtol=2e-3)
