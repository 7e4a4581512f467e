"""Bins cover the town, places are found in them, and a stray point is refused before memory is."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.mapping.kernels.lattice import histogram, lattice_over, positions


def test_a_stray_point_does_not_make_millions_of_bins() -> None:
    with pytest.raises(InputError, match=r"too many.*stray"):
        lattice_over((0.0, 0.0, 9_000_000.0, 5_000_000.0), 50.0)


@pytest.mark.parametrize("extent", [(0.0, 0.0, 0.0, 1.0), (0.0, 1.0, 1.0, 0.0), (0.0, 0.0, float("nan"), 1.0)])
def test_an_extent_that_is_no_rectangle_is_refused(extent: tuple[float, float, float, float]) -> None:
    with pytest.raises(InputError, match="rectangle"):
        lattice_over(extent, 50.0)


def test_the_far_edge_belongs_to_the_last_bin_and_outside_is_refused() -> None:
    lattice = lattice_over((0.0, 0.0, 100.0, 100.0), 50.0)
    spots = positions(np.array([0.0, 100.0]), np.array([100.0, 0.0]), lattice)
    assert histogram(spots, None, lattice).tolist() == [[0, 1], [1, 0]]
    with pytest.raises(InputError, match="outside"):
        positions(np.array([100.1]), np.array([0.0]), lattice)


def test_blocks_of_bins_hold_the_same_weight() -> None:
    lattice = lattice_over((0.0, 0.0, 350.0, 250.0), 50.0)
    chance = np.random.default_rng(0)
    weight = chance.uniform(size=200)
    spots = positions(chance.uniform(0, 350, 200), chance.uniform(0, 250, 200), lattice)
    blocks = histogram(spots, weight, lattice, per=3)
    assert blocks.shape == (2, 3)
    assert blocks.sum() == pytest.approx(weight.sum())
    assert blocks[0, 0] == pytest.approx(histogram(spots, weight, lattice)[:3, :3].sum())
