"""Points enclose the ground they lie on, nothing beyond it; what is strewn evenly lies evenly inside."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.measure.enclosure import Enclosure, enclosure_of, squares_with, widened
from peelian.measure.grid import grid_on, offset_grids

SHAPES: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "square": lambda x, y: (x < 6000) & (y < 6000),
    "disc": lambda x, y: np.hypot(x - 4000, y - 4000) < 4000,
    "corner": lambda x, y: (x < 3500) | (y < 3500),
    "strip": lambda x, y: y < 1500,
}


def strewn(shape: str, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.random.default_rng(seed).uniform(0, 8000, (2, 8 * n))
    inside = SHAPES[shape](x, y)
    return x[inside][:n], y[inside][:n]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("n", [300, 3000])
def test_points_strewn_evenly_lie_evenly_inside_what_they_enclose(shape: str, n: int) -> None:
    """Half of it holds half of them, whichever half and however sparse: the rim would break this, did it belong."""
    beyond = []
    for seed in range(20):
        east, north = strewn(shape, n, seed)
        ground = enclosure_of(east, north)
        assert ground is not None
        held = ground.holds(east, north)
        assert held.mean() > 0.75 and bool(SHAPES[shape](east[held], north[held]).all())
        edge = ground.inside & ~squares_deep_inside(ground)
        outer = Enclosure(inside=edge, first_row=ground.first_row, first_col=ground.first_col)
        expected, seen = outer.km2 / ground.km2 * held.sum(), outer.holds(east, north).sum()
        beyond.append((seen - expected) / np.sqrt(expected * (1 - outer.km2 / ground.km2)))
    assert abs(float(np.mean(beyond))) < 3 / np.sqrt(20)


def squares_deep_inside(ground: Enclosure) -> np.ndarray:
    outside = np.pad(~ground.inside, 6, constant_values=True)
    return ~widened(outside, 5)[6:-6, 6:-6]


def test_one_place_and_a_line_enclose_nothing() -> None:
    assert enclosure_of(np.full(99, 7.0), np.full(99, 7.0)) is None
    assert enclosure_of(np.arange(0, 5000.0, 10), np.zeros(500)) is None


def test_gaps_are_filled_and_distant_parts_stay_apart() -> None:
    east, north = (part.ravel() for part in np.meshgrid(np.arange(0, 3000.0, 40), np.arange(0, 3000.0, 40)))
    hole = (np.abs(east - 1500) < 700) & (np.abs(north - 1500) < 700)
    whole, holed = enclosure_of(east, north), enclosure_of(east[~hole], north[~hole])
    assert whole is not None and holed is not None and whole.km2 == pytest.approx(holed.km2)
    two = enclosure_of(np.append(east, east + 9000), np.append(north, north))
    assert two is not None and two.km2 == pytest.approx(2 * whole.km2)


@pytest.mark.parametrize("metres", [50.0, 64.0, 137.0, 250.0, 1000.0])
def test_cells_cover_the_ground_exactly_whatever_their_size_and_shift(metres: float) -> None:
    ground = enclosure_of(*strewn("disc", 2000, 1))
    assert ground is not None
    for grid in offset_grids(ground, metres):
        assert grid.total_km2 == pytest.approx(ground.km2, rel=1e-3)
        assert (grid.share_inside > 0).all() and (grid.share_inside <= 1).all()


def test_a_point_in_a_cell_but_outside_the_ground_is_in_no_cell() -> None:
    ground = Enclosure(inside=np.array([[True, True, False]]), first_row=-1, first_col=2)
    grid = grid_on(ground, 250.0)
    assert grid.locate(np.array([110.0, 190.0, 210.0, 110.0]), np.array([-10.0, -49.0, -10.0, 10.0])).tolist() == [
        0,
        0,
        -1,
        -1,
    ]


def test_points_too_far_apart_are_refused() -> None:
    with pytest.raises(InputError, match="stray point"):
        enclosure_of(np.array([0.0, 9e6]), np.array([0.0, 9e6]))
    with pytest.raises(InputError, match="no point"):
        squares_with(np.zeros(0), np.zeros(0), 50.0, 2)
