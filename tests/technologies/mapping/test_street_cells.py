"""Street segments as cells: what is on the ground, which segment a point is in, and how mass spreads along streets."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from peelian.errors import InputError
from peelian.technologies.mapping.history import history
from peelian.technologies.mapping.models import MODELS
from peelian.technologies.mapping.models.base import Window
from peelian.technologies.mapping.street_cells import refuse_far, street_cells, street_kernels

GROUND = shapely.box(-10, -10, 1_010, 1_010)


def lattice(size=1_000, step=200):  # type: ignore[no-untyped-def]
    """Streets every 200 m, with a vertex at each crossing."""
    at = np.arange(0, size + 1, step, dtype=float)
    lines = [np.stack([at, np.full_like(at, one)], axis=1) for one in at]
    return shapely.linestrings(np.array([*lines, *(line[:, ::-1] for line in lines)]))


def cells(longest=100.0, reach=60.0, ground=GROUND):  # type: ignore[no-untyped-def]
    return street_cells(lattice(), ground, longest_metres=longest, reach_metres=reach)


def test_a_street_is_cut_at_crossings_and_into_parts_no_longer_than_asked():
    made = cells()
    assert len(made) == 2 * 6 * 5 * 2 and made.area_km2 == pytest.approx(0.1)
    assert made.total_km2 == pytest.approx(12.0), "kilometres of street"
    assert len(cells(longest=60.0)) == 2 * 6 * 5 * 4 and len(cells(longest=500.0)) == 2 * 6 * 5
    assert len(set(made.ids().tolist())) == len(made)


def test_a_point_is_in_the_nearest_segment_and_beyond_the_reach_in_none():
    made = cells()
    east, north = np.array([50.0, 50.0, 100.0, 250.0]), np.array([5.0, 40.0, 100.0, 205.0])
    found = made.locate(east, north)
    assert found[2] == -1 and found[0] == found[1] >= 0
    middle = made.network.middle()
    assert middle[found[[0, 3]]].round(6).tolist() == [[50.0, 0.0], [250.0, 200.0]]
    assert made.far(east, north).tolist() == [False, False, True, False]
    assert made.locate(np.zeros(0), np.zeros(0)).tolist() == []


def test_a_street_outside_the_ground_keeps_its_own_points():
    part = cells(ground=shapely.box(-10, -10, 1_010, 499))
    beyond, inside = part.locate(np.array([50.0, 50.0]), np.array([590.0, 410.0]))
    assert beyond == -1 and inside >= 0
    assert not part.far(np.array([50.0]), np.array([590.0]))[0], "it is near a street, only not one of ours"


def test_the_kernel_keeps_all_mass_and_follows_the_streets():
    made = cells()
    narrow, wide = street_kernels(made, (150.0, 300.0))
    mass = np.random.default_rng(0).random(len(made))
    for kernel in (narrow, wide):
        assert kernel.cells(mass).sum() == pytest.approx(mass.sum())
        assert kernel.cells(kernel.empty()).sum() == 0
    (start,) = made.locate(np.array([50.0]), np.array([0.0]))
    one = np.zeros(len(made))
    one[start] = 1.0
    spread, middle = narrow.cells(one), made.network.middle()
    along = {tuple(middle[k].round().astype(int).tolist()): spread[k] for k in np.flatnonzero(spread)}
    # by hand: (1 - (d/150)²)² at 0 and 100 m along the streets; up the street x = 0 the middle is 50 + 50 m away
    near = (1 - (100 / 150) ** 2) ** 2
    assert along == pytest.approx(
        {(50, 0): 1 / (1 + 2 * near), (150, 0): near / (1 + 2 * near), (0, 50): near / (1 + 2 * near)}
    )
    wide_spread = wide.cells(one)
    assert wide_spread[made.locate(np.array([50.0]), np.array([200.0]))[0]] == 0, (
        "300 m round the corner, 200 m in the air"
    )


@pytest.mark.parametrize("name", ["uniform", "long_run", "moving", "decayed"])
def test_models_forecast_on_segments_and_rank_the_hot_street_first(name):
    made, generator = cells(), np.random.default_rng(1)
    n = 600
    hour = np.sort(generator.uniform(0, 24 * 7 * 60, n))
    hot = generator.random(n) < 0.3
    east = np.where(hot, 50.0, generator.uniform(0, 1_000, n))
    north = np.where(hot, 2.0, generator.integers(0, 6, n) * 200.0)
    past = history(made, (hour, east, north), until_hour=24 * 7 * 60, from_hour=0.0)
    forecast = MODELS[name].fit(past, window_hours=168.0).forecast(Window(start_hour=24.0 * 7 * 60, hours=168.0))
    assert len(forecast.expected) == len(made) and forecast.expected.sum() == pytest.approx(10, rel=0.4)
    assert (forecast.expected > 0).all()
    if name != "uniform":
        assert forecast.expected.argmax() == made.locate(np.array([50.0]), np.array([2.0]))[0]


def test_streets_of_another_town_are_refused():
    with pytest.raises(InputError, match="only 0 street segments"):
        cells(ground=shapely.box(50_000, 0, 60_000, 9_000))
    with pytest.raises(InputError, match="51 of 100 incidents lie more than 60 m"):
        refuse_far(51, 100, 60.0)
    refuse_far(50, 100, 60.0)
